/* SPDX-License-Identifier: MIT
 * Telegrams in fragments, through the decoder; the store itself is in test_fragments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/tests/made.h"
#include "decode/tests/payload.h"

/* OMS N.2.3 cut into fragments: AFL fields in the first, MAC in the last. */
static void fragments_are_joined(void **state)
{
    (void)state;
    const char *head = "00449315785634123303 8C2075";
    char hex[400];
    struct decoder *d = open_with("12345678", OMS_KEY);
    struct made first, second, last;
    /* FCL 6801: first, more to come, MCL, MCR; FCL 4002: second, more; FCL 0403: last, MAC */
    snprintf(hex, sizeof hex, "%s 9007 0168 25 B30A0000 7A75002007109058475F4BC91D", head);
    first = from_hex(hex);
    snprintf(hex, sizeof hex, "%s 9002 0240 F878B80A1B0F98B629024AAC7279", head);
    second = from_hex(hex);
    snprintf(hex, sizeof hex, "%s 900A 0304 21924D4F2FB66E01 42BFC549233C0140829B93", head);
    last = from_hex(hex);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(decode_at(d, &first, 0), DECODE_WAITING_FRAGMENT);
        assert_int_equal(telegram.afl_fragment, 1);
        assert_int_equal(decode_at(d, &first, 1), DECODE_WAITING_FRAGMENT); /* repeated */
        assert_int_equal(decode_at(d, &second, 2), DECODE_WAITING_FRAGMENT);
        assert_int_equal(decode_at(d, &second, 3), DECODE_WAITING_FRAGMENT);
        assert_int_equal(decode_at(d, &last, 4), DECODE_OK);
        assert_payload_of(&telegram,
                          "2F2F0C1427048502046D32371F1502FD1700002F2F2F2F2F2F2F2F2F2F2F2F2F");
        assert_true(telegram.authenticated);
        assert_int_equal(telegram.n_readings, 3);
    }
    /* a gap */
    assert_int_equal(decode_at(d, &first, 0), DECODE_WAITING_FRAGMENT);
    assert_int_equal(decode_at(d, &last, 1), DECODE_WAITING_FRAGMENT);
    assert_int_equal(decode_at(d, &second, 2), DECODE_WAITING_FRAGMENT);
    assert_int_equal(decode_at(d, &last, 3), DECODE_WAITING_FRAGMENT);
    /* too late */
    assert_int_equal(decode_at(d, &first, 0), DECODE_WAITING_FRAGMENT);
    assert_int_equal(decode_at(d, &second, 1000000), DECODE_WAITING_FRAGMENT);
    assert_int_equal(decode_at(d, &last, 40000000), DECODE_WAITING_FRAGMENT);
    /* another message's end */
    last.bytes[last.n - 1] ^= 1;
    assert_int_equal(decode_at(d, &first, 0), DECODE_WAITING_FRAGMENT);
    assert_int_equal(decode_at(d, &second, 1), DECODE_WAITING_FRAGMENT);
    assert_int_equal(decode_at(d, &last, 2), DECODE_BAD_MAC);
    assert_int_equal(telegram.n_readings, 0);
    decoder_close(d);
}

/* The last fragment is tried with its L first, then whole. */
static void last_fragment_with_wrong_l(void **state)
{
    static const struct {
        const char *what, *last;
        int more_l; /* than there is */
        enum decode_status status;
    } rows[] = {
        { "L counts too few", "21924D4F2FB66E01 42BFC549233C0140829B93", -1, DECODE_OK },
        { "a byte behind it", "21924D4F2FB66E01 42BFC549233C0140829B93 55", -1, DECODE_OK },
        { "two, and L counts one", "21924D4F2FB66E01 42BFC549233C0140829B93 5555", -1,
          DECODE_BAD_MAC },
        { "wrong MAC", "21924D4F2FB66E00 42BFC549233C0140829B93 55", -1, DECODE_BAD_MAC },
    };
    const char *head = "00449315785634123303 8C2075";
    char hex[400];
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct decoder *d = open_with("12345678", OMS_KEY);
        print_message("%s\n", rows[r].what);
        snprintf(hex, sizeof hex,
                 "%s 9007 0168 25 B30A0000 7A75002007109058475F4BC91DF878B80A1B0F98B629024AAC7279",
                 head);
        const struct made first = from_hex(hex);
        snprintf(hex, sizeof hex, "%s 900A 0204 %s", head, rows[r].last);
        struct made last = from_hex(hex);
        last.bytes[0] = (uint8_t)((int)last.n - 1 + rows[r].more_l);
        assert_int_equal(decode_at(d, &first, 0), DECODE_WAITING_FRAGMENT);
        assert_int_equal(decode_at(d, &last, 1), rows[r].status);
        assert_int_equal(decode_at(d, &last, 2), DECODE_WAITING_FRAGMENT); /* all is used up */
        decoder_close(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fragments_are_joined),
        cmocka_unit_test(last_fragment_with_wrong_l),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
