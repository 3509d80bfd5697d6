/* SPDX-License-Identifier: MIT
 * What drivers can say, one thing a row: a driver with its telegrams; and that the check finds what
 * is wrong. Manufacturer QQQ has no built-in driver. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/drivers/driver_check.h"
#include "base/array_len.h"

#define HEAD "driver: a\nmeters: [QQQ 0F 0F]\n"
/* L, C, M, A, CI; the payload follows. Without a header, and with one of status 00. */
#define PLAIN "443146785634120F0F78"
#define WITH_STATUS(status) "443146785634120F0F7A2A" status "0000"

static const struct {
    const char *what, *driver, *frame, *readings;
} rows[] = {
    { "a record", "fields: { x_m3: volume }", PLAIN "041308190000", "{ x_m3: 6.408 }" },
    { "function, storage, tariff, subunit",
      "fields: { x_kw: max power storage 1 tariff 2 subunit 1 }", PLAIN "D2602B0A00",
      "{ x_kw: 0.01 }" },
    { "qualifiers in any order", "fields: { x_m3: volume backward uncorrected }",
      PLAIN "0493BA3C08190000", "{ x_m3: 6.408 }" },
    { "a text is no volume", "fields: { x_m3: volume }", PLAIN "0D13024241",
      "{ volume_text: AB }" },
    { "bytes of another length are no time", "fields: { x_date: date }", PLAIN "016C07",
      "{ time_point_hex: \"07\" }" },
    { "a profile without a base", "fields: { x_m3: volume storage 1 }", PLAIN "4D931E032C73FE",
      "{ volume_storage_1_hex: 2c73fe }" },
    { "another qualifier is another record", "fields: { x_m3: volume }", PLAIN "04933C08190000",
      "{ volume_backward_m3: 6.408 }" },
    { "the second of two", "fields: { x_m3: volume nth 2 }", PLAIN "0113010113 02",
      "{ x_m3: 0.002 }" },
    { "the first that has a value", "fields: { x_m3: volume }", PLAIN "0213FFFF01130201 1303",
      "{ x_m3: 0.002, volume_m3: 0.003 }" },
    { "the next way if there is nothing", "fields: { x_m3: [volume storage 1, volume] }",
      PLAIN "011302", "{ x_m3: 0.002 }" },
    { "a name that is the standard's, of a kind unknown: once for each record",
      "generic: yes\nfields: { customer: customer }", PLAIN "0DFD110162 0DFD110163 0DFD1100",
      "{ customer: b, customer_2: c, customer_3: \"\" }" },
    { "numbers in the name",
      "fields: { \"x_{storage-1:02}_{tariff}_m3\": volume storage 2-9 tariff any }",
      PLAIN "8211130500", "{ x_01_1_m3: 0.005 }" },
    { "days to years", "fields: { x_y: remaining_battery_life }", PLAIN "02FD740E01",
      "{ x_y: 0.739235 }" },
    { "minutes to hours exactly", "fields: { x_min: on_time }", PLAIN "022101 00", "{ x_min: 1 }" },
    { "joules", "fields: { x_mj: energy }", PLAIN "010E07", "{ x_mj: 7 }" },
    { "scale and divide", "fields: { x: { record: vif FF01, scale: 0.5, divide: 4 } }",
      PLAIN "01FF0103", "{ x: 0.375 }" },
    { "a manufacturer's VIFE keeps the unit", "fields: { x_kwh: vif 83FF09 }", PLAIN "0283FF09E803",
      "{ x_kwh: 1 }" },
    { "a manufacturer's VIFE, whatever the scale", "fields: { x_kwh: energy vife FF09 }",
      PLAIN "0286FF09E803", "{ x_kwh: 1000 }" },
    { "another VIFE", "fields: { x_kwh: energy vife FF09 }", PLAIN "0283FF08E803",
      "{ manufacturer_83ff08_hex: e803 }" },
    { "VIFEs of an extended VIF", "fields: { x_v: voltage vife FF02 }", PLAIN "02FDC9FF02E900",
      "{ x_v: 233 }" },
    { "a VIFE that makes it another quantity", "fields: { x_kvarh: energy vife 00 }",
      PLAIN "0284000100 010605", "{ x_kvarh: 0.01, energy_kwh: 5 }" },
    { "this value is none", "fields: { x: { record: vif FF01, invalid: 0xFE } }", PLAIN "01FF01FE",
      "{ x: null }" },
    { "raw", "fields: { x_pct: { record: remaining_battery_life, type: unsigned, raw: yes } }",
      PLAIN "01FD7463", "{ x_pct: 99 }" },
    { "bits of a record", "fields: { x: { record: vif FF01, type: u16, at: 0, bits: 4-7 } }",
      PLAIN "02FF015A00", "{ x: 5 }" },
    { "a date by the name", "fields: { x_date: datetime, x_datetime: date }",
      PLAIN "046D32371F15026C1F15",
      "{ x_date: \"2008-05-31\", x_datetime: \"2008-05-31 00:00\" }" },
    { "with seconds", "fields: { x_datetime: { record: datetime, seconds: yes } }",
      PLAIN "066D2C1AA1D52100", "{ x_datetime: \"2022-01-21 01:26:44\" }" },
    { "text, or what is none as hex",
      "fields: { x: { record: software_version, type: text_reversed }, y: { record: "
      "hardware_version, type: text_reversed } }",
      PLAIN "02FD0F4C2B 02FD0D4C0B", "{ x: +L, y: \"0B4C\" }" },
    { "text filled up with zeros on either side, and zeros alone",
      "fields: { x: { record: software_version, type: text_reversed }, y: { record: "
      "hardware_version, type: text }, z: { record: vif FF01, type: text } }",
      PLAIN "04FD0F312E3200 04FD0D00312E32 02FF010000", "{ x: \"2.1\", y: \"1.2\", z: \"0000\" }" },
    { "a zero within is no filling", "fields: { x: { record: software_version, type: text } }",
      PLAIN "04FD0F31003200", "{ x: \"31003200\" }" },
    { "with seconds that are not sent",
      "fields: { x_datetime: { record: datetime, seconds: yes } }", PLAIN "046D32371F15",
      "{ x_datetime: \"2008-05-31 23:50\" }" },
    { "an empty text for no date", "fields: { x_date: { record: date, empty: yes } }",
      PLAIN "026CFFFF", "{ x_date: \"\" }" },
    { "flags, sorted, with a rest",
      "fields: { x: { record: error_flags, rest: REST, flags: { 1: ZZ, 2: AA } } }",
      PLAIN "02FD170381", "{ x: AA REST_8100 ZZ }" },
    { "no flags", "fields: { x: { record: error_flags, flags: { 1: A } } }", PLAIN "02FD170000",
      "{ x: OK }" },
    { "no flags, an empty text",
      "fields: { x: { record: error_flags, flags: { 1: A }, ok: \"\" } }", PLAIN "02FD170000",
      "{ x: \"\" }" },
    { "values with a mask", "fields: { x: { record: vif FF01, mask: 0x30, values: { 3: three } } }",
      PLAIN "01FF01FC", "{ x: three }" },
    { "a value without text", "fields: { x: { record: vif FF01, values: {}, rest: MODE } }",
      PLAIN "01FF012F", "{ x: MODE_2F }" },
    { "numbers for values", "fields: { x_v: { record: vif FF01, numbers: { 3: 2.65 } } }",
      PLAIN "01FF0103", "{ x_v: 2.65 }" },
    { "the status of the transport layer", "fields: { x: { from: tpl_status } }", WITH_STATUS("6D"),
      "{ x: BUSY PERMANENT_ERROR POWER_LOW UNKNOWN_60 }" },
    { "words for the manufacturer's bits",
      "fields: { x: { from: tpl_status, flags: { 0x20: LEAK, 0x08: REMOVED } } }",
      WITH_STATUS("6C"), "{ x: LEAK POWER_LOW REMOVED UNKNOWN_40 }" },
    { "joined, doubles once",
      "fields: { x: [{ from: tpl_status }, { record: error_flags, flags: { 1: POWER_LOW, 2: B } }] "
      "}",
      WITH_STATUS("04") "01FD1703", "{ x: B POWER_LOW }" },
    { "a sum",
      "fields: { a_m3: volume, b_m3: volume storage 1, x_m3: { calc: (a_m3 + b_m3) * 2 - 1 } }",
      PLAIN "011302411303", "{ x_m3: -0.99 }" },
    { "a sum of nothing is null", "fields: { a_m3: volume, x_m3: { calc: a_m3 + 1 } }",
      PLAIN "01FD0801", "{ x_m3: null }" },
    { "a hidden value", "fields: { _a: vif FF01, x: { calc: sqrt(_a) } }", PLAIN "01FF0110",
      "{ x: 4 }" },
    { "a date before",
      "fields: { a_datetime: datetime, x_datetime: { calc: a_datetime - 25 hours } }",
      PLAIN "046D32371F15", "{ x_datetime: \"2008-05-30 22:50\" }" },
    { "for each",
      "fields: { a_date: date, \"h_{storage}_m3\": volume storage 1-9, \"h_{i}_date\": { calc: "
      "month_end(a_date - index months), for_each: \"h_{storage}_m3\" } }",
      PLAIN "026C1E154113028201130300", "{ h_1_date: \"2008-04-30\", h_2_date: \"2008-03-31\" }" },
    { "elements of a profile",
      "fields: { \"x_{storage}_m3\": volume inverse_profile storage 1-9, \"x_{storage}_date\": "
      "date "
      "inverse_profile storage 1-9 }",
      PLAIN "0C1313100000026C1F150D93130A7AFE58023203FFFF1402",
      "{ x_1_m3: 0.755, x_1_date: \"2008-04-30\", x_2_m3: 0.423 }" },
    { "ignored", "ignore: [vif FF01]\nfields: { x_m3: volume }", PLAIN "01FF0101 011301",
      "{ x_m3: 0.001 }" },
    { "a shared rule for what the driver's own rules leave",
      "use: [water]\nfields: { x_m3: volume }", PLAIN "011305 441307000000",
      "{ x_m3: 0.005, target_m3: 0.007, status: OK }" },
    { "a shared rule, and one dropped", "use: [water]\nfields: { target_m3: none }",
      PLAIN "011301411302", "{ total_m3: 0.001, volume_storage_1_m3: 0.002 }" },
    { "bytes of the payload",
      "blocks: [{ in: payload, when: byte 0 = 41, fields: { x: { at: 1, type: u16 }, y: { at: -2, "
      "type: i16be }, z: { at: 1, type: bcd4 }, w: { at: 1, type: text, size: 2 }, u: { at: 1, "
      "type: "
      "hex_reversed, size: 2 } } }]",
      "443146785634120F0FA04142 31FFFE", "{ x: 12610, y: -2, z: 3142, w: B1, u: \"3142\" }" },
    { "repeated bytes",
      "blocks: [{ in: tail, fields: { \"x_{i+1}\": { at: 1, type: u8, repeat: 3, invalid: 255 } } "
      "}]",
      PLAIN "0F0001FF03", "{ x_1: 1, x_2: null, x_3: 3 }" },
    { "bytes that are not there",
      "blocks: [{ in: tail, fields: { x: { at: 1, type: u8 }, y: { at: 2, type: "
      "u16 } } }]",
      PLAIN "0F000102", "{ x: 1 }" },
    { "a block of a record",
      "blocks: [{ in: record vif FF5F, fields: { x: { at: 2, type: u8 } } }]",
      PLAIN "0DFF5F03000107", "{ x: 7 }" },
    { "a condition of a rule",
      "blocks: [{ in: tail, fields: { x: [{ at: 1, type: u8, when: byte 0 & 01 = 00 }, { at: 2, "
      "type: u8, "
      "when: [byte 0 & 01 = 01, length >= 3, version = 0F, type = 0F, ci = 78] }] } }]",
      PLAIN "0F010203", "{ x: 3 }" },
    { "dates in BCD",
      "blocks: [{ in: tail, fields: { x_date: { at: 0, type: date_bcd }, y_date: { at: 0, "
      "type: date_bcd_ymd } } }]",
      PLAIN "0F100508", "{ x_date: \"2008-05-10\", y_date: \"2010-05-08\" }" },
    { "a date without its year",
      "blocks: [{ in: tail, fields: { a_date: { at: 0, type: date_9_4_5 }, x_date: { at: 2, type: "
      "date_next, after: a_date } } }]",
      PLAIN "0F7F24B029", "{ a_date: \"2018-03-31\", x_date: \"2018-04-27\" }" },
    { "no date", "blocks: [{ in: tail, fields: { x_date: { at: 0, type: date_bcd } } }]",
      PLAIN "0F320508", "{ x_date: null }" },
};

