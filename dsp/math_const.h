/* SPDX-License-Identifier: MIT
 * C11 without extensions has no M_PI. */
#ifndef DSP_MATH_CONST_H
#define DSP_MATH_CONST_H

#define PI 3.14159265358979323846
#define TWO_PI (2 * PI)

#endif
