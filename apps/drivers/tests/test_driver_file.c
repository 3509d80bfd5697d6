/* SPDX-License-Identifier: MIT */
#include "apps/drivers/driver_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"
#include "base/array_len.h"

static void what_is_wrong_is_said_with_its_line(void **state)
{
    static const struct {
        const char *what, *text, *message;
    } rows[] = {
        { "not YAML", "driver: [", "f.yaml:2: expected YAML" },
        { "no mapping", "- a\n", "f.yaml:1: expected a mapping" },
        { "no name", "meters: []\n", "driver: expected a name" },
        { "capital letters", "driver: Water\n", "driver: expected a name" },
        { "unknown entry", "driver: a\nfield: {}\n", "f.yaml:2: unknown entry field" },
        { "entry twice", "driver: a\nuse: []\nuse: []\n", "f.yaml:3: use stands twice" },
        { "meter", "driver: a\nmeters:\n  - KAM 1B\n", "f.yaml:3: meters: expected" },
        { "meter's version", "driver: a\nmeters:\n  - KAM 1 16\n", "f.yaml:3: meters: expected" },
        { "quantity", "driver: a\nfields:\n  b_m3: volumen\n",
          "f.yaml:3: field b_m3: unknown quan" },
        { "qualifier", "driver: a\nfields:\n  b_m3: volume backwards\n", "unknown word" },
        { "nothing selected", "driver: a\nfields:\n  b_m3: max storage 1\n",
          "expected one quantity" },
        { "unit", "driver: a\nfields:\n  b_m3: energy\n", "m3 is no unit of energy" },
        { "range", "driver: a\nfields:\n  b_m3: volume storage 3-1\n",
          "expected a number, a range" },
        { "name", "driver: a\nfields:\n  b-m3: volume\n", "expected a name such as" },
        { "reserved name", "driver: a\nfields:\n  id: fabrication_no\n", "a field that every" },
        { "braces", "driver: a\nfields:\n  b_{x}_m3: volume\n", "expected a name such as" },
        { "field twice", "driver: a\nfields:\n  b_m3: volume\n  b_m3: volume\n",
          ":4: b_m3 stands" },
        { "vif", "driver: a\nfields:\n  b_m3: vif 1\n", "expected hex behind vif" },
        { "vife alone", "driver: a\nfields:\n  b_m3: vife FF01\n", "expected one quantity" },
        { "vif and vife", "driver: a\nfields:\n  b_m3: vif 13 vife FF01\n", "expected hex behind" },
        { "vife and a qualifier", "driver: a\nfields:\n  b_m3: volume backward vife FF01\n",
          "expected one quantity" },
        { "block", "driver: a\nblocks:\n  - in: nowhere\n", "f.yaml:3: block: expected in" },
        { "type", "driver: a\nblocks:\n  - in: tail\n    fields:\n      b: { at: 1, type: u7 }\n",
          "unknown type" },
        { "condition", "driver: a\nblocks:\n  - in: tail\n    when: byte 1 & 3\n",
          "expected a cond" },
        { "transform", "driver: a\nblocks:\n  - in: tail\n    transform: magic\n",
          "none of that na" },
        { "expression", "driver: a\nfields:\n  b: { calc: c + }\n", "is not known" },
        { "brackets", "driver: a\nfields:\n  b: { calc: sqrt(2 }\n", "expected )" },
        { "for_each", "driver: a\nfields:\n  b: { calc: 2, for_each: c }\n", "no such field" },
        { "shared", "driver: a\nuse: [nothing]\n", "cannot read" },
        { "shared path", "driver: a\nuse: [../secret]\n", "names of shared rules" },
        { "words", "driver: a\nfields:\n  b: { record: error_flags, flags: { x: Y } }\n",
          "expected a number such as 0x10" },
        { "test", "driver: a\ntests:\n  - readings: {}\n", "expected telegram" },
    };
    struct driver_set set;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err err = { .text = "" };
        print_message("%s\n", rows[i].what);
        driver_set_init(&set, shared_rules_builtin);
        assert_false(
            driver_set_parse(&set, rows[i].text, strlen(rows[i].text), "/nowhere/f.yaml", &err));
        if (!strstr(err.text, rows[i].message))
            print_error("%s\n", err.text);
        assert_non_null(strstr(err.text, rows[i].message));
        assert_int_equal(err.exit_code, EXIT_CONFIG);
        driver_set_free(&set);
    }
}

static void two_drivers_of_one_kind_are_refused(void **state)
{
    static const struct {
        const char *a, *b, *message;
    } rows[] = {
        { "driver: a\n", "driver: a\n", "has that name or alias already" },
        { "driver: a\naliases: [c]\n", "driver: b\naliases: [c]\n",
          "has that name or alias already" },
        { "driver: a\nmeters: [KAM 1B 16]\n", "driver: b\nmeters: [KAM 1B 16]\n",
          "drivers a and b both are for KAM 1B 16" },
    };
    struct driver_set set;
    struct err err;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        driver_set_init(&set, NULL);
        assert_true(driver_set_parse(&set, rows[i].a, strlen(rows[i].a), "a.yaml", &err));
        assert_true(driver_set_parse(&set, rows[i].b, strlen(rows[i].b), "b.yaml", &err));
        assert_false(driver_set_finish(&set, &err));
        const char *said = strstr(err.text, rows[i].message);
        assert_true(said || strstr(err.text, "drivers b and a both are for KAM 1B 16"));
        driver_set_free(&set);
    }
}

static void an_exact_version_comes_before_any(void **state)
{
    static const char *const texts[] = { "driver: any\nmeters: [KAM * 16]\n",
                                         "driver: exact\nmeters: [KAM 1B 16]\n",
                                         "driver: all\nmeters: [KAM * *]\n",
                                         "driver: ci\nmeters: [KAM * 16 ci A0-A7]\n",
                                         "driver: rest\nmeters: [\"* * 16\"]\n" };
    struct address meter = { .manufacturer = 0x2C2D, .version = 0x1B, .device_type = 0x16 };
    struct driver_set set;
    struct err err;
    (void)state;
    driver_set_init(&set, NULL);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_true(driver_set_parse(&set, texts[i], strlen(texts[i]), "f.yaml", &err));
    assert_true(driver_set_finish(&set, &err));
    assert_string_equal(driver_detect(&set.table, &meter, 0x7A)->name, "exact");
    assert_string_equal(driver_detect(&set.table, &meter, 0xA7)->name, "ci");
    assert_string_equal(driver_detect(&set.table, &meter, 0xA8)->name, "exact");
    assert_string_equal(driver_detect(&set.table, &meter, -1)->name, "exact");
    meter.manufacturer = 0x2C38;
    assert_string_equal(driver_detect(&set.table, &meter, 0x7A)->name, "rest");
    meter.manufacturer = 0x2C2D;
    meter.version = 0x20;
    assert_string_equal(driver_detect(&set.table, &meter, 0x7A)->name, "any");
    meter.device_type = 0x04;
    assert_string_equal(driver_detect(&set.table, &meter, 0x7A)->name, "all");
    meter.manufacturer = 0x2C37;
    assert_null(driver_detect(&set.table, &meter, 0x7A));
    driver_set_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_said_with_its_line),
        cmocka_unit_test(two_drivers_of_one_kind_are_refused),
        cmocka_unit_test(an_exact_version_comes_before_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
