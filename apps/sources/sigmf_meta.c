/* SPDX-License-Identifier: MIT */
#include "apps/sources/sigmf_meta.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/utc.h"
#include "base/array_len.h"

enum { MAX_DEPTH = 32 };

static const int64_t max_index = (int64_t)1 << 48; /* of a sample or byte: nothing overflows */
static const double most_hz = 1e12;
/* What captures may lack between them in all: it is read as silence, which takes time. */
static const double max_silence_s = 3600;
/* Clocks of computers are not better, and times are often told in milliseconds. */
static const double time_error_s = 2e-3;

static bool wrong(struct err *err, const char *key, const char *expected)
{
    return err_set(err, EXIT_FILE, "%s: expected %s", key, expected);
}

/* ---- fields: true and *value unchanged if they are not there -------------------------------- */

static bool get_hz(struct json_object *o, const char *key, double *value, struct err *err)
{
    struct json_object *field;
    if (!json_object_object_get_ex(o, key, &field))
        return true;
    const bool is_number =
        json_object_is_type(field, json_type_double) || json_object_is_type(field, json_type_int);
    *value = json_object_get_double(field);
    return (is_number && fabs(*value) <= most_hz) || wrong(err, key, "a number up to 1e12");
}

static bool get_index(struct json_object *o, const char *key, int64_t *value, struct err *err)
{
    struct json_object *field;
    if (!json_object_object_get_ex(o, key, &field))
        return true;
    *value = json_object_get_int64(field);
    return (json_object_is_type(field, json_type_int) && *value >= 0 && *value < max_index) ||
           wrong(err, key, "a whole number from 0 on");
}

/* NULL if it is not there or no text. */
static const char *get_text(struct json_object *o, const char *key)
{
    struct json_object *field;
    return json_object_object_get_ex(o, key, &field) && json_object_is_type(field, json_type_string)
               ? json_object_get_string(field)
               : NULL;
}

/* ---- global --------------------------------------------------------------------------------- */

static bool read_datatype(const char *text, struct sample_coding *coding, struct err *err)
{
    static const struct {
        const char *name;
        struct sample_coding coding;
    } rows[] = {
        { "cu8", { CODING_UNSIGNED, 8, false } },      { "ci8", { CODING_SIGNED, 8, false } },
        { "cu16_le", { CODING_UNSIGNED, 16, false } }, { "cu16_be", { CODING_UNSIGNED, 16, true } },
        { "ci16_le", { CODING_SIGNED, 16, false } },   { "ci16_be", { CODING_SIGNED, 16, true } },
        { "cu32_le", { CODING_UNSIGNED, 32, false } }, { "cu32_be", { CODING_UNSIGNED, 32, true } },
        { "ci32_le", { CODING_SIGNED, 32, false } },   { "ci32_be", { CODING_SIGNED, 32, true } },
        { "cf32_le", { CODING_FLOAT, 32, false } },    { "cf32_be", { CODING_FLOAT, 32, true } },
        { "cf64_le", { CODING_FLOAT, 64, false } },    { "cf64_be", { CODING_FLOAT, 64, true } },
    };
    for (size_t k = 0; text && k < ARRAY_LEN(rows); k++) {
        if (strcmp(text, rows[k].name) == 0) {
            *coding = rows[k].coding;
            return true;
        }
    }
    return err_set(err, EXIT_FILE,
                   "core:datatype is %.20s; complex samples can be read: cu8, ci8, and cu16, ci16, "
                   "cu32, ci32, cf32, cf64 with _le or _be",
                   text ? text : "missing");
}

/* The data file lies beside its metadata and nowhere else. */
static bool read_dataset(struct json_object *global, char dataset[SIGMF_NAME_SIZE], struct err *err)
{
    const char *name = get_text(global, "core:dataset");
    struct json_object *field;
    dataset[0] = 0;
    if (!json_object_object_get_ex(global, "core:dataset", &field) || !field)
        return true;
    if (!name || !*name || strchr(name, '/') || strlen(name) >= SIGMF_NAME_SIZE)
        return wrong(err, "core:dataset", "the name of a file in the same folder");
    memcpy(dataset, name, strlen(name) + 1);
    return true;
}

