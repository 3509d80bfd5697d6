/* SPDX-License-Identifier: MIT */
#include "apps/receiver/transmissions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

static const char here, beside; /* channels */
static struct transmissions seen;

static int forget(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof seen);
    return 0;
}

/* One of samples 100 ... 200, or so many later; a frame of these bytes. */
static bool is_known(const void *channel, double later, const char *bytes,
                     enum decode_status status)
{
    struct frame frame = { .n = strlen(bytes), .status = status };
    const struct transmission now = { .channel = channel,
                                      .first_chip = 100 + later,
                                      .last_chip = 200 + later };
    memcpy(frame.bytes, bytes, frame.n);
    return transmissions_known(&seen, &frame, &now);
}

static void the_same_once_more(void **state)
{
    static const struct {
        const char *what;
        enum decode_status before, now;
        const void *channel;
        double later;
        const char *bytes;
        bool known;
    } rows[] = {
        { "right again", DECODE_OK, DECODE_OK, &here, 0, "meter", true },
        { "on another channel", DECODE_OK, DECODE_OK, &beside, 0, "meter", true },
        { "its end is still heard", DECODE_OK, DECODE_OK, &here, 99, "meter", true },
        { "its start is heard", DECODE_OK, DECODE_OK, &here, -99, "meter", true },
        { "sent again", DECODE_OK, DECODE_OK, &here, 100, "meter", false },
        { "sent before", DECODE_OK, DECODE_OK, &here, -100, "meter", false },
        { "another first byte", DECODE_OK, DECODE_OK, &here, 0, "deter", false },
        { "another last byte", DECODE_OK, DECODE_OK, &here, 0, "meten", false },
        { "a byte more", DECODE_OK, DECODE_OK, &here, 0, "meters", false },
        { "right at last", DECODE_BAD_CRC, DECODE_OK, &here, 0, "meter", false },
        { "wrong inside of it", DECODE_OK, DECODE_BAD_CRC, &here, 50, "data", true },
        { "wrong inside of what was wrong", DECODE_BAD_CRC, DECODE_BAD_CRC, &here, 9, "d", true },
        { "wrong beside it", DECODE_OK, DECODE_BAD_CRC, &beside, 50, "data", false },
        { "wrong behind it", DECODE_OK, DECODE_BAD_CRC, &here, 100, "data", false },
    };
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        forget(state);
        assert_false(is_known(&here, 0, "meter", rows[r].before));
        assert_int_equal(is_known(rows[r].channel, rows[r].later, rows[r].bytes, rows[r].now),
                         rows[r].known);
    }
}

/* So many are kept, and the oldest goes. What is known does not count. */
static void many(void **state)
{
    (void)state;
    for (size_t k = 0; k < TRANSMISSIONS_MAX; k++) {
        assert_false(is_known(&here, 1000.0 * (double)k, "meter", DECODE_OK));
        assert_true(is_known(&here, 0, "meter", DECODE_OK));
    }
    assert_false(is_known(&here, -1000, "meter", DECODE_OK));
    assert_non_null(transmissions_cover(&seen, &here, 101 - 1000, 199 - 1000));
    assert_true(is_known(&here, 1000, "meter", DECODE_OK));
    assert_false(is_known(&here, 0, "meter", DECODE_OK));
}

static void what_lies_inside(void **state)
{
    (void)state;
    assert_false(is_known(&here, 0, "wrong", DECODE_BAD_CRC));
    assert_null(transmissions_cover(&seen, &here, 120, 180));
    assert_true(transmissions_hold(&seen, &here, 150));
    assert_false(is_known(&here, 1000, "meter", DECODE_OK));
    const struct transmission *around = transmissions_cover(&seen, &here, 1120, 1180);
    assert_non_null(around);
    assert_true(around->first_chip == 1100 && around->last_chip == 1200);
    assert_null(transmissions_cover(&seen, &beside, 1120, 1180));
    assert_null(transmissions_cover(&seen, &here, 1099, 1180));
    assert_null(transmissions_cover(&seen, &here, 1120, 1201));
    assert_true(transmissions_hold(&seen, &here, 1150));
    assert_false(transmissions_hold(&seen, &beside, 1150));
    assert_false(transmissions_hold(&seen, &here, 1099));
    assert_false(transmissions_hold(&seen, &here, 1201));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_same_once_more, forget),
        cmocka_unit_test_setup(many, forget),
        cmocka_unit_test_setup(what_lies_inside, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
