/* SPDX-License-Identifier: MIT
 * The last tenths of a second of the stream: bytes as unsigned bytes, all else as integers without
 * their mean. Samples are taken in hops of a fixed length, so that nothing depends on how they
 * arrive. */
#ifndef APPS_RECEIVER_SAMPLE_RING_H
#define APPS_RECEIVER_SAMPLE_RING_H

#include <stdbool.h>

#include "dsp/fsk_demod.h" /* iq_span */
#include "dsp/iq.h"
#include "dsp/kernels/kernels.h"

/* Samples taken at once: frames found in them are reported when the last one is there. */
enum { SAMPLE_RING_HOP = 4096 };

struct sample_ring;

/* Holds at least n samples. NULL without memory. */
struct sample_ring *sample_ring_open(enum iq_format format, bool iq_swap, size_t n,
                                     const struct kernels *kernels);
void sample_ring_close(struct sample_ring *ring);
/* Takes no mean off: a filter did, or what is left of it is a signal. */
void sample_ring_keep_mean(struct sample_ring *ring);

/* The stream starts, or goes on after a gap, with this sample; before it was silence. */
void sample_ring_reset(struct sample_ring *ring, uint64_t first_sample);

/* Takes samples up to the end of the hop that is being filled; returns how many. */
size_t sample_ring_push(struct sample_ring *ring, const void *iq, size_t n);
/* Fills the hop that is begun with silence, and at least n samples more. */
void sample_ring_finish(struct sample_ring *ring, size_t n);

/* Samples of the stream before this index can be read. */
uint64_t sample_ring_end(const struct sample_ring *ring);
/* The same without the silence that sample_ring_finish added. */
uint64_t sample_ring_source_end(const struct sample_ring *ring);
/* Samples that it holds at most. */
size_t sample_ring_capacity(const struct sample_ring *ring);
/* Integer that stands for 1.0, the amplitude of a tone of full scale. */
float sample_ring_full_scale(const struct sample_ring *ring);

/* Are they bytes? dc: their mean, of late; scale: integers each counts for. */
bool sample_ring_bytes(const struct sample_ring *ring, float dc[2], float *scale);

/* Samples first ... first + n - 1 as they are kept, uint8_t or int16_t: where they stand, or, if
 * they do not stand in one piece, copied to scratch[2 * n]. Silence for what is before the start.
 */
const void *sample_ring_view(const struct sample_ring *ring, int64_t first, size_t n,
                             int16_t *scratch);
/* What is there of samples first ... last, at most capacity, as integers without their mean; valid
 * until the next push. */
struct iq_span sample_ring_span(const struct sample_ring *ring, double first, double last,
                                int16_t *scratch, size_t capacity);

#endif
