/* SPDX-License-Identifier: MIT */
#include "decode/decoder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/address.h"
#include "decode/security.h"
#include "decode/tests/decoded.h"
#include "decode/tests/payload.h"

/* Public telegrams, stripped. OMS Volume 2 Annex N, wmbusmeters, lvogt's parser. */
static const char hca_long[] = "30449344443322115537 8C0075 728877665593445508 0004 1005"
                               "00DFE2A782146D1513581CD2F83F3904 0CFD1078563412";
static const char hca_key[] = "000102030405060708090A0B0C0D0E0F";
static const char water_ell[] = "24442D2C692845631B16 8D3050209CD621 B006"
                                "B1140AEF4953AE5B86FAFC0B00E70705B846";
static const char water_key[] = "4E5508544202058100DFEFA06B0934A5";
static const char water_announced[] = "24442D2C692845631B16 8D3050209CD621 132B"
                                      "7802FF2000000413803C070044139F380700";
static const char water_in_clear[] = "24442D2C692845631B16 8D3050209CD601 132B"
                                     "7802FF2000000413803C070044139F380700";
static const char gas_mode7[] =
    "43449315785634123303 8C2075 900F002C25B30A000021924D4F2FB66E01 7A7500200710"
    "9058475F4BC91DF878B80A1B0F98B629024AAC727942BFC549233C0140829B93";

struct layers {
    const char *what, *hex, *id, *key;
    enum decode_status status;
    bool encrypted, decrypted;
    int mode; /* security mode */
    int ci;   /* -1: none */
    const char *payload;
};

static void assert_layers(const struct layers *rows, size_t n)
{
    for (size_t r = 0; r < n; r++) {
        struct meter_config m = meter("m", rows[r].id, rows[r].key);
        print_message("%s\n", rows[r].what);
        assert_int_equal(decode(&m, rows[r].id || rows[r].key, rows[r].hex), rows[r].status);
        assert_int_equal(telegram.encrypted, rows[r].encrypted);
        assert_int_equal(telegram.decrypted, rows[r].decrypted);
        assert_int_equal(telegram.security_mode, rows[r].mode);
        assert_int_equal(telegram.has_ci ? telegram.ci : -1, rows[r].ci);
        assert_payload_of(&telegram, rows[r].payload);
        assert_non_null(telegram.kind);
        if (rows[r].status != DECODE_OK)
            assert_int_equal(telegram.n_readings, 0);
    }
}

