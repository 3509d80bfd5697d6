/* SPDX-License-Identifier: MIT
 * wmbus-gen: telegrams to IQ samples, for tests, benches and demonstrations. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/common/exit_codes.h"
#include "apps/common/number.h"
#include "apps/common/options.h"
#include "apps/common/same_file.h"
#include "apps/common/standard_streams.h"
#include "apps/generator/air.h"
#include "apps/generator/gen_scene.h"
#include "apps/generator/iq_write.h"
#include "base/array_len.h"

static const double default_amplitude_steps = 8;

struct settings {
    const char *output, *format, *truth, *scene, *modes, *dc;
    double rate, center, channel, duration, lead_in, tail, gap, gap_spread;
    double snr, snr_spread, amplitude, noise, gain, overlap;
    double offset, offset_spread, clock, clock_spread, drift, deviation, bt;
    unsigned n, bytes, seed, preamble, postamble;
    bool no_noise, help, version;
    struct text_list telegrams;
};

#define FIELD(name) offsetof(struct settings, name)

// clang-format off
static const struct option options[] = {
    { 'o', "output",        "FILE",   OPTION_TEXT,   FIELD(output),        "the samples; -: standard output, the default" },
    {  0,  "format",        "FORMAT", OPTION_TEXT,   FIELD(format),        "cu8, cs8, cs16 or cf32; default: the suffix of FILE, or cu8" },
    { 't', "truth",         "FILE",   OPTION_TEXT,   FIELD(truth),         "what was sent, a JSON object a line; can be read by --scene" },
    { 's', "rate",          "SPS",    OPTION_NUMBER, FIELD(rate),          "sample rate; default: 1600k" },
    { 'f', "center",        "HZ",     OPTION_NUMBER, FIELD(center),        "centre frequency; default: 868.95M" },
    {  0,  "channel",       "HZ",     OPTION_NUMBER, FIELD(channel),       "carrier frequency; default: the mode's" },
    {  0,  "seed",          "N",      OPTION_COUNT,  FIELD(seed),          "same seed, same bytes; default: 1" },
    { 'n', "n",             "N",      OPTION_COUNT,  FIELD(n),             "random telegrams after those given" },
    {  0,  "bytes",         "N",      OPTION_COUNT,  FIELD(bytes),         "length of a random telegram, L included; default: 47" },
    {  0,  "scene",         "FILE",   OPTION_TEXT,   FIELD(scene),         "transmissions, a JSON object a line: telegram, mode, time_s;\n"
                                                                            "every_s, jitter_s, snr_db, amplitude, offset_hz, deviation_hz,\n"
                                                                            "bt, chip_rate_cps or clock_percent, drift_percent,\n"
                                                                            "preamble_pairs, postamble_chips, comment" },
    { 'm', "mode",          "LIST",   OPTION_TEXT,   FIELD(modes),         "T1, C1-A, C1-B, S1, C2-A, C2-B, R2, N2400-A, N2400-B, N4800-A,\n"
                                                                            "N4800-B, F2-A, F2-B, taken in turn; default: T1" },
    {  0,  "duration",      "S",      OPTION_NUMBER, FIELD(duration),      "length of the recording; may cut telegrams" },
    {  0,  "lead-in",       "MS",     OPTION_NUMBER, FIELD(lead_in),       "before the first telegram; default: 30" },
    {  0,  "tail",          "MS",     OPTION_NUMBER, FIELD(tail),          "after the last one; default: 20" },
    {  0,  "gap",           "MS",     OPTION_NUMBER, FIELD(gap),           "between telegrams; default: 10" },
    {  0,  "gap-spread",    "MS",     OPTION_NUMBER, FIELD(gap_spread),    "gaps differ by up to so much" },
    {  0,  "overlap",       "DB",     OPTION_NUMBER, FIELD(overlap),       "every second telegram begins during the one before, with\n"
                                                                            "so much more power" },
    {  0,  "snr",           "DB",     OPTION_NUMBER, FIELD(snr),           "Ec/N0; default: 20" },
    {  0,  "snr-spread",    "DB",     OPTION_NUMBER, FIELD(snr_spread),    "Ec/N0 of each differs by up to so much" },
    { 'a', "amplitude",     "STEPS",  OPTION_NUMBER, FIELD(amplitude),     "of the telegrams; full scale is 127.5; default: 8" },
    {  0,  "noise",         "STEPS",  OPTION_NUMBER, FIELD(noise),         "rms of I and of Q; default: from Ec/N0 and amplitude,\n"
                                                                           "of a scene those of its first line" },
    {  0,  "no-noise",      NULL,     OPTION_FLAG,   FIELD(no_noise),      "none at all" },
    {  0,  "gain",          "DB",     OPTION_NUMBER, FIELD(gain),          "on everything; beyond full scale it clips" },
    {  0,  "dc",            "I,Q",    OPTION_TEXT,   FIELD(dc),            "DC offset in steps" },
    {  0,  "offset",        "HZ",     OPTION_NUMBER, FIELD(offset),        "carrier offset" },
    {  0,  "offset-spread", "HZ",     OPTION_NUMBER, FIELD(offset_spread), "offset of each differs by up to so much" },
    {  0,  "clock",         "PERCENT", OPTION_NUMBER, FIELD(clock),        "error of the chip rate" },
    {  0,  "clock-spread",  "PERCENT", OPTION_NUMBER, FIELD(clock_spread), "chip rate of each differs by up to so much" },
    {  0,  "drift",         "PERCENT", OPTION_NUMBER, FIELD(drift),        "change of the chip rate from first to last chip" },
    {  0,  "deviation",     "HZ",     OPTION_NUMBER, FIELD(deviation),     "default: the mode's nominal" },
    {  0,  "bt",            "BT",     OPTION_NUMBER, FIELD(bt),            "Gaussian shaping; default: none" },
    {  0,  "preamble",      "PAIRS",  OPTION_COUNT,  FIELD(preamble),      "01 pairs before the sync word; default: the fewest allowed,\n"
                                                                            "S1: 279" },
    {  0,  "postamble",     "CHIPS",  OPTION_COUNT,  FIELD(postamble),     "at the end of T1, S1 and R2; default: 2" },
    { 'h', "help",          NULL,     OPTION_FLAG,   FIELD(help),          "this text" },
    {  0,  "version",       NULL,     OPTION_FLAG,   FIELD(version),       "the version" },
};
// clang-format on

static const struct program program = {
    .name = "wmbus-gen",
    .usage = "[OPTION]... [TELEGRAM]...",
    .description =
        "Generates recordings of wireless M-Bus telegrams, given as hex from L on or random.\n"
        "Ec/N0 is the energy of a chip over the noise density.",
    .options = options,
    .n_options = ARRAY_LEN(options),
    .operands = FIELD(telegrams),
    .exit_codes = EXIT_SET(EXIT_FILE),
};

/* "T1,C1-A" */
static bool read_modes(const char *list, struct gen_defaults *d, struct err *err)
{
    while (*list) {
        char name[8] = "";
        size_t n = strcspn(list, ",");
        if (n < sizeof name)
            memcpy(name, list, n);
        d->modes[d->n_modes] = gen_mode_find(name, 0);
        if (!d->modes[d->n_modes] || ++d->n_modes == ARRAY_LEN(d->modes)) {
            char known[GEN_MODE_LIST];
            gen_mode_list(known);
            return err_set(err, EXIT_USAGE, "option --mode: expected a list of %s, not %.40s",
                           known, list);
        }
        list += n + (list[n] == ',');
    }
    return d->n_modes > 0 || err_set(err, EXIT_USAGE, "option --mode: the list is empty");
}

