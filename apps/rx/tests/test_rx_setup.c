/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"
#include "apps/rx/rx_setup.h"
#include "base/array_len.h"

static char folder[] = "/tmp/test_rx_setup.XXXXXX";
static char file_path[64];
static struct rx_setup setup;
static struct rx_settings settings;
static struct err err;

/* The configuration holds text; a source NULL: none is given. */
static bool load(const char *text, const char *source)
{
    FILE *f = fopen(file_path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
    memset(&setup, 0, sizeof setup);
    settings.config = file_path;
    assert_true(!source || text_list_add(&settings.files, source, &err));
    return rx_setup_load(&setup, &settings, "test", &err);
}

static void start(void)
{
    settings = rx_settings_default();
}

static void end(void)
{
    struct err ignored;
    assert_true(rx_setup_close(&setup, &ignored));
    options_free(&rx_program, &settings);
}

static void test_ppm(void **state)
{
    static const struct {
        double ppm;
        bool ok;
    } rows[] = { { (double)NAN, true },    { 0, true },      { -1000, true },
                 { 1000, true },           { -1001, false }, { 1000.5, false },
                 { (double)1e300, false }, { -1e9, false },  { (double)INFINITY, false } };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%g\n", rows[r].ppm);
        start();
        settings.ppm = rows[r].ppm;
        assert_int_equal(rx_settings_check(&settings, &err), rows[r].ok);
        if (!rows[r].ok)
            assert_string_equal(err.text, "option --ppm: expected -1000 to 1000");
    }
}

static void test_gain_and_centre(void **state)
{
    static const struct {
        double gain_db, center_hz;
        const char *says; /* NULL: nothing */
    } rows[] = {
        { 100, 100e9, NULL },
        { -100, 1e6, NULL },
        { 100.5, 868e6, "option --gain: expected dB, such as 32.8, -100 to 100" },
        { (double)-1e300, 868e6, "option --gain: expected dB, such as 32.8, -100 to 100" },
        { 20, 0.9e6, "option --frequency: expected Hz, such as 868.95M" },
        { 20, (double)1e300, "option --frequency: expected Hz, such as 868.95M" },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        start();
        settings.gain_db = rows[r].gain_db;
        settings.center_hz = rows[r].center_hz;
        assert_int_equal(rx_settings_check(&settings, &err), !rows[r].says);
        if (rows[r].says)
            assert_string_equal(err.text, rows[r].says);
    }
}

/* What the file says for a service, and for whom else it holds: 'f'ormats, 'p'pm_file,
 * 'r'ecord_bursts. */
static void test_paths_of_the_file(void **state)
{
    static const struct {
        const char *what, *source, *below, *taken;
        bool doctor;
    } rows[] = {
        { "live", "cu8:-", "", "fpr", false },
        { "a replay", "x.cu8", "", "fp", false },
        { "doctor", "cu8:-", "", "", true },
        { "doctor of a recording", "x.cu8", "", "", true },
        { "live, nothing can be written", "cu8:-", "/nowhere", "", false },
        { "a replay, what is learnt is not there", "x.cu8", "/nowhere", "fp", false },
        { "a replay, what is learnt cannot be read", "x.cu8", "/config/x", "", false },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        char text[400], taken[4] = "";
        print_message("%s\n", rows[r].what);
        start();
        settings.doctor = rows[r].doctor;
        snprintf(text, sizeof text, "formats: %s%s/f\nppm_file: %s%s/p\nrecord_bursts: %s%s\n",
                 folder, rows[r].below, folder, rows[r].below, folder, rows[r].below);
        assert_true(load(text, rows[r].source));
        const struct config_general *g = &settings.general;
        snprintf(taken, sizeof taken, "%s%s%s", g->formats ? "f" : "", g->ppm_file ? "p" : "",
                 g->record_bursts ? "r" : "");
        assert_string_equal(taken, rows[r].taken);
        assert_ptr_equal(settings.observe.failed_bursts, g->record_bursts);
        end();
    }
}

/* An option is meant: it is neither left out nor told of by a warning. */
static void test_options_beat_the_file(void **state)
{
    (void)state;
    start();
    settings.doctor = true;
    settings.general.formats = "/nowhere/f";
    settings.general.record_bursts = "/nowhere";
    assert_true(load("formats: /elsewhere/f\nrecord_bursts: /elsewhere\n", "x.cu8"));
    assert_string_equal(settings.general.formats, "/nowhere/f");
    assert_string_equal(settings.general.record_bursts, "/nowhere");
    end();
}

/* Parts of a recording: what the file records is not recorded in a replay, what an option does is.
 */
static void test_threads(void **state)
{
    char text[100];
    (void)state;
    snprintf(text, sizeof text, "record_bursts: %s\n", folder);
    start();
    settings.threads = 2;
    assert_true(load(text, "x.cu8"));
    end();
    start();
    settings.threads = 2;
    settings.general.record_bursts = folder;
    assert_false(load("", "x.cu8"));
    assert_non_null(strstr(err.text, "option --threads"));
    end();
}

static void test_mixture(void **state)
{
    static const struct {
        const char *text, *source, *says;
        int exit_code;
    } rows[] = {
        { "sources: [rtlsdr,\n a.cu8]\n", NULL,
          "/config:2: devices and recordings cannot be received together: rtlsdr is a device, "
          "a.cu8 "
          "is none",
          EXIT_CONFIG },
        { "sources:\n- a.cu8\n- b.cu8\n- rtl_tcp:c\n", NULL,
          "/config:4: devices and recordings cannot be received together: rtl_tcp:c is a device, "
          "a.cu8 is none",
          EXIT_CONFIG },
        { "", "a.cu8",
          "devices and recordings cannot be received together: rtlsdr is a device, a.cu8 is none",
          EXIT_USAGE },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        start();
        if (rows[r].source)
            assert_true(text_list_add(&settings.files, "rtlsdr", &err));
        assert_false(load(rows[r].text, rows[r].source));
        assert_int_equal(err.exit_code, rows[r].exit_code);
        const bool of_file = rows[r].exit_code == EXIT_CONFIG;
        assert_string_equal(err.text + (of_file ? strlen(folder) : 0), rows[r].says);
        end();
    }
    start();
    assert_true(load("sources: [rtlsdr, a.cu8]\n", "b.cu8")); /* not those that are received */
    end();
}

static void test_too_many_devices(void **state)
{
    (void)state;
    start();
    for (int k = 0; k < 64; k++)
        assert_true(text_list_add(&settings.files, "rtlsdr", &err));
    assert_true(load("", NULL));
    end();
    start();
    for (int k = 0; k < 65; k++)
        assert_true(text_list_add(&settings.files, "rtlsdr", &err));
    assert_false(load("", NULL));
    assert_string_equal(err.text, "no more than 64 devices can be received at once");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ppm),
        cmocka_unit_test(test_gain_and_centre),
        cmocka_unit_test(test_paths_of_the_file),
        cmocka_unit_test(test_options_beat_the_file),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_mixture),
        cmocka_unit_test(test_too_many_devices),
    };
    if (!mkdtemp(folder))
        return 1;
    snprintf(file_path, sizeof file_path, "%s/config", folder);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(file_path);
    rmdir(folder);
    return failed;
}
