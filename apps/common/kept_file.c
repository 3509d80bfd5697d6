/* SPDX-License-Identifier: MIT */
#include "apps/common/kept_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "apps/common/exit_codes.h"

enum { PATH_SIZE = 4096 };

static bool fail(const char *path, struct err *err)
{
    return err_set(err, EXIT_OUTPUT, "cannot write %.300s: %s", path, strerror(errno));
}

static bool next_path(const char *path, char next[PATH_SIZE])
{
    if (snprintf(next, PATH_SIZE, "%s.new", path) < PATH_SIZE)
        return true;
    errno = ENAMETOOLONG;
    return false;
}

/* NULL: nothing. */
static const char *what_else_it_is(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0 || S_ISREG(st.st_mode))
        return NULL;
    return S_ISDIR(st.st_mode) ? "it is a directory" : "it is no ordinary file";
}

FILE *kept_file_read(const char *path, struct err *err)
{
    const char *what = what_else_it_is(path);
    FILE *f = what ? NULL : fopen(path, "r");
    if (!f)
        err_set(err, !what && errno == ENOENT ? EXIT_OK : EXIT_CONFIG, "cannot read %.300s: %s",
                path, what ? what : strerror(errno));
    return f;
}

bool kept_file_has_line(FILE *file, const char *line)
{
    return strchr(line, '\n') || feof(file);
}

FILE *kept_file_open(const char *path, struct err *err)
{
    char next[PATH_SIZE];
    const char *what = what_else_it_is(path);
    if (what) {
        err_set(err, EXIT_OUTPUT, "cannot write %.300s: %s", path, what);
        return NULL;
    }
    FILE *f = next_path(path, next) ? fopen(next, "w") : NULL;
    if (!f)
        fail(path, err);
    return f;
}

bool kept_file_close(FILE *file, const char *path, struct err *err)
{
    char next[PATH_SIZE];
    const bool written = !ferror(file);
    if (fclose(file) == 0 && written && next_path(path, next) && rename(next, path) == 0)
        return true;
    fail(path, err);
    if (next_path(path, next))
        remove(next);
    return false;
}

bool kept_file_check(const char *path, struct err *err)
{
    char next[PATH_SIZE];
    FILE *f = kept_file_open(path, err);
    if (!f)
        return false;
    fclose(f);
    return next_path(path, next) && (remove(next) == 0 || fail(path, err));
}
