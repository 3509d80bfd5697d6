/* SPDX-License-Identifier: MIT
 * Configurations that are refused: what is said, and that no key is. */
#include "apps/config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"
#include "base/array_len.h"

#define KEY "00112233445566778899AABBCCDDEEFF"

struct refused {
    const char *what, *text, *says;
};

static void refuse_all(const struct refused *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        print_message("%s\n", rows[i].what);
        struct config config;
        struct err err = { .text = "" };
        assert_false(config_parse(rows[i].text, strlen(rows[i].text), "x.yaml", &config, &err));
        if (!strstr(err.text, rows[i].says))
            print_error("said: %s\n", err.text);
        assert_non_null(strstr(err.text, rows[i].says));
        assert_null(strstr(err.text, "00112233"));
        assert_int_equal(err.exit_code, EXIT_CONFIG);
    }
}

static void test_refused_yaml(void **state)
{
    (void)state;
    static const struct refused rows[] = {
        { "a null", "--- ~\n", "x.yaml:1: expected a mapping" },
        { "a list", "- a\n", "x.yaml:1: expected a mapping" },
        { "unknown", "\nmeter: []\n",
          "x.yaml:2: unknown entry: expected meters, sources, outputs, include, exclude, report, "
          "channels, modes, iq_swap, auto_ppm, ppm_file, drivers, formats, records, obis, all, "
          "record_bursts, burst_limit" },
        { "twice", "meters: []\nmeters: []\n", "x.yaml:2: the entry stands twice" },
        { "an alias of a meter", "meters:\n- &a { id: 12345678 }\n- *a\n", "duplicate id" },
        { "a list that holds itself", "meters: &a [ *a ]\n", "meter: expected a mapping" },
        { "a mapping that holds itself", "meters:\n- &a { id: *a }\n", "id: expected" },
        { "tab", "meters:\n\t- id: 12345678\n", "x.yaml:2: expected YAML" },
        { "not closed", "meters: [\n", "expected YAML" },
        { "undefined alias", "meters: *a\n", "x.yaml:1: expected YAML" },
        { "second document", "meters: []\n---\nmeters: []\n", "x.yaml:3: expected only one" },
        { "second document broken", "meters: []\n---\n[\n", "expected YAML" },
        { "no UTF-8", "meters:\n- name: \"\xff\"\n", "expected YAML" },
    };
    refuse_all(rows, ARRAY_LEN(rows));
}

static void test_refused_sources(void **state)
{
    (void)state;
    static const struct refused rows[] = {
        { "sources are no list", "meters: []\nsources: a\n", "x.yaml:2: sources: expected a list" },
        { "a source is a list", "sources:\n- []\n", "x.yaml:2: expected a text" },
        { "settings of no source", "sources:\n- { gain: 1 }\n",
          "x.yaml:2: expected an entry source" },
        { "two sources in one", "sources:\n- { source: a, source: b }\n",
          "x.yaml:2: the entry stands" },
        { "frequency", "sources:\n- { source: a, frequency: 0 }\n",
          "x.yaml:2: frequency: expected" },
        { "rate", "sources:\n- { source: a, rate: -1M }\n",
          "x.yaml:2: rate: expected samples a second, such as 1.6M" },
        { "MHz", "sources:\n- { source: a, frequency: 868.95 }\n",
          "x.yaml:2: frequency: expected Hz, such as 868.625M" },
        { "gain", "sources:\n- { source: a,\n    gain: most }\n",
          "x.yaml:3: gain: expected dB, such as 32.8" },
        { "much gain", "sources:\n- { source: a, gain: 1e300 }\n", "x.yaml:2: gain: expected dB" },
        { "much frequency", "sources:\n- { source: a, frequency: 1e300 }\n",
          "x.yaml:2: frequency: expected" },
        { "ppm", "sources:\n- { source: a, ppm: [] }\n", "x.yaml:2: ppm: expected -1000 to 1000" },
        { "much ppm", "sources:\n- { source: a, ppm: 1001 }\n", "x.yaml:2: ppm: expected -1000" },
        { "little ppm", "sources:\n- { source: a, ppm: -1e9 }\n", "x.yaml:2: ppm: expected" },
        { "endless ppm", "sources:\n- { source: a, ppm: 1e300 }\n", "x.yaml:2: ppm: expected" },
        { "bias tee", "sources:\n- { source: a, bias_tee: 1 }\n",
          "x.yaml:2: bias_tee: expected yes or no" },
        { "another setting", "sources:\n- { source: a, agc: 1 }\n",
          "x.yaml:2: unknown entry: expected source, frequency" },
        { "17 sources", "sources: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]\n",
          "x.yaml:1: sources: expected at most 16" },
    };
    refuse_all(rows, ARRAY_LEN(rows));
}

