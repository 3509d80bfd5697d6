/* SPDX-License-Identifier: MIT */
#include "apps/err.h"

#include <stdarg.h>
#include <stdio.h>

bool err_set(struct err *err, int exit_code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    err->exit_code = exit_code;
    return false;
}
