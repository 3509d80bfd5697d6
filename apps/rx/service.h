/* SPDX-License-Identifier: MIT
 * What a service manager wants to hear: systemd's notifications and watchdog, sd_notify(3). All of
 * it does nothing where no manager listens (no NOTIFY_SOCKET), or without libsystemd in the build.
 */
#ifndef APPS_RX_SERVICE_H
#define APPS_RX_SERVICE_H

/* Set up and receiving. */
void service_ready(void);
/* To be called at least once a second by the thread whose standstill would be a failure; tells the
 * watchdog as often as it asks for. */
void service_alive(void);
void service_stopping(void);

#endif
