/* SPDX-License-Identifier: MIT
 * All meters heard, the strongest first: live on a terminal, or once, at the end, an object a line.
 */
#include <curses.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/common/columns.h"
#include "apps/common/exit_codes.h"
#include "apps/common/stop.h"
#include "apps/outputs/output.h"
#include "apps/telegrams/heard_json.h"
#include "base/array_len.h"
#include "decode/address.h"

enum { CELL_SIZE = 96, LINE_SIZE = 512 };

struct meters_state {
    struct heard heard; /* copies: the others are the publisher's */
    int64_t now_us;
    FILE *keyboard; /* standard input may hold samples */
    SCREEN *screen; /* NULL: no terminal */
};

static const struct column columns[] = {
    { "meter", 20, false },  { "id", 8, false },
    { "maker", 5, false },   { "kind", 14, false },
    { "mode", 4, false },    { "key", 6, false },
    { "interval", 8, true }, { "seen/expected", 13, true },
    { "SNR dB", 6, true },   { "offset kHz", 10, true },
    { "ago s", 6, true },    { "last reading", 0, false },
};

/* Is it readable, and why? */
static const char *key_text(const struct heard_meter *m)
{
    return !m->encrypted ? "clear" : m->decrypted ? "yes" : m->failed_in_a_row > 0 ? "wrong" : "no";
}

static void put_line(char *line, const struct heard_meter *m, int64_t now_us)
{
    char cells[ARRAY_LEN(columns)][CELL_SIZE] = { "" };
    uint64_t expected = heard_expected(m, now_us);
    snprintf(cells[0], CELL_SIZE, "%s", m->name);
    address_id_text(m->address.id, cells[1]);
    address_manufacturer_text(m->address.manufacturer, cells[2]);
    snprintf(cells[3], CELL_SIZE, "%s", m->media);
    snprintf(cells[4], CELL_SIZE, "%s", m->mode ? m->mode : "");
    snprintf(cells[5], CELL_SIZE, "%s", key_text(m));
    if (m->interval_s > 0)
        snprintf(cells[6], CELL_SIZE, "%.0f s", m->interval_s);
    snprintf(cells[7], CELL_SIZE, expected ? "%" PRIu64 "/%" PRIu64 : "%" PRIu64, m->seen,
             expected);
    snprintf(cells[8], CELL_SIZE, "%.1f", (double)m->snr_db);
    snprintf(cells[9], CELL_SIZE, "%.1f", (double)m->offset_hz / 1e3);
    snprintf(cells[10], CELL_SIZE, "%.0f", fmax(0, (double)(now_us - m->last_us) * 1e-6));
    snprintf(cells[11], CELL_SIZE, "%s", m->reading);
    line[0] = 0;
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        columns_put(line, LINE_SIZE, &columns[i], cells[i]);
}

static void draw(const struct meters_state *s)
{
    char line[LINE_SIZE] = "";
    struct heard_list list;
    erase();
    columns_put_titles(line, sizeof line, columns, ARRAY_LEN(columns));
    attron(A_BOLD);
    mvaddnstr(0, 0, line, -1);
    attroff(A_BOLD);
    heard_sort(&s->heard, &list);
    for (size_t i = 0; i < list.n && (int)i + 1 < LINES; i++) {
        put_line(line, list.items[i], s->now_us);
        mvaddnstr((int)i + 1, 0, line, -1);
    }
    heard_list_free(&list);
    refresh();
    if (getch() == 'q')
        stop_ask();
}

static void *open_meters(const struct output_spec *spec, const struct output_run *run,
                         struct err *err)
{
    struct meters_state *s = calloc(1, sizeof *s);
    (void)spec;
    (void)run;
    if (!s || !heard_init(&s->heard)) {
        free(s);
        err_set(err, EXIT_INTERNAL, "out of memory");
        return NULL;
    }
    setlocale(LC_CTYPE, "");
    s->keyboard = isatty(STDOUT_FILENO) ? fopen("/dev/tty", "r") : NULL;
    if (s->keyboard && (s->screen = newterm(NULL, stdout, s->keyboard))) {
        curs_set(0);
        nodelay(stdscr, TRUE);
        draw(s);
    }
    return s;
}

static struct heard_meter *place_of(struct heard *heard, const struct heard_meter *meter)
{
    for (size_t i = 0; i < heard->n; i++)
        if (!memcmp(&heard->meters[i].address, &meter->address, sizeof meter->address))
            return &heard->meters[i];
    return heard->n < HEARD_MAX ? &heard->meters[heard->n++] : NULL;
}

static bool write_meters(void *state, const struct message *message, struct err *err)
{
    struct meters_state *s = state;
    (void)err;
    if (message->kind != MESSAGE_READING || !message->meter)
        return true;
    struct heard_meter *place = place_of(&s->heard, message->meter);
    if (place)
        *place = *message->meter;
    s->now_us = message->meter->last_us;
    if (s->screen)
        draw(s);
    return true;
}

/* Time goes by, and keys are pressed, also when no meter sends. */
static void tick_meters(void *state, int64_t now_us)
{
    struct meters_state *s = state;
    if (!s->screen)
        return;
    s->now_us = now_us;
    draw(s);
}

static void report_meters(void *state, struct output_report *report)
{
    (void)state;
    report->lost = 0;
}

static bool print_once(const struct meters_state *s, struct err *err)
{
    struct json_object *list = heard_json(&s->heard, s->now_us);
    for (size_t i = 0; i < json_object_array_length(list); i++)
        printf("%s\n", telegram_json_text(json_object_array_get_idx(list, i)));
    json_object_put(list);
    return (fflush(stdout) == 0 && !ferror(stdout)) || err_of_stdout(err);
}

static bool close_meters(void *state, struct err *err)
{
    struct meters_state *s = state;
    bool ok = true;
    if (s->screen) {
        endwin();
        delscreen(s->screen);
    } else {
        ok = print_once(s, err);
    }
    if (s->keyboard)
        fclose(s->keyboard);
    heard_deinit(&s->heard);
    free(s);
    return ok;
}

const struct output_type output_meters = {
    .name = "meters",
    .argument = "",
    .help = "all meters heard, the strongest first: live on a terminal (q\n"
            "ends), else at the end an object a line",
    .to_stdout = true,
    .open = open_meters,
    .write = write_meters,
    .tick = tick_meters,
    .report = report_meters,
    .close = close_meters,
};
