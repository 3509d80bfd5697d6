/* SPDX-License-Identifier: MIT
 * wmbus-gen from outside: the program's bytes, its truth, its exit codes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"
#include "apps/generator/gen_scene.h"
#include "base/array_len.h"
#include "dsp/iq.h"

static const double two_pi = 6.283185307179586;
static char directory[] = "/tmp/test_wmbus_gen.XXXXXX";

struct bytes {
    uint8_t *data;
    size_t n;
};

/* Runs wmbus-gen in the test's own directory; returns its exit code. */
static int run(const char *arguments)
{
    char command[2048];
    int n = snprintf(command, sizeof command, "cd %s && { '%s/wmbus-gen' %s; } 2>message",
                     directory, getenv("WMBUS_BIN_DIR"), arguments);
    assert_true(n > 0 && (size_t)n < sizeof command);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static struct bytes slurp(const char *name)
{
    char path[256];
    struct bytes bytes = { NULL, 0 };
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *from = fopen(path, "rb");
    assert_non_null(from);
    fseek(from, 0, SEEK_END);
    bytes.n = (size_t)ftell(from);
    rewind(from);
    bytes.data = calloc(bytes.n + 1, 1);
    assert_non_null(bytes.data);
    assert_int_equal(fread(bytes.data, 1, bytes.n, from), bytes.n);
    fclose(from);
    return bytes;
}

static void test_same_seed_same_bytes(void **state)
{
    (void)state;
    static const char options[] = "-n 3 -m T1,C1-A,C1-B --offset-spread 40k --clock-spread 0.5 "
                                  "--snr 15 --snr-spread 5 --bt 0.5";
    static const char *const runs[] = { "-o a.cu8 -t a.json", "-o - -t b.json >b.cu8",
                                        "--seed 2 -o c.cu8 -t c.json" };
    for (size_t r = 0; r < ARRAY_LEN(runs); r++) {
        char command[512];
        snprintf(command, sizeof command, "%s %s", options, runs[r]);
        assert_int_equal(run(command), EXIT_OK);
    }
    struct bytes a = slurp("a.cu8"), b = slurp("b.cu8"), c = slurp("c.cu8");
    struct bytes ta = slurp("a.json"), tb = slurp("b.json"), tc = slurp("c.json");
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.data, b.data, a.n);
    assert_memory_not_equal(a.data, c.data, a.n < c.n ? a.n : c.n);
    assert_string_equal((char *)ta.data, (char *)tb.data);
    assert_string_not_equal((char *)ta.data, (char *)tc.data);
    struct bytes *all[] = { &a, &b, &c, &ta, &tb, &tc };
    for (size_t k = 0; k < ARRAY_LEN(all); k++)
        free(all[k]->data);
}

/* I and Q of sample k, about 0. */
static void sample(const struct bytes *bytes, enum iq_format format, size_t k, double iq[2])
{
    const uint8_t *at = bytes->data + k * iq_sample_bytes(format);
    for (int rail = 0; rail < 2; rail++) {
        float f;
        int16_t s;
        switch (format) {
        case IQ_CU8:
            iq[rail] = at[rail] - 127.5;
            break;
        case IQ_CS8:
            iq[rail] = (int8_t)at[rail];
            break;
        case IQ_CS16:
            memcpy(&s, at + 2 * rail, sizeof s);
            iq[rail] = s;
            break;
        case IQ_CF32:
            memcpy(&f, at + 4 * rail, sizeof f);
            iq[rail] = (double)f;
            break;
        }
    }
}

/* Mean frequency of samples from ... to, relative to the rate, by phase differences. */
static double frequency(const struct bytes *bytes, enum iq_format format, size_t from, size_t to)
{
    double turns = 0, before[2], now[2];
    sample(bytes, format, from, before);
    for (size_t k = from + 1; k <= to; k++) {
        sample(bytes, format, k, now);
        turns += atan2(now[1] * before[0] - now[0] * before[1],
                       now[0] * before[0] + now[1] * before[1]) /
                 two_pi;
        memcpy(before, now, sizeof before);
    }
    return turns / (double)(to - from);
}

