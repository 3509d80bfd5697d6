/* SPDX-License-Identifier: MIT */
#include "apps/telegrams/heard.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/telegrams/quantity.h"
#include "decode/address.h"
#include "decode/radio_mode.h"

bool heard_init(struct heard *heard)
{
    heard->n = 0;
    heard->meters = calloc(HEARD_MAX, sizeof *heard->meters);
    return heard->meters != NULL;
}

void heard_deinit(struct heard *heard)
{
    free(heard->meters);
    *heard = (struct heard){ .n = 0 };
}

static int best_first(const void *a, const void *b)
{
    const struct heard_meter *const *x = a, *const *y = b;
    return ((*x)->snr_db < (*y)->snr_db) - ((*x)->snr_db > (*y)->snr_db);
}

void heard_sort(const struct heard *heard, struct heard_list *list)
{
    list->items = calloc(heard->n + 1, sizeof(const void *));
    list->n = list->items ? heard->n : 0;
    for (size_t i = 0; i < list->n; i++)
        list->items[i] = &heard->meters[i];
    if (list->n > 0)
        qsort(list->items, list->n, sizeof(const void *), best_first);
}

void heard_list_free(struct heard_list *list)
{
    free(list->items);
}

static struct heard_meter *find_or_make(struct heard *heard, const struct address *address)
{
    size_t oldest = 0;
    for (size_t i = 0; i < heard->n; i++) {
        if (address_equal(&heard->meters[i].address, address))
            return &heard->meters[i];
        if (heard->meters[i].last_us < heard->meters[oldest].last_us)
            oldest = i;
    }
    struct heard_meter *m = &heard->meters[heard->n < HEARD_MAX ? heard->n++ : oldest];
    *m = (struct heard_meter){ .address = *address };
    return m;
}

static int by_size(const void *a, const void *b)
{
    const float *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Telegrams that were missed make gaps of two, three intervals: the lower quartile is one interval
 * as long as a quarter of them were heard one after the other. */
static double interval(const struct heard_meter *m)
{
    enum { ENOUGH = 3 };
    float sorted[HEARD_GAPS];
    size_t n = m->n_gaps < HEARD_GAPS ? m->n_gaps : HEARD_GAPS;
    if (n < ENOUGH)
        return 0;
    memcpy(sorted, m->gaps_s, n * sizeof sorted[0]);
    qsort(sorted, n, sizeof sorted[0], by_size);
    return (double)sorted[n / 4];
}

static void learn_gap(struct heard_meter *m, int64_t t_us)
{
    static const double repeat_s = 0.5; /* parts of a message, the same one on two channels */
    double gap_s = (double)(t_us - m->last_us) * 1e-6;
    if (m->seen == 0 || gap_s < repeat_s)
        return;
    m->gaps_s[m->n_gaps++ % HEARD_GAPS] = (float)gap_s;
    m->interval_s = interval(m);
}

/* The checks that only a wrong key fails, as long as the CRCs are right. */
static bool is_of_wrong_key(enum decode_status status)
{
    return status == DECODE_BAD_2F2F || status == DECODE_BAD_ELL_CRC || status == DECODE_BAD_MAC ||
           status == DECODE_BAD_TAG;
}

static void count_failures(struct heard_meter *m, const struct telegram *t)
{
    if (is_of_wrong_key(t->status))
        m->failed_in_a_row++;
    else if (t->decrypted && t->encrypted) /* what is in clear says nothing of the key */
        m->failed_in_a_row = 0;
}

struct heard_meter *heard_add(struct heard *heard, const struct telegram *t, int64_t t_us)
{
    struct heard_meter *m = find_or_make(heard, &t->meter);
    learn_gap(m, t_us);
    if (m->seen++ == 0)
        m->first_us = t_us;
    m->last_us = t_us;
    snprintf(m->name, sizeof m->name, "%s", t->name ? t->name : "");
    snprintf(m->kind, sizeof m->kind, "%s", t->kind);
    snprintf(m->media, sizeof m->media, "%s", t->media);
    m->mode = t->frame.rx.mode ? radio_mode_of_telegram(t->frame.rx.mode, t->c) : NULL;
    m->snr_db = t->frame.rx.snr_db;
    m->rssi_dbfs = t->frame.rx.rssi_dbfs;
    m->offset_hz = t->frame.rx.offset_hz;
    m->encrypted = t->encrypted;
    m->decrypted = t->decrypted;
    m->by_status[t->status]++;
    count_failures(m, t);
    struct quantity_text reading;
    /* Else the one before is still the last; what it is told is none of its own. */
    if (t->direction == DIRECTION_FROM_METER && quantity_main_text(t, &reading))
        m->reading = reading;
    return m;
}

uint64_t heard_expected(const struct heard_meter *m, int64_t now_us)
{
    if (m->interval_s <= 0)
        return 0;
    uint64_t expected =
        1 + (uint64_t)floor(fmax(0, (double)(now_us - m->first_us) * 1e-6 / m->interval_s));
    return expected > m->seen ? expected : m->seen;
}

static bool is_silent(const struct heard_meter *m, int64_t now_us)
{
    enum { INTERVALS = 6 };
    return m->interval_s > 0 && m->seen * 2 >= heard_expected(m, m->last_us) &&
           (double)(now_us - m->last_us) * 1e-6 > INTERVALS * m->interval_s;
}

const char *heard_news(struct heard_meter *m, int64_t now_us)
{
    enum { FAILURES = 3 };
    const bool silent = is_silent(m, now_us);
    const bool failing =
        m->failed_in_a_row > 0 && (m->told_failing || m->failed_in_a_row >= FAILURES);
    if (silent != m->told_silent) {
        m->told_silent = silent;
        return silent ? "silent" : "heard_again";
    }
    if (failing != m->told_failing) {
        m->told_failing = failing;
        return failing ? "key_failed" : "key_right";
    }
    return NULL;
}
