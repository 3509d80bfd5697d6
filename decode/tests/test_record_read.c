/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/array_len.h"
#include "decode/driver_run.h"
#include "decode/profile.h"
#include "decode/tests/hex.h"
#include "decode/tests/record_text.h"

static const struct {
    const char *why, *payload, *readings;
    enum decode_status status;
} rows[] = {
    /* clang-format off */
    { "nothing", "", "", DECODE_OK },
    { "idle fillers only, as mode 5 pads", "2F2F2F2F", "", DECODE_OK },
    { "fillers before, between and behind records",
      "2F2F 0413 08190000 2F 4413 08190000 2F2F", "volume_m3=6.408;volume_storage_1_m3=6.408", DECODE_OK },
    { "full frame of a water meter (protocol note: application, section 9, example 1)",
      "02FF20 7100 0413 08190000 4413 08190000 615B 7F 6167 13",
      "manufacturer_ff20_hex=7100;volume_m3=6.408;volume_storage_1_m3=6.408;"
      "min_flow_temperature_storage_1_c=127;min_external_temperature_storage_1_c=19", DECODE_OK },

    /* dates and storages */
    { "type G", "026C 1F15", "time_point_date=2008-05-31", DECODE_OK },
    { "type F with hundred-year 1", "046D 32371F15", "time_point_datetime=2008-05-31 23:50", DECODE_OK },
    { "type F, IV bit", "046D B2371F15", "time_point_datetime=null", DECODE_OK },
    { "type I", "066D 2C1AA1D52100", "time_point_datetime=2022-01-21 01:26:44", DECODE_OK },
    { "type J", "036D 050A17", "time_point_time=23:10:05", DECODE_OK },
    { "date without value, storage 1", "426C FFFF", "time_point_storage_1_date=null", DECODE_OK },
    { "month 0, day 0 is no date", "82016C 0000", "time_point_storage_2_date=null", DECODE_OK },
    { "type M has an unverified layout: raw", "0D6D E7 01020304050607", "time_point_hex=01020304050607", DECODE_OK },
    { "a date in BCD has no type", "0A6C 3112", "time_point_hex=3112", DECODE_OK },
    { "date of the error", "346D 00335B34", "error_time_point_datetime=2026-04-27 19:00", DECODE_OK },

    /* storage, tariff, subunit */
    { "storage 2", "820113 0100", "volume_storage_2_m3=0.001", DECODE_OK },
    { "storage 17", "C20813 0100", "volume_storage_17_m3=0.001", DECODE_OK },
    { "subunit 1", "84401301000000", "volume_subunit_1_m3=0.001", DECODE_OK },
    { "subunit 2", "8480401301000000", "volume_subunit_2_m3=0.001", DECODE_OK },
    { "tariff 2", "8C201301000000", "volume_tariff_2_m3=0.001", DECODE_OK },
    { "storage 1 tariff 1", "CC101301000000", "volume_storage_1_tariff_1_m3=0.001", DECODE_OK },
    { "maximum, storage 2", "92012B 0500", "max_power_storage_2_kw=0.005", DECODE_OK },
    { "storage 32", "8680810013 010000000000", "volume_storage_32_m3=0.001", DECODE_OK },
    { "storage 32 tariff 1", "8490810013 01000000", "volume_storage_32_tariff_1_m3=0.001", DECODE_OK },
    { "ten DIFEs: the greatest storage number",
      "C1FFFFFFFFFFFFFFFFFF7F13 01",
      "volume_storage_2199023255551_tariff_1048575_subunit_1023_m3=0.001", DECODE_OK },
    { "eleven DIFEs: no record",
      "0213 0100 C1FFFFFFFFFFFFFFFFFFFF7F13 01", "volume_m3=0.001;undecoded_hex=c1ffffffffffffffffffff7f1301",
      DECODE_BAD_LENGTH },
    { "external temperature, its maximum and minimum", "0265 5908 1265 6608 2265 4C08",
      "external_temperature_c=21.37;max_external_temperature_c=21.5;min_external_temperature_c=21.24", DECODE_OK },
    { "equal names get a number", "0113 01 0113 02 0113 03", "volume_m3=0.001;volume_m3_2=0.002;volume_m3_3=0.003", DECODE_OK },

    /* numbers */
    { "BCD with sign nibble", "0A5A 23F1", "flow_temperature_c=-12.3", DECODE_OK },
    { "BCD display code", "0A13 2A10", "volume_m3=null", DECODE_OK },
    { "BCD all F", "0C13 FFFFFFFF", "volume_m3=null", DECODE_OK },
    { "most negative int 16", "025A 0080", "flow_temperature_c=null", DECODE_OK },
    { "-1 is a temperature", "025A FFFF", "flow_temperature_c=-0.1", DECODE_OK },
    { "-1 is no volume, but \"no value\" in the field", "840413 FFFFFFFF", "volume_storage_8_m3=null", DECODE_OK },
    { "volume below 0", "0413 F0FFFFFF", "volume_m3=-0.016", DECODE_OK },
    { "12 digits of BCD", "0E14 785634129078", "volume_m3=7890123456.78", DECODE_OK },
    { "int 64", "0706 FFFFFFFFFFFFFF7F", "energy_kwh=9223372036854775807", DECODE_OK },
    { "type C, 64 bit", "07FD60 FEFFFFFFFFFFFFFF", "reset_counter=18446744073709551614", DECODE_OK },
    { "type C, all ones", "07FD60 FFFFFFFFFFFFFFFF", "reset_counter=null", DECODE_OK },
    { "type C by FC 11", "0283FC11 F0FF", "energy_kwh=65.52", DECODE_OK },
    { "type D by FC 12", "0283FC12 F0FF", "energy_hex=fff0", DECODE_OK },
    { "real", "055B 3333B341", "flow_temperature_c=22.4", DECODE_OK },
    { "real with a power of ten", "0513 00000041", "volume_m3=0.008", DECODE_OK },
    { "real and a power of ten that is added", "05DB7A 00008041", "flow_temperature_c=16.1", DECODE_OK },
    { "real NaN", "055B 0000C07F", "flow_temperature_c=null", DECODE_OK },
    { "real infinite", "055B 000080FF", "flow_temperature_c=null", DECODE_OK },
    { "no data", "0013", "volume_m3=null", DECODE_OK },
    { "selection for readout", "0813", "volume_m3=null", DECODE_OK },
    { "J to kWh has no end: six decimals", "010F 01", "energy_kwh=2.777778", DECODE_OK },
    { "minutes to h", "0121 01", "on_time_h=0.016667", DECODE_OK },
    { "days to years", "02FD74 DA10", "remaining_battery_life_y=11.811331", DECODE_OK },
    { "m3/min to m3/h", "0147 01", "volume_flow_m3h=60", DECODE_OK },
    { "short durations in seconds", "0274 E602 0175 02", "actuality_duration_s=742;actuality_duration_s_2=120", DECODE_OK },

    /* variable length */
    { "LVAR text, last character first", "0DFD11 0E 3632353331313031305A42453100",
      "customer=1EBZ010113526", DECODE_OK },
    { "LVAR text, ISO 8859-1 and control characters", "0DFD10 06 20FC 07 42 0A20", "customer_location= Bü ", DECODE_OK },
    { "LVAR text for a number", "0D13 02 3231", "volume_text=12", DECODE_OK },
    { "LVAR positive BCD", "0D13 C2 3412", "volume_m3=1.234", DECODE_OK },
    { "LVAR negative BCD", "0D13 D2 3412", "volume_m3=-1.234", DECODE_OK },
    { "LVAR binary", "0D13 E3 010000", "volume_m3=0.001", DECODE_OK },
    { "LVAR binary without a byte", "0D13 E0", "volume_m3=null", DECODE_OK },
    { "LVAR binary of 16 bytes", "0D13 F0 000102030405060708090A0B0C0D0E0F",
      "volume_hex=000102030405060708090a0b0c0d0e0f", DECODE_OK },
    { "LVAR reserved", "0D13 F7 00", "undecoded_hex=0d13f700", DECODE_BAD_LENGTH },
    { "LVAR BCD with digit count A is reserved", "0D13 CA 00", "undecoded_hex=0d13ca00", DECODE_BAD_LENGTH },
    { "LVAR beyond the end", "0113 05 0D13 05 3132", "volume_m3=0.005;undecoded_hex=0d13053132", DECODE_BAD_LENGTH },
    { "LVAR missing", "0D13", "undecoded_hex=0d13", DECODE_BAD_LENGTH },

    /* identifiers, flags, versions */
    { "fabrication number keeps its zeros", "0C78 75376800", "fabrication_no=00683775", DECODE_OK },
    { "secondary address", "0779 7856341279160107", "enhanced_id=12345678ESY0107", DECODE_OK },
    { "enhanced identification as text", "0D79 0E 31323334353637383839595345 31", "enhanced_id=1ESY9887654321", DECODE_OK },
    { "bus address is unsigned", "017A FE", "bus_address_nr=254", DECODE_OK },
    { "error flags", "02FD17 0100", "error_flags_hex=0001", DECODE_OK },
    { "standard conform error flags", "02FD971D 0400", "error_flags_hex=0004", DECODE_OK },
    { "access number", "01FD08 80", "access_counter=128", DECODE_OK },
    { "software version, binary", "02FD0F 9500", "software_version=0095", DECODE_OK },
    { "software version, text", "0DFD0F 03 302E31", "software_version=1.0", DECODE_OK },
    { "parameter set", "02FD0B 1011", "parameter_set=1110", DECODE_OK },
    { "manufacturer", "02FD0A 2D2C", "meter_manufacturer=KAM", DECODE_OK },
    { "a wireless frame inside", "0DFD3B 03 112233", "wmbus_container_hex=112233", DECODE_OK },

    /* combinable VIFEs */
    { "forward", "04863B 01000000", "energy_forward_kwh=1", DECODE_OK },
    { "backward", "04933C 6A000000", "volume_backward_m3=0.106", DECODE_OK },
    { "duration of last lower limit exceed, hours", "02BB56 0500",
      "volume_flow_duration_of_last_lower_exceed_h=5", DECODE_OK },
    { "number of exceeds", "02BB49 0500", "volume_flow_upper_limit_exceeds_counter=5", DECODE_OK },
    { "begin of first upper exceed", "04BB4A 32371F15",
      "volume_flow_begin_of_first_upper_exceed_datetime=2008-05-31 23:50", DECODE_OK },
    { "multiplied by 10^-2", "0193 74 05", "volume_m3=0.00005", DECODE_OK },
    { "multiplied by 10^3", "0193 7D 05", "volume_m3=5", DECODE_OK },
    { "both factors", "0193 F0 7D 05", "volume_m3=0.000005", DECODE_OK },
    { "added 10^-1 degree", "01DB 7A 05", "flow_temperature_c=5.1", DECODE_OK },
    { "added to a negative number", "01DB 7B FF", "flow_temperature_c=0", DECODE_OK },
    { "record error has no value", "0193 15 00", "volume_record_error_no_data_available_m3=null", DECODE_OK },
    { "record error none", "0193 00 05", "volume_m3=0.005", DECODE_OK },
    { "phase", "02FDC8FC01 0109", "voltage_l1_v=230.5", DECODE_OK },
    { "reserved VIFE stays in the name, the value is kept", "0193 10 05", "volume_vife_10_m3=0.005", DECODE_OK },
    { "reserved FC code likewise", "0193 FC16 05", "volume_vife_fc_16_m3=0.005", DECODE_OK },
    { "non-metric unit is not guessed", "0293 3D 0501", "volume_non_metric_hex=0501", DECODE_OK },
    { "future value of a duration", "02FDAC7E 0123", "duration_since_readout_future_h=2.489167", DECODE_OK },
    { "ten VIFEs with long names: the VIB stands for them",
      "0193 CECECECECECECECECE4E 05", "volume_vib_93cecececececececece4e_hex=05", DECODE_OK },
    { "eleven VIFEs", "0193 CECECECECECECECECECE4E 05", "undecoded_hex=0193cececececececececece4e05", DECODE_BAD_LENGTH },

    /* plain-text units */
    { "text unit", "027C 04 41424344 0500", "custom_dcba=5", DECODE_OK },
    { "text unit directly behind the VIF, as in the field", "02FC 03 485225 74 220E", "custom_rh=36.18", DECODE_OK },
    { "text unit behind the VIFEs, as in EN 13757-3:2018", "02FC 74 03 485225 220E", "custom_rh=36.18", DECODE_OK },
    { "text unit m, superscript 3", "027C 02 B36D 0500", "custom_m3=5", DECODE_OK },
    { "text unit with nothing a name can hold", "027C 01 25 0500", "custom=5", DECODE_OK },
    { "text unit of 33 characters: not believed",
      "017C 21 414141414141414141414141414141414141414141414141414141414141414141 05",
      "undecoded_hex=017c2141414141414141414141414141414141414141414141414141414141414141414105", DECODE_BAD_LENGTH },
    { "text unit beyond the end", "027C 20 41", "undecoded_hex=027c2041", DECODE_BAD_LENGTH },

    /* compact profiles: the examples of EN 13757-3:2018 Annex F and OMS Vol. 2 Annex G */
    { "F.2.7, increments forward, hours", "84046D00204111 8B0415003012 8D04951F 05 69 01 03 02 11",
      "time_point_storage_8_datetime=2010-01-01 00:00;volume_storage_8_m3=12300;"
      "volume_profile_storage_9_m3=12300.3;time_point_profile_storage_9_datetime=2010-01-01 01:00;"
      "volume_profile_storage_10_m3=12300.5;time_point_profile_storage_10_datetime=2010-01-01 02:00;"
      "volume_profile_storage_11_m3=12301.6;time_point_profile_storage_11_datetime=2010-01-01 03:00", DECODE_OK },
    { "F.2.8, the same backward", "84046D00234111 8B0415163012 8D049513 05 69 01 11 02 03",
      "time_point_storage_8_datetime=2010-01-01 03:00;volume_storage_8_m3=12301.6;"
      "volume_inverse_profile_storage_9_m3=12300.5;time_point_inverse_profile_storage_9_datetime=2010-01-01 02:00;"
      "volume_inverse_profile_storage_10_m3=12300.3;time_point_inverse_profile_storage_10_datetime=2010-01-01 01:00;"
      "volume_inverse_profile_storage_11_m3=12300;time_point_inverse_profile_storage_11_datetime=2010-01-01 00:00", DECODE_OK },
    { "F.2.6, registers with absolute values, months",
      "868081006D0000A0411135 8490810003F0490200 8D908100831E 0A 34 FE A0860100 D0FB0100",
      "time_point_storage_32_datetime=2010-01-01 00:00:00;energy_storage_32_tariff_1_kwh=150;"
      "energy_storage_33_tariff_1_kwh=100;time_point_storage_33_tariff_1_datetime=2010-02-01 00:00:00;"
      "energy_storage_34_tariff_1_kwh=130;time_point_storage_34_tariff_1_datetime=2010-03-01 00:00:00", DECODE_OK },
    { "OMS Annex G, inverse, months; the end of a month stays the end",
      "0C1313100000 026C1F15 0D9313 0A 7A FE 5802 3203 1402 4401",
      "volume_m3=1.013;time_point_date=2008-05-31;"
      "volume_inverse_profile_storage_1_m3=0.755;time_point_inverse_profile_storage_1_date=2008-04-30;"
      "volume_inverse_profile_storage_2_m3=0.423;time_point_inverse_profile_storage_2_date=2008-03-31;"
      "volume_inverse_profile_storage_3_m3=0.209;time_point_inverse_profile_storage_3_date=2008-02-29;"
      "volume_inverse_profile_storage_4_m3=0.065;time_point_inverse_profile_storage_4_date=2008-01-31", DECODE_OK },
    { "an element without value ends a profile of increments", "0113 05 0D931F 05 51 01 01 FF 01",
      "volume_m3=0.005;volume_profile_storage_1_m3=0.006", DECODE_OK },
    { "not one element has a value: nothing is dropped", "0113 05 0D931F 04 51 01 FF 01",
      "volume_m3=0.005;volume_profile_hex=5101ff01", DECODE_OK },
    { "an element without value does not end one of absolute values", "0D931F 05 11 01 01 FF 03",
      "volume_profile_storage_1_m3=0.001;volume_profile_storage_2_m3=null;volume_profile_storage_3_m3=0.003", DECODE_OK },
    { "increments without base value", "0D931F 04 51 01 01 02", "volume_profile_hex=51010102", DECODE_OK },
    { "reserved spacing", "0113 05 0D931F 04 41 FF 01 02", "volume_m3=0.005;volume_profile_hex=41ff0102", DECODE_OK },
    { "element of no size", "0113 05 0D931F 04 70 01 01 02", "volume_m3=0.005;volume_profile_hex=70010102", DECODE_OK },
    { "profile without elements", "0113 05 0D931F 00", "volume_m3=0.005;volume_profile_hex=", DECODE_OK },
    { "days from a date", "0113 05 426C1F15 4113 05 4D931F 03 71 01 01",
      "volume_m3=0.005;time_point_storage_1_date=2008-05-31;volume_storage_1_m3=0.005;"
      "volume_profile_storage_2_m3=0.006;time_point_profile_storage_2_date=2008-06-01", DECODE_OK },
    { "hours from a date without time have no date", "026C1F15 0113 05 0D931F 03 61 01 01",
      "time_point_date=2008-05-31;volume_m3=0.005;volume_profile_storage_1_m3=0.006", DECODE_OK },

    /* what is the manufacturer's, or nobody's */
    { "VIF 7F", "317F 1A", "error_manufacturer_7f_hex=1a", DECODE_OK },
    { "VIFE FF behind a standard VIF", "04EEFF07 01020304", "manufacturer_eeff07_hex=01020304", DECODE_OK },
    { "with storage", "8101E7FF0F 00", "manufacturer_e7ff0f_storage_2_hex=00", DECODE_OK },
    { "VIFE FF at the end", "0193 7F 05", "manufacturer_937f_hex=05", DECODE_OK },
    { "block to the end", "0113 05 0F 0102032F", "volume_m3=0.005;manufacturer_data_hex=0102032f", DECODE_OK },
    { "block, more follows", "1F AABB", "manufacturer_data_hex=aabb", DECODE_OK },
    { "empty block", "0F", "", DECODE_OK },
    { "reserved primary VIF", "016F 05", "unknown_6f_hex=05", DECODE_OK },
    { "reserved FD code", "41FD77 05", "unknown_fd77_storage_1_hex=05", DECODE_OK },
    { "reserved FB code (gallons before 2004)", "01FB23 05", "unknown_fb23_hex=05", DECODE_OK },
    { "third extension table", "01EF05 05", "unknown_ef05_hex=05", DECODE_OK },
    { "reserved DIF", "0113 05 3F 0102", "volume_m3=0.005;undecoded_hex=3f0102", DECODE_BAD_LENGTH },
    { "extension bit with nibble F", "8F 0102", "undecoded_hex=8f0102", DECODE_BAD_LENGTH },
    { "DIF at the end", "04", "undecoded_hex=04", DECODE_BAD_LENGTH },
    { "data cut", "0413 010203", "undecoded_hex=0413010203", DECODE_BAD_LENGTH },
    /* clang-format on */
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        enum decode_status status;
        const char *text = text_of_hex(rows[r].payload, &status);
        if (strcmp(text, rows[r].readings) != 0 || status != rows[r].status)
            print_message("%s: %s\n", rows[r].why, rows[r].payload);
        assert_string_equal(text, rows[r].readings);
        assert_int_equal(status, rows[r].status);
    }
}

