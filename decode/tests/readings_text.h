/* SPDX-License-Identifier: MIT
 * The readings of a telegram in one line. */
#ifndef DECODE_TESTS_READINGS_TEXT_H
#define DECODE_TESTS_READINGS_TEXT_H

#include <stdio.h>

#include "decode/telegram.h"

/* "name=value name=value ...", until the next call */
static inline const char *readings_text(const struct telegram *t)
{
    static char text[2000];
    size_t n = 0;
    text[0] = 0;
    for (size_t i = 0; i < t->n_readings; i++) {
        const struct reading *r = &t->readings[i];
        char number[DECIMAL_TEXT_SIZE] = "";
        if (r->kind != READING_TEXT)
            reading_print(r, number, sizeof number);
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s=%s", i ? " " : "", r->name,
                              r->kind == READING_TEXT ? r->text : number);
    }
    return text;
}

#endif
