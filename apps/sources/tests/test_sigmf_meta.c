/* SPDX-License-Identifier: MIT */
#include "apps/sources/sigmf_meta.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"
#include "apps/common/utc.h"
#include "base/array_len.h"

#define GLOBAL(more) "{\"global\":{\"core:datatype\":\"ci16_le\"" more "}"
#define RATE ",\"core:sample_rate\":1600000"

static struct sigmf_meta good(const char *text)
{
    struct sigmf_meta meta;
    struct err err;
    if (!sigmf_meta_parse(text, strlen(text), &meta, &err))
        fail_msg("%s", err.text);
    return meta;
}

static void test_plain(void **state)
{
    (void)state;
    char text[UTC_TEXT_SIZE];
    struct sigmf_meta meta = good(
        GLOBAL(RATE ",\"core:version\":\"1.2.3\",\"core:extensions\":[{\"name\":\"wmbus\","
                    "\"optional\":true}]") ",\"captures\":[{\"core:sample_start\":0,"
                                           "\"core:frequency\":868950000.0,\"core:datetime\":"
                                           "\"2024-01-31T12:34:56.789Z\"}],\"annotations\":[]}");
    assert_int_equal(meta.coding.kind, CODING_SIGNED);
    assert_int_equal(meta.coding.bits, 16);
    assert_int_equal((int)meta.sample_rate_sps, 1600000);
    assert_int_equal((int)meta.center_hz, 868950000);
    utc_format(meta.start_us, text);
    assert_true(meta.has_start);
    assert_string_equal(text, "2024-01-31T12:34:56.789000Z");
    assert_string_equal(meta.dataset, "");
    assert_int_equal(meta.n_parts, 1);
    assert_int_equal(meta.parts[0].first_byte, 0);
    assert_true(meta.parts[0].n_bytes == SAMPLE_PART_TO_END);
    sigmf_meta_free(&meta);
}

static void test_least(void **state)
{
    (void)state;
    struct sigmf_meta meta = good(GLOBAL(",\"core:dataset\":\"x.bin\"") "}");
    assert_true(meta.sample_rate_sps == 0 && meta.center_hz == 0 && !meta.has_start);
    assert_string_equal(meta.dataset, "x.bin");
    assert_int_equal(meta.n_parts, 1);
    assert_true(meta.parts[0].n_bytes == SAMPLE_PART_TO_END);
    sigmf_meta_free(&meta);
}

