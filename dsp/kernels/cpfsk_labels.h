/* SPDX-License-Identifier: MIT
 * Vectors for the kernels of the trellis: four numbers, and one for each label. Included once by
 * each kernels_<isa>.c. */
#include <string.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "dsp/cpfsk_trellis.h"

typedef float quad_t __attribute__((vector_size(4 * sizeof(float))));
typedef int32_t quad_mask_t __attribute__((vector_size(4 * sizeof(int32_t))));

static inline quad_t quad_at(const float *x)
{
    quad_t quad;
    memcpy(&quad, x, sizeof quad);
    return quad;
}

static inline void put_quad(float *x, quad_t quad)
{
    memcpy(x, &quad, sizeof quad);
}

/* ---- labels ------------------------------------------------------------------------------- */

/* The widest vectors that the instruction set has: split by the compiler, wider ones are slower. */
#ifdef __AVX2__
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif
enum { PARTS = CPFSK_LABELS / LANES, PATH_LABEL = CPFSK_LABELS / 2 };
typedef float lanes_t __attribute__((vector_size(LANES * sizeof(float))));
typedef int32_t lanes_mask_t __attribute__((vector_size(LANES * sizeof(int32_t))));

static inline lanes_t lanes_at(const float *x)
{
    lanes_t lanes;
    memcpy(&lanes, x, sizeof lanes);
    return lanes;
}

static inline void put_lanes(float *x, lanes_t lanes)
{
    memcpy(x, &lanes, sizeof lanes);
}

/* A value for each label. Moved in memory instead, a store would have to be waited for. */
typedef struct {
    lanes_t part[PARTS];
} labels_t;
_Static_assert(sizeof(labels_t) == CPFSK_LABELS * sizeof(float), "the parts hold all labels");

static inline lanes_t choose(lanes_mask_t mask, lanes_t a, lanes_t b)
{
    return (lanes_t)((mask & (lanes_mask_t)a) | (~mask & (lanes_mask_t)b));
}

/* Compilers do not see that a choice is one instruction. */
static inline lanes_t larger_lanes(lanes_t a, lanes_t b)
{
#if defined(__AVX2__)
    return (lanes_t)_mm256_max_ps((__m256)a, (__m256)b);
#elif defined(__SSE2__)
    return (lanes_t)_mm_max_ps((__m128)a, (__m128)b);
#else
    return choose(a > b, a, b);
#endif
}

/* The largest lane in all of them; labels one place up, where what moves in is the last of before,
 * and down, where it is the first of behind; and y at the path's label, x elsewhere. */
#ifdef __AVX2__
static inline lanes_t largest_lane(lanes_t x)
{
    x = larger_lanes(x, __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3));
    x = larger_lanes(x, __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5));
    return larger_lanes(x, __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6));
}

static inline labels_t move_up(labels_t x, lanes_t before)
{
    return (labels_t){ { __builtin_shufflevector(x.part[0], before, 15, 0, 1, 2, 3, 4, 5, 6) } };
}

static inline labels_t move_down(labels_t x, lanes_t behind)
{
    return (labels_t){ { __builtin_shufflevector(x.part[0], behind, 1, 2, 3, 4, 5, 6, 7, 8) } };
}

static inline labels_t at_path_label(labels_t x, lanes_t y)
{
    return (labels_t){ { __builtin_shufflevector(x.part[0], y, 0, 1, 2, 3, 12, 5, 6, 7) } };
}
#else
static inline lanes_t largest_lane(lanes_t x)
{
    x = larger_lanes(x, __builtin_shufflevector(x, x, 2, 3, 0, 1));
    return larger_lanes(x, __builtin_shufflevector(x, x, 1, 0, 3, 2));
}

static inline labels_t move_up(labels_t x, lanes_t before)
{
    return (labels_t){ { __builtin_shufflevector(before, x.part[0], 3, 4, 5, 6),
                         __builtin_shufflevector(x.part[0], x.part[1], 3, 4, 5, 6) } };
}

static inline labels_t move_down(labels_t x, lanes_t behind)
{
    return (labels_t){ { __builtin_shufflevector(x.part[0], x.part[1], 1, 2, 3, 4),
                         __builtin_shufflevector(x.part[1], behind, 1, 2, 3, 4) } };
}

static inline labels_t at_path_label(labels_t x, lanes_t y)
{
    return (labels_t){ { x.part[0], __builtin_shufflevector(x.part[1], y, 4, 1, 2, 3) } };
}
#endif

static inline labels_t labels_at(const float *x)
{
    labels_t labels;
    memcpy(&labels, x, sizeof labels);
    return labels;
}

static inline void put_labels(float *x, labels_t labels)
{
    memcpy(x, &labels, sizeof labels);
}

static inline labels_t add(labels_t a, labels_t b)
{
    for (int p = 0; p < PARTS; p++)
        a.part[p] += b.part[p];
    return a;
}

static inline labels_t subtract(labels_t a, labels_t b)
{
    for (int p = 0; p < PARTS; p++)
        a.part[p] -= b.part[p];
    return a;
}

static inline labels_t subtract_from_all(labels_t a, lanes_t b)
{
    for (int p = 0; p < PARTS; p++)
        a.part[p] -= b;
    return a;
}

static inline labels_t larger_labels(labels_t a, labels_t b)
{
    for (int p = 0; p < PARTS; p++)
        a.part[p] = larger_lanes(a.part[p], b.part[p]);
    return a;
}

/* The largest, in all places. */
static inline lanes_t largest(labels_t x)
{
    lanes_t most = x.part[0];
    for (int p = 1; p < PARTS; p++)
        most = larger_lanes(most, x.part[p]);
    return largest_lane(most);
}

/* Without a jump that nobody can predict. */
static inline labels_t choose_if(int condition, labels_t a, labels_t b)
{
    const lanes_mask_t mask = (lanes_mask_t){ 0 } - condition;
    for (int p = 0; p < PARTS; p++)
        a.part[p] = choose(mask, a.part[p], b.part[p]);
    return a;
}