static const struct layers security_modes_rows[] = {
    { "mode 5, short header", gas_mode5, "12345678", gas_key, DECODE_OK, true, true, 5, 0x7A,
      "2F2F0C1427048502046D32371F1502FD1700002F2F2F2F2F2F2F2F2F2F2F2F2F" },
    { "mode 5, wrong key", gas_mode5, "12345678", hca_key, DECODE_BAD_2F2F, true, false, 5, 0x7A,
      "5923C95AAA26D1B2E7493B013EC4A6F6D3529B520EDFF0EA6DEFC99D6D69EBF3" },
    { "mode 5, key of another meter", gas_mode5, "12345679", gas_key, DECODE_NO_KEY, true, false, 5,
      0x7A, "5923C95AAA26D1B2E7493B013EC4A6F6D3529B520EDFF0EA6DEFC99D6D69EBF3" },
    { "mode 5, only a DES key", gas_mode5, "12345678", "0102030405060708", DECODE_NO_KEY, true,
      false, 5, 0x7A, "5923C95AAA26D1B2E7493B013EC4A6F6D3529B520EDFF0EA6DEFC99D6D69EBF3" },
    { "mode 5 behind ELL I, long header, clear tail", hca_long, "55667788", hca_key, DECODE_OK,
      true, true, 5, 0x72, "2F2F0B6E341200426CFE044B6E5634020CFD1078563412" },
    { "the key belongs to the meter, not to its radio", hca_long, "11223344", hca_key,
      DECODE_NO_KEY, true, false, 5, 0x72, "00DFE2A782146D1513581CD2F83F39040CFD1078563412" },
    { "mode 5, already plain", "1E44A511929190937B077A9F001005 2F2F04130347030002FD1700002F2F2F",
      NULL, NULL, DECODE_OK, true, true, 5, 0x7A, "2F2F04130347030002FD1700002F2F2F" },
    { "mode 5, more blocks than bytes",
      "1E44A511929190937B077A9F002005"
      "5923C95AAA26D1B2E7493B013EC4A6F6",
      NULL, gas_key, DECODE_BAD_LENGTH, true, false, 5, 0x7A, "5923C95AAA26D1B2E7493B013EC4A6F6" },
    { "mode 5, no blocks, no whole blocks: clear", "14449315785634123303 7A2A000005 04132A000000",
      "12345678", gas_key, DECODE_OK, false, true, 5, 0x7A, "04132A000000" },
    { "mode 5, no blocks announced but all encrypted",
      "2E449315785634123303 7A2A000005"
      "5923C95AAA26D1B2E7493B013EC4A6F6D3529B520EDFF0EA6DEFC99D6D69EBF3",
      "12345678", gas_key, DECODE_OK, true, true, 5, 0x7A,
      "2F2F0C1427048502046D32371F1502FD1700002F2F2F2F2F2F2F2F2F2F2F2F2F" },
    { "mode 5, no blocks announced, whole blocks, no key: may be encrypted",
      "2E449315785634123303 7A2A000005"
      "5923C95AAA26D1B2E7493B013EC4A6F6D3529B520EDFF0EA6DEFC99D6D69EBF3",
      NULL, NULL, DECODE_NO_KEY, true, false, 5, 0x7A,
      "5923C95AAA26D1B2E7493B013EC4A6F6D3529B520EDFF0EA6DEFC99D6D69EBF3" },
    { "mode 0, short header", "14449315785634123303 7A2A000000 04132A000000", NULL, NULL, DECODE_OK,
      false, true, 0, 0x7A, "04132A000000" },
    { "no header", "10449315785634123303 78 04132A000000", NULL, NULL, DECODE_OK, false, true, 0,
      0x78, "04132A000000" },
    { "mode 7 behind AFL", gas_mode7, "12345678", hca_key, DECODE_OK, true, true, 7, 0x7A,
      "2F2F0C1427048502046D32371F1502FD1700002F2F2F2F2F2F2F2F2F2F2F2F2F" },
    { "mode 7, wrong key", gas_mode7, "12345678", gas_key, DECODE_BAD_MAC, true, false, 7, 0x7A,
      "9058475F4BC91DF878B80A1B0F98B629024AAC727942BFC549233C0140829B93" },
    { "mode 2, DES", "1E468B050100000004077A01001002BBD1EAFD0222F871CB70DA16C78AE098", "00000001",
      "0102030405060708", DECODE_OK, true, true, 2, 0x7A, "2F2F0413E80300002F2F2F2F2F2F2F2F" },
};

static void keys_and_security_modes(void **state)
{
    (void)state;
    assert_layers(security_modes_rows, ARRAY_LEN(security_modes_rows));
}

