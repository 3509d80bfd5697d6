/* SPDX-License-Identifier: MIT */
#include "apps/generator/gen_scene_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "decode/dll.h"
#include "decode/hex.h"
#include "decode/random_telegram.h"

enum { MAX_TRANSMISSIONS = 1000000 };

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

bool transmission_set_telegram(struct transmission *t, const char *hex)
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

double gen_scene_spread(struct gen_scene *scene, double middle, double to_either_side)
{
    return middle + rng_uniform(&scene->rng, -to_either_side, to_either_side);
}

/* Draws are made in the same order whatever is used of them: one option does not change the rest.
 */
struct transmission gen_scene_draw(struct gen_scene *scene, const struct radio_mode *mode)
{
    const struct gen_defaults *d = &scene->defaults;
    struct transmission t = { .burst = {
                                  .mode = mode,
                                  .amplitude = d->amplitude,
                                  .offset_hz =
                                      gen_scene_spread(scene, d->offset_hz, d->offset_spread_hz),
                                  .clock_error =
                                      gen_scene_spread(scene, d->clock_error, d->clock_spread),
                                  .clock_drift = d->clock_drift,
                                  .deviation_hz = d->deviation_hz,
                                  .bt = d->bt,
                                  .phase_rad = rng_uniform(&scene->rng, 0, 6.283185307),
                                  .preamble_pairs = d->preamble_pairs,
                                  .postamble_chips = d->postamble_chips,
                              } };
    double ecn0_db = gen_scene_spread(scene, d->ecn0_db, d->ecn0_spread_db);
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

bool gen_scene_append(struct gen_scene *scene, const struct transmission *t, struct err *err)
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
    double gap = gen_scene_spread(scene, d->gap_s, d->gap_spread_s);
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
    return gen_scene_append(scene, t, err);
}

static const struct radio_mode *mode_in_turn(const struct gen_scene *scene)
{
    return scene->defaults.modes[scene->n % scene->defaults.n_modes];
}

bool gen_scene_add_hex(struct gen_scene *scene, const char *hex, struct err *err)
{
    struct transmission t = gen_scene_draw(scene, mode_in_turn(scene));
    if (!transmission_set_telegram(&t, hex))
        return err_set(err, EXIT_USAGE, "not a telegram in hex of 10 to %d bytes: %.80s",
                       FRAME_MAX_AIR_BYTES, hex);
    return append_in_turn(scene, &t, err);
}

bool gen_scene_add_random(struct gen_scene *scene, size_t n, struct err *err)
{
    struct transmission t = gen_scene_draw(scene, mode_in_turn(scene));
    if (n < 11 || n > FRAME_MAX_BYTES)
        return err_set(err, EXIT_USAGE, "a random telegram has 11 to %d bytes", FRAME_MAX_BYTES);
    random_telegram(rng_u64(&scene->rng), t.telegram, n);
    t.burst.n = n;
    return append_in_turn(scene, &t, err);
}
