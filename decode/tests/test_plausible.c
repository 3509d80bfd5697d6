/* SPDX-License-Identifier: MIT */
#include "decode/plausible.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/tests/hex.h"

static void records(void **state)
{
    static const struct {
        const char *what, *hex;
        bool plausible;
    } rows[] = {
        { "a counter", "0413 2A000000", true },
        { "two of them", "0413 2A000000 0406 01000000", true },
        { "check bytes around it", "2F2F 0413 2A000000 2F2F", true },
        { "nothing", "", false },
        { "fillers alone", "2F2F2F2F", false },
        { "a CRC behind it", "0413 2A000000 8413", true },
        { "one byte behind it", "0413 2A000000 84", false },
        { "three bytes behind it", "0413 2A000000 841300", false },
        { "cut", "0413 2A0000", false },
        { "no value", "0413 FFFFFFFF", true },
        { "the most negative integer", "0413 00000080", true },
        { "ten billions, of a meter's digits", "0713 FF9F724E18090000", true },
        { "and one more", "0713 00A0724E18090000", false },
        { "BCD", "0C13 27048502", true },
        { "BCD without value", "0C13 FFFFFFFF", true },
        { "letters in BCD", "0C13 2A048502", false },
        { "a real", "055B 3333B341", true },
        { "a negative one", "055B 3333B3C1", true },
        { "a real 0", "055B 00000000", true },
        { "a real without value", "055B FFFFFFFF", true },
        { "a real that is none", "055B 0000C07F", false },
        { "a tiny real", "055B 00000030", false },
        { "a large real", "055B 00000054", false },
        { "a date", "426C 1F15", true },
        { "a date without value", "426C FFFF", true },
        { "a date that was never set", "426C 0000", true },
        { "a 31st of February", "426C 1F12", false },
        { "a time that says it is invalid", "046D B2371F15", true },
        { "six bytes of it, too", "066D 2C9AA1D52100", true },
        { "a 25th hour", "046D 32391F15", false },
        { "text", "0D78 04 31323334", true },
        { "text with a line feed", "0DFD0C 04 310A3334", false },
        { "text with a NUL", "0DFD0C 04 31003334", true },
        { "bytes that are no text", "0DFD0C E4 010A0B0C", true },
        { "a reserved quantity", "04FDFE00 01000000", false },
        { "a reserved extension", "049310 2A000000", false },
        { "an unknown table", "04EF01 2A000000", false },
        { "the manufacturer's", "04FF20 2A000000", true },
        { "a tariff of four bits", "84F01013 2A000000", true },
        { "and of five", "8490809013 2A000000", false },
        { "a selection", "0813", false },
        { "no data", "0013", false },
        { "records, then the manufacturer's", "0413 2A000000 0F0102", true },
        { "the manufacturer's alone", "0F0102", false },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        uint8_t bytes[64];
        const size_t n = bytes_from_hex(rows[r].hex, bytes, sizeof bytes);
        print_message("%s\n", rows[r].what);
        assert_int_equal(plausible_records(bytes, n, false), rows[r].plausible);
    }
    assert_true(plausible_records((const uint8_t[]){ 0x0F, 1, 2 }, 3, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(records) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
