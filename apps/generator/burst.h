/* SPDX-License-Identifier: MIT
 * One transmission as the generator and the benches describe it, and its samples. */
#ifndef APPS_GENERATOR_BURST_H
#define APPS_GENERATOR_BURST_H

#include "decode/chip_encode.h"
#include "dsp/fsk_mod.h"

struct burst {
    const struct radio_mode *mode;
    const uint8_t *telegram; /* [n], from L on, without CRCs                             */
    size_t n;
    double amplitude;    /* in any unit, the same as that of the noise               */
    double offset_hz;    /* carrier minus the mode's frequency                       */
    double deviation_hz; /* 0: the mode's nominal                                    */
    double bt;           /* 0: unshaped                                              */
    double clock_error;  /* relative error of the chip rate, 0.005 = 0.5 % fast      */
    double clock_drift;  /* relative change of the chip rate, first to last chip     */
    double phase_rad;
    double delay_samples;    /* 0 ... 1: fraction of a sample that the burst comes later */
    unsigned preamble_pairs; /* 0: the fewest the mode allows                            */
    unsigned postamble_chips;
};

struct burst_signal {
    struct chip_burst chips;
    struct fsk_mod_config fsk;
    double amplitude;
    size_t n_samples;
    double first_sync_sample; /* where the first sync chip begins, from the first sample */
};

/* Returns false if the mode cannot carry the telegram. */
bool burst_prepare(const struct burst *burst, double sample_rate_sps, double center_hz,
                   struct burst_signal *signal);

/* Standard deviation of the noise of I, and of Q, that gives a burst its Ec/N0: with s^2 the
 * variance of both together over the whole sample rate, Ec/N0 = (A^2 / Rc) / (s^2 / fs). */
double burst_noise_sigma(const struct burst *burst, double ecn0_db, double sample_rate_sps);
/* The amplitude that reaches ecn0_db in noise of that standard deviation; burst->amplitude is not
 * looked at. */
double burst_amplitude(const struct burst *burst, double ecn0_db, double sigma,
                       double sample_rate_sps);

/* Writes n_samples samples to i[], q[]. */
void burst_write(const struct burst_signal *signal, float *i, float *q);

#endif