static const struct layers ell_rows[] = {
    { "ELL II, AES", water_ell, "63452869", water_key, DECODE_OK, true, true, 0, 0x78,
      "02FF2000000413803C070044139F380700" },
    { "ELL II, wrong key", water_ell, "63452869", gas_key, DECODE_BAD_ELL_CRC, true, false, -1, -1,
      "B1140AEF4953AE5B86FAFC0B00E70705B846" },
    { "ELL II, no key", water_ell, NULL, NULL, DECODE_NO_KEY, true, false, -1, -1,
      "B1140AEF4953AE5B86FAFC0B00E70705B846" },
    { "ELL II, announces AES, already plain", water_announced, NULL, NULL, DECODE_OK, true, true, 0,
      0x78, "02FF2000000413803C070044139F380700" },
    { "ELL II, plain", water_in_clear, NULL, NULL, DECODE_OK, false, true, 0, 0x78,
      "02FF2000000413803C070044139F380700" },
    { "ELL II, plain, payload CRC wrong",
      "24442D2C692845631B16 8D305020 9CD601 132B"
      "7802FF2000000413803C070044139F380701",
      NULL, NULL, DECODE_BAD_ELL_CRC, false, false, -1, -1,
      "7802FF2000000413803C070044139F380701" },
    { "ELL II, reserved cipher",
      "24442D2C692845631B16 8D305020 9CD641 132B 7802FF20000004"
      "13803C070044139F380700",
      NULL, NULL, DECODE_UNSUPPORTED, true, false, -1, -1, "7802FF2000000413803C070044139F380700" },
    { "ELL I and nothing behind", "0C44931578563412 3303 8C2075", NULL, NULL, DECODE_OK, false,
      true, -1, -1, "" },
    { "ELL twice", "1644931578563412 3303 8C2075 8C2076 7804132A000000", NULL, NULL,
      DECODE_UNSUPPORTED, false, false, -1, -1, "8C20767804132A000000" },
    { "ELL V without a session", "0D44931578563412 3303 86000000", NULL, NULL, DECODE_UNSUPPORTED,
      false, false, -1, -1, "86000000" },
    { "ELL V, plain",
      "25442D2C692845631B16 8630500220 9CD601 132B 7802FF20000004"
      "13803C070044139F380700",
      NULL, NULL, DECODE_OK, false, true, 0, 0x78, "02FF2000000413803C070044139F380700" },
    { "ELL V, AES",
      "25442D2C692845631B16 86305002 209CD621 B006B1140AEF4953AE5B86FAFC0B00E70705B846", "63452869",
      water_key, DECODE_OK, true, true, 0, 0x78, "02FF2000000413803C070044139F380700" },
    { "ELL V, AES, with an address",
      "2D442D2C692845631B16 86305003 3A63665544330A31 209CD621"
      "B006B1140AEF4953AE5B86FAFC0B00E70705B846",
      "63452869", water_key, DECODE_OK, true, true, 0, 0x78, "02FF2000000413803C070044139F380700" },
    { "ELL V, wrong key",
      "25442D2C692845631B16 86305002 209CD621 B006B1140AEF4953AE5B86FAFC0B00E70705B846", "63452869",
      gas_key, DECODE_UNSUPPORTED, false, false, -1, -1,
      "86305002209CD621B006B1140AEF4953AE5B86FAFC0B00E70705B846" },
};

static void extended_link_layer(void **state)
{
    (void)state;
    assert_layers(ell_rows, ARRAY_LEN(ell_rows));
}

