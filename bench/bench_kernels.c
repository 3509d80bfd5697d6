/* SPDX-License-Identifier: MIT
 * Speed of each kernel with each instruction set that this CPU runs. The result is compared with
 * that of the plain C before it is timed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/clock.h"
#include "apps/common/exit_codes.h"
#include "apps/common/options.h"
#include "base/array_len.h"
#include "bench/cycles.h"
#include "bench/kernel_calls.h"
#include "bench/machine.h"
#include "bench/runs.h"

enum { MAX_RUNS = 999 };
static const double run_s = 2e-3; /* least duration of a run */

struct settings {
    const char *kernel, *simd;
    unsigned runs;
    bool json, help;
    struct text_list operands;
};

#define FIELD(name) offsetof(struct settings, name)

// clang-format off
static const struct option options[] = {
    { 'k', "kernel", "NAME",  OPTION_TEXT,  FIELD(kernel), "only kernels whose names begin so" },
    {  0,  "simd",   "LEVEL", OPTION_TEXT,  FIELD(simd),   "only this one, as wmbus-rx has it" },
    {  0,  "runs",   "N",     OPTION_COUNT, FIELD(runs),   "of each, of 2 ms or more; default: 31" },
    {  0,  "json",   NULL,    OPTION_FLAG,  FIELD(json),   "one JSON object a line" },
    { 'h', "help",   NULL,    OPTION_FLAG,  FIELD(help),   "this text" },
};
// clang-format on

static const struct program program = {
    .name = "bench_kernels",
    .usage = "[OPTION]...",
    .description = "Measures each kernel with each instruction set of this CPU: cycles a sample, "
                   "and millions\nof samples a second, or the same of chips. Best and median.",
    .options = options,
    .n_options = ARRAY_LEN(options),
    .operands = FIELD(operands),
};

static struct kernel_output expected, out;

/* Sums in another order and FMA round differently. */
static bool same_output(void)
{
    static const float of_largest = 1e-5f;
    float largest = 0;
    for (size_t k = 0; k < ARRAY_LEN(out.f32); k++)
        largest = fmaxf(largest, fabsf(expected.f32[k]));
    for (size_t k = 0; k < ARRAY_LEN(out.f32); k++)
        if (!(fabsf(out.f32[k] - expected.f32[k]) <= of_largest * largest) ||
            abs(out.s16[k] - expected.s16[k]) > 1)
            return false;
    return true;
}

static bool is_right(const struct kernel_call *call, const struct kernels *kernels)
{
    memset(&expected, 0, sizeof expected);
    memset(&out, 0, sizeof out);
    call->run(kernels_find("scalar"), call->parameter, &expected);
    call->run(kernels, call->parameter, &out);
    return same_output();
}

/* Calls that take run_s; warms up at the same time. */
static unsigned calls_of_run(const struct kernel_call *call, const struct kernels *kernels)
{
    unsigned calls = 0;
    const double end = monotonic_s() + 2 * run_s;
    for (; monotonic_s() < end || calls < 2; calls++)
        call->run(kernels, call->parameter, &out);
    return calls / 2;
}

/* Best and median of the runs. */
struct measured {
    double cycles[2], per_second[2];
};

static struct measured measure(const struct kernel_call *call, const struct kernels *kernels,
                               const struct cycles *counter, unsigned runs)
{
    double cycles[MAX_RUNS], seconds[MAX_RUNS];
    const unsigned calls = calls_of_run(call, kernels);
    const double n = (double)calls * (double)call->n;
    for (unsigned run = 0; run < runs; run++) {
        const double start_s = monotonic_s();
        const uint64_t start = cycles_now(counter);
        for (unsigned k = 0; k < calls; k++)
            call->run(kernels, call->parameter, &out);
        cycles[run] = (double)(cycles_now(counter) - start) / n;
        seconds[run] = (monotonic_s() - start_s) / n;
    }
    runs_sort(cycles, runs);
    runs_sort(seconds, runs);
    return (struct measured){ { cycles[0], cycles[runs / 2] },
                              { 1 / seconds[0], 1 / seconds[runs / 2] } };
}

static void print(const struct settings *s, const struct kernel_call *call,
                  const struct kernels *kernels, const struct measured *m, const char *unit)
{
    if (s->json)
        printf(
            "{\"bench\":\"kernels\",\"kernel\":\"%s\",\"simd\":\"%s\",\"per\":\"%s\",\"counter\":"
            "\"%s\",\"best_cycles\":%.3f,\"median_cycles\":%.3f,\"best_per_s\":%.0f,"
            "\"median_per_s\":%.0f}\n",
            call->name, kernels->name, call->unit, unit, m->cycles[0], m->cycles[1],
            m->per_second[0], m->per_second[1]);
    else
        printf("%-18s  %-7s  %-6s  %8.2f  %8.2f  %8.1f  %8.1f\n", call->name, kernels->name,
               call->unit, m->cycles[0], m->cycles[1], m->per_second[0] / 1e6,
               m->per_second[1] / 1e6);
    fflush(stdout);
}

/* One kernel with each row of the table. */
static bool run_kernel(const struct settings *s, const struct kernel_call *call,
                       const struct cycles *counter, struct err *err)
{
    for (size_t k = 0; kernels_row(k); k++) {
        const struct kernels *kernels = kernels_row(k);
        if (kernels_find(kernels->name) != kernels ||
            (s->simd && strcmp(s->simd, kernels->name) != 0))
            continue;
        if (!is_right(call, kernels))
            return err_set(err, EXIT_INTERNAL, "%s of %s differs from the plain C", call->name,
                           kernels->name);
        const struct measured m = measure(call, kernels, counter, s->runs);
        print(s, call, kernels, &m, counter->unit);
    }
    return true;
}

static bool run_all(const struct settings *s, struct err *err)
{
    struct cycles counter;
    bool ok = true;
    cycles_open(&counter);
    kernel_calls_fill_input();
    machine_print(stdout, s->json);
    if (!s->json)
        printf("counter   %s\n\n%-18s  %-7s  %-6s  %8s  %8s  %8s  %8s\n", counter.unit, "kernel",
               "simd", "per", "best", "median", "best M/s", "median");
    for (size_t k = 0; k < n_kernel_calls && ok; k++)
        if (!s->kernel || strncmp(kernel_calls[k].name, s->kernel, strlen(s->kernel)) == 0)
            ok = run_kernel(s, &kernel_calls[k], &counter, err);
    cycles_close(&counter);
    return ok;
}

static bool check(const struct settings *s, struct err *err)
{
    if (s->operands.n > 0 || s->runs < 1 || s->runs > MAX_RUNS)
        return err_set(err, EXIT_USAGE, "expected options only, --runs 1 to %d", MAX_RUNS);
    return !s->simd || kernels_find(s->simd) ||
           err_set(err, EXIT_USAGE, "this computer has no kernels named \"%s\"", s->simd);
}

int main(int argc, char **argv)
{
    struct settings s = { .runs = 31 };
    struct err err = { .exit_code = EXIT_OK };
    bool ok = options_parse(&program, argc, argv, &s, &err);
    if (ok && s.help)
        options_print_help(&program, stdout);
    else
        ok = ok && check(&s, &err) && run_all(&s, &err);
    if (!ok)
        fprintf(stderr, "bench_kernels: %s\n", err.text);
    options_free(&program, &s);
    return ok ? EXIT_OK : err.exit_code;
}
