/* SPDX-License-Identifier: MIT */
#include "apps/common/standard_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "apps/common/exit_codes.h"

bool standard_streams_take_places(struct err *err)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
            continue;
        /* the lowest that is free, which is fd; used for what it is there for it says EBADF */
        if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            return err_set(err, EXIT_INTERNAL, "/dev/null cannot be opened: %s", strerror(errno));
    }
    return true;
}

void standard_streams_tell_wait(const char *program, const char *what)
{
    if (isatty(STDIN_FILENO))
        fprintf(stderr, "%s: waiting for %s\n", program, what);
}
