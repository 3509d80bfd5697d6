/* SPDX-License-Identifier: MIT */
#include "decode/wired.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/dll.h"
#include "decode/tests/hex.h"

/* OMS Volume 2 Annex N, gas meter; the other frames are those of EN 13757-2's examples. */
#define GAS "68202068 08FD72785634129315 33032A0000000C1427048502046D32371F1502FD170000 8916"

static void frames(void **state)
{
    static const struct {
        const char *what, *hex, *stripped;
        uint8_t c, a;
        enum direction direction;
        const char *function;
    } rows[] = {
        { "single character", "E5", "00", 0, 0, DIRECTION_FROM_METER, "ACK" },
        { "REQ-UD2 to FD", "10 5B FD 58 16", "02 5BFD", 0x5B, 0xFD, DIRECTION_TO_METER, "REQ-UD2" },
        { "SND-NKE", "10 40 FD 3D 16", "02 40FD", 0x40, 0xFD, DIRECTION_TO_METER, "SND-NKE" },
        { "REQ-UD2, FCB", "10 7B 01 7C 16", "02 7B01", 0x7B, 0x01, DIRECTION_TO_METER, "REQ-UD2" },
        { "control frame", "68 03 03 68 53 FE 50 A1 16", "03 53FE50", 0x53, 0xFE,
          DIRECTION_TO_METER, "SND-UD" },
        { "selection", "68 0B 0B 68 53 FD 52 78 56 34 12 93 15 33 03 94 16",
          "0B 53FD52 7856341293153303", 0x53, 0xFD, DIRECTION_TO_METER, "SND-UD" },
        { "RSP-UD", GAS, "20 08FD72785634129315 33032A0000000C1427048502046D32371F1502FD170000",
          0x08, 0xFD, DIRECTION_FROM_METER, "RSP-UD" },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        uint8_t bytes[WIRED_MAX_BYTES], expected[FRAME_MAX_BYTES], dressed[WIRED_MAX_BYTES];
        static struct telegram t;
        struct frame frame = { .n = 99 };
        size_t n = bytes_from_hex(rows[r].hex, bytes, sizeof bytes);
        size_t n_stripped = bytes_from_hex(rows[r].stripped, expected, sizeof expected);
        print_message("%s\n", rows[r].what);
        assert_true(wired_is_frame(bytes, n));
        assert_int_equal(dll_guess(bytes, n, &frame), DECODE_OK);
        assert_int_equal(frame.format, FRAME_WIRED);
        assert_int_equal(frame.n, n_stripped);
        assert_memory_equal(frame.bytes, expected, n_stripped);
        assert_int_equal(wired_dress(&frame, dressed), n);
        assert_memory_equal(dressed, bytes, n);
        assert_int_equal(dll_parse(&frame, &t), n_stripped < 3 ? 1 : 3);
        assert_int_equal(t.c, rows[r].c);
        assert_int_equal(t.primary_address, rows[r].a);
        assert_int_equal(t.direction, rows[r].direction);
        assert_true(t.anonymous);
        assert_string_equal(dll_function(t.c), rows[r].function);
    }
}

static void every_flipped_bit_is_caught(void **state)
{
    uint8_t bytes[WIRED_MAX_BYTES];
    struct frame frame;
    size_t n = bytes_from_hex(GAS, bytes, sizeof bytes);
    (void)state;
    for (size_t bit = 0; bit < 8 * n; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(wired_strip(bytes, n, &frame), DECODE_OK);
        assert_int_equal(frame.n, 0);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t cut = 0; cut < n; cut++)
        assert_int_equal(wired_strip(bytes, cut, &frame), DECODE_BAD_LENGTH);
}

static void every_length(void **state)
{
    (void)state;
    for (size_t n = 0; n <= FRAME_MAX_BYTES; n++) {
        struct frame frame = { .format = FRAME_WIRED, .n = n }, again;
        uint8_t bytes[WIRED_MAX_BYTES];
        frame.bytes[0] = (uint8_t)(n - 1);
        for (size_t i = 1; i < n; i++)
            frame.bytes[i] = (uint8_t)(i * 7);
        size_t dressed = wired_dress(&frame, bytes);
        if (n == 0 || n == 2) {
            assert_int_equal(dressed, 0);
            continue;
        }
        assert_int_equal(dressed, n == 1 ? 1 : n == 3 ? 5 : n + 5);
        assert_int_equal(wired_strip(bytes, dressed, &again), DECODE_OK);
        assert_int_equal(again.n, n);
        assert_memory_equal(again.bytes, frame.bytes, n);
    }
    struct frame wireless = { .format = FRAME_A, .n = 11 };
    assert_int_equal(wired_dress(&wireless, (uint8_t[WIRED_MAX_BYTES]){ 0 }), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames),
        cmocka_unit_test(every_flipped_bit_is_caught),
        cmocka_unit_test(every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
