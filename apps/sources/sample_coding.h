/* SPDX-License-Identifier: MIT
 * How files write the values of I and Q, and how they become those that the receiver takes. */
#ifndef APPS_SOURCES_SAMPLE_CODING_H
#define APPS_SOURCES_SAMPLE_CODING_H

#include <stdbool.h>

#include "dsp/iq.h"

enum coding_kind { CODING_UNSIGNED, CODING_SIGNED, CODING_FLOAT };

struct sample_coding {
    enum coding_kind kind;
    unsigned bits; /* of a value, in whole bytes: integers 8, 16, 24, 32; floats 32, 64       */
    bool big_endian;
};

/* Is it one of those above? */
bool sample_coding_known(const struct sample_coding *coding);
/* Bytes of one complex sample. */
size_t sample_coding_bytes(const struct sample_coding *coding);
/* The receiver's format that it becomes: of longer integers the upper 16 bits are kept. */
enum iq_format sample_coding_format(const struct sample_coding *coding);
/* The coding that format is read in as it stands. */
struct sample_coding sample_coding_of(enum iq_format format);
/* Is every value in its format already? */
bool sample_coding_is_plain(const struct sample_coding *coding);
/* Converts n complex samples to sample_coding_format. to is aligned for its values. */
void sample_coding_convert(const struct sample_coding *coding, const uint8_t *from, size_t n,
                           void *to);

#endif