/* Of Ec/N0, amplitude and noise, two decide; by default Ec/N0 and amplitude. */
static bool set_levels(const struct settings *s, struct gen_defaults *d, struct err *err)
{
    double amplitude = isnan(s->amplitude) ? default_amplitude_steps : s->amplitude;
    struct burst nominal = { .mode = d->modes[0], .amplitude = amplitude / full_scale_steps };
    bool all_three = !isnan(s->amplitude) && !isnan(s->noise) && !isnan(s->snr);
    if (all_three || (s->no_noise && !(isnan(s->noise) && isnan(s->snr))))
        return err_set(err, EXIT_USAGE,
                       "of --snr, --amplitude and --noise at most two can be given, "
                       "and only --amplitude with --no-noise");
    d->noise_open = isnan(s->noise) && isnan(s->snr) && !s->no_noise;
    d->ecn0_db = isnan(s->snr) ? 20 : s->snr;
    d->amplitude = -1;
    if (s->no_noise || (!isnan(s->noise) && !isnan(s->amplitude)))
        d->amplitude = nominal.amplitude;
    if (s->no_noise)
        d->noise_sigma = 0;
    else if (!isnan(s->noise))
        d->noise_sigma = s->noise / full_scale_steps;
    else
        d->noise_sigma = burst_noise_sigma(&nominal, d->ecn0_db, d->sample_rate_sps);
    return true;
}

