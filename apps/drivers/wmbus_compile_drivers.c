/* SPDX-License-Identifier: MIT
 * wmbus-compile-drivers DIR DRIVERS.c SHARED.c: the build's tool that turns decode/meters/ into the
 * tables of the program. It runs on the machine that builds. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/drivers/driver_as_c.h"

static bool close_file(FILE *file, const char *path, struct err *err)
{
    bool bad = ferror(file);
    if (fclose(file) != 0 || bad)
        return err_set(err, EXIT_OUTPUT, "cannot write %.300s: %s", path, strerror(errno));
    return true;
}

static FILE *create(const char *path, struct err *err)
{
    FILE *file = fopen(path, "w");
    if (!file)
        err_set(err, EXIT_OUTPUT, "cannot create %.300s: %s", path, strerror(errno));
    return file;
}

static bool compile_drivers(const char *dir, const char *path, struct err *err)
{
    struct driver_set set;
    FILE *to = NULL;
    driver_set_init(&set, NULL);
    bool ok = driver_set_load_dir(&set, dir, err) && driver_set_finish(&set, err) &&
              (to = create(path, err));
    if (to) {
        driver_write_c(&set, to);
        ok = close_file(to, path, err);
    }
    driver_set_free(&set);
    return ok;
}

static bool compile_shared(const char *dir, const char *path, struct err *err)
{
    char shared[512];
    snprintf(shared, sizeof shared, "%s/shared", dir);
    FILE *to = create(path, err);
    if (!to)
        return false;
    bool ok = driver_write_shared(shared, to, err);
    return close_file(to, path, err) && ok;
}

int main(int argc, char **argv)
{
    struct err err = { .exit_code = EXIT_OK };
    if (argc != 4) {
        fprintf(stderr, "usage: wmbus-compile-drivers DIR DRIVERS.c SHARED.c\n");
        return EXIT_USAGE;
    }
    if (compile_drivers(argv[1], argv[2], &err) && compile_shared(argv[1], argv[3], &err))
        return EXIT_OK;
    fprintf(stderr, "wmbus-compile-drivers: %s\n", err.text);
    remove(argv[2]);
    return err.exit_code;
}
