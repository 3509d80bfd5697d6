/* SPDX-License-Identifier: MIT
 * Adds up the cycles that the receiver, and what its caller does with a telegram, spend on each
 * stage. */
#ifndef BENCH_STAGES_H
#define BENCH_STAGES_H

#include <stdio.h>

#include "apps/receiver/stage.h"
#include "bench/cycles.h"

/* Those of the receiver, and what follows. */
enum { STAGE_DECODE = RECEIVER_STAGES, STAGE_OUTPUT, N_STAGES };
enum { STAGES_MAX_CHANNELS = 16, STAGES_MAX_SIMD = 8 };

struct stages {
    struct cycles counter;
    const char *channels[STAGES_MAX_CHANNELS]; /* 0: NULL, what belongs to none */
    size_t n_channels;
    uint64_t spent[STAGES_MAX_CHANNELS][N_STAGES];
    uint64_t since, *now;
};

void stages_open(struct stages *stages);
void stages_close(struct stages *stages);
/* Nothing is spent on anything, and nothing is being worked on. */
void stages_reset(struct stages *stages);
/* Of struct stage_watch; stage may be one of this header's. */
void stages_turn(void *stages, enum receiver_stage stage, const char *channel);
/* Nothing is worked on any more. */
void stages_stop(struct stages *stages);
uint64_t stages_total(const struct stages *stages);

/* One column for each instruction set; all met the same channels in the same order. */
struct stage_table {
    const char *simd[STAGES_MAX_SIMD];
    struct stages stages[STAGES_MAX_SIMD];
    size_t n;
};

/* Per input sample, of which there were n_samples. input: what they were, for the JSON lines. */
void stage_table_print(FILE *to, const struct stage_table *table, const char *input,
                       double n_samples);
void stage_table_print_json(FILE *to, const struct stage_table *table, const char *input,
                            double n_samples);

#endif
