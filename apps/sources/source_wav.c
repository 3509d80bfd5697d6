/* SPDX-License-Identifier: MIT
 * Recordings as WAV files. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "apps/common/exit_codes.h"
#include "apps/sources/recording_name.h"
#include "apps/sources/sample_file.h"
#include "apps/sources/wav_header.h"

static bool claims_wav(const char *text)
{
    const char *dot = strrchr(text, '.');
    struct recording_name name;
    recording_name_parse(text, &name);
    return !name.has_format && dot &&
           (!strcasecmp(dot, ".wav") || !strcasecmp(dot, ".rf64") || !strcasecmp(dot, ".bw64"));
}

static bool read_header(const char *path, struct wav_header *header, struct err *err)
{
    size_t n = WAV_HEADER_MAX;
    uint64_t file_bytes;
    struct err why;
    uint8_t *bytes = sample_file_head(path, &n, &file_bytes, err);
    if (!bytes)
        return false;
    const bool ok = wav_header_parse(bytes, n, file_bytes, header, &why);
    free(bytes);
    return ok || err_set(err, why.exit_code, "cannot read %.300s: %.200s", path, why.text);
}

static bool open_wav(struct source *source, const struct source_config *config, struct err *err)
{
    struct wav_header header;
    if (!read_header(config->text, &header, err))
        return false;
    const struct sample_part part = { .first_byte = header.first_byte, .n_bytes = header.n_bytes };
    const struct recording recording = {
        .path = config->text,
        .coding = header.coding,
        .center_hz = header.center_hz,
        .sample_rate_sps = header.sample_rate_sps,
        .has_start = header.has_start,
        .start_us = header.start_us,
        .parts = &part,
        .n_parts = 1,
    };
    return sample_file_open(source, config, &recording, err);
}

const struct source_type source_wav = {
    .name = "wav",
    .written = "FILE.wav",
    .help = "a recording of SDR#, SDRuno or HDSDR; also .rf64, .bw64",
    .claims = claims_wav,
    .may_be_live = sample_file_may_be_live,
    .reads = sample_file_reads,
    .open = open_wav,
    .read = sample_file_read,
    .close = sample_file_close,
};
