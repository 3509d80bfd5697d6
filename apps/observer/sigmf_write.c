/* SPDX-License-Identifier: MIT */
#include "apps/observer/sigmf_write.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "apps/common/utc.h"

const char *sigmf_datatype(enum iq_format format)
{
    switch (format) {
    case IQ_CU8:
        return "cu8";
    case IQ_CS8:
        return "ci8";
    case IQ_CS16:
        return "ci16_le";
    case IQ_CF32:
        break;
    }
    return "cf32_le";
}

static void add_text(struct json_object *o, const char *key, const char *text)
{
    json_object_object_add(o, key, json_object_new_string(text));
}

/* Numbers are whole where they can be. */
static void add_number(struct json_object *o, const char *key, double value)
{
    json_object_object_add(o, key,
                           value == floor(value) && fabs(value) < 1e15
                               ? json_object_new_int64((int64_t)value)
                               : json_object_new_double(value));
}

static struct json_object *global_json(const struct source *source)
{
    struct json_object *o = json_object_new_object(), *list = json_object_new_array();
    struct json_object *extension = json_object_new_object();
    add_text(o, "core:datatype", sigmf_datatype(source->format));
    add_number(o, "core:sample_rate", source->sample_rate_sps);
    add_text(o, "core:version", "1.2.0");
    add_number(o, "core:num_channels", 1);
    add_text(o, "core:recorder", "wmbus-rx " WMBUS_VERSION);
    add_text(extension, "name", "wmbus");
    add_text(extension, "version", "1.0.0");
    json_object_object_add(extension, "optional", json_object_new_boolean(true));
    json_object_array_add(list, extension);
    json_object_object_add(o, "core:extensions", list);
    return o;
}

static struct json_object *capture_json(const struct source *source, uint64_t first_sample)
{
    struct json_object *o = json_object_new_object();
    char time[UTC_TEXT_SIZE];
    add_number(o, "core:sample_start", 0);
    json_object_object_add(o, "core:global_index", json_object_new_uint64(first_sample));
    add_number(o, "core:frequency", source->center_hz);
    if (source->has_start) {
        const double late_us = (double)first_sample * 1e6 / source->sample_rate_sps;
        utc_format(source->start_us + llround(late_us), time);
        add_text(o, "core:datetime", time);
    }
    return o;
}

struct json_object *sigmf_meta_json(const struct source *source, uint64_t first_sample,
                                    struct json_object *annotation)
{
    struct json_object *o = json_object_new_object();
    struct json_object *captures = json_object_new_array(), *annotations = json_object_new_array();
    json_object_array_add(captures, capture_json(source, first_sample));
    if (annotation)
        json_object_array_add(annotations, annotation);
    json_object_object_add(o, "global", global_json(source));
    json_object_object_add(o, "captures", captures);
    json_object_object_add(o, "annotations", annotations);
    return o;
}

FILE *sigmf_create(const char *path)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (fd >= 0 && !file)
        close(fd);
    return file;
}

bool sigmf_write_meta(const char *path, struct json_object *meta)
{
    FILE *file = sigmf_create(path);
    if (!file)
        return false;
    const int flags =
        JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE;
    bool ok = fprintf(file, "%s\n", json_object_to_json_string_ext(meta, flags)) > 0;
    ok &= fflush(file) == 0;
    const int why = errno;
    fclose(file);
    errno = why;
    if (!ok)
        unlink(path);
    return ok;
}