static const struct layers other_rows[] = {
    { "a repeater's network layer", "12449315785634123303 811D 78 04132A000000", NULL, NULL,
      DECODE_OK, false, true, 0, 0x78, "04132A000000" },
    { "another network layer", "12449315785634123303 811DFF 04132A000000", NULL, NULL,
      DECODE_UNSUPPORTED, false, false, -1, -1, "811DFF04132A000000" },
    { "AFL, first fragment", "13449315785634123303 90020140 78 0413 2A0000", NULL, NULL,
      DECODE_WAITING_FRAGMENT, false, false, -1, -1, "7804132A0000" },
    { "AFL cut", "0B44931578563412 3303 900F", NULL, NULL, DECODE_BAD_LENGTH, false, false, -1, -1,
      "900F" },
    { "header alone", "09449315785634123303", NULL, NULL, DECODE_OK, false, true, -1, -1, "" },
    { "long header cut", "0F449315785634123303 727856341293", NULL, NULL, DECODE_BAD_LENGTH, false,
      false, -1, 0x72, "7856341293" },
    { "reserved CI", "0C449315785634123303 300102", NULL, NULL, DECODE_UNSUPPORTED, false, false,
      -1, -1, "300102" },
    { "manufacturer's CI", "0C446850123456787462 A20102", NULL, NULL, DECODE_OK, false, true, 0,
      0xA2, "0102" },
    { "Diehl, scrambled, a driver opens it", "19442423860775035048A251520015BEB6B2E1ED623A18FC74A5",
      NULL, NULL, DECODE_OK, true, true, 0, 0xA2, "51520015BEB6B2E1ED623A18FC74A5" },
    { "Diehl, scrambled with an unknown key",
      "19442423860775035048A251520015BFB6B2E1ED623A18FC74A5", NULL, NULL, DECODE_UNSUPPORTED, true,
      false, 0, 0xA2, "51520015BFB6B2E1ED623A18FC74A5" },
    { "KNX-RF", "0C44FF03785634123303 780102", NULL, NULL, DECODE_UNSUPPORTED, false, false, -1, -1,
      "780102" },
    { "compact frame of a known format", "1A442D2C998734761B16 79 EDA86AB6710008190000081900007F13",
      NULL, NULL, DECODE_OK, false, true, 0, 0x79, "EDA86AB6710008190000081900007F13" },
    { "compact frame, format never heard", "0F442D2C998734761B16 79 1234567800", NULL, NULL,
      DECODE_WAITING_FORMAT, false, true, 0, 0x79, "1234567800" },
};

static void other_layers(void **state)
{
    (void)state;
    assert_layers(other_rows, ARRAY_LEN(other_rows));
}

static void headers_of_all_layers(void **state)
{
    struct meter_config m = meter("hca", "55667788", hca_key);
    char text[ADDRESS_DIN_TEXT + 1];
    (void)state;
    assert_int_equal(decode(&m, 1, hca_long), DECODE_OK);
    assert_int_equal(telegram.c, 0x44);
    address_din_text(&telegram.dll, text);
    assert_string_equal(text, "37QDS5511223344");
    address_din_text(&telegram.meter, text);
    assert_string_equal(text, "08QDS5555667788");
    assert_true(telegram.has_ell);
    assert_int_equal(telegram.ell_ci, 0x8C);
    assert_int_equal(telegram.ell_cc, 0x00);
    assert_int_equal(telegram.ell_acc, 0x75);
    assert_false(telegram.ell_has_session);
    assert_true(telegram.has_tpl_header);
    assert_int_equal(telegram.tpl_acc, 0x00);
    assert_int_equal(telegram.tpl_sts, 0x04);
    assert_int_equal(telegram.tpl_cf, 0x0510);
    assert_string_equal(telegram.name, "named");
    assert_int_equal(decode(NULL, 0, water_ell), DECODE_NO_KEY);
    assert_int_equal(telegram.ell_sn, 0x21D69C20);
    assert_int_equal(telegram.ell_ci, 0x8D);
    assert_int_equal(telegram.ell_cc, 0x30);
    assert_int_equal(telegram.ell_acc, 0x50);
    assert_int_equal(telegram.ell_header_n, 7);
    assert_true(telegram.ell_has_session);
    assert_string_equal(security_name(&telegram), "ell_aes_ctr");
    assert_null(telegram.name);
    assert_int_equal(decode(NULL, 0, water_announced), DECODE_OK);
    assert_true(telegram.predecrypted);
    assert_int_equal(decode(NULL, 0, water_in_clear), DECODE_OK);
    assert_false(telegram.predecrypted);
}

static void readings_come_out(void **state)
{
    struct meter_config m = meter("", "12345678", gas_key);
    (void)state;
    assert_int_equal(decode(&m, 1, gas_mode5), DECODE_OK);
    assert_null(telegram.name); /* configured without one */
    assert_true(telegram.n_readings >= 3);
    assert_string_equal(telegram.readings[0].name, "volume_m3"); /* 28504.27 m3 */
    assert_int_equal(telegram.readings[0].kind, READING_NUMBER);
    int64_t mantissa = telegram.readings[0].mantissa;
    int exp10 = telegram.readings[0].exp10;
    for (; exp10 > -3; exp10--)
        mantissa *= 10;
    assert_int_equal(mantissa, 28504270);
}

