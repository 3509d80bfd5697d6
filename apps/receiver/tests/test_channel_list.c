/* SPDX-License-Identifier: MIT
 * Channels as they are written, those of the standard, and which of them a recording holds. */
#include "apps/receiver/channel_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"
#include "base/array_len.h"

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *what, *text, *list; /* NULL: refused */
    } rows[] = {
        { "a letter", "T@434.475M", "T/C at 434.475 MHz" },
        { "two modes of one channel", "T1,C1@868.95M", "T/C at 868.95 MHz" },
        { "a letter with two physical layers", "C@169.4M", "T/C at 169.4 MHz, C2 at 169.4 MHz" },
        { "in hertz", "S1@868300000", "S at 868.3 MHz" },
        { "no frequency", "T@", NULL },
        { "nothing behind the modes", "T", NULL },
        { "no modes", "@868.95M", NULL },
        { "no such mode", "X@868.95M", NULL },
        { "negative", "T@-868.95M", NULL },
        { "zero", "T@0", NULL },
        { "above all radio", "T@1e300", NULL },
        { "no number", "T@abc", NULL },
        { "two frequencies", "T@868.95M@1", NULL },
        { "longer than any", "T,T,T,T,T,T,T,T,T,T,T,T,T,T,T,T,T,T,T,T,T,T,T@868.95M", NULL },
        { "empty", "", NULL },
    };
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct channel_list list = { .n = 0 };
        struct err err = { .exit_code = EXIT_OK };
        char text[100];
        print_message("%s: %s\n", rows[r].what, rows[r].text);
        assert_int_equal(channel_list_parse(&list, rows[r].text, &err), rows[r].list != NULL);
        channel_list_text(&list, text, sizeof text);
        assert_string_equal(text, rows[r].list ? rows[r].list : "");
        assert_int_equal(err.exit_code, rows[r].list ? EXIT_OK : EXIT_USAGE);
    }
}

/* The same channel twice is one, with the modes of both. */
static void test_no_channel_twice(void **state)
{
    (void)state;
    struct channel_list list = { .n = 0 };
    struct err err;
    assert_true(channel_list_parse(&list, "T@868.95M", &err));
    assert_true(channel_list_parse(&list, "T@434.475M", &err));
    channel_list_add_modes(&list, radio_modes_parse("C1"));
    assert_int_equal(list.n, 2);
    assert_int_equal(list.items[0].modes, radio_modes_parse("T,C1"));
    assert_int_equal(list.items[1].modes, radio_modes_parse("T"));
}

static void test_full(void **state)
{
    (void)state;
    struct channel_list list = { .n = 0 };
    struct err err;
    char text[20];
    for (int k = 0; k < CHANNEL_LIST_MAX; k++) {
        snprintf(text, sizeof text, "T@%d", 100000000 + k * 1000);
        assert_true(channel_list_parse(&list, text, &err));
    }
    assert_false(channel_list_parse(&list, "T@868.95M", &err));
    assert_non_null(strstr(err.text, "32 channels"));
    assert_int_equal(list.n, CHANNEL_LIST_MAX);
}

static void test_fitting(void **state)
{
    (void)state;
    struct channel_list list = { .n = 0 }, fitting;
    char text[200];
    channel_list_add_modes(&list, radio_modes_parse("all"));
    channel_list_fitting(&list, 868.95e6, 1.6e6, &fitting);
    channel_list_text(&fitting, text, sizeof text);
    assert_string_equal(text, "T/C at 868.95 MHz, S at 868.3 MHz, C2 at 869.525 MHz, "
                              "R2 at 868.3 MHz");
    channel_list_fitting(&list, 868.95e6, 1.0e6, &fitting);
    channel_list_text(&fitting, text, sizeof text);
    assert_string_equal(text, "T/C at 868.95 MHz");
    channel_list_fitting(&list, 169.6e6, 1.0e6, &fitting);
    channel_list_text(&fitting, text, sizeof text);
    assert_string_equal(text, "N2400 at 169.4375 MHz, N4800 at 169.4375 MHz");
    channel_list_fitting(&list, 100e6, 1.6e6, &fitting);
    assert_int_equal(fitting.n, 0);
}

/* What does not fit into the text is left out, and it ends. */
static void test_short_text(void **state)
{
    (void)state;
    struct channel_list list = { .n = 0 };
    char text[10];
    channel_list_add_modes(&list, radio_modes_parse("all"));
    channel_list_text(&list, text, sizeof text);
    assert_string_equal(text, "T/C at 86");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),      cmocka_unit_test(test_no_channel_twice),
        cmocka_unit_test(test_full),       cmocka_unit_test(test_fitting),
        cmocka_unit_test(test_short_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
