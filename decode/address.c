/* SPDX-License-Identifier: MIT */
#include "decode/address.h"

#include <string.h>

#include "base/array_len.h"
#include "decode/hex.h"

/* M-field of three letters, EN 13757-3: five bits each, A = 1. */
#define M(a, b, c) (((a)-64) << 10 | ((b)-64) << 5 | ((c)-64))

struct address address_from_link(const uint8_t *bytes)
{
    struct address a = { .manufacturer = (uint16_t)(bytes[0] | bytes[1] << 8),
                         .version = bytes[6],
                         .device_type = bytes[7] };
    memcpy(a.id, bytes + 2, sizeof a.id);
    return a;
}

struct address address_from_transport(const uint8_t *bytes)
{
    struct address a = { .manufacturer = (uint16_t)(bytes[4] | bytes[5] << 8),
                         .version = bytes[6],
                         .device_type = bytes[7] };
    memcpy(a.id, bytes, sizeof a.id);
    return a;
}

void address_to_link(const struct address *address, uint8_t *bytes)
{
    bytes[0] = (uint8_t)address->manufacturer;
    bytes[1] = (uint8_t)(address->manufacturer >> 8);
    memcpy(bytes + 2, address->id, sizeof address->id);
    bytes[6] = address->version;
    bytes[7] = address->device_type;
}

bool address_equal(const struct address *a, const struct address *b)
{
    return a->manufacturer == b->manufacturer && a->version == b->version &&
           a->device_type == b->device_type && memcmp(a->id, b->id, sizeof a->id) == 0;
}

bool address_manufacturer_text(uint16_t manufacturer, char text[ADDRESS_MANUFACTURER_TEXT + 1])
{
    bool ok = true;
    for (int i = 0; i < ADDRESS_MANUFACTURER_TEXT; i++) {
        int letter = manufacturer >> (10 - 5 * i) & 0x1F;
        bool is_letter = letter >= 1 && letter <= 26;
        text[i] = is_letter ? (char)('A' + letter - 1) : '?';
        ok &= is_letter;
    }
    text[ADDRESS_MANUFACTURER_TEXT] = '\0';
    return ok;
}

/* The letters that text begins with; it may go on. */
static bool parse_letters(const char *text, uint16_t *manufacturer)
{
    uint16_t m = 0;
    for (int i = 0; i < ADDRESS_MANUFACTURER_TEXT; i++) {
        char letter = text[i];
        if (letter >= 'a' && letter <= 'z')
            letter = (char)(letter - 'a' + 'A');
        if (letter < 'A' || letter > 'Z')
            return false;
        m = (uint16_t)(m << 5 | (letter - 'A' + 1));
    }
    *manufacturer = m;
    return true;
}

bool address_manufacturer_parse(const char *text, uint16_t *manufacturer)
{
    return strlen(text) == ADDRESS_MANUFACTURER_TEXT && parse_letters(text, manufacturer);
}

static void write_hex(uint8_t byte, char *text, const char *digits)
{
    text[0] = digits[byte >> 4];
    text[1] = digits[byte & 0x0F];
}

void address_id_text(const uint8_t id[4], char text[ADDRESS_ID_TEXT + 1])
{
    for (int i = 0; i < 4; i++)
        write_hex(id[3 - i], text + 2 * i, "0123456789abcdef");
    text[ADDRESS_ID_TEXT] = '\0';
}

bool address_id_parse(const char *text, uint8_t id[4])
{
    uint8_t parsed[4];
    if (strlen(text) != ADDRESS_ID_TEXT || !hex_bytes(text, parsed, sizeof parsed))
        return false;
    for (int i = 0; i < 4; i++)
        id[i] = parsed[3 - i];
    return true;
}

void address_din_text(const struct address *address, char text[ADDRESS_DIN_TEXT + 1])
{
    static const char digits[] = "0123456789ABCDEF";
    write_hex(address->device_type, text, digits);
    address_manufacturer_text(address->manufacturer, text + 2);
    write_hex(address->version, text + 5, digits);
    for (int i = 0; i < 4; i++)
        write_hex(address->id[3 - i], text + 7 + 2 * i, digits);
    text[ADDRESS_DIN_TEXT] = '\0';
}

bool address_din_parse(const char *text, struct address *address)
{
    struct address a;
    if (strlen(text) != ADDRESS_DIN_TEXT || !hex_bytes(text, &a.device_type, 1) ||
        !parse_letters(text + 2, &a.manufacturer) || !hex_bytes(text + 5, &a.version, 1) ||
        !address_id_parse(text + 7, a.id))
        return false;
    *address = a;
    return true;
}

