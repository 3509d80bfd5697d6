/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"
#include "apps/outputs/output.h"
#include "base/array_len.h"

static void test_good(void **state)
{
    (void)state;
    static const struct {
        const char *text, *kind, *first;
    } rows[] = {
        { "json", "json", NULL },
        { "json:/var/log/x", "json", "/var/log/x" },
        { "json:a,b=c:d", "json", "a,b=c:d" }, /* b is no setting: part of the name */
        { "table", "table", NULL },
        { "rtlwmbus:x", "rtlwmbus", "x" },
        { "zmq:tcp://127.0.0.1:5555", "zmq", "tcp://127.0.0.1:5555" },
        { "mqtt:broker,port=1884,discovery=no", "mqtt", "broker" },
        { "zmq:tcp://a:65535", "zmq", "tcp://a:65535" },
        { "zmq:tcp://*:0", "zmq", "tcp://*:0" },
        { "zmq:tcp://[::1]:*", "zmq", "tcp://[::1]:*" },
        { "zmq:connect:ipc:///tmp/x", "zmq", "connect:ipc:///tmp/x" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        print_message("%s\n", rows[i].text);
        struct output_spec spec;
        struct err err;
        assert_true(output_spec_parse(&spec, rows[i].text, &err));
        assert_string_equal(spec.type->name, rows[i].kind);
        assert_string_equal(spec.values[0] ? spec.values[0] : "-",
                            rows[i].first ? rows[i].first : "-");
        output_spec_wipe(&spec);
        assert_null(spec.values[0]);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } rows[] = {
        { "", "no output of the kind : expected json, rtlwmbus, table, meters, stats, mqtt, zmq" },
        { "smoke", "no output of the kind smoke: expected json" },
        { "a_kind_with_a_name_that_is_long", "no output of the kind" },
        { "json:", "json: file: expected the path of a file" },
        { "json:a,file=b", "json: file stands twice" },
        { "mqtt", "mqtt: expected its host: the name or address of a broker" },
        { "mqtt:", "mqtt: host: expected the name" },
        { "mqtt:here,prot=1884",
          "mqtt: host: expected the name or address of a broker, then only" },
        { "mqtt:here,port=0", "mqtt: port: expected a number from 1 to 65535" },
        { "mqtt:here,port=1.5", "mqtt: port: expected" },
        { "mqtt:here,topic=a/#", "mqtt: topic: expected at most" },
        { "mqtt:here,tls=maybe", "mqtt: tls: expected yes or no" },
        { "mqtt:here,password=secret", "mqtt: password: others can see it" },
        { "zmq", "zmq: expected its address: an address such as tcp://" },
        { "zmq:nowhere", "zmq: address: expected an address" },
        { "zmq:tcp://127.0.0.1", "zmq: address: expected an address" },
        { "zmq:tcp://127.0.0.1:", "zmq: address: expected an address" },
        { "zmq:tcp://:5555", "zmq: address: expected an address" },
        { "zmq:tcp://127.0.0.1:5a", "zmq: address: expected an address" },
        { "zmq:tcp://127.0.0.1:-1", "zmq: address: expected an address" },
        { "zmq:tcp://127.0.0.1:65536", "zmq: address: expected an address" },
        { "zmq:connect:tcp://127.0.0.1:65536", "zmq: address: expected an address" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        print_message("%s\n", rows[i].text);
        struct output_spec spec;
        struct err err;
        assert_false(output_spec_parse(&spec, rows[i].text, &err));
        if (!strstr(err.text, rows[i].says))
            print_error("said: %s\n", err.text);
        assert_non_null(strstr(err.text, rows[i].says));
        assert_int_equal(err.exit_code, EXIT_USAGE);
        output_spec_wipe(&spec);
    }
}

static void test_set(void **state)
{
    (void)state;
    struct output_spec spec;
    struct err err;
    assert_true(output_spec_init(&spec, "json"));
    assert_false(output_spec_set(&spec, "fire", "x", &err));
    assert_string_equal(err.text, "json: unknown setting: expected file");
    assert_true(output_spec_set(&spec, "file", "x", &err));
    assert_false(output_spec_set(&spec, "file", "x", &err));
    output_spec_wipe(&spec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
