/* SPDX-License-Identifier: MIT
 * What data cannot say of a manufacturer's bytes: scrambling, ciphers, walks through registers. A
 * transform turns them into bytes in fixed places, which a driver then describes. */
#ifndef DECODE_TRANSFORM_H
#define DECODE_TRANSFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crypto;
struct meter_key;
struct telegram;

enum { TRANSFORM_MAX_BYTES = 512, TRANSFORM_MAX_KEYS = 16 };

struct transform_input {
    const uint8_t *bytes; /* the block: payload, tail or frame */
    size_t n;
    const struct telegram *telegram;
    struct crypto *crypto;
    const struct meter_key *const *keys; /* that are configured for the meter */
    size_t n_keys;
};

/* Writes to out[TRANSFORM_MAX_BYTES] and returns the number of bytes; 0 if the input is not of the
 * kind, or a check failed: then nothing is read of it. */
typedef size_t transform_function(const struct transform_input *input, uint8_t *out);

struct transform {
    const char *name; /* in drivers */
    transform_function *function;
    const char *symbol; /* of the function, for the tables that are built in */
};

/* NULL: none of that name. */
const struct transform *transform_find(const char *name);

/* Each is described where it is defined. */
transform_function transform_apator162;
transform_function transform_apatoreitn;
transform_function transform_apatorna1;
transform_function transform_bfw240radio;
transform_function transform_hydrodigit;
transform_function transform_mkradio3a;
transform_function transform_prios;
transform_function transform_qundis;
transform_function transform_rfmtx1;

#endif