/* Demodulates every chip of a transmission where the truth says it is. */
static void check_transmission(const struct bytes *bytes, enum iq_format format, double rate,
                               double center, const struct transmission *t)
{
    static struct chip_burst sent;
    const struct burst *b = &t->burst;
    assert_true(
        chip_encode(b->mode, t->telegram, b->n, b->preamble_pairs, b->postamble_chips, &sent));
    double chip = rate / (b->mode->chip_rate_cps * (1 + b->clock_error));
    double carrier = b->mode->frequency_hz + b->offset_hz - center;
    for (size_t k = 0; k < sent.n; k++) {
        double middle = t->time_s * rate + ((double)k - (double)sent.first_sync_chip + 0.5) * chip;
        size_t from = (size_t)lround(middle - chip / 4), to = (size_t)lround(middle + chip / 4);
        assert_true((to + 1) * iq_sample_bytes(format) <= bytes->n);
        assert_int_equal(frequency(bytes, format, from, to) * rate > carrier, sent.chips[k]);
    }
}

static const struct {
    const char *what, *options, *file;
    double rate, center;
    enum iq_format format;
    size_t n;
} truths[] = {
    { "cu8, all modes, noise", "-n 4 -m T1,C1-A,C1-B,S1 --snr 40 -f 868.625M", "a.cu8", 1.6e6,
      868.625e6, IQ_CU8, 4 },
    { "cs8, offsets and clocks", "-n 3 --no-noise -a 60 --offset-spread 80k --clock-spread 3",
      "a.cs8", 1.6e6, 868.95e6, IQ_CS8, 3 },
    { "cs16 at 2.4 Msps, shaped", "-n 2 -m C1-B --bt 0.5 --snr 50 -s 2.4M --bytes 200", "a.cs16",
      2.4e6, 868.95e6, IQ_CS16, 2 },
    { "cf32 at 1 Msps, long preamble", "-n 2 --no-noise -s 1M --preamble 100", "a.cf32", 1e6,
      868.95e6, IQ_CF32, 2 },
    { "clipped by 20 dB", "-n 2 --snr 40 -a 127.5 --gain 20", "a.cu8", 1.6e6, 868.95e6, IQ_CU8, 2 },
    { "DC offset", "-n 2 --snr 40 -a 60 --dc 2,-1", "a.cu8", 1.6e6, 868.95e6, IQ_CU8, 2 },
    { "a telegram given with its CRCs",
      "--snr 40 2E4493157856341233033363_7A2A0020255923C95AAA26D1B2E7493BC2AD_"
      "013EC4A6F6D3529B520EDFF0EA6DEFC955B2_9D6D69EBF3EC8A",
      "a.cu8", 1.6e6, 868.95e6, IQ_CU8, 1 },
};

static void test_truth_is_true(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(truths); r++) {
        print_message("%s\n", truths[r].what);
        char arguments[1024];
        snprintf(arguments, sizeof arguments, "%s -o %s -t truth", truths[r].options,
                 truths[r].file);
        assert_int_equal(run(arguments), EXIT_OK);
        struct bytes bytes = slurp(truths[r].file), truth = slurp("truth");
        struct gen_scene scene;
        struct err err;
        gen_scene_init(&scene, &(struct gen_defaults){ .amplitude = 1 }, 0);
        FILE *from = fmemopen(truth.data, truth.n, "r");
        assert_true(gen_scene_read(&scene, from, "truth", 0, &err));
        fclose(from);
        assert_int_equal(scene.n, truths[r].n);
        for (size_t k = 0; k < scene.n; k++)
            check_transmission(&bytes, truths[r].format, truths[r].rate, truths[r].center,
                               &scene.transmissions[k]);
        gen_scene_free(&scene);
        free(bytes.data);
        free(truth.data);
    }
}

static void test_lead_in(void **state)
{
    (void)state;
    static const struct {
        const char *arguments, *says;
    } rows[] = {
        { "--lead-in 0 -t a.json", "\"start_sample\":0," },
        { "--lead-in 5 --gap-spread 4 -t a.json", "\"start_sample\":8000," },
    };
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        char arguments[128];
        snprintf(arguments, sizeof arguments, "-n 1 -o a.cu8 %s", rows[r].arguments);
        assert_int_equal(run(arguments), EXIT_OK);
        struct bytes truth = slurp("a.json");
        assert_non_null(strstr((char *)truth.data, rows[r].says));
        free(truth.data);
    }
}

