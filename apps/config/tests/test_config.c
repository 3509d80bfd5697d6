/* SPDX-License-Identifier: MIT */
#include "apps/config/config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

#define KEY "00112233445566778899AABBCCDDEEFF"

static void test_good(void **state)
{
    (void)state;
    static const char text[] = "# a street\n"
                               "meters:\n"
                               "  - name: kitchen\n"
                               "    id: 12345678\n"
                               "    key: " KEY "\n"
                               "  - id: 07ELS3312345679\n"
                               "    keys: [" KEY ", 0102030405060708]\n"
                               "  - { id: \"*\", manufacturer: kam, type: '16', version: 1B }\n";
    struct config config;
    struct err err;
    assert_true(config_parse(text, strlen(text), "x.yaml", &config, &err));
    assert_int_equal(config.n_meters, 3);
    const struct meter_config *m = config.meters;
    assert_string_equal(m[0].name, "kitchen");
    assert_memory_equal(m[0].id, "\x78\x56\x34\x12", 4);
    assert_int_equal(m[0].n_keys, 1);
    assert_int_equal(m[0].keys[0].n, 16);
    assert_int_equal(m[0].keys[0].bytes[15], 0xFF);
    assert_false(m[0].has_manufacturer);
    assert_true(m[1].has_manufacturer && m[1].has_version && m[1].has_device_type);
    assert_int_equal(m[1].manufacturer, 0x1593);
    assert_int_equal(m[1].version, 0x33);
    assert_int_equal(m[1].device_type, 0x07);
    assert_int_equal(m[1].n_keys, 2);
    assert_int_equal(m[1].keys[1].n, 8);
    assert_true(m[2].any_id);
    assert_int_equal(m[2].manufacturer, 0x2C2D);
    assert_int_equal(m[2].device_type, 0x16);
    assert_int_equal(m[2].version, 0x1B);
    config_wipe(&config);
    assert_int_equal(config.n_meters, 0);
}

static void test_rules_may_overlap(void **state)
{
    (void)state;
    static const char text[] = "meters:\n"
                               "- { id: '*', manufacturer: KAM, key: " KEY " }\n"
                               "- { id: '*', type: '07', key: " KEY " }\n"
                               "- { id: '*', manufacturer: ELS, key: " KEY " }\n"
                               "- { id: 07ELS3312345678 }\n"
                               "- { id: 07KAM3312345678 }\n";
    struct config config;
    struct err err;
    assert_true(config_parse(text, strlen(text), "x.yaml", &config, &err));
    assert_int_equal(config.n_meters, 5);
    config_wipe(&config);
}

/* As the service's file comes: everything in it is a comment. */
static void test_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "\n", "# nothing\n" };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct config c;
        struct err err;
        assert_true(config_parse(texts[i], strlen(texts[i]), "x.yaml", &c, &err));
        assert_int_equal(c.n_meters + c.n_outputs + c.n_sources, 0);
        config_wipe(&c);
    }
}