/* The driver of a row with its telegram as a test. */
static void run(const char *driver, const char *frame, const char *readings,
                struct driver_check *check)
{
    char text[2048];
    struct driver_set set;
    struct err err = { .text = "" };
    size_t digits = 0;
    for (const char *c = frame; *c; c++)
        digits += *c != ' ';
    snprintf(text, sizeof text, HEAD "%s\ntests:\n  - telegram: \"%02zX%s\"\n    readings: %s\n",
             driver, digits / 2, frame, readings);
    for (char *c = strstr(text, "telegram: ") + 10; *c != '\n'; c++)
        if (*c == ' ')
            memmove(c, c + 1, strlen(c));
    driver_set_init(&set, shared_rules_builtin);
    bool ok = driver_set_parse(&set, text, strlen(text), "row.yaml", &err) &&
              driver_set_finish(&set, &err) &&
              driver_check_run(&set, &set.entries[0], check, stderr, &err);
    if (!ok)
        print_error("%s\n", err.text);
    driver_set_free(&set);
    assert_true(ok);
}

static void drivers_can_say(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct driver_check check = { 0 };
        print_message("%s\n", rows[r].what);
        run(rows[r].driver, rows[r].frame, rows[r].readings, &check);
        assert_true(check.readings > 0);
        assert_int_equal(check.differences, 0);
    }
}

static void the_check_finds_what_is_wrong(void **state)
{
    static const char fields[] = "fields: { x_m3: volume }";
    static const struct {
        const char *what, *driver, *readings;
    } wrong[] = {
        { "another number", fields, "{ x_m3: 6.409 }" },
        { "a digit that is not there", fields, "{ x_m3: 6.408001 }" },
        { "a text for a number", fields, "{ x_m3: \"6.408\" }" },
        { "null", fields, "{ x_m3: null }" },
        { "another name", fields, "{ y_m3: 6.408 }" },
        { "a dropped systematic name", fields, "{ volume_m3: 6.408 }" },
        { "the shared name of a record that the driver's own rule takes",
          "use: [water]\nfields: { x_m3: volume }", "{ total_m3: 6.408 }" },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(wrong); r++) {
        struct driver_check check = { 0 };
        print_message("%s\n", wrong[r].what);
        run(wrong[r].driver, PLAIN "041308190000", wrong[r].readings, &check);
        assert_int_equal(check.differences, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drivers_can_say),
        cmocka_unit_test(the_check_finds_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
