/* SPDX-License-Identifier: MIT
 * What is no record: errors, alarms, format frames, SML; and OBIS codes of records. */
#include "decode/application.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/container.h"
#include "decode/crc16.h"
#include "decode/decoder.h"
#include "decode/obis.h"
#include "decode/record.h"
#include "decode/sml.h"
#include "decode/tests/hex.h"
#include "decode/tests/readings_text.h"

static const struct meter_config systematic = { .driver = DRIVER_NONE, .any_id = true };

static struct telegram telegram; /* large: not on the stack */

static enum decode_status decode(struct decoder *d, const char *hex)
{
    struct frame frame = { .n = 0 };
    frame.n = bytes_from_hex(hex, frame.bytes, sizeof frame.bytes);
    frame.bytes[0] = (uint8_t)(frame.n - 1);
    return decoder_decode(d, &frame, 0, &telegram);
}

static void errors_and_alarms(void **state)
{
    static const struct {
        const char *hex, *readings;
    } rows[] = {
        { "00449315785634123303 70 08",
          "application_error_nr=8 application_error=application_busy" },
        { "00449315785634123303 70", "application_error_nr=0 application_error=unspecified" },
        { "00449315785634123303 6E 01000000 010203",
          "application_error_nr=1 application_error=unimplemented_ci "
          "application_error_data_hex=0203" },
        { "00449315785634123303 70 11",
          "application_error_nr=17 application_error=application_unknown" },
        { "00449315785634123303 70 17", "application_error_nr=23 application_error=other" },
        { "00449315785634123303 6E 01001005 2F2F 05 2F2F2F2F2F2F2F2F2F2F2F2F2F",
          "application_error_nr=5 application_error=too_many_dife" },
        { "00449315785634123303 71 0401", "alarm_hex=0401" },
        { "00449315785634123303 74 01000000 80", "alarm_hex=80" },
    };
    struct decoder *d = decoder_open(&systematic, 1);
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        assert_int_equal(decode(d, rows[r].hex), DECODE_OK);
        assert_string_equal(readings_text(&telegram), rows[r].readings);
    }
    decoder_close(d);
}

static void format_frame_then_compact(void **state)
{
    static const char *const compact = "0044931578563412 3303 79 6FD9 0000 2A000000";
    struct decoder *d = decoder_open(&systematic, 1);
    (void)state;
    assert_int_equal(decode(d, compact), DECODE_WAITING_FORMAT);
    assert_int_equal(decode(d, "0044931578563412 3303 69 04 70D9 8413"), DECODE_BAD_LENGTH);
    uint8_t headers[] = { 0x84, 0x01, 0x13 };
    uint16_t signature = crc16_en13757(headers, sizeof headers);
    char hex[100];
    snprintf(hex, sizeof hex, "0044931578563412 3303 69 05 %02X%02X 840113", signature & 0xFF,
             signature >> 8);
    assert_int_equal(decode(d, hex), DECODE_OK);
    snprintf(hex, sizeof hex, "0044931578563412 3303 79 %02X%02X 0000 2A000000", signature & 0xFF,
             signature >> 8);
    assert_int_equal(decode(d, hex), DECODE_OK);
    assert_string_equal(readings_text(&telegram), "volume_storage_2_m3=0.042");
    assert_true(telegram.full_crc_differs);
    decoder_close(d);
}

static void more_records_follow(void **state)
{
    struct decoder *d = decoder_open(&systematic, 1);
    (void)state;
    assert_int_equal(decode(d, "00449315785634123303 78 04132A000000 1F"), DECODE_OK);
    assert_true(telegram.more_follows);
    assert_int_equal(decode(d, "00449315785634123303 78 04132A000000 1F1F"), DECODE_OK);
    assert_true(telegram.more_follows);
    assert_int_equal(decode(d, "00449315785634123303 78 04131F000000 0F1F"), DECODE_OK);
    assert_false(telegram.more_follows);
    assert_int_equal(decode(d, "00449315785634123303 78 04131F000000"), DECODE_OK);
    assert_false(telegram.more_follows);
    decoder_close(d);
}

