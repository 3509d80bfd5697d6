/* SPDX-License-Identifier: MIT
 * An RTL-SDR dongle at this computer, by librtlsdr. */
#include <ctype.h>
#include <math.h>
#include <rtl-sdr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/utf8.h"
#include "apps/sources/live.h"
#include "apps/sources/usb_sticks.h"

/* Blocks that the USB controller fills by itself: a third of a second of 1.6 Msps. */
enum { USB_BLOCKS = 64 };

enum { USB_STRING_SIZE = 256, MAX_INDEX_DIGITS = 2 };

/* Of libusb, which librtlsdr hands on. */
enum { USB_NO_RIGHT = -3, USB_BUSY = -6 };

struct rtlsdr {
    rtlsdr_dev_t *dev;
    int gains[LIVE_MAX_GAINS]; /* tenths of a dB, rising */
    bool bias_tee;
    struct live *live;
};

struct usb_strings {
    char maker[USB_STRING_SIZE], product[USB_STRING_SIZE], serial[USB_STRING_SIZE];
};

/* ---- which one ---------------------------------------------------------------------------- */

/* All "" of one that may not be opened to read them. Anything may stand in a dongle. */
static struct usb_strings strings_of(uint32_t index)
{
    struct usb_strings s;
    memset(&s, 0, sizeof s);
    if (rtlsdr_get_device_usb_strings(index, s.maker, s.product, s.serial) != 0)
        memset(&s, 0, sizeof s);
    utf8_make_harmless(s.maker);
    utf8_make_harmless(s.product);
    utf8_make_harmless(s.serial);
    return s;
}

/* One or two digits. */
static bool is_index(const char *address)
{
    size_t n = 0;
    while (isdigit((unsigned char)address[n]))
        n++;
    return n > 0 && n <= MAX_INDEX_DIGITS && address[n] == '\0';
}

/* Is it the one that was asked for, or that was open before? Anyone, if none was. */
static bool is_wanted(const struct live_settings *settings, uint32_t index)
{
    const char *address = settings->address;
    if (settings->serial[0])
        return strcmp(settings->serial, strings_of(index).serial) == 0;
    if (is_index(address))
        return strtoul(address, NULL, 10) == index;
    return !address[0] || strcmp(address + (address[0] == ':'), strings_of(index).serial) == 0;
}

/* ---- what is wrong ------------------------------------------------------------------------ */

/* Of a dongle that this system shows; that it is plugged in librtlsdr does not always see. */
static bool check_sticks(const char *serial, struct err *err)
{
    struct usb_stick sticks[USB_STICKS_MAX];
    const size_t n = usb_sticks_find("", sticks);
    for (size_t k = 0; k < n; k++)
        if ((!serial || strcmp(sticks[k].serial, serial) == 0) && !usb_stick_check(&sticks[k], err))
            return false;
    for (size_t k = 0; k < n; k++)
        if ((!serial || strcmp(sticks[k].serial, serial) == 0) &&
            usb_stick_has_dvb_driver(&sticks[k]))
            return err_set(
                err, EXIT_DEVICE,
                "the kernel's driver %s has the dongle, and this librtlsdr does not take "
                "it away: modprobe -r %s, and \"blacklist %s\" in a file of "
                "/etc/modprobe.d",
                sticks[k].driver, sticks[k].driver, sticks[k].driver);
    return true;
}

static void fail_open(int code, uint32_t index, struct err *err)
{
    const struct usb_strings s = strings_of(index);
    if (!check_sticks(s.serial[0] ? s.serial : NULL, err))
        return;
    if (code == USB_NO_RIGHT)
        err_set(err, EXIT_DEVICE, "no right to use the RTL-SDR dongle: %s", usb_right_advice);
    else if (code == USB_BUSY)
        err_set(err, EXIT_DEVICE,
                "the RTL-SDR dongle %u (%.60s, serial number %.40s) is in use by another program: "
                "end that first; fuser -v /dev/bus/usb/*/*, as root, says which it is",
                index, s.product, s.serial);
    else
        err_set(err, EXIT_DEVICE,
                "the RTL-SDR dongle %u (%.60s, serial number %.40s) cannot be opened (error %d of "
                "librtlsdr): plug it in again, into another socket, without a hub",
                index, s.product, s.serial, code);
}

