/* SPDX-License-Identifier: MIT
 * SigMF recordings, named by either of their two files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/common/exit_codes.h"
#include "apps/common/same_file.h"
#include "apps/sources/recording_name.h"
#include "apps/sources/sigmf_meta.h"

static const char meta_suffix[] = ".sigmf-meta", data_suffix[] = ".sigmf-data",
                  archive_suffix[] = ".sigmf";

static bool ends_with(const char *text, const char *suffix)
{
    const size_t n = strlen(text), n_suffix = strlen(suffix);
    return n >= n_suffix && strcmp(text + n - n_suffix, suffix) == 0;
}

static bool claims_sigmf(const char *text)
{
    struct recording_name name;
    recording_name_parse(text, &name);
    return !name.has_format && (ends_with(text, meta_suffix) || ends_with(text, data_suffix) ||
                                ends_with(text, archive_suffix));
}

static bool read_meta(const char *path, struct sigmf_meta *meta, struct err *err)
{
    size_t n = SIGMF_META_MAX;
    uint64_t file_bytes;
    struct err why;
    uint8_t *text = sample_file_head(path, &n, &file_bytes, err);
    if (!text)
        return false;
    const bool ok = sigmf_meta_parse((const char *)text, n, meta, &why);
    free(text);
    return ok || err_set(err, why.exit_code, "cannot read %.200s: %.250s", path, why.text);
}

/* Replaces what stands behind the first n characters of path, or its file name. */
static char *path_of(const char *path, size_t n, const char *rest)
{
    const size_t size = n + strlen(rest) + 1;
    char *result = malloc(size);
    if (result)
        snprintf(result, size, "%.*s%s", (int)n, path, rest);
    return result;
}

static char *data_path(const char *path, size_t n_stem, const struct sigmf_meta *meta)
{
    const char *slash = strrchr(path, '/');
    if (!meta->dataset[0])
        return path_of(path, n_stem, data_suffix);
    return path_of(path, slash ? (size_t)(slash - path) + 1 : 0, meta->dataset);
}

static bool open_data(struct source *source, const struct source_config *config, const char *path,
                      const struct sigmf_meta *meta, struct err *err)
{
    const struct recording recording = {
        .path = path,
        .coding = meta->coding,
        .center_hz = meta->center_hz,
        .sample_rate_sps = meta->sample_rate_sps,
        .has_start = meta->has_start,
        .start_us = meta->start_us,
        .parts = meta->parts,
        .n_parts = meta->n_parts,
    };
    return sample_file_open(source, config, &recording, err);
}

static bool open_sigmf(struct source *source, const struct source_config *config, struct err *err)
{
    const char *text = config->text;
    struct sigmf_meta meta = { .n_parts = 0 };
    if (ends_with(text, archive_suffix))
        return err_set(err, EXIT_FILE, "%.200s is an archive; unpack it: tar xf %.200s", text,
                       text);
    const size_t n_stem = strlen(text) - strlen(meta_suffix);
    char *meta_path = path_of(text, n_stem, meta_suffix);
    bool ok =
        meta_path ? read_meta(meta_path, &meta, err) : err_set(err, EXIT_INTERNAL, "out of memory");
    char *data = ok ? data_path(text, n_stem, &meta) : NULL;
    if (data)
        ok = open_data(source, config, data, &meta, err);
    else if (ok)
        ok = err_set(err, EXIT_INTERNAL, "out of memory");
    sigmf_meta_free(&meta);
    free(meta_path);
    free(data);
    return ok;
}

static bool reads_sigmf(const char *text, const char *path)
{
    struct sigmf_meta meta = { .n_parts = 0 };
    struct err ignored;
    if (ends_with(text, archive_suffix))
        return sample_file_reads(text, path);
    const size_t n_stem = strlen(text) - strlen(meta_suffix);
    char *meta_path = path_of(text, n_stem, meta_suffix);
    if (!meta_path || !read_meta(meta_path, &meta, &ignored))
        meta = (struct sigmf_meta){ .n_parts = 0 };
    char *data = data_path(text, n_stem, &meta);
    const bool reads =
        same_file(meta_path, -1, path, STDOUT_FILENO) || same_file(data, -1, path, STDOUT_FILENO);
    sigmf_meta_free(&meta);
    free(meta_path);
    free(data);
    return reads;
}

const struct source_type source_sigmf = {
    .name = "sigmf",
    .written = "FILE.sigmf-meta",
    .help = "a recording in SigMF, by either of its files",
    .claims = claims_sigmf,
    .may_be_live = sample_file_may_be_live,
    .reads = reads_sigmf,
    .open = open_sigmf,
    .read = sample_file_read,
    .close = sample_file_close,
};
