/* SPDX-License-Identifier: MIT
 * Every driver in decode/meters/ decodes its own test telegrams. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/drivers/driver_check.h"

static struct driver_set set;

static int load(void **state)
{
    struct err err;
    char dir[1024];
    const char *source = getenv("WMBUS_SOURCE_DIR");
    (void)state;
    snprintf(dir, sizeof dir, "%s/decode/meters", source ? source : ".");
    driver_set_init(&set, NULL);
    if (driver_set_load_dir(&set, dir, &err) && driver_set_finish(&set, &err))
        return 0;
    print_error("%s\n", err.text);
    return 1;
}

static int unload(void **state)
{
    (void)state;
    driver_set_free(&set);
    return 0;
}

static void every_driver_passes_its_tests(void **state)
{
    size_t differences = 0, telegrams = 0;
    struct err err;
    (void)state;
    for (size_t i = 0; i < set.n; i++) {
        struct driver_check check = { 0 };
        assert_true(driver_check_run(&set, &set.entries[i], &check, stderr, &err));
        differences += check.differences;
        telegrams += check.telegrams;
    }
    assert_true(telegrams > 0);
    assert_int_equal(differences, 0);
}

static void the_built_in_drivers_are_these(void **state)
{
    (void)state;
    assert_int_equal(drivers_builtin.n, set.n);
    assert_int_equal(drivers_builtin.n_detections, set.table.n_detections);
    for (size_t i = 0; i < set.n; i++) {
        const struct driver *built = driver_find(&drivers_builtin, set.entries[i].driver->name);
        assert_non_null(built);
        assert_int_equal(built->n_rules, set.entries[i].driver->n_rules);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_driver_passes_its_tests),
        cmocka_unit_test(the_built_in_drivers_are_these),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
