/* SPDX-License-Identifier: MIT */
#include "apps/rx/rtl_wmbus.h"

#include <stddef.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "base/array_len.h"

static const char name[] = "rtl_wmbus";
static const double center_hz = 868.95e6, center_with_s_hz = 868.625e6;
static const double rate_per_decimation_sps = 800e3;
static const double stall_after_s = 5;

struct asked {
    bool with_s, exit_on_stall, verbose, version, help, ignored;
    unsigned decimation, unused;
    const char *without; /* s or t */
    struct text_list operands;
};

#define FIELD(field) offsetof(struct asked, field)

// clang-format off
static const struct option options[] = {
    { 's', NULL, NULL,  OPTION_FLAG,  FIELD(with_s),        "S1 as well as T1 and C1: the centre is 868.625 MHz, not 868.95" },
    { 'f', NULL, NULL,  OPTION_FLAG,  FIELD(exit_on_stall), "exit if flow stops: no samples for some seconds" },
    { 'p', NULL, "s|t", OPTION_TEXT,  FIELD(without),       "leave out S1, or T1 and C1" },
    { 'd', NULL, "N",   OPTION_COUNT, FIELD(decimation),    "the sample rate is N times 800 kHz, 1 to 4; default: 2" },
    { 'v', NULL, NULL,  OPTION_FLAG,  FIELD(verbose),       "at the end, say on standard error what was received" },
    { 'V', NULL, NULL,  OPTION_FLAG,  FIELD(version),       "the version" },
    { 'a', NULL, NULL,  OPTION_FLAG,  FIELD(ignored),       "without effect, as the next three: there is one demodulator" },
    { 'o', NULL, NULL,  OPTION_FLAG,  FIELD(ignored),       "" },
    { 'r', NULL, "0",   OPTION_COUNT, FIELD(unused),        "" },
    { 't', NULL, "0",   OPTION_COUNT, FIELD(unused),        "" },
    { 'h', NULL, NULL,  OPTION_FLAG,  FIELD(help),          "this text" },
};
// clang-format on

static const struct program program = {
    .name = name,
    .usage = "[OPTION]...",
    .description =
        "Takes 8 bit samples from standard input, as rtl_sdr writes them, and prints a line for\n"
        "each telegram of wireless M-Bus. This is wmbus-rx, which can do more by that name.",
    .options = options,
    .n_options = ARRAY_LEN(options),
    .operands = FIELD(operands),
    .exit_codes = EXIT_SET(EXIT_DEVICE) | EXIT_SET(EXIT_FILE),
};

bool rtl_wmbus_is(const char *argv0)
{
    const char *slash = strrchr(argv0, '/');
    return !strcmp(slash ? slash + 1 : argv0, name);
}

static bool choose_modes(const struct asked *a, struct rx_settings *settings, struct err *err)
{
    const char *without = a->without ? a->without : "";
    bool no_s = !strcmp(without, "s") || !strcmp(without, "S");
    bool no_t = !strcmp(without, "t") || !strcmp(without, "T");
    if (a->without && !no_s && !no_t)
        return err_set(err, EXIT_USAGE, "option -p: expected s or t");
    if (no_t && !a->with_s)
        return err_set(err, EXIT_USAGE, "option -p t leaves nothing to receive: expected -s too");
    settings->general.modes = no_t ? "S1" : a->with_s && !no_s ? "T1,C1,S1" : "T1,C1";
    return true;
}

static bool translate(const struct asked *a, struct rx_settings *settings, struct err *err)
{
    static const char *const from_stdin = "cu8:-", *const lines = "rtlwmbus";
    if (a->operands.n > 0)
        return err_set(err, EXIT_USAGE, "expected options only, not %.60s", a->operands.items[0]);
    if (a->decimation < 1 || a->decimation > 4)
        return err_set(err, EXIT_USAGE, "option -d: expected 1 to 4");
    settings->center_hz = a->with_s ? center_with_s_hz : center_hz;
    settings->sample_rate_sps = a->decimation * rate_per_decimation_sps;
    settings->stall_s = a->exit_on_stall ? stall_after_s : 0;
    settings->quiet = !a->verbose;
    return text_list_add(&settings->files, from_stdin, err) &&
           text_list_add(&settings->outputs, lines, err) && choose_modes(a, settings, err);
}

bool rtl_wmbus_settings(int argc, char **argv, struct rx_settings *settings, bool *done,
                        struct err *err)
{
    struct asked asked = { .decimation = 2 };
    bool ok = options_parse(&program, argc, argv, &asked, err);
    *done = ok && (asked.help || asked.version);
    if (*done)
        ok = options_tell(&program, asked.help, err);
    else if (ok)
        ok = translate(&asked, settings, err);
    options_free(&program, &asked);
    return ok;
}
