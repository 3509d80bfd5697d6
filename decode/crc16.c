/* SPDX-License-Identifier: MIT
 * Slicing by four: four bytes a step, each through its own table. The CRC is linear, so an entry is
 * the sum of the entries of its bits, and the preprocessor writes the tables out. */
#include "decode/crc16.h"

/* clang-format off */
/* x^(16+8k+j) mod the polynomial 0x3D65, for bit j of a byte that k bytes follow. */
#define BIT(i, j, term) ((i) >> (j) & 1 ? (term) : 0)
#define SUM(i, b0, b1, b2, b3, b4, b5, b6, b7)                                     \
    (BIT(i, 0, b0) ^ BIT(i, 1, b1) ^ BIT(i, 2, b2) ^ BIT(i, 3, b3) ^               \
     BIT(i, 4, b4) ^ BIT(i, 5, b5) ^ BIT(i, 6, b6) ^ BIT(i, 7, b7))
#define FOLLOWED_BY_0(i) SUM(i, 0x3D65, 0x7ACA, 0xF594, 0xD64D, 0x91FF, 0x1E9B, 0x3D36, 0x7A6C)
#define FOLLOWED_BY_1(i) SUM(i, 0xF4D8, 0xD4D5, 0x94CF, 0x14FB, 0x29F6, 0x53EC, 0xA7D8, 0x72D5)
#define FOLLOWED_BY_2(i) SUM(i, 0xE5AA, 0xF631, 0xD107, 0x9F6B, 0x03B3, 0x0766, 0x0ECC, 0x1D98)
#define FOLLOWED_BY_3(i) SUM(i, 0x3B30, 0x7660, 0xECC0, 0xE4E5, 0xF4AF, 0xD43B, 0x9513, 0x1743)

#define ROW_4(f, i)   f(i), f((i) + 1), f((i) + 2), f((i) + 3)
#define ROW_16(f, i)  ROW_4(f, i), ROW_4(f, (i) + 4), ROW_4(f, (i) + 8), ROW_4(f, (i) + 12)
#define ROW_64(f, i)  ROW_16(f, i), ROW_16(f, (i) + 16), ROW_16(f, (i) + 32), ROW_16(f, (i) + 48)
#define ROW_256(f)    ROW_64(f, 0), ROW_64(f, 64), ROW_64(f, 128), ROW_64(f, 192)

static const uint16_t tables[4][256] = {
    { ROW_256(FOLLOWED_BY_0) },
    { ROW_256(FOLLOWED_BY_1) },
    { ROW_256(FOLLOWED_BY_2) },
    { ROW_256(FOLLOWED_BY_3) },
};
/* clang-format on */

uint16_t crc16_en13757(const uint8_t *bytes, size_t n)
{
    uint16_t crc = 0;
    for (; n >= 4; n -= 4, bytes += 4)
        crc = tables[3][bytes[0] ^ (crc >> 8)] ^ tables[2][bytes[1] ^ (crc & 0xFF)] ^
              tables[1][bytes[2]] ^ tables[0][bytes[3]];
    for (; n > 0; n--, bytes++)
        crc = (uint16_t)(crc << 8) ^ tables[0][*bytes ^ (crc >> 8)];
    return crc ^ 0xFFFF;
}
