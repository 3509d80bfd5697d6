/* SPDX-License-Identifier: MIT
 * How the Diehl group scrambles telegrams (manufacturer-formats note, section 1): a shift register
 * of 32 bits, seeded by a key of 8 bytes and the frame's own head. */
#ifndef DECODE_DIEHL_H
#define DECODE_DIEHL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DIEHL_KEY = 8,
    DIEHL_HEAD = 15, /* bytes of the frame before what is scrambled */
};

/* Scrambles or unscrambles frame[n], n >= DIEHL_HEAD, L first and the address as received: writes
 * what follows the head to out[n - DIEHL_HEAD]. */
void diehl_unscramble(const uint8_t key[DIEHL_KEY], const uint8_t *frame, size_t n, uint8_t *out);

/* "Real data", records that are scrambled: CI 71, and 7A with bit 12 of the configuration field.
 * frame[n] is of a Diehl meter. */
bool diehl_is_real_data(const uint8_t *frame, size_t n);

/* Whether data[n], in clear, have the sum of seven bits that the frame's head states. */
bool diehl_sum_holds(const uint8_t *frame, const uint8_t *data, size_t n);

#endif
