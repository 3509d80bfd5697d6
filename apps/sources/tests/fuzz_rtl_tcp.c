/* SPDX-License-Identifier: MIT
 * What a server says, and what stands behind rtl_tcp: on a command line. */
#include <string.h>

#include "apps/sources/rtl_tcp_protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char address[128], host[40];
    unsigned char bytes[RTL_TCP_HEADER_BYTES] = { 0 };
    struct rtl_tcp_header header;
    const char *port;
    memcpy(bytes, data, size < sizeof bytes ? size : sizeof bytes);
    rtl_tcp_read_header(bytes, &header);
    const size_t n = size < sizeof address - 1 ? size : sizeof address - 1;
    memcpy(address, data, n);
    address[n] = '\0';
    rtl_tcp_split_address(address, host, sizeof host, &port);
    if (header.n_gains > RTL_TCP_MAX_GAINS || !host[0] || !port[0] || strlen(host) >= sizeof host)
        __builtin_trap();
    return 0;
}
