/* SPDX-License-Identifier: MIT
 * Is anybody talking? On a preamble 0101... the product of a sample with the conjugate of the one
 * half a chip before has a line at half the chip rate, whatever the carrier offset. The gate looks
 * for that line over 40 chips, at clock errors up to +-10 %, against the noise of the last 160 ms.
 */
#ifndef DSP_BURST_GATE_H
#define DSP_BURST_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dsp/kernels/kernels.h"
#include "dsp/sorted_window.h"

enum {
    GATE_BLOCK_CHIPS = 8,   /* the line is summed in blocks of so many nominal chips        */
    GATE_WINDOW = 5,        /* blocks that the line must last: 40 chips                     */
    GATE_GROUP = 32,        /* blocks that are pushed at once, and share one noise figure   */
    GATE_PART = 8,          /* blocks in a part of a group                                  */
    GATE_GROUPS = 64,       /* groups that the noise is taken from                          */
    GATE_FIRST_GROUPS = 16, /* groups that had better be there before the first decision    */
    GATE_RING = GATE_GROUP * GATE_GROUPS,
    GATE_RATES = 4,       /* clock errors that are tried, up and down                     */
    GATE_MAX_BLOCK = 128, /* samples                                                      */
    GATE_MAX_RUN = 100,   /* blocks that one preamble may last; S1 takes 70               */
};

/* The blocks pushed last, as a ring. */
struct gate_blocks {
    float upper_re[GATE_RING], upper_im[GATE_RING]; /* the line above the carrier */
    float lower_re[GATE_RING], lower_im[GATE_RING]; /* and below                  */
    float strength[GATE_RING];                      /* of both lines together     */
    float bound[GATE_RING]; /* of it in the window that ends there, whatever the clock */
    float energy[GATE_RING];
};

/* A figure of each group, as a ring, and those of which the noise is taken, sorted. */
struct gate_figures {
    float group[GATE_GROUPS];
    struct sorted_window sorted;
    uint64_t start, end; /* groups in sorted */
};

/* A preamble: in samples of the channel since the start of the stream. */
struct burst_candidate {
    uint64_t peak_end; /* end of the window where the line is strongest                     */
    uint64_t line_end; /* end of the last window in which the line lasts                    */
    double one_center; /* where the second half of one of the chips 1 has its middle, and       */
    float turn_rad;    /* the carrier's turn over the delay: a chip on, it is half a turn more  */
    float chip_rate_cps;
    float noise_power; /* of a sample of the channel, before the burst                      */
};

struct burst_gate {
    const struct kernels *kernels;
    size_t block; /* samples a block                                                */
    size_t delay; /* samples of the delay product: half a chip                      */
    double rate_sps, chip_rate_cps;
    double block_cycles; /* of the line, a block                                           */
    float block_cos[GATE_GROUP], block_sin[GATE_GROUP]; /* its phase at the blocks of a group */
    float cosine[GATE_MAX_BLOCK], sine[GATE_MAX_BLOCK];
    /* turn of a clock error over so many blocks */
    float rate_cos[GATE_WINDOW][GATE_RATES], rate_sin[GATE_WINDOW][GATE_RATES];
    struct gate_blocks blocks;
    /* the least of the parts of each group, as bursts may leave no whole group in peace */
    struct gate_figures power; /* mean, of a sample                                      */
    struct gate_figures line;  /* strongest in a window, at the nominal clock            */
    uint64_t first_groups;     /* that must be there before the first decision              */
    uint64_t first_block;      /* where the stream starts, or goes on after a gap                */
    uint64_t n_blocks;         /* pushed, those before the first one included                    */
    uint64_t n_decided;        /* blocks whose decision is made                                  */
    /* the run of blocks in which the line stands */
    bool in_run;
    uint64_t run_start, peak_block, last_block;
    unsigned misses;
    float peak, run_noise;
    double peak_error_cycles;
};

void burst_gate_init(struct burst_gate *gate, double rate_sps, double chip_rate_cps,
                     const struct kernels *kernels);

/* The stream starts, or goes on after a gap, with this block since its start; a multiple of
 * GATE_GROUP. Nothing is known of what was before; first_groups must be there before the first
 * decision, 1 ... GATE_GROUPS / 2. */
void burst_gate_reset(struct burst_gate *gate, uint64_t first_block, unsigned first_groups);

/* Samples that burst_gate_push takes: GATE_GROUP * block. */
size_t burst_gate_group(const struct burst_gate *gate);

/* One group of samples; i[], q[] are readable from -delay on. */
void burst_gate_push(struct burst_gate *gate, const float *i, const float *q);

/* The next preamble found. last: the stream ended, decide on all. Returns false if there is none.
 */
bool burst_gate_next(struct burst_gate *gate, bool last, struct burst_candidate *candidate);

#endif