static bool check_extensions(struct json_object *global, struct err *err)
{
    struct json_object *list, *optional;
    if (!json_object_object_get_ex(global, "core:extensions", &list) ||
        !json_object_is_type(list, json_type_array))
        return true;
    for (size_t k = 0; k < json_object_array_length(list); k++) {
        struct json_object *extension = json_object_array_get_idx(list, k);
        const char *name = get_text(extension, "name");
        if (json_object_object_get_ex(extension, "optional", &optional) &&
            !json_object_get_boolean(optional))
            return err_set(err, EXIT_FILE,
                           "the extension %.40s must be understood to read it, and is not known",
                           name ? name : "without name");
    }
    return true;
}

static bool check_kind(struct json_object *global, struct err *err)
{
    struct json_object *field;
    int64_t channels = 1, trailing = 0;
    if (!get_index(global, "core:num_channels", &channels, err) ||
        !get_index(global, "core:trailing_bytes", &trailing, err))
        return false;
    if (channels != 1)
        return err_set(err, EXIT_FILE, "core:num_channels is %lld; one channel can be read",
                       (long long)channels);
    if (trailing != 0)
        return err_set(err, EXIT_FILE, "core:trailing_bytes is not supported");
    if (json_object_object_get_ex(global, "core:metadata_only", &field) &&
        json_object_get_boolean(field))
        return err_set(err, EXIT_FILE, "core:metadata_only says that there are no samples");
    return check_extensions(global, err);
}

static bool read_global(struct json_object *root, struct sigmf_meta *meta, int64_t *offset,
                        struct err *err)
{
    struct json_object *global;
    if (!json_object_object_get_ex(root, "global", &global) ||
        !json_object_is_type(global, json_type_object))
        return wrong(err, "global", "an object");
    if (!check_kind(global, err) ||
        !read_datatype(get_text(global, "core:datatype"), &meta->coding, err) ||
        !read_dataset(global, meta->dataset, err) ||
        !get_hz(global, "core:sample_rate", &meta->sample_rate_sps, err) ||
        !get_index(global, "core:offset", offset, err))
        return false;
    return meta->sample_rate_sps >= 0 || wrong(err, "core:sample_rate", "a number above 0");
}

/* ---- captures ------------------------------------------------------------------------------- */

struct capture {
    int64_t first, header_bytes;
    int64_t global_index; /* -1: not said */
    double center_hz;     /* 0: not said  */
    bool has_time;
    int64_t t_us;
};

static bool read_capture(struct json_object *o, struct capture *c, struct err *err)
{
    *c = (struct capture){ .global_index = -1 };
    const char *time = get_text(o, "core:datetime");
    if (!json_object_is_type(o, json_type_object))
        return wrong(err, "captures", "a list of objects");
    c->has_time = time && utc_parse(time, &c->t_us);
    if (time && !c->has_time)
        return wrong(err, "core:datetime", "a time such as 2024-01-31T12:34:56.789Z");
    return get_index(o, "core:sample_start", &c->first, err) &&
           get_index(o, "core:header_bytes", &c->header_bytes, err) &&
           get_index(o, "core:global_index", &c->global_index, err) &&
           get_hz(o, "core:frequency", &c->center_hz, err);
}

/* Samples that are missing between two captures. */
static double missing(const struct capture *before, const struct capture *now, double rate_sps)
{
    const double there = (double)(now->first - before->first);
    if (before->global_index >= 0 && now->global_index >= 0)
        return fmax((double)(now->global_index - before->global_index) - there, 0);
    if (!before->has_time || !now->has_time)
        return 0;
    const double gap = (double)(now->t_us - before->t_us) * 1e-6 * rate_sps - there;
    return gap > time_error_s * rate_sps ? gap : 0;
}

/* Captures are parts of the file one behind the other, each with its header in front. */
struct layout {
    struct sigmf_meta *meta;
    struct capture before; /* the capture before */
    uint64_t header_bytes; /* up to it            */
    int64_t offset;        /* index of the file's first sample */
    double silence;
    struct err *err;
};

static bool check_order(const struct layout *l, size_t k, const struct capture *c)
{
    if (c->first < (k == 0 ? l->offset : l->before.first))
        return err_set(l->err, EXIT_FILE, "capture %zu begins before the one before it", k + 1);
    if (l->meta->center_hz > 0 && c->center_hz > 0 && fabs(l->meta->center_hz - c->center_hz) > 1)
        return err_set(l->err, EXIT_FILE,
                       "the centre changes from %.6f to %.6f MHz at sample %lld; cut the recording "
                       "there",
                       l->meta->center_hz / 1e6, c->center_hz / 1e6, (long long)c->first);
    return true;
}

