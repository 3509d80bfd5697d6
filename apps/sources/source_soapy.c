/* SPDX-License-Identifier: MIT
 * Any radio that SoapySDR has a module for. */
#include <SoapySDR/Device.h>
#include <SoapySDR/Errors.h>
#include <SoapySDR/Formats.h>
#include <SoapySDR/Logger.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/sources/live.h"

enum { CHANNEL = 0, READ_US = 100000 };

/* Between gains that are tried. */
static const double least_step_db = 2;

struct soapy {
    SoapySDRDevice *dev;
    SoapySDRStream *stream;
    size_t sample_bytes;
    double center_hz;
    double least_db, step_db; /* of the gains */
    unsigned char bytes[LIVE_BLOCK_BYTES];
};

/* 0 is success in SoapySDR. what: "set its gain (-g)". */
static bool check(int status, const struct live_settings *s, const char *what, struct err *err)
{
    return status == 0 || err_set(err, EXIT_DEVICE, "%.96s: cannot %s: %.200s", s->name, what,
                                  SoapySDRDevice_lastError());
}

/* ---- open --------------------------------------------------------------------------------- */

static void fail_open(const char *address, const char *why, struct err *err)
{
    size_t n = 0;
    err_set(err, EXIT_DEVICE, "soapy:%.80s: no such radio: %.120s; ", address, why);
    SoapySDRKwargs *found = SoapySDRDevice_enumerateStrArgs("", &n);
    for (size_t k = 0; k < n; k++) {
        const char *driver = SoapySDRKwargs_get(&found[k], "driver");
        const char *label = SoapySDRKwargs_get(&found[k], "label");
        const size_t at = strlen(err->text);
        snprintf(err->text + at, sizeof err->text - at, "%s soapy:driver=%.20s (%.40s)",
                 k ? "," : "found:", driver ? driver : "?", label ? label : "");
    }
    if (n == 0) {
        const size_t at = strlen(err->text);
        snprintf(err->text + at, sizeof err->text - at,
                 "none is found; is it plugged in, and the module for it installed (apt install "
                 "soapysdr-module-all)?");
    }
    SoapySDRKwargsList_clear(found, n);
}

static SoapySDRDevice *make(const char *address, struct err *err)
{
    SoapySDRDevice *dev = SoapySDRDevice_makeStrArgs(address);
    if (dev)
        return dev;
    char why[160];
    snprintf(why, sizeof why, "%s", SoapySDRDevice_lastError());
    fail_open(address, why, err);
    return NULL;
}

/* What the radio sends anyway, if its numbers are as wide as their type; else floats. */
static const char *choose_format(struct soapy *d, struct live_settings *s)
{
    double full_scale = 0;
    char *native = SoapySDRDevice_getNativeStreamFormat(d->dev, SOAPY_SDR_RX, CHANNEL, &full_scale);
    const bool bytes = native && strcmp(native, SOAPY_SDR_CS8) == 0 && full_scale >= 127;
    const bool words = native && strcmp(native, SOAPY_SDR_CS16) == 0 && full_scale >= 32767;
    SoapySDR_free(native);
    s->format = bytes ? IQ_CS8 : words ? IQ_CS16 : IQ_CF32;
    d->sample_bytes = iq_sample_bytes(s->format);
    return bytes ? SOAPY_SDR_CS8 : words ? SOAPY_SDR_CS16 : SOAPY_SDR_CF32;
}

/* A radio that cannot correct its oscillator's error is tuned beside it. */
static bool set_ppm(void *device, double ppm)
{
    const struct soapy *d = device;
    if (SoapySDRDevice_hasFrequencyCorrection(d->dev, SOAPY_SDR_RX, CHANNEL))
        return SoapySDRDevice_setFrequencyCorrection(d->dev, SOAPY_SDR_RX, CHANNEL, ppm) == 0;
    const double hz = d->center_hz / (1 + ppm * 1e-6);
    return SoapySDRDevice_setFrequency(d->dev, SOAPY_SDR_RX, CHANNEL, hz, NULL) == 0;
}

static bool set_frequency(struct soapy *d, const struct live_settings *s, struct err *err)
{
    const double hz = s->center_hz;
    d->center_hz = hz;
    return check(SoapySDRDevice_setFrequency(d->dev, SOAPY_SDR_RX, CHANNEL, hz, NULL), s,
                 "be tuned (-f)", err) &&
           (s->ppm == 0 ||
            check(set_ppm(d, s->ppm) ? 0 : -1, s, "correct its frequency (-p)", err));
}

static bool set_rate(SoapySDRDevice *dev, struct live_settings *s, struct err *err)
{
    if (!check(SoapySDRDevice_setSampleRate(dev, SOAPY_SDR_RX, CHANNEL, s->sample_rate_sps), s,
               "take so many samples a second (-s)", err))
        return false;
    s->true_rate_sps = SoapySDRDevice_getSampleRate(dev, SOAPY_SDR_RX, CHANNEL);
    SoapySDRDevice_setBandwidth(dev, SOAPY_SDR_RX, CHANNEL, s->true_rate_sps); /* if it can */
    return s->true_rate_sps > 0 ||
           err_set(err, EXIT_DEVICE, "%.96s: does not say its sample rate", s->name);
}

static double gain_db(const struct soapy *d, size_t index)
{
    return d->least_db + (double)index * d->step_db;
}