static bool check(const struct settings *s, struct err *err)
{
    static const struct {
        const char *name;
        size_t offset;
        double low, high;
    } limits[] = {
        { "rate", FIELD(rate), 1e3, 100e6 },
        { "center", FIELD(center), 0, 10e9 },
        { "channel", FIELD(channel), 0, 10e9 },
        { "duration", FIELD(duration), 0, 1e6 },
        { "lead-in", FIELD(lead_in), 0, 1e9 },
        { "tail", FIELD(tail), 0, 1e9 },
        { "gap", FIELD(gap), 0, 1e9 },
        { "gap-spread", FIELD(gap_spread), 0, 1e9 },
        { "overlap", FIELD(overlap), -100, 100 },
        { "snr", FIELD(snr), -100, 200 },
        { "snr-spread", FIELD(snr_spread), 0, 100 },
        { "amplitude", FIELD(amplitude), 0, 1e6 },
        { "noise", FIELD(noise), 1e-6, 1e6 },
        { "gain", FIELD(gain), -200, 200 },
        { "offset", FIELD(offset), -2e6, 2e6 },
        { "offset-spread", FIELD(offset_spread), 0, 2e6 },
        { "clock", FIELD(clock), -20, 20 },
        { "clock-spread", FIELD(clock_spread), 0, 20 },
        { "drift", FIELD(drift), -20, 20 },
        { "deviation", FIELD(deviation), 0, 1e6 },
        { "bt", FIELD(bt), 0, 100 },
    };
    for (size_t k = 0; k < ARRAY_LEN(limits); k++) {
        double x = *(const double *)(const void *)((const char *)s + limits[k].offset);
        if (x < limits[k].low || x > limits[k].high)
            return err_set(err, EXIT_USAGE, "option --%s: expected a number from %g to %g",
                           limits[k].name, limits[k].low, limits[k].high);
    }
    return true;
}

static bool set_defaults(const struct settings *s, struct gen_defaults *d, struct err *err)
{
    *d = (struct gen_defaults){
        .sample_rate_sps = s->rate,
        .center_hz = s->center,
        .channel_hz = s->channel,
        .ecn0_spread_db = s->snr_spread,
        .offset_hz = s->offset,
        .offset_spread_hz = s->offset_spread,
        .clock_error = s->clock / 100,
        .clock_spread = s->clock_spread / 100,
        .clock_drift = s->drift / 100,
        .deviation_hz = s->deviation,
        .bt = s->bt,
        .preamble_pairs = s->preamble,
        .postamble_chips = s->postamble,
        .gap_s = s->gap / 1000,
        .gap_spread_s = s->gap_spread / 1000,
        .overlap = !isnan(s->overlap),
        .overlap_db = s->overlap,
    };
    return read_modes(s->modes, d, err) && set_levels(s, d, err);
}

static bool read_scene(const struct settings *s, struct gen_scene *scene, struct err *err)
{
    bool standard_input = strcmp(s->scene, "-") == 0;
    FILE *from = standard_input ? stdin : fopen(s->scene, "r");
    if (!from)
        return err_set(err, EXIT_FILE, "cannot read %.200s: %s", s->scene, strerror(errno));
    bool ok = gen_scene_read(scene, from, s->scene, s->duration, err);
    if (!standard_input)
        fclose(from);
    return ok;
}

