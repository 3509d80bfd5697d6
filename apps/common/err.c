/* SPDX-License-Identifier: MIT */
#include "apps/common/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/common/exit_codes.h"
#include "apps/common/utf8.h"

bool err_set(struct err *err, int exit_code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    utf8_make_harmless(err->text); /* names in files, of devices: whoever wrote them */
    err->exit_code = exit_code;
    return false;
}

/* A pipe whose other end is closed, or a terminal that is. */
static bool reader_is_gone(int why)
{
    struct stat st;
    return why == EPIPE || (why == EIO && fstat(STDOUT_FILENO, &st) == 0 && S_ISCHR(st.st_mode));
}

bool err_of_stdout(struct err *err)
{
    int why = errno;
    if (reader_is_gone(why))
        return err_set(err, EXIT_OK, "the reader of standard output went away");
    return err_set(err, EXIT_OUTPUT, "cannot write to standard output: %s", strerror(why));
}
