/* SPDX-License-Identifier: MIT */
#include "apps/generator/gen_scene.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"
#include "base/array_len.h"

#define assert_near(a, b, tolerance) assert_true(fabs((double)(a) - (double)(b)) <= (tolerance))

#define TELEGRAM "\"1244AE0C7856341201078C2027780B13436587\""
#define LINE "{\"telegram\":" TELEGRAM ",\"mode\":\"T1\",\"time_s\":1"

static const struct gen_defaults defaults = {
    .sample_rate_sps = 1.6e6,
    .center_hz = 868.95e6,
    .noise_sigma = 0.01,
    .amplitude = -1,
    .ecn0_db = 20,
    .gap_s = 0.01,
    .modes = { &radio_modes[0], &radio_modes[1] },
    .n_modes = 2,
};

static bool read_text(struct gen_scene *scene, const char *text, double until_s, struct err *err)
{
    char copy[1024];
    assert_true(strlen(text) < sizeof copy);
    strcpy(copy, text);
    FILE *from = fmemopen(copy, strlen(copy), "r");
    assert_non_null(from);
    bool ok = gen_scene_read(scene, from, "scene.json", until_s, err);
    fclose(from);
    return ok;
}

static void test_modes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        char format;
        int row;
    } rows[] = {
        { "T1", 0, 0 },     { "T1", 'A', 0 }, { "C1-A", 0, 1 },    { "C1-B", 0, 2 },
        { "C1", 'B', 2 },   { "C1", 0, -1 },  { "S1", 0, 3 },      { "T2", 0, -1 },
        { "C1-A", 'A', 1 }, { "", 0, -1 },    { "T1-B", 'B', -1 },
    };
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s %c\n", rows[r].name, rows[r].format ? rows[r].format : ' ');
        assert_ptr_equal(gen_mode_find(rows[r].name, rows[r].format),
                         rows[r].row < 0 ? NULL : &radio_modes[rows[r].row]);
    }
}

static void test_every_field_arrives(void **state)
{
    (void)state;
    struct gen_scene scene;
    struct err err;
    gen_scene_init(&scene, &defaults, 1);
    assert_true(
        read_text(&scene,
                  "\n{\"telegram\":" TELEGRAM ",\"mode\":\"C1-B\",\"time_s\":1.25,"
                  "\"amplitude\":12.75,\"offset_hz\":-3e3,\"deviation_hz\":41000,\"bt\":0.5,"
                  "\"chip_rate_cps\":100100,\"drift_percent\":0.1,\"preamble_pairs\":20,"
                  "\"comment\":\"water\",\"sample\":7}\n",
                  0, &err));
    assert_int_equal(scene.n, 1);
    const struct transmission *t = &scene.transmissions[0];
    assert_ptr_equal(t->burst.mode, &radio_modes[2]);
    assert_int_equal(t->burst.n, 19);
    assert_int_equal(t->telegram[0], 18);
    assert_int_equal(t->telegram[18], 0x87);
    assert_near(t->time_s, 1.25, 0);
    assert_near(t->burst.amplitude, 0.1, 1e-12);
    assert_near(t->burst.offset_hz, -3000, 0);
    assert_near(t->burst.deviation_hz, 41000, 0);
    assert_near(t->burst.bt, 0.5, 0);
    assert_near(t->burst.clock_error, 0.001, 1e-12);
    assert_near(t->burst.clock_drift, 0.001, 1e-12);
    assert_int_equal(t->burst.preamble_pairs, 20);
    gen_scene_free(&scene);
}

static void test_level_follows_from_snr(void **state)
{
    (void)state;
    struct gen_scene scene;
    struct err err;
    gen_scene_init(&scene, &defaults, 1);
    assert_true(read_text(&scene, LINE ",\"snr_db\":13}", 0, &err));
    assert_true(read_text(&scene, LINE "}", 0, &err));
    assert_near(gen_scene_ecn0_db(&scene, &scene.transmissions[0]), 13, 1e-9);
    assert_near(gen_scene_ecn0_db(&scene, &scene.transmissions[1]), 20, 1e-9);
    /* A^2 = Ec/N0 * 2 sigma^2 * Rc / fs */
    assert_near(scene.transmissions[1].burst.amplitude, sqrt(100 * 2e-4 / 16), 1e-9);
    gen_scene_free(&scene);
}

