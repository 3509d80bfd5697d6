/* SPDX-License-Identifier: MIT
 * A stand-in for librtlsdr in tests, as a shared library of its name: dongles that play a recording
 * at the speed of the air, and misbehave. The environment's FAKE_RTLSDR names a file with a line
 * for each that is plugged in, read anew whenever they are counted: words KEY=VALUE, all but the
 * first two may be left out: serial=TEXT play=FILE maker=TEXT product=TEXT open=CODE cannot be
 * opened tuner_hz=HZ        what its tuner's crystal is taken for start_ms=N         before the
 * first sample block=N            bytes that come at once unplug=N stall=N   after so many bytes of
 * its first run hang=1             does not hear that it is to end What it is told goes to the file
 * that FAKE_RTLSDR_LOG names, a line each. */
#include <math.h>
#include <rtl-sdr.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_DONGLES = 8, TEXT = 200, MAX_BLOCK = 16384, RTL_HZ = 28800000, NO_DEVICE = -5 };

struct dongle {
    char serial[TEXT], play[TEXT], maker[TEXT], product[TEXT];
    int open_code, hang;
    uint32_t tuner_hz;
    size_t start_ms, block, unplug, stall;
};

struct rtlsdr_dev {
    struct dongle dongle;
    uint32_t rate_sps;
    _Atomic int gain; /* tenths of a dB */
    atomic_bool cancelled;
    unsigned char *samples;
    size_t n_bytes;
};

static const int gains[] = { 0, 100, 200, 500 };
static const int gain_as_recorded = 200;
static _Thread_local struct dongle dongles[MAX_DONGLES];
static _Thread_local uint32_t n_dongles;
static atomic_int n_runs;

static void note(const char *what, long value)
{
    const char *path = getenv("FAKE_RTLSDR_LOG");
    FILE *f = path ? fopen(path, "a") : NULL;
    if (!f)
        return;
    fprintf(f, "%s %ld\n", what, value);
    fclose(f);
}

static void set_word(struct dongle *d, const char *key, const char *value)
{
    const struct {
        const char *key;
        char *text;
    } texts[] = { { "serial", d->serial },
                  { "play", d->play },
                  { "maker", d->maker },
                  { "product", d->product } };
    const struct {
        const char *key;
        size_t *number;
    } numbers[] = { { "start_ms", &d->start_ms },
                    { "block", &d->block },
                    { "unplug", &d->unplug },
                    { "stall", &d->stall } };
    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++)
        if (strcmp(key, texts[k].key) == 0)
            snprintf(texts[k].text, TEXT, "%s", value);
    for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++)
        if (strcmp(key, numbers[k].key) == 0)
            *numbers[k].number = strtoul(value, NULL, 10);
    if (strcmp(key, "open") == 0)
        d->open_code = (int)strtol(value, NULL, 10);
    if (strcmp(key, "hang") == 0)
        d->hang = 1;
    if (strcmp(key, "tuner_hz") == 0)
        d->tuner_hz = (uint32_t)strtoul(value, NULL, 10);
}

static void read_dongle(char *line)
{
    struct dongle *d = &dongles[n_dongles++];
    char *rest = NULL;
    *d = (struct dongle){
        .maker = "Realtek", .product = "RTL2838UHIDIR", .tuner_hz = RTL_HZ, .block = MAX_BLOCK
    };
    for (char *word = strtok_r(line, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest)) {
        char *value = strchr(word, '=');
        if (!value)
            continue;
        *value = '\0';
        for (char *c = value + 1; *c; c++)
            if (*c == '_')
                *c = ' ';
        set_word(d, word, value + 1);
    }
}

uint32_t rtlsdr_get_device_count(void)
{
    const char *path = getenv("FAKE_RTLSDR");
    FILE *f = path ? fopen(path, "r") : NULL;
    char line[1000];
    n_dongles = 0;
    while (f && n_dongles < MAX_DONGLES && fgets(line, sizeof line, f))
        read_dongle(line);
    if (f)
        fclose(f);
    return n_dongles;
}

int rtlsdr_get_device_usb_strings(uint32_t index, char *maker, char *product, char *serial)
{
    if (index >= n_dongles)
        return -2;
    strcpy(maker, dongles[index].maker);
    strcpy(product, dongles[index].product);
    strcpy(serial, dongles[index].serial);
    return 0;
}

static bool load(rtlsdr_dev_t *dev)
{
    FILE *f = fopen(dev->dongle.play, "rb");
    if (!f)
        return false;
    fseek(f, 0, SEEK_END);
    dev->n_bytes = (size_t)ftell(f);
    rewind(f);
    dev->samples = malloc(dev->n_bytes + 1);
    const bool ok = dev->samples && fread(dev->samples, 1, dev->n_bytes, f) == dev->n_bytes;
    fclose(f);
    return ok && dev->n_bytes > 0;
}

