/* SPDX-License-Identifier: MIT */
#include "dsp/signal_level.h"

#include <math.h>
#include <string.h>

/* Converters do not always reach their last step. */
static const float rail = 0.99F;

/* The values of n samples, full scale being 1; what is not finite counts as 0. */
static void to_floats(const void *iq, size_t n, enum iq_format format, float *x)
{
    switch (format) {
    case IQ_CU8:
        for (size_t k = 0; k < 2 * n; k++)
            x[k] = ((float)((const uint8_t *)iq)[k] - 127.5F) * (1 / 127.5F);
        return;
    case IQ_CS8:
        for (size_t k = 0; k < 2 * n; k++)
            x[k] = (float)((const int8_t *)iq)[k] * (1 / 127.5F);
        return;
    case IQ_CS16:
        for (size_t k = 0; k < 2 * n; k++)
            x[k] = (float)((const int16_t *)iq)[k] * (1 / 32768.0F);
        return;
    case IQ_CF32:
        memcpy(x, iq, 2 * n * sizeof *x);
        for (size_t k = 0; k < 2 * n; k++)
            x[k] = isfinite(x[k]) ? x[k] : 0;
        return;
    }
}

/* What adds up over the samples of a piece. */
struct sums {
    float i, q, squares;
    size_t clipped;
};

static void add_up(const void *iq, size_t n, enum iq_format format, struct sums *sums)
{
    float x[2 * LEVEL_PIECE];
    to_floats(iq, n, format, x);
    for (size_t k = 0; k < n; k++) {
        const float i = x[2 * k], q = x[2 * k + 1];
        sums->i += i;
        sums->q += q;
        sums->squares += i * i + q * q;
        sums->clipped += fabsf(i) > rail || fabsf(q) > rail;
    }
}

struct level_piece level_of_piece(const void *iq, size_t n, enum iq_format format)
{
    struct sums sums = { .clipped = 0 };
    for (size_t k = 0; k < n; k += LEVEL_PIECE)
        add_up((const char *)iq + k * iq_sample_bytes(format),
               n - k < LEVEL_PIECE ? n - k : LEVEL_PIECE, format, &sums);
    const double of_mean = (double)(sums.i * sums.i + sums.q * sums.q) / (double)n;
    return (struct level_piece){ .mean_square =
                                     fmax(0, ((double)sums.squares - of_mean) / (double)n),
                                 .clipped = sums.clipped };
}

void signal_level_reset(struct signal_level *level, enum iq_format format, uint64_t position)
{
    *level = (struct signal_level){ .format = format, .position = position };
}

/* Bin k holds -k - 1 ... -k dB; also what is above full scale, or no number. */
static size_t bin_of(double power)
{
    const double below_db = -10 * log10(power);
    if (!(below_db > 0))
        return 0;
    return below_db < LEVEL_BINS - 1 ? (size_t)below_db : LEVEL_BINS - 1;
}

static void count_piece(const struct signal_level *level, struct level_counts *counts)
{
    const struct level_piece piece = level_of_piece(level->piece, LEVEL_PIECE, level->format);
    counts->looked += LEVEL_PIECE;
    counts->clipped += piece.clipped;
    counts->power[bin_of(piece.mean_square)]++;
}

void signal_level_push(struct signal_level *level, const void *iq, size_t n,
                       struct level_counts *counts)
{
    const size_t bytes = iq_sample_bytes(level->format);
    const char *at = iq;
    while (n > 0) {
        const size_t in_stride = (size_t)(level->position % LEVEL_STRIDE);
        const size_t stage_end = in_stride < LEVEL_PIECE ? LEVEL_PIECE : LEVEL_STRIDE;
        const size_t step = stage_end - in_stride < n ? stage_end - in_stride : n;
        if (in_stride == 0)
            level->filled = 0;
        if (in_stride < LEVEL_PIECE && level->filled == in_stride) {
            memcpy(level->piece + in_stride * bytes, at, step * bytes);
            level->filled += step;
            if (level->filled == LEVEL_PIECE)
                count_piece(level, counts);
        }
        at += step * bytes;
        n -= step;
        level->position += step;
    }
}

double level_noise_dbfs(const struct level_counts *counts)
{
    uint64_t all = 0, below = 0;
    for (size_t k = 0; k < LEVEL_BINS; k++)
        all += counts->power[k];
    for (size_t k = LEVEL_BINS; k-- > 0; below += counts->power[k]) {
        const double wanted = (double)all / 4 - (double)below, here = (double)counts->power[k];
        if (here > 0 && wanted <= here)
            return wanted / here - (double)k - 1;
    }
    return -(double)INFINITY;
}

double level_clipped(const struct level_counts *counts)
{
    return counts->looked > 0 ? (double)counts->clipped / (double)counts->looked : 0;
}
