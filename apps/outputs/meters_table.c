/* SPDX-License-Identifier: MIT */
#include "apps/outputs/meters_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/array_len.h"
#include "decode/address.h"

enum { CELL_SIZE = READING_NAME_SIZE, WHOLE = CELL_SIZE }; /* WHOLE: never cut */
enum { NAME, ID, MAKER, KIND, MODE, KEY, INTERVAL, SEEN, SNR, OFFSET, AGO, VALUE, READING };

/* Each at its widest. */
static const struct column widest[METERS_COLUMNS] = {
    [NAME] = { "meter", 20, false },          [ID] = { "id", WHOLE, false },
    [MAKER] = { "maker", WHOLE, false },      [KIND] = { "kind", 14, false },
    [MODE] = { "mode", WHOLE, false },        [KEY] = { "key", WHOLE, false },
    [INTERVAL] = { "interval", WHOLE, true }, [SEEN] = { "seen/exp.", WHOLE, true },
    [SNR] = { "SNR dB", WHOLE, true },        [OFFSET] = { "offset kHz", WHOLE, true },
    [AGO] = { "ago s", WHOLE, true },         [VALUE] = { "last value", WHOLE, true },
    [READING] = { "reading", WHOLE, false },
};

/* What is given up first, until the rest fits: a column, or so much of it that this width stays. A
 * value without its meter would be of no use. */
static const struct sacrifice {
    int column, width;
} sacrifices[] = {
    { OFFSET, 0 }, { INTERVAL, 0 }, { MODE, 0 }, { MAKER, 0 }, { READING, 12 },
    { AGO, 0 },    { SNR, 0 },      { SEEN, 0 }, { NAME, 12 }, { KIND, 0 },
    { KEY, 0 },    { READING, 0 },  { NAME, 0 }, { VALUE, 0 }, { ID, 0 },
};

/* What room there is then, they get back. */
static const int elastic[] = { NAME, READING };

/* Is it readable, and why? */
static const char *key_text(const struct heard_meter *m)
{
    return !m->encrypted ? "clear" : m->decrypted ? "yes" : m->failed_in_a_row > 0 ? "wrong" : "no";
}

static void fill_cells(const struct heard_meter *m, int64_t now_us,
                       char cells[METERS_COLUMNS][CELL_SIZE])
{
    const uint64_t expected = heard_expected(m, now_us);
    memset(cells, 0, METERS_COLUMNS * CELL_SIZE);
    snprintf(cells[NAME], CELL_SIZE, "%s", m->name);
    address_id_text(m->address.id, cells[ID]);
    address_manufacturer_text(m->address.manufacturer, cells[MAKER]);
    snprintf(cells[KIND], CELL_SIZE, "%s", m->media);
    snprintf(cells[MODE], CELL_SIZE, "%s", m->mode ? m->mode : "");
    snprintf(cells[KEY], CELL_SIZE, "%s", key_text(m));
    if (m->interval_s > 0)
        snprintf(cells[INTERVAL], CELL_SIZE, "%.0f s", m->interval_s);
    snprintf(cells[SEEN], CELL_SIZE, expected ? "%" PRIu64 "/%" PRIu64 : "%" PRIu64, m->seen,
             expected);
    snprintf(cells[SNR], CELL_SIZE, "%.1f", (double)m->snr_db);
    /* not -0: */
    snprintf(cells[OFFSET], CELL_SIZE, "%.1f", round((double)m->offset_hz / 100) / 10 + 0.0);
    snprintf(cells[AGO], CELL_SIZE, "%.0f", fmax(0, (double)(now_us - m->last_us) * 1e-6));
    snprintf(cells[VALUE], CELL_SIZE, "%s", m->reading.value);
    snprintf(cells[READING], CELL_SIZE, "%s", m->reading.name);
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* No wider than what stands there. */
static void narrow(struct meters_table *table, const struct heard_meter *const *meters, size_t n)
{
    char cells[METERS_COLUMNS][CELL_SIZE];
    int needed[METERS_COLUMNS];
    for (size_t c = 0; c < METERS_COLUMNS; c++)
        needed[c] = columns_width(widest[c].title);
    for (size_t i = 0; i < n; i++) {
        fill_cells(meters[i], table->now_us, cells);
        for (size_t c = 0; c < METERS_COLUMNS; c++) {
            const int width = columns_width(cells[c]);
            needed[c] = width > needed[c] ? width : needed[c];
        }
    }
    for (size_t c = 0; c < METERS_COLUMNS; c++)
        table->columns[c].width = least(widest[c].width, needed[c]);
}

static int total_width(const struct meters_table *table)
{
    int width = 0;
    for (size_t c = 0; c < METERS_COLUMNS; c++)
        if (!table->left_out[c])
            width += table->columns[c].width + (width > 0 ? COLUMNS_GAP : 0);
    return width;
}

static void give_up(struct meters_table *table, const struct sacrifice *s)
{
    int *const is = &table->columns[s->column].width;
    table->left_out[s->column] = s->width == 0;
    *is = least(*is, s->width);
}

static void give_back(struct meters_table *table, int column, int needed, int width)
{
    int *const is = &table->columns[column].width;
    if (!table->left_out[column])
        *is = least(needed, *is + width - total_width(table));
}

void meters_table_init(struct meters_table *table, const struct heard_meter *const *meters,
                       size_t n, int64_t now_us, int width)
{
    int needed[ARRAY_LEN(elastic)];
    *table = (struct meters_table){ .now_us = now_us };
    memcpy(table->columns, widest, sizeof widest);
    narrow(table, meters, n);
    for (size_t k = 0; k < ARRAY_LEN(elastic); k++)
        needed[k] = table->columns[elastic[k]].width;
    for (size_t k = 0; k < ARRAY_LEN(sacrifices) && total_width(table) > width; k++)
        give_up(table, &sacrifices[k]);
    for (size_t k = 0; k < ARRAY_LEN(elastic); k++)
        give_back(table, elastic[k], needed[k], width);
}

static void put_line(const struct meters_table *table, char cells[METERS_COLUMNS][CELL_SIZE],
                     char line[METERS_LINE_SIZE])
{
    line[0] = '\0';
    for (size_t c = 0; c < METERS_COLUMNS; c++)
        if (!table->left_out[c])
            columns_put(line, METERS_LINE_SIZE, &table->columns[c], cells[c]);
    for (size_t n = strlen(line); n > 0 && line[n - 1] == ' '; n--)
        line[n - 1] = '\0'; /* on the screen they would begin another line */
}

void meters_table_titles(const struct meters_table *table, char line[METERS_LINE_SIZE])
{
    char cells[METERS_COLUMNS][CELL_SIZE];
    for (size_t c = 0; c < METERS_COLUMNS; c++)
        snprintf(cells[c], CELL_SIZE, "%s", widest[c].title);
    put_line(table, cells, line);
}

void meters_table_line(const struct meters_table *table, const struct heard_meter *meter,
                       char line[METERS_LINE_SIZE])
{
    char cells[METERS_COLUMNS][CELL_SIZE];
    fill_cells(meter, table->now_us, cells);
    put_line(table, cells, line);
}
