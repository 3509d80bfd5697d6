/* SPDX-License-Identifier: MIT
 * Fraction of generated telegrams that the receiver gets right over Ec/N0, for each mode. */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/number.h"
#include "apps/common/options.h"
#include "base/array_len.h"
#include "bench/machine.h"
#include "bench/sensitivity.h"
#include "decode/chip_encode.h"

enum { MAX_POINTS = 200 };

struct settings {
    const char *mode, *shape, *preset, *snr, *simd, *received;
    double offset_min, offset_max, clock_min, clock_max, amplitude, rate, center, deviation, zeros;
    unsigned n, bytes, preamble, seed;
    bool told, json, presets, help;
    struct text_list operands;
};

#define FIELD(name) offsetof(struct settings, name)

// clang-format off
static const struct option options[] = {
    { 'm', "mode",       "MODE",    OPTION_TEXT,   FIELD(mode),       "only T1, C1-A, C1-B, S1, C2-A, C2-B, R2,\nN2400-A ... N4800-B, F2-A or F2-B; default:\nT1, C1-A, C1-B" },
    {  0,  "shape",      "SHAPE",   OPTION_TEXT,   FIELD(shape),      "only unshaped, or bt0.5" },
    { 'p', "preset",     "NAME",    OPTION_TEXT,   FIELD(preset),     "a scenario, or all; default: real" },
    {  0,  "preset-list", NULL,     OPTION_FLAG,   FIELD(presets),    "list the scenarios" },
    {  0,  "snr",        "FROM:TO:STEP", OPTION_TEXT, FIELD(snr),     "Ec/N0 in dB instead of the scenario's" },
    {  0,  "offset-min", "HZ",      OPTION_NUMBER, FIELD(offset_min), "smallest carrier offset, of either sign" },
    {  0,  "offset-max", "HZ",      OPTION_NUMBER, FIELD(offset_max), "largest carrier offset" },
    {  0,  "clock-min",  "PERCENT", OPTION_NUMBER, FIELD(clock_min),  "smallest error of the chip clock, of either sign" },
    {  0,  "clock-max",  "PERCENT", OPTION_NUMBER, FIELD(clock_max),  "largest error of the chip clock" },
    { 'a', "amplitude",  "STEPS",   OPTION_NUMBER, FIELD(amplitude),  "of the burst; 127.5 is full scale" },
    { 's', "rate",       "SPS",     OPTION_NUMBER, FIELD(rate),       "sample rate; default: 1.6M" },
    { 'f', "center",     "HZ",      OPTION_NUMBER, FIELD(center),     "centre frequency; default: the mode's" },
    {  0,  "deviation",  "HZ",      OPTION_NUMBER, FIELD(deviation),  "default: the mode's nominal" },
    { 'n', "n",          "N",       OPTION_COUNT,  FIELD(n),          "bursts at each Ec/N0; default: 400" },
    {  0,  "bytes",      "N",       OPTION_COUNT,  FIELD(bytes),      "length of a telegram, L included; default: 47" },
    {  0,  "zeros",      "PERCENT", OPTION_NUMBER, FIELD(zeros),      "of the bytes behind CI are zero, as in telegrams in the\nclear; default: random bytes" },
    {  0,  "preamble",   "PAIRS",   OPTION_COUNT,  FIELD(preamble),   "pairs of chips of the preamble; default: the fewest, of\nS1 the 15 of S1-m" },
    {  0,  "seed",       "N",       OPTION_COUNT,  FIELD(seed),       "default: 1" },
    {  0,  "received",   "LIST",    OPTION_TEXT,   FIELD(received),   "the modes that are received, as wmbus-rx has them;\ndefault: all that lie in the band" },
    {  0,  "told",       NULL,      OPTION_FLAG,   FIELD(told),       "the receiver is told where each burst is: the bound of\nits search" },
    {  0,  "simd",       "LEVEL",   OPTION_TEXT,   FIELD(simd),       "as wmbus-rx has it" },
    {  0,  "json",       NULL,      OPTION_FLAG,   FIELD(json),       "one JSON object a line" },
    { 'h', "help",       NULL,      OPTION_FLAG,   FIELD(help),       "this text" },
};
// clang-format on

