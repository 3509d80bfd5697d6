/* SPDX-License-Identifier: MIT */
#include "apps/telegrams/heard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "apps/telegrams/heard_json.h"
#include "apps/telegrams/telegram_json.h"
#include "base/array_len.h"

static struct telegram telegram_of(unsigned number)
{
    struct telegram t = {
        .media = "water", .kind = "unknown", .c = 0x44, .frame = { .rx = { .mode = "T1" } }
    };
    memcpy(t.meter.id, &number, sizeof t.meter.id);
    return t;
}

static struct heard_meter *hear(struct heard *heard, unsigned number, double t_s)
{
    static struct telegram t;
    t = telegram_of(number);
    return heard_add(heard, &t, (int64_t)(t_s * 1e6));
}

static void test_interval_is_learnt(void **state)
{
    (void)state;
    /* every 16 s, some missed, one heard twice */
    static const double times_s[] = { 0, 16, 48, 48.1, 64, 112, 128, 176 };
    struct heard heard;
    struct heard_meter *m = NULL;
    assert_true(heard_init(&heard));
    for (size_t i = 0; i < ARRAY_LEN(times_s); i++) {
        m = hear(&heard, 1, 1000 + times_s[i]);
        assert_true((m->interval_s > 0) == (i >= 4)); /* of three gaps or more */
    }
    assert_true(m->interval_s > 15.8 && m->interval_s < 16.2);
    assert_int_equal(m->seen, 8);
    assert_int_equal(heard_expected(m, (int64_t)(1176.5 * 1e6)), 12);
    assert_int_equal(heard_expected(m, (int64_t)(1336.5 * 1e6)), 22);
    assert_int_equal(heard_expected(m, 0), 8); /* a clock that was put back */
    assert_int_equal(heard.n, 1);
    heard_deinit(&heard);
}

static void test_statuses(void **state)
{
    (void)state;
    struct heard heard;
    assert_true(heard_init(&heard));
    struct telegram t = telegram_of(7);
    t.status = DECODE_NO_KEY;
    t.encrypted = true;
    heard_add(&heard, &t, 1);
    t.status = DECODE_OK;
    t.decrypted = true;
    t.n_readings = 1;
    t.readings[0] = (struct reading){ .name = "total_m3", .kind = READING_NUMBER, .mantissa = 5 };
    struct heard_meter *m = heard_add(&heard, &t, 2);
    assert_int_equal(m->by_status[DECODE_NO_KEY], 1);
    assert_int_equal(m->by_status[DECODE_OK], 1);
    assert_string_equal(m->reading.value, "5 m³");
    assert_string_equal(m->reading.name, "total");
    assert_int_equal(heard_expected(m, 1000), 0);
    t.direction = DIRECTION_TO_METER; /* which was not measured by it */
    t.readings[0].mantissa = 6;
    m = heard_add(&heard, &t, 3);
    assert_string_equal(m->reading.value, "5 m³");
    heard_deinit(&heard);
}

static void assert_news(struct heard_meter *meter, double t_s, const char *expected)
{
    const char *news = heard_news(meter, (int64_t)(t_s * 1e6));
    assert_string_equal(news ? news : "-", expected);
}

static void test_silence_is_told_once(void **state)
{
    (void)state;
    struct heard heard;
    struct heard_meter *m = NULL;
    assert_true(heard_init(&heard));
    for (int i = 0; i < 5; i++) {
        m = hear(&heard, 1, 10 * i);
        assert_news(m, 10 * i, "-");
    }
    assert_news(m, 99, "-");
    assert_news(m, 101, "silent");
    assert_news(m, 200, "-");
    m = hear(&heard, 1, 201);
    assert_news(m, 201, "heard_again");
    assert_news(m, 202, "-");
    m = hear(&heard, 2, 0); /* nobody knows how often it sends */
    assert_news(m, 1e6, "-");
    heard_deinit(&heard);
}

static struct heard_meter *hear_status(struct heard *heard, enum decode_status status)
{
    static struct telegram t;
    t = telegram_of(7);
    t.status = status;
    t.encrypted = status != DECODE_NO_KEY;
    t.decrypted = status == DECODE_OK;
    return heard_add(heard, &t, 1);
}

