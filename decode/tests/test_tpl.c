/* SPDX-License-Identifier: MIT */
#include "decode/tpl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/address.h"
#include "decode/tests/hex.h"

static void ci_fields(void **state)
{
    static const struct {
        const char *what;
        uint8_t ci;
        enum ci_layer layer;
        enum tpl_header header;
        enum application_kind application;
    } rows[] = {
        { "DLMS", 0x00, CI_TPL, TPL_NONE, APPLICATION_DLMS },
        { "last of DLMS", 0x1F, CI_TPL, TPL_NONE, APPLICATION_DLMS },
        { "format frame", 0x69, CI_TPL, TPL_NONE, APPLICATION_FORMAT },
        { "application error, short", 0x6E, CI_TPL, TPL_SHORT, APPLICATION_ERROR },
        { "application error, none", 0x70, CI_TPL, TPL_NONE, APPLICATION_ERROR },
        { "alarm, long", 0x75, CI_TPL, TPL_LONG, APPLICATION_ALARM },
        { "SML, short", 0x7F, CI_TPL, TPL_SHORT, APPLICATION_SML },
        { "reserved behind it", 0x20, CI_RESERVED, TPL_NONE, APPLICATION_OTHER },
        { "selected application, none", 0x66, CI_TPL, TPL_NONE, APPLICATION_RECORDS },
        { "selected application, short", 0x67, CI_TPL, TPL_SHORT, APPLICATION_RECORDS },
        { "selected application, long", 0x68, CI_TPL, TPL_LONG, APPLICATION_RECORDS },
        { "alarm without header", 0x71, CI_TPL, TPL_NONE, APPLICATION_ALARM },
        { "full frame, long", 0x72, CI_TPL, TPL_LONG, APPLICATION_RECORDS },
        { "full frame, none", 0x78, CI_TPL, TPL_NONE, APPLICATION_RECORDS },
        { "full frame, short", 0x7A, CI_TPL, TPL_SHORT, APPLICATION_RECORDS },
        { "compact, long", 0x73, CI_TPL, TPL_LONG, APPLICATION_COMPACT },
        { "compact, none", 0x79, CI_TPL, TPL_NONE, APPLICATION_COMPACT },
        { "compact, short", 0x7B, CI_TPL, TPL_SHORT, APPLICATION_COMPACT },
        { "DLMS comes long first", 0x7C, CI_TPL, TPL_LONG, APPLICATION_DLMS },
        { "network layer", 0x81, CI_NWL, TPL_NONE, APPLICATION_OTHER },
        { "ELL V", 0x86, CI_ELL_V, TPL_NONE, APPLICATION_OTHER },
        { "transport only, short", 0x8A, CI_TPL, TPL_SHORT, APPLICATION_OTHER },
        { "transport only, long", 0x8B, CI_TPL, TPL_LONG, APPLICATION_OTHER },
        { "ELL I", 0x8C, CI_ELL, TPL_NONE, APPLICATION_OTHER },
        { "ELL IV", 0x8F, CI_ELL, TPL_NONE, APPLICATION_OTHER },
        { "authentication, fragmentation", 0x90, CI_AFL, TPL_NONE, APPLICATION_OTHER },
        { "reserved behind it", 0x91, CI_RESERVED, TPL_NONE, APPLICATION_OTHER },
        { "manufacturer's", 0xA0, CI_TPL, TPL_NONE, APPLICATION_OTHER },
        { "last of the manufacturer's", 0xB7, CI_TPL, TPL_NONE, APPLICATION_OTHER },
        { "reserved at the end", 0xFF, CI_RESERVED, TPL_NONE, APPLICATION_OTHER },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        const struct ci_info *info = tpl_ci_info(rows[r].ci);
        print_message("%02X %s\n", rows[r].ci, rows[r].what);
        assert_int_equal(info->layer, rows[r].layer);
        assert_int_equal(info->header, rows[r].header);
        assert_int_equal(info->application, rows[r].application);
    }
}

