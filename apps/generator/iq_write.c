/* SPDX-License-Identifier: MIT */
#include "apps/generator/iq_write.h"

#include <math.h>
#include <string.h>

static float clip(float x, float low, float high)
{
    return x < low ? low : x > high ? high : x;
}

static void put_cu8(float x, uint8_t *to)
{
    *to = (uint8_t)clip(floorf(128.0f + (float)full_scale_steps * x), 0, 255);
}

static void put_cs8(float x, uint8_t *to)
{
    *to = (uint8_t)(int8_t)clip(rintf((float)full_scale_steps * x), -128, 127);
}

static void put_cs16(float x, uint8_t *to)
{
    uint16_t value = (uint16_t)(int16_t)clip(rintf(32767.5f * x), -32768, 32767);
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
}

static void put_cf32(float x, uint8_t *to)
{
    uint32_t value;
    x = clip(x, -1, 1);
    memcpy(&value, &x, sizeof value);
    for (int k = 0; k < 4; k++)
        to[k] = (uint8_t)(value >> (8 * k));
}

void iq_write(enum iq_format format, const float *i, const float *q, size_t n, uint8_t *bytes)
{
    static void (*const put[])(float, uint8_t *) = {
        [IQ_CU8] = put_cu8, [IQ_CS8] = put_cs8, [IQ_CS16] = put_cs16, [IQ_CF32] = put_cf32
    };
    size_t half = iq_sample_bytes(format) / 2;
    for (size_t k = 0; k < n; k++) {
        put[format](i[k], bytes + 2 * half * k);
        put[format](q[k], bytes + 2 * half * k + half);
    }
}
