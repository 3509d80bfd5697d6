/* SPDX-License-Identifier: MIT
 * The stores of fixed size: messages in fragments, and message counters. What the layers above make
 * of them is in test_decoder_fragments and test_security. */
#include "decode/fragments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decode/counters.h"

static struct fragments fragments;
static struct counters counters;

static int fresh(void **state)
{
    (void)state;
    memset(&fragments, 0, sizeof fragments);
    memset(&counters, 0, sizeof counters);
    return 0;
}

static struct address sender(unsigned number)
{
    return (struct address){ .manufacturer = 0x1593,
                             .id = { (uint8_t)number, (uint8_t)(number >> 8) } };
}

static enum decode_status push(unsigned from, uint8_t number, bool more, const char *text,
                               int64_t t_us, const struct fragments_message **message)
{
    struct address address = sender(from);
    struct afl afl = { .fragment = number, .more_fragments = more };
    return fragments_push(&fragments, &address, &afl, (const uint8_t *)text, strlen(text), t_us,
                          message);
}

static void senders_do_not_mix(void **state)
{
    const struct fragments_message *message;
    (void)state;
    for (unsigned s = 0; s < FRAGMENTS_MESSAGES; s++)
        assert_int_equal(push(s, 1, true, "abc", s, &message), DECODE_WAITING_FRAGMENT);
    for (unsigned s = 0; s < FRAGMENTS_MESSAGES; s++) {
        assert_int_equal(push(s, 2, false, "de", 100, &message), DECODE_OK);
        assert_int_equal(message->n, 5);
        assert_memory_equal(message->bytes, "abcde", 5);
        assert_int_equal(push(s, 2, false, "de", 100, &message), DECODE_WAITING_FRAGMENT);
    }
}

/* Whichever it is. */
static void the_oldest_message_goes(void **state)
{
    const struct fragments_message *message;
    for (unsigned oldest = 0; oldest < FRAGMENTS_MESSAGES; oldest++) {
        fresh(state);
        for (unsigned s = 0; s <= FRAGMENTS_MESSAGES; s++)
            assert_int_equal(push(s, 1, true, "a", s == oldest ? 1 : 2 + s, &message),
                             DECODE_WAITING_FRAGMENT);
        for (unsigned s = 0; s <= FRAGMENTS_MESSAGES; s++)
            assert_int_equal(push(s, 2, false, "b", 50, &message),
                             s == oldest ? DECODE_WAITING_FRAGMENT : DECODE_OK);
    }
}

static void half_a_minute_is_too_long(void **state)
{
    static const struct {
        int64_t first_us, then_us;
        enum decode_status status;
    } rows[] = {
        { 0, 30000000, DECODE_OK },
        { 0, 30000001, DECODE_WAITING_FRAGMENT },
        { 1, 0, DECODE_WAITING_FRAGMENT }, /* a clock that was set back */
        { INT64_MIN, INT64_MAX, DECODE_WAITING_FRAGMENT },
        { INT64_MIN, INT64_MIN + 1, DECODE_OK },
    };
    const struct fragments_message *message;
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        push(1, 1, true, "a", rows[r].first_us, &message);
        assert_int_equal(push(1, 2, false, "b", rows[r].then_us, &message), rows[r].status);
    }
}

static void a_new_first_fragment_begins_anew(void **state)
{
    const struct fragments_message *message;
    (void)state;
    push(1, 1, true, "old", 0, &message);
    push(1, 2, true, "er", 1, &message);
    assert_int_equal(push(1, 1, true, "new", 2, &message), DECODE_WAITING_FRAGMENT);
    assert_int_equal(push(1, 2, false, "est", 3, &message), DECODE_OK);
    assert_memory_equal(message->bytes, "newest", 6);
    assert_int_equal(push(1, 0, true, "x", 4, &message), DECODE_BAD_LENGTH);
}

/* What a repeater sends once more counts once; another first fragment begins another message. */
static void copies_and_gaps(void **state)
{
    static const struct {
        const char *what, *again;
        uint8_t last;
        const char *whole; /* NULL: it never is */
    } rows[] = {
        { "a copy", "abc", 3, "abcdef" },
        { "another of the same length", "xyz", 3, "xyzdef" },
        { "a longer one", "abcd", 3, "abcddef" },
        { "a gap", "abc", 4, NULL },
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        const struct fragments_message *message;
        print_message("%s\n", rows[r].what);
        fresh(state);
        push(1, 1, true, "abc", 0, &message);
        push(1, 1, true, rows[r].again, 1, &message);
        assert_int_equal(push(1, 2, true, "d", 2, &message), DECODE_WAITING_FRAGMENT);
        assert_int_equal(push(1, 2, true, "d", 3, &message), DECODE_WAITING_FRAGMENT);
        assert_int_equal(push(1, rows[r].last, false, "ef", 4, &message),
                         rows[r].whole ? DECODE_OK : DECODE_WAITING_FRAGMENT);
        if (rows[r].whole) {
            assert_int_equal(message->n, strlen(rows[r].whole));
            assert_memory_equal(message->bytes, rows[r].whole, message->n);
        }
        /* what was begun is dropped */
        assert_int_equal(push(1, 3, false, "ef", 5, &message), DECODE_WAITING_FRAGMENT);
    }
}