/* One that is cut, one of ten bytes that is none, and two whole ones between other records. */
static void telegrams_inside(void **state)
{
    uint8_t bytes[200];
    size_t n = bytes_from_hex("04132A000000 0DFD3A0F0F44AE0C78563412010778 0B13436587"
                              "0D933B0F0F44AE0C78563412010778 0B13436587 0DFD3B03112233 0DFD3B10 "
                              "0F44AE0C78563412010778 0B13436587"
                              "0DFD3B0A 0944AE0C785634120107 02FD3B0011",
                              bytes, sizeof bytes);
    struct reader reader = reader_init(bytes, n);
    struct frame frame;
    (void)state;
    assert_true(container_next(&reader, &frame));
    assert_int_equal(frame.n, 16);
    assert_int_equal(frame.status, DECODE_OK);
    assert_memory_equal(frame.bytes + 10, "\x78\x0B\x13\x43\x65\x87", 6);
    assert_true(container_next(&reader, &frame));
    assert_int_equal(frame.n, 10);
    assert_false(container_next(&reader, &frame));
}

/* ---- SML ---- */

/* CRC-16/X-25 bit by bit; of "123456789" it is 906E. */
static uint16_t x25(const uint8_t *bytes, size_t n)
{
    uint16_t crc = 0xFFFF;
    for (size_t i = 0; i < 8 * n; i++) {
        unsigned bit = (crc ^ bytes[i / 8] >> i % 8) & 1;
        crc = (uint16_t)(crc >> 1 ^ (bit ? 0x8408 : 0));
    }
    return crc ^ 0xFFFF;
}

/* A message around a body; returns its length. */
static size_t message(uint8_t *bytes, const char *body)
{
    size_t n = bytes_from_hex("76 05 01020304 62 00 62 00", bytes, 64);
    n += bytes_from_hex(body, bytes + n, 400);
    uint16_t crc = x25(bytes, n);
    bytes[n++] = 0x63;
    bytes[n++] = (uint8_t)crc; /* as meters send it: low byte first */
    bytes[n++] = (uint8_t)(crc >> 8);
    bytes[n++] = 0;
    return n;
}

#define SML_OPEN "72 63 0101 76 01 01 03 0102 0B 0A01454D4800 0051C0FF 7262 01 65 0000002A 01"
#define SML_LIST                                                                                   \
    "72 63 0701 77 01 0B 0A01454D48000051C0FF 01 01 76"                                            \
    "77 07 8181C78203FF 01 01 01 01 04 454D48 01"                                                  \
    "77 07 0100000009FF 01 01 01 01 0B 0A01454D48000051C0FF 01"                                    \
    "77 07 0100010800FF 65 00000182 01 621E 52FF 59 00000000000249F0 01"                           \
    "77 07 0100020801FF 01 01 621E 5203 52 07 01"                                                  \
    "77 07 0100100700FF 01 01 621B 52FF 55 FFFFFF38 01"                                            \
    "77 07 0100600700FF 01 01 01 01 01 01"                                                         \
    "01 01"
#define SML_READINGS                                                                               \
    "obis_129_129_199_130_3=EMH obis_1_0_0_0_9_hex=0a01454d48000051c0ff energy_kwh=15 "            \
    "energy_backward_tariff_1_kwh=7 power_delta_kw=-0.02 obis_1_0_96_7_0=null"

static enum decode_status read_sml(const uint8_t *data, size_t n)
{
    struct reading_sink sink;
    telegram.n_readings = 0;
    reading_sink_init(&sink, &telegram);
    return sml_read(&sink, data, n);
}

