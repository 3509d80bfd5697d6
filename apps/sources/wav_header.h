/* SPDX-License-Identifier: MIT
 * The header of a WAV file of IQ samples, as SDR#, SDRuno and HDSDR write them: RIFF, and for more
 * than 4 GiB RF64 or BW64 (EBU Tech 3306, ITU-R BS.2088), with their chunk "auxi". A pure function
 * of the bytes. The samples need no library: they are read as they lie in the file. */
#ifndef APPS_SOURCES_WAV_HEADER_H
#define APPS_SOURCES_WAV_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apps/common/err.h"
#include "apps/sources/sample_coding.h"

/* The samples must begin in the first so many bytes. */
enum { WAV_HEADER_MAX = 1 << 16 };

struct wav_header {
    struct sample_coding coding;
    double sample_rate_sps;
    double center_hz; /* 0: not said                         */
    bool has_start;
    int64_t start_us;
    uint64_t first_byte, n_bytes; /* of the samples                      */
};

/* bytes[n]: the beginning of a file of file_bytes, whole if it is shorter than WAV_HEADER_MAX.
 * False with *err, without the name of the file, if it is no WAV file of IQ samples. */
bool wav_header_parse(const uint8_t *bytes, size_t n, uint64_t file_bytes,
                      struct wav_header *header, struct err *err);

#endif
