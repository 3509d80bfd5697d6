/* SPDX-License-Identifier: MIT */
#include "decode/dll.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/tests/hex.h"

/* OMS Volume 2, Annex N: gas meter, security profile A, format A, as sent. */
static const char gas_air[] = "2E449315785634123303 3363 7A2A0020255923C95AAA26D1B2E7493B C2AD"
                              "013EC4A6F6D3529B520EDFF0EA6DEFC9 55B2 9D6D69EBF3 EC8A";
static const char gas[] = "2E449315785634123303 7A2A0020255923C95AAA26D1B2E7493B"
                          "013EC4A6F6D3529B520EDFF0EA6DEFC9 9D6D69EBF3";
/* Water meter, format B, L counts the CRC. */
static const char water_air[] = "1444AE0C7856341201078C2027780B134365877AC5";
static const char water[] = "1244AE0C7856341201078C2027780B13436587";

static void make_frame(uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(i * 37 + 11);
    bytes[0] = (uint8_t)(n - 1);
    bytes[1] = 0x44;
}

static void bytes_on_air(void **state)
{
    static const struct {
        const char *what;
        enum frame_format format;
        uint8_t l;
        size_t n;
    } rows[] = {
        { "A: shorter than the header", FRAME_A, 8, 0 },
        { "A: header alone", FRAME_A, 9, 12 },
        { "A: CI alone", FRAME_A, 10, 15 },
        { "A: second block full", FRAME_A, 25, 30 },
        { "A: one byte in the third", FRAME_A, 26, 33 },
        { "A: OMS gas meter", FRAME_A, 0x2E, 55 },
        { "A: longest", FRAME_A, 255, 290 },
        { "B: no CI", FRAME_B, 11, 0 },
        { "B: CI alone", FRAME_B, 12, 13 },
        { "B: longest with one CRC", FRAME_B, 127, 128 },
        { "B: third block without a byte", FRAME_B, 128, 0 },
        { "B: third block with half a CRC", FRAME_B, 129, 0 },
        { "B: shortest with two CRCs", FRAME_B, 130, 131 },
        { "B: longest", FRAME_B, 255, 256 },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        assert_int_equal(dll_air_bytes(rows[r].format, rows[r].l), rows[r].n);
    }
}

static void published_frames(void **state)
{
    static const struct {
        const char *what;
        enum frame_format format;
        const char *air, *stripped;
    } rows[] = {
        { "OMS gas meter", FRAME_A, gas_air, gas },
        { "water meter", FRAME_B, water_air, water },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        uint8_t air[FRAME_MAX_AIR_BYTES], expected[FRAME_MAX_BYTES], dressed[FRAME_MAX_AIR_BYTES];
        struct frame frame = { .format = (enum frame_format) !rows[r].format };
        size_t n_air = bytes_from_hex(rows[r].air, air, sizeof air);
        size_t n = bytes_from_hex(rows[r].stripped, expected, sizeof expected);
        print_message("%s\n", rows[r].what);
        assert_int_equal(dll_strip(rows[r].format, air, n_air, &frame), DECODE_OK);
        assert_int_equal(frame.status, DECODE_OK);
        assert_int_equal(frame.format, rows[r].format);
        assert_int_equal(frame.n, n);
        assert_memory_equal(frame.bytes, expected, n);
        assert_int_equal(dll_dress(rows[r].format, expected, n, dressed), n_air);
        assert_memory_equal(dressed, air, n_air);
    }
}

static void dress_and_strip_every_length(void **state)
{
    static const struct {
        enum frame_format format;
        size_t shortest, longest;
    } rows[] = { { FRAME_A, 10, 256 }, { FRAME_B, 11, 252 } };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        for (size_t n = 0; n <= 300; n++) {
            uint8_t bytes[300], air[FRAME_MAX_AIR_BYTES + 1];
            struct frame frame = { 0 };
            make_frame(bytes, n > 2 ? n : 2);
            size_t n_air = dll_dress(rows[r].format, bytes, n, air);
            if (n < rows[r].shortest || n > rows[r].longest) {
                assert_int_equal(n_air, 0);
                continue;
            }
            assert_int_equal(n_air, dll_air_bytes(rows[r].format, air[0]));
            air[n_air] = 0xAA; /* what follows a frame on air is no part of it */
            assert_int_equal(dll_strip(rows[r].format, air, n_air + 1, &frame), DECODE_OK);
            assert_int_equal(frame.n, n);
            assert_memory_equal(frame.bytes, bytes, n);
            for (size_t cut = 0; cut < n_air; cut++)
                assert_int_equal(dll_strip(rows[r].format, air, cut, &frame), DECODE_BAD_LENGTH);
        }
    }
}

