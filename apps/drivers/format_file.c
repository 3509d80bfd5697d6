/* SPDX-License-Identifier: MIT */
#include "apps/drivers/format_file.h"

#include <errno.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/kept_file.h"
#include "decode/crc16.h"
#include "decode/hex.h"

enum { LINE_SIZE = 1024 };

static bool same(const struct compact_format *a, const struct compact_format *b)
{
    return a->n == b->n && memcmp(a->headers, b->headers, a->n) == 0;
}

static void add(struct format_list *list, const struct compact_format *format)
{
    for (size_t i = 0; i < list->n; i++)
        if (same(&list->formats[i], format))
            return;
    if (list->n == FORMAT_LIST_MAX)
        return;
    list->formats[list->n++] = *format;
    list->changed = true;
}

/* Returns false if it is neither a format nor empty. */
static bool parse_line(const char *line, struct compact_format *format)
{
    size_t n = 0;
    bool ok = hex_read(line, strcspn(line, "#\r\n"), format->headers, sizeof format->headers, &n) ==
              HEX_OK;
    format->n = (uint8_t)n;
    format->signature = crc16_en13757(format->headers, n);
    return ok && (n == 0 || compact_is_format(format));
}

bool format_file_read(FILE *file, const char *path, struct format_list *list, struct err *err)
{
    char line[LINE_SIZE];
    struct compact_format format;
    *list = (struct format_list){ .n = 0 };
    for (size_t number = 1; fgets(line, sizeof line, file); number++) {
        if (!kept_file_has_line(file, line) || !parse_line(line, &format))
            return err_set(err, EXIT_CONFIG, "%.300s:%zu: expected headers of records in hex", path,
                           number);
        if (format.n > 0)
            add(list, &format);
    }
    list->changed = false;
    return !ferror(file) ||
           err_set(err, EXIT_CONFIG, "cannot read %.300s: %s", path, strerror(errno));
}

bool format_file_load(const char *path, struct format_list *list, struct err *err)
{
    FILE *f = kept_file_read(path, err);
    *list = (struct format_list){ .n = 0 };
    if (!f)
        return err->exit_code == EXIT_OK;
    bool ok = format_file_read(f, path, list, err);
    fclose(f);
    return ok;
}

static void print(const struct compact_format *format, FILE *f)
{
    for (size_t i = 0; i < format->n; i++)
        fprintf(f, "%02x", format->headers[i]);
    fprintf(f, " # %04x\n", format->signature);
}

bool format_file_save(const char *path, const struct format_list *list, struct err *err)
{
    FILE *f = kept_file_open(path, err);
    if (!f)
        return false;
    fputs("# Headers of records of compact frames, learnt from full frames, and their signatures\n",
          f);
    for (size_t i = 0; i < list->n; i++)
        print(&list->formats[i], f);
    return kept_file_close(f, path, err);
}

void format_list_gather(struct format_list *list, const struct decoder *decoder)
{
    const struct compact_format *format;
    for (size_t i = 0; (format = decoder_format(decoder, i)); i++)
        add(list, format);
}

void format_list_give(const struct format_list *list, struct decoder *decoder)
{
    for (size_t i = 0; i < list->n; i++)
        decoder_add_format(decoder, &list->formats[i]);
}