static const struct program program = {
    .name = "bench_sensitivity",
    .usage = "[OPTION]...",
    .description =
        "Generates bursts in noise, gives them to the receiver in this process, and prints\n"
        "how many telegrams it got right at each Ec/N0.",
    .options = options,
    .n_options = ARRAY_LEN(options),
    .operands = FIELD(operands),
};

static const struct wave {
    const char *mode, *shape;
    size_t row; /* of radio_modes[] */
    double bt;
    bool by_default;
    double from_db, to_db;
    double offsets; /* the scenarios' are of a wide channel: so much of them; 0: all             */
    double center_hz; /* of the recording, 0: that of the channel */
} waves[] = {
    { "T1", "unshaped", 0, 0, true, 3, 10, 0, 0 },
    { "T1", "bt0.5", 0, 0.5, true, 3, 10, 0, 0 },
    { "C1-A", "unshaped", 1, 0, true, 4, 11, 0, 0 },
    { "C1-A", "bt0.5", 1, 0.5, true, 4, 11, 0, 0 },
    { "C1-B", "unshaped", 2, 0, true, 4, 11, 0, 0 },
    { "C1-B", "bt0.5", 2, 0.5, true, 4, 11, 0, 0 },
    { "S1", "unshaped", 3, 0, false, 3, 10, 0, 0 },
    { "C2-A", "bt0.5", 4, 0.5, false, 3, 10, 0, 0 },
    { "C2-B", "bt0.5", 5, 0.5, false, 3, 10, 0, 0 },
    { "R2", "unshaped", 6, 0, false, 3, 10, 0, 0 },
    { "N2400-A", "bt0.5", 7, 0.5, false, 3, 10, 0.135, 169.6e6 },
    { "N2400-B", "bt0.5", 8, 0.5, false, 3, 10, 0.135, 169.6e6 },
    { "N4800-A", "bt0.5", 9, 0.5, false, 3, 10, 0.135, 169.6e6 },
    { "N4800-B", "bt0.5", 10, 0.5, false, 3, 10, 0.135, 169.6e6 },
    { "F2-A", "unshaped", 11, 0, false, 3, 10, 0.39, 433.62e6 },
    { "F2-B", "unshaped", 12, 0, false, 3, 10, 0.39, 433.62e6 },
};

enum deviation { NOMINAL, LEAST, MOST }; /* of those that the standard allows the mode */

/* The scenarios that reception is judged by. */
// clang-format off
static const struct preset {
    const char *name, *what;
    double offset_min, offset_max, clock_min, clock_max, amplitude;
    double at_db, more_db; /* one point only; or: the curve goes on for so much more */
    enum deviation deviation;
    double dc;       /* in amplitudes */
    bool tone_on_dc; /* the centre is tuned so that the lower tone lies on the DC */
} presets[] = {
    { "real",      "offset to 40 kHz, clock to 0.5 %",            0,     40e3,  0,    0.005, 8, 0, 0, NOMINAL, 0, false },
    { "exact",     "no offset, exact clock",                      0,     0,     0,    0,     8, 0, 0, NOMINAL, 0, false },
    { "wide",      "offset to 80 kHz, clock to 1 %",              0,     80e3,  0,    0.01,  8, 0, 0, NOMINAL, 0, false },
    { "offset120", "offset -120 or +120 kHz",                     120e3, 120e3, 0,    0,     8, 0, 0, NOMINAL, 0, false },
    { "clock3",    "chip clock 3 % slow or fast",                 0,     0,     0.03, 0.03,  8, 0, 0, NOMINAL, 0, false },
    { "clock10",   "90 to 110 kcps at 20 dB",                     0,     0,     0,    0.1,   8, 20, 0, NOMINAL, 0, false },
    { "narrow",    "real, the least deviation",                   0,     40e3,  0,    0.005, 8, 0, 0, LEAST, 0, false },
    { "broad",     "real, the largest deviation",                 0,     40e3,  0,    0.005, 8, 0, 0, MOST, 0, false },
    { "amp2",      "real, amplitude 2",                           0,     40e3,  0,    0.005, 2, 0, 0, NOMINAL, 0, false },
    { "amp4",      "real, amplitude 4",                           0,     40e3,  0,    0.005, 4, 0, 0, NOMINAL, 0, false },
    { "amp16",     "real, amplitude 16",                          0,     40e3,  0,    0.005, 16, 0, 0, NOMINAL, 0, false },
    { "amp30",     "real, amplitude 30",                          0,     40e3,  0,    0.005, 30, 0, 0, NOMINAL, 0, false },
    { "clipped",   "real, burst and noise 20 dB over full scale", 0,     40e3,  0,    0.005, 1275, 0, 2, NOMINAL, 0, false },
    { "dc",        "real, DC ten times the burst, in its middle", 0,     40e3,  0,    0.005, 8, 0, 0, NOMINAL, 10, false },
    { "dctone",    "exact, DC ten times the burst on its lower tone", 0, 0,     0,    0,     8, 0, 0, NOMINAL, 10, true },
};
// clang-format on

