/* SPDX-License-Identifier: MIT */
#include "apps/common/thread.h"

#include <errno.h>
#include <signal.h>

bool thread_start(pthread_t *thread, void *(*run)(void *), void *user)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* a thread begins with its maker's */
    errno = pthread_create(thread, NULL, run, user);
    bool ok = errno == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ok;
}