/* The levels of the recording, although no option says them again. */
static void test_truth_as_scene(void **state)
{
    (void)state;
    assert_int_equal(run("-n 5 --snr 15 --gap-spread 3 -m T1,C1-B -o a.cu8 -t a.json"), EXIT_OK);
    assert_int_equal(run("--scene a.json -o b.cu8 -t b.json"), EXIT_OK);
    struct bytes a = slurp("a.cu8"), b = slurp("b.cu8"), truth = slurp("b.json");
    assert_int_equal(a.n, b.n);
    int n = 0;
    for (char *at = (char *)truth.data; (at = strstr(at, "\"snr_db\":")); at++, n++)
        assert_memory_equal(at, "\"snr_db\":15.000,", 16);
    assert_int_equal(n, 5);
    free(a.data);
    free(b.data);
    free(truth.data);
}

static const struct {
    const char *what, *arguments;
    int exit_code;
    const char *says;
} errors[] = {
    { "help", "--help >help", EXIT_OK, "" },
    { "version", "--version >version", EXIT_OK, "" },
    { "help that nobody can read", "--help >/dev/full", EXIT_OUTPUT, "standard output: No space" },
    { "nothing to do", "-o a.cu8", EXIT_USAGE, "nothing to send" },
    { "noise alone is something", "--duration 0.001 -o a.cu8", EXIT_OK, "" },
    { "nothing in a scene", "--scene /dev/null -o a.cu8", EXIT_USAGE, "nothing to send" },
    { "a folder with a point in its name", "-n 1 -o ./plain", EXIT_OK, "" },
    { "unknown option", "--sner 3", EXIT_USAGE, "--sner" },
    { "value out of range", "-n 1 --clock 30 -o a.cu8", EXIT_USAGE, "--clock: expected" },
    { "levels given three times", "-n 1 --snr 3 -a 8 --noise 1 -o a.cu8", EXIT_USAGE,
      "at most two" },
    { "level of no noise", "-n 1 --snr 3 --no-noise -o a.cu8", EXIT_USAGE, "--no-noise" },
    { "unknown mode", "-n 1 -m T1,X -o a.cu8", EXIT_USAGE, "not X" },
    { "unknown suffix", "-n 1 -o a.wav", EXIT_USAGE, "wav" },
    { "suffix overruled", "-n 1 -o a.wav --format cs16", EXIT_OK, "" },
    { "bad DC", "-n 1 --dc 1 -o a.cu8", EXIT_USAGE, "--dc" },
    { "too long for C1-B", "-n 1 -m C1-B --bytes 254 -o a.cu8", EXIT_USAGE, "C1-B cannot carry" },
    { "truth into the samples", "-n 1 -t - >a.cu8", EXIT_USAGE, "of their own" },
    { "no such scene", "--scene nowhere.json -o a.cu8", EXIT_FILE, "nowhere.json" },
    { "a scene that is a folder", "--scene . -o a.cu8", EXIT_FILE, "cannot read .: " },
    { "no such folder", "-n 1 -o no/a.cu8", EXIT_OUTPUT, "no/a.cu8" },
    { "disk full", "-n 1 --format cu8 -o /dev/full", EXIT_OUTPUT, "/dev/full" },
    { "standard output full", "-n 1 >/dev/full", EXIT_OUTPUT,
      "cannot write to standard output: No space" },
    { "a channel outside the band", "-n 1 --channel 900M -o a.cu8", EXIT_USAGE,
      "900 MHz, lies outside the 868.15 to 869.75 MHz" },
    { "S1 outside the band", "-n 2 -m T1,S1 -s 1M -o a.cu8", EXIT_USAGE, "transmission 2" },
    { "reader went away", "-n 100 | head -c 10 >a.cu8", EXIT_OK, "" },
};

static void test_exit_codes(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(errors); r++) {
        print_message("%s\n", errors[r].what);
        assert_int_equal(run(errors[r].arguments), errors[r].exit_code);
        struct bytes message = slurp("message");
        print_message("  %s", (char *)message.data);
        assert_non_null(strstr((char *)message.data, errors[r].says));
        if (errors[r].exit_code == EXIT_OK)
            assert_int_equal(message.n, 0);
        free(message.data);
    }
}

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_same_bytes),
        cmocka_unit_test(test_truth_is_true),
        cmocka_unit_test(test_lead_in),
        cmocka_unit_test(test_truth_as_scene),
        cmocka_unit_test(test_exit_codes),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