struct point {
    double ecn0_db;
    struct sensitivity_counts counts;
};

struct curve {
    struct sensitivity_setup setup;
    struct point points[MAX_POINTS];
    size_t n;
};

static double fraction(const struct point *p)
{
    return p->counts.sent ? (double)p->counts.right / p->counts.sent : 0;
}

/* Where the curve rises above a fraction for good, linear between points. NAN if it does not. */
static double crossing(const struct curve *curve, double at)
{
    size_t k = curve->n;
    while (k > 0 && fraction(&curve->points[k - 1]) >= at)
        k--;
    if (k == 0 || k == curve->n)
        return (double)NAN;
    const struct point *low = &curve->points[k - 1], *high = low + 1;
    double part = (at - fraction(low)) / (fraction(high) - fraction(low));
    return low->ecn0_db + part * (high->ecn0_db - low->ecn0_db);
}

static void print_number(FILE *to, const char *name, double value)
{
    if (isfinite(value))
        fprintf(to, ",\"%s\":%.2f", name, value);
    else
        fprintf(to, ",\"%s\":null", name);
}

static void print_json(const struct preset *preset, const struct wave *wave,
                       const struct curve *curve)
{
    const struct sensitivity_setup *setup = &curve->setup;
    printf("{\"bench\":\"sensitivity\",\"preset\":\"%s\",\"mode\":\"%s\",\"shape\":\"%s\"",
           preset->name, wave->mode, wave->shape);
    printf(",\"offset_hz\":[%.0f,%.0f],\"clock_percent\":[%g,%g],\"deviation_hz\":%.0f,"
           "\"amplitude\":%g,\"dc\":%g,\"sample_rate_sps\":%.0f,\"preamble_pairs\":%u,"
           "\"telegram_bytes\":%u,\"zeros_percent\":%g,\"told\":%s,\"seed\":%llu",
           setup->offset_min_hz, setup->offset_max_hz, 100 * setup->clock_min,
           100 * setup->clock_max, setup->deviation_hz, setup->amplitude, setup->dc,
           setup->sample_rate_sps, setup->preamble_pairs, setup->telegram_bytes, 100 * setup->zeros,
           setup->told ? "true" : "false", (unsigned long long)setup->seed);
    print_number(stdout, "at50_db", crossing(curve, 0.5));
    print_number(stdout, "at90_db", crossing(curve, 0.9));
    printf(",\"points\":[");
    for (size_t k = 0; k < curve->n; k++) {
        const struct sensitivity_counts *c = &curve->points[k].counts;
        printf("%s{\"ecn0_db\":%.2f,\"sent\":%u,\"right\":%u,\"wrong\":%u,\"duplicate\":%u,"
               "\"mended\":%u}",
               k ? "," : "", curve->points[k].ecn0_db, c->sent, c->right, c->wrong, c->duplicate,
               c->mended);
    }
    printf("]}\n");
}

static void print_crossing(const char *what, const struct curve *curve, double at)
{
    double ecn0_db = crossing(curve, at);
    const struct point *first = &curve->points[0], *last = &curve->points[curve->n - 1];
    if (isfinite(ecn0_db))
        printf("%s at %.2f dB", what, ecn0_db);
    else if (fraction(last) >= at)
        printf("%s below %.2f dB", what, first->ecn0_db);
    else
        printf("%s above %.2f dB", what, last->ecn0_db);
}

