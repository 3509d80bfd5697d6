/* SPDX-License-Identifier: MIT */
#include "apps/generator/burst.h"

#include <math.h>

static double chip_rate(const struct burst *burst)
{
    return burst->mode->chip_rate_cps * (1 + burst->clock_error);
}

bool burst_prepare(const struct burst *burst, double sample_rate_sps, double center_hz,
                   struct burst_signal *signal)
{
    if (!chip_encode(burst->mode, burst->telegram, burst->n, burst->preamble_pairs,
                     burst->postamble_chips, &signal->chips))
        return false;
    double deviation = burst->deviation_hz > 0 ? burst->deviation_hz : burst->mode->deviation_hz;
    signal->fsk = (struct fsk_mod_config){
        .sample_rate_sps = sample_rate_sps,
        .chip_rate_cps = chip_rate(burst),
        .chip_rate_drift = burst->clock_drift,
        .deviation_hz = deviation,
        .carrier_hz = burst->mode->frequency_hz + burst->offset_hz - center_hz,
        .phase_rad = burst->phase_rad,
        .delay_samples = burst->delay_samples,
        .bt = burst->bt,
    };
    signal->amplitude = burst->amplitude;
    signal->n_samples = fsk_mod_samples(&signal->fsk, signal->chips.n);
    signal->first_sync_sample =
        fsk_mod_chip_start(&signal->fsk, signal->chips.n, (double)signal->chips.first_sync_chip);
    return true;
}

double burst_noise_sigma(const struct burst *burst, double ecn0_db, double sample_rate_sps)
{
    double ecn0 = pow(10, ecn0_db / 10);
    return burst->amplitude * sqrt(sample_rate_sps / (2 * ecn0 * chip_rate(burst)));
}

double burst_amplitude(const struct burst *burst, double ecn0_db, double sigma,
                       double sample_rate_sps)
{
    double ecn0 = pow(10, ecn0_db / 10);
    return sigma / sqrt(sample_rate_sps / (2 * ecn0 * chip_rate(burst)));
}

void burst_write(const struct burst_signal *signal, float *i, float *q)
{
    fsk_mod(&signal->fsk, signal->chips.chips, signal->chips.n, i, q);
    for (size_t k = 0; k < signal->n_samples; k++) {
        i[k] *= (float)signal->amplitude;
        q[k] *= (float)signal->amplitude;
    }
}
