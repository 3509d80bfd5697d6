/* SPDX-License-Identifier: MIT */
#include "decode/mend.h"

#include <math.h>
#include <string.h>

#include "decode/crc16.h"

enum {
    N_WEAKEST = 24,  /* options that are combined      */
    MAX_CHANGES = 3, /* of them at once               */
};

/* Options of one block, least cost first. */
struct weakest {
    const struct line_option *option[N_WEAKEST];
    uint16_t syndrome[N_WEAKEST];
    size_t n;
};

/* A combination of options. */
struct combination {
    int index[MAX_CHANGES];
    int n;
    float cost;
};

/* What is wrong with the CRC: 0 = right. Linear in the bytes but for a constant. */
static uint16_t syndrome_of(const uint8_t *block, size_t n)
{
    return (uint16_t)(crc16_en13757(block, n - 2) ^ (block[n - 2] << 8 | block[n - 1]));
}

static bool inside(const struct line_option *o, size_t first, size_t n)
{
    const size_t last = o->byte + (o->mask[1] != 0);
    return o->byte >= first && last < first + n;
}

/* Picks the options of the block; returns the natural logarithm of the sum of all readings'
 * likelihoods, the one taken being 1. */
static float pick_weakest(struct weakest *w, const struct line_bytes *line, size_t first, size_t n)
{
    float log_sum = 0;
    w->n = 0;
    for (size_t k = 0; k < line->n_options; k++) {
        const struct line_option *o = &line->options[k];
        if (!inside(o, first, n))
            continue;
        log_sum += log1pf(expf(-o->cost));
        if (w->n == N_WEAKEST && w->option[w->n - 1]->cost <= o->cost)
            continue;
        size_t at = w->n < N_WEAKEST ? w->n++ : w->n - 1;
        for (; at > 0 && w->option[at - 1]->cost > o->cost; at--)
            w->option[at] = w->option[at - 1];
        w->option[at] = o;
    }
    uint8_t blank[FRAME_MAX_AIR_BYTES];
    memset(blank, 0, n);
    const uint16_t constant = syndrome_of(blank, n);
    for (size_t k = 0; k < w->n; k++) {
        uint8_t *at = blank + (w->option[k]->byte - first);
        at[0] = w->option[k]->mask[0];
        if (w->option[k]->mask[1])
            at[1] = w->option[k]->mask[1];
        w->syndrome[k] = syndrome_of(blank, n) ^ constant;
        at[0] = 0;
        if (w->option[k]->mask[1])
            at[1] = 0;
    }
    return log_sum;
}

/* Two readings of the same symbol exclude each other. */
static bool collide(const struct line_option *a, const struct line_option *b)
{
    return a->symbol < b->symbol + b->symbols && b->symbol < a->symbol + a->symbols;
}

/* The search over all combinations: the best that mends, the runner-up, and the likelihood of all
 * that were tried. */
struct search {
    const struct weakest *w;
    uint16_t wanted;
    struct combination best;
    double best_likelihood, second_likelihood, tried;
};

/* What a combination changes in a byte. */
static uint8_t change_of(const struct weakest *w, const struct combination *c, size_t byte)
{
    uint8_t change = 0;
    for (int j = 0; j < c->n; j++) {
        const struct line_option *o = w->option[c->index[j]];
        change ^= o->byte == byte ? o->mask[0] : o->byte + 1u == byte ? o->mask[1] : 0;
    }
    return change;
}

/* Two bits that go wrong together are also two bits: one reading, not its own rival. */
static bool same_reading(const struct weakest *w, const struct combination *a,
                         const struct combination *b)
{
    for (int j = 0; j < a->n + b->n; j++) {
        const int k = j < a->n ? a->index[j] : b->index[j - a->n];
        for (size_t byte = w->option[k]->byte; byte <= w->option[k]->byte + 1u; byte++)
            if (change_of(w, a, byte) != change_of(w, b, byte))
                return false;
    }
    return true;
}

static void found(struct search *s, const struct combination *c, double likelihood)
{
    const bool same = s->best_likelihood > 0 && same_reading(s->w, c, &s->best);
    if (likelihood > s->best_likelihood) {
        if (!same)
            s->second_likelihood = s->best_likelihood;
        s->best_likelihood = likelihood;
        s->best = *c;
    } else if (!same && likelihood > s->second_likelihood) {
        s->second_likelihood = likelihood;
    }
}

static void extend(struct search *s, struct combination *c, int from, uint16_t syndrome)
{
    const double likelihood = exp(-(double)c->cost);
    s->tried += likelihood;
    if (syndrome == s->wanted)
        found(s, c, likelihood);
    if (c->n == MAX_CHANGES)
        return;
    for (int k = from; k < (int)s->w->n; k++) {
        const struct line_option *o = s->w->option[k];
        if (c->cost + o->cost > 1.5f * LINE_MAX_COST)
            break;
        bool excluded = false;
        for (int j = 0; j < c->n; j++)
            excluded |= collide(s->w->option[c->index[j]], o);
        if (excluded)
            continue;
        c->index[c->n++] = k;
        c->cost += o->cost;
        extend(s, c, k + 1, syndrome ^ s->w->syndrome[k]);
        c->cost -= o->cost;
        c->n--;
    }
}

struct mend_result mend_block(struct line_bytes *line, size_t first, size_t n, float min_log_odds)
{
    struct mend_result result = { false, 0, 0 };
    if (n < 3 || first + n > line->n)
        return result;
    struct weakest w;
    const double sum = exp((double)fminf(pick_weakest(&w, line, first, n), 80.0f));
    struct search s = { .w = &w, .wanted = syndrome_of(line->bytes + first, n) };
    extend(&s, &(struct combination){ .n = 0 }, 0, 0);
    if (s.best_likelihood <= 0)
        return result;
    /* If the truth was not among those tried, the CRC came out right by chance. */
    const double untried = fmax(sum - s.tried, 1e-3 * sum) / 65536;
    result.log_odds = (float)log(s.best_likelihood / (s.second_likelihood + untried));
    if (result.log_odds < min_log_odds)
        return result;
    for (int k = 0; k < s.best.n; k++) {
        const struct line_option *o = w.option[s.best.index[k]];
        line->bytes[o->byte] ^= o->mask[0];
        if (o->mask[1])
            line->bytes[o->byte + 1] ^= o->mask[1];
        result.symbols += o->symbols;
    }
    result.ok = true;
    return result;
}
