/* SPDX-License-Identifier: MIT */
#include "dsp/channel.h"

#include <math.h>

void channel_init(struct channel *channel, const struct channel_config *config,
                  const struct kernels *kernels)
{
    const double fs = config->sample_rate_sps;
    /* Four samples a chip, and never so few that the pass band folds onto itself. */
    const double least_sps = fmax(3.9 * config->chip_rate_cps, 2.6 * config->pass_hz);
    channel->kernels = kernels;
    channel->decimation = fs / least_sps >= 1 ? (size_t)(fs / least_sps) : 1;
    channel->rate_sps = fs / (double)channel->decimation;
    const double stop_hz = fmin(channel->rate_sps - config->pass_hz, 0.5 * fs);
    struct fir_prototype fir;
    fir_design_lowpass(&fir, fs, fmin(config->pass_hz, 0.9 * stop_hz), stop_hz, 35);
    double sum_squares = 0;
    for (size_t k = 0; k < fir.n_taps; k++)
        sum_squares += (double)(fir.taps[k] * fir.taps[k]);
    channel->noise_bandwidth_hz = fs * sum_squares;
    fir_shift(&channel->fir, &fir, fs, config->center_hz);
    channel->rotation_cycles = fmod(config->center_hz / channel->rate_sps, 1.0);
}

size_t channel_history(const struct channel *channel)
{
    return channel->fir.n_taps - channel->decimation;
}

void channel_push(const struct channel *channel, const int16_t *iq, size_t n_out, float *out_i,
                  float *out_q)
{
    channel->kernels->decimate(out_i, out_q, iq, channel->fir.taps_re, channel->fir.taps_im,
                               channel->fir.n_taps, channel->decimation, n_out);
}
