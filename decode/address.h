/* SPDX-License-Identifier: MIT
 * Addresses (EN 13757-7:2018; M- and A-field of EN 13757-4): on air, as text, and what the device
 * type means. */
#ifndef DECODE_ADDRESS_H
#define DECODE_ADDRESS_H

#include "decode/telegram.h"

enum {
    ADDRESS_BYTES = 8,
    ADDRESS_ID_TEXT = 8,
    ADDRESS_MANUFACTURER_TEXT = 3,
    ADDRESS_DIN_TEXT = 15,
    MANUFACTURER_MASK = 0x7FFF,
    MANUFACTURER_SOFT =
        0x8000, /* the address is unique only within range (protocol note: link, 5) */
};

/* bytes[ADDRESS_BYTES] on air: manufacturer first (data link and extended link layer) or
 * identification number first (long transport header). */
struct address address_from_link(const uint8_t *bytes);
struct address address_from_transport(const uint8_t *bytes);
/* Inverse of address_from_link, as initialisation vectors want it. */
void address_to_link(const struct address *address, uint8_t *bytes);

bool address_equal(const struct address *a, const struct address *b);

/* "ELS"; '?' for a letter outside A to Z, of which no manufacturer has one: then false. Bit 15 is
 * ignored. text is zero-terminated. */
bool address_manufacturer_text(uint16_t manufacturer, char text[ADDRESS_MANUFACTURER_TEXT + 1]);
/* Exactly three letters, either case. Returns false, *manufacturer untouched, for anything else. */
bool address_manufacturer_parse(const char *text, uint16_t *manufacturer);

/* Eight lower-case hex digits, most significant first, zero-terminated. Not always decimal digits.
 */
void address_id_text(const uint8_t id[4], char text[ADDRESS_ID_TEXT + 1]);
/* Exactly eight hex digits. Returns false, id untouched, for anything else. */
bool address_id_parse(const char *text, uint8_t id[4]);

/* "07ELS3312345678": device type, manufacturer, version, identification number. Formatting gives
 * upper case; parsing takes either case and returns false, *address untouched, for anything else.
 */
void address_din_text(const struct address *address, char text[ADDRESS_DIN_TEXT + 1]);
bool address_din_parse(const char *text, struct address *address);

/* What the meter measures, in the words of wmbusmeters ("warm water"); "reserved" for a device type
 * without meaning. Some manufacturers have types of their own. Never NULL. */
const char *address_media(const struct address *address);

/* DME, EWT, HYD, SAP, SPL. */
bool address_is_diehl(uint16_t manufacturer);

/* The Diehl group sends version and type in front of the identification
 * number in telegrams whose payload it scrambles: CI 71, CI 7A with a configuration field of bit
 * 12, CI A0 ... A7 and B1 ... B3. bytes[n]: the stripped frame. Puts *meter right. Returns true if
 * this is such a telegram (manufacturer-formats note, section 1). */
bool address_reorder_diehl(const uint8_t *bytes, size_t n, struct address *meter);

#endif
