/* SPDX-License-Identifier: MIT */
#include "apps/outputs/meters_screen.h"

#include <curses.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/common/stop.h"
#include "apps/common/utf8.h"
#include "apps/outputs/meters_table.h"

enum { ESCAPE_MS = 25, NOTE_SIZE = 300 };

struct meters_screen {
    FILE *keyboard; /* standard input may hold samples */
    SCREEN *screen;
    size_t first; /* meter shown */
    char note[NOTE_SIZE];
    FILE *said;     /* what standard error was told; NULL: it is no terminal */
    int real_error; /* where that goes at the end */
};

/* ---- standard error ----------------------------------------------------------------------- */

static void divert_errors(struct meters_screen *s)
{
    s->said = isatty(STDERR_FILENO) ? tmpfile() : NULL;
    s->real_error = s->said ? dup(STDERR_FILENO) : -1;
    if (s->real_error >= 0)
        dup2(fileno(s->said), STDERR_FILENO);
}

static void say_errors(struct meters_screen *s)
{
    char line[1024];
    if (s->real_error >= 0) {
        dup2(s->real_error, STDERR_FILENO);
        close(s->real_error);
        rewind(s->said);
        while (fgets(line, sizeof line, s->said))
            fputs(line, stderr);
    }
    if (s->said)
        fclose(s->said);
}

/* ---- drawing ------------------------------------------------------------------------------ */

/* Between titles and the last line. */
static size_t rows(void)
{
    return LINES > 2 ? (size_t)LINES - 2 : 0;
}

static size_t back(size_t from, size_t by)
{
    return from > by ? from - by : 0;
}

/* Also after the terminal became higher. */
static void keep_in_list(struct meters_screen *s, size_t n)
{
    if (s->first > back(n, rows()))
        s->first = back(n, rows());
}

static bool takes_text(void)
{
    struct pollfd terminal = { .fd = STDOUT_FILENO, .events = POLLOUT };
    return poll(&terminal, 1, 0) > 0;
}

bool meters_screen_obey(struct meters_screen *s, size_t n)
{
    bool any = false;
    for (int key; takes_text() && (key = getch()) != ERR; any = true) {
        if (key == 'q')
            stop_ask();
        s->first = key == KEY_UP      ? back(s->first, 1)
                   : key == KEY_DOWN  ? s->first + 1
                   : key == KEY_PPAGE ? back(s->first, rows())
                   : key == KEY_NPAGE ? s->first + rows()
                   : key == KEY_HOME  ? 0
                   : key == KEY_END   ? n
                                      : s->first;
        keep_in_list(s, n);
    }
    return any;
}

static void draw_line(int y, const char *text, attr_t attributes)
{
    attron(attributes);
    mvaddnstr(y, 0, text, -1);
    attroff(attributes);
}

static void draw_last_line(const struct meters_screen *s, size_t n, size_t n_shown)
{
    const struct column all = { .width = COLS };
    char line[METERS_LINE_SIZE], cut[METERS_LINE_SIZE] = "";
    if (n == 0)
        snprintf(line, sizeof line, "no meter was heard yet: many send every few minutes only");
    else if (n_shown == n)
        snprintf(line, sizeof line, "%zu meter%s", n, n == 1 ? "" : "s");
    else
        snprintf(line, sizeof line, "%zu to %zu of %zu meters; arrows scroll", s->first + 1,
                 s->first + n_shown, n);
    const size_t used = strlen(line);
    snprintf(line + used, sizeof line - used, "; q ends%s%s", s->note[0] ? "; " : "", s->note);
    columns_put(cut, sizeof cut, &all, line);
    draw_line(LINES - 1, cut, A_REVERSE);
}

static void draw_list(const struct meters_screen *s, const struct heard_list *list, int64_t now_us)
{
    char line[METERS_LINE_SIZE];
    struct meters_table table;
    const size_t left = list->n - s->first, n = left < rows() ? left : rows();
    const struct heard_meter *const *shown = list->items + s->first;
    meters_table_init(&table, shown, n, now_us, COLS);
    erase();
    meters_table_titles(&table, line);
    draw_line(0, line, A_BOLD);
    for (size_t k = 0; k < n; k++) {
        meters_table_line(&table, shown[k], line);
        draw_line((int)k + 1, line, A_NORMAL);
    }
    draw_last_line(s, list->n, n);
}

void meters_screen_draw(struct meters_screen *s, const struct heard *heard, int64_t now_us)
{
    struct heard_list list;
    if (!takes_text())
        return;
    heard_sort(heard, &list);
    keep_in_list(s, list.n);
    draw_list(s, &list, now_us);
    heard_list_free(&list);
    refresh();
}

void meters_screen_note(struct meters_screen *s, const char *text)
{
    snprintf(s->note, sizeof s->note, "%s", text);
    utf8_make_harmless(s->note);
}

/* ---- open and close ----------------------------------------------------------------------- */

struct meters_screen *meters_screen_open(void)
{
    struct meters_screen *s = calloc(1, sizeof *s);
    setlocale(LC_CTYPE, "");
    if (s && isatty(STDOUT_FILENO) && (s->keyboard = fopen("/dev/tty", "r")) &&
        (s->screen = newterm(NULL, stdout, s->keyboard))) {
        curs_set(0);
        nodelay(stdscr, TRUE);
        keypad(stdscr, TRUE);
        set_escdelay(ESCAPE_MS);
        divert_errors(s);
        return s;
    }
    if (s && s->keyboard)
        fclose(s->keyboard);
    free(s);
    return NULL;
}

void meters_screen_close(struct meters_screen *s)
{
    endwin();
    delscreen(s->screen);
    fclose(s->keyboard);
    say_errors(s);
    free(s);
}
