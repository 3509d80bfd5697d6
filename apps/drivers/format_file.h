/* SPDX-License-Identifier: MIT
 * Formats of compact frames in a file, so that what was learnt from full frames is known at the
 * next start: text, the headers of a format in hex a line, # begins a comment. */
#ifndef APPS_DRIVERS_FORMAT_FILE_H
#define APPS_DRIVERS_FORMAT_FILE_H

#include <stdio.h>

#include "apps/common/err.h"
#include "decode/decoder.h"

enum { FORMAT_LIST_MAX = 256 };

struct format_list {
    struct compact_format formats[FORMAT_LIST_MAX];
    size_t n;
    bool changed; /* since it was loaded */
};

/* A file that is not there is empty. False with *err (exit code 3) if it cannot be read or holds
 * what is no format; the message names the line. */
bool format_file_load(const char *path, struct format_list *list, struct err *err);
/* The same from an open file; path is for messages. */
bool format_file_read(FILE *file, const char *path, struct format_list *list, struct err *err);
/* Replaces the file as a whole. False with *err (exit code 5). */
bool format_file_save(const char *path, const struct format_list *list, struct err *err);

/* What the decoder learnt into the list, as far as there is room; what the list holds into the
 * decoder. */
void format_list_gather(struct format_list *list, const struct decoder *decoder);
void format_list_give(const struct format_list *list, struct decoder *decoder);

#endif
