/* SPDX-License-Identifier: MIT */
#include "decode/mend.h"

#include <math.h>
#include <string.h>

#include "decode/crc16.h"

/* How many of the least sure options are tried alone, in pairs, in threes and in fours. All that
 * are likely at all have to be tried alone: the polynomial has order 151, so in a block of format B
 * a bit and the one 151 bits on have the same syndrome, and the likelier of the two must be known.
 */
enum {
    MAX_CHANGES = 4,
    N_SINGLE = 640,
    MAX_OPTIONS = 8 * 128 * 4, /* of the longest block, of format B; one of format A has 540 */
    N_PAIR = 64,
    N_THREE = 20,
    N_FOUR = 14,
    MAX_RIGHT = 6, /* combinations that make the CRC right: so many are compared */
    MAX_SEEN = 64,
    MAX_TWINS = 32,                    /* likeliest ones */
    MAX_FLIPS = 4 * (MAX_CHANGES + 2), /* bits: a nibble, or two of an error; and those of twins */
};

/* Combinations that cost more are not tried. */
#define MAX_COST (1.5f * LINE_MAX_COST)

/* Options of one block, least cost first. */
struct weakest {
    const struct line_option *option[MAX_OPTIONS];
    uint16_t syndrome[N_SINGLE];
    int n;
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

/* Syndrome of each bit of a block of n bytes, first bit first. */
static void bit_syndromes(uint16_t *syndromes, size_t n)
{
    uint16_t s = 1;
    for (size_t bit = 8 * n; bit-- > 0;) {
        syndromes[bit] = s;
        s = (uint16_t)((s << 1) ^ (s & 0x8000 ? CRC16_EN13757_POLYNOMIAL : 0));
    }
}

/* Shell's sort, least cost first: nothing is allocated, as qsort may. */
static void sort_by_cost(const struct line_option **options, int n)
{
    for (int gap = n / 2; gap > 0; gap /= 2) {
        for (int k = gap; k < n; k++) {
            const struct line_option *o = options[k];
            int at = k;
            for (; at >= gap && options[at - gap]->cost > o->cost; at -= gap)
                options[at] = options[at - gap];
            options[at] = o;
        }
    }
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
        if (w->n < MAX_OPTIONS)
            w->option[w->n++] = o;
    }
    sort_by_cost(w->option, w->n);
    if (w->n > N_SINGLE)
        w->n = N_SINGLE;
    uint16_t syndromes[8 * FRAME_MAX_AIR_BYTES];
    bit_syndromes(syndromes, n);
    for (int k = 0; k < w->n; k++) {
        const struct line_option *o = w->option[k];
        const unsigned mask = (unsigned)(o->mask[0] << 8 | o->mask[1]);
        w->syndrome[k] = 0;
        for (unsigned bit = 0; bit < 16; bit++)
            if (mask & (0x8000u >> bit))
                w->syndrome[k] ^= syndromes[8 * (o->byte - first) + bit];
    }
    return log_sum;
}

/* Two readings of the same symbol exclude each other. */
static bool collide(const struct line_option *a, const struct line_option *b)
{
    return a->symbol < b->symbol + b->symbols && b->symbol < a->symbol + a->symbols;
}

/* The search over all combinations: those that make the CRC right, least cost first, and the
 * likelihood of all that were tried. */
struct search {
    const struct weakest *w;
    uint16_t wanted;
    struct combination right[MAX_RIGHT];
    int n_right;
    double tried;
};

static void note_right(struct search *s, const struct combination *c)
{
    if (s->n_right == MAX_RIGHT && s->right[MAX_RIGHT - 1].cost <= c->cost)
        return;
    int at = s->n_right < MAX_RIGHT ? s->n_right++ : MAX_RIGHT - 1;
    for (; at > 0 && s->right[at - 1].cost > c->cost; at--)
        s->right[at] = s->right[at - 1];
    s->right[at] = *c;
}

