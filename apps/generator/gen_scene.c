/* SPDX-License-Identifier: MIT */
#include "apps/generator/gen_scene.h"

#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "base/array_len.h"
#include "decode/dll.h"
#include "decode/hex.h"
#include "decode/random_telegram.h"

enum { MAX_TRANSMISSIONS = 1000000 };

static const double full_scale_steps = 127.5; /* amplitudes in a scene file are steps of cu8 */

void gen_scene_init(struct gen_scene *scene, const struct gen_defaults *defaults, uint64_t seed)
{
    *scene = (struct gen_scene){ .defaults = *defaults };
    rng_init(&scene->rng, seed);
}

void gen_scene_free(struct gen_scene *scene)
{
    free(scene->transmissions);
}

void gen_mode_name(const struct radio_mode *mode, char text[8])
{
    bool has_formats = mode->line == LINE_NRZ;
    snprintf(text, 8, "%.5s%s", mode->name,
             !has_formats              ? ""
             : mode->format == FRAME_A ? "-A"
                                       : "-B");
}

void gen_mode_list(char text[GEN_MODE_LIST])
{
    size_t n = 0;
    for (size_t k = 0; k < n_radio_modes && n < GEN_MODE_LIST; k++) {
        char own[8];
        gen_mode_name(&radio_modes[k], own);
        n += (size_t)snprintf(text + n, GEN_MODE_LIST - n, "%s%s", k ? ", " : "", own);
    }
}

static bool unknown_mode(const char *name, struct err *err)
{
    char list[GEN_MODE_LIST];
    gen_mode_list(list);
    return err_set(err, EXIT_USAGE, "mode \"%.20s\": expected one of %s", name, list);
}

const struct radio_mode *gen_mode_find(const char *name, char format)
{
    for (size_t k = 0; k < n_radio_modes; k++) {
        char own[8];
        gen_mode_name(&radio_modes[k], own);
        char its_format = radio_modes[k].format == FRAME_A ? 'A' : 'B';
        if (strcmp(name, own) == 0 ||
            (strcmp(name, radio_modes[k].name) == 0 && format == its_format))
            return &radio_modes[k];
    }
    return NULL;
}

/* Takes CRCs away if there are any; L becomes what format A says. */
static bool set_telegram(struct transmission *t, const char *hex)
{
    uint8_t bytes[FRAME_MAX_AIR_BYTES];
    struct frame frame;
    size_t n;
    if (hex_read(hex, strlen(hex), bytes, sizeof bytes, &n) != HEX_OK ||
        dll_guess(bytes, n, &frame) != DECODE_OK || frame.format == FRAME_WIRED)
        return false;
    memcpy(t->telegram, frame.bytes, frame.n);
    t->telegram[0] = (uint8_t)(frame.n - 1);
    t->burst.n = frame.n;
    return true;
}

static double spread(struct gen_scene *scene, double middle, double to_either_side)
{
    return middle + rng_uniform(&scene->rng, -to_either_side, to_either_side);
}

/* Draws are made in the same order whatever is used of them: one option does not change the rest.
 */
static struct transmission draw(struct gen_scene *scene, const struct radio_mode *mode)
{
    const struct gen_defaults *d = &scene->defaults;
    struct transmission t = { .burst = {
                                  .mode = mode,
                                  .amplitude = d->amplitude,
                                  .offset_hz = spread(scene, d->offset_hz, d->offset_spread_hz),
                                  .clock_error = spread(scene, d->clock_error, d->clock_spread),
                                  .clock_drift = d->clock_drift,
                                  .deviation_hz = d->deviation_hz,
                                  .bt = d->bt,
                                  .phase_rad = rng_uniform(&scene->rng, 0, 6.283185307),
                                  .preamble_pairs = d->preamble_pairs,
                                  .postamble_chips = d->postamble_chips,
                              } };
    double ecn0_db = spread(scene, d->ecn0_db, d->ecn0_spread_db);
    if (d->channel_hz > 0)
        t.burst.offset_hz += d->channel_hz - mode->frequency_hz;
    if (t.burst.amplitude < 0)
        t.burst.amplitude = burst_amplitude(&t.burst, ecn0_db, d->noise_sigma, d->sample_rate_sps);
    return t;
}

double gen_scene_ecn0_db(const struct gen_scene *scene, const struct transmission *t)
{
    const struct gen_defaults *d = &scene->defaults;
    if (d->noise_sigma <= 0)
        return (double)INFINITY;
    double at_0_db = burst_amplitude(&t->burst, 0, d->noise_sigma, d->sample_rate_sps);
    return 20 * log10(t->burst.amplitude / at_0_db);
}

