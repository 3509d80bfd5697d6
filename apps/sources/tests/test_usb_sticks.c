/* SPDX-License-Identifier: MIT
 * Dongles in a made-up tree of /sys, /dev and /proc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"
#include "apps/sources/usb_sticks.h"
#include "base/array_len.h"

static char root[] = "/tmp/test_usb_sticks.XXXXXX";

/* path below the root; its folders are made. */
static const char *place(const char *path)
{
    static char full[256];
    snprintf(full, sizeof full, "%s%s", root, path);
    for (char *c = full + sizeof root; *c; c++)
        if (*c == '/') {
            *c = '\0';
            mkdir(full, 0700);
            *c = '/';
        }
    return full;
}

static void put_file(const char *path, const char *text)
{
    FILE *f = fopen(place(path), "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void put_link(const char *path, const char *to)
{
    assert_int_equal(symlink(to, place(path)), 0);
}

static void put_device(const char *name, const char *const files[][2], size_t n)
{
    char path[128];
    for (size_t k = 0; k < n; k++) {
        snprintf(path, sizeof path, "/sys/bus/usb/devices/%s/%s", name, files[k][0]);
        put_file(path, files[k][1]);
    }
}

static int make_tree(void **state)
{
    static const char *const free_one[][2] = {
        { "idVendor", "0bda\n" },
        { "idProduct", "2838\n" },
        { "manufacturer", "Realtek\n" },
        { "product", "RTL2838UHIDIR\n" },
        { "serial", "00000001\n" },
        { "busnum", "1\n" },
        { "devnum", "5\n" },
    };
    static const char *const held_one[][2] = {
        { "idVendor", "0bda\n" },   { "idProduct", "2838\n" }, { "manufacturer", "RTLSDRBlog\n" },
        { "product", "Blog V4\n" }, { "busnum", "1\n" },       { "devnum", "12\n" },
    };
    static const char *const hostile_one[][2] = {
        { "idVendor", "0bda\n" },
        { "idProduct", "2832" },
        { "busnum", "-1\n" },
        { "product", "\033[2Jxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" },
        { "devnum", "99999999999999999999\n" },
    };
    static const char *const keyboard[][2] = { { "idVendor", "046d\n" },
                                               { "idProduct", "c31c\n" } };
    (void)state;
    assert_non_null(mkdtemp(root));
    put_device("1-1", free_one, ARRAY_LEN(free_one));
    put_device("1-1.4", held_one, ARRAY_LEN(held_one));
    put_device("3-2", hostile_one, ARRAY_LEN(hostile_one));
    put_device("2-1", keyboard, ARRAY_LEN(keyboard));
    put_link("/sys/bus/usb/devices/1-1:1.0/driver", "../../../drivers/dvb_usb_rtl28xxu");
    put_link("/sys/bus/usb/devices/1-1.4:1.0/driver", "../../../drivers/usbfs");
    put_file("/dev/bus/usb/001/005", "");
    put_file("/dev/bus/usb/001/012", "");
    put_file("/proc/4711/comm", "rtl_tcp\n");
    put_link("/proc/4711/fd/3", "/dev/bus/usb/001/012");
    put_link("/proc/4712/fd/0", "/dev/null");
    return 0;
}

static int remove_tree(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", root);
    return system(command); // NOLINT(cert-env33-c): of our own name
}

static void test_found(void **state)
{
    struct usb_stick sticks[USB_STICKS_MAX];
    char name[128];
    struct err err;
    (void)state;
    assert_int_equal(usb_sticks_find(root, sticks), 3);

    assert_string_equal(sticks[0].node, "/dev/bus/usb/001/005");
    assert_string_equal(sticks[0].driver, "dvb_usb_rtl28xxu");
    assert_true(usb_stick_has_dvb_driver(&sticks[0]));
    assert_true(sticks[0].has_node && sticks[0].may_use && !sticks[0].is_blog_v4);
    assert_string_equal(sticks[0].holder, "");
    usb_stick_name(&sticks[0], name, sizeof name);
    assert_string_equal(name, "Realtek RTL2838UHIDIR, serial number 00000001");
    assert_true(usb_stick_check(&sticks[0], &err));

    assert_true(sticks[1].is_blog_v4 && !usb_stick_has_dvb_driver(&sticks[1]));
    assert_string_equal(sticks[1].holder, "rtl_tcp, process 4711");
    assert_false(usb_stick_check(&sticks[1], &err));
    assert_string_equal(err.text,
                        "RTLSDRBlog Blog V4 is in use by rtl_tcp, process 4711: end that first");

    assert_null(strchr(sticks[2].product, '\033'));
    assert_false(sticks[2].has_node);
}

/* What stands behind name in a line, up to the next quote; "" without it. */
static const char *value_of(const char *line, const char *name, char value[256])
{
    const char *at = strstr(line, name);
    snprintf(value, 256, "%.*s", at ? (int)strcspn(at + strlen(name), "\"") : 0,
             at ? at + strlen(name) : "");
    return value;
}

/* The rule for udev lets in all that are known, and nothing else. */
static void test_rule(void **state)
{
    enum { N_KNOWN = 42 };
    char line[512], vendor[256], products[256], *rest;
    size_t n = 0;
    FILE *rules = fopen(UDEV_RULES, "r");
    (void)state;
    assert_non_null(rules);
    while (fgets(line, sizeof line, rules)) {
        put_file("/sys/bus/usb/devices/1-1/idVendor", value_of(line, "{idVendor}==\"", vendor));
        value_of(line, "{idProduct}==\"", products);
        for (char *id = strtok_r(products, "|", &rest); id; id = strtok_r(NULL, "|", &rest), n++) {
            struct usb_stick sticks[USB_STICKS_MAX];
            put_file("/sys/bus/usb/devices/1-1/idProduct", id);
            assert_int_equal(usb_sticks_find(root, sticks), 3);
        }
    }
    fclose(rules);
    assert_int_equal(n, N_KNOWN);
}

static void test_nothing_there(void **state)
{
    struct usb_stick sticks[USB_STICKS_MAX];
    (void)state;
    assert_int_equal(usb_sticks_find("/nowhere", sticks), 0);
}

static void test_check(void **state)
{
    static const struct {
        struct usb_stick stick;
        const char *says;
    } rows[] = {
        { { .node = "/dev/x" }, "no /dev/x: in a container" },
        { { .node = "/dev/x", .has_node = true }, "no right to use /dev/x" },
        { { .node = "/dev/x", .has_node = true, .may_use = true, .driver = "usbfs" },
          "in use by another program; fuser -v /dev/x" },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct err err;
        assert_false(usb_stick_check(&rows[r].stick, &err));
        assert_int_equal(err.exit_code, EXIT_DEVICE);
        assert_non_null(strstr(err.text, rows[r].says));
        assert_non_null(strstr(err.text, "RTL2832U"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_rule),
        cmocka_unit_test(test_nothing_there),
        cmocka_unit_test(test_check),
    };
    return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
