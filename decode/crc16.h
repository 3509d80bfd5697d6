/* SPDX-License-Identifier: MIT */
#ifndef DECODE_CRC16_H
#define DECODE_CRC16_H

#include <stddef.h>
#include <stdint.h>

enum {
    CRC16_EN13757_POLYNOMIAL = 0x3D65,
    CRC16_EN13757_ORDER = 151, /* bits so far apart have the same syndrome */
};

/* CRC-16/EN-13757: polynomial 0x3D65, initial value 0, final XOR 0xFFFF. Of "123456789": 0xC2B7. */
uint16_t crc16_en13757(const uint8_t *bytes, size_t n);

#endif
