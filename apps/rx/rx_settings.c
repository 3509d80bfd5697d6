/* SPDX-License-Identifier: MIT */
#include "apps/rx/rx_settings.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/number.h"
#include "apps/common/utc.h"
#include "apps/config/config.h"
#include "apps/outputs/output.h"
#include "apps/sources/source.h"
#include "apps/receiver/sample_ring.h"
#include "apps/rx/listener.h"
#include "base/array_len.h"
#include "decode/radio_mode.h"
#include "dsp/kernels/kernels.h"

enum {
    DEFAULT_BLOCK_SAMPLES = 65536,
    REALTIME_BLOCK_SAMPLES =
        2 * SAMPLE_RING_HOP, /* as a dongle: fewer wake the processor too often */
    MAX_BLOCK_SAMPLES = 1 << 24,
    DEFAULT_BURST_LIMIT = 1000,
};

#define FIELD(name) offsetof(struct rx_settings, name)

// clang-format off
static const struct option options[] = {
    { 'f', "frequency",  "HZ",   OPTION_NUMBER, FIELD(center_hz),       "centre, e.g. 868.95M; default: of a device 868.625M, of a\n"
                                                                        "recording what its header, its prefix or its name says,\n"
                                                                        "else 868.95M" },
    { 's', "rate",       "SPS",  OPTION_NUMBER, FIELD(sample_rate_sps), "sample rate, 0.8M to 3.2M, e.g. 1600k or 1.6e6; default:\n"
                                                                        "what a recording says as above, else 1.6M" },
    { 'g', "gain",       "DB",   OPTION_NUMBER, FIELD(gain_db),         "of a device; default: all are tried once, and the best is kept" },
    { 'p', "ppm",        "PPM",  OPTION_NUMBER, FIELD(ppm),             "error of the oscillator of a device, or of that which recorded,\n"
                                                                        "-1000 to 1000" },
    {  0,  "auto-ppm",   NULL,   OPTION_FLAG,   FIELD(general.auto_ppm),        "correct devices by the error that the meters heard tell, too" },
    {  0,  "ppm-file",   "FILE", OPTION_TEXT,   FIELD(general.ppm_file),        "keep the errors of devices there, for the next --auto-ppm" },
    {  0,  "bias-tee",   NULL,   OPTION_FLAG,   FIELD(bias_tee),        "feed an amplifier through the antenna socket of a device" },
    { 'r', "read",       "FILE", OPTION_LIST,   FIELD(files),           "the same as a recording FILE alone" },
    { 'c', "config",     "FILE", OPTION_TEXT,   FIELD(config),          "YAML file with meters and their keys, sources, outputs and\n"
                                                                        "more; SIGHUP reads its meters anew" },
    {  0,  "check-config", NULL, OPTION_FLAG,   FIELD(check_config),    "say whether the configuration is right, and end; what cannot be\n"
                                                                        "written by who asks is warned of" },
    {  0,  "drivers",    "DIR",  OPTION_TEXT,   FIELD(general.drivers),         "more drivers: its files NAME.yaml come before the built-in ones" },
    {  0,  "formats",    "FILE", OPTION_TEXT,   FIELD(general.formats),         "formats of compact frames that were learnt before; those\n"
                                                                        "learnt now are added to it, but not in a replay" },
    {  0,  "records",    NULL,   OPTION_FLAG,   FIELD(general.records),         "every record as it was sent, in the list records" },
    {  0,  "obis",       NULL,   OPTION_FLAG,   FIELD(general.obis),            "OBIS codes of the readings, in the object codes" },
    { 'o', "output",     "KIND[:ARG]", OPTION_LIST, FIELD(outputs),     "where telegrams go, see below; may be given several times;\n"
                                                                        "default: json, on standard output" },
    { 'F', "format",     "KIND", OPTION_LIST,   FIELD(outputs),         "the same: -F rtlwmbus, -F table" },
    {  0,  "include",    "METER", OPTION_LIST,  FIELD(include),         "tell of these meters only, by number, manufacturer or type:\n"
                                                                        "12345678, KAM, 07 or several such as \"KAM 16\"; may be given\n"
                                                                        "several times" },
    {  0,  "exclude",    "METER", OPTION_LIST,  FIELD(exclude),         "tell of all meters but these" },
    {  0,  "report",     "WHEN", OPTION_TEXT,   FIELD(report),          "of each meter all telegrams, changes only, or one in so many\n"
                                                                        "seconds: all, changes or a number; default: all" },
    {  0,  "zmq",        "ADDR", OPTION_TEXT,   FIELD(zmq),             "as -o zmq:ADDR, and json if no other output is given" },
    {  0,  "zmq-wait",   "N",    OPTION_COUNT,  FIELD(zmq_wait),        "wait for N subscribers of ZeroMQ sockets first, 10 s at most" },
    {  0,  "all",        NULL,   OPTION_FLAG,   FIELD(general.all),             "show frames with wrong CRCs as well, reason bad_crc" },
    {  0,  "iq-swap",    NULL,   OPTION_FLAG,   FIELD(general.iq_swap),         "the spectrum is mirrored: exchange I and Q" },
    {  0,  "start-time", "TIME", OPTION_TEXT,   FIELD(start_time),      "of the first sample, e.g. 2024-01-31T12:34:56Z; default:\n"
                                                                        "what the header of the recording says, or a date in its\n"
                                                                        "name, such as 20240131_123456 (UTC)" },
    { 'm', "modes",      "LIST", OPTION_TEXT,   FIELD(general.modes),       "receive these: T1, C1, C2, S1, R2, N2400, N4800, F2 or T, C,\n"
                                                                        "S, R, N, F, with commas between, or all that lie in the\n"
                                                                        "band; default: all" },
    {  0,  "channel",    "MODES@HZ", OPTION_LIST, FIELD(channel_texts), "receive these at another frequency, e.g. T@434.475M; may be\n"
                                                                        "given several times, and with --modes as well" },
    {  0,  "explain",    NULL,   OPTION_FLAG,   FIELD(observe.explain), "what was measured of every burst, and why it was no telegram,\n"
                                                                        "a line each on standard error" },
    {  0,  "dump-bursts", "DIR", OPTION_TEXT,   FIELD(observe.all_bursts), "write every burst to this folder, as a short recording in\n"
                                                                        "SigMF with what was measured of it" },
    {  0,  "record-bursts", "DIR", OPTION_TEXT, FIELD(general.record_bursts), "the same with those that became no telegram" },
    {  0,  "burst-limit", "N",   OPTION_SOME,   FIELD(general.burst_limit), "write no more bursts to a folder; default: 1000" },
    {  0,  "record",     "FILE", OPTION_TEXT,   FIELD(observe.record),  "record all samples as they come, in SigMF: FILE.sigmf-data\n"
                                                                        "and FILE.sigmf-meta" },
    {  0,  "plot-data",  "FILE", OPTION_TEXT,   FIELD(observe.plot),    "what scripts/draw_burst.sh draws, of the first burst that has a\n"
                                                                        "sync word" },
    {  0,  "plot-from",  "S",    OPTION_NUMBER, FIELD(observe.plot_from_s), "of the first such burst from this second on" },
    {  0,  "seconds",    "N",    OPTION_COUNT,  FIELD(seconds),         "end so many seconds from now, however much of a recording is\nleft; default of doctor: 60" },
    {  0,  "usb-root",   "DIR",  OPTION_TEXT,   FIELD(usb_root),        NULL },
    {  0,  "simd",       "NAME", OPTION_TEXT,   FIELD(simd),            "vector instructions: scalar, avx2 ...; default: the best" },
    {  0,  "realtime",   NULL,   OPTION_FLAG,   FIELD(realtime),        "take recordings at the speed of the air, as if they were sent\n"
                                                                        "now" },
    {  0,  "threads",    "N",    OPTION_COUNT,  FIELD(threads),         "work on N parts of recordings at a time; the output is the\n"
                                                                        "same; default: 1" },
    {  0,  "block-size", "N",    OPTION_COUNT,  FIELD(block_samples),   "samples read at once, for tests; default: 65536;\n"
                                                                        "no more than 8192 with --realtime" },
    { 'h', "help",       NULL,   OPTION_FLAG,   FIELD(help),            "this text" },
    {  0,  "version",    NULL,   OPTION_FLAG,   FIELD(version),         "the version" },
};
// clang-format on