static void every_flipped_bit_is_caught(void **state)
{
    static const size_t lengths[] = { 11, 26, 27, 100, 126, 127, 252 };
    (void)state;
    for (enum frame_format format = FRAME_A; format <= FRAME_B; format++)
        for (size_t k = 0; k < ARRAY_LEN(lengths); k++) {
            uint8_t bytes[FRAME_MAX_BYTES], air[FRAME_MAX_AIR_BYTES];
            struct frame frame;
            make_frame(bytes, lengths[k]);
            size_t n_air = dll_dress(format, bytes, lengths[k], air);
            for (size_t bit = 0; bit < 8 * n_air; bit++) {
                air[bit / 8] ^= (uint8_t)(1 << bit % 8);
                enum decode_status status = dll_strip(format, air, n_air, &frame);
                assert_true(status == DECODE_BAD_CRC || status == DECODE_BAD_LENGTH);
                assert_int_equal(frame.status, status);
                air[bit / 8] ^= (uint8_t)(1 << bit % 8);
            }
        }
}

static void guess_tells_formats_apart(void **state)
{
    static const struct {
        const char *what, *hex;
        enum decode_status status;
        const char *stripped;
    } rows[] = {
        { "A with CRCs", gas_air, DECODE_OK, gas },
        { "B with CRCs", water_air, DECODE_OK, water },
        { "stripped", gas, DECODE_OK, gas },
        { "stripped B, L normalised", water, DECODE_OK, water },
        { "header alone", "09441593785634123303", DECODE_OK, "09441593785634123303" },
        { "a byte less than a header", "084415937856341233", DECODE_BAD_LENGTH, "" },
        { "nothing", "", DECODE_BAD_LENGTH, "" },
        { "stripped, L too small: seen from a Qundis receiver",
          "1244AE0C7856341201078C2027780B1343658700", DECODE_OK,
          "1244AE0C7856341201078C2027780B1343658700" },
        { "stripped but for the last CRC: seen with Qundis meters",
          "3B4493444836351218067AC70000200C13911900004C1391170000426CBF2CCC081391170000C2086CBF2C"
          "02BB560000326CFFFF046D1E02DE21FED0",
          DECODE_OK,
          "3B4493444836351218067AC70000200C13911900004C1391170000426CBF2CCC081391170000C2086CBF2C"
          "02BB560000326CFFFF046D1E02DE21" },
        { "stripped, L too large", "1344AE0C7856341201078C2027780B13436587", DECODE_OK,
          "1344AE0C7856341201078C2027780B13436587" },
        { "wired M-Bus, long frame",
          "68202068 08FD72785634129315 33032A0000000C1427048502046D32371F1502FD170000 8916",
          DECODE_OK, "20 08FD72785634129315 33032A0000000C1427048502046D32371F1502FD170000" },
        { "wired M-Bus, wrong checksum",
          "68202068 08FD72785634129315 33032A0000000C1427048502046D32371F1502FD170000 8A16",
          DECODE_BAD_CRC, "" },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        uint8_t bytes[FRAME_MAX_AIR_BYTES], expected[FRAME_MAX_BYTES];
        struct frame frame = { .n = 99 };
        size_t n_bytes = bytes_from_hex(rows[r].hex, bytes, sizeof bytes);
        size_t n = bytes_from_hex(rows[r].stripped, expected, sizeof expected);
        print_message("%s\n", rows[r].what);
        assert_int_equal(dll_guess(bytes, n_bytes, &frame), rows[r].status);
        assert_int_equal(frame.status, rows[r].status);
        assert_int_equal(frame.n, n);
        assert_memory_equal(frame.bytes, expected, n);
    }
}

/* CRCs must not be taken for data. Nothing can be said of a frame as long as a stripped one with
 * the same L: format B with one CRC, or an L of format A hurt just so. */
