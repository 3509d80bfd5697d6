/* SPDX-License-Identifier: MIT */
#include "apps/sources/rtl_tcp_protocol.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/array_len.h"

void rtl_tcp_split_address(const char *address, char *host, size_t size, const char **port)
{
    const char *colon = strrchr(address, ':'), *bracket = strrchr(address, ']');
    const bool has_port =
        colon && (!bracket || colon > bracket) && (bracket || strchr(address, ':') == colon);
    size_t n = has_port ? (size_t)(colon - address) : strlen(address);
    *port = has_port && colon[1] ? colon + 1 : "1234";
    if (n >= 2 && address[0] == '[' && address[n - 1] == ']') {
        address++;
        n -= 2;
    }
    snprintf(host, size, "%.*s", (int)n, n ? address : "");
    if (host[0] == '\0')
        snprintf(host, size, "localhost");
}

static uint32_t read_u32(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

bool rtl_tcp_read_header(const unsigned char bytes[RTL_TCP_HEADER_BYTES],
                         struct rtl_tcp_header *header)
{
    const uint32_t n = read_u32(bytes + 8);
    header->tuner = read_u32(bytes + 4);
    header->n_gains = n <= RTL_TCP_MAX_GAINS ? n : 0;
    return memcmp(bytes, "RTL0", 4) == 0;
}

double rtl_tcp_gain_db(const struct rtl_tcp_header *header, size_t index)
{
    /* R820T and R828D, which nearly all dongles have, in librtlsdr */
    enum { R820T = 5, R828D = 6 };
    static const double of_r82xx[] = { 0.0,  0.9,  1.4,  2.7,  3.7,  7.7,  8.7,  12.5, 14.4, 15.7,
                                       16.6, 19.7, 20.7, 22.9, 25.4, 28.0, 29.7, 32.8, 33.8, 36.4,
                                       37.2, 38.6, 40.2, 42.1, 43.4, 43.9, 44.5, 48.0, 49.6 };
    const bool known = (header->tuner == R820T || header->tuner == R828D) &&
                       header->n_gains == ARRAY_LEN(of_r82xx);
    return known && index < header->n_gains ? of_r82xx[index] : (double)NAN;
}

void rtl_tcp_write_command(unsigned char bytes[RTL_TCP_COMMAND_BYTES], enum rtl_tcp_command command,
                           double value)
{
    const uint32_t v = (uint32_t)(int32_t)lrint(fmax(INT32_MIN, fmin(value, INT32_MAX)));
    bytes[0] = (unsigned char)command;
    for (int k = 1; k < RTL_TCP_COMMAND_BYTES; k++)
        bytes[k] = (unsigned char)(v >> (32 - 8 * k));
}
