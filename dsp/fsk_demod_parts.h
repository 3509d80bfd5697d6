/* SPDX-License-Identifier: MIT
 * What the files of the demodulator share: fsk_extract.c (samples at a burst's carrier), fsk_scan.c
 * (where is the sync word), fsk_training.c (the fit of the training sequence) and fsk_demod.c (the
 * chips). */
#ifndef DSP_FSK_DEMOD_PARTS_H
#define DSP_FSK_DEMOD_PARTS_H

#include <math.h>

#include "dsp/fsk_demod.h"

/* Takes samples first ... last of the stream out of span, shifted by -offset_hz (and the channel)
 * and decimated. What lies outside of span is left out. */
void fsk_extract(struct fsk_demod *d, const struct iq_span *span, double first, double last,
                 double offset_hz);
/* The same for the training sequence of a burst, with a chip around it. */
void fsk_extract_training(struct fsk_demod *d, const struct iq_span *span,
                          const struct fsk_burst *burst);

/* Time and clock of a training sequence, by the strength of its tones chip by chip: from a third of
 * a chip at either end to some hundredths. Its samples have to be extracted. */
void fsk_refine_by_tones(const struct fsk_demod *d, struct fsk_burst *burst);

/* Phase and slope of the training sequence for a shape with a Gaussian of this bandwidth-time
 * product; 0: unshaped. */
void fsk_training_tabulate(struct fsk_demod *d, enum fsk_shape shape, double bt);
/* The line that is left when the training sequence is taken off, for a guess of its end: returns
 * the match, 1 = no noise at all, and the line's frequency in cycles a chip. */
float fsk_training_line(struct fsk_demod *d, struct fsk_burst *burst, float *cycles);
/* Phase and amplitude of the training sequence as a whole. */
void fsk_training_phase(struct fsk_demod *d, struct fsk_burst *burst);

static inline double fsk_nominal_chip_samples(const struct fsk_demod *d)
{
    return d->config.sample_rate_sps / d->config.chip_rate_cps;
}

static inline float fsk_nominal_h(const struct fsk_demod *d)
{
    return (float)(2 * d->config.deviation_hz / d->config.chip_rate_cps);
}

static inline void fsk_unit_phasor(const struct fsk_demod *d, float turns, float *cosine,
                                   float *sine)
{
    const unsigned k = (unsigned)(int)lrintf(turns * FSK_TURN) % FSK_TURN;
    *cosine = d->cosine[k];
    *sine = d->cosine[k + 3 * FSK_TURN / 4 - (k >= FSK_TURN / 2 ? FSK_TURN : 0)];
}

#endif