/* A fragment that was undone may come again, whichever it was; what was kept stays. */
static void undone(void **state)
{
    const struct fragments_message *message;
    for (uint8_t number = 1; number <= 3; number++) {
        fresh(state);
        for (uint8_t k = 1; k <= 3; k++) {
            fragments_keep(&fragments);
            enum decode_status status = push(1, k, k < 3, "ab", k, &message);
            if (k == number) {
                fragments_undo(&fragments);
                fragments_undo(&fragments); /* nothing is left to undo */
                if (k == 1)                 /* nobody waits for the second */
                    push(1, 2, false, "no", k, &message);
                status = push(1, k, k < 3, "cd", k, &message);
            }
            assert_int_equal(status, k < 3 ? DECODE_WAITING_FRAGMENT : DECODE_OK);
        }
        assert_int_equal(message->n, 6);
        assert_memory_equal(message->bytes + 2 * (number - 1), "cd", 2);
    }
    fresh(state);
    push(1, 1, true, "ab", 0, &message);
    fragments_keep(&fragments);
    fragments_undo(&fragments);
    assert_int_equal(push(1, 2, false, "cd", 0, &message), DECODE_OK);
}

/* A gap that was undone leaves what was begun. */
static void an_undone_gap(void **state)
{
    const struct fragments_message *message;
    (void)state;
    push(1, 1, true, "ab", 0, &message);
    fragments_keep(&fragments);
    assert_int_equal(push(1, 3, false, "no", 1, &message), DECODE_WAITING_FRAGMENT);
    fragments_undo(&fragments);
    assert_int_equal(push(1, 2, false, "cd", 2, &message), DECODE_OK);
    assert_memory_equal(message->bytes, "abcd", 4);
}

static void longer_than_the_room(void **state)
{
    static char text[TELEGRAM_MAX_PAYLOAD / 4 + 1];
    const struct fragments_message *message;
    (void)state;
    memset(text, 'x', sizeof text - 1);
    for (uint8_t number = 1; number <= 4; number++)
        assert_int_equal(push(1, number, true, text, 0, &message), DECODE_WAITING_FRAGMENT);
    assert_int_equal(push(1, 5, true, "y", 0, &message), DECODE_BAD_LENGTH);
    assert_int_equal(push(1, 6, false, "", 0, &message), DECODE_WAITING_FRAGMENT);
}

/* ML counts the message, or the message and a MAC that follows it. */
static void length_of_the_message(void **state)
{
    static const struct {
        uint16_t ml;
        enum decode_status status;
    } rows[] = {
        { 6, DECODE_OK }, { 14, DECODE_OK }, { 5, DECODE_BAD_LENGTH }, { 7, DECODE_BAD_LENGTH }
    };
    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        const struct fragments_message *message;
        struct address address = sender(1);
        struct afl first = {
            .fragment = 1, .more_fragments = true, .has_ml = true, .ml = rows[r].ml
        };
        struct afl last = { .fragment = 2, .mac_n = 8 };
        fragments_push(&fragments, &address, &first, (const uint8_t *)"abc", 3, 0, &message);
        assert_int_equal(
            fragments_push(&fragments, &address, &last, (const uint8_t *)"def", 3, 0, &message),
            rows[r].status);
    }
}

static void counters_of_many_meters(void **state)
{
    enum { MANY = 5 * COUNTERS_SETS * COUNTERS_WAYS };
    (void)state;
    for (unsigned i = 0; i < MANY; i++) {
        struct address meter = sender(i);
        meter.id[2] = (uint8_t)(i >> 16);
        assert_false(counters_step_back(&counters, &meter, 10 + i));
        assert_false(counters_step_back(&counters, &meter, 10 + i));
        assert_true(counters_step_back(&counters, &meter, 9 + i));
        assert_false(counters_step_back(&counters, &meter, 11 + i));
    }
    struct address last = sender(MANY - 1);
    last.id[2] = (uint8_t)((MANY - 1) >> 16);
    assert_true(counters_step_back(&counters, &last, 0));
    last.device_type = 7; /* another meter */
    assert_false(counters_step_back(&counters, &last, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(senders_do_not_mix, fresh),
        cmocka_unit_test_setup(the_oldest_message_goes, fresh),
        cmocka_unit_test_setup(half_a_minute_is_too_long, fresh),
        cmocka_unit_test_setup(a_new_first_fragment_begins_anew, fresh),
        cmocka_unit_test_setup(copies_and_gaps, fresh),
        cmocka_unit_test_setup(undone, fresh),
        cmocka_unit_test_setup(an_undone_gap, fresh),
        cmocka_unit_test_setup(longer_than_the_room, fresh),
        cmocka_unit_test_setup(length_of_the_message, fresh),
        cmocka_unit_test_setup(counters_of_many_meters, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
