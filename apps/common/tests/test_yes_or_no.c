/* SPDX-License-Identifier: MIT */
#include "apps/common/yes_or_no.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/array_len.h"

static void test_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool known, yes;
    } rows[] = {
        { "yes", true, true },    { "no", true, false },    { "true", true, true },
        { "False", true, false }, { "ON", true, true },     { "off", true, false },
        { "", false, false },     { "yess", false, false }, { "ye", false, false },
        { "1", false, false },    { NULL, false, false },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        print_message("%s\n", rows[i].text ? rows[i].text : "no text");
        bool yes = true;
        assert_int_equal(yes_or_no_parse(rows[i].text, &yes), rows[i].known);
        assert_int_equal(yes, rows[i].yes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_words) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
