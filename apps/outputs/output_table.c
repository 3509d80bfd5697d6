/* SPDX-License-Identifier: MIT
 * A line a telegram for people: when, which meter, how well heard, and what it counts. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "apps/common/columns.h"
#include "apps/outputs/output_lines.h"
#include "apps/telegrams/quantity.h"
#include "decode/address.h"
#include "decode/radio_mode.h"

enum { CELL_SIZE = sizeof(struct quantity_text) };

enum { TIME, METER, MAKER, KIND, MODE, SNR, READING, N_COLUMNS };
static const struct column columns[N_COLUMNS] = {
    { "time", 12, false }, { "meter", 24, false }, { "maker", 5, false },   { "kind", 19, false },
    { "mode", 5, false },  { "SNR dB", 6, true },  { "reading", 0, false },
};

/* Local time; a replay without a date shows seconds from its start. */
static void put_time(const struct message *message, char *cell)
{
    const struct telegram_origin *origin = message->origin;
    struct timespec now = { .tv_sec = (time_t)(origin->t_us / 1000000),
                            .tv_nsec = (long)(origin->t_us % 1000000 * 1000) };
    struct tm local;
    if (!origin->has_timestamp && !message->live) {
        snprintf(cell, CELL_SIZE, "%10.3f s", origin->time_s);
        return;
    }
    if (!origin->has_timestamp)
        clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &local);
    size_t n = strftime(cell, CELL_SIZE, "%H:%M:%S", &local);
    snprintf(cell + n, CELL_SIZE - n, ".%03ld", now.tv_nsec / 1000000);
}

/* Or why there is nothing to read. */
static void put_reading(const struct telegram *t, char *cell)
{
    struct quantity_text text;
    if (quantity_main_text(t, &text))
        snprintf(cell, CELL_SIZE, "%s %s", text.name, text.value);
    else if (t->decrypted)
        snprintf(cell, CELL_SIZE, t->n_readings ? "no number" : "no readings");
    else
        snprintf(cell, CELL_SIZE, "closed: %s", decode_status_name(t->status));
    for (; *cell; cell++)
        if (*cell == '_')
            *cell = ' ';
}

static bool write_table(void *state, const struct message *message, struct err *err)
{
    const struct telegram *t = message->telegram;
    char line[N_COLUMNS * CELL_SIZE] = "", cells[N_COLUMNS][CELL_SIZE] = { "" };
    if (message->kind != MESSAGE_READING || !t)
        return true;
    put_time(message, cells[TIME]);
    if (t->name)
        snprintf(cells[METER], CELL_SIZE, "%s", t->name);
    else
        address_id_text(t->meter.id, cells[METER]);
    address_manufacturer_text(t->meter.manufacturer, cells[MAKER]);
    snprintf(cells[KIND], CELL_SIZE, "%s", t->media);
    if (t->frame.rx.mode)
        snprintf(cells[MODE], CELL_SIZE, "%s", radio_mode_of_telegram(t->frame.rx.mode, t->c));
    snprintf(cells[SNR], CELL_SIZE, "%.1f", (double)t->frame.rx.snr_db);
    put_reading(t, cells[READING]);
    for (int c = 0; c < N_COLUMNS; c++)
        columns_put(line, sizeof line, &columns[c], cells[c]);
    return line_sink_write(state, line, message->may_wait, err);
}

static void *open_table(const struct output_spec *spec, const struct output_run *run,
                        struct err *err)
{
    char line[N_COLUMNS * CELL_SIZE] = "";
    columns_put_titles(line, sizeof line, columns, N_COLUMNS);
    struct line_sink *sink = output_lines_open(spec, run, err);
    if (!sink || line_sink_write(sink, line, false, err))
        return sink;
    struct err ignored;
    line_sink_close(sink, &ignored);
    return NULL;
}

const struct output_type output_table = {
    .name = "table",
    .help = "for people, a line a telegram with what the meter counts",
    .open = open_table,
    .write = write_table,
    OUTPUT_LINES,
};
