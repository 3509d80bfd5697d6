/* SPDX-License-Identifier: MIT */
#include "apps/telegrams/records_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/telegrams/telegram_json.h"
#include "apps/telegrams/telegram_text.h"
#include "base/array_len.h"

static void records_are_shown_as_they_were_sent(void **state)
{
    static const struct {
        const char *what, *telegram, *records;
    } rows[] = {
        { "a driver's names do not show, fillers are none",
          "17442D2C998734761B1678 02FF207100 2F 04130819000001FD0805",
          "[{\"header\":\"02ff20\",\"data\":\"7100\",\"unit\":\"hex\",\"name\":"
          "\"manufacturer_ff20_hex\",\"value\":\"7100\"},"
          "{\"header\":\"0413\",\"data\":\"08190000\",\"quantity\":\"volume\",\"unit\":\"m3\","
          "\"name\":\"volume_m3\",\"value\":6.408},"
          "{\"header\":\"01fd08\",\"data\":\"05\",\"quantity\":\"access\",\"unit\":"
          "\"counter\",\"name\":\"access_counter\",\"value\":5}]" },
        { "a compact frame: the full one it stands for",
          "1A442D2C998734761B1679EDA86AB6710008190000081900007F13",
          "[{\"header\":\"02ff20\",\"data\":\"7100\",\"unit\":\"hex\",\"name\":"
          "\"manufacturer_ff20_hex\",\"value\":\"7100\"},"
          "{\"header\":\"0413\",\"data\":\"08190000\",\"quantity\":\"volume\",\"unit\":\"m3\","
          "\"name\":\"volume_m3\",\"value\":6.408},"
          "{\"header\":\"4413\",\"data\":\"08190000\",\"quantity\":\"volume\",\"unit\":\"m3\","
          "\"name\":\"volume_storage_1_m3\",\"value\":6.408},"
          "{\"header\":\"615b\",\"data\":\"7f\",\"quantity\":\"flow_temperature\",\"unit\":\"c\","
          "\"name\":\"min_flow_temperature_storage_1_c\",\"value\":127},"
          "{\"header\":\"6167\",\"data\":\"13\",\"quantity\":\"external_temperature\",\"unit\":"
          "\"c\",\"name\":\"min_external_temperature_storage_1_c\",\"value\":19}]" },
        { "variable length, no value, manufacturer's data",
          "1A443146785634120F0F78 0DFD0F023231 026CFFFF 0F0102",
          "[{\"header\":\"0dfd0f02\",\"data\":\"3231\",\"quantity\":\"software_version\",\"name\":"
          "\"software_version\",\"value\":\"12\"},"
          "{\"header\":\"026c\",\"data\":\"ffff\",\"quantity\":\"time_point\",\"unit\":\"date\","
          "\"name\":\"time_point_date\",\"value\":null},"
          "{\"header\":\"0f\",\"data\":\"0102\",\"name\":\"manufacturer_data_hex\",\"value\":"
          "\"0102\"}]" },
        { "clocks: types F and I in summer time, F in winter",
          "1F443146785634120F0F78 046D32B71F15 046D32371F15 066D6C1AA1D52100",
          "[{\"header\":\"046d\",\"data\":\"32b71f15\",\"quantity\":\"time_point\",\"unit\":"
          "\"datetime\",\"name\":\"time_point_datetime\",\"value\":\"2008-05-31 23:50\","
          "\"summer_time\":true},"
          "{\"header\":\"046d\",\"data\":\"32371f15\",\"quantity\":\"time_point\",\"unit\":"
          "\"datetime\",\"name\":\"time_point_datetime\",\"value\":\"2008-05-31 23:50\"},"
          "{\"header\":\"066d\",\"data\":\"6c1aa1d52100\",\"quantity\":\"time_point\",\"unit\":"
          "\"datetime\",\"name\":\"time_point_datetime\",\"value\":\"2022-01-21 01:26:44\","
          "\"summer_time\":true}]" },
        { "what is cut", "0E443146785634120F0F78 04130102",
          "[{\"data\":\"04130102\",\"name\":\"undecoded_hex\",\"value\":\"04130102\"}]" },
        { "no records", "0C446850123456787462 A20102", "[]" },
    };
    static struct telegram telegram;
    struct telegram_text text;
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct decoder *decoder = decoder_open(NULL, 0);
        print_message("%s\n", rows[r].what);
        assert_null(telegram_text_parse(rows[r].telegram, strlen(rows[r].telegram), &text));
        decoder_decode(decoder, &text.frame, 0, &telegram);
        struct json_object *list = records_json(&telegram);
        assert_string_equal(telegram_json_text(list), rows[r].records);
        json_object_put(list);
        telegram_text_deinit(&text);
        decoder_close(decoder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_shown_as_they_were_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
