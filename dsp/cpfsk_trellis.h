/* SPDX-License-Identifier: MIT
 * Sequence detection of binary FSK with continuous phase: the phase a chip leaves behind says
 * something about it for as long as the modulation index is not 1, and is worth up to 3 dB.
 *
 * Time is cut into segments from the middle of one chip to the middle of the next, so that even a
 * Gaussian-shaped segment depends on two chips only. A state is the number of ones so far (that
 * alone fixes the phase) and the last chip. */
#ifndef DSP_CPFSK_TRELLIS_H
#define DSP_CPFSK_TRELLIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dsp/iq.h"

struct kernels;

enum {
    CPFSK_SUB = 8,    /* samples a segment                                         */
    CPFSK_LABELS = 8, /* numbers of ones that are told apart: a window of so many  */
    CPFSK_STATES = 2 * CPFSK_LABELS,
    CPFSK_MAX_CHIPS = 4736, /* 290 bytes of 16 chips, and what is looked ahead */
};

/* Share of a step of frequency, -1 ... 1, that is done u chips behind it, by a Gaussian filter of
 * this BT; 0 = none. */
double cpfsk_step(double u, double bt);

/* Phase of the four waveforms of a segment, [pair][n], pair = 2 * last chip + this chip, for a
 * modulation index of 1: zero where the tones of an unshaped signal would meet. */
struct cpfsk_shape {
    float phase_rad[4][CPFSK_SUB];
};

/* bt: of the Gaussian filter, 0 = unshaped. Slow: once for each shape. */
void cpfsk_shape_init(struct cpfsk_shape *shape, double bt);

/* The four waveforms. */
struct cpfsk_pulse {
    float h;                                  /* modulation index, 2 * deviation / chip rate */
    float re[CPFSK_SUB][4], im[CPFSK_SUB][4]; /* [n][pair] */
};

void cpfsk_pulse_init(struct cpfsk_pulse *pulse, const struct cpfsk_shape *shape, float h);

/* A segment against the four waveforms, the halves before and behind the chip boundary apart. */
struct cpfsk_segment {
    float before_re[4], before_im[4], after_re[4], after_im[4];
};

/* Forward pass: a Viterbi search in which each survivor tracks the carrier phase and the clock by
 * its own decisions. [last chip][number of ones modulo the window]: */
struct cpfsk_survivors {
    float metric[2][CPFSK_LABELS];
    float ref_re[2][CPFSK_LABELS]; /* conjugate of the carrier phase, that of the chips included */
    float ref_im[2][CPFSK_LABELS];
    float omega[2][CPFSK_LABELS];       /* radians a chip                                        */
    float clock_error[2][CPFSK_LABELS]; /* sum since cpfsk_forward_clock_error                   */
};

struct cpfsk_forward {
    const struct kernels *kernels;
    float step_re, step_im;       /* phase of a one, half of the index's turn */
    float amplitude;              /* of a whole segment                       */
    float phase_gain, omega_gain; /* of the carrier loop, a chip */
    float last_phase_gain, last_omega_gain;
    float total; /* metric of the best path                  */
    struct cpfsk_survivors survivors;
    uint16_t from_one[CPFSK_MAX_CHIPS]; /* bit per state: its predecessor's last chip was one */
    size_t n_chips;
};

/* phase_rad: of the carrier at the boundary before the first chip; last_chip: the one before it, 0
 * or 1; amplitude as the kernel cpfsk_correlate gives for a clean segment; settled: the carrier is
 * known, and the loop is narrow from the first chip on. */
void cpfsk_forward_init(struct cpfsk_forward *forward, const struct kernels *kernels,
                        const struct cpfsk_pulse *pulse, float phase_rad, int last_chip,
                        float amplitude, bool settled);
void cpfsk_forward_push(struct cpfsk_forward *forward, const struct cpfsk_segment *segment);
/* How late the boundaries are, in chips, by the best survivor over the n_chips pushed since the
 * last call. */
float cpfsk_forward_clock_error(struct cpfsk_forward *forward, float h, size_t n_chips);
/* The best path: chips[forward->n_chips], 0 or 1. */
void cpfsk_forward_trace(const struct cpfsk_forward *forward, uint8_t *chips);

/* What a path says of the signal. */
struct cpfsk_fit {
    float amplitude; /* mean of a segment                      */
    float omega;     /* carrier left, radians a chip             */
    float h_error;   /* true modulation index minus the pulse's */
    float balance;   /* ones minus zeros, a chip: omega holds PI * h_error * balance, too */
};

/* What label l, l - CPFSK_LABELS / 2 ones more than the path, adds to the phase: conjugate; and
 * what it costs another path when the carrier that is smoothed along it takes up that phase. */
struct cpfsk_turns {
    float re[CPFSK_LABELS], im[CPFSK_LABELS];
    float slip_cost[CPFSK_LABELS];
};

/* A path through segments, and the conjugate of its phase at each. */
struct cpfsk_path {
    const struct cpfsk_segment *segments;
    const float *ref_re, *ref_im;
    const uint8_t *chips;
    size_t n;
};

/* A path that was fitted, and scratch of what is asked of it; for the caller to keep. */
struct cpfsk_work {
    float raw_re[CPFSK_MAX_CHIPS], raw_im[CPFSK_MAX_CHIPS];
    float ref_re[CPFSK_MAX_CHIPS], ref_im[CPFSK_MAX_CHIPS];
    float balance[CPFSK_MAX_CHIPS]; /* ones minus zeros before each chip */
    float alpha[CPFSK_MAX_CHIPS + 1][2][CPFSK_LABELS];
};

/* Sum of the correlation along a path of n chips with the carrier, omega radians a chip, that is
 * smoothed along this very path: paths compare by it, even if one loses the phase where the other
 * does not. */
float cpfsk_path_sum(struct cpfsk_work *work, const struct cpfsk_segment *segments,
                     const struct cpfsk_pulse *pulse, const uint8_t *path, size_t n, int last_chip,
                     float omega);

/* Measures how the carrier turns along a path of n chips, 0 < n <= CPFSK_MAX_CHIPS, smooths its
 * phase in both directions of time, and measures the rest. */
void cpfsk_fit_path(struct cpfsk_work *work, const struct cpfsk_segment *segments,
                    const struct cpfsk_pulse *pulse, const uint8_t *path, size_t n, int last_chip,
                    struct cpfsk_fit *fit);

/* Second pass around a path that was just fitted: gives each chip its log-likelihood ratio
 * (max-log) in units of the segments' correlation: positive = one. amplitude: of the fit. */
void cpfsk_soft(struct cpfsk_work *work, const struct kernels *kernels,
                const struct cpfsk_segment *segments, const struct cpfsk_pulse *pulse,
                const uint8_t *path, size_t n, int last_chip, float amplitude, float *llr);

#endif
