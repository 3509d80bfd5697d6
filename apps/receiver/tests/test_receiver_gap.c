/* SPDX-License-Identifier: MIT
 * Samples that are missing, and who asks what the receiver is doing. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "apps/receiver/tests/stream.h"

/* Hears the stream without what lies between these times. */
static struct receiver_stats hear_without(const struct stream *s, double from_s, double to_s)
{
    const struct receiver_config config = { .center_hz = s->center_hz,
                                            .sample_rate_sps = s->rate_sps,
                                            .format = s->format };
    const size_t from = (size_t)(from_s * s->rate_sps), to = (size_t)(to_s * s->rate_sps);
    struct err err;
    memset(&heard, 0, sizeof heard);
    struct receiver *r = receiver_open(&config, keep, &heard, &err);
    assert_non_null(r);
    receiver_push(r, samples, from);
    receiver_skip(r, to - from);
    receiver_push(r, samples + 2 * to, n_samples - to);
    receiver_flush(r);
    const struct receiver_stats stats = *receiver_stats(r);
    receiver_close(r);
    assert_int_equal(stats.samples, n_samples - (to - from));
    assert_int_equal(stats.samples_lost, to - from);
    return stats;
}

/* Behind a gap times are those of the stream, and nothing of before is left. */
static void test_gap(void **state)
{
    (void)state;
    struct stream s = plain();
    s.duration_s = 0.3;
    add(&s, T1, 31, 1, 0.05);
    add(&s, C1_A, 200, 2, 0.12); /* ends in the gap */
    add(&s, C1_A, 47, 3, 0.25);
    write_stream(&s);
    hear_without(&s, 0.125, 0.1800001);
    assert_int_equal(heard.n, 2);
    assert_non_null(frame_of(&s, &s.sent[0]));
    assert_non_null(frame_of(&s, &s.sent[2]));
}

/* The same of a channel that is received from a narrow band. The telegram before the gap is sent
 * once more right behind it: it counts, as the stream went on. */
static void test_gap_in_a_narrow_band(void **state)
{
    (void)state;
    struct stream s = plain();
    s.rate_sps = 0.8e6;
    s.center_hz = 169.6e6;
    s.duration_s = 1.1;
    add(&s, N2400_A, 20, 1, 0.1)->offset_hz = -6.25e3;
    add(&s, N4800_B, 30, 2, 0.35)->offset_hz = 6.25e3; /* ends in the gap */
    add(&s, N2400_A, 20, 1, 0.8)->offset_hz = -6.25e3;
    write_stream(&s);
    const struct receiver_stats stats = hear_without(&s, 0.38, 0.7000007);
    assert_int_equal(heard.n, 2);
    assert_int_equal(stats.duplicates, 0);
    assert_non_null(frame_of(&s, &s.sent[0]));
    heard.frames[0] = heard.frames[1];
    assert_non_null(frame_of(&s, &s.sent[2]));
}

/* The same stream from its start again, by a receiver that has fallen asleep in it: it hears the
 * same, once more. */
static void test_starts_anew(void **state)
{
    (void)state;
    struct stream s = plain();
    s.duration_s = 2;
    add(&s, T1, 31, 1, 0.05);
    write_stream(&s);
    const struct receiver_config config = { .center_hz = s.center_hz,
                                            .sample_rate_sps = s.rate_sps,
                                            .format = s.format,
                                            .modes = radio_modes_parse("T") };
    struct err err;
    memset(&heard, 0, sizeof heard);
    struct receiver *r = receiver_open(&config, keep, &heard, &err);
    assert_non_null(r);
    receiver_push(r, samples, n_samples);
    assert_true(receiver_is_idle(r));
    assert_int_equal(heard.n, 1);
    receiver_reset(r, 0);
    assert_false(receiver_is_idle(r));
    receiver_push(r, samples, n_samples / 8);
    receiver_flush(r);
    receiver_close(r);
    assert_int_equal(heard.n, 2);
    assert_true(heard.frames[0].rx.first_chip_sample == heard.frames[1].rx.first_chip_sample);
}

static unsigned seen_stages, named_stages;

static void note_stage(void *user, enum receiver_stage stage, const char *channel)
{
    assert_ptr_equal(user, &seen_stages);
    assert_true(!channel || strcmp(channel, "T/C") == 0);
    seen_stages |= 1u << stage;
    named_stages |= channel ? 1u << stage : 0;
}

/* All stages of a telegram are told; two of them are no channel's. */
static void test_stages(void **state)
{
    (void)state;
    static const unsigned of_all = 1u << STAGE_INPUT | 1u << STAGE_ACTIVITY;
    static const unsigned all = (1u << RECEIVER_STAGES) - 1;
    struct stream s = one_each();
    const struct receiver_config config = { .center_hz = s.center_hz,
                                            .sample_rate_sps = s.rate_sps,
                                            .format = s.format,
                                            .modes = radio_modes_parse("T") };
    struct err err;
    write_stream(&s);
    struct receiver *r = receiver_open(&config, keep, &heard, &err);
    assert_non_null(r);
    receiver_watch_stages(r, &(struct stage_watch){ note_stage, &seen_stages });
    receiver_push(r, samples, n_samples);
    receiver_flush(r);
    receiver_close(r);
    assert_int_equal(seen_stages, all);
    assert_int_equal(named_stages, all & ~of_all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gap),
        cmocka_unit_test(test_gap_in_a_narrow_band),
        cmocka_unit_test(test_starts_anew),
        cmocka_unit_test(test_stages),
    };
    return cmocka_run_group_tests(tests, NULL, free_samples);
}