static bool fill_scene(const struct settings *s, struct gen_scene *scene, struct err *err)
{
    scene->end_s = s->lead_in / 1000;
    for (size_t k = 0; k < s->telegrams.n; k++)
        if (!gen_scene_add_hex(scene, s->telegrams.items[k], err))
            return false;
    for (unsigned k = 0; k < s->n; k++)
        if (!gen_scene_add_random(scene, s->bytes, err))
            return false;
    if (s->scene && !read_scene(s, scene, err))
        return false;
    return scene->n > 0 || s->duration > 0 ||
           err_set(err, EXIT_USAGE,
                   "nothing to send: give telegrams, --n or --scene with some in it, or --duration "
                   "for noise");
}

static bool read_format(const struct settings *s, enum iq_format *format, struct err *err)
{
    static const char *const names[] = {
        [IQ_CU8] = "cu8", [IQ_CS8] = "cs8", [IQ_CS16] = "cs16", [IQ_CF32] = "cf32"
    };
    const char *slash = strrchr(s->output, '/');
    const char *point = strrchr(slash ? slash : s->output, '.');
    const char *name = s->format ? s->format : point ? point + 1 : "cu8";
    for (size_t k = 0; k < ARRAY_LEN(names); k++)
        if (strcmp(name, names[k]) == 0) {
            *format = (enum iq_format)k;
            return true;
        }
    return err_set(err, EXIT_USAGE,
                   "unknown format %.40s: expected cu8, cs8, cs16 or cf32, by "
                   "--format or as suffix of the file",
                   name);
}

static FILE *open_output(const char *name, struct err *err)
{
    FILE *to = strcmp(name, "-") == 0 ? stdout : fopen(name, "wb");
    if (!to)
        err_set(err, EXIT_OUTPUT, "cannot write %.200s: %s", name, strerror(errno));
    return to;
}

/* A reader that went away has what it wanted. */
static bool close_output(FILE *to, const char *name, bool written, struct err *err)
{
    written = fflush(to) == 0 && written;
    int why = errno;
    if (to != stdout)
        fclose(to);
    return written || why == EPIPE ||
           err_set(err, EXIT_OUTPUT, "cannot write %.200s: %s",
                   to == stdout ? "to standard output" : name, strerror(why));
}

static bool write_truth(const char *name, const struct gen_scene *scene, uint64_t n_samples,
                        struct err *err)
{
    FILE *to = open_output(name, err);
    if (!to)
        return false;
    gen_scene_write(scene, n_samples, to);
    return close_output(to, name, !ferror(to), err);
}

static bool write_samples(struct air *air, uint64_t n_samples, enum iq_format format,
                          const char *name, struct err *err)
{
    enum { BLOCK = 32768 };
    static float i[BLOCK], q[BLOCK];
    static uint8_t bytes[BLOCK * 8];
    FILE *to = open_output(name, err);
    bool written = true;
    if (!to)
        return false;
    while (n_samples > 0 && written) {
        size_t n = n_samples < BLOCK ? (size_t)n_samples : BLOCK;
        if (!air_read(air, i, q, n))
            return err_set(err, EXIT_INTERNAL, "out of memory");
        iq_write(format, i, q, n, bytes);
        written = fwrite(bytes, iq_sample_bytes(format), n, to) == n;
        n_samples -= n;
    }
    return close_output(to, name, written, err);
}

static bool read_dc(const char *text, struct air_config *config, struct err *err)
{
    const char *comma = strchr(text, ',');
    if (!comma || !number_parse(text, (size_t)(comma - text), &config->dc_i) ||
        !number_parse(comma + 1, strlen(comma + 1), &config->dc_q))
        return err_set(err, EXIT_USAGE, "option --dc: expected two numbers such as 1.5,-2");
    config->dc_i /= full_scale_steps;
    config->dc_q /= full_scale_steps;
    return true;
}