static bool add_silence(struct layout *l, size_t k, const struct capture *c)
{
    const double rate = l->meta->sample_rate_sps;
    const double gap = k > 0 ? missing(&l->before, c, rate) : 0;
    l->silence += gap;
    if (l->silence > max_silence_s * fmax(rate, 1))
        return err_set(l->err, EXIT_FILE,
                       "%.0f s are missing between captures before sample %lld, and %.0f s are the "
                       "most; cut the recording there",
                       l->silence / fmax(rate, 1), (long long)c->first, max_silence_s);
    l->meta->parts[k].silence = (uint64_t)llround(gap);
    return true;
}

static bool add_part(struct layout *l, size_t k, const struct capture *c)
{
    struct sample_part *parts = l->meta->parts;
    const size_t sample_bytes = sample_coding_bytes(&l->meta->coding);
    if (!check_order(l, k, c) || !add_silence(l, k, c))
        return false;
    if (k > 0)
        parts[k - 1].n_bytes = (uint64_t)(c->first - l->before.first) * sample_bytes;
    if (k == 0) {
        l->meta->has_start = c->has_time;
        l->meta->start_us = c->t_us;
    }
    if (l->meta->center_hz <= 0)
        l->meta->center_hz = fmax(c->center_hz, 0);
    l->header_bytes += (uint64_t)c->header_bytes;
    if (l->header_bytes > (uint64_t)max_index)
        return wrong(l->err, "core:header_bytes", "less than 2^48 in all");
    parts[k].first_byte = (uint64_t)(c->first - l->offset) * sample_bytes + l->header_bytes;
    parts[k].n_bytes = SAMPLE_PART_TO_END;
    l->before = *c;
    return true;
}

static bool read_captures(struct json_object *root, struct sigmf_meta *meta, int64_t offset,
                          struct err *err)
{
    struct json_object *list;
    const bool there = json_object_object_get_ex(root, "captures", &list);
    if (there && !json_object_is_type(list, json_type_array))
        return wrong(err, "captures", "a list");
    const size_t n = there ? json_object_array_length(list) : 0;
    struct layout layout = { .meta = meta, .offset = offset, .err = err };
    meta->n_parts = n > 0 ? n : 1;
    meta->parts = calloc(meta->n_parts, sizeof *meta->parts);
    if (!meta->parts)
        return err_set(err, EXIT_INTERNAL, "out of memory");
    meta->parts[0].n_bytes = SAMPLE_PART_TO_END;
    for (size_t k = 0; k < n; k++) {
        struct capture capture;
        if (!read_capture(json_object_array_get_idx(list, k), &capture, err) ||
            !add_part(&layout, k, &capture))
            return false;
    }
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static struct json_object *parse_json(const char *text, size_t n, struct err *err)
{
    struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
    if (!tokener) {
        err_set(err, EXIT_INTERNAL, "out of memory");
        return NULL;
    }
    struct json_object *root = json_tokener_parse_ex(tokener, text, (int)n);
    const enum json_tokener_error why = json_tokener_get_error(tokener);
    if (why != json_tokener_success)
        err_set(err, EXIT_FILE, "it is no JSON: %s at byte %zu",
                why == json_tokener_continue ? "it ends too early" : json_tokener_error_desc(why),
                json_tokener_get_parse_end(tokener));
    else if (!json_object_is_type(root, json_type_object))
        err_set(err, EXIT_FILE, "expected a JSON object");
    json_tokener_free(tokener);
    if (json_object_is_type(root, json_type_object))
        return root;
    json_object_put(root);
    return NULL;
}

bool sigmf_meta_parse(const char *text, size_t n, struct sigmf_meta *meta, struct err *err)
{
    int64_t offset = 0;
    *meta = (struct sigmf_meta){ .n_parts = 0 };
    if (n >= SIGMF_META_MAX)
        return err_set(err, EXIT_FILE, "it has more than %d bytes", SIGMF_META_MAX - 1);
    struct json_object *root = parse_json(text, n, err);
    const bool ok =
        root && read_global(root, meta, &offset, err) && read_captures(root, meta, offset, err);
    json_object_put(root);
    if (!ok)
        sigmf_meta_free(meta);
    return ok;
}

void sigmf_meta_free(struct sigmf_meta *meta)
{
    free(meta->parts);
    meta->parts = NULL;
    meta->n_parts = 0;
}