static void test_parts(void **state)
{
    (void)state;
    static const struct {
        const char *what, *text;
        uint64_t first_byte, n_bytes_before, silence; /* of the second part, and the first */
    } rows[] = {
        { "side by side",
          GLOBAL(RATE) ",\"captures\":[{\"core:sample_start\":0},{\"core:sample_start\":100}]}",
          400, 400, 0 },
        { "headers in front of each",
          GLOBAL(RATE) ",\"captures\":[{\"core:sample_start\":0,\"core:header_bytes\":10},"
                       "{\"core:sample_start\":100,\"core:header_bytes\":20}]}",
          430, 400, 0 },
        { "missing samples by index",
          GLOBAL(RATE) ",\"captures\":[{\"core:sample_start\":0,\"core:global_index\":1000},"
                       "{\"core:sample_start\":100,\"core:global_index\":51100}]}",
          400, 400, 50000 },
        { "and by time",
          GLOBAL(RATE) ",\"captures\":[{\"core:sample_start\":0,\"core:datetime\":"
                       "\"2024-01-31T12:00:00Z\"},{\"core:sample_start\":100,\"core:datetime\":"
                       "\"2024-01-31T12:00:00.5Z\"}]}",
          400, 400, 799900 },
        { "what is inexact is no gap",
          GLOBAL(RATE) ",\"captures\":[{\"core:sample_start\":0,\"core:datetime\":"
                       "\"2024-01-31T12:00:00Z\"},{\"core:sample_start\":100,\"core:datetime\":"
                       "\"2024-01-31T12:00:00.001Z\"}]}",
          400, 400, 0 },
        { "the first part of a longer one",
          GLOBAL(RATE ",\"core:offset\":5000") ",\"captures\":[{\"core:sample_start\":5000},"
                                               "{\"core:sample_start\":5100}]}",
          400, 400, 0 },
    };
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        print_message("%s\n", rows[k].what);
        struct sigmf_meta meta = good(rows[k].text);
        assert_int_equal(meta.n_parts, 2);
        assert_int_equal(meta.parts[0].n_bytes, rows[k].n_bytes_before);
        assert_int_equal(meta.parts[1].first_byte, rows[k].first_byte);
        assert_int_equal(meta.parts[1].silence, rows[k].silence);
        assert_true(meta.parts[1].n_bytes == SAMPLE_PART_TO_END);
        sigmf_meta_free(&meta);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } rows[] = {
        { "", "no JSON: it ends too early" },
        { "{\"global\":", "no JSON: it ends too early" },
        { "{\"global\" 3}", "no JSON: object property name separator" },
        { "[]", "expected a JSON object" },
        { "7 ", "expected a JSON object" },
        { "{}", "global: expected an object" },
        { "{\"global\":[]}", "global: expected an object" },
        { "{\"global\":{}}", "core:datatype is missing" },
        { "{\"global\":{\"core:datatype\":8}}", "core:datatype is missing" },
        { "{\"global\":{\"core:datatype\":\"rf32_le\"}}", "core:datatype is rf32_le; complex" },
        { GLOBAL(",\"core:sample_rate\":\"1M\"") "}", "core:sample_rate: expected a number" },
        { GLOBAL(",\"core:sample_rate\":-1") "}", "core:sample_rate: expected a number above 0" },
        { GLOBAL(RATE) ",\"captures\":[{\"core:frequency\":1e300}]}",
          "core:frequency: expected a number up to 1e12" },
        { GLOBAL(RATE) ",\"captures\":[{\"core:header_bytes\":200000000000000},"
                       "{\"core:sample_start\":8,\"core:header_bytes\":200000000000000}]}",
          "core:header_bytes: expected less than 2^48 in all" },
        { GLOBAL(",\"core:num_channels\":2") "}", "core:num_channels is 2" },
        { GLOBAL(",\"core:trailing_bytes\":2") "}", "core:trailing_bytes" },
        { GLOBAL(",\"core:metadata_only\":true") "}", "no samples" },
        { GLOBAL(",\"core:dataset\":\"../x\"") "}", "in the same folder" },
        { GLOBAL(",\"core:dataset\":\"\"") "}", "in the same folder" },
        { GLOBAL(",\"core:dataset\":5") "}", "in the same folder" },
        { GLOBAL(",\"core:extensions\":[{\"name\":\"laser\",\"optional\":false}]") "}",
          "extension laser must be understood" },
        { GLOBAL(RATE) ",\"captures\":{}}", "captures: expected a list" },
        { GLOBAL(RATE) ",\"captures\":[7]}", "captures: expected a list of objects" },
        { GLOBAL(RATE) ",\"captures\":[{\"core:sample_start\":-1}]}",
          "core:sample_start: expected" },
        { GLOBAL(RATE) ",\"captures\":[{\"core:sample_start\":9e99}]}",
          "core:sample_start: expected" },
        { GLOBAL(RATE) ",\"captures\":[{\"core:header_bytes\":999999999999999}]}",
          "core:header_bytes: expected" },
        { GLOBAL(RATE) ",\"captures\":[{\"core:datetime\":\"noon\"}]}", "core:datetime: expected" },
        { GLOBAL(RATE) ",\"captures\":[{\"core:sample_start\":9},{\"core:sample_start\":8}]}",
          "capture 2 begins before" },
        { GLOBAL(RATE ",\"core:offset\":9") ",\"captures\":[{\"core:sample_start\":0}]}",
          "capture 1 begins before" },
        { GLOBAL(RATE) ",\"captures\":[{\"core:frequency\":868950000},{\"core:sample_start\":8,"
                       "\"core:frequency\":868300000}]}",
          "the centre changes from 868.950000 to 868.300000 MHz at sample 8" },
        { GLOBAL(RATE) ",\"captures\":[{\"core:global_index\":0},{\"core:sample_start\":8,"
                       "\"core:global_index\":99999999999999}]}",
          "s are missing between captures before sample 8" },
    };
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        struct sigmf_meta meta;
        struct err err;
        print_message("%s\n", rows[k].text);
        assert_false(sigmf_meta_parse(rows[k].text, strlen(rows[k].text), &meta, &err));
        assert_int_equal(err.exit_code, EXIT_FILE);
        assert_null(meta.parts);
        if (!strstr(err.text, rows[k].says))
            fail_msg("\"%s\" does not say \"%s\"", err.text, rows[k].says);
    }
}

static void test_depth(void **state)
{
    (void)state;
    char text[1000];
    struct sigmf_meta meta;
    struct err err;
    memset(text, '[', sizeof text - 1);
    text[sizeof text - 1] = 0;
    assert_false(sigmf_meta_parse(text, strlen(text), &meta, &err));
    assert_non_null(strstr(err.text, "no JSON: nesting"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),   cmocka_unit_test(test_least), cmocka_unit_test(test_parts),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
