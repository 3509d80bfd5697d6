/* SPDX-License-Identifier: MIT
 * The errors of oscillators in a file, so that they are known at the next start: text, a line for
 * each source, its error in ppm and its name; # begins a comment. */
#ifndef APPS_RX_PPM_FILE_H
#define APPS_RX_PPM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "apps/common/err.h"

enum { PPM_FILE_SOURCES = 64, PPM_FILE_NAME_SIZE = 128 };

struct ppm_file {
    const char *path; /* NULL: nothing is kept */
    struct {
        char source[PPM_FILE_NAME_SIZE];
        double ppm;
    } items[PPM_FILE_SOURCES];
    size_t n;
};

/* A file that is not there is empty. False with *err (EXIT_CONFIG), which names the line. */
bool ppm_file_load(struct ppm_file *file, const char *path, struct err *err);
/* The same from an open file. */
bool ppm_file_read(struct ppm_file *file, FILE *from, const char *path, struct err *err);
/* False: it is not known. */
bool ppm_file_find(const struct ppm_file *file, const char *source, double *ppm);
/* Replaces the file as a whole, if the error is another than the one kept by 1 ppm. False with *err
 * (EXIT_OUTPUT). */
bool ppm_file_keep(struct ppm_file *file, const char *source, double ppm, struct err *err);

#endif