static void print_text(const struct preset *preset, const struct wave *wave,
                       const struct curve *curve)
{
    const struct sensitivity_setup *setup = &curve->setup;
    printf("\n%s %s, %s: offset %g to %g kHz, clock %g to %g %% off, deviation %g kHz,\n",
           wave->mode, wave->shape, preset->name, setup->offset_min_hz / 1e3,
           setup->offset_max_hz / 1e3, 100 * setup->clock_min, 100 * setup->clock_max,
           setup->deviation_hz / 1e3);
    printf("amplitude %g, DC %g times that, %g Msps, %u bytes, %g %% zeros%s\n", setup->amplitude,
           setup->dc, setup->sample_rate_sps / 1e6, setup->telegram_bytes, 100 * setup->zeros,
           setup->told ? ", told" : "");
    printf("  Ec/N0 dB  right  fraction  mended  wrong  duplicate  bursts  syncs  bad CRC  Msps\n");
    for (size_t k = 0; k < curve->n; k++) {
        const struct sensitivity_counts *c = &curve->points[k].counts;
        const struct receiver_stats *r = &c->receiver;
        printf("  %8.2f %6u    %6.3f  %6u %6u %10u %7llu %6llu %8llu %5.1f\n",
               curve->points[k].ecn0_db, c->right, fraction(&curve->points[k]), c->mended, c->wrong,
               c->duplicate, (unsigned long long)r->bursts, (unsigned long long)r->syncs,
               (unsigned long long)r->frames_bad_crc, (double)c->samples / c->receiver_s / 1e6);
    }
    if (curve->n > 1) {
        print_crossing("  50 % right", curve, 0.5);
        print_crossing(", 90 %", curve, 0.9);
        printf("\n");
    }
}

static struct sensitivity_setup setup_of(const struct settings *s, const struct preset *preset,
                                         const struct wave *wave)
{
    bool own_offset = s->offset_max >= 0, own_clock = s->clock_max >= 0;
    const struct radio_mode *mode = &radio_modes[wave->row];
    const double deviations[] = { [NOMINAL] = mode->deviation_hz,
                                  [LEAST] = mode->deviation_min_hz,
                                  [MOST] = mode->deviation_max_hz };
    const double deviation = s->deviation > 0 ? s->deviation : deviations[preset->deviation];
    const double channel = wave->center_hz > 0 ? wave->center_hz : mode->frequency_hz;
    const double center = channel - (preset->tone_on_dc ? deviation : 0);
    const double offsets = wave->offsets > 0 ? wave->offsets : 1;
    const unsigned fewest = mode->preamble_pairs == 279 ? 15 : 0; /* S1-m: the shortest of S */
    return (struct sensitivity_setup){
        .mode = mode,
        .bt = wave->bt,
        .deviation_hz = deviation,
        .offset_min_hz = own_offset ? s->offset_min : offsets * preset->offset_min,
        .offset_max_hz = own_offset ? s->offset_max : offsets * preset->offset_max,
        .clock_min = own_clock ? s->clock_min / 100 : preset->clock_min,
        .clock_max = own_clock ? s->clock_max / 100 : preset->clock_max,
        .amplitude = s->amplitude > 0 ? s->amplitude : preset->amplitude,
        .sample_rate_sps = s->rate,
        .dc = preset->dc,
        .center_hz = s->center > 0 ? s->center : center,
        .modes = s->received ? radio_modes_parse(s->received) : 0,
        .told = s->told,
        .telegram_bytes = s->bytes,
        .zeros = s->zeros / 100,
        .preamble_pairs = s->preamble > 0 ? s->preamble : fewest,
        .n = s->n,
        .seed = s->seed,
        .simd = s->simd,
    };
}

/* "FROM:TO:STEP" */
static bool parse_range(const char *text, double range[3])
{
    for (int k = 0; k < 3; k++) {
        size_t n = strcspn(text, ":");
        if (!number_parse(text, n, &range[k]) || (text[n] == ':') != (k < 2))
            return false;
        text += n + 1;
    }
    return range[1] >= range[0] && range[2] > 0 &&
           (range[1] - range[0]) / range[2] < MAX_POINTS - 1;
}

