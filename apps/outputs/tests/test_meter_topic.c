/* SPDX-License-Identifier: MIT */
#include "apps/outputs/meter_topic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/array_len.h"

/* Addresses that differ in anything have topics that differ. */
static void test_each_has_its_own(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        struct address meter;
        const char *topic;
    } rows[] = {
        { "a meter", { 0x1593, { 0x78, 0x56, 0x34, 0x12 }, 0x33, 0x03 }, "els_12345678_33_03" },
        { "another type",
          { 0x1593, { 0x78, 0x56, 0x34, 0x12 }, 0x33, 0x06 },
          "els_12345678_33_06" },
        { "another version",
          { 0x1593, { 0x78, 0x56, 0x34, 0x12 }, 0xA0, 0x03 },
          "els_12345678_a0_03" },
        { "a number in hex", { 0x1593, { 0xEF, 0, 0, 0xFF }, 0x33, 0x03 }, "els_ff0000ef_33_03" },
        { "unique only within range",
          { 0x9593, { 0x78, 0x56, 0x34, 0x12 }, 0x33, 0x03 },
          "9593_12345678_33_03" },
        { "no letters", { 0x0000, { 0x78, 0x56, 0x34, 0x12 }, 0x33, 0x03 }, "0000_12345678_33_03" },
        { "none either",
          { 0xFFFF, { 0x78, 0x56, 0x34, 0x12 }, 0xFF, 0xFF },
          "ffff_12345678_ff_ff" },
    };
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        char text[METER_TOPIC_SIZE];
        print_message("%s\n", rows[r].what);
        meter_topic_text(&rows[r].meter, text);
        assert_string_equal(text, rows[r].topic);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_each_has_its_own) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