static void print_more_help(FILE *to)
{
    source_print_help(to);
    output_print_help(to);
}

const struct program rx_program = {
    .name = "wmbus-rx",
    .usage = "[meters|doctor] [OPTION]... [SOURCE]...",
    .description =
        "Receives wireless M-Bus (modes T, C, S, R2, N, F) with an RTL-SDR dongle or from IQ\n"
        "recordings, and prints a JSON object a line for each telegram. Without a SOURCE it "
        "listens\n"
        "to the first dongle; several devices are received at once, recordings one after the "
        "other.\n"
        "wmbus-rx meters shows a table of all meters heard; wmbus-rx doctor finds out what is\n"
        "wrong with a dongle, or with reception, and says what to do.",
    .options = options,
    .n_options = ARRAY_LEN(options),
    .more_help = print_more_help,
    .operands = FIELD(files),
    .exit_codes =
        EXIT_SET(EXIT_CONFIG) | EXIT_SET(EXIT_DEVICE) | EXIT_SET(EXIT_UNWELL) | EXIT_SET(EXIT_FILE),
};

struct rx_settings rx_settings_default(void)
{
    return (struct rx_settings){ .center_hz = (double)NAN,
                                 .sample_rate_sps = (double)NAN,
                                 .gain_db = (double)NAN,
                                 .ppm = (double)NAN,
                                 .usb_root = "",
                                 .block_samples = DEFAULT_BLOCK_SAMPLES,
                                 .threads = 1 };
}