/* None is wanted. */
static void fail_unknown(const struct live_settings *settings, uint32_t n, struct err *err)
{
    if (!check_sticks(NULL, err))
        return;
    if (n == 0) {
        err_set(err, EXIT_DEVICE,
                "no RTL-SDR dongle found: is one plugged in? lsusb lists it as RTL2832 or RTL2838; "
                "a recording is received with wmbus-rx FILE, a dongle elsewhere with wmbus-rx "
                "rtl_tcp:HOST:PORT");
        return;
    }
    err_set(err, EXIT_DEVICE, "no RTL-SDR dongle rtlsdr:%.60s: there %s", settings->address,
            n == 1 ? "is" : "are");
    for (uint32_t k = 0; k < n; k++) {
        const struct usb_strings s = strings_of(k);
        const size_t at = strlen(err->text);
        snprintf(err->text + at, sizeof err->text - at, "%s rtlsdr:%u (%.40s, rtlsdr::%.40s)",
                 k ? "," : "", k, s.product, s.serial);
    }
}

/* ---- set up ------------------------------------------------------------------------------- */

/* A library that knows this model takes the dongle's crystal for its tuner, an older one 16 MHz. */
static bool check_blog_v4(rtlsdr_dev_t *dev, const struct usb_strings *s, struct err *err)
{
    uint32_t rtl_hz = 0, tuner_hz = 0;
    if (strcmp(s->maker, "RTLSDRBlog") != 0 || strcmp(s->product, "Blog V4") != 0 ||
        rtlsdr_get_xtal_freq(dev, &rtl_hz, &tuner_hz) != 0 || tuner_hz == rtl_hz)
        return true;
    return err_set(err, EXIT_DEVICE, "%s", usb_blog_v4_advice);
}

static bool set_rate(rtlsdr_dev_t *dev, struct live_settings *s, struct err *err)
{
    if (rtlsdr_set_sample_rate(dev, (uint32_t)lrint(fmin(s->sample_rate_sps, UINT32_MAX))) != 0)
        return err_set(err, EXIT_DEVICE,
                       "%.96s: cannot take %.6g Msps; expected 0.9 to 3.2 Msps (-s 1.6M)", s->name,
                       s->sample_rate_sps / 1e6);
    s->true_rate_sps = rtlsdr_get_sample_rate(dev);
    return true;
}

static int whole_ppm(double ppm)
{
    return (int)lrint(fmax(-1e4, fmin(ppm, 1e4)));
}

static bool set_ppm(void *device, double ppm)
{
    return rtlsdr_set_freq_correction(((const struct rtlsdr *)device)->dev, whole_ppm(ppm)) == 0;
}

static bool set_frequency(rtlsdr_dev_t *dev, const struct live_settings *s, struct err *err)
{
    const int ppm = whole_ppm(s->ppm);
    if (ppm != 0 && rtlsdr_set_freq_correction(dev, ppm) != 0)
        return err_set(err, EXIT_DEVICE, "%.96s: cannot correct its frequency by %d ppm (-p)",
                       s->name, ppm);
    if (rtlsdr_set_center_freq(dev, (uint32_t)lrint(fmin(s->center_hz, UINT32_MAX))) != 0)
        return err_set(err, EXIT_DEVICE, "%.96s: cannot be tuned to %.10g MHz (-f)", s->name,
                       s->center_hz / 1e6);
    return true;
}

static bool set_gain(void *device, size_t index)
{
    const struct rtlsdr *d = device;
    return rtlsdr_set_tuner_gain(d->dev, d->gains[index]) == 0;
}

/* The nearest one that the tuner has. */
static bool set_gain_db(struct rtlsdr *d, struct live_settings *s)
{
    size_t best = 0;
    for (size_t k = 1; k < s->n_gains; k++)
        if (fabs(s->gains_db[k] - s->gain_db) < fabs(s->gains_db[best] - s->gain_db))
            best = k;
    s->gain_db = s->gains_db[best];
    return set_gain(d, best);
}

static bool set_gains(struct rtlsdr *d, struct live_settings *s, struct err *err)
{
    const int n = rtlsdr_get_tuner_gains(d->dev, NULL);
    s->n_gains = n > 0 && n <= LIVE_MAX_GAINS ? (size_t)n : 0;
    if (s->n_gains == 0)
        return true;
    rtlsdr_get_tuner_gains(d->dev, d->gains);
    for (size_t k = 0; k < s->n_gains; k++)
        s->gains_db[k] = d->gains[k] / 10.0;
    return (rtlsdr_set_tuner_gain_mode(d->dev, 1) == 0 &&
            (isnan(s->gain_db) || set_gain_db(d, s))) ||
           err_set(err, EXIT_DEVICE, "%.96s: cannot set its gain (-g)", s->name);
}