/* clang-format off */
static const char *const media[] = {
    [0x00] = "other",
    [0x01] = "oil",
    [0x02] = "electricity",
    [0x03] = "gas",
    [0x04] = "heat",
    [0x05] = "steam",
    [0x06] = "warm water",
    [0x07] = "water",
    [0x08] = "heat cost allocation",
    [0x09] = "compressed air",
    [0x0A] = "cooling load volume at outlet",
    [0x0B] = "cooling load volume at inlet",
    [0x0C] = "heat volume at inlet",
    [0x0D] = "heat/cooling load",
    [0x0E] = "bus/system component",
    [0x0F] = "unknown",
    [0x10] = "irrigation water",
    [0x11] = "water data logger",
    [0x12] = "gas data logger",
    [0x13] = "gas converter",
    [0x14] = "calorific value",
    [0x15] = "hot water",
    [0x16] = "cold water",
    [0x17] = "hot/cold water meter",
    [0x18] = "pressure",
    [0x19] = "a/d converter",
    [0x1A] = "smoke detector",
    [0x1B] = "room sensor",
    [0x1C] = "gas detector",
    [0x1D] = "carbon monoxide detector",
    [0x20] = "breaker (electricity)",
    [0x21] = "valve (gas or water)",
    [0x25] = "customer unit (display device)",
    [0x28] = "waste water",
    [0x29] = "garbage",
    [0x31] = "communication controller",
    [0x32] = "unidirectional repeater",
    [0x33] = "bidirectional repeater",
    [0x36] = "radio converter (system side)",
    [0x37] = "radio converter (meter side)",
    [0x38] = "wired adapter",
};

/* Device types outside the table of EN 13757-7, or used otherwise, by one manufacturer. */
static const struct { uint16_t manufacturer; uint8_t device_type; const char *media; } own_media[] = {
    { M('A', 'P', 'T'), 0x11, "water" },    /* AT-WMBUS-17-2 */
    { M('L', 'A', 'S'), 0x1D, "reserved" }, /* a door sensor; older tables call 1D reserved */
    { M('T', 'C', 'H'), 0x43, "heat" },
    { M('T', 'C', 'H'), 0x45, "heat" },
    { M('T', 'C', 'H'), 0xC3, "heat" },
    { M('T', 'C', 'H'), 0x62, "warm water" },
    { M('T', 'C', 'H'), 0x72, "cold water" },
    { M('T', 'C', 'H'), 0x80, "heat cost allocator" },
    { M('T', 'C', 'H'), 0xF0, "smoke detector" },
};
/* clang-format on */

const char *address_media(const struct address *address)
{
    uint8_t type = address->device_type;
    for (size_t i = 0; i < ARRAY_LEN(own_media); i++)
        if (own_media[i].device_type == type &&
            own_media[i].manufacturer == (address->manufacturer & MANUFACTURER_MASK))
            return own_media[i].media;
    const char *word = type < ARRAY_LEN(media) ? media[type] : NULL;
    return word ? word : "reserved";
}

bool address_is_diehl(uint16_t manufacturer)
{
    switch (manufacturer & MANUFACTURER_MASK) {
    case M('D', 'M', 'E'):
    case M('E', 'W', 'T'):
    case M('H', 'Y', 'D'):
    case M('S', 'A', 'P'):
    case M('S', 'P', 'L'):
        return true;
    default:
        return false;
    }
}

static bool diehl_scrambles(uint8_t ci, const uint8_t *after_ci, size_t n)
{
    bool prios = (ci >= 0xA0 && ci <= 0xA7) || (ci >= 0xB1 && ci <= 0xB3);
    return ci == 0x71 || prios || (ci == 0x7A && n >= 4 && (after_ci[3] & 0x10) != 0);
}

bool address_reorder_diehl(const uint8_t *bytes, size_t n, struct address *meter)
{
    if (n < 11 || !address_is_diehl(address_from_link(bytes + 2).manufacturer) ||
        !diehl_scrambles(bytes[10], bytes + 11, n - 11))
        return false;
    if (meter->manufacturer == M('S', 'A', 'P') && bytes[10] >= 0xA0) {
        /* Five bytes of identification, no version and type; these meters all count water. */
        meter->version = 0x00;
        meter->device_type = 0x07;
        return true;
    }
    meter->version = bytes[4];
    meter->device_type = bytes[5];
    memcpy(meter->id, bytes + 6, sizeof meter->id);
    return true;
}