static void test_refused_outputs(void **state)
{
    (void)state;
    static const struct refused rows[] = {
        { "outputs are no list", "outputs: json\n", "x.yaml:1: outputs: expected a list" },
        { "kind of output", "outputs:\n- " KEY "\n",
          "x.yaml:2: no output of this kind: expected json, rtlwmbus, table, meters, stats, mqtt, "
          "zmq" },
        { "two kinds", "outputs:\n- { json: a, table: b }\n",
          "x.yaml:2: output: expected its kind" },
        { "a setting beside the kind", "outputs:\n- kind: mqtt\n  host: a\n",
          "x.yaml:2: output: expected its kind, such as json, or its kind with settings, such as "
          "mqtt: { host: localhost }" },
        { "a kind with an argument and settings", "outputs:\n- { 'json:a': b }\n",
          "x.yaml:2: output: expected its kind" },
        { "a setting that is a list", "outputs:\n- json: []\n",
          "x.yaml:2: output: expected a text" },
        { "a value that is a list", "outputs:\n- mqtt:\n    host: []\n",
          "x.yaml:3: expected a setting and its value" },
        { "setting", "outputs:\n- mqtt:\n    host: a\n    " KEY ": b\n",
          "x.yaml:4: mqtt: unknown setting: expected host, port" },
        { "port", "outputs:\n- mqtt:\n    host: a\n    port: 0\n",
          "x.yaml:4: mqtt: port: expected a number from 1 to 65535" },
        { "password that is empty", "outputs:\n- mqtt:\n    host: a\n    password: ''\n",
          "x.yaml:4: mqtt: password: expected a password" },
        { "no host", "outputs:\n- mqtt\n", "x.yaml:2: mqtt: expected its host" },
        { "no address", "outputs:\n- zmq: {}\n", "x.yaml:2: zmq: expected its address" },
        { "17 outputs",
          "outputs: "
          "[json,json,json,json,json,json,json,json,json,json,json,json,json,json,json,json,"
          "\njson]\n",
          "x.yaml:2: outputs: expected at most 16" },
    };
    refuse_all(rows, ARRAY_LEN(rows));
}

static void test_refused_selection(void **state)
{
    (void)state;
    static const struct refused rows[] = {
        { "include", "include:\n- KAM 1\n", "x.yaml:2: expected a number of 8 hex digits" },
        { "two numbers", "exclude:\n- 12345678 12345678\n", "x.yaml:2: expected a number of 8" },
        { "nothing", "exclude: [' ']\n", "x.yaml:1: expected a number of 8" },
        { "include is a text", "include: KAM\n", "x.yaml:1: include: expected a list" },
        { "report", "report: never\n", "x.yaml:1: report: expected all, changes, or a number" },
        { "report of a meter", "meters:\n- id: 12345678\n  report: 0\n",
          "x.yaml:3: report: expected all, changes" },
    };
    refuse_all(rows, ARRAY_LEN(rows));
}

static void test_refused_general(void **state)
{
    (void)state;
    static const struct refused rows[] = {
        { "modes", "modes: X\n", "x.yaml:1: modes: expected what --modes takes" },
        { "a mode of a list", "modes: [T, X]\n", "x.yaml:1: modes: expected what --modes takes" },
        { "no modes", "modes: []\n", "x.yaml:1: modes: expected what --modes takes" },
        { "a list in it", "modes: [T, [C]]\n", "x.yaml:1: modes: expected what --modes takes" },
        { "a long list",
          "modes: [C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,"
          "C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,"
          "C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C]\n",
          "x.yaml:1: modes: expected what --modes takes" },
        { "flag", "\niq_swap: 1\n", "x.yaml:2: iq_swap: expected yes or no" },
        { "no path", "ppm_file:\n", "x.yaml:1: ppm_file: expected the path of a file" },
        { "no folder", "record_bursts: []\n", "x.yaml:1: record_bursts: expected the path" },
        { "count", "burst_limit: 0\n", "x.yaml:1: burst_limit: expected a whole number from 1" },
        { "half a count", "burst_limit: 1.5\n", "x.yaml:1: burst_limit: expected a whole number" },
        { "count that is too large", "burst_limit: 2147483648\n",
          "x.yaml:1: burst_limit: expected a whole number from 1 to 2147483647" },
        { "huge count", "burst_limit: 1e30\n", "x.yaml:1: burst_limit: expected a whole number" },
        { "flag twice", "obis: yes\nobis: yes\n", "x.yaml:2: the entry stands twice" },
        { "channel", "channels: T@434M\n", "x.yaml:1: channels: expected a list" },
        { "empty channel", "channels:\n- ''\n", "x.yaml:2: expected a text" },
        { "33 channels",
          "channels: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,\n1]\n",
          "x.yaml:2: channels: expected at most 32" },
    };
    refuse_all(rows, ARRAY_LEN(rows));
}

