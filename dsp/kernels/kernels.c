/* SPDX-License-Identifier: MIT */
#include "dsp/kernels/kernels.h"
#include "base/array_len.h"
#include "dsp/kernels/kernels_rows.h"

#include <string.h>
#if defined(__arm__)
#include <sys/auxv.h>
#endif

#if defined(__x86_64__) && !defined(WMBUS_NO_SIMD)
static int has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static int has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vnni");
}
#endif

#if defined(__arm__) && !defined(WMBUS_NO_SIMD)
static int has_neon(void)
{
    enum { NEON = 1 << 12 }; /* HWCAP_NEON of the 32-bit kernel */
    return (getauxval(AT_HWCAP) & NEON) != 0;
}
#endif

static int always(void)
{
    return 1;
}

/* Best first. */
static const struct {
    const struct kernels *kernels;
    int (*usable)(void);
} rows[] = {
#if defined(__x86_64__) && !defined(WMBUS_NO_SIMD)
    { &kernels_avx512, has_avx512 },
    { &kernels_avx2, has_avx2 },
#elif defined(__aarch64__) && !defined(WMBUS_NO_SIMD)
    { &kernels_neon, always },
#elif defined(__arm__) && !defined(WMBUS_NO_SIMD)
    { &kernels_neon, has_neon },
#endif
    { &kernels_scalar, always },
};

const struct kernels *kernels_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].usable() && (!name || strcmp(name, rows[i].kernels->name) == 0))
            return rows[i].kernels;
    return NULL;
}

const struct kernels *kernels_row(size_t i)
{
    return i < ARRAY_LEN(rows) ? rows[i].kernels : NULL;
}