/* Ec/N0 of the points: the user's, else the scenario's. */
static bool range_of(const struct settings *s, const struct preset *preset, const struct wave *wave,
                     double range[3])
{
    if (s->snr)
        return parse_range(s->snr, range);
    range[0] = preset->at_db > 0 ? preset->at_db : wave->from_db;
    range[1] = preset->at_db > 0 ? preset->at_db : wave->to_db + preset->more_db;
    range[2] = 0.5;
    return true;
}

static bool run_wave(const struct settings *s, const struct preset *preset, const struct wave *wave,
                     struct err *err)
{
    static struct curve curve;
    double range[3];
    if (!range_of(s, preset, wave, range))
        return err_set(err, EXIT_USAGE,
                       "option --snr: expected FROM:TO:STEP in dB, at most %d points", MAX_POINTS);
    curve.setup = setup_of(s, preset, wave);
    curve.n = (size_t)floor((range[1] - range[0]) / range[2] + 1e-6) + 1;
    for (size_t k = 0; k < curve.n; k++) {
        struct point *point = &curve.points[k];
        point->ecn0_db = range[0] + (double)k * range[2];
        if (!sensitivity_run(&curve.setup, point->ecn0_db, &point->counts, err))
            return false;
    }
    (s->json ? print_json : print_text)(preset, wave, &curve);
    fflush(stdout);
    return true;
}

static bool wave_wanted(const struct settings *s, const struct wave *wave)
{
    if (s->shape && strcmp(s->shape, wave->shape) != 0)
        return false;
    return s->mode ? strcmp(s->mode, wave->mode) == 0 : wave->by_default;
}

static bool preset_wanted(const struct settings *s, const struct preset *preset)
{
    return strcmp(s->preset, "all") == 0 || strcmp(s->preset, preset->name) == 0;
}

static bool run_all(const struct settings *s, struct err *err)
{
    int done = 0;
    for (size_t p = 0; p < ARRAY_LEN(presets); p++)
        for (size_t w = 0; w < ARRAY_LEN(waves); w++) {
            if (!preset_wanted(s, &presets[p]) || !wave_wanted(s, &waves[w]))
                continue;
            if (!run_wave(s, &presets[p], &waves[w], err))
                return false;
            done++;
        }
    return done > 0 || err_set(err, EXIT_USAGE,
                               "no such mode, shape or scenario; see --help and "
                               "--preset-list");
}

static bool check(const struct settings *s, struct err *err)
{
    bool ok = s->operands.n == 0 && s->bytes >= 11 && s->bytes <= FRAME_MAX_BYTES && s->n > 0 &&
              fabs(s->clock_max) <= 20 && s->zeros >= 0 && s->zeros <= 100 &&
              s->preamble <= CHIP_ENCODE_MAX_PREAMBLE_PAIRS &&
              (!s->received || radio_modes_parse(s->received) != 0);
    return ok ||
           err_set(err, EXIT_USAGE,
                   "expected options only, 11 to %d bytes, at least one burst, a clock error of at "
                   "most 20 %%, zeros from 0 to 100 %%, at most %d pairs, modes that there are",
                   FRAME_MAX_BYTES, CHIP_ENCODE_MAX_PREAMBLE_PAIRS);
}

static void list_presets(void)
{
    for (size_t p = 0; p < ARRAY_LEN(presets); p++)
        printf("%-10s %s\n", presets[p].name, presets[p].what);
}

int main(int argc, char **argv)
{
    struct settings s = { .preset = "real",
                          .rate = 1.6e6,
                          .n = 400,
                          .bytes = 47,
                          .seed = 1,
                          .offset_max = -1,
                          .clock_max = -1 };
    struct err err = { .exit_code = EXIT_OK };
    bool ok = options_parse(&program, argc, argv, &s, &err) && check(&s, &err);
    if (ok && s.help) {
        options_print_help(&program, stdout);
    } else if (ok && s.presets) {
        list_presets();
    } else if (ok) {
        machine_print(stdout, s.json);
        ok = run_all(&s, &err);
    }
    if (!ok)
        fprintf(stderr, "bench_sensitivity: %s\n", err.text);
    options_free(&program, &s);
    return ok ? EXIT_OK : err.exit_code;
}
