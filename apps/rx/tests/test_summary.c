/* SPDX-License-Identifier: MIT
 * Each telegram is counted once, by what became of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "apps/rx/summary.h"
#include "base/array_len.h"

static int64_t count(struct json_object *o, const char *name)
{
    struct json_object *value;
    return json_object_object_get_ex(o, name, &value) ? json_object_get_int64(value) : 0;
}

static void test_counted_once(void **state)
{
    static const struct {
        bool encrypted, decrypted;
        enum decode_status status;
    } rows[] = {
        { false, true, DECODE_OK },
        { true, true, DECODE_OK },
        { true, false, DECODE_NO_KEY },
        { true, true, DECODE_WAITING_FORMAT }, /* opened, and not read */
        { false, true, DECODE_UNSUPPORTED },
    };
    static struct telegram telegram;
    struct summary summary = { .n_modes = 0 };
    (void)state;
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        telegram.frame.rx.mode = "T1";
        telegram.encrypted = rows[k].encrypted;
        telegram.decrypted = rows[k].decrypted;
        telegram.status = rows[k].status;
        summary_add_telegram(&summary, &telegram);
    }
    struct json_object *o = summary_json(&summary), *by_mode, *by_reason;
    assert_true(json_object_object_get_ex(o, "by_mode", &by_mode));
    assert_true(json_object_object_get_ex(o, "by_reason", &by_reason));
    assert_int_equal(count(o, "in_clear"), 1);
    assert_int_equal(count(o, "decrypted"), 1);
    assert_int_equal(count(by_mode, "T1-A"), ARRAY_LEN(rows));
    assert_int_equal(count(by_reason, "no_key"), 1);
    assert_int_equal(count(by_reason, "waiting_format"), 1);
    assert_int_equal(count(by_reason, "unsupported"), 1);
    json_object_put(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_counted_once) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
