/* SPDX-License-Identifier: MIT */
#include "apps/sources/rtl_tcp_protocol.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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

bool rtl_tcp_read_header(const unsigned char bytes[RTL_TCP_HEADER_BYTES], size_t *n_gains)
{
    const uint32_t n = (uint32_t)bytes[8] << 24 | (uint32_t)bytes[9] << 16 |
                       (uint32_t)bytes[10] << 8 | (uint32_t)bytes[11];
    *n_gains = n <= RTL_TCP_MAX_GAINS ? n : 0;
    return memcmp(bytes, "RTL0", 4) == 0;
}

void rtl_tcp_write_command(unsigned char bytes[RTL_TCP_COMMAND_BYTES], enum rtl_tcp_command command,
                           double value)
{
    const uint32_t v = (uint32_t)(int32_t)lrint(fmax(INT32_MIN, fmin(value, INT32_MAX)));
    bytes[0] = (unsigned char)command;
    for (int k = 1; k < RTL_TCP_COMMAND_BYTES; k++)
        bytes[k] = (unsigned char)(v >> (32 - 8 * k));
}