static void headers(void **state)
{
    static const struct {
        const char *what, *hex;
        size_t header_n;
        bool has_header, has_address;
        uint8_t acc, sts;
        int mode;
    } rows[] = {
        { "none", "78", 1, false, false, 0, 0, -1 },
        { "short, mode 5, OMS N.2.1", "7A2A002025", 5, true, false, 0x2A, 0x00, 5 },
        { "long, mode 5, OMS N.5.3", "72887766559344550800041005", 13, true, true, 0x00, 0x04, 5 },
        { "short, mode 7", "7A7500200710", 6, true, false, 0x75, 0x00, 7 },
        { "short, mode 7, counter, key version", "7A75002027500102030405", 11, true, false, 0x75,
          0x00, 7 },
        { "short, mode 9 of Dutch meters", "7A7500012920 0001020304", 11, true, false, 0x75, 0x00,
          9 },
        { "short, mode 10", "7A7500FF0A1001 01020304", 11, true, false, 0x75, 0x00, 10 },
        { "short, mode 10, key version", "7A7500FF0A5001 09 01020304", 12, true, false, 0x75, 0x00,
          10 },
        { "short, mode 13", "7A7500100D02", 6, true, false, 0x75, 0x00, 13 },
        { "short, bits around the mode set", "7A0100FFE5", 5, true, false, 0x01, 0x00, 5 },
        { "the manufacturer's", "A0", 1, false, false, 0, 0, -1 },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        uint8_t bytes[32];
        struct tpl tpl;
        size_t n = bytes_from_hex(rows[r].hex, bytes, sizeof bytes);
        print_message("%s\n", rows[r].what);
        assert_int_equal(tpl_parse(bytes, n, &tpl), DECODE_OK);
        assert_int_equal(tpl.header_n, rows[r].header_n);
        assert_int_equal(tpl.has_header, rows[r].has_header);
        assert_int_equal(tpl.has_address, rows[r].has_address);
        assert_int_equal(tpl.acc, rows[r].acc);
        assert_int_equal(tpl.sts, rows[r].sts);
        assert_int_equal(tpl.mode, rows[r].mode);
        for (size_t cut = 0; cut < n; cut++)
            assert_int_equal(tpl_parse(bytes, cut, &tpl), DECODE_BAD_LENGTH);
    }
}

static void encrypted_bytes(void **state)
{
    static const struct {
        const char *what;
        uint16_t cf;
        size_t n, encrypted;
        int mode;
        uint16_t cfe;
    } rows[] = {
        { "two blocks and no more", 0x2520, 32, 32, 5, 0 },
        { "one block and a clear tail", 0x0510, 23, 16, 5, 0 },
        { "more than there is: the caller refuses", 0x0530, 40, 48, 5, 0 },
        { "fifteen blocks", 0x05F0, 240, 240, 5, 0 },
        { "no blocks announced, whole blocks there: all", 0x0500, 32, 32, 5, 0 },
        { "no blocks announced, no whole blocks: none", 0x0500, 33, 0, 5, 0 },
        { "no blocks announced, nothing there", 0x0500, 0, 0, 5, 0 },
        { "mode 2 counts bytes", 0x0210, 16, 16, 2, 0 },
        { "mode 7", 0x0720, 40, 32, 7, 0 },
        { "mode 7, none", 0x0700, 32, 0, 7, 0 },
        { "mode 7, longer than it can say", 0x07F0, 270, 256, 7, 0 },
        { "mode 9", 0x2901, 40, 24, 9, 24 },
        { "mode 10", 0x0A12, 40, 18, 10, 0 },
        { "mode 10, all", 0x0AFF, 40, 40, 10, 0 },
        { "mode 0", 0x00F0, 40, 0, 0, 0 },
        { "no header", 0, 40, 0, -1, 0 },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        struct tpl tpl = { .cf = rows[r].cf, .mode = rows[r].mode, .cfe = rows[r].cfe };
        assert_int_equal(tpl_encrypted_bytes(&tpl, rows[r].n), rows[r].encrypted);
    }
}

static void fillers(void **state)
{
    (void)state;
    assert_true(tpl_starts_2f2f((const uint8_t[]){ 0x2F, 0x2F }, 2));
    assert_false(tpl_starts_2f2f((const uint8_t[]){ 0x2F, 0x2E }, 2));
    assert_false(tpl_starts_2f2f((const uint8_t[]){ 0x2E, 0x2F }, 2));
    assert_false(tpl_starts_2f2f((const uint8_t[]){ 0x2F }, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ci_fields),
        cmocka_unit_test(headers),
        cmocka_unit_test(encrypted_bytes),
        cmocka_unit_test(fillers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
