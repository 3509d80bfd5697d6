/* SPDX-License-Identifier: MIT */
#include "apps/config/selection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

/* ELS 12345678, type 03. */
static const struct address gas = { 0x1593, { 0x78, 0x56, 0x34, 0x12 }, 0x33, 0x03 };

static void test_patterns(void **state)
{
    (void)state;
    static const struct {
        const char *what, *pattern;
        bool parsed, fits;
    } rows[] = {
        { "number", "12345678", true, true },
        { "another number", "12345679", true, false },
        { "manufacturer", "els", true, true },
        { "another manufacturer", "KAM", true, false },
        { "type", "03", true, true },
        { "another type", "04", true, false },
        { "all three", " 03  ELS 12345678 ", true, true },
        { "one of two", "ELS 04", true, false },
        { "empty", "", false, false },
        { "blanks", "  ", false, false },
        { "twice", "ELS KAM", false, false },
        { "no hex", "0g", false, false },
        { "a word", "water", false, false },
        { "long", "123456789", false, false },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        print_message("%s\n", rows[i].what);
        static struct selection s;
        memset(&s, 0, sizeof s);
        assert_int_equal(meter_patterns_add(&s.include, rows[i].pattern), rows[i].parsed);
        if (!rows[i].parsed)
            continue;
        assert_int_equal(selection_wants(&s, &gas), rows[i].fits);
        s.exclude = s.include;
        assert_false(selection_wants(&s, &gas));
        s.include.n = 0;
        assert_int_equal(selection_wants(&s, &gas), !rows[i].fits);
    }
}

static void test_patterns_are_bounded(void **state)
{
    (void)state;
    static struct meter_patterns patterns;
    for (int i = 0; i < SELECTION_MAX_PATTERNS; i++)
        assert_true(meter_patterns_add(&patterns, "KAM"));
    assert_false(meter_patterns_add(&patterns, "KAM"));
}

static void test_policies(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        enum tell_when when;
    } rows[] = {
        { "all", true, TELL_ALL },        { "changes", true, TELL_CHANGES },
        { "60", true, TELL_AT_MOST },     { "1000000", true, TELL_AT_MOST },
        { "0", false, TELL_AS_DEFAULT },  { "1.5", false, TELL_AS_DEFAULT },
        { "-1", false, TELL_AS_DEFAULT }, { "", false, TELL_AS_DEFAULT },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        print_message("%s\n", rows[i].text);
        struct tell_policy policy = { .when = TELL_AS_DEFAULT };
        assert_int_equal(tell_policy_parse(rows[i].text, &policy), rows[i].ok);
        assert_int_equal(policy.when, rows[i].when);
    }
}

static struct heard heard;
static struct selection selection;

/* Is it told, at t_s, with these readings? */
static bool tells(double t_s, int total, const char *clock)
{
    static struct telegram t;
    t = (struct telegram){ .meter = gas, .media = "gas", .kind = "unknown", .n_readings = 2 };
    t.readings[0] =
        (struct reading){ .name = "total_volume_m3", .kind = READING_NUMBER, .mantissa = total };
    t.readings[1] = (struct reading){ .name = "meter_datetime", .kind = READING_TEXT };
    snprintf(t.readings[1].text, sizeof t.readings[1].text, "%s", clock);
    return selection_tells(&selection, &t, heard_add(&heard, &t, (int64_t)(t_s * 1e6)));
}

static void set(const char *policy, const char *of_meter)
{
    struct meter_config meter = { .id = { 0x78, 0x56, 0x34, 0x12 }, .n_keys = 1 };
    struct tell_policy own = { .when = TELL_AS_DEFAULT };
    heard_deinit(&heard);
    assert_true(heard_init(&heard));
    selection.policy.when = TELL_AS_DEFAULT;
    assert_true(!*policy || tell_policy_parse(policy, &selection.policy));
    assert_true(!*of_meter || tell_policy_parse(of_meter, &own));
    assert_true(selection_set_meters(&selection, &meter, &own, 1));
    assert_int_equal(selection.meters.meters[0].n_keys, 0); /* none of its business */
}

static void test_tells(void **state)
{
    (void)state;
    set("", "");
    assert_true(tells(0, 1, "a") && tells(1, 1, "a"));
    set("changes", "");
    assert_true(tells(0, 1, "a"));
    assert_false(tells(1, 1, "a"));
    assert_false(tells(2, 1, "b")); /* the clock alone is no change */
    assert_true(tells(3, 2, "b"));
    assert_false(tells(4, 2, "b"));
    set("changes", "10"); /* the meter's own comes first */
    assert_true(tells(0, 1, "a"));
    assert_false(tells(9.9, 2, "a"));
    assert_true(tells(10, 2, "a"));
    assert_false(tells(19, 2, "a"));
    assert_true(tells(5, 2, "a")); /* a clock that was put back */
    assert_false(tells(6, 2, "a"));
    set("10", "all");
    assert_true(tells(0, 1, "a") && tells(1, 1, "a"));
    selection_deinit(&selection);
    heard_deinit(&heard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_patterns_are_bounded),
        cmocka_unit_test(test_policies),
        cmocka_unit_test(test_tells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
