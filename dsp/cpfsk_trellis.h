/* SPDX-License-Identifier: MIT
 * Sequence detection of binary FSK with continuous phase: the phase a chip leaves behind says
 * something about it for as long as the modulation index is not 1, and is worth up to 3 dB.
 *
 * Time is cut into segments from the middle of one chip to the middle of the next, so that even a
 * Gaussian-shaped segment depends on two chips only. A state is the number of ones so far (that
 * alone fixes the phase) and the last chip. */
#ifndef DSP_CPFSK_TRELLIS_H
#define DSP_CPFSK_TRELLIS_H

#include <stddef.h>
#include <stdint.h>

#include "dsp/iq.h"

enum {
    CPFSK_SUB = 8,    /* samples a segment                                         */
    CPFSK_LABELS = 8, /* numbers of ones that are told apart: a window of so many  */
    CPFSK_STATES = 2 * CPFSK_LABELS,
    CPFSK_MAX_CHIPS = 4096,
};

/* The four waveforms of a segment: [pair][n], pair = 2 * last chip + this chip. Phase zero where
 * the tones of an unshaped signal would meet. */
struct cpfsk_pulse {
    float h;  /* modulation index, 2 * deviation / chip rate */
    float bt; /* 0 = unshaped, else of the Gaussian filter   */
    float re[4][CPFSK_SUB], im[4][CPFSK_SUB];
};

/* Share of a step of frequency, -1 ... 1, that is done u chips behind it, by a Gaussian filter of
 * this BT; 0 = none. */
double cpfsk_step(double u, double bt);

void cpfsk_pulse_init(struct cpfsk_pulse *pulse, float h, float bt);

/* A segment against the four waveforms, the halves before and behind the chip boundary apart. */
struct cpfsk_segment {
    float before_re[4], before_im[4], after_re[4], after_im[4];
};

void cpfsk_correlate(struct cpfsk_segment *segment, const struct cpfsk_pulse *pulse, const float *i,
                     const float *q);

/* Forward pass: a Viterbi search in which each survivor tracks the carrier phase and the clock by
 * its own decisions. */
struct cpfsk_survivor {
    float metric;
    float ref_re, ref_im; /* conjugate of the carrier phase, phase of the chips so far included */
    float omega;          /* radians a chip                                                    */
    float clock_error;    /* sum since cpfsk_forward_clock_error                               */
};

struct cpfsk_forward {
    float step_re, step_im; /* phase of a one, half of the index's turn                       */
    float amplitude;        /* of a whole segment                                            */
    float phase_gain, omega_gain;
    float total; /* metric of the best path                                       */
    struct cpfsk_survivor survivors[CPFSK_STATES];
    uint16_t from_one[CPFSK_MAX_CHIPS]; /* bit per state: its predecessor's last chip was one  */
    size_t n_chips;
};

/* phase_rad: of the carrier at the boundary before the first chip; last_chip: the one before it, 0
 * or 1; amplitude as cpfsk_correlate gives for a clean segment; omega: radians a chip. */
void cpfsk_forward_init(struct cpfsk_forward *forward, const struct cpfsk_pulse *pulse,
                        float phase_rad, float omega, int last_chip, float amplitude);
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
};

/* Scratch of cpfsk_soft, for the caller to keep. */
struct cpfsk_work {
    float raw_re[CPFSK_MAX_CHIPS], raw_im[CPFSK_MAX_CHIPS];
    float ref_re[CPFSK_MAX_CHIPS], ref_im[CPFSK_MAX_CHIPS];
    float balance[CPFSK_MAX_CHIPS], mean[CPFSK_MAX_CHIPS], weight[CPFSK_MAX_CHIPS];
    float alpha[CPFSK_MAX_CHIPS + 1][CPFSK_STATES];
};

/* Second pass around a path of n chips, 0 < n <= CPFSK_MAX_CHIPS: smooths the carrier phase along
 * it, in both directions of time, and gives each chip its log-likelihood ratio (max-log) in units
 * of the segments' correlation: positive = one. */
void cpfsk_soft(struct cpfsk_work *work, const struct cpfsk_segment *segments,
                const struct cpfsk_pulse *pulse, const uint8_t *path, size_t n, int last_chip,
                float *llr, struct cpfsk_fit *fit);

#endif
