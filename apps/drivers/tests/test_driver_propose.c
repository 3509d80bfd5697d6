/* SPDX-License-Identifier: MIT
 * Proposed drivers pass their own tests, whatever the telegram. */
#include "apps/drivers/driver_propose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/drivers/driver_check.h"
#include "apps/telegrams/telegram_text.h"
#include "base/array_len.h"

/* The caller frees. NULL with *err. */
static char *propose(const char *line, struct err *err)
{
    static struct telegram telegram;
    struct telegram_text text;
    char *file = NULL;
    size_t n = 0;
    struct meter_config all = { .any_id = true, .n_keys = 1 };
    assert_null(telegram_text_parse(line, strlen(line), &text));
    all.keys[0] = text.key;
    struct decoder *decoder = decoder_open(&all, text.has_key);
    FILE *to = open_memstream(&file, &n);
    decoder_decode(decoder, &text.frame, 0, &telegram);
    bool ok = driver_propose(&telegram, to, err);
    fclose(to);
    decoder_close(decoder);
    telegram_text_deinit(&text);
    if (ok)
        return file;
    assert_int_equal(n, 0);
    free(file);
    return NULL;
}

static void check(const char *file)
{
    struct driver_set set;
    struct driver_check counts = { 0 };
    struct err err;
    driver_set_init(&set, NULL);
    if (!driver_set_parse(&set, file, strlen(file), "proposal", &err) ||
        !driver_set_finish(&set, &err))
        fail_msg("%s in\n%s", err.text, file);
    assert_true(driver_check_run(&set, &set.entries[0], &counts, stdout, &err));
    assert_int_equal(counts.telegrams, 1);
    assert_true(counts.readings > 0);
    if (counts.differences)
        fail_msg("differs:\n%s", file);
    driver_set_free(&set);
}

static void they_pass_their_tests(void **state)
{
    static const struct {
        const char *what, *line;
        const char *holds[5];
    } rows[] = {
        { "in clear, behind an extended link layer; manufacturer's VIF",
          "2A442D2C785634121B168D2091D37CAC217F2D7802FF207100041308190000441308190000615B1F616713",
          { "driver: kam_1b_16\n", "  - KAM 1B 16\n",
            "  manufacturer_ff20_hex: { record: vif FF20, type: hex }\n",
            "  volume_storage_1_m3: volume storage 1\n",
            "  min_flow_temperature_storage_1_c: min flow_temperature storage 1\n" } },
        { "mode 5: the test is in clear",
          "{\"telegram\":\"2E4493157856341233037A2A0020255923C95AAA26D1B2E7493B013EC4A6F6D3529B520E"
          "DFF0EA6DEFC99D6D69EBF3\",\"key\":\"0102030405060708090A0B0C0D0E0F11\"}",
          { "status: { from: tpl_status }\n", "telegram: 2E4493157856341233037A2A0000002F2F0C14",
            "volume_m3: 28504.27\n" } },
        { "compact: the test has the full frame",
          "23442D2C998734761B168D2087D19EAD217F1779EDA86AB6710008190000081900007F13",
          { "telegram: 21442D2C998734761B167802FF20", "volume_m3: 6.408\n" } },
        { "no records",
          "2F446850313233347462A2067F245900B0293100000003060609060306090706060505090505050405070406"
          "0"
          "5070500",
          { "driver: tch_74_62\n", "#   - in: payload\n", "id: \"34333231\"\n" } },
        { "records alike, a date, a manufacturer's tail",
          "2644931578563412330378041301000000041302000000026C7F2A046D0A0B3F2C0F0102030405",
          { "  volume_m3: volume\n", "  volume_m3_2: volume nth 2\n", "#   - in: tail\n" } },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct err err = { .exit_code = 0 };
        print_message("%s\n", rows[r].what);
        char *file = propose(rows[r].line, &err);
        assert_non_null(file);
        for (size_t i = 0; i < ARRAY_LEN(rows[r].holds) && rows[r].holds[i]; i++)
            if (!strstr(file, rows[r].holds[i]))
                fail_msg("no \"%s\" in\n%s", rows[r].holds[i], file);
        check(file);
        free(file);
    }
}

static void what_was_not_read_gives_none(void **state)
{
    static const struct {
        const char *line, *says;
    } rows[] = {
        { "2E4493157856341233037A2A0020255923C95AAA26D1B2E7493B013EC4A6F6D3529B520EDFF0EA6DEFC99D6D"
          "69EBF3",
          "not read: no_key" },
        { "68 0C 0C 68 08 01 78 0C 13 78 56 34 12 0F 01 02 C6 16", "what meter" },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct err err = { .exit_code = 0 };
        assert_null(propose(rows[r].line, &err));
        assert_non_null(strstr(err.text, rows[r].says));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_pass_their_tests),
        cmocka_unit_test(what_was_not_read_gives_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
