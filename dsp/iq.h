/* SPDX-License-Identifier: MIT
 * The words every stage shares: samples as they left a source, and soft chips as they leave a
 * demodulator. */
#ifndef DSP_IQ_H
#define DSP_IQ_H

#include <stddef.h>
#include <stdint.h>

enum iq_format { IQ_CU8, IQ_CS8, IQ_CS16, IQ_CF32 };

/* Bytes of one complex sample. */
static inline size_t iq_sample_bytes(enum iq_format format)
{
    return format == IQ_CF32 ? 8 : format == IQ_CS16 ? 4 : 2;
}

/* A piece of the stream as it left its source; its format is the stream's. */
struct iq_block {
    const void *iq;        /* [2 * n] I, Q interleaved                                          */
    size_t n;              /* complex samples                                                   */
    uint64_t first_sample; /* index since the stream started, lost ones counted                 */
    uint64_t lost;         /* samples lost just before it; 0 = no gap                           */
    int64_t t_us;          /* when the first sample was taken, since 1970 UTC; 0 = not known    */
};

typedef int8_t soft_chip_t; /* -127 sure 0 ... +127 sure 1 */

/* Chips of one burst, from the first chip after the training sequence on. */
struct chip_span {
    const soft_chip_t *chips; /* [n] in time order */
    size_t n;
    float llr_per_step; /* natural-log likelihood ratio that one step of a soft chip stands for */
    /* By how much the span is less likely with n chips inverted, in ascending order, as a natural
     * logarithm; negative: likelier. The carrier is looked at anew around them: more exact than the
     * sum of soft chips. INFINITY: a chip that is not there. Valid until the demodulator takes
     * another burst; NULL: not known. */
    float (*cost_of)(void *demod, const uint32_t *chips, size_t n);
    void *demod;
};

#endif
