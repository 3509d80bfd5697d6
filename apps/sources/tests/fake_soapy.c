/* SPDX-License-Identifier: MIT
 * A stand-in for SoapySDR in tests, as a shared library of its name: one radio, driver=fake, which
 * plays the recording (cu8) that FAKE_SOAPY names at the speed of the air, as what the word format=
 * of its arguments says (CS8, CS16, else CF32). unplug=1: it fails after a second, once. What it is
 * told goes to the file FAKE_SOAPY_LOG, a line each. */
#include <SoapySDR/Device.h>
#include <SoapySDR/Errors.h>
#include <SoapySDR/Formats.h>
#include <SoapySDR/Logger.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct SoapySDRDevice {
    FILE *samples;
    double rate_sps, start_s;
    size_t n_read;
    const char *format;
    bool unplug;
};

static atomic_int n_opened;

static int note(const char *what, double value)
{
    const char *path = getenv("FAKE_SOAPY_LOG");
    FILE *f = path ? fopen(path, "a") : NULL;
    if (f) {
        fprintf(f, "%s %.0f\n", what, value);
        fclose(f);
    }
    return 0;
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- open --------------------------------------------------------------------------------- */

SoapySDRDevice *SoapySDRDevice_makeStrArgs(const char *args)
{
    const char *path = getenv("FAKE_SOAPY");
    SoapySDRDevice *d = calloc(1, sizeof *d);
    d->samples = path && strstr(args, "driver=fake") ? fopen(path, "rb") : NULL;
    if (!d->samples) {
        free(d);
        return NULL;
    }
    d->format = strstr(args, "CS8")    ? SOAPY_SDR_CS8
                : strstr(args, "CS16") ? SOAPY_SDR_CS16
                                       : SOAPY_SDR_CF32;
    d->unplug = strstr(args, "unplug=1") && atomic_fetch_add(&n_opened, 1) == 0;
    return d;
}

int SoapySDRDevice_unmake(SoapySDRDevice *d)
{
    fclose(d->samples);
    free(d);
    return 0;
}

const char *SoapySDRDevice_lastError(void)
{
    return "the fake says no";
}

static char *texts[] = { (char[]){ "fake" }, (char[]){ "a stand-in" } };
static char *keys[] = { (char[]){ "driver" }, (char[]){ "label" } };
static SoapySDRKwargs radio = { 2, keys, texts };

SoapySDRKwargs *SoapySDRDevice_enumerateStrArgs(const char *args, size_t *n)
{
    (void)args;
    *n = 1;
    return &radio;
}

const char *SoapySDRKwargs_get(const SoapySDRKwargs *args, const char *key)
{
    for (size_t k = 0; k < args->size; k++)
        if (strcmp(args->keys[k], key) == 0)
            return args->vals[k];
    return NULL;
}

void SoapySDRKwargsList_clear(SoapySDRKwargs *args, const size_t n)
{
    (void)args;
    (void)n;
}

void SoapySDR_setLogLevel(const SoapySDRLogLevel level)
{
    (void)level;
}

void SoapySDR_free(void *p)
{
    free(p);
}

/* ---- set up ------------------------------------------------------------------------------- */

int SoapySDRDevice_setSampleRate(SoapySDRDevice *d, const int direction, const size_t channel,
                                 const double rate)
{
    (void)direction;
    (void)channel;
    d->rate_sps = rate;
    return rate < 1e6 ? -1 : note("rate", rate);
}

double SoapySDRDevice_getSampleRate(const SoapySDRDevice *d, const int direction,
                                    const size_t channel)
{
    (void)direction;
    (void)channel;
    return d->rate_sps;
}

int SoapySDRDevice_setBandwidth(SoapySDRDevice *d, const int direction, const size_t channel,
                                const double hz)
{
    (void)d;
    (void)direction;
    (void)channel;
    (void)hz;
    return SOAPY_SDR_NOT_SUPPORTED;
}

int SoapySDRDevice_setFrequency(SoapySDRDevice *d, const int direction, const size_t channel,
                                const double hz, const SoapySDRKwargs *args)
{
    (void)d;
    (void)direction;
    (void)channel;
    (void)args;
    return note("frequency", hz);
}

bool SoapySDRDevice_hasFrequencyCorrection(const SoapySDRDevice *d, const int direction,
                                           const size_t channel)
{
    (void)d;
    (void)direction;
    (void)channel;
    return false;
}

int SoapySDRDevice_setFrequencyCorrection(SoapySDRDevice *d, const int direction,
                                          const size_t channel, const double ppm)
{
    (void)d;
    (void)direction;
    (void)channel;
    (void)ppm;
    return -1;
}

bool SoapySDRDevice_hasGainMode(const SoapySDRDevice *d, const int direction, const size_t channel)
{
    (void)d;
    (void)direction;
    (void)channel;
    return true;
}

int SoapySDRDevice_setGainMode(SoapySDRDevice *d, const int direction, const size_t channel,
                               const bool automatic)
{
    (void)d;
    (void)direction;
    (void)channel;
    return note("automatic", automatic);
}

SoapySDRRange SoapySDRDevice_getGainRange(const SoapySDRDevice *d, const int direction,
                                          const size_t channel)
{
    (void)d;
    (void)direction;
    (void)channel;
    return (SoapySDRRange){ -3, 7, 0 };
}

int SoapySDRDevice_setGain(SoapySDRDevice *d, const int direction, const size_t channel,
                           const double gain_db)
{
    (void)d;
    (void)direction;
    (void)channel;
    return note("gain", gain_db);
}

static SoapySDRArgInfo settings[] = { { .key = (char[]){ "bias_tx" } },
                                      { .key = (char[]){ "biasT_ctrl" } } };

SoapySDRArgInfo *SoapySDRDevice_getSettingInfo(const SoapySDRDevice *d, size_t *n)
{
    (void)d;
    *n = 2;
    return settings;
}

void SoapySDRArgInfoList_clear(SoapySDRArgInfo *infos, const size_t n)
{
    (void)infos;
    (void)n;
}

int SoapySDRDevice_writeSetting(SoapySDRDevice *d, const char *key, const char *value)
{
    (void)d;
    return note(key, strcmp(value, "true") == 0);
}

/* ---- samples ------------------------------------------------------------------------------ */

char *SoapySDRDevice_getNativeStreamFormat(const SoapySDRDevice *d, const int direction,
                                           const size_t channel, double *full_scale)
{
    (void)direction;
    (void)channel;
    *full_scale = strcmp(d->format, SOAPY_SDR_CS8) == 0 ? 128 : 32768;
    return strdup(d->format);
}

SoapySDRStream *SoapySDRDevice_setupStream(SoapySDRDevice *d, const int direction,
                                           const char *format, const size_t *channels,
                                           const size_t n, const SoapySDRKwargs *args)
{
    (void)direction;
    (void)channels;
    (void)n;
    (void)args;
    return strcmp(format, d->format) == 0 ? (SoapySDRStream *)d : NULL;
}

int SoapySDRDevice_activateStream(SoapySDRDevice *d, SoapySDRStream *stream, const int flags,
                                  const long long t_ns, const size_t n)
{
    (void)stream;
    (void)flags;
    (void)t_ns;
    (void)n;
    d->start_s = now_s();
    return 0;
}

int SoapySDRDevice_deactivateStream(SoapySDRDevice *d, SoapySDRStream *stream, const int flags,
                                    const long long t_ns)
{
    (void)d;
    (void)stream;
    (void)flags;
    (void)t_ns;
    return 0;
}

int SoapySDRDevice_closeStream(SoapySDRDevice *d, SoapySDRStream *stream)
{
    (void)d;
    (void)stream;
    return note("closed", 0);
}

static void put(const SoapySDRDevice *d, void *to, size_t k, int from)
{
    if (strcmp(d->format, SOAPY_SDR_CS8) == 0)
        ((signed char *)to)[k] = (signed char)(from - 128);
    else if (strcmp(d->format, SOAPY_SDR_CS16) == 0)
        ((short *)to)[k] = (short)((from - 128) * 256);
    else
        ((float *)to)[k] = ((float)from - 127.5F) / 127.5F;
}

int SoapySDRDevice_readStream(SoapySDRDevice *d, SoapySDRStream *stream, void *const *buffers,
                              const size_t most, int *flags, long long *t_ns, const long wait_us)
{
    static const struct timespec slice = { .tv_nsec = 2000000 };
    const size_t n = most < 1000 ? most : 1000;
    (void)stream;
    (void)flags;
    (void)t_ns;
    (void)wait_us;
    if (d->unplug && d->n_read > d->rate_sps)
        return SOAPY_SDR_STREAM_ERROR;
    while (now_s() < d->start_s + (double)d->n_read / d->rate_sps)
        nanosleep(&slice, NULL);
    for (size_t k = 0; k < 2 * n; k++) {
        int c = getc(d->samples);
        if (c == EOF) {
            rewind(d->samples);
            c = getc(d->samples);
        }
        put(d, buffers[0], k, c);
    }
    d->n_read += n;
    return (int)n;
}

const char *SoapySDR_errToStr(const int code)
{
    return code == SOAPY_SDR_STREAM_ERROR ? "STREAM_ERROR" : "UNKNOWN";
}