static void extend(struct search *s, struct combination *c, int from, uint16_t syndrome)
{
    static const int limits[MAX_CHANGES + 1] = { N_SINGLE, N_PAIR, N_THREE, N_FOUR, 0 };
    s->tried += exp(-(double)c->cost);
    if (syndrome == s->wanted)
        note_right(s, c);
    for (int k = from; k < s->w->n && k < limits[c->n]; k++) {
        const struct line_option *o = s->w->option[k];
        if (c->cost + o->cost > MAX_COST)
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

/* Bits that are inverted, in order. */
struct flips {
    uint32_t bits[MAX_FLIPS]; /* of line->bytes */
    size_t n;
    int symbols;
    float cost;
};

static void add_flip(struct flips *f, uint32_t bit)
{
    size_t at = f->n++;
    for (; at > 0 && f->bits[at - 1] > bit; at--)
        f->bits[at] = f->bits[at - 1];
    f->bits[at] = bit;
}

static void add_option(struct flips *f, const struct line_option *o)
{
    const unsigned mask = (unsigned)(o->mask[0] << 8 | o->mask[1]);
    f->symbols += o->changes;
    f->cost += o->cost;
    for (unsigned bit = 0; bit < 16; bit++)
        if (mask & (0x8000u >> bit))
            add_flip(f, 8u * o->byte + bit);
}

static void flips_of(struct flips *f, const struct weakest *w, const struct combination *c)
{
    *f = (struct flips){ .n = 0 };
    for (int k = 0; k < c->n; k++)
        add_option(f, w->option[c->index[k]]);
}

static bool same(const struct flips *a, const struct flips *b)
{
    return a->n == b->n && memcmp(a->bits, b->bits, a->n * sizeof *a->bits) == 0;
}

/* All that makes the CRC right, each once, judged again by the demodulator if there is one. */
struct judgement {
    const struct line_bytes *line;
    struct flips seen[MAX_SEEN];
    size_t n_seen, best;
};

static void judge(struct judgement *j, const struct flips *f)
{
    for (size_t k = 1; k < f->n; k++)
        if (f->bits[k] == f->bits[k - 1])
            return;
    for (size_t k = 0; k < j->n_seen; k++)
        if (same(&j->seen[k], f))
            return;
    if (j->n_seen == MAX_SEEN)
        return;
    struct flips *judged = &j->seen[j->n_seen];
    *judged = *f;
    if (j->line->cost_of) {
        uint32_t chips[MAX_FLIPS];
        for (size_t k = 0; k < f->n; k++)
            chips[k] = (uint32_t)j->line->first_chip + f->bits[k];
        judged->cost = f->n ? j->line->cost_of(j->line->demod, chips, f->n) : 0.0f;
    }
    if (judged->cost < j->seen[j->best].cost)
        j->best = j->n_seen;
    j->n_seen++;
}

/* A bit and the one that the order of the polynomial lies behind it have the same syndrome, and
 * blocks of format B are long enough to hold both; so each is compared with the other, even if that
 * seemed sure: a path that is one chip wrong loses the phase, and its soft chips are then too sure.
 */
static void judge_aliases(struct judgement *j, const struct flips *f, size_t first, size_t n)
{
    for (size_t k = 0; k < f->n; k++) {
        const size_t start = (f->bits[k] - 8 * first) % CRC16_EN13757_ORDER;
        for (size_t bit = start; bit < 8 * n; bit += CRC16_EN13757_ORDER) {
            struct flips g = { .symbols = f->symbols };
            for (size_t m = 0; m < f->n; m++)
                add_flip(&g, m == k ? (uint32_t)(8 * first + bit) : f->bits[m]);
            judge(j, &g);
        }
    }
}

/* Options of the same syndrome: the CRC does not see both together. */
struct twins {
    struct {
        const struct line_option *one, *other;
    } pairs[MAX_TWINS]; /* least cost first */
    int n;
};

static void note_twins(struct twins *t, const struct line_option *one,
                       const struct line_option *other)
{
    const float cost = one->cost + other->cost;
    int at = t->n < MAX_TWINS ? t->n++ : MAX_TWINS;
    for (; at > 0 && t->pairs[at - 1].one->cost + t->pairs[at - 1].other->cost > cost; at--)
        if (at < MAX_TWINS)
            t->pairs[at] = t->pairs[at - 1];
    if (at < MAX_TWINS) {
        t->pairs[at].one = one;
        t->pairs[at].other = other;
    }
}

static void find_twins(struct twins *twins, const struct weakest *w)
{
    for (int a = 0; a < w->n; a++)
        for (int b = a + 1; b < w->n; b++) {
            if (w->option[a]->cost + w->option[b]->cost > MAX_COST)
                break;
            if (w->syndrome[a] == w->syndrome[b] && !collide(w->option[a], w->option[b]))
                note_twins(twins, w->option[a], w->option[b]);
        }
}

static void judge_twins(struct judgement *j, const struct flips *f, const struct twins *twins)
{
    for (int k = 0; k < twins->n; k++) {
        struct flips g = *f;
        add_option(&g, twins->pairs[k].one);
        add_option(&g, twins->pairs[k].other);
        judge(j, &g);
    }
}

/* What the search found comes first: not all may find room. */
static void judge_all(struct judgement *j, const struct search *s, size_t first, size_t n)
{
    struct flips right[MAX_RIGHT];
    struct twins twins = { .n = 0 };
    if (8 * n > CRC16_EN13757_ORDER)
        find_twins(&twins, s->w);
    for (int r = 0; r < s->n_right; r++) {
        flips_of(&right[r], s->w, &s->right[r]);
        judge(j, &right[r]);
    }
    for (int r = 0; r < s->n_right && j->line->cost_of; r++)
        judge_aliases(j, &right[r], first, n);
    for (int r = 0; r < s->n_right; r++)
        judge_twins(j, &right[r], &twins);
}

/* However sure the chips are, a path may have slipped for all of them: no block has better odds
 * than e^18. */
static const double never_sure = 1e-3;

struct mend_result mend_block(struct line_bytes *line, size_t first, size_t n, float min_log_odds)
{
    struct mend_result result = { .ok = false };
    if (n < 3 || first + n > line->n)
        return result;
    struct weakest w;
    const double sum = exp((double)fminf(pick_weakest(&w, line, first, n), 80.0f));
    struct search s = { .w = &w, .wanted = syndrome_of(line->bytes + first, n) };
    extend(&s, &(struct combination){ .n = 0 }, 0, 0);
    if (s.n_right == 0)
        return result;
    struct judgement j = { .line = line };
    judge_all(&j, &s, first, n);
    const struct flips *best = &j.seen[j.best];
    if (!isfinite(best->cost)) /* proves nothing */
        return result;
    double rivals = 0;
    for (size_t k = 0; k < j.n_seen; k++)
        rivals += k == j.best ? 0 : exp((double)(best->cost - j.seen[k].cost));
    /* If the truth was not among those tried, the CRC came out right by chance. One that is judged
     * likelier than the reading taken says that this is off the path: so is then what was not
     * tried. */
    const double untried =
        fmax(sum - s.tried, never_sure * sum) / 65536 * exp(fmax((double)best->cost, 0));
    result.log_odds = (float)-log(rivals + untried);
    if (!(result.log_odds >= min_log_odds))
        return result;
    for (size_t k = 0; k < best->n; k++)
        line->bytes[best->bits[k] / 8] ^= (uint8_t)(0x80 >> best->bits[k] % 8);
    result.symbols = best->symbols;
    result.ok = true;
    return result;
}