static bool append(struct gen_scene *scene, const struct transmission *t, struct err *err)
{
    if (scene->n == MAX_TRANSMISSIONS)
        return err_set(err, EXIT_USAGE, "more than %d transmissions", MAX_TRANSMISSIONS);
    if (scene->n == scene->capacity) {
        size_t capacity = scene->capacity ? 2 * scene->capacity : 64;
        void *more = realloc(scene->transmissions, capacity * sizeof *scene->transmissions);
        if (!more)
            return err_set(err, EXIT_INTERNAL, "out of memory");
        scene->transmissions = more;
        scene->capacity = capacity;
    }
    scene->transmissions[scene->n++] = *t;
    return true;
}

/* Gives t a place after the last transmission, or inside it. */
static bool append_in_turn(struct gen_scene *scene, struct transmission *t, struct err *err)
{
    static const double overlap_from = 0.1, overlap_to = 0.9;
    const struct gen_defaults *d = &scene->defaults;
    struct burst_signal signal;
    t->burst.telegram = t->telegram;
    if (!burst_prepare(&t->burst, d->sample_rate_sps, d->center_hz, &signal)) {
        char mode[8];
        gen_mode_name(t->burst.mode, mode);
        return err_set(err, EXIT_USAGE,
                       "mode %s cannot carry a telegram of %zu bytes with that "
                       "preamble",
                       mode, t->burst.n);
    }
    double gap = spread(scene, d->gap_s, d->gap_spread_s);
    double inside = rng_uniform(&scene->rng, overlap_from, overlap_to);
    double start = scene->end_s + (gap > 0 && scene->n > 0 ? gap : 0);
    if (d->overlap && scene->n % 2 == 1) {
        start = scene->end_s - inside * scene->length_s;
        t->burst.amplitude =
            scene->transmissions[scene->n - 1].burst.amplitude * pow(10, d->overlap_db / 20);
    }
    scene->length_s = (double)signal.n_samples / d->sample_rate_sps;
    t->time_s = start + signal.first_sync_sample / d->sample_rate_sps;
    if (start + scene->length_s > scene->end_s)
        scene->end_s = start + scene->length_s;
    return append(scene, t, err);
}

static const struct radio_mode *mode_in_turn(const struct gen_scene *scene)
{
    return scene->defaults.modes[scene->n % scene->defaults.n_modes];
}

bool gen_scene_add_hex(struct gen_scene *scene, const char *hex, struct err *err)
{
    struct transmission t = draw(scene, mode_in_turn(scene));
    if (!set_telegram(&t, hex))
        return err_set(err, EXIT_USAGE, "not a telegram in hex of 10 to %d bytes: %.80s",
                       FRAME_MAX_AIR_BYTES, hex);
    return append_in_turn(scene, &t, err);
}

bool gen_scene_add_random(struct gen_scene *scene, size_t n, struct err *err)
{
    struct transmission t = draw(scene, mode_in_turn(scene));
    if (n < 11 || n > FRAME_MAX_BYTES)
        return err_set(err, EXIT_USAGE, "a random telegram has 11 to %d bytes", FRAME_MAX_BYTES);
    random_telegram(rng_u64(&scene->rng), t.telegram, n);
    t.burst.n = n;
    return append_in_turn(scene, &t, err);
}

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
    b->mode = gen_mode_find(line->mode, line->format ? line->format[0] : 0);
    if (!b->mode)
        return unknown_mode(line->mode, err);
    if (!set_telegram(t, line->telegram))
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

static bool append_line(struct gen_scene *scene, const struct line *line, double until_s,
                        struct err *err)
{
    const struct radio_mode *mode = gen_mode_find(line->mode, line->format ? line->format[0] : 0);
    if (!mode)
        return unknown_mode(line->mode, err);
    struct transmission t = draw(scene, mode);
    if (!transmission_from_line(scene, line, &t, err) || !append(scene, &t, err))
        return false;
    if (isnan(line->every_s))
        return true;
    if (until_s <= 0)
        return err_set(err, EXIT_USAGE, "\"every_s\" needs to know how long: --duration");
    double jitter = isnan(line->jitter_s) ? 0 : line->jitter_s;
    for (unsigned k = 1; line->time_s + k * line->every_s < until_s; k++) {
        t.time_s = spread(scene, line->time_s + k * line->every_s, jitter);
        t.burst.phase_rad = rng_uniform(&scene->rng, 0, 6.283185307);
        if (!append(scene, &t, err))
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
