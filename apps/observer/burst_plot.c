/* SPDX-License-Identifier: MIT */
#include "apps/observer/burst_plot.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/observer/burst_text.h"
#include "dsp/fsk_trace.h"
#include "dsp/math_const.h"
#include "dsp/spectrum.h"

enum {
    FFT_SIZE = 256,
    FFT_WINDOWS = 16, /* at once */
    EYE_SWEEPS = 400, /* more would only fill the picture */
};

struct burst_plot {
    const char *path;
    double from_s;
    FILE *file;
    struct spectrum_batch *spectra;
    bool written;
};

struct burst_plot *burst_plot_open(const char *path, double from_s, struct err *err)
{
    struct burst_plot *p = calloc(1, sizeof *p);
    if (p) {
        p->path = path;
        p->from_s = from_s;
        p->spectra = spectrum_batch_open(FFT_SIZE, FFT_WINDOWS);
        p->file = fopen(path, "w");
    }
    if (p && p->spectra && p->file)
        return p;
    if (p && !p->file)
        err_set(err, EXIT_OUTPUT, "cannot write %.300s: %s", path, strerror(errno));
    else
        err_set(err, EXIT_INTERNAL, "out of memory");
    if (p && p->file)
        fclose(p->file);
    spectrum_batch_close(p ? p->spectra : NULL);
    free(p);
    return NULL;
}

bool burst_plot_close(struct burst_plot *p, struct err *err)
{
    bool ok = fflush(p->file) == 0 && !ferror(p->file);
    if (!ok)
        err_set(err, EXIT_OUTPUT, "cannot write %.300s: %s", p->path, strerror(errno));
    fclose(p->file);
    spectrum_batch_close(p->spectra);
    free(p);
    return ok;
}

/* ---- blocks ------------------------------------------------------------------------------- */

/* A burst on its way to the file. */
struct trace {
    const struct burst_report *report;
    FILE *to;
    size_t lag;         /* samples of a quarter of a chip: less noise, and edges still steep */
    double first, last; /* chips that are shown              */
};

static double chip_at(const struct trace *t, double sample)
{
    return fsk_trace_chip(t->report->demod, t->report->burst, sample);
}

static double sample_of(const struct trace *t, double chip)
{
    return fsk_trace_sample(t->report->demod, t->report->burst, chip);
}

/* Where frequency k of the trace lies, in chips. */
static double frequency_chip(const struct trace *t, size_t k)
{
    return chip_at(t, (double)k + (double)t->lag / 2);
}

static double frequency_khz(const struct trace *t, size_t k)
{
    return (double)fsk_trace_frequency_hz(t->report->demod, k, t->lag) / 1e3;
}

static size_t n_frequencies(const struct trace *t)
{
    const size_t n = t->report->demod->n_samples;
    return n > t->lag ? n - t->lag : 0;
}

static void end_block(const struct trace *t)
{
    fprintf(t->to, "\n\n");
}

static void put_title(const struct trace *t)
{
    const struct burst_report *r = t->report;
    char what[BURST_WHAT_SIZE];
    burst_text_what(r, what);
    fprintf(t->to, "# what %s\n", what);
    fprintf(t->to, "# mode %s\n", r->rx.mode ? r->rx.mode : r->channel->name);
    fprintf(t->to, "# figures %+.2f kHz off, deviation %.1f kHz, %.0f cps, Ec/N0 %.1f dB, ",
            (double)r->rx.offset_hz / 1e3, (double)r->rx.deviation_hz / 1e3,
            (double)r->rx.chip_rate_cps, (double)r->rx.snr_db);
    fprintf(t->to, "%.1f dBFS, %u of %u sync chips wrong\n", (double)r->rx.rssi_dbfs,
            r->sync_errors, r->sync_chips);
    fprintf(t->to, "# deviation_khz %.3f\n", (double)r->rx.deviation_hz / 1e3);
    fprintf(t->to, "# chip_rate_kcps %.4f\n", (double)r->rx.chip_rate_cps / 1e3);
    fprintf(t->to, "# training %u\n", r->demod->config.training.n);
}

static void put_frequency(const struct trace *t)
{
    for (size_t k = 0; k < n_frequencies(t); k++) {
        const double chip = frequency_chip(t, k);
        if (chip >= t->first && chip <= t->last)
            fprintf(t->to, "%.3f %.2f\n", chip, frequency_khz(t, k));
    }
    end_block(t);
}

/* In the middle of a chip. */
static double middle_khz(const struct trace *t, double chip)
{
    const double sample = sample_of(t, chip + 0.5) - (double)t->lag / 2;
    return sample > 0 ? frequency_khz(t, (size_t)lrint(sample)) : 0;
}

