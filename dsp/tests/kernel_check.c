/* SPDX-License-Identifier: MIT */
#include "dsp/tests/kernel_check.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"

enum { GUARD_BYTES = 64, GUARD = 0xA5 };

static const size_t long_lengths[] = { 128, 1000, 4096, 4097 };

struct rng kernel_rng;

void kernel_seed(void)
{
    const char *wanted = getenv("WMBUS_SEED");
    const uint64_t seed = wanted ? strtoull(wanted, NULL, 10) : 1;
    print_message("WMBUS_SEED=%" PRIu64 "\n", seed);
    rng_init(&kernel_rng, seed);
}

void kernel_each_row(void (*check)(const struct kernels *kernels))
{
    size_t n_run = 0;
    for (size_t k = 0; kernels_row(k); k++) {
        const struct kernels *row = kernels_row(k);
        const bool usable = kernels_find(row->name) == row;
        print_message("%s%s\n", row->name, usable ? "" : ": not on this CPU");
        if (usable)
            check(row);
        n_run += usable;
    }
    assert_true(n_run >= 1);
}

size_t kernel_n_lengths(void)
{
    return KERNEL_MAX_LENGTH + 1 + ARRAY_LEN(long_lengths);
}

size_t kernel_length_at(size_t k)
{
    return k <= KERNEL_MAX_LENGTH ? k : long_lengths[k - KERNEL_MAX_LENGTH - 1];
}

int kernel_random_int(int low, int high)
{
    return low + (int)(rng_u64(&kernel_rng) % (uint64_t)(high - low + 1));
}

void kernel_fill_normal(float *x, size_t n)
{
    for (size_t k = 0; k < n; k++)
        x[k] = rng_normal(&kernel_rng);
}

struct kernel_input kernel_input_open(size_t n, size_t shift)
{
    struct kernel_input in = { .block = malloc(n + shift > 0 ? n + shift : 1) };
    assert_non_null(in.block);
    in.at = (char *)in.block + shift;
    return in;
}

struct kernel_output kernel_output_open(size_t n, size_t shift)
{
    struct kernel_output out = { .n = n, .shift = shift };
    out.block = malloc(n + shift + 2 * GUARD_BYTES);
    assert_non_null(out.block);
    memset(out.block, GUARD, n + shift + 2 * GUARD_BYTES);
    out.at = out.block + GUARD_BYTES + shift;
    return out;
}

void kernel_output_close(struct kernel_output *out)
{
    for (size_t k = 0; k < GUARD_BYTES + out->shift; k++)
        assert_int_equal(out->block[k], GUARD);
    for (size_t k = 0; k < GUARD_BYTES; k++)
        assert_int_equal(out->block[GUARD_BYTES + out->shift + out->n + k], GUARD);
    free(out->block);
}