static void guess_refuses_hurt_frames(void **state)
{
    static const struct {
        enum frame_format format;
        size_t n;
    } rows[] = { { FRAME_A, 20 },  { FRAME_A, 47 },  { FRAME_A, 60 },
                 { FRAME_A, 256 }, { FRAME_B, 127 }, { FRAME_B, 252 } };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        uint8_t bytes[FRAME_MAX_BYTES], air[FRAME_MAX_AIR_BYTES];
        struct frame frame;
        make_frame(bytes, rows[r].n);
        size_t n_air = dll_dress(rows[r].format, bytes, rows[r].n, air);
        for (size_t bit = 0; bit < 8 * n_air; bit++) {
            air[bit / 8] ^= (uint8_t)(1 << bit % 8);
            if (rows[r].format == FRAME_B || n_air != air[0] + 1u) {
                assert_int_equal(dll_guess(air, n_air, &frame), DECODE_BAD_CRC);
                assert_int_equal(frame.n, 0);
            }
            air[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static void guess_refuses_what_is_too_long(void **state)
{
    uint8_t bytes[FRAME_MAX_AIR_BYTES + 1];
    struct frame frame;
    (void)state;
    make_frame(bytes, 256);
    memset(bytes + 256, 0, sizeof bytes - 256);
    for (size_t n = 257; n <= sizeof bytes; n++)
        if (n != dll_air_bytes(FRAME_A, bytes[0])) /* that would be a hurt frame of format A */
            assert_int_equal(dll_guess(bytes, n, &frame), DECODE_BAD_LENGTH);
}

static void header_fields(void **state)
{
    struct frame frame;
    struct telegram *t = &(struct telegram){ 0 };
    uint8_t bytes[FRAME_MAX_BYTES];
    (void)state;
    assert_int_equal(dll_guess(bytes, bytes_from_hex(gas, bytes, sizeof bytes), &frame), DECODE_OK);
    assert_int_equal(dll_parse(&frame, t), 10);
    assert_int_equal(t->c, 0x44);
    assert_int_equal(t->direction, DIRECTION_FROM_METER);
    assert_int_equal(t->dll.manufacturer, 0x1593);
    assert_memory_equal(t->dll.id, "\x78\x56\x34\x12", 4);
    assert_int_equal(t->dll.version, 0x33);
    assert_int_equal(t->dll.device_type, 0x03);
    for (frame.n = 0; frame.n < 10; frame.n++)
        assert_int_equal(dll_parse(&frame, t), 0);
}

/* EN 13757-4:2019, C-field: these come from the other device, all else from the meter. */
static void direction_from_c(void **state)
{
    static const uint8_t to_meter[] = {
        0x40, 0x43, 0x45, 0x53, 0x73, 0x5A, 0x7A, 0x5B, 0x7B, 0x06
    };
    static struct telegram t;
    (void)state;
    for (int c = 0; c < 256; c++) {
        struct frame frame = { .bytes = { 9, (uint8_t)c }, .n = 10 };
        bool listed = memchr(to_meter, c, sizeof to_meter) != NULL;
        assert_int_equal(dll_parse(&frame, &t), 10);
        assert_int_equal(t.direction, listed ? DIRECTION_TO_METER : DIRECTION_FROM_METER);
    }
}

static void status_names(void **state)
{
    (void)state;
    assert_string_equal(decode_status_name(DECODE_OK), "ok");
    assert_string_equal(decode_status_name(DECODE_BAD_2F2F), "bad_2f2f");
    assert_string_equal(decode_status_name(DECODE_WAITING_FRAGMENT), "waiting_fragment");
    for (int a = 0; a < DECODE_N_STATUS; a++)
        for (int b = 0; b < a; b++)
            assert_string_not_equal(decode_status_name((enum decode_status)a),
                                    decode_status_name((enum decode_status)b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_on_air),
        cmocka_unit_test(published_frames),
        cmocka_unit_test(dress_and_strip_every_length),
        cmocka_unit_test(every_flipped_bit_is_caught),
        cmocka_unit_test(guess_tells_formats_apart),
        cmocka_unit_test(guess_refuses_hurt_frames),
        cmocka_unit_test(guess_refuses_what_is_too_long),
        cmocka_unit_test(header_fields),
        cmocka_unit_test(direction_from_c),
        cmocka_unit_test(status_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
