/* SPDX-License-Identifier: MIT */
#include "apps/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "apps/exit_codes.h"

bool err_set(struct err *err, int exit_code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    err->exit_code = exit_code;
    return false;
}

bool err_of_stdout(struct err *err)
{
    if (errno == EPIPE)
        return err_set(err, EXIT_OK, "the reader of standard output went away");
    return err_set(err, EXIT_OUTPUT, "cannot write to standard output: %s", strerror(errno));
}
