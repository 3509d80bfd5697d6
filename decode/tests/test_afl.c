/* SPDX-License-Identifier: MIT */
#include "decode/afl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/tests/hex.h"

static void headers(void **state)
{
    static const struct {
        const char *what, *hex;
        size_t header_n; /* 0: DECODE_BAD_LENGTH */
        bool is_fragment;
    } rows[] = {
        { "OMS N.2.3: MCL, counter, MAC", "900F002C25B30A000021924D4F2FB66E017A", 17, false },
        { "FCL alone", "90020000", 4, false },
        { "first of several", "90020140", 4, true },
        { "one fragment that is all", "90020100", 4, false },
        { "last of several", "90020200", 4, true },
        { "more to come, no number", "90020040", 4, true },
        { "length without FCL", "9001002C", 0, false },
        { "length zero", "9000", 0, false },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        uint8_t bytes[32];
        struct afl afl;
        size_t n = bytes_from_hex(rows[r].hex, bytes, sizeof bytes);
        print_message("%s\n", rows[r].what);
        enum decode_status status = afl_parse(bytes, n, &afl);
        assert_int_equal(status, rows[r].header_n > 0 ? DECODE_OK : DECODE_BAD_LENGTH);
        if (status != DECODE_OK)
            continue;
        assert_int_equal(afl.header_n, rows[r].header_n);
        assert_int_equal(afl_is_fragment(&afl), rows[r].is_fragment);
        for (size_t cut = 0; cut < rows[r].header_n; cut++)
            assert_int_equal(afl_parse(bytes, cut, &afl), DECODE_BAD_LENGTH);
    }
}

static struct afl parsed(const char *hex)
{
    uint8_t bytes[64];
    struct afl afl;
    size_t n = bytes_from_hex(hex, bytes, sizeof bytes);
    print_message("%s\n", hex);
    assert_int_equal(afl_parse(bytes, n, &afl), DECODE_OK);
    return afl;
}

/* Every field alone and all together, in the order of EN 13757-7:2018; what the MAC covers is the
 * same bytes again. */
static void fields(void **state)
{
    static const struct {
        const char *hex;
        bool mcl, ki, mcr, ml;
        const char *mac, *covered;
    } rows[] = {
        { "9003 0020 25", true, false, false, false, "", "25" },
        { "9004 0002 1100", false, true, false, false, "", "1100" },
        { "9006 0008 04030201", false, false, true, false, "", "04030201" },
        { "9004 0010 3412", false, false, false, true, "", "3412" },
        { "9013 013E 25 1100 04030201 0102030405060708 3412", true, true, true, true,
          "0102030405060708", "25110004030201 3412" },
        /* no MCL, which would tell how long the MAC is: all up to the length */
        { "900A 0204 0102030405060708", false, false, false, false, "0102030405060708", "" },
        { "900C 0214 0102030405060708 3412", false, false, false, true, "0102030405060708",
          "3412" },
        { "9004 0214 3412", false, false, false, true, "", "3412" },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        const struct afl afl = parsed(rows[r].hex);
        uint8_t mac[AFL_MAX_MAC], covered[AFL_MAX_COVERED], out[AFL_MAX_COVERED];
        assert_int_equal(afl.has_mcl, rows[r].mcl);
        assert_int_equal(afl.has_ki, rows[r].ki);
        assert_int_equal(afl.has_mcr, rows[r].mcr);
        assert_int_equal(afl.has_ml, rows[r].ml);
        assert_int_equal(afl.mcl, rows[r].mcl ? 0x25 : 0);
        assert_int_equal(afl.ki, rows[r].ki ? 0x0011 : 0);
        assert_int_equal(afl.mcr, rows[r].mcr ? 0x01020304 : 0);
        assert_int_equal(afl.ml, rows[r].ml ? 0x1234 : 0);
        const size_t mac_n = bytes_from_hex(rows[r].mac, mac, sizeof mac);
        assert_int_equal(afl.mac_n, mac_n);
        assert_memory_equal(afl.mac, mac, mac_n);
        const size_t n = bytes_from_hex(rows[r].covered, covered, sizeof covered);
        assert_int_equal(afl_covered(&afl, out), n);
        assert_memory_equal(out, covered, n);
    }
}

