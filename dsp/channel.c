/* SPDX-License-Identifier: MIT */
#include "dsp/channel.h"

#include <math.h>

/* Four samples a chip, and never so few that the pass band folds onto itself; powers of two are
 * what the kernels are fast at. */
size_t channel_decimation(const struct channel_config *config)
{
    const double least_sps = fmax(3.9 * config->chip_rate_cps, 2.6 * config->pass_hz);
    size_t decimation = 1;
    while (config->sample_rate_sps / (double)(2 * decimation) >= least_sps)
        decimation *= 2;
    return decimation;
}

void channel_init(struct channel *channel, const struct channel_config *config,
                  const struct kernels *kernels)
{
    const double fs = config->sample_rate_sps;
    channel->kernels = kernels;
    channel->decimation = channel_decimation(config);
    channel->rate_sps = fs / (double)channel->decimation;
    const double stop_hz = fmin(channel->rate_sps - config->pass_hz, 0.5 * fs);
    struct fir_prototype fir;
    fir_design_lowpass(&fir, fs, fmin(config->pass_hz, 0.9 * stop_hz), stop_hz, config->stop_db);
    channel->noise_bandwidth_hz = fir_noise_bandwidth_hz(&fir, fs);
    fir_shift(&channel->fir, &fir, fs, config->center_hz);
    fir_shift_bytes(&channel->fir_bytes, &fir, fs, config->center_hz);
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

void channel_push_bytes(const struct channel *channel, const uint8_t *iq, const float dc[2],
                        float scale, size_t n_out, float *out_i, float *out_q)
{
    const struct fir_bandpass_bytes *fir = &channel->fir_bytes;
    const float unit = scale * fir->scale;
    const float offset[2] = { unit * (dc[0] * fir->sum_re - dc[1] * fir->sum_im),
                              unit * (dc[0] * fir->sum_im + dc[1] * fir->sum_re) };
    channel->kernels->decimate_u8(out_i, out_q, iq, fir->taps_re, fir->taps_im, fir->n_taps,
                                  channel->decimation, n_out, unit, offset);
}