static void compact_frame_after_full_frame(void **state)
{
    /* Signature of "0413 0422": 0xF389 */
    struct frame compact = frame_of("1644314699873476FF0F 79 89F3 0000 08190000 2A000000");
    struct frame full = frame_of("1644314699873476FF0F 78 041301000000 042201000000");
    const struct meter_config systematic = { .any_id = true, .driver = "none" };
    struct decoder *d = decoder_open(&systematic, 1);
    (void)state;
    assert_int_equal(decoder_decode(d, &compact, 0, &telegram), DECODE_WAITING_FORMAT);
    assert_int_equal(decoder_decode(d, &full, 0, &telegram), DECODE_OK);
    assert_int_equal(decoder_decode(d, &compact, 0, &telegram), DECODE_OK);
    assert_int_equal(telegram.n_readings, 2);
    assert_string_equal(telegram.readings[0].name, "volume_m3");
    assert_int_equal(telegram.readings[0].mantissa, 0x1908);
    assert_payload_of(&telegram, "89F3 0000 08190000 2A000000"); /* as it was received */
    decoder_close(d);
}

static void frame_with_bad_crc_is_not_read(void **state)
{
    struct decoder *d = decoder_open(NULL, 0);
    struct frame frame = frame_of("10449315785634123303 78 04132A000000");
    (void)state;
    frame.status = DECODE_BAD_CRC;
    assert_int_equal(decoder_decode(d, &frame, 0, &telegram), DECODE_BAD_CRC);
    assert_int_equal(telegram.dll.manufacturer, 0x1593);
    assert_int_equal(telegram.n_readings, 0);
    assert_false(telegram.decrypted);
    decoder_close(d);
}

/* Cut anywhere, a telegram is refused or read in part, never read past its end; the sanitizer sees
 * the frame's own copy, so the bytes behind the cut are poisoned with a value instead. */
static void cut_anywhere(void **state)
{
    static const char *const telegrams[] = { gas_mode5, hca_long, water_ell, gas_mode7 };
    struct meter_config meters[] = { meter("", "12345678", gas_key), meter("", "55667788", hca_key),
                                     meter("", "63452869", water_key) };
    struct decoder *d = decoder_open(meters, ARRAY_LEN(meters));
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(telegrams); k++) {
        struct frame whole = frame_of(telegrams[k]);
        for (size_t n = 0; n < whole.n; n++) {
            struct frame a = whole, b = whole;
            static struct telegram ta, tb;
            a.n = b.n = n;
            memset(a.bytes + n, 0x00, sizeof a.bytes - n);
            memset(b.bytes + n, 0x2F, sizeof b.bytes - n);
            decoder_decode(d, &a, 0, &ta);
            decoder_decode(d, &b, 0, &tb);
            assert_int_equal(ta.status, tb.status);
            assert_int_equal(ta.payload_n, tb.payload_n);
            assert_memory_equal(ta.payload, tb.payload, ta.payload_n);
            assert_int_equal(ta.n_readings, tb.n_readings);
            assert_true(ta.payload_n <= n);
            if (n < 10)
                assert_int_equal(ta.status, DECODE_BAD_LENGTH);
        }
    }
    decoder_close(d);
}