static struct air *open_air(const struct settings *s, struct gen_scene *scene, struct err *err)
{
    struct air_config config = {
        .sample_rate_sps = s->rate,
        .center_hz = s->center,
        .noise_sigma = scene->defaults.noise_sigma,
        .gain = pow(10, s->gain / 20),
        .noise_seed = s->seed + UINT64_C(0x100000000), /* not the numbers that drew the scene */
    };
    if (!read_dc(s->dc, &config, err))
        return NULL;
    size_t bad;
    struct air *air = air_open(&config, scene->transmissions, scene->n, &bad);
    if (!air && bad == scene->n)
        err_set(err, EXIT_INTERNAL, "out of memory");
    else if (!air)
        err_set(err, EXIT_USAGE, "transmission %zu: its mode cannot carry %zu bytes", bad + 1,
                scene->transmissions[bad].burst.n);
    return air;
}

static bool check_carriers(const struct settings *s, const struct gen_scene *scene, struct err *err)
{
    for (size_t k = 0; k < scene->n; k++) {
        const struct burst *b = &scene->transmissions[k].burst;
        double carrier_hz = b->mode->frequency_hz + b->offset_hz;
        if (fabs(carrier_hz - s->center) > s->rate / 2)
            return err_set(err, EXIT_USAGE,
                           "transmission %zu: its carrier, %.6g MHz, lies outside the %.6g to %.6g "
                           "MHz of the recording",
                           k + 1, carrier_hz / 1e6, (s->center - s->rate / 2) / 1e6,
                           (s->center + s->rate / 2) / 1e6);
    }
    return true;
}

static bool write_all(const struct settings *s, struct gen_scene *scene, struct err *err)
{
    enum iq_format format = IQ_CU8;
    struct air *air = read_format(s, &format, err) ? open_air(s, scene, err) : NULL;
    if (!air)
        return false;
    uint64_t n = s->duration > 0 ? (uint64_t)(s->duration * s->rate)
                                 : air_end_sample(air) + (uint64_t)(s->tail / 1000 * s->rate);
    bool ok = (!s->truth || write_truth(s->truth, scene, n, err)) &&
              write_samples(air, n, format, s->output, err);
    air_close(air);
    return ok;
}

static bool generate(const struct settings *s, struct err *err)
{
    struct gen_defaults defaults;
    struct gen_scene scene;
    if (!check(s, err) || !set_defaults(s, &defaults, err))
        return false;
    if (strcmp(s->output, "-") == 0 &&
        (isatty(STDOUT_FILENO) || (s->truth && !strcmp(s->truth, "-"))))
        return err_set(err, EXIT_USAGE, "the samples need a file or a pipe of their own: -o FILE");
    if (same_file(s->scene, STDIN_FILENO, s->output, STDOUT_FILENO) ||
        same_file(s->truth, STDOUT_FILENO, s->output, STDOUT_FILENO))
        return err_set(err, EXIT_USAGE,
                       "%.200s is named twice: the samples need a file of their own", s->output);
    if (same_file(s->scene, STDIN_FILENO, s->truth, STDOUT_FILENO))
        return err_set(err, EXIT_USAGE, "%.200s is named twice: the truth needs a file of its own",
                       s->truth);
    gen_scene_init(&scene, &defaults, s->seed);
    bool ok =
        fill_scene(s, &scene, err) && check_carriers(s, &scene, err) && write_all(s, &scene, err);
    gen_scene_free(&scene);
    return ok;
}

int main(int argc, char **argv)
{
    struct settings s = { .output = "-",
                          .modes = "T1",
                          .dc = "0,0",
                          .rate = 1.6e6,
                          .center = 868.95e6,
                          .lead_in = 30,
                          .tail = 20,
                          .gap = 10,
                          .snr = (double)NAN,
                          .amplitude = (double)NAN,
                          .noise = (double)NAN,
                          .overlap = (double)NAN,
                          .bytes = 47,
                          .seed = 1,
                          .postamble = 2 };
    struct err err = { .exit_code = EXIT_OK };
    signal(SIGPIPE, SIG_IGN);
    bool ok = standard_streams_take_places(&err) && options_parse(&program, argc, argv, &s, &err);
    if (ok && (s.help || s.version))
        ok = options_tell(&program, s.help, &err);
    else if (ok)
        ok = generate(&s, &err);
    if (!ok && err.exit_code != EXIT_OK)
        fprintf(stderr, "wmbus-gen: %s\n", err.text);
    options_free(&program, &s);
    return ok ? EXIT_OK : err.exit_code;
}
