/* SPDX-License-Identifier: MIT
 * A build without libsystemd: nobody is told. */
#include "apps/rx/service.h"

void service_ready(void)
{
}

void service_alive(void)
{
}

void service_stopping(void)
{
}