static void sml_messages(void **state)
{
    uint8_t bytes[500];
    (void)state;
    assert_int_equal(x25((const uint8_t *)"123456789", 9), 0x906E);
    size_t n = message(bytes, SML_OPEN);
    n += message(bytes + n, SML_LIST);
    assert_int_equal(read_sml(bytes, n), DECODE_OK);
    assert_string_equal(readings_text(&telegram), SML_READINGS);
    assert_true(telegram.readings[2].has_obis);
    for (size_t cut = 1; cut < n; cut++)
        if (read_sml(bytes, cut) == DECODE_OK)
            assert_int_equal(telegram.n_readings, 0); /* the open message alone */
    for (size_t i = 0; i < n; i++) {
        bytes[i] ^= 0x04;
        if (read_sml(bytes, n) == DECODE_OK)
            fail_msg("byte %zu may be anything", i);
        bytes[i] ^= 0x04;
    }
}

/* A scaler of four bytes that is far beyond any, one that is text, and a unit beyond a byte. */
static void sml_scalers_and_units(void **state)
{
    uint8_t bytes[300];
    (void)state;
    size_t n = message(bytes, "72 63 0701 77 01 0B 0A01454D48000051C0FF 01 01 73"
                              "77 07 0100010800FF 01 01 621E 55 00200000 52 07 01"
                              "77 07 0100020800FF 01 01 621E 02 31 52 07 01"
                              "77 07 0100100700FF 01 01 63011E 5200 52 07 01"
                              "01 01");
    assert_int_equal(read_sml(bytes, n), DECODE_OK);
    assert_string_equal(readings_text(&telegram), "energy=null energy_backward=null power_delta=7");
}

/* A file around messages, in which the escape sequence stands twice; returns its length. */
static size_t file(uint8_t *bytes, const uint8_t *body, size_t n_body)
{
    static const uint8_t escape[] = { 0x1B, 0x1B, 0x1B, 0x1B };
    size_t n = bytes_from_hex("1B1B1B1B 01010101", bytes, 8);
    for (size_t i = 0; i < n_body; i++) {
        bytes[n++] = body[i];
        if (i >= 3 && memcmp(body + i - 3, escape, 4) == 0) {
            memcpy(bytes + n, escape, 4);
            n += 4;
        }
    }
    size_t fill = (4 - n % 4) % 4;
    memset(bytes + n, 0, fill);
    n += fill;
    n += bytes_from_hex("1B1B1B1B 1A", bytes + n, 8);
    bytes[n++] = (uint8_t)fill;
    uint16_t crc = x25(bytes, n);
    bytes[n++] = (uint8_t)crc;
    bytes[n++] = (uint8_t)(crc >> 8);
    return n;
}

static void sml_file(void **state)
{
    uint8_t bytes[600], body[500];
    (void)state;
    size_t n = file(bytes, body, message(body, SML_LIST));
    assert_int_equal(read_sml(bytes, n), DECODE_OK);
    assert_string_equal(readings_text(&telegram), SML_READINGS);
    bytes[n - 1] ^= 1;
    assert_int_equal(read_sml(bytes, n), DECODE_BAD_CRC);
    assert_int_equal(telegram.n_readings, 0);
    assert_int_equal(read_sml(bytes, n - 8), DECODE_BAD_LENGTH);
    n = file(bytes, body,
             message(body, "72 63 0701 77 01 0B 0A01454D48000051C0FF 01 01 71"
                           "77 07 0100010700FF 01 01 01 01 55 1B1B1B1B 01 01 01"));
    assert_int_equal(read_sml(bytes, n), DECODE_OK);
    assert_string_equal(readings_text(&telegram), "power=454761243");
    /* an escape sequence that neither ends the file nor is a doubled one */
    bytes_from_hex("1B1B1B1B 02", bytes + 12, 5);
    assert_int_equal(read_sml(bytes, n), DECODE_BAD_LENGTH);
}

