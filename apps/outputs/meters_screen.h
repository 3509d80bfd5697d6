/* SPDX-License-Identifier: MIT
 * The table of all meters on the terminal (ncurses): keys scroll it, and q asks to stop. What is
 * said on standard error meanwhile would spoil it: it is kept, and said at the end. */
#ifndef APPS_OUTPUTS_METERS_SCREEN_H
#define APPS_OUTPUTS_METERS_SCREEN_H

#include "apps/telegrams/heard.h"

struct meters_screen;

/* NULL: standard output is no terminal, or none that ncurses knows. */
struct meters_screen *meters_screen_open(void);
/* Obeys the keys that were pressed, in a list of n meters; was there any? */
bool meters_screen_obey(struct meters_screen *screen, size_t n);
/* Shows the meters as they are now. Never waits for a terminal that is stopped. */
void meters_screen_draw(struct meters_screen *screen, const struct heard *heard, int64_t now_us);
/* A text for the last line, until the next. */
void meters_screen_note(struct meters_screen *screen, const char *text);
void meters_screen_close(struct meters_screen *screen);

#endif