static void test_failing_key_is_told_once(void **state)
{
    (void)state;
    struct heard heard;
    assert_true(heard_init(&heard));
    assert_news(hear_status(&heard, DECODE_NO_KEY), 1, "-");
    assert_news(hear_status(&heard, DECODE_BAD_2F2F), 1, "-");
    assert_news(hear_status(&heard, DECODE_OK), 1, "-");
    assert_news(hear_status(&heard, DECODE_BAD_2F2F), 1, "-");
    assert_news(hear_status(&heard, DECODE_BAD_MAC), 1, "-");
    assert_news(hear_status(&heard, DECODE_BAD_TAG), 1, "key_failed");
    assert_news(hear_status(&heard, DECODE_BAD_ELL_CRC), 1, "-");
    assert_news(hear_status(&heard, DECODE_OK), 1, "key_right");
    heard_deinit(&heard);
}

static void test_strongest_first(void **state)
{
    (void)state;
    static const float snr_db[] = { 20, 0, 10, 30 };
    struct heard heard;
    struct heard_list list;
    assert_true(heard_init(&heard));
    for (unsigned i = 0; i < ARRAY_LEN(snr_db); i++)
        hear(&heard, i, 1)->snr_db = snr_db[i];
    heard_sort(&heard, &list);
    assert_int_equal(list.n, 4);
    for (size_t i = 0; i < list.n; i++)
        assert_true(list.items[i]->snr_db == 30 - 10 * (float)i);
    heard_list_free(&list);
    heard_deinit(&heard);
}

static void test_json(void **state)
{
    (void)state;
    struct heard heard;
    assert_true(heard_init(&heard));
    for (int i = 0; i < 4; i++)
        hear(&heard, 0x11, i * 16);
    struct telegram t = telegram_of(0x22);
    t.name = "kitchen";
    t.frame.rx = (struct reception){ .snr_db = 20, .offset_hz = -1236 };
    t.encrypted = t.decrypted = true;
    t.n_readings = 1;
    t.readings[0] =
        (struct reading){ .name = "total_volume_m3", .kind = READING_NUMBER, .mantissa = 5 };
    heard_add(&heard, &t, 40 * 1000000);
    t.decrypted = false; /* and what was read is still the last */
    t.n_readings = 0;
    t.status = DECODE_NO_KEY;
    heard_add(&heard, &t, 50 * 1000000);
    struct json_object *list = heard_json(&heard, 60 * 1000000);
    assert_string_equal(
        telegram_json_text(list),
        "[{\"name\":\"kitchen\",\"id\":\"00000022\",\"manufacturer\":\"???\",\"media\":\"water\","
        "\"meter\":\"unknown\",\"encrypted\":true,\"decrypted\":false,\"seen\":2,"
        "\"last_seen_s\":10.0,\"snr_db\":20.0,\"rssi_dbfs\":0.0,\"offset_hz\":-1240.0,"
        "\"by_reason\":{\"no_key\":1},\"reading\":\"total volume 5 m³\"},"
        "{\"id\":\"00000011\",\"manufacturer\":\"???\",\"media\":\"water\",\"meter\":\"unknown\","
        "\"mode\":\"T1\",\"encrypted\":false,\"decrypted\":false,\"interval_s\":16.0,\"seen\":4,"
        "\"expected\":4,\"last_seen_s\":12.0,\"snr_db\":0.0,\"rssi_dbfs\":0.0,"
        "\"offset_hz\":0.0,\"by_reason\":{}}]");
    json_object_put(list);
    heard_deinit(&heard);
}

static void test_memory_is_bounded(void **state)
{
    (void)state;
    struct heard heard;
    assert_true(heard_init(&heard));
    for (unsigned i = 0; i < HEARD_MAX; i++)
        hear(&heard, i, i + 1);
    hear(&heard, 0, HEARD_MAX + 1); /* now 1 is the one longest not heard */
    hear(&heard, 1000000, HEARD_MAX + 2);
    assert_int_equal(heard.n, HEARD_MAX);
    assert_int_equal(hear(&heard, 0, HEARD_MAX + 3)->seen, 3);
    assert_int_equal(hear(&heard, 1, HEARD_MAX + 4)->seen, 1);
    heard_deinit(&heard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interval_is_learnt),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_silence_is_told_once),
        cmocka_unit_test(test_failing_key_is_told_once),
        cmocka_unit_test(test_strongest_first),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
