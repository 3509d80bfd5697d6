/* SPDX-License-Identifier: MIT */
#include "decode/random_telegram.h"

/* splitmix64, public domain (Vigna). */
static uint32_t draw(uint64_t *state, uint32_t below)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return (uint32_t)(((z >> 32) * below) >> 32);
}

void random_telegram(uint64_t seed, uint8_t *bytes, size_t n)
{
    static const uint8_t device_types[] = { 0x02, 0x03, 0x04, 0x06, 0x07, 0x08 };
    static const uint8_t ci_fields[] = { 0x72, 0x78, 0x7A };
    uint32_t manufacturer = 0;
    for (int k = 0; k < 3; k++)
        manufacturer = manufacturer << 5 | (1 + draw(&seed, 26));
    bytes[0] = (uint8_t)(n - 1);
    bytes[1] = 0x44;
    bytes[2] = (uint8_t)manufacturer;
    bytes[3] = (uint8_t)(manufacturer >> 8);
    for (int k = 4; k < 8; k++) {
        uint32_t tens = draw(&seed, 10);
        bytes[k] = (uint8_t)(tens << 4 | draw(&seed, 10));
    }
    bytes[8] = (uint8_t)draw(&seed, 256);
    bytes[9] = device_types[draw(&seed, sizeof device_types)];
    bytes[10] = ci_fields[draw(&seed, sizeof ci_fields)];
    for (size_t k = 11; k < n; k++)
        bytes[k] = (uint8_t)draw(&seed, 256);
}