static bool set_gain(void *device, size_t index)
{
    const struct soapy *d = device;
    return SoapySDRDevice_setGain(d->dev, SOAPY_SDR_RX, CHANNEL, gain_db(d, index)) == 0;
}

static bool set_gains(struct soapy *d, struct live_settings *s, struct err *err)
{
    const SoapySDRRange range = SoapySDRDevice_getGainRange(d->dev, SOAPY_SDR_RX, CHANNEL);
    const double width_db = range.maximum - range.minimum;
    d->least_db = range.minimum;
    d->step_db = fmax(fmax(range.step, least_step_db), width_db / (LIVE_MAX_GAINS - 1));
    s->n_gains = width_db > 0 ? (size_t)(width_db / d->step_db) + 1 : 0;
    for (size_t k = 0; k < s->n_gains; k++)
        s->gains_db[k] = gain_db(d, k);
    if (SoapySDRDevice_hasGainMode(d->dev, SOAPY_SDR_RX, CHANNEL) &&
        !check(SoapySDRDevice_setGainMode(d->dev, SOAPY_SDR_RX, CHANNEL, false), s,
               "switch its automatic gain off", err))
        return false;
    return isnan(s->gain_db) ||
           check(SoapySDRDevice_setGain(d->dev, SOAPY_SDR_RX, CHANNEL, s->gain_db), s,
                 "set its gain (-g)", err);
}

/* Modules call it biastee, biasT_ctrl ... */
static bool set_bias_tee(SoapySDRDevice *dev, const struct live_settings *s, struct err *err)
{
    size_t n = 0;
    int status = -1;
    if (!s->bias_tee)
        return true;
    SoapySDRArgInfo *infos = SoapySDRDevice_getSettingInfo(dev, &n);
    for (size_t k = 0; k < n && status != 0; k++)
        if (strncmp(infos[k].key, "bias", 4) == 0 && strcmp(infos[k].key, "bias_tx") != 0)
            status = SoapySDRDevice_writeSetting(dev, infos[k].key, "true");
    SoapySDRArgInfoList_clear(infos, n);
    return status == 0 ||
           err_set(err, EXIT_DEVICE, "%.96s: has no bias tee that its module knows", s->name);
}

static bool start_stream(struct soapy *d, struct live_settings *s, struct err *err)
{
    const char *format = choose_format(d, s);
    d->stream = SoapySDRDevice_setupStream(d->dev, SOAPY_SDR_RX, format, NULL, 0, NULL);
    return check(d->stream ? 0 : -1, s, "be received from", err) &&
           check(SoapySDRDevice_activateStream(d->dev, d->stream, 0, 0, 0), s, "be started", err);
}

static void close_soapy(void *device)
{
    struct soapy *d = device;
    if (d->stream) {
        SoapySDRDevice_deactivateStream(d->dev, d->stream, 0, 0);
        SoapySDRDevice_closeStream(d->dev, d->stream);
    }
    SoapySDRDevice_unmake(d->dev);
    free(d);
}

static void *open_soapy(struct live_settings *s, struct err *err)
{
    SoapySDR_setLogLevel(SOAPY_SDR_WARNING);
    struct soapy *d = calloc(1, sizeof *d);
    if (!d) {
        err_set(err, EXIT_INTERNAL, "out of memory");
        return NULL;
    }
    d->dev = make(s->address, err);
    if (!d->dev) {
        free(d);
        return NULL;
    }
    snprintf(s->name, sizeof s->name, "soapy:%.80s", s->address);
    if (set_rate(d->dev, s, err) && set_frequency(d, s, err) && set_gains(d, s, err) &&
        set_bias_tee(d->dev, s, err) && start_stream(d, s, err))
        return d;
    close_soapy(d);
    return NULL;
}

/* ---- run ---------------------------------------------------------------------------------- */

/* What is lost in an overflow is seen by the clock. */
static bool run_soapy(void *device, struct live *live, struct err *err)
{
    struct soapy *d = device;
    void *const buffers[] = { d->bytes };
    const size_t most = sizeof d->bytes / d->sample_bytes;
    while (!live_is_over(live)) {
        int flags = 0;
        long long t_ns;
        const int n =
            SoapySDRDevice_readStream(d->dev, d->stream, buffers, most, &flags, &t_ns, READ_US);
        if (n > 0)
            live_deliver(live, d->bytes, (size_t)n * d->sample_bytes);
        else if (n < 0 && n != SOAPY_SDR_TIMEOUT && n != SOAPY_SDR_OVERFLOW)
            return err_set(err, EXIT_DEVICE, "the radio was unplugged, or failed: %.100s",
                           SoapySDR_errToStr(n));
    }
    return true;
}

static const struct live_device soapy = {
    .open = open_soapy,
    .set_gain = set_gain,
    .set_ppm = set_ppm,
    .run = run_soapy,
    .close = close_soapy,
};

static bool open_source(struct source *source, const struct source_config *config, struct err *err)
{
    return live_open(source, config, &soapy, live_address(config->text, source_soapy.name), err);
}

static bool claims(const char *text)
{
    return live_address(text, source_soapy.name) != NULL;
}

const struct source_type source_soapy = {
    .name = "soapy",
    .written = "soapy:driver=DRIVER",
    .help = "any radio that SoapySDR has a module for, and what else tells it\n"
            "from others: soapy:driver=airspy,serial=...",
    .claims = claims,
    .open = open_source,
    LIVE_SOURCE,
};