int rtlsdr_open(rtlsdr_dev_t **opened, uint32_t index)
{
    if (index >= n_dongles)
        return -1;
    if (dongles[index].open_code != 0)
        return dongles[index].open_code;
    rtlsdr_dev_t *dev = calloc(1, sizeof *dev);
    if (!dev)
        return -1;
    dev->dongle = dongles[index];
    dev->gain = gain_as_recorded;
    if (!load(dev)) {
        rtlsdr_close(dev);
        return -1;
    }
    note("open", index);
    *opened = dev;
    return 0;
}

int rtlsdr_close(rtlsdr_dev_t *dev)
{
    note("close", 0);
    free(dev->samples);
    free(dev);
    return 0;
}

int rtlsdr_get_xtal_freq(rtlsdr_dev_t *dev, uint32_t *rtl_hz, uint32_t *tuner_hz)
{
    *rtl_hz = RTL_HZ;
    *tuner_hz = dev->dongle.tuner_hz;
    return 0;
}

int rtlsdr_set_sample_rate(rtlsdr_dev_t *dev, uint32_t rate)
{
    note("rate", rate);
    dev->rate_sps = rate;
    return rate > 900000 && rate <= 3200000 ? 0 : -22;
}

uint32_t rtlsdr_get_sample_rate(rtlsdr_dev_t *dev)
{
    return dev->rate_sps;
}

int rtlsdr_set_center_freq(rtlsdr_dev_t *dev, uint32_t hz)
{
    (void)dev;
    note("frequency", hz);
    return hz < 1800000000 ? 0 : -1;
}

int rtlsdr_set_freq_correction(rtlsdr_dev_t *dev, int ppm)
{
    (void)dev;
    note("ppm", ppm);
    return 0;
}

int rtlsdr_get_tuner_gains(rtlsdr_dev_t *dev, int *all)
{
    (void)dev;
    if (all)
        memcpy(all, gains, sizeof gains);
    return sizeof gains / sizeof gains[0];
}

int rtlsdr_set_tuner_gain(rtlsdr_dev_t *dev, int gain)
{
    note("gain", gain);
    dev->gain = gain;
    return 0;
}

int rtlsdr_set_tuner_gain_mode(rtlsdr_dev_t *dev, int manual)
{
    (void)dev;
    note("manual", manual);
    return 0;
}

int rtlsdr_set_agc_mode(rtlsdr_dev_t *dev, int on)
{
    (void)dev;
    note("agc", on);
    return 0;
}

int rtlsdr_set_bias_tee(rtlsdr_dev_t *dev, int on)
{
    (void)dev;
    note("bias_tee", on);
    return 0;
}

int rtlsdr_reset_buffer(rtlsdr_dev_t *dev)
{
    (void)dev;
    return 0;
}

/* ---- samples ------------------------------------------------------------------------------ */

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* False: cancelled. */
static bool wait_until(const rtlsdr_dev_t *dev, double time_s)
{
    static const struct timespec slice = { .tv_nsec = 2000000 };
    while (now_s() < time_s && (dev->dongle.hang || !dev->cancelled))
        nanosleep(&slice, NULL);
    return dev->dongle.hang || !dev->cancelled;
}

static void amplify(const rtlsdr_dev_t *dev, unsigned char *bytes, size_t n)
{
    const int gain = dev->gain;
    const double factor = pow(10, (gain - gain_as_recorded) / 200.0);
    for (size_t k = 0; gain != gain_as_recorded && k < n; k++)
        bytes[k] = (unsigned char)fmax(0, fmin(255, lrint((bytes[k] - 127.5) * factor + 127.5)));
}

int rtlsdr_read_async(rtlsdr_dev_t *dev, rtlsdr_read_async_cb_t take, void *user, uint32_t n_blocks,
                      uint32_t block_bytes)
{
    const struct dongle *d = &dev->dongle;
    const bool first = atomic_fetch_add(&n_runs, 1) == 0;
    const double start_s = now_s() + (double)d->start_ms / 1e3;
    unsigned char bytes[MAX_BLOCK];
    note("blocks", (long)n_blocks);
    note("block_bytes", (long)block_bytes);
    for (size_t sent = 0; wait_until(dev, start_s + (double)sent / 2 / dev->rate_sps);) {
        const size_t at = sent % dev->n_bytes, left = dev->n_bytes - at;
        const size_t n = left < d->block ? left : d->block;
        if (first && d->unplug && sent >= d->unplug)
            return NO_DEVICE;
        if (first && d->stall && sent >= d->stall) {
            wait_until(dev, HUGE_VAL);
            return 0;
        }
        memcpy(bytes, dev->samples + at, n);
        amplify(dev, bytes, n);
        take(bytes, (uint32_t)n, user);
        sent += n;
    }
    return 0;
}

int rtlsdr_cancel_async(rtlsdr_dev_t *dev)
{
    dev->cancelled = true;
    return 0;
}
