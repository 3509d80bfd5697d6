/* SPDX-License-Identifier: MIT */
#include "apps/outputs/zmq_address.h"

#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"

bool zmq_address_check(const char *address, struct err *err)
{
    const char *colon = strrchr(address, ':');
    char *end;
    if (strncmp(address, "tcp://", 6) != 0 || !colon || strtoul(colon + 1, &end, 10) <= 65535 ||
        *end)
        return true;
    return err_set(err, EXIT_USAGE, "ZeroMQ: %.200s: expected a port from 0 to 65535", address);
}
