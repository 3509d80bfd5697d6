/* SPDX-License-Identifier: MIT
 * decimate_u8 by groups of SAMPLES samples, for the row that includes it behind its SAMPLES and
 * decimate_u8_group. */
static void decimate_u8_x86(float *restrict out_i, float *restrict out_q,
                            const uint8_t *restrict iq, const int8_t *restrict taps_re,
                            const int8_t *restrict taps_im, size_t n_taps, size_t decimation,
                            size_t n_out, float scale, const float offset[2])
{
    size_t m = 0;
    switch (decimation) { /* each with constants of its own */
    case 2:
        for (; m + SAMPLES / 2 <= n_out; m += SAMPLES / 2)
            decimate_u8_group(out_i + m, out_q + m, iq + 4 * m, taps_re, taps_im, n_taps, 2, scale,
                              offset);
        break;
    case 4:
        for (; m + SAMPLES / 4 <= n_out; m += SAMPLES / 4)
            decimate_u8_group(out_i + m, out_q + m, iq + 8 * m, taps_re, taps_im, n_taps, 4, scale,
                              offset);
        break;
    case 8:
        for (; m + SAMPLES / 8 <= n_out; m += SAMPLES / 8)
            decimate_u8_group(out_i + m, out_q + m, iq + 16 * m, taps_re, taps_im, n_taps, 8, scale,
                              offset);
        break;
    default:
        break;
    }
    decimate_u8_from(m, out_i, out_q, iq, taps_re, taps_im, n_taps, decimation, n_out, scale,
                     offset);
}
