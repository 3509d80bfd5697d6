/* SPDX-License-Identifier: MIT
 * Detection of continuous-phase FSK whose chips come in pairs 01 and 10 (Manchester): a pair leaves
 * the phase as it was, so each is detected by itself, coherently, and nothing else has to be
 * remembered, whatever the modulation index. The counterpart of cpfsk_trellis for large indices. */
#ifndef DSP_CPFSK_PAIRS_H
#define DSP_CPFSK_PAIRS_H

#include "dsp/cpfsk_trellis.h"

/* Forward pass: follows carrier phase and clock by its own decisions. */
struct cpfsk_pairs {
    float h;
    float step_re, step_im; /* phase of a one, half of the index's turn                 */
    float amplitude;        /* of a whole segment                                       */
    float ref_re, ref_im;   /* conjugate of the carrier phase                           */
    float omega;            /* radians a pair                                           */
    float clock_error;      /* sum since cpfsk_pairs_clock_error                        */
};

/* Arguments as cpfsk_forward_init has them; the gains of its loop are always the same. */
void cpfsk_pairs_init(struct cpfsk_pairs *pairs, const struct cpfsk_pulse *pulse, float phase_rad,
                      float amplitude);
/* The pair whose first chip begins in the middle of segments[0]: three segments reach over it.
 * last_chip: the one before. Returns 1 for 01, 0 for 10. */
int cpfsk_pairs_push(struct cpfsk_pairs *pairs, const struct cpfsk_segment segments[3],
                     int last_chip);
/* How late the boundaries are, in chips, over the n_chips pushed since the last call. */
float cpfsk_pairs_clock_error(struct cpfsk_pairs *pairs, size_t n_chips);

/* Second pass around a path that cpfsk_fit_path was just called for: the log-likelihood ratio of
 * each pair, in units of the segments' correlation, half of it on each chip: positive = one. */
void cpfsk_pairs_soft(const struct cpfsk_work *work, const struct cpfsk_segment *segments,
                      const struct cpfsk_pulse *pulse, const uint8_t *path, size_t n, int last_chip,
                      float *llr);

#endif
