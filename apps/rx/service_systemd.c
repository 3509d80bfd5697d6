/* SPDX-License-Identifier: MIT */
#include "apps/rx/service.h"

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-daemon.h>

#include "apps/common/clock.h"

void service_ready(void)
{
    sd_notify(0, "READY=1");
}

void service_alive(void)
{
    static double next_s;
    uint64_t limit_us;
    double now_s = monotonic_s();
    if (now_s < next_s || sd_watchdog_enabled(0, &limit_us) <= 0)
        return;
    next_s = now_s + (double)limit_us / 3e6;
    sd_notify(0, "WATCHDOG=1");
}

void service_stopping(void)
{
    sd_notify(0, "STOPPING=1");
}
