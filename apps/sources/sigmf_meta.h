/* SPDX-License-Identifier: MIT
 * The metadata of a SigMF recording (SigMF 1.2.x, .sigmf-meta): what lies where in the data file,
 * and how it was taken. A pure function of the text. */
#ifndef APPS_SOURCES_SIGMF_META_H
#define APPS_SOURCES_SIGMF_META_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apps/common/err.h"
#include "apps/sources/sample_file.h"

enum {
    SIGMF_META_MAX = 1 << 24, /* bytes of the file; a million annotations */
    SIGMF_NAME_SIZE = 256,
};

struct sigmf_meta {
    struct sample_coding coding;
    double sample_rate_sps, center_hz; /* 0: not said                                        */
    bool has_start;
    int64_t start_us;              /* of the first sample                                */
    char dataset[SIGMF_NAME_SIZE]; /* name of the data file beside it; "": the usual one */
    struct sample_part *parts;     /* its captures; sigmf_meta_free                      */
    size_t n_parts;
};

/* text[n], zero-terminated. False with *err, without the name of the file, and nothing to free, if
 * it is no metadata or of what this program cannot read: real samples, several channels, captures
 * at different centres, extensions that must be understood. */
bool sigmf_meta_parse(const char *text, size_t n, struct sigmf_meta *meta, struct err *err);
void sigmf_meta_free(struct sigmf_meta *meta);

#endif
