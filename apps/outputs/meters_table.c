/* SPDX-License-Identifier: MIT */
#include "apps/outputs/meters_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/array_len.h"
#include "decode/address.h"

enum { CELL_SIZE = 96 };
enum { NAME, ID, MAKER, KIND, MODE, KEY, INTERVAL, SEEN, SNR, OFFSET, AGO, READING };

/* Each at its widest. */
static const struct column widest[METERS_COLUMNS] = {
    [NAME] = { "meter", 20, false },      [ID] = { "id", 8, false },
    [MAKER] = { "maker", 5, false },      [KIND] = { "kind", 14, false },
    [MODE] = { "mode", 4, false },        [KEY] = { "key", 6, false },
    [INTERVAL] = { "interval", 9, true }, [SEEN] = { "seen/exp.", 11, true },
    [SNR] = { "SNR dB", 6, true },        [OFFSET] = { "offset kHz", 10, true },
    [AGO] = { "ago s", 6, true },         [READING] = { "last reading", 0, false },
};

/* What is left out first. */
static const int dispensable[] = { OFFSET, INTERVAL, MODE, MAKER, AGO, SNR, SEEN, KIND, KEY };
static const int least_reading_width = 20;

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
    snprintf(cells[READING], CELL_SIZE, "%s", m->reading);
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
    int width = least_reading_width;
    for (size_t c = 0; c < METERS_COLUMNS; c++)
        if (!table->left_out[c] && table->columns[c].width > 0)
            width += table->columns[c].width + COLUMNS_GAP;
    return width;
}

void meters_table_init(struct meters_table *table, const struct heard_meter *const *meters,
                       size_t n, int64_t now_us, int width)
{
    *table = (struct meters_table){ .now_us = now_us };
    memcpy(table->columns, widest, sizeof widest);
    narrow(table, meters, n);
    for (size_t k = 0; k < ARRAY_LEN(dispensable) && total_width(table) > width; k++)
        table->left_out[dispensable[k]] = true;
}

void meters_table_titles(const struct meters_table *table, char line[METERS_LINE_SIZE])
{
    line[0] = '\0';
    for (size_t c = 0; c < METERS_COLUMNS; c++)
        if (!table->left_out[c])
            columns_put(line, METERS_LINE_SIZE, &table->columns[c], widest[c].title);
}

void meters_table_line(const struct meters_table *table, const struct heard_meter *meter,
                       char line[METERS_LINE_SIZE])
{
    char cells[METERS_COLUMNS][CELL_SIZE];
    fill_cells(meter, table->now_us, cells);
    line[0] = '\0';
    for (size_t c = 0; c < METERS_COLUMNS; c++)
        if (!table->left_out[c])
            columns_put(line, METERS_LINE_SIZE, &table->columns[c], cells[c]);
}
