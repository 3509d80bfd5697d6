/* SPDX-License-Identifier: MIT
 * A row of the kernel table: included at the end of each kernels_<isa>.c, which defines
 * KERNELS_NAME and KERNELS_SYMBOL, and KERNELS_<kernel> for each kernel of which it has its own
 * version. */
#include "dsp/kernels/kernels.h"
#include "dsp/kernels/kernels_rows.h"

#ifndef KERNELS_SUM_U8
#define KERNELS_SUM_U8 sum_u8
#endif
#ifndef KERNELS_DECIMATE
#define KERNELS_DECIMATE decimate
#endif
#ifndef KERNELS_DECIMATE_U8
#define KERNELS_DECIMATE_U8 decimate_u8
#endif
#ifndef KERNELS_TONE_BLOCK
#define KERNELS_TONE_BLOCK tone_block
#endif

const struct kernels KERNELS_SYMBOL = {
    .name = KERNELS_NAME,
    .from_u8 = from_u8,
    .from_s16 = from_s16,
    .from_f32 = from_f32,
    .sum_u8 = KERNELS_SUM_U8,
    .sum_s16 = sum_s16,
    .sum_f32 = sum_f32,
    .decimate = KERNELS_DECIMATE,
    .decimate_u8 = KERNELS_DECIMATE_U8,
    .gate_sums = gate_sums,
    .spectra_u8 = spectra_u8,
    .spectra_s16 = spectra_s16,
    .tone_turn = tone_turn,
    .tone_block = KERNELS_TONE_BLOCK,
    .tone_add = tone_add,
    .tone_sum = tone_sum,
    .tone_sum_turned = tone_sum_turned,
    .tone_any = tone_any,
    .tone_any_pair = tone_any_pair,
    .turn_row = turn_row,
    .dot = dot,
    .training_rows = training_rows,
    .training_turn_off = training_turn_off,
    .cpfsk_interpolate = interpolate,
    .cpfsk_correlate = correlate,
    .cpfsk_forward_push = forward_push,
    .cpfsk_alpha_pass = alpha_pass,
    .cpfsk_beta_pass = beta_pass,
};
