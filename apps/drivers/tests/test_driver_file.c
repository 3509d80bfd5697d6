/* SPDX-License-Identifier: MIT */
#include "apps/drivers/driver_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

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
        cmocka_unit_test(two_drivers_of_one_kind_are_refused),
        cmocka_unit_test(an_exact_version_comes_before_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
