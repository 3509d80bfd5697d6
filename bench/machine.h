/* SPDX-License-Identifier: MIT */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include <stdbool.h>
#include <stdio.h>

/* Prints what a figure depends on: CPU, compiler, flags and commit, as text or as a JSON line. */
void machine_print(FILE *to, bool json);

#endif