static void pushed_through_the_layers(void **state)
{
    uint8_t bytes[500];
    char hex[700];
    struct decoder *d = decoder_open(&systematic, 1);
    (void)state;
    assert_int_equal(
        decode(d, "00449315785634123302 7D 01000000 0F 00000001 00 02 02 0906 0100010700FF 11 07"),
        DECODE_OK);
    assert_string_equal(readings_text(&telegram), "power=7");
    size_t at = (size_t)snprintf(hex, sizeof hex, "00449315785634123302 7F 01000000 ");
    size_t n = message(bytes, SML_LIST);
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(hex + at, sizeof hex - at, "%02X", bytes[i]);
    assert_int_equal(decode(d, hex), DECODE_OK);
    assert_string_equal(readings_text(&telegram), SML_READINGS);
    decoder_close(d);
}

/* ---- OBIS codes of records ---- */

static void codes_of_records(void **state)
{
    static const struct {
        uint8_t device_type;
        const char *record, *code; /* NULL: none */
    } rows[] = {
        { 0x02, "0403 00000000", "1-0:1.8.0" },
        { 0x02, "841003 00000000", "1-0:1.8.1" },
        { 0x02, "04833C 00000000", "1-0:2.8.0" },
        { 0x02, "042B 00000000", "1-0:1.7.0" },
        { 0x02, "04AB3C 00000000", "1-0:2.7.0" },
        { 0x02, "04FDC8FC01 00000000", "1-0:32.7.0" },
        { 0x02, "04FDC8FC03 00000000", "1-0:72.7.0" },
        { 0x02, "04FD48 00000000", "1-0:12.7.0" },
        { 0x02, "04FDD9FC02 00000000", "1-0:51.7.0" },
        { 0x02, "02FB2E 0000", "1-0:14.7.0" },
        { 0x02, "04FB8275 00000000", "1-0:3.8.0" },
        { 0x02, "4403 00000000", "1-0:1.8.0*01" },
        { 0x02, "1403 00000000", NULL }, /* a maximum */
        { 0x03, "0413 00000000", "7-0:3.0.0" },
        { 0x03, "04933E 00000000", "7-0:3.2.0" },
        { 0x03, "023B 0000", "7-0:43.0.0" },
        { 0x04, "0406 00000000", "6-0:1.0.0" },
        { 0x0C, "025A 0000", "6-0:10.0.0" },
        { 0x0A, "0406 00000000", "5-0:1.0.0" },
        { 0x08, "036E 000000", "4-0:1.0.0" },
        { 0x08, "436E 000000", "4-0:1.2.0" },
        { 0x07, "0413 00000000", "8-0:1.0.0" },
        { 0x16, "4413 00000000", "8-0:1.0.0*01" },
        { 0x06, "0413 00000000", "9-0:1.0.0" },
        { 0x15, "023B 0000", "9-0:2.0.0" },
        { 0x07, "046D 00000000", "0-0:1.0.0" },
        { 0x07, "446D 00000000", NULL },
        { 0x07, "02FD17 0000", "0-0:97.97.0" },
        { 0x07, "0C78 00000000", "0-0:96.1.0" },
        { 0x1A, "0413 00000000", NULL },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        uint8_t bytes[32];
        struct record record;
        struct vib vib;
        struct obis obis;
        char text[OBIS_TEXT_SIZE];
        struct reader reader =
            reader_init(bytes, bytes_from_hex(rows[r].record, bytes, sizeof bytes));
        print_message("%02X %s\n", rows[r].device_type, rows[r].record);
        assert_int_equal(record_next(&reader, &record), RECORD_DATA);
        vib_read(&record, &vib);
        bool has = obis_of_record(rows[r].device_type, &record, &vib, &obis);
        assert_int_equal(has, rows[r].code != NULL);
        if (!has)
            continue;
        obis_text(&obis, text);
        assert_string_equal(text, rows[r].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_and_alarms),     cmocka_unit_test(format_frame_then_compact),
        cmocka_unit_test(more_records_follow),   cmocka_unit_test(telegrams_inside),
        cmocka_unit_test(sml_messages),          cmocka_unit_test(sml_file),
        cmocka_unit_test(sml_scalers_and_units), cmocka_unit_test(pushed_through_the_layers),
        cmocka_unit_test(codes_of_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
