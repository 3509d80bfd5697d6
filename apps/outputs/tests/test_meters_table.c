/* SPDX-License-Identifier: MIT */
#include "apps/outputs/meters_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

static const struct heard_meter kitchen = {
    .address = { .manufacturer = 0x1593, .id = { 0x78, 0x56, 0x34, 0x12 } },
    .name = "kitchen",
    .media = "cold water",
    .mode = "T1",
    .snr_db = 20.25F,
    .offset_hz = -10,
    .first_us = 0,
    .last_us = 160000000,
    .seen = 9,
    .interval_s = 16,
    .reading = "total 28504.27 m\xc2\xb3",
};
static const struct heard_meter nameless = {
    .media = "gas", .seen = 1, .encrypted = true, .reading = "\033[2J"
};

static void assert_lines(int width, const char *titles, const char *first, const char *second)
{
    const struct heard_meter *const meters[] = { &kitchen, &nameless };
    struct meters_table table;
    char line[METERS_LINE_SIZE];
    meters_table_init(&table, meters, ARRAY_LEN(meters), 161000000, width);
    meters_table_titles(&table, line);
    assert_string_equal(line, titles);
    meters_table_line(&table, meters[0], line);
    assert_string_equal(line, first);
    meters_table_line(&table, meters[1], line);
    assert_string_equal(line, second);
}

/* The reading is seen, however narrow the terminal. */
static void test_widths(void **state)
{
    (void)state;
    assert_lines(200,
                 "meter    id        maker  kind        mode  key    interval  seen/exp.  SNR dB  "
                 "offset kHz  ago s  last reading",
                 "kitchen  12345678  ELS    cold water  T1    clear      16 s       9/11    20.2  "
                 "       0.0      1  total 28504.27 m\xc2\xb3",
                 "         00000000  ???    gas               no                       1     0.0  "
                 "       0.0    161  ?[2J");
    assert_lines(
        80, "meter    id        kind        key    seen/exp.  SNR dB  last reading",
        "kitchen  12345678  cold water  clear       9/11    20.2  total 28504.27 m\xc2\xb3",
        "         00000000  gas         no             1     0.0  ?[2J");
    assert_lines(1, "meter    id        last reading",
                 "kitchen  12345678  total 28504.27 m\xc2\xb3", "         00000000  ?[2J");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_widths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