/* L counts what a receiver had, not always what it hands on. */
static void wrong_l(void **state)
{
    static const struct {
        const char *what, *hex;
        size_t n; /* of the frame that is read */
        enum decode_status status;
        size_t n_readings;
    } rows[] = {
        { "right", "10449315785634123303 78 04132A000000", 17, DECODE_OK, 1 },
        { "of format B, CRC gone", "12449315785634123303 78 04132A000000", 17, DECODE_OK, 1 },
        { "signal strength behind it", "10449315785634123303 78 04132A000000 B7", 17, DECODE_OK,
          1 },
        { "one record too few, and a CRC", "10449315785634123303 78 04132A0000000B13000000 FED0",
          17, DECODE_OK, 1 },
        { "in the middle of a record", "12449315785634123303 78 04132A0000000B13000000", 22,
          DECODE_OK, 2 },
        { "in mode 5, one byte behind it",
          "2E449315785634123303 7A2A002025"
          "5923C95AAA26D1B2E7493B013EC4A6F6D3529B520EDFF0EA6DEFC99D6D69EBF3 55",
          47, DECODE_OK, 3 },
        { "in mode 5, L too small",
          "2C449315785634123303 7A2A002025"
          "5923C95AAA26D1B2E7493B013EC4A6F6D3529B520EDFF0EA6DEFC99D6D69EBF3",
          47, DECODE_OK, 3 },
        { "no L at all", "00449315785634123303 78 04132A000000", 17, DECODE_OK, 1 },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct meter_config m = meter("m", "12345678", gas_key);
        print_message("%s\n", rows[r].what);
        assert_int_equal(decode(&m, 1, rows[r].hex), rows[r].status);
        assert_int_equal(telegram.n_readings, rows[r].n_readings);
        assert_int_equal(telegram.frame.n, rows[r].n);
        assert_int_equal(telegram.frame.bytes[0], rows[r].n - 1);
    }
}

/* New meters take the place of the old ones, and what was learnt stays. */
static void other_meters(void **state)
{
    struct meter_config gas = meter("gas", "12345678", gas_key),
                        other = meter("other", "12345678", hca_key);
    struct frame encrypted = frame_of(gas_mode5);
    struct frame compact = frame_of("1644314699873476FF0F 79 89F3 0000 08190000 2A000000");
    struct frame full = frame_of("1644314699873476FF0F 78 041301000000 042201000000");
    struct decoder *d = decoder_open(NULL, 0);
    (void)state;
    assert_null(decoder_format(d, 0));
    decoder_decode(d, &full, 0, &telegram);
    assert_non_null(decoder_format(d, 0));
    assert_null(decoder_format(d, 1));
    assert_int_equal(decoder_decode(d, &encrypted, 0, &telegram), DECODE_NO_KEY);
    assert_true(decoder_set_meters(d, &gas, 1));
    assert_int_equal(decoder_decode(d, &encrypted, 0, &telegram), DECODE_OK);
    assert_string_equal(telegram.name, "gas");
    assert_true(decoder_set_meters(d, &other, 1));
    assert_int_equal(decoder_decode(d, &encrypted, 0, &telegram), DECODE_BAD_2F2F);
    assert_true(decoder_set_meters(d, NULL, 0));
    assert_int_equal(decoder_decode(d, &encrypted, 0, &telegram), DECODE_NO_KEY);
    assert_int_equal(decoder_decode(d, &compact, 0, &telegram), DECODE_OK);
    decoder_close(d);
}

/* As a key that is not known leaves them: all but the check byte could be a reading. */
static void chance_is_no_reading(void **state)
{
    (void)state;
    assert_int_equal(decode(NULL, 0, "1C440106813591041407A00C019334727003B3DA268CF11117D85B6D71"),
                     DECODE_OK);
    assert_int_not_equal(telegram.n_readings, 0);
    assert_string_equal(telegram.kind, "apatorna1");
    decode(NULL, 0, "1C440106813591041407A002016D966847509BCD824930F572D157BA5D");
    assert_string_equal(telegram.kind, "apatorna1");
    assert_int_equal(telegram.n_readings, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_l),
        cmocka_unit_test(keys_and_security_modes),
        cmocka_unit_test(extended_link_layer),
        cmocka_unit_test(other_layers),
        cmocka_unit_test(headers_of_all_layers),
        cmocka_unit_test(readings_come_out),
        cmocka_unit_test(compact_frame_after_full_frame),
        cmocka_unit_test(frame_with_bad_crc_is_not_read),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(other_meters),
        cmocka_unit_test(chance_is_no_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