/* What the noise is if a line says both, with noise of 0.01 and transmissions before it. */
static void test_level_and_snr(void **state)
{
    (void)state;
    static const struct {
        const char *what, *text;
        bool noise_open;
        double sigma; /* 0: refused */
    } rows[] = {
        /* sigma^2 = A^2 fs / (2 Rc Ec/N0) */
        { "the first line decides", LINE ",\"snr_db\":20,\"amplitude\":12.75}", true,
          0.1 * 0.2828427 },
        { "nobody contradicts",
          LINE ",\"snr_db\":20,\"amplitude\":12.75}\n" LINE
               ",\"snr_db\":26.0205,\"amplitude\":25.5}\n" LINE ",\"snr_db\":3}\n" LINE
               ",\"amplitude\":3}",
          true, 0.1 * 0.2828427 },
        { "a later line contradicts",
          LINE ",\"snr_db\":20,\"amplitude\":12.75}\n" LINE ",\"snr_db\":21,\"amplitude\":12.75}",
          true, 0 },
        { "the noise was used before",
          LINE ",\"snr_db\":20}\n" LINE ",\"snr_db\":20,\"amplitude\":12.75}", true, 0 },
        { "an option has decided", LINE ",\"snr_db\":20,\"amplitude\":12.75}", false, 0 },
        { "as the option says", LINE ",\"snr_db\":20,\"amplitude\":4.507806}", false, 0.01 },
        { "no signal has no Ec/N0", LINE ",\"snr_db\":20,\"amplitude\":0}", true, 0 },
    };
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        struct gen_defaults d = defaults;
        struct gen_scene scene;
        struct err err = { .exit_code = 0 };
        d.noise_open = rows[r].noise_open;
        gen_scene_init(&scene, &d, 1);
        assert_int_equal(read_text(&scene, rows[r].text, 0, &err), rows[r].sigma > 0);
        if (rows[r].sigma > 0)
            assert_near(scene.defaults.noise_sigma, rows[r].sigma, 1e-6);
        else
            assert_non_null(strstr(err.text, "(--noise)"));
        gen_scene_free(&scene);
    }
}

static void test_repetitions(void **state)
{
    (void)state;
    struct gen_scene scene;
    struct err err;
    gen_scene_init(&scene, &defaults, 1);
    assert_true(read_text(&scene, LINE ",\"every_s\":2,\"jitter_s\":0.25}", 10, &err));
    assert_int_equal(scene.n, 5);
    bool jittered = false;
    for (size_t k = 0; k < scene.n; k++) {
        assert_near(scene.transmissions[k].time_s, 1 + 2 * (double)k, 0.25);
        jittered |= fabs(scene.transmissions[k].time_s - 1 - 2 * (double)k) > 0.01;
    }
    assert_true(jittered);
    gen_scene_free(&scene);
}

static void test_bad_lines_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *what, *text, *says;
    } rows[] = {
        { "no JSON", "hello", "line 1: expected a JSON object" },
        { "second line", LINE "}\n[1]", "line 2: expected a JSON object" },
        { "misspelt field", LINE ",\"offset_khz\":1}", "unknown field \"offset_khz\"" },
        { "no time", "{\"telegram\":" TELEGRAM ",\"mode\":\"T1\"}", "are needed" },
        { "mode we do not send", "{\"telegram\":" TELEGRAM ",\"mode\":\"N1\",\"time_s\":1}",
          "\"N1\"" },
        { "telegram too short", "{\"telegram\":\"0044\",\"mode\":\"T1\",\"time_s\":1}", "in hex" },
        { "half a byte", "{\"telegram\":\"1244AE0C785634120107A\",\"mode\":\"T1\",\"time_s\":1}",
          "in hex" },
        { "text for a number", LINE ",\"snr_db\":\"20\"}", "\"snr_db\": expected a number" },
        { "number for a text", "{\"telegram\":5,\"mode\":\"T1\",\"time_s\":1}",
          "expected a string" },
        { "out of range", LINE ",\"clock_percent\":50}", "from -20 to 20" },
        { "not a number", LINE ",\"bt\":NaN}", "from 0 to 100" },
        { "repeated without end", LINE ",\"every_s\":1}", "--duration" },
    };
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        struct gen_scene scene;
        struct err err = { .exit_code = 0 };
        gen_scene_init(&scene, &defaults, 1);
        assert_false(read_text(&scene, rows[r].text, 0, &err));
        print_message("  %s\n", err.text);
        assert_int_equal(err.exit_code, EXIT_USAGE);
        assert_non_null(strstr(err.text, "scene.json, line "));
        assert_non_null(strstr(err.text, rows[r].says));
        gen_scene_free(&scene);
    }
}

static void test_turns_gaps_and_overlaps(void **state)
{
    (void)state;
    struct gen_defaults d = defaults;
    struct gen_scene scene;
    struct err err;
    d.overlap = true;
    d.overlap_db = -6;
    gen_scene_init(&scene, &d, 1);
    for (int k = 0; k < 20; k++)
        assert_true(gen_scene_add_random(&scene, 47, &err));
    assert_true(gen_scene_add_hex(&scene, "12 44 AE0C_78563412|01078C2027780B13436587", &err));
    assert_false(gen_scene_add_hex(&scene, "12 4", &err));
    assert_false(gen_scene_add_random(&scene, 10, &err));
    assert_false(gen_scene_add_random(&scene, 257, &err));
    for (size_t k = 0; k < 20; k++) {
        const struct transmission *t = &scene.transmissions[k];
        assert_ptr_equal(t->burst.mode, &radio_modes[k % 2]);
        double length = k % 2 ? 0.0051 : 0.0072;
        double since = k ? t->time_s - t[-1].time_s : 1;
        if (k % 2) {
            assert_true(since > 0 && since < 0.0072);
            assert_near(20 * log10(t->burst.amplitude / t[-1].burst.amplitude), -6, 1e-9);
        } else if (k) {
            assert_true(since > 0.01 && since < 0.01 + 0.0072 + length);
        }
    }
    gen_scene_free(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_every_field_arrives),
        cmocka_unit_test(test_level_follows_from_snr),
        cmocka_unit_test(test_level_and_snr),
        cmocka_unit_test(test_repetitions),
        cmocka_unit_test(test_bad_lines_are_named),
        cmocka_unit_test(test_turns_gaps_and_overlaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
