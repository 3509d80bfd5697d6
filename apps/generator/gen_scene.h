/* SPDX-License-Identifier: MIT
 * What the generator sends: a list of transmissions, from a scene file, from telegrams on the
 * command line, or drawn at random. */
#ifndef APPS_GENERATOR_GEN_SCENE_H
#define APPS_GENERATOR_GEN_SCENE_H

#include <stdio.h>

#include "apps/common/err.h"
#include "apps/generator/air.h"

/* What is the same for all transmissions that do not say otherwise. Spreads are uniform to either
 * side. */
struct gen_defaults {
    double sample_rate_sps, center_hz;
    double channel_hz;  /* instead of the mode's frequency; 0: the mode's       */
    double noise_sigma; /* of full scale 1; 0: no noise                         */
    bool noise_open;    /* a scene file that begins with an amplitude and an Ec/N0 decides */
    double amplitude;   /* of full scale 1; negative: it follows from ecn0_db   */
    double ecn0_db, ecn0_spread_db;
    double offset_hz, offset_spread_hz;
    double clock_error, clock_spread;
    double clock_drift;
    double deviation_hz, bt; /* 0: the mode's nominal; unshaped                      */
    unsigned preamble_pairs, postamble_chips;
    double gap_s, gap_spread_s; /* between transmissions, from end to start             */
    bool overlap;               /* every second one begins while the one before is sent */
    double overlap_db;          /* its power over that of the one before                */
    const struct radio_mode *modes[8];
    size_t n_modes; /* taken in turn                                        */
};

struct gen_scene {
    struct gen_defaults defaults;
    struct rng rng;
    struct transmission *transmissions;
    size_t n, capacity;
    double end_s, length_s; /* of what was sent in turn so far: its end, the last length  */
};

void gen_scene_init(struct gen_scene *scene, const struct gen_defaults *defaults, uint64_t seed);
void gen_scene_free(struct gen_scene *scene);

/* "T1", "C1-A", "S1" ...; "C1" with format 'A' or 'B' is understood too. NULL if unknown. */
const struct radio_mode *gen_mode_find(const char *name, char format);
/* "T1", "C1-A" ... */
void gen_mode_name(const struct radio_mode *mode, char text[8]);
/* All of them, with commas between. */
enum { GEN_MODE_LIST = 120 };
void gen_mode_list(char text[GEN_MODE_LIST]);

/* Appends a telegram, given as hex (CRCs of the data link layer present or removed), after the last
 * one. */
bool gen_scene_add_hex(struct gen_scene *scene, const char *hex, struct err *err);
/* Appends a random telegram of n bytes, L included. */
bool gen_scene_add_random(struct gen_scene *scene, size_t n, struct err *err);
/* Appends what a scene file says: a JSON object a line, see gen_scene_file.c for its fields. name
 * is for messages. Repetitions go on until until_s. */
bool gen_scene_read(struct gen_scene *scene, FILE *from, const char *name, double until_s,
                    struct err *err);
/* Writes the same of all transmissions that a recording of n samples holds, or holds in part, where
 * air_open has said when they begin: the truth. */
void gen_scene_write(const struct gen_scene *scene, uint64_t n_samples, FILE *to);

/* Ec/N0 that a transmission has in this scene's noise; infinite without noise. */
double gen_scene_ecn0_db(const struct gen_scene *scene, const struct transmission *transmission);

#endif