static void test_refused_meters(void **state)
{
    (void)state;
    static const struct refused rows[] = {
        { "no list", "meters: 5\n", "x.yaml:1: meters: expected a list" },
        { "meter is text", "meters:\n- " KEY "\n", "x.yaml:2: meter: expected a mapping" },
        { "no id", "meters:\n- name: a\n", "x.yaml:2: meter without id" },
        { "short id", "meters:\n- id: 1234567\n", "x.yaml:2: id: expected 8 hex" },
        { "id and DIN", "meters:\n- manufacturer: ELS\n  id: 07ELS3312345678\n",
          "x.yaml:3: id: expected" },
        { "DIN and manufacturer", "meters:\n- id: 07ELS3312345678\n  manufacturer: KAM\n",
          "x.yaml:3: manufacturer: expected" },
        { "unknown entry, perhaps a key", "meters:\n- id: 12345678\n  " KEY ": key\n",
          "x.yaml:3: unknown entry of a meter" },
        { "entry twice", "meters:\n- id: 12345678\n  id: 12345678\n",
          "x.yaml:3: the entry stands twice" },
        { "short key", "meters:\n- id: 12345678\n  key: 00112233445566778899AABBCCDDEE\n",
          "x.yaml:3: key: expected 32 hex digits" },
        { "key with a letter", "meters:\n- id: 12345678\n  key: 00112233445566778899AABBCCDDEEFG\n",
          "x.yaml:3: key: expected 32 hex digits" },
        { "a key as keys", "meters:\n- id: 12345678\n  keys: " KEY "\n",
          "x.yaml:3: keys: expected" },
        { "second key wrong", "meters:\n- id: 12345678\n  keys:\n  - " KEY "\n  - 00112233\n",
          "x.yaml:5: keys: expected" },
        { "ninth key",
          "meters:\n- id: 12345678\n  keys: [" KEY "," KEY "," KEY "," KEY "," KEY "," KEY "," KEY
          "," KEY ",\n" KEY "]\n",
          "x.yaml:4: keys: expected" },
        { "empty name", "meters:\n- id: 12345678\n  name: ''\n", "x.yaml:3: name: expected" },
        { "long name",
          "meters:\n- id: 12345678\n  name: "
          "0123456789012345678901234567890123456789012345678901234567890123\n",
          "x.yaml:3: name: expected" },
        { "NUL in a name", "meters:\n- id: 12345678\n  name: \"a\\0b\"\n",
          "x.yaml:3: name: expected" },
        { "duplicate id", "meters:\n- id: 12345678\n- id: 87654321\n- id: 12345678\n",
          "x.yaml:4: duplicate id: the meter of line 2" },
        { "duplicate, once as DIN", "meters:\n- id: 12345678\n- id: 07ELS3312345678\n",
          "x.yaml:3: duplicate id: the meter of line 2" },
        { "two equal rules", "meters:\n- id: '*'\n- id: '*'\n", "x.yaml:3: duplicate id" },
    };
    refuse_all(rows, ARRAY_LEN(rows));
}

/* Nesting and aliases that would grow without bound: refused, soon. */
static void test_bombs(void **state)
{
    (void)state;
    static char text[CONFIG_MAX_BYTES];
    static const char heads[] = { '[', '{', '-', '?', '&' };
    for (size_t i = 0; i < sizeof heads; i++) {
        struct config config;
        struct err err = { .text = "" };
        memset(text, heads[i], sizeof text);
        for (size_t k = 1; heads[i] == '-' && k < sizeof text; k += 2)
            text[k] = ' ';
        assert_false(config_parse(text, sizeof text, "x.yaml", &config, &err));
        print_message("%c: %s\n", heads[i], err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_yaml),    cmocka_unit_test(test_refused_sources),
        cmocka_unit_test(test_refused_outputs), cmocka_unit_test(test_refused_selection),
        cmocka_unit_test(test_refused_general), cmocka_unit_test(test_refused_meters),
        cmocka_unit_test(test_bombs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
