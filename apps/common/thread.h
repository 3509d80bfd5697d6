/* SPDX-License-Identifier: MIT */
#ifndef APPS_COMMON_THREAD_H
#define APPS_COMMON_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* A thread that gets no signals: they interrupt the main thread's waiting. False with errno. */
bool thread_start(pthread_t *thread, void *(*run)(void *), void *user);

#endif
