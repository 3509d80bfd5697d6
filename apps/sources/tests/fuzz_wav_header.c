/* SPDX-License-Identifier: MIT
 * Headers of WAV files. */
#include <assert.h>

#include "apps/sources/wav_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    /* as if the file were larger than what is looked at, now and then by much */
    const uint64_t file_bytes = n + (n > 40 ? (uint64_t)data[n - 1] << 26 : 0);
    struct wav_header header;
    struct err err;
    if (n > WAV_HEADER_MAX || !wav_header_parse(data, n, file_bytes, &header, &err))
        return 0;
    assert(sample_coding_known(&header.coding));
    assert(header.first_byte <= n && header.n_bytes <= file_bytes - header.first_byte);
    assert(header.center_hz >= 0 && header.sample_rate_sps >= 0);
    return 0;
}
