/* SPDX-License-Identifier: MIT */
#include "apps/rx/ppm_file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/kept_file.h"
#include "apps/config/config.h"

enum { LINE_SIZE = 512 };

static const double least_change_ppm = 1;

/* False: neither a source, nor a comment, nor empty. */
static bool parse_line(char *line, struct ppm_file *file)
{
    char *end;
    line[strcspn(line, "\r\n")] = '\0';
    line += strspn(line, " \t");
    if (*line == '\0' || *line == '#')
        return true;
    const double ppm = strtod(line, &end);
    const size_t space = strspn(end, " \t");
    if (end == line || space == 0 || end[space] == '\0' || !(fabs(ppm) <= CONFIG_MOST_PPM) ||
        strlen(end + space) >= PPM_FILE_NAME_SIZE)
        return false;
    if (file->n < PPM_FILE_SOURCES) {
        snprintf(file->items[file->n].source, PPM_FILE_NAME_SIZE, "%s", end + space);
        file->items[file->n++].ppm = ppm;
    }
    return true;
}

bool ppm_file_read(struct ppm_file *file, FILE *from, const char *path, struct err *err)
{
    char line[LINE_SIZE];
    *file = (struct ppm_file){ .path = path };
    for (size_t number = 1; fgets(line, sizeof line, from); number++)
        if (!kept_file_has_line(from, line) || !parse_line(line, file))
            return err_set(err, EXIT_CONFIG,
                           "%.300s:%zu: expected an error in ppm and the name of a source", path,
                           number);
    return !ferror(from) ||
           err_set(err, EXIT_CONFIG, "cannot read %.300s: %s", path, strerror(errno));
}

bool ppm_file_load(struct ppm_file *file, const char *path, struct err *err)
{
    FILE *f = kept_file_read(path, err);
    *file = (struct ppm_file){ .path = path };
    if (!f)
        return err->exit_code == EXIT_OK;
    const bool ok = ppm_file_read(file, f, path, err);
    fclose(f);
    return ok;
}

static size_t find(const struct ppm_file *file, const char *source)
{
    size_t k = 0;
    while (k < file->n && strcmp(file->items[k].source, source) != 0)
        k++;
    return k;
}

bool ppm_file_find(const struct ppm_file *file, const char *source, double *ppm)
{
    const size_t k = find(file, source);
    if (k < file->n)
        *ppm = file->items[k].ppm;
    return k < file->n;
}

static bool save(const struct ppm_file *file, struct err *err)
{
    FILE *f = kept_file_open(file->path, err);
    if (!f)
        return false;
    fputs("# Errors of oscillators in ppm, learnt from the meters heard\n", f);
    for (size_t k = 0; k < file->n; k++)
        fprintf(f, "%.1f %s\n", file->items[k].ppm, file->items[k].source);
    return kept_file_close(f, file->path, err);
}

bool ppm_file_keep(struct ppm_file *file, const char *source, double ppm, struct err *err)
{
    const size_t k = find(file, source);
    if (!file->path || k == PPM_FILE_SOURCES || strlen(source) >= PPM_FILE_NAME_SIZE ||
        (k < file->n && fabs(file->items[k].ppm - ppm) < least_change_ppm))
        return true;
    snprintf(file->items[k].source, PPM_FILE_NAME_SIZE, "%s", source);
    file->items[k].ppm = fmax(-CONFIG_MOST_PPM, fmin(ppm, CONFIG_MOST_PPM));
    file->n += k == file->n;
    return save(file, err);
}
