/* SPDX-License-Identifier: MIT
 * Between the places where something was looked at. */
#ifndef DSP_PARABOLA_H
#define DSP_PARABOLA_H

/* Where the parabola through three neighbours has its top, in steps from the one in the middle; 0
 * if it has none. */
static inline double parabola_top(double before, double middle, double after)
{
    const double curve = before - 2 * middle + after;
    return curve < 0 ? 0.5 * (before - after) / curve : 0;
}

#endif
