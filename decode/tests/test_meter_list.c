/* SPDX-License-Identifier: MIT
 * Which meter a telegram is of, and which of its keys opens it. */
#include "decode/meter_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/tests/decoded.h"

/* Which of several meters a telegram belongs to. Names tell. */
static void rules_and_numbers(void **state)
{
    static const struct {
        const char *what, *hex, *name;
        bool of_rule;
    } rows[] = {
        { "by number", "0C449315785634123303 A00000", "by number", false },
        { "number right, manufacturer wrong: the rule", "0C449415785634123303 A00000", "any",
          true },
        { "bit 15 does not matter", "0C449395785634123303 A00000", "by number", false },
        { "same number, other maker", "0C442D2C785634123303 A00000", "kamstrup", false },
        { "rule for version and type", "0C449315000000007705 A00000", "version and type", true },
        { "rule for the rest", "0C449315000000007706 A00000", "any", true },
    };
    struct meter_config meters[6] = {
        meter("any", NULL, NULL),
        meter("by number", "12345678", NULL),
        meter("kamstrup", "12345678", NULL),
        meter("version and type", NULL, NULL),
        meter("", "00000000", NULL),
        meter("later", "12345678", NULL),
    };
    (void)state;
    meters[1].has_manufacturer = meters[2].has_manufacturer = true;
    meters[1].manufacturer = 0x1593;
    meters[2].manufacturer = 0x2C2D;
    meters[3].has_version = meters[3].has_device_type = true;
    meters[3].version = 0x77;
    meters[3].device_type = 0x05;
    meters[5].has_device_type = true;
    meters[5].device_type = 0xFF;
    struct meter_config swap = meters[0]; /* rules are asked in their order: the general one last */
    meters[0] = meters[3];
    meters[3] = swap;
    struct decoder *d = decoder_open(meters, ARRAY_LEN(meters));
    memset(meters, 0, sizeof meters); /* the decoder has its own copy */
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct frame frame = frame_of(rows[r].hex);
        print_message("%s\n", rows[r].what);
        decoder_decode(d, &frame, 0, &telegram);
        assert_non_null(telegram.name);
        assert_string_equal(telegram.name, rows[r].name);
        assert_int_equal(telegram.name_is_shared, rows[r].of_rule);
    }
    decoder_close(d);
}

static void the_key_that_fits_is_found(void **state)
{
    struct meter_config meters[2] = { meter("shared", NULL, gas_key),
                                      meter("own", "12345678", NULL) };
    (void)state;
    for (size_t k = 0; k < METER_MAX_KEYS; k++)
        meters[1].keys[k] = (struct meter_key){ .bytes = { (uint8_t)k }, .n = 16 };
    meters[1].n_keys = METER_MAX_KEYS;
    assert_int_equal(decode(meters, 2, gas_mode5), DECODE_OK); /* through the rule */
    assert_int_equal(decode(meters + 1, 1, gas_mode5), DECODE_BAD_2F2F);
    meters[1].keys[METER_MAX_KEYS - 1] = meters[0].keys[0];
    assert_int_equal(decode(meters + 1, 1, gas_mode5), DECODE_OK);
}

static void each_of_thousands_is_found(void **state)
{
    enum { N = 5000 };
    struct meter_config *meters = calloc(N, sizeof *meters);
    (void)state;
    assert_non_null(meters);
    for (uint32_t i = 0; i < N; i++) {
        uint32_t id = i * 2654435761u; /* no order */
        for (int k = 0; k < 4; k++)
            meters[i].id[k] = (uint8_t)(id >> 8 * k);
        snprintf(meters[i].name, sizeof meters[i].name, "%u", (unsigned)i);
    }
    struct decoder *d = decoder_open(meters, N);
    assert_non_null(d);
    for (uint32_t i = 0; i < N; i++) {
        struct frame frame = frame_of("09449315000000003303");
        memcpy(frame.bytes + 4, meters[i].id, 4);
        decoder_decode(d, &frame, 0, &telegram);
        assert_non_null(telegram.name);
        assert_string_equal(telegram.name, meters[i].name);
    }
    decoder_close(d);
    free(meters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_and_numbers),
        cmocka_unit_test(the_key_that_fits_is_found),
        cmocka_unit_test(each_of_thousands_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
