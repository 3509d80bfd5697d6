/* SPDX-License-Identifier: MIT
 * Streams of the signal generator for tests of the receiver: a few telegrams each, one thing made
 * difficult at a time. How often telegrams get through at the limit is bench_sensitivity's matter;
 * here everything must. */
#ifndef APPS_RECEIVER_TESTS_STREAM_H
#define APPS_RECEIVER_TESTS_STREAM_H

#include "apps/generator/air.h"
#include "apps/receiver/receiver.h"

enum {
    T1,
    C1_A,
    C1_B,
    N_MODES,
    S1 = N_MODES,
    C2_A,
    C2_B,
    R2,
    N2400_A,
    N2400_B,
    N4800_A,
    N4800_B,
    F2_A,
    F2_B,
    MAX_SENT = 8,
    MAX_HEARD = 64
};

static const double channel_hz = 868.95e6;
static const double byte_step = 1 / 127.5; /* of cu8, full scale being 1 */

/* All that a test may change; zero and the defaults of plain() are an easy stream. */
struct stream {
    double rate_sps, center_hz;
    enum iq_format format;
    double amplitude, ecn0_db;
    double gain, dc_i, dc_q;
    bool mirrored;     /* I and Q exchanged */
    double duration_s; /* 0: to 3 ms behind the last transmission */
    struct transmission sent[MAX_SENT];
    size_t n_sent;
};

struct stream plain(void);

/* Adds a telegram of n bytes; the same seed gives the same bytes. */
struct burst *add(struct stream *s, size_t mode, size_t n, uint64_t seed, double time_s);

/* One of each mode. */
struct stream one_each(void);

/* What write_stream wrote last. */
extern uint8_t *samples;
extern size_t n_samples;

void write_stream(struct stream *s);

struct heard {
    struct frame frames[MAX_HEARD];
    size_t n, n_bad;
    struct receiver_stats stats;
};

/* A receiver's callback: adds the frame to the struct heard that user is. */
void keep(void *user, const struct frame *frame);

/* samples, given in pushes of that many. */
void receive(const struct receiver_config *config, size_t push, struct heard *to);

/* What hear() heard last. */
extern struct heard heard;

void hear(struct stream *s);

double first_chip(const struct stream *s, const struct transmission *t);

/* The frame of this transmission, as heard: right in every byte, at the right time; or NULL. */
const struct frame *frame_of(const struct stream *s, const struct transmission *t);

/* Everything that was sent, each once, and nothing else. */
void assert_all_heard(struct stream *s, const char *what);

/* A group's teardown: frees samples. */
int free_samples(void **state);

#endif
