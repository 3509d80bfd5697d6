/* SPDX-License-Identifier: MIT */
#include "dsp/cpfsk_pairs.h"

#include <math.h>

#include "dsp/math_const.h"

/* Gains of the carrier loop, a pair: noise bandwidth about 0.03 of the pairs' rate. */
static const float phase_gain = 0.12f, omega_gain = 0.004f;

struct complex_sum {
    float re, im;
};

/* The four halves of a pair's chips, against the waveform of pair 01 or 10, turned to the phase in
 * which the pair begins. */
struct pair_halves {
    struct complex_sum half[4];
};

static struct pair_halves correlate(const struct cpfsk_segment s[3], int pair, int before,
                                    int after, float step_re, float step_im)
{
    const int first = !pair, second = pair;
    const int a = 2 * before + first, b = 2 * first + second, c = 2 * second + after;
    const float turn_im = first ? -step_im : step_im;
    return (struct pair_halves){ {
        { s[0].after_re[a], s[0].after_im[a] },
        { s[1].before_re[b] * step_re - s[1].before_im[b] * turn_im,
          s[1].before_im[b] * step_re + s[1].before_re[b] * turn_im },
        { s[1].after_re[b] * step_re - s[1].after_im[b] * turn_im,
          s[1].after_im[b] * step_re + s[1].after_re[b] * turn_im },
        { s[2].before_re[c], s[2].before_im[c] },
    } };
}

static struct complex_sum sum_of(const struct pair_halves *p)
{
    struct complex_sum sum = { 0, 0 };
    for (int k = 0; k < 4; k++) {
        sum.re += p->half[k].re;
        sum.im += p->half[k].im;
    }
    return sum;
}

void cpfsk_pairs_init(struct cpfsk_pairs *p, const struct cpfsk_pulse *pulse, float phase_rad,
                      float amplitude)
{
    *p = (struct cpfsk_pairs){
        .h = pulse->h,
        .step_re = cosf((float)PI * pulse->h),
        .step_im = sinf((float)PI * pulse->h),
        .amplitude = amplitude,
        .ref_re = cosf(phase_rad),
        .ref_im = -sinf(phase_rad),
    };
}

int cpfsk_pairs_push(struct cpfsk_pairs *p, const struct cpfsk_segment segments[3], int last_chip)
{
    struct pair_halves halves[2];
    struct complex_sum sum[2];
    for (int pair = 0; pair < 2; pair++) { /* the next pair is taken for the same again */
        halves[pair] = correlate(segments, pair, last_chip, !pair, p->step_re, p->step_im);
        sum[pair] = sum_of(&halves[pair]);
    }
    const float re = p->ref_re, im = p->ref_im;
    const int one = sum[1].re * re - sum[1].im * im > sum[0].re * re - sum[0].im * im;
    const float error = (sum[one].im * re + sum[one].re * im) / (2 * p->amplitude);
    const float turn = phase_gain * error + p->omega;
    for (int k = 0; k < 4; k++) { /* a late boundary turns the halves of a chip 1 back */
        const struct complex_sum *half = &halves[one].half[k];
        const float imag = half->im * re + half->re * im;
        p->clock_error += (k >= 2) == one ? -imag : imag;
    }
    const float new_re = re + im * turn, new_im = im - re * turn;
    const float scale = 1.5f - 0.5f * (new_re * new_re + new_im * new_im);
    p->ref_re = new_re * scale;
    p->ref_im = new_im * scale;
    p->omega += omega_gain * error;
    return one;
}

float cpfsk_pairs_clock_error(struct cpfsk_pairs *p, size_t n_chips)
{
    const float sum = p->clock_error;
    p->clock_error = 0;
    return sum / ((float)PI * p->h * p->amplitude * (float)n_chips);
}

void cpfsk_pairs_soft(const struct cpfsk_work *w, const struct cpfsk_segment *segments,
                      const struct cpfsk_pulse *pulse, const uint8_t *path, size_t n, int last_chip,
                      float *llr)
{
    const float step_re = cosf((float)PI * pulse->h), step_im = sinf((float)PI * pulse->h);
    for (size_t k = 0; k < n; k += 2) {
        float metric[2] = { 0, 0 };
        for (int pair = 0; k + 2 < n && pair < 2; pair++) {
            const struct pair_halves halves = correlate(
                segments + k, pair, k ? path[k - 1] : last_chip, path[k + 2], step_re, step_im);
            const struct complex_sum sum = sum_of(&halves);
            metric[pair] = sum.re * w->ref_re[k] + sum.im * w->ref_im[k];
        }
        llr[k] = (metric[0] - metric[1]) / 2;
        if (k + 1 < n)
            llr[k + 1] = -llr[k];
    }
}
