/* SPDX-License-Identifier: MIT
 * Scene files: a JSON object a line for each transmission. */
#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/generator/gen_scene_parts.h"
#include "apps/generator/iq_write.h" /* full_scale_steps */
#include "base/array_len.h"

/* ---- reading ------------------------------------------------------------------------------ */

/* One line of a scene file as it was read; NAN: not given. */
struct line {
    const char *telegram, *mode, *format;
    bool cut;
    double time_s, every_s, jitter_s;
    double ecn0_db, amplitude;
    double offset_hz, deviation_hz, bt, chip_rate_cps, clock_percent, drift_percent;
    double preamble_pairs, postamble_chips;
};

#define FIELD(name) offsetof(struct line, name)

/* The truth that the generator writes can be read as a scene; what only tells about a transmission
 * is passed over. */
// clang-format off
static const struct field {
    const char *name;
    enum { TEXT, FLAG, NUMBER, PASSED_OVER } kind;
    size_t offset;
    double low, high;
} fields[] = {
    { "telegram",       TEXT,   FIELD(telegram),        0, 0 },
    { "mode",           TEXT,   FIELD(mode),            0, 0 },
    { "format",         TEXT,   FIELD(format),          0, 0 },
    { "time_s",         NUMBER, FIELD(time_s),          -10, 1e6 },   /* of the first sync chip     */
    { "every_s",        NUMBER, FIELD(every_s),         0.001, 1e6 }, /* sent again so often        */
    { "jitter_s",       NUMBER, FIELD(jitter_s),        0, 1e6 },     /* each repetition, +-        */
    { "snr_db",         NUMBER, FIELD(ecn0_db),         -100, 200 },  /* Ec/N0                      */
    { "amplitude",      NUMBER, FIELD(amplitude),       0, 1e6 },     /* steps of cu8               */
    { "offset_hz",      NUMBER, FIELD(offset_hz),       -2e6, 2e6 },
    { "deviation_hz",   NUMBER, FIELD(deviation_hz),    0, 1e6 },
    { "bt",             NUMBER, FIELD(bt),              0, 100 },
    { "chip_rate_cps",  NUMBER, FIELD(chip_rate_cps),   1e3, 1e6 },
    { "clock_percent",  NUMBER, FIELD(clock_percent),   -20, 20 },
    { "drift_percent",  NUMBER, FIELD(drift_percent),   -20, 20 },
    { "preamble_pairs", NUMBER, FIELD(preamble_pairs),  0, CHIP_ENCODE_MAX_PREAMBLE_PAIRS },
    { "postamble_chips", NUMBER, FIELD(postamble_chips), 0, 8 },
    { "cut",            FLAG,   FIELD(cut),             0, 0 },       /* not all of it is recorded */
    { "sample",         PASSED_OVER, 0, 0, 0 },
    { "start_sample",   PASSED_OVER, 0, 0, 0 },
    { "n_samples",      PASSED_OVER, 0, 0, 0 },
    { "id",             PASSED_OVER, 0, 0, 0 },
    { "comment",        PASSED_OVER, 0, 0, 0 },
};
// clang-format on

static const struct field *find_field(const char *name)
{
    for (size_t k = 0; k < ARRAY_LEN(fields); k++)
        if (strcmp(fields[k].name, name) == 0)
            return &fields[k];
    return NULL;
}

static bool read_field(const char *name, struct json_object *value, struct line *line,
                       struct err *err)
{
    const struct field *field = find_field(name);
    if (!field)
        return err_set(err, EXIT_USAGE, "unknown field \"%.40s\"", name);
    char *to = (char *)line + field->offset;
    if (field->kind == TEXT) {
        if (!json_object_is_type(value, json_type_string))
            return err_set(err, EXIT_USAGE, "field \"%s\": expected a string", name);
        *(const char **)(void *)to = json_object_get_string(value);
    } else if (field->kind == FLAG) {
        *(bool *)(void *)to = json_object_get_boolean(value);
    } else if (field->kind == NUMBER && value) { /* null: as if not there */
        double number = json_object_get_double(value);
        if (!(json_object_is_type(value, json_type_double) ||
              json_object_is_type(value, json_type_int)) ||
            !(number >= field->low && number <= field->high))
            return err_set(err, EXIT_USAGE, "field \"%s\": expected a number from %g to %g", name,
                           field->low, field->high);
        *(double *)(void *)to = number;
    }
    return true;
}

