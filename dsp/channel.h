/* SPDX-License-Identifier: MIT
 * One channel of the band: filtered and decimated to a few samples a chip, for the search. The
 * carrier is not rotated to 0 Hz; rotation_cycles says where it is. */
#ifndef DSP_CHANNEL_H
#define DSP_CHANNEL_H

#include "dsp/filter_design.h"
#include "dsp/kernels/kernels.h"

/* What folds onto a channel in which preambles are searched is weaker by so much. */
enum { CHANNEL_STOP_DB = 35 };

struct channel_config {
    double sample_rate_sps;
    double center_hz; /* of the channel, from the centre of the recording       */
    double chip_rate_cps;
    double pass_hz; /* half width that must pass: offset and deviation        */
    double stop_db; /* what folds onto it is weaker by so much                */
};

struct channel {
    const struct kernels *kernels;
    struct fir_bandpass fir;
    struct fir_bandpass_bytes fir_bytes;
    size_t decimation;
    double rate_sps; /* behind the decimation: at least 3.9 samples a chip */
    double noise_bandwidth_hz;
    double rotation_cycles; /* left in the output, per output sample              */
};

/* Input samples for each of the output. */
size_t channel_decimation(const struct channel_config *config);

void channel_init(struct channel *channel, const struct channel_config *config,
                  const struct kernels *kernels);

/* Input samples of history in front of the first one of a block, see channel_push. */
size_t channel_history(const struct channel *channel);

/* iq[2 * (channel_history + n_out * decimation)]: history first. Writes n_out samples of full scale
 * FIR_UNITY * that of iq. */
void channel_push(const struct channel *channel, const int16_t *iq, size_t n_out, float *out_i,
                  float *out_q);
/* The same of bytes, of which dc[rail] is taken off, and which count as scale each. */
void channel_push_bytes(const struct channel *channel, const uint8_t *iq, const float dc[2],
                        float scale, size_t n_out, float *out_i, float *out_q);

#endif
