/* SPDX-License-Identifier: MIT */
#include "apps/common/same_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool is_there(const char *path, int standard, struct stat *st)
{
    return (strcmp(path, "-") == 0 ? fstat(standard, st) : stat(path, st)) == 0;
}

static const char *name_in(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool stat_folder(const char *path, struct stat *st)
{
    char *folder = strdup(path);
    if (!folder)
        return false;
    folder[name_in(path) - path] = '\0';
    const bool ok = stat(folder[0] ? folder : ".", st) == 0;
    free(folder);
    return ok;
}

/* Where nothing is yet. */
static bool same_place(const char *a, const char *b)
{
    struct stat x, y;
    return strcmp(name_in(a), name_in(b)) == 0 && stat_folder(a, &x) && stat_folder(b, &y) &&
           is_same(&x, &y);
}

bool same_file(const char *a, int a_standard, const char *b, int b_standard)
{
    struct stat x, y;
    if (!a || !b)
        return false;
    const bool a_there = is_there(a, a_standard, &x), b_there = is_there(b, b_standard, &y);
    if (a_there && b_there)
        return S_ISREG(x.st_mode) && is_same(&x, &y);
    return !a_there && !b_there && same_place(a, b);
}