static bool read_fields(struct json_object *object, struct line *line, struct err *err)
{
    char *to = (char *)line;
    memset(line, 0, sizeof *line);
    for (size_t k = 0; k < ARRAY_LEN(fields); k++)
        if (fields[k].kind == NUMBER)
            *(double *)(void *)(to + fields[k].offset) = (double)NAN;
    json_object_object_foreach(object, name, value)
    {
        if (!read_field(name, value, line, err))
            return false;
    }
    if (!line->telegram || !line->mode || isnan(line->time_s))
        return err_set(err, EXIT_USAGE, "\"telegram\", \"mode\" and \"time_s\" are needed");
    return true;
}

static void take(double *to, double value, double scale)
{
    if (!isnan(value))
        *to = value * scale;
}

/* Ec/N0 or amplitude, whichever is given. Both say what the noise is: that of the first line, which
 * the others may not contradict; a truth that is read again has rounded them to 0.001 dB. */
static bool set_level(struct gen_scene *scene, const struct line *line, struct burst *burst,
                      struct err *err)
{
    static const double tolerance_db = 0.01;
    struct gen_defaults *d = &scene->defaults;
    take(&burst->amplitude, line->amplitude, 1 / full_scale_steps);
    if (isnan(line->ecn0_db) || d->noise_sigma <= 0)
        return true;
    if (isnan(line->amplitude)) {
        burst->amplitude =
            burst_amplitude(burst, line->ecn0_db, d->noise_sigma, d->sample_rate_sps);
        return true;
    }
    double sigma = burst->amplitude / burst_amplitude(burst, line->ecn0_db, 1, d->sample_rate_sps);
    if (d->noise_open && scene->n == 0 && sigma > 0)
        d->noise_sigma = sigma;
    return fabs(20 * log10(sigma / d->noise_sigma)) < tolerance_db ||
           err_set(
               err, EXIT_USAGE,
               "\"snr_db\" and \"amplitude\" mean noise of %.6g steps, but it is %.6g (--noise)",
               sigma * full_scale_steps, d->noise_sigma * full_scale_steps);
}

static bool transmission_from_line(struct gen_scene *scene, const struct line *line,
                                   struct transmission *t, struct err *err)
{
    struct burst *b = &t->burst;
    double pairs = b->preamble_pairs, postamble = b->postamble_chips;
    if (!transmission_set_telegram(t, line->telegram))
        return err_set(err, EXIT_USAGE, "\"telegram\" is not a telegram in hex");
    t->time_s = line->time_s;
    t->cut = line->cut;
    take(&b->offset_hz, line->offset_hz, 1);
    take(&b->deviation_hz, line->deviation_hz, 1);
    take(&b->bt, line->bt, 1);
    take(&b->clock_error, line->clock_percent, 0.01);
    take(&b->clock_error, line->chip_rate_cps / b->mode->chip_rate_cps - 1, 1);
    take(&b->clock_drift, line->drift_percent, 0.01);
    take(&pairs, line->preamble_pairs, 1);
    take(&postamble, line->postamble_chips, 1);
    b->preamble_pairs = (unsigned)pairs;
    b->postamble_chips = (unsigned)postamble;
    return set_level(scene, line, b, err);
}

static bool unknown_mode(const char *name, struct err *err)
{
    char list[GEN_MODE_LIST];
    gen_mode_list(list);
    return err_set(err, EXIT_USAGE, "mode \"%.20s\": expected one of %s", name, list);
}