/* The kind of authentication tells how long the MAC is, and how it is made. */
static void kinds_of_mac(void **state)
{
    static const struct {
        uint8_t mcl;
        size_t n;
        bool is_cmac;
    } rows[] = { { 0x20, 0, false },  { 0x21, 0, false },  { 0x22, 0, false }, { 0x23, 2, true },
                 { 0x24, 4, true },   { 0x25, 8, true },   { 0x26, 12, true }, { 0x27, 16, true },
                 { 0x28, 12, false }, { 0x29, 16, false }, { 0x2A, 0, false }, { 0x2F, 0, false } };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        uint8_t bytes[5 + AFL_MAX_MAC + 1] = { 0x90, 0, 0x00, 0x24, rows[r].mcl };
        struct afl afl;
        bytes[1] = (uint8_t)(3 + rows[r].n);
        assert_int_equal(afl_parse(bytes, 5 + rows[r].n, &afl), DECODE_OK);
        assert_int_equal(afl.mac_n, rows[r].n);
        assert_int_equal(afl_mac_is_cmac(&afl), rows[r].is_cmac);
        afl.mac_n++; /* not of the length it says */
        assert_false(afl_mac_is_cmac(&afl));
    }
    assert_false(afl_mac_is_cmac(&(struct afl){ .mcl = 0x25, .mac_n = 8 }));
}

/* A MAC that only the length tells must not be longer than there is room for. */
static void longest_mac(void **state)
{
    uint8_t bytes[4 + AFL_MAX_MAC + 1] = { 0x90, 2 + AFL_MAX_MAC, 0x02, 0x04 };
    struct afl afl;
    (void)state;
    memset(bytes + 4, 0x5A, AFL_MAX_MAC + 1);
    assert_int_equal(afl_parse(bytes, sizeof bytes - 1, &afl), DECODE_OK);
    assert_int_equal(afl.mac_n, AFL_MAX_MAC);
    assert_memory_equal(afl.mac, bytes + 4, AFL_MAX_MAC);
    bytes[1]++;
    assert_int_equal(afl_parse(bytes, sizeof bytes, &afl), DECODE_BAD_LENGTH);
}

/* A fragment adds the fields that it has, and leaves those that it has not. */
static void joined(void **state)
{
    static const struct {
        const char *fragment;
        uint8_t mcl;
        uint16_t ki, ml;
        uint32_t mcr;
        size_t mac_n;
        bool more;
    } rows[] = {
        { "9002 0240", 0x25, 0x0011, 0x1234, 0x01020304, 8, true },
        { "9003 0260 26", 0x26, 0x0011, 0x1234, 0x01020304, 8, true },
        { "9004 0242 2200", 0x25, 0x0022, 0x1234, 0x01020304, 8, true },
        { "9006 0248 08070605", 0x25, 0x0011, 0x1234, 0x05060708, 8, true },
        { "9004 0210 7856", 0x25, 0x0011, 0x5678, 0x01020304, 8, false },
        { "9004 0204 5A5B", 0x25, 0x0011, 0x1234, 0x01020304, 2, false },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct afl whole = parsed("9013 017E 25 1100 04030201 0102030405060708 3412"), none = { 0 };
        const struct afl fragment = parsed(rows[r].fragment);
        afl_join(&none, &fragment);
        uint8_t out[AFL_MAX_COVERED], of_fragment[AFL_MAX_COVERED];
        assert_int_equal(afl_covered(&none, out), afl_covered(&fragment, of_fragment));
        assert_memory_equal(out, of_fragment, afl_covered(&none, out));
        afl_join(&whole, &fragment);
        assert_int_equal(whole.fragment, 2);
        assert_int_equal(whole.more_fragments, rows[r].more);
        assert_true(whole.has_mcl && whole.has_ki && whole.has_mcr && whole.has_ml);
        assert_int_equal(whole.mcl, rows[r].mcl);
        assert_int_equal(whole.ki, rows[r].ki);
        assert_int_equal(whole.mcr, rows[r].mcr);
        assert_int_equal(whole.ml, rows[r].ml);
        assert_int_equal(whole.mac_n, rows[r].mac_n);
        assert_int_equal(whole.mac[0], rows[r].mac_n == 2 ? 0x5A : 0x01);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers),     cmocka_unit_test(fields), cmocka_unit_test(kinds_of_mac),
        cmocka_unit_test(longest_mac), cmocka_unit_test(joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