static bool set_bias_tee(struct rtlsdr *d, const struct live_settings *s, struct err *err)
{
    d->bias_tee = s->bias_tee;
    return !s->bias_tee || rtlsdr_set_bias_tee(d->dev, 1) == 0 ||
           err_set(err, EXIT_DEVICE, "%.96s: cannot switch its bias tee on (--bias-tee)", s->name);
}

static bool set_up(struct rtlsdr *d, struct live_settings *s, struct err *err)
{
    rtlsdr_set_agc_mode(d->dev, 0);
    return set_rate(d->dev, s, err) && set_frequency(d->dev, s, err) && set_gains(d, s, err) &&
           set_bias_tee(d, s, err) &&
           (rtlsdr_reset_buffer(d->dev) == 0 ||
            err_set(err, EXIT_DEVICE, "%.96s: does not answer; plug it in again", s->name));
}

/* ---- open and run ------------------------------------------------------------------------- */

static void close_rtlsdr(void *device)
{
    struct rtlsdr *d = device;
    if (d->bias_tee)
        rtlsdr_set_bias_tee(d->dev, 0);
    rtlsdr_close(d->dev);
    free(d);
}

/* Where the kernel's driver cannot be detached, librtlsdr 0.6 says 0 and opens nothing. */
static rtlsdr_dev_t *open_wanted(struct live_settings *settings, struct usb_strings *strings,
                                 struct err *err)
{
    const uint32_t n = rtlsdr_get_device_count();
    bool tried = false;
    for (uint32_t k = 0; k < n; k++) {
        rtlsdr_dev_t *dev = NULL;
        if (!is_wanted(settings, k))
            continue;
        const int code = rtlsdr_open(&dev, k);
        if (code == 0 && dev) {
            *strings = strings_of(k);
            snprintf(settings->serial, sizeof settings->serial, "%.60s", strings->serial);
            return dev;
        }
        if (!tried)
            fail_open(code, k, err);
        tried = true;
    }
    if (!tried)
        fail_unknown(settings, n, err);
    return NULL;
}

static void *open_rtlsdr(struct live_settings *settings, struct err *err)
{
    struct rtlsdr *d = calloc(1, sizeof *d);
    struct usb_strings s;
    if (!d) {
        err_set(err, EXIT_INTERNAL, "out of memory");
        return NULL;
    }
    d->dev = open_wanted(settings, &s, err);
    if (!d->dev) {
        free(d);
        return NULL;
    }
    snprintf(settings->name, sizeof settings->name, "%.30s %.30s, serial number %.16s", s.maker,
             s.product, s.serial);
    settings->format = IQ_CU8;
    if (check_blog_v4(d->dev, &s, err) && set_up(d, settings, err))
        return d;
    close_rtlsdr(d);
    return NULL;
}

static void on_samples(unsigned char *bytes, uint32_t n, void *user)
{
    struct rtlsdr *d = user;
    if (!live_deliver(d->live, bytes, n))
        rtlsdr_cancel_async(d->dev);
}

static bool run_rtlsdr(void *device, struct live *live, struct err *err)
{
    struct rtlsdr *d = device;
    d->live = live;
    rtlsdr_read_async(d->dev, on_samples, d, USB_BLOCKS, LIVE_BLOCK_BYTES);
    return live_is_over(live) || err_set(err, EXIT_DEVICE, "the dongle was unplugged, or failed");
}

static void cancel_rtlsdr(void *device)
{
    rtlsdr_cancel_async(((struct rtlsdr *)device)->dev);
}

static const struct live_device rtlsdr = {
    .open = open_rtlsdr,
    .set_gain = set_gain,
    .set_ppm = set_ppm,
    .run = run_rtlsdr,
    .cancel = cancel_rtlsdr,
    .close = close_rtlsdr,
};

/* Behind rtlsdr:INDEX, rtlsdr::SERIAL, or :SERIAL alone; NULL: another kind. */
static const char *address_of(const char *text)
{
    return text[0] == ':' ? text : live_address(text, source_rtlsdr.name);
}

static bool claims(const char *text)
{
    return address_of(text) != NULL;
}

static bool open_source(struct source *source, const struct source_config *config, struct err *err)
{
    return live_open(source, config, &rtlsdr, address_of(config->text), err);
}

const struct source_type source_rtlsdr = {
    .name = "rtlsdr",
    .written = "rtlsdr[:INDEX]",
    .help = "an RTL-SDR dongle at this computer, by its number, or as\n"
            "rtlsdr::SERIAL; default: the first that is free",
    .claims = claims,
    .open = open_source,
    LIVE_SOURCE,
};
