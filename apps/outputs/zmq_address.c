/* SPDX-License-Identifier: MIT */
#include "apps/outputs/zmq_address.h"

#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"

static bool is_port(const char *text)
{
    char *end;
    if (!strcmp(text, "*") || !strcmp(text, "!")) /* any that is free */
        return true;
    return strspn(text, "0123456789") > 0 && strtoul(text, &end, 10) <= 65535 && !*end;
}

bool zmq_address_check(const char *address, struct err *err)
{
    static const char tcp[] = "tcp://";
    const char *colon = strrchr(address, ':');
    bool is_tcp = !strncmp(address, tcp, sizeof tcp - 1);
    if (is_tcp ? colon > address + sizeof tcp - 1 && is_port(colon + 1)
               : strstr(address, "://") != NULL)
        return true;
    return err_set(err, EXIT_USAGE,
                   "ZeroMQ: %.200s: expected an address such as tcp://127.0.0.1:5555, with a port "
                   "from 0 to 65535",
                   address);
}
