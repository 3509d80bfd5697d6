/* SPDX-License-Identifier: MIT
 * What all recordings have in common: a file in which samples lie somewhere, read in blocks of a
 * fixed size, so that memory does not grow with it. The kinds of recording differ in how they say
 * where, how coded, and when and at which frequency and rate they were taken. */
#ifndef APPS_SOURCES_SAMPLE_FILE_H
#define APPS_SOURCES_SAMPLE_FILE_H

#include "apps/sources/sample_coding.h"
#include "apps/sources/source.h"

/* Bytes of a part that goes on to the end of the file. */
#define SAMPLE_PART_TO_END UINT64_MAX

struct sample_part {
    uint64_t first_byte, n_bytes;
    uint64_t silence; /* samples that are missing before it: they are read as silence */
};

/* What a recording says of itself. Zero where it says nothing. */
struct recording {
    const char *path;
    struct sample_coding coding;
    double center_hz, sample_rate_sps;
    bool has_start;
    int64_t start_us;
    const struct sample_part *parts; /* in order of time; sample_file_open copies them */
    size_t n_parts;
};

/* What the recording does not say, its name may (see recording_name.h); the command line beats
 * both. Opens the file and fills *source. False with *err. */
bool sample_file_open(struct source *source, const struct source_config *config,
                      const struct recording *recording, struct err *err);
/* The rest of a row of the table of sources. */
bool sample_file_read(struct source *source, struct iq_block *block, struct err *err);
void sample_file_close(struct source *source);
bool sample_file_may_be_live(const char *text);
bool sample_file_reads(const char *text, const char *path);

/* The first n bytes of a file of which a header has to be read, all if it has fewer. Returns NULL
 * with *err, or a buffer of *n bytes and a zero for the caller to free; *size_bytes is the size of
 * the file. Refuses what is no ordinary file. */
uint8_t *sample_file_head(const char *path, size_t *n, uint64_t *size_bytes, struct err *err);

#endif
