/* SPDX-License-Identifier: MIT
 * Filters that decimate, in registers of whatever width: the file that includes this has a type vec
 * of 32-bit lanes, VEC_LANES of them, and
 *   vec_zero(), vec_load(x);
 *   vec_of_32(x), vec_of_64(x), vec_of_128(x): a value of so many bits, over and over;
 *   vec_dot_u8(sum, x, taps), vec_dot_s16(...): adds to each lane the products that stand in it;
 *   vec_pair_sums(a, b): of neighbouring lanes, those of a first;
 *   vec_store(out, sums, scale, offset): out = scale * sums - offset.
 * A lane holds two samples of bytes or one of integers, so a few of them side by side make an
 * output: with the same taps in all of its like, and each step a decimation on, all that is left to
 * sum up across the register are an output's own lanes. */
#include "dsp/kernels/kernels_x86.h"

/* Registers at once: a sum takes several cycles, so there had better be many; of the longest
 * filters two are faster. */
enum { MAX_REGISTERS = 4 };

static inline size_t registers_for(size_t lanes)
{
    return lanes == 4 ? 2 : MAX_REGISTERS;
}

/* So many lanes of taps, 1, 2 or 4, over and over. */
static inline vec vec_repeat(const char *taps, size_t lanes)
{
    int32_t one;
    int64_t two;
    switch (lanes) {
    case 1:
        memcpy(&one, taps, sizeof one);
        return vec_of_32(one);
    case 2:
        memcpy(&two, taps, sizeof two);
        return vec_of_64(two);
    default:
        return vec_of_128(_mm_loadu_si128((const void *)taps));
    }
}

/* The outputs of two registers. */
static inline void store_sums(float *out_i, float *out_q, const vec i[2], const vec q[2],
                              size_t lanes, float scale, const float offset[2])
{
    if (lanes == 1) {
        for (size_t r = 0; r < 2; r++) {
            vec_store(out_i + VEC_LANES * r, i[r], scale, offset[0]);
            vec_store(out_q + VEC_LANES * r, q[r], scale, offset[1]);
        }
        return;
    }
    const vec sum_i = vec_pair_sums(i[0], i[1]), sum_q = vec_pair_sums(q[0], q[1]);
    if (lanes == 2) {
        vec_store(out_i, sum_i, scale, offset[0]);
        vec_store(out_q, sum_q, scale, offset[1]);
        return;
    }
    float both[VEC_LANES];
    vec_store(both, vec_pair_sums(sum_i, sum_q), scale, 0);
    for (size_t m = 0; m < VEC_LANES / 2; m++) {
        out_i[m] = both[m] - offset[0];
        out_q[m] = both[VEC_LANES / 2 + m] - offset[1];
    }
}

/* As many outputs as the registers hold, of n_bytes of taps. Fast only with constants of its own
 * for each decimation and kind of samples. */
__attribute__((always_inline)) static inline void
decimate_group(float *out_i, float *out_q, const char *x, const char *taps_re, const char *taps_im,
               size_t n_bytes, size_t lanes, int is_bytes, float scale, const float offset[2])
{
    const size_t n = registers_for(lanes);
    vec i[MAX_REGISTERS], q[MAX_REGISTERS];
    for (size_t r = 0; r < n; r++)
        i[r] = q[r] = vec_zero();
    for (size_t k = 0; k < n_bytes; k += 4 * lanes) {
        const vec re = vec_repeat(taps_re + k, lanes), im = vec_repeat(taps_im + k, lanes);
        for (size_t r = 0; r < n; r++) {
            const vec v = vec_load(x + k + sizeof(vec) * r);
            i[r] = is_bytes ? vec_dot_u8(i[r], v, re) : vec_dot_s16(i[r], v, re);
            q[r] = is_bytes ? vec_dot_u8(q[r], v, im) : vec_dot_s16(q[r], v, im);
        }
    }
    for (size_t r = 0; r < n; r += 2)
        store_sums(out_i + VEC_LANES * r / lanes, out_q + VEC_LANES * r / lanes, i + r, q + r,
                   lanes, scale, offset);
}

/* Of n outputs as many as make whole groups. Returns how many. */
static inline size_t decimate_groups(float *restrict out_i, float *restrict out_q, const void *iq,
                                     const void *taps_re, const void *taps_im, size_t n_bytes,
                                     size_t lanes, int is_bytes, size_t n, float scale,
                                     const float offset[2])
{
    const size_t group = registers_for(lanes) * VEC_LANES / lanes;
    size_t m = 0;
    for (; m + group <= n; m += group)
        decimate_group(out_i + m, out_q + m, (const char *)iq + 4 * lanes * m, taps_re, taps_im,
                       n_bytes, lanes, is_bytes, scale, offset);
    return m;
}

static void decimate_u8_x86(float *restrict out_i, float *restrict out_q,
                            const uint8_t *restrict iq, const int8_t *restrict taps_re,
                            const int8_t *restrict taps_im, size_t n_taps, size_t decimation,
                            size_t n_out, float scale, const float offset[2])
{
    size_t m = 0;
    switch (decimation) { /* each with constants of its own */
    case 2:
        m = decimate_groups(out_i, out_q, iq, taps_re, taps_im, 2 * n_taps, 1, 1, n_out, scale,
                            offset);
        break;
    case 4:
        m = decimate_groups(out_i, out_q, iq, taps_re, taps_im, 2 * n_taps, 2, 1, n_out, scale,
                            offset);
        break;
    case 8:
        m = decimate_groups(out_i, out_q, iq, taps_re, taps_im, 2 * n_taps, 4, 1, n_out, scale,
                            offset);
        break;
    default:
        break;
    }
    if (m < n_out)
        decimate_u8_from(m, out_i, out_q, iq, taps_re, taps_im, n_taps, decimation, n_out, scale,
                         offset);
}

static void decimate_x86(float *restrict out_i, float *restrict out_q, const int16_t *restrict iq,
                         const int16_t *restrict taps_re, const int16_t *restrict taps_im,
                         size_t n_taps, size_t decimation, size_t n_out)
{
    static const float no_offset[2] = { 0, 0 };
    size_t m = 0;
    switch (decimation) {
    case 1:
        m = decimate_groups(out_i, out_q, iq, taps_re, taps_im, 4 * n_taps, 1, 0, n_out, 1,
                            no_offset);
        break;
    case 2:
        m = decimate_groups(out_i, out_q, iq, taps_re, taps_im, 4 * n_taps, 2, 0, n_out, 1,
                            no_offset);
        break;
    case 4:
        m = decimate_groups(out_i, out_q, iq, taps_re, taps_im, 4 * n_taps, 4, 0, n_out, 1,
                            no_offset);
        break;
    default:
        break;
    }
    decimate_by_4(m, out_i, out_q, iq, taps_re, taps_im, n_taps, decimation, n_out);
}
