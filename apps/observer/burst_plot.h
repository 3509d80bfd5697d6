/* SPDX-License-Identifier: MIT
 * A burst as a file of figures that gnuplot draws (scripts/draw_burst.sh): what the receiver saw of
 * it, not another demodulation. */
#ifndef APPS_OBSERVER_BURST_PLOT_H
#define APPS_OBSERVER_BURST_PLOT_H

#include "apps/common/err.h"
#include "apps/receiver/burst_report.h"

struct burst_plot;

/* Creates the file, or empties it, for the first burst whose sync word is found at from_s seconds
 * or later. Plans an FFT: not thread-safe. NULL with *err. */
struct burst_plot *burst_plot_open(const char *path, double from_s, struct err *err);
/* Writes it if it is this one. Blocks of the file:
 *   0  chip, frequency in kHz: the burst from its training sequence on; the carrier is 0
 *   1  chip, frequency in its middle, decision 0 or 1, how sure (0 ... 1), 1 if it is of the data
 *   2  place in an eye of two chips (-1 ... 1), frequency; an empty line between sweeps
 *   3  frequency in kHz, power density in dB below its peak
 * Chips are counted from the first behind the training sequence. The first lines, "# NAME VALUE",
 * hold what a title says, and deviation and chip rate. */
void burst_plot_write(struct burst_plot *plot, const struct burst_report *report);
/* False with *err if the file could not be written. */
bool burst_plot_close(struct burst_plot *plot, struct err *err);

#endif