static void test_all_sections(void **state)
{
    (void)state;
    static const char text[] = "sources:\n"
                               "- { source: 'rtlsdr::1', frequency: 868.95M, rate: 2M,\n"
                               "    gain: 32.8, ppm: -12, bias_tee: yes }\n"
                               "- cu8:-\n"
                               "modes: T,C\n"
                               "report: changes\n"
                               "include: [ KAM, \"12345678\", ELS 07 ]\n"
                               "exclude: [ '16' ]\n"
                               "outputs:\n"
                               "- table\n"
                               "- json:/var/log/x\n"
                               "- zmq: tcp://127.0.0.1:5555\n"
                               "- mqtt: { host: broker, user: u, password: p, tls: yes }\n"
                               "- mqtt:broker,port=1884,password=p\n"
                               "- mqtt: broker,port=1885\n"
                               "meters:\n"
                               "- { id: 12345678, report: 60 }\n"
                               "- { id: 12345679 }\n";
    struct config c;
    struct err err;
    if (!config_parse(text, strlen(text), "x.yaml", &c, &err))
        fail_msg("%s", err.text);
    assert_int_equal(c.n_sources, 2);
    assert_string_equal(c.sources[0].written.text, "rtlsdr::1");
    assert_true(c.sources[0].center_hz == 868.95e6 && c.sources[0].sample_rate_sps == 2e6);
    assert_true(c.sources[0].gain_db == 32.8 && c.sources[0].ppm == -12 && c.sources[0].bias_tee);
    assert_string_equal(c.sources[1].written.text, "cu8:-");
    assert_true(isnan(c.sources[1].center_hz) && isnan(c.sources[1].sample_rate_sps));
    assert_true(isnan(c.sources[1].gain_db) && isnan(c.sources[1].ppm) && !c.sources[1].bias_tee);
    assert_int_equal(c.sources[1].written.line, 4);
    assert_string_equal(c.general.modes, "T,C");
    assert_int_equal(c.policy.when, TELL_CHANGES);
    assert_int_equal(c.include.n, 3);
    assert_true(c.include.items[2].has_manufacturer && c.include.items[2].has_device_type);
    assert_int_equal(c.exclude.n, 1);
    assert_int_equal(c.n_outputs, 6);
    assert_string_equal(c.outputs[1].values[0], "/var/log/x");
    assert_string_equal(c.outputs[2].values[0], "tcp://127.0.0.1:5555");
    assert_string_equal(c.outputs[3].type->name, "mqtt");
    for (size_t i = 3; i < 6; i++)
        assert_string_equal(c.outputs[i].values[0], "broker");
    assert_string_equal(c.outputs[3].values[3], "p");
    assert_string_equal(c.outputs[4].values[3], "p");
    assert_string_equal(c.outputs[4].values[1], "1884");
    assert_string_equal(c.outputs[5].values[1], "1885");
    assert_int_equal(c.policies[0].when, TELL_AT_MOST);
    assert_int_equal(c.policies[0].seconds, 60);
    assert_int_equal(c.policies[1].when, TELL_AS_DEFAULT);
    config_wipe(&c);
    assert_int_equal(c.n_outputs, 0);
}

static void test_modes_as_list(void **state)
{
    (void)state;
    static const char *const texts[] = { "modes: T,C\n", "modes: [T, C]\n", "modes:\n- T\n- C\n",
                                         "modes: ['T,C']\n" };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct config c;
        struct err err;
        if (!config_parse(texts[i], strlen(texts[i]), "x.yaml", &c, &err))
            fail_msg("%s", err.text);
        assert_string_equal(c.general.modes, "T,C");
        config_wipe(&c);
    }
}

/* What the command line says stays, what it does not say the file does. */
static void test_general(void **state)
{
    (void)state;
    static const char text[] = "auto_ppm: yes\niq_swap: no\nppm_file: /a\ndrivers: /b\n"
                               "formats: /c\nrecord_bursts: /d\nburst_limit: 3\nobis: yes\n"
                               "channels:\n- T@434.475M\n- C@868.95M\n";
    struct config c;
    struct err err;
    if (!config_parse(text, strlen(text), "x.yaml", &c, &err))
        fail_msg("%s", err.text);
    assert_int_equal(c.n_channels, 2);
    assert_string_equal(c.channels[1].text, "C@868.95M");
    assert_int_equal(c.channels[1].line, 11);
    struct config_general settings = { .ppm_file = "/mine", .iq_swap = true };
    config_general_complete(&settings, &c.general);
    assert_string_equal(settings.ppm_file, "/mine");
    assert_string_equal(settings.drivers, "/b");
    assert_string_equal(settings.formats, "/c");
    assert_string_equal(settings.record_bursts, "/d");
    assert_int_equal(settings.burst_limit, 3);
    assert_true(settings.auto_ppm && settings.iq_swap && settings.obis);
    assert_false(settings.records || settings.all);
    assert_null(settings.modes);
    config_wipe(&c);
    assert_null(c.general.ppm_file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),          cmocka_unit_test(test_rules_may_overlap),
        cmocka_unit_test(test_nothing),       cmocka_unit_test(test_all_sections),
        cmocka_unit_test(test_modes_as_list), cmocka_unit_test(test_general),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