static bool append_line(struct gen_scene *scene, const struct line *line, double until_s,
                        struct err *err)
{
    const struct radio_mode *mode = gen_mode_find(line->mode, line->format ? line->format[0] : 0);
    if (!mode)
        return unknown_mode(line->mode, err);
    struct transmission t = gen_scene_draw(scene, mode);
    if (!transmission_from_line(scene, line, &t, err) || !gen_scene_append(scene, &t, err))
        return false;
    if (isnan(line->every_s))
        return true;
    if (until_s <= 0)
        return err_set(err, EXIT_USAGE, "\"every_s\" needs to know how long: --duration");
    double jitter = isnan(line->jitter_s) ? 0 : line->jitter_s;
    for (unsigned k = 1; line->time_s + k * line->every_s < until_s; k++) {
        t.time_s = gen_scene_spread(scene, line->time_s + k * line->every_s, jitter);
        t.burst.phase_rad = rng_uniform(&scene->rng, 0, 6.283185307);
        if (!gen_scene_append(scene, &t, err))
            return false;
    }
    return true;
}

static bool read_line(struct gen_scene *scene, const char *text, double until_s, struct err *err)
{
    struct line line;
    struct json_object *object = json_tokener_parse(text);
    bool ok = json_object_is_type(object, json_type_object)
                  ? read_fields(object, &line, err) && append_line(scene, &line, until_s, err)
                  : err_set(err, EXIT_USAGE, "expected a JSON object");
    json_object_put(object);
    return ok;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == 0;
}

bool gen_scene_read(struct gen_scene *scene, FILE *from, const char *name, double until_s,
                    struct err *err)
{
    char *text = NULL;
    size_t size = 0;
    bool ok = true;
    for (unsigned number = 1; ok && getline(&text, &size, from) >= 0; number++) {
        struct err inner;
        ok = is_blank(text) || read_line(scene, text, until_s, &inner);
        if (!ok)
            err_set(err, inner.exit_code, "%.200s, line %u: %s", name, number, inner.text);
    }
    int why = errno;
    free(text);
    if (ok && ferror(from))
        return err_set(err, EXIT_FILE, "cannot read %.200s: %s", name, strerror(why));
    return ok;
}

/* ---- writing ------------------------------------------------------------------------------ */

static void write_line(const struct gen_scene *scene, const struct transmission *t, FILE *to)
{
    const struct burst *b = &t->burst;
    double ecn0_db = gen_scene_ecn0_db(scene, t);
    double deviation = b->deviation_hz > 0 ? b->deviation_hz : b->mode->deviation_hz;
    char mode[8];
    gen_mode_name(b->mode, mode);
    fprintf(to,
            "{\"time_s\":%.9f,\"sample\":%.3f,\"mode\":\"%s\",\"format\":\"%c\",\"telegram\":\"",
            t->time_s, t->time_s * scene->defaults.sample_rate_sps, mode,
            b->mode->format == FRAME_A ? 'A' : 'B');
    for (size_t k = 0; k < b->n; k++)
        fprintf(to, "%02x", t->telegram[k]);
    fprintf(to, "\",\"id\":\"%02x%02x%02x%02x\"", t->telegram[7], t->telegram[6], t->telegram[5],
            t->telegram[4]);
    if (isfinite(ecn0_db))
        fprintf(to, ",\"snr_db\":%.3f", ecn0_db);
    fprintf(to, ",\"amplitude\":%.9g,\"offset_hz\":%.3f,\"deviation_hz\":%.3f,\"bt\":%g",
            b->amplitude * full_scale_steps, b->offset_hz, deviation, b->bt);
    fprintf(to, ",\"chip_rate_cps\":%.6f,\"drift_percent\":%g,\"preamble_pairs\":%u",
            b->mode->chip_rate_cps * (1 + b->clock_error), b->clock_drift * 100, b->preamble_pairs);
    fprintf(to, ",\"postamble_chips\":%u,\"start_sample\":%lld,\"n_samples\":%zu%s}\n",
            b->postamble_chips, (long long)t->first_sample, t->n_samples,
            t->cut ? ",\"cut\":true" : "");
}

void gen_scene_write(const struct gen_scene *scene, uint64_t n_samples, FILE *to)
{
    for (size_t k = 0; k < scene->n; k++) {
        struct transmission t = scene->transmissions[k];
        const int64_t end = t.first_sample + (int64_t)t.n_samples;
        t.cut = t.first_sample < 0 || end > (int64_t)n_samples;
        if (t.first_sample < (int64_t)n_samples && end > 0)
            write_line(scene, &t, to);
    }
}
