/* SPDX-License-Identifier: MIT */
#include "apps/common/yaml_brackets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"

static void test_line_is_told(void **state)
{
    (void)state;
    char text[300];
    struct err err;
    memset(text, '[', sizeof text);
    text[20] = '\n';
    assert_true(yaml_brackets_check(text, 101, "x.yaml", &err)); /* 100 and a line's end */
    assert_false(yaml_brackets_check(text, 102, "x.yaml", &err));
    assert_string_equal(err.text, "x.yaml:2: expected at most 100 open brackets");
    assert_int_equal(err.exit_code, EXIT_CONFIG);
}

static void test_closed_ones_do_not_count(void **state)
{
    (void)state;
    char text[400];
    struct err err;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = "{}[]"[i % 4];
    assert_true(yaml_brackets_check(text, sizeof text, "x.yaml", &err));
    memset(text, ']', 200); /* nor do those that close nothing make room for more */
    memset(text + 200, '{', 200);
    assert_false(yaml_brackets_check(text, sizeof text, "x.yaml", &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line_is_told),
        cmocka_unit_test(test_closed_ones_do_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