static bool read_channels(struct rx_settings *s, struct err *err)
{
    for (size_t k = 0; k < s->channel_texts.n; k++) {
        struct err why;
        if (!channel_list_parse(&s->channels, s->channel_texts.items[k], &why))
            return err_set(err, why.exit_code, "option --channel: %s", why.text);
    }
    return true;
}

static bool check_observers(struct rx_settings *s, struct err *err)
{
    struct observer_request *o = &s->observe;
    o->name_sources = s->files.n > 1;
    o->failed_bursts = s->general.record_bursts;
    o->burst_limit = s->general.burst_limit ? s->general.burst_limit : DEFAULT_BURST_LIMIT;
    if (s->threads > 1 && (o->explain || o->all_bursts || o->failed_bursts || o->record || o->plot))
        return err_set(
            err, EXIT_USAGE,
            "option --threads: --explain, --dump-bursts, --record-bursts (record_bursts of the "
            "configuration), --record and --plot-data take a recording as a whole");
    if (o->plot_from_s != 0 && !o->plot)
        return err_set(err, EXIT_USAGE, "option --plot-from needs --plot-data");
    if ((o->record || o->plot) && s->files.n > 1)
        return err_set(err, EXIT_USAGE, "option --%s: expected only one source",
                       o->record ? "record" : "plot-data");
    return true;
}

static bool check_simd(const char *name, struct err *err)
{
    if (!name || kernels_find(name))
        return true;
    err_set(err, EXIT_USAGE, "option --simd: expected one that this computer has:");
    for (size_t i = 0; kernels_row(i); i++) {
        const size_t n = strlen(err->text);
        if (kernels_find(kernels_row(i)->name))
            snprintf(err->text + n, sizeof err->text - n, " %s,", kernels_row(i)->name);
    }
    const size_t n = strlen(err->text);
    snprintf(err->text + n, sizeof err->text - n, " not %.40s", name);
    return false;
}

bool rx_settings_check(struct rx_settings *s, struct err *err)
{
    if (!isnan(s->center_hz) && !number_is_hz(s->center_hz))
        return err_set(err, EXIT_USAGE, "option --frequency: expected Hz, such as 868.95M");
    if (s->sample_rate_sps < NUMBER_LEAST_SPS)
        return err_set(err, EXIT_USAGE,
                       "option --rate: expected samples a second, such as 1600k or 1.6e6");
    if (fabs(s->gain_db) > CONFIG_MOST_GAIN_DB)
        return err_set(err, EXIT_USAGE, "option --gain: expected dB, such as 32.8, %d to %d",
                       -CONFIG_MOST_GAIN_DB, CONFIG_MOST_GAIN_DB);
    if (fabs(s->ppm) > CONFIG_MOST_PPM)
        return err_set(err, EXIT_USAGE, "option --ppm: expected %d to %d", -CONFIG_MOST_PPM,
                       CONFIG_MOST_PPM);
    if (s->threads < 1 || s->threads > LISTENERS_MAX)
        return err_set(err, EXIT_USAGE, "option --threads: expected 1 to %d", LISTENERS_MAX);
    if (s->threads > 1 && s->realtime)
        return err_set(err, EXIT_USAGE,
                       "option --threads: with --realtime nothing is worked on ahead of time");
    if (s->block_samples < 1 || s->block_samples > MAX_BLOCK_SAMPLES)
        return err_set(err, EXIT_USAGE, "option --block-size: expected 1 to %d", MAX_BLOCK_SAMPLES);
    if (!check_simd(s->simd, err))
        return false;
    if (s->realtime && s->block_samples > REALTIME_BLOCK_SAMPLES)
        s->block_samples = REALTIME_BLOCK_SAMPLES;
    const char *modes = s->general.modes;
    s->modes = modes ? radio_modes_parse(modes) : 0;
    if (modes && !s->modes)
        return err_set(err, EXIT_USAGE,
                       "option --modes: expected T1, C1, C2, S1, R2, N2400, N4800, F2 or T, C, "
                       "S, R, N, F with commas between, or all, not %.40s",
                       modes);
    if (!read_channels(s, err))
        return false;
    if (s->zmq_wait > 0 && !s->zmq && s->outputs.n == 0)
        return err_set(err, EXIT_USAGE, "option --zmq-wait needs --zmq");
    if (s->start_time && !utc_parse(s->start_time, &s->start_us))
        return err_set(err, EXIT_USAGE,
                       "option --start-time: expected a time such as 2024-01-31T12:34:56Z");
    if (s->start_time && s->files.n > 1)
        return err_set(err, EXIT_USAGE,
                       "option --start-time: expected only one file; the others would start at "
                       "other times");
    return check_observers(s, err);
}
