/* SPDX-License-Identifier: MIT
 * Any bytes as a file of errors of oscillators. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/rx/ppm_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ppm_file file;
    static uint8_t bytes[1 << 16]; /* fmemopen wants them not const */
    struct err err;
    if (size == 0 || size > sizeof bytes)
        return 0;
    memcpy(bytes, data, size);
    FILE *f = fmemopen(bytes, size, "r");
    if (!f)
        return 0;
    if (ppm_file_read(&file, f, "x", &err))
        for (size_t k = 0; k < file.n; k++) {
            double ppm;
            if (!ppm_file_find(&file, file.items[k].source, &ppm) || !isfinite(ppm))
                abort();
        }
    fclose(f);
    return 0;
}
