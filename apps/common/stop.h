/* SPDX-License-Identifier: MIT
 * The wish to end: of a user (SIGINT, SIGTERM) or of the program itself. Whatever waits for long
 * waits here, so that it hears of it at once. */
#ifndef APPS_COMMON_STOP_H
#define APPS_COMMON_STOP_H

#include <signal.h>
#include <stdbool.h>

/* SIGINT and SIGTERM ask to stop; a second one ends the program at once. False if the system is out
 * of file descriptors. */
bool stop_catch_signals(void);

/* From any thread, or a signal handler. */
void stop_ask(void);
bool stop_asked(void);
/* Set when asked. */
const volatile sig_atomic_t *stop_flag(void);

/* Waits until fd can be read or has ended, timeout_ms at most, -1 = without end. False if time ran
 * out or a stop was asked for. fd -1: just waits. */
bool stop_wait_readable(int fd, int timeout_ms);

#endif
