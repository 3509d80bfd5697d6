/* SPDX-License-Identifier: MIT
 * FSK modulator, for tests, benches and the signal generator: chips in, complex samples out. */
#ifndef DSP_FSK_MOD_H
#define DSP_FSK_MOD_H

#include <stddef.h>
#include <stdint.h>

struct fsk_mod_config {
    double sample_rate_sps;
    double chip_rate_cps;   /* true rate of the first chip, clock error included            */
    double chip_rate_drift; /* relative change of the rate from first to last chip          */
    double deviation_hz;    /* chip 1 = upper tone                                          */
    double carrier_hz;      /* from the centre of the recording                             */
    double phase_rad;       /* at the first sample                                          */
    double delay_samples;   /* fraction of a sample before the first chip, 0 ... 1          */
    double bt;              /* 0 = unshaped; 0.5 = Gaussian                                 */
};

/* Complex samples that a burst of n_chips takes, ramps of the shaping included. */
size_t fsk_mod_samples(const struct fsk_mod_config *config, size_t n_chips);

/* Where chip k of n_chips begins, in samples from the first one written; k = n_chips gives the end.
 * A shaped burst begins with a ramp from the carrier to the first tone, so chip 0 is not at 0. */
double fsk_mod_chip_start(const struct fsk_mod_config *config, size_t n_chips, double k);

/* Writes fsk_mod_samples() samples of amplitude 1 to i[], q[]. chips[n_chips] are 0 or 1. Frequency
 * is integrated exactly over each sample, so no tone smears whatever the ratio of the rates. */
void fsk_mod(const struct fsk_mod_config *config, const uint8_t *chips, size_t n_chips, float *i,
             float *q);

#endif
