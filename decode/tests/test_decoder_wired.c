/* SPDX-License-Identifier: MIT
 * Frames of wired M-Bus through the decoder. */
#include "decode/decoder.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/tests/decoded.h"

/* OMS Volume 2 Annex N: the gas meter on wires. Frames without a long header say not whose they
 * are. */
static void wired_frames(void **state)
{
    (void)state;
    struct meter_config m = meter("gas", "12345678", NULL);
    assert_int_equal(
        decode(&m, 1,
               "68202068 08FD727856341293153303 2A0000000C1427048502046D32371F1502FD170000 8916"),
        DECODE_OK);
    assert_string_equal(telegram.name, "named");
    assert_false(telegram.anonymous);
    assert_int_equal(telegram.meter.manufacturer, 0x1593);
    assert_true(telegram.decrypted);
    assert_int_equal(telegram.n_readings, 3);
    assert_string_equal(telegram.readings[0].name, "volume_m3");
    assert_int_equal(telegram.readings[0].mantissa, 2850427);
    assert_int_equal(decode(&m, 1, "E5"), DECODE_OK);
    assert_true(telegram.anonymous && telegram.decrypted && !telegram.name);
    assert_int_equal(telegram.payload_n, 0);
    assert_int_equal(decode(&m, 1, "105BFD5816"), DECODE_OK);
    assert_int_equal(telegram.direction, DIRECTION_TO_METER);
    assert_int_equal(decode(&m, 1, "68 07 07 68 08 01 78 02 FD 17 00 97 16"), DECODE_BAD_LENGTH);
    assert_true(telegram.anonymous);
}

/* Fixed data structure: the example of the M-Bus documentation, and changes to it. */
static void fixed_data(void **state)
{
    static const struct {
        const char *what, *hex, *names[2], *values[2];
    } rows[] = {
        { "a water meter, 1 l, at the due date 135 l",
          "68 13 13 68 08 05 73 78563412 0A 00 E9 7E 01000000 35010000 3C 16",
          { "volume_m3", "volume_storage_1_m3" },
          { "0.001", "0.135" } },
        { "binary, kWh and 100 l",
          "68 13 13 68 08 05 73 78563412 0A 01 05 2B 2A000000 39300000 62 16",
          { "energy_kwh", "volume_m3" },
          { "42", "1234.5" } },
        { "stored, GJ and nothing known, no BCD",
          "68 13 13 68 08 05 73 78563412 0A 02 11 3F 12000000 0A000000 0C 16",
          { "energy_storage_1_kwh", "dimensionless_storage_1_counter" },
          { "3333.333333", "null" } },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        char id[ADDRESS_ID_TEXT + 1], number[DECIMAL_TEXT_SIZE];
        print_message("%s\n", rows[r].what);
        assert_int_equal(decode(NULL, 0, rows[r].hex), DECODE_OK);
        address_id_text(telegram.meter.id, id);
        assert_string_equal(id, "12345678");
        assert_int_equal(telegram.n_readings, 2);
        for (size_t i = 0; i < 2; i++) {
            assert_string_equal(telegram.readings[i].name, rows[r].names[i]);
            reading_print(&telegram.readings[i], number, sizeof number);
            assert_string_equal(number, rows[r].values[i]);
        }
    }
    assert_int_equal(decode(NULL, 0, rows[0].hex), DECODE_OK);
    assert_string_equal(address_media(&telegram.meter), "water");
    assert_int_equal(telegram.tpl_acc, 0x0A);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wired_frames),
        cmocka_unit_test(fixed_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
