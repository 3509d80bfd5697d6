/* SPDX-License-Identifier: MIT
 * Texts for numbers: words for bits or values, joined and sorted as in a status. */
#ifndef DECODE_DRIVER_WORDS_H
#define DECODE_DRIVER_WORDS_H

#include "decode/driver.h"

enum { WORDS_MAX = 80 };

/* Blank-separated words, or phrases, collected from several rules. */
struct driver_words {
    char text[READING_TEXT_SIZE];
    size_t n;
};

void driver_words_init(struct driver_words *words);

/* Adds what the lookup says of the number. */
void driver_words_look_up(struct driver_words *words, const struct driver_lookup *lookup,
                          uint64_t number);

/* A word that is a number: digits and perhaps a point. Returns false for anything else. */
bool driver_word_number(const char *text, struct decimal *number);

/* Adds what the status byte of the transport header says (EN 13757-7:2018, 7.5.6); bits 7 to 5 are
 * the manufacturer's. Bits that the lookup has words for get those; others of the manufacturer's
 * UNKNOWN_ and hex. lookup may be NULL. */
void driver_words_tpl_status(struct driver_words *words, uint8_t sts,
                             const struct driver_lookup *lookup);

/* Adds words of an earlier text. */
void driver_words_add(struct driver_words *words, const char *text);

/* Sorts the words, drops doubles and "OK". text[READING_TEXT_SIZE]; none if nothing is left. */
void driver_words_sorted(const struct driver_words *words, const char *none, char *text);

#endif
