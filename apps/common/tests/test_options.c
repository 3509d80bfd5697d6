/* SPDX-License-Identifier: MIT */
#include "apps/common/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"
#include "apps/common/number.h"
#include "base/array_len.h"

struct values {
    bool all;
    const char *simd;
    double hz;
    unsigned wait, limit;
    struct text_list files;
    struct text_list others;
};

// clang-format off
static const struct option rows[] = {
    { 'f', "frequency", "HZ",   OPTION_NUMBER, offsetof(struct values, hz),     "centre\nof the band" },
    { 'r', "read",      "FILE", OPTION_LIST,   offsetof(struct values, files),  "a file" },
    { 0,   "all",       NULL,   OPTION_FLAG,   offsetof(struct values, all),    "all frames" },
    { 0,   "simd",      "NAME", OPTION_TEXT,   offsetof(struct values, simd),   "kernels" },
    { 0,   "wait",      "N",    OPTION_COUNT,  offsetof(struct values, wait),   "subscribers" },
    { 0,   "limit",     "N",    OPTION_SOME,   offsetof(struct values, limit),  "at most" },
    { 0,   "too-wide",  "BYABLANK", OPTION_LIST,   offsetof(struct values, others), "a text" },
    { 0,   "other",     "TEXT", OPTION_LIST,   offsetof(struct values, others), NULL },
};
// clang-format on
static const struct program program = {
    .name = "prog",
    .usage = "[OPTION]... FILE...",
    .description = "Says nothing.",
    .options = rows,
    .n_options = ARRAY_LEN(rows),
    .operands = offsetof(struct values, files),
    .exit_codes = EXIT_SET(EXIT_FILE),
};

static void test_number(void **state)
{
    (void)state;
    static const struct {
        const char *what, *text;
        bool ok;
        double value;
    } numbers[] = {
        { "mega", "868.95M", true, 868.95e6 },
        { "kilo", "1600k", true, 1.6e6 },
        { "big K", "1600K", true, 1.6e6 },
        { "exponent", "1.6e6", true, 1.6e6 },
        { "plain", "1600000", true, 1.6e6 },
        { "the letter as point", "1M6", true, 1.6e6 },
        { "two digits after the letter", "1M024", true, 1.024e6 },
        { "giga", "0.86895G", true, 868.95e6 },
        { "unit", "868.95MHz", true, 868.95e6 },
        { "unit of a rate", "1.6Msps", true, 1.6e6 },
        { "negative", "-12e3", true, -12e3 },
        { "empty", "", false, 0 },
        { "a word", "fast", false, 0 },
        { "letter after a fraction", "1.6M5", false, 0 },
        { "hexadecimal", "0x10", false, 0 },
        { "infinite", "inf", false, 0 },
        { "overflow", "1e999", false, 0 },
        { "overflow by its letter", "1e308G", false, 0 },
        { "blank", " 1", false, 0 },
        { "rest", "1600kk", false, 0 },
        { "longer than any number", "0000000000000000000000000000000000000000001", false, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        print_message("%s\n", numbers[i].what);
        double value = 0;
        assert_int_equal(number_parse(numbers[i].text, strlen(numbers[i].text), &value),
                         numbers[i].ok);
        assert_true(value > numbers[i].value - 1e-3 && value < numbers[i].value + 1e-3);
    }
}

static bool parse(const char *const *words, struct values *values, struct err *err)
{
    char *argv[16];
    static char copies[16][64];
    int argc = 0;
    memset(values, 0, sizeof *values);
    for (; words[argc]; argc++)
        argv[argc] = strcpy(copies[argc], words[argc]);
    return options_parse(&program, argc, argv, values, err);
}

static void test_parse(void **state)
{
    (void)state;
    static const char *const words[] = { "prog",  "a.cu8",       "-f868.3M", "--all", "-r",
                                         "b.cu8", "--simd=avx2", "--wait",   "2",     "--",
                                         "-f",    "-",           NULL };
    struct values v;
    struct err err;
    assert_true(parse(words, &v, &err));
    assert_true(v.all);
    assert_true(v.hz == 868.3e6);
    assert_string_equal(v.simd, "avx2");
    assert_int_equal(v.wait, 2);
    assert_int_equal(v.files.n, 4);
    assert_string_equal(v.files.items[0], "a.cu8");
    assert_string_equal(v.files.items[1], "b.cu8");
    assert_string_equal(v.files.items[2], "-f");
    assert_string_equal(v.files.items[3], "-");
    options_free(&program, &v);
    assert_int_equal(v.files.n, 0);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *what, *words[4], *says;
    } refused[] = {
        { "unknown name", { "prog", "--al" }, "unknown option --al" },
        { "longer name", { "prog", "--alll" }, "unknown option --alll" },
        { "unknown letter", { "prog", "-x" }, "unknown option -x" },
        { "no value", { "prog", "-f" }, "--frequency needs a value: HZ" },
        { "value of a flag", { "prog", "--all=yes" }, "--all takes no value" },
        { "no number", { "prog", "-f", "high" }, "--frequency: expected a number" },
        { "no whole number", { "prog", "--wait", "1.5" }, "--wait: expected a whole number" },
        { "none",
          { "prog", "--limit", "0" },
          "--limit: expected a whole number from 1 to 2147483647" },
        { "too much", { "prog", "--wait", "2147483648" }, "from 0 to 2147483647, not 2147483648" },
        { "empty, beside it",
          { "prog", "--simd", "" },
          "option --simd: its value, NAME, is empty" },
        { "empty, in the same word", { "prog", "--read=" }, "option --read: its value, FILE, is" },
        { "negative count", { "prog", "--wait", "-1" }, "--wait: expected a whole number" },
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        print_message("%s\n", refused[i].what);
        struct values v;
        struct err err = { .text = "" };
        assert_false(parse(refused[i].words, &v, &err));
        assert_non_null(strstr(err.text, refused[i].says));
        assert_int_equal(err.exit_code, EXIT_USAGE);
        options_free(&program, &v);
    }
}

static void test_help(void **state)
{
    (void)state;
    char text[4096] = "";
    FILE *f = fmemopen(text, sizeof text - 1, "w");
    options_print_help(&program, f);
    fclose(f);
    assert_non_null(strstr(text, "Usage: prog [OPTION]... FILE...\n"));
    assert_non_null(strstr(text, "  -f, --frequency HZ      centre\n"
                                 "                          of the band\n"));
    assert_non_null(strstr(text, "      --all               all frames\n"));
    assert_non_null(strstr(text, "  14  input file"));
    assert_non_null(strstr(text, "      --too-wide BYABLANK\n"
                                 "                          a text\n"));
    assert_null(strstr(text, "--other"));
    assert_non_null(strstr(text, "   5  output"));
    assert_null(strstr(text, "   4  device")); /* none of this program's */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
