/* SPDX-License-Identifier: MIT
 * The receiver has not become deaf: a few hundred bursts of each mode near the limit, and where
 * nearly all are heard, against the fractions that were right when the table was made. */
#include "bench/sensitivity.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/array_len.h"

enum { T1, C1_A, C1_B, S1, C2_A, C2_B, R2 }; /* rows of radio_modes[] */
enum { STORED_BURSTS = 1000 };               /* that a stored fraction comes from, at least */

/* Measured with bench_sensitivity, scenario "real", 1000 bursts a point and another seed. */
static const struct row {
    const char *what;
    size_t mode;
    unsigned preamble_pairs; /* 0: as the mode has it */
    double bt, ecn0_db;
    unsigned n;
    double fraction;
} rows[] = {
    { "T1", T1, 0, 0, 4.9, 300, 0.471 },
    { "T1", T1, 0, 0, 6.9, 300, 0.998 },
    { "T1, BT 0.5", T1, 0, 0.5, 4.5, 300, 0.520 },
    { "T1, BT 0.5", T1, 0, 0.5, 6.5, 300, 0.996 },
    { "C1-A", C1_A, 0, 0, 5.4, 300, 0.476 },
    { "C1-A", C1_A, 0, 0, 7.4, 300, 0.992 },
    { "C1-A, BT 0.5", C1_A, 0, 0.5, 4.9, 300, 0.473 },
    { "C1-A, BT 0.5", C1_A, 0, 0.5, 6.9, 300, 0.982 },
    { "C1-B", C1_B, 0, 0, 6.4, 300, 0.492 },
    { "C1-B", C1_B, 0, 0, 8.4, 300, 0.993 },
    { "C1-B, BT 0.5", C1_B, 0, 0.5, 5.8, 300, 0.557 },
    { "C1-B, BT 0.5", C1_B, 0, 0.5, 7.8, 300, 0.990 },
    { "S1", S1, 279, 0, 4.6, 200, 0.422 },
    { "S1", S1, 279, 0, 6.6, 200, 0.985 },
    { "S1-m", S1, 15, 0, 4.4, 200, 0.377 },
    { "S1-m", S1, 15, 0, 6.4, 200, 0.988 },
    { "C2-A", C2_A, 0, 0.5, 6.7, 200, 0.313 },
    { "C2-A", C2_A, 0, 0.5, 8.7, 200, 0.996 },
    { "C2-B", C2_B, 0, 0.5, 8.5, 200, 0.394 },
    { "C2-B", C2_B, 0, 0.5, 10.5, 200, 0.992 },
    { "R2", R2, 0, 0, 4.4, 60, 0.557 },
    { "R2", R2, 0, 0, 6.4, 60, 0.998 },
};

/* Bursts that are right but once in 1500 tables of these rows, if the fraction is still the same: 4
 * standard deviations below it, its own uncertainty included; where nearly all are right, as if at
 * least one in n failed. */
static double least_right(const struct row *row)
{
    const double n = row->n, fails = fmax(1 - row->fraction, 1.0 / n);
    const double variance = n * row->fraction * fails * (1 + n / STORED_BURSTS);
    return n * row->fraction - 4 * sqrt(variance);
}

static void test_fractions(void **state)
{
    (void)state;
    unsigned bad = 0;
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        const struct row *row = &rows[k];
        const struct sensitivity_setup setup = { .mode = &radio_modes[row->mode],
                                                 .bt = row->bt,
                                                 .offset_max_hz = 40e3,
                                                 .clock_max = 0.005,
                                                 .amplitude = 8,
                                                 .sample_rate_sps = 1.6e6,
                                                 .center_hz = radio_modes[row->mode].frequency_hz,
                                                 .preamble_pairs = row->preamble_pairs,
                                                 .telegram_bytes = 47,
                                                 .n = row->n,
                                                 .seed = 7 };
        struct sensitivity_counts counts;
        struct err err;
        if (!sensitivity_run(&setup, row->ecn0_db, &counts, &err))
            fail_msg("%s", err.text);
        const bool ok = counts.right >= least_right(row) && counts.wrong == 0;
        print_message("%-14s %5.1f dB: %3u of %u right, %.0f expected, %.0f at least, %u wrong%s\n",
                      row->what, row->ecn0_db, counts.right, row->n, row->n * row->fraction,
                      ceil(least_right(row)), counts.wrong, ok ? "" : ": TOO FEW");
        bad += !ok;
    }
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_fractions) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