/* Whatever is cut off, the readings before it stay as they were. */
static void test_cut_at_each_length(void **state)
{
    (void)state;
    static const char hex[] =
        "02FF20710004130819000044130819000061 5B7F6167130DFD11033132338410FB82F5"
        "3C01000000426C1F15046D32371F1502FC034852257422 0E0F010203";
    uint8_t payload[FRAME_MAX_BYTES];
    size_t n = bytes_from_hex(hex, payload, sizeof payload);
    enum decode_status status;
    char whole[RECORD_TEXT_SIZE];
    const char *all = text_of_payload(payload, n, &status);
    memcpy(whole, all, strlen(all) + 1);
    assert_int_equal(status, DECODE_OK);
    for (size_t cut = 0; cut < n; cut++) {
        const char *text = text_of_payload(payload, cut, &status);
        const char *rest = strstr(text, "undecoded_hex");
        if (!rest)
            rest = strstr(text, "manufacturer_data_hex");
        size_t same = rest ? (size_t)(rest - text) : strlen(text);
        assert_memory_equal(text, whole, same);
        assert_int_equal(status == DECODE_BAD_LENGTH, strstr(text, "undecoded_hex") != NULL);
    }
}

static void test_names_are_unique_and_bounded(void **state)
{
    (void)state;
    uint8_t payload[FRAME_MAX_BYTES] = { 0 };
    enum decode_status status;
    for (size_t i = 0; i + 1 < sizeof payload; i += 2)
        payload[i + 1] = 0x13; /* 00 13: volume without data */
    text_of_payload(payload, sizeof payload, &status);
    const struct telegram *t = last_telegram();
    assert_int_equal(t->n_readings, FRAME_MAX_BYTES / 2);
    for (size_t i = 0; i < t->n_readings; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(t->readings[i].name, t->readings[k].name);
    assert_string_equal(t->readings[127].name, "volume_m3_128");
}

static void test_manufacturer_data_is_never_cut(void **state)
{
    (void)state;
    uint8_t payload[FRAME_MAX_BYTES];
    enum decode_status status;
    memset(payload, 0xA5, sizeof payload);
    payload[0] = 0x0F;
    text_of_payload(payload, 255, &status);
    assert_int_equal(strlen(last_telegram()->readings[0].text), 2 * 254);
}

/* A message of several frames has more records than one frame has room for. */
static void test_a_driver_keeps_what_it_does_not_know(void **state)
{
    enum { RECORDS = 200 };
    static const struct driver_index no_rules;
    static const struct driver driver = { .name = "none of these", .index = &no_rules };
    static struct telegram t;
    const struct driver_input input = { .has_records = true };
    (void)state;
    for (size_t i = 0; i < RECORDS; i++)
        memcpy(t.payload + 3 * i, "\x01\x13\x07", 3);
    t.payload_n = 3 * RECORDS;
    assert_int_equal(driver_run(&driver, &input, &t), DECODE_OK);
    assert_int_equal(t.n_readings, RECORDS);
}

/* Whatever was in the profile before. */
static void test_half_months_have_no_time(void **state)
{
    static const uint8_t payload[] = {
        0x02, 0x6C, 0x1F, 0x15, 0x0D, 0x93, 0x13, 0x03, 0x31, 0xFD, 7
    };
    struct profile profile = { .step = INT_MIN };
    struct reader reader = reader_init(payload, sizeof payload);
    struct record record;
    struct vib vib;
    struct decimal number;
    struct time_point time;
    (void)state;
    assert_int_equal(record_next(&reader, &record), RECORD_DATA); /* the base time */
    assert_int_equal(record_next(&reader, &record), RECORD_DATA);
    vib_read(&record, &vib);
    assert_true(profile_open(&profile, &record, &vib, payload, sizeof payload));
    assert_int_equal(profile_value(&profile, 0, &number), PROFILE_VALUE);
    assert_int_equal(number.digits, 7);
    assert_true(profile.has_time);
    assert_false(profile_time(&profile, 0, &time));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_cut_at_each_length),
        cmocka_unit_test(test_names_are_unique_and_bounded),
        cmocka_unit_test(test_manufacturer_data_is_never_cut),
        cmocka_unit_test(test_half_months_have_no_time),
        cmocka_unit_test(test_a_driver_keeps_what_it_does_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
