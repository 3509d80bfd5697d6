/* SPDX-License-Identifier: MIT
 * Records of single codes against their readings. Include cmocka.h before. */
#ifndef DECODE_TESTS_VIF_ROWS_H
#define DECODE_TESTS_VIF_ROWS_H

#include <stdio.h>
#include <string.h>

#include "decode/tests/record_text.h"

struct vif_row_text {
    const char *record, *reading;
};

/* Codes without a meaning: the VIB is prefix and code, the reading's name is name and code. */
struct vif_reserved {
    const char *prefix, *name;
    unsigned first, last;
};

static inline void assert_reading(const char *record, const char *reading)
{
    enum decode_status status;
    const char *text = text_of_hex(record, &status);
    if (strcmp(text, reading) != 0)
        print_message("%s\n", record);
    assert_string_equal(text, reading);
    assert_int_equal(status, DECODE_OK);
}

static inline void assert_readings(const struct vif_row_text *rows, size_t n)
{
    for (size_t r = 0; r < n; r++)
        assert_reading(rows[r].record, rows[r].reading);
}

/* Each with the data 6400, of which the reading shows what rest says. */
static inline void assert_reserved(const struct vif_reserved *rows, size_t n, const char *rest)
{
    for (size_t r = 0; r < n; r++) {
        for (unsigned code = rows[r].first; code <= rows[r].last; code++) {
            char record[32], reading[64];
            snprintf(record, sizeof record, "02 %s%02X 6400", rows[r].prefix, code);
            snprintf(reading, sizeof reading, "%s%02x%s", rows[r].name, code, rest);
            assert_reading(record, reading);
        }
    }
}

#endif
