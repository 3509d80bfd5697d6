/* SPDX-License-Identifier: MIT */
#include "apps/receiver/tests/stream.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/generator/iq_write.h"
#include "decode/random_telegram.h"

struct stream plain(void)
{
    return (struct stream){ .rate_sps = 1.6e6,
                            .center_hz = channel_hz,
                            .format = IQ_CU8,
                            .amplitude = 8 * byte_step,
                            .ecn0_db = 18,
                            .gain = 1 };
}

struct burst *add(struct stream *s, size_t mode, size_t n, uint64_t seed, double time_s)
{
    assert_true(s->n_sent < MAX_SENT);
    struct transmission *t = &s->sent[s->n_sent++];
    random_telegram(seed, t->telegram, n);
    t->burst =
        (struct burst){ .mode = &radio_modes[radio_channels[0].first_mode + mode],
                        .n = n,
                        .amplitude = s->amplitude,
                        .phase_rad = (double)seed,
                        .bt = mode == T1 || mode == S1 || mode == R2 || mode >= F2_A ? 0 : 0.5,
                        .preamble_pairs = mode == T1 ? 24 : 0,
                        .postamble_chips = 2 };
    t->time_s = time_s;
    return &t->burst;
}

struct stream one_each(void)
{
    struct stream s = plain();
    add(&s, T1, 31, 1, 0.004);
    add(&s, C1_A, 47, 2, 0.013);
    add(&s, C1_B, 60, 3, 0.024);
    return s;
}

uint8_t *samples;
size_t n_samples;

void write_stream(struct stream *s)
{
    enum { PIECE = 4096 };
    static float i[PIECE], q[PIECE];
    size_t bad;
    struct burst reference = { .mode = &radio_modes[0], .amplitude = s->amplitude };
    const struct air_config config = {
        .sample_rate_sps = s->rate_sps,
        .center_hz = s->center_hz,
        .noise_sigma = burst_noise_sigma(&reference, s->ecn0_db, s->rate_sps),
        .gain = s->gain,
        .dc_i = s->dc_i,
        .dc_q = s->dc_q,
        .noise_seed = 1,
    };
    struct air *air = air_open(&config, s->sent, s->n_sent, &bad);
    assert_non_null(air);
    n_samples = s->duration_s > 0 ? (size_t)(s->duration_s * s->rate_sps)
                                  : (size_t)air_end_sample(air) + (size_t)(0.003 * s->rate_sps);
    const size_t bytes = iq_sample_bytes(s->format);
    samples = realloc(samples, n_samples * bytes);
    assert_non_null(samples);
    for (size_t at = 0; at < n_samples;) {
        const size_t n = n_samples - at < PIECE ? n_samples - at : PIECE;
        assert_true(air_read(air, i, q, n));
        iq_write(s->format, s->mirrored ? q : i, s->mirrored ? i : q, n, samples + at * bytes);
        at += n;
    }
    air_close(air);
}

void keep(void *user, const struct frame *frame)
{
    struct heard *to = user;
    if (frame->status != DECODE_OK) {
        to->n_bad++;
        return;
    }
    assert_true(to->n < MAX_HEARD);
    to->frames[to->n++] = *frame;
}

void receive(const struct receiver_config *config, size_t push, struct heard *to)
{
    struct err err;
    memset(to, 0, sizeof *to);
    struct receiver *r = receiver_open(config, keep, to, &err);
    if (!r)
        fail_msg("%s", err.text);
    const size_t bytes = iq_sample_bytes(config->format);
    for (size_t at = 0; at < n_samples; at += push)
        receiver_push(r, samples + at * bytes, n_samples - at < push ? n_samples - at : push);
    receiver_flush(r);
    to->stats = *receiver_stats(r);
    receiver_close(r);
    assert_int_equal(to->stats.samples, n_samples);
    assert_int_equal(to->stats.frames_ok, to->n);
    assert_int_equal(to->stats.frames_bad_crc, to->n_bad);
}

struct heard heard;

void hear(struct stream *s)
{
    const struct receiver_config config = { .center_hz = s->center_hz,
                                            .sample_rate_sps = s->rate_sps,
                                            .format = s->format,
                                            .iq_swap = s->mirrored };
    write_stream(s);
    receive(&config, 65536, &heard);
}

double first_chip(const struct stream *s, const struct transmission *t)
{
    return t->time_s * s->rate_sps;
}

const struct frame *frame_of(const struct stream *s, const struct transmission *t)
{
    for (size_t k = 0; k < heard.n; k++) {
        const struct frame *f = &heard.frames[k];
        const double late = f->rx.first_chip_sample - first_chip(s, t);
        if (fabs(late) < 2e-5 * s->rate_sps && f->n == t->burst.n &&
            memcmp(f->bytes + 1, t->telegram + 1, f->n - 1) == 0 &&
            strcmp(f->rx.mode, t->burst.mode->name) == 0 && f->format == t->burst.mode->format)
            return f;
    }
    return NULL;
}

void assert_all_heard(struct stream *s, const char *what)
{
    hear(s);
    size_t missing = 0;
    for (size_t k = 0; k < s->n_sent; k++)
        missing += frame_of(s, &s->sent[k]) == NULL;
    if (missing || heard.n != s->n_sent)
        fail_msg("%s: %zu of %zu missing, %zu heard", what, missing, s->n_sent, heard.n);
}

int free_samples(void **state)
{
    (void)state;
    free(samples);
    samples = NULL;
    return 0;
}
