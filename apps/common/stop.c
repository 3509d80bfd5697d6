/* SPDX-License-Identifier: MIT */
#include "apps/common/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdatomic.h>
#include <unistd.h>

#include "apps/common/clock.h"

/* A signal handler has no other way to anything. */
static atomic_bool asked;
static volatile sig_atomic_t flag;
static int pipe_fd[2] = { -1, -1 };

bool stop_asked(void)
{
    return atomic_load(&asked);
}

const volatile sig_atomic_t *stop_flag(void)
{
    return &flag;
}

void stop_ask(void)
{
    const int error = errno;
    atomic_store(&asked, true);
    flag = 1;
    if (pipe_fd[1] >= 0 && write(pipe_fd[1], "", 1) < 0) {
        /* full: whoever waits is woken already */
    }
    errno = error;
}

static void on_signal(int signal_number)
{
    (void)signal_number;
    stop_ask();
}

bool stop_catch_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
    sigemptyset(&action.sa_mask);
    if (pipe(pipe_fd) != 0)
        return false;
    for (int end = 0; end < 2; end++) {
        fcntl(pipe_fd[end], F_SETFD, FD_CLOEXEC);
        fcntl(pipe_fd[end], F_SETFL, O_NONBLOCK);
    }
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    return true;
}

bool stop_wait_readable(int fd, int timeout_ms)
{
    struct pollfd fds[2] = { { .fd = fd, .events = POLLIN },
                             { .fd = pipe_fd[0], .events = POLLIN } };
    const double end_s = monotonic_s() + timeout_ms * 1e-3;
    int left_ms = timeout_ms;
    while (!stop_asked()) {
        const int ready = poll(fds, 2, left_ms);
        if (ready > 0 && fds[0].revents)
            return true;
        if (ready == 0 || (ready < 0 && errno != EINTR))
            return false;
        if (timeout_ms >= 0)
            left_ms = (int)fmax(0, ceil((end_s - monotonic_s()) * 1e3));
    }
    return false;
}