static void put_chips(const struct trace *t)
{
    const struct training *training = &t->report->demod->config.training;
    const struct chip_span *chips = t->report->chips;
    for (unsigned k = 0; k < training->n; k++) {
        const double chip = (double)k - training->n;
        fprintf(t->to, "%.0f %.2f %d 1 0\n", chip, middle_khz(t, chip),
                training_chip(training, k) > 0);
    }
    for (size_t k = 0; k < chips->n; k++)
        fprintf(t->to, "%zu %.2f %d %.3f 1\n", k, middle_khz(t, (double)k), chips->chips[k] > 0,
                fabs((double)chips->chips[k]) / 127);
    end_block(t);
}

/* Two chips a sweep, the middle one's middle at 0. */
static void put_eye(const struct trace *t)
{
    double sweep = (double)NAN;
    int n_sweeps = 0;
    for (size_t k = 0; k < n_frequencies(t) && n_sweeps <= EYE_SWEEPS; k++) {
        const double chip = frequency_chip(t, k) - 0.5;
        if (chip < t->first + 1 || chip > t->last - 1)
            continue;
        const double now = 2 * floor((chip + 1) / 2);
        if (isfinite(sweep) && now > sweep) { /* to the edge, and from it */
            fprintf(t->to, "%.3f %.2f\n\n", chip - sweep, frequency_khz(t, k));
            fprintf(t->to, "%.3f %.2f\n", frequency_chip(t, k - 1) - 0.5 - now,
                    frequency_khz(t, k - 1));
        }
        n_sweeps += now > sweep;
        sweep = now;
        fprintf(t->to, "%.3f %.2f\n", chip - now, frequency_khz(t, k));
    }
    end_block(t);
}

/* Adds the power of up to FFT_WINDOWS windows from sample first on, half a window apart, to
 * power[FFT_SIZE]; returns the first sample of the next. */
static size_t add_windows(const struct fsk_demod *d, struct spectrum_batch *spectra, size_t first,
                          size_t end, double power[FFT_SIZE])
{
    float *in = spectrum_batch_input(spectra);
    size_t n = 0;
    for (; n < FFT_WINDOWS && first + FFT_SIZE <= end; n++, first += FFT_SIZE / 2) {
        for (size_t k = 0; k < FFT_SIZE; k++) {
            const float hann = (float)(0.5 - 0.5 * cos(TWO_PI * (double)k / FFT_SIZE));
            in[2 * (n * FFT_SIZE + k)] = hann * d->i[first + k];
            in[2 * (n * FFT_SIZE + k) + 1] = hann * d->q[first + k];
        }
    }
    const float *out = spectrum_batch_run(spectra);
    for (size_t k = 0; k < n * FFT_SIZE; k++) {
        const double re = (double)out[2 * k], im = (double)out[2 * k + 1];
        power[k % FFT_SIZE] += re * re + im * im;
    }
    return n == FFT_WINDOWS ? first : end;
}

static void put_spectrum(const struct trace *t, struct spectrum_batch *spectra)
{
    const struct fsk_demod *d = t->report->demod;
    double power[FFT_SIZE] = { 0 }, peak = 1e-30;
    const double start = sample_of(t, t->first), stop = sample_of(t, t->last);
    const size_t end = stop < (double)d->n_samples ? (size_t)stop : d->n_samples;
    for (size_t first = start > 0 ? (size_t)start : 0; first + FFT_SIZE <= end;)
        first = add_windows(d, spectra, first, end, power);
    for (size_t k = 0; k < FFT_SIZE; k++)
        peak = fmax(peak, power[k]);
    for (int bin = -FFT_SIZE / 2; bin < FFT_SIZE / 2; bin++)
        fprintf(t->to, "%.2f %.2f\n", bin * d->rate_sps / FFT_SIZE / 1e3,
                10 * log10(fmax(power[(bin + FFT_SIZE) % FFT_SIZE] / peak, 1e-12)));
    end_block(t);
}

void burst_plot_write(struct burst_plot *p, const struct burst_report *r)
{
    if (p->written || r->result == BURST_NO_SYNC || r->chips->n == 0 ||
        r->rx.first_chip_sample < p->from_s * r->demod->config.sample_rate_sps)
        return;
    p->written = true;
    const double a_chip = r->demod->rate_sps / (double)r->measured->chip_rate_cps;
    const struct trace t = {
        .report = r,
        .to = p->file,
        .lag = a_chip > 8 ? (size_t)(a_chip / 4) : 2,
        .first = -(double)r->demod->config.training.n,
        .last = (double)r->chips->n,
    };
    put_title(&t);
    put_frequency(&t);
    put_chips(&t);
    put_eye(&t);
    put_spectrum(&t, p->spectra);
}
