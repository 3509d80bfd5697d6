/* SPDX-License-Identifier: MIT */
#include "bench/stages.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

static const char *const names[N_STAGES] = {
    [STAGE_INPUT] = "input",        [STAGE_ACTIVITY] = "activity", [STAGE_FILTER] = "filter",
    [STAGE_GATE] = "gate",          [STAGE_SCAN] = "scan",         [STAGE_FIT] = "fit",
    [STAGE_DEMOD] = "demodulation", [STAGE_FRAMER] = "framer",     [STAGE_SINK] = "report",
    [STAGE_DECODE] = "decoding",    [STAGE_OUTPUT] = "output",
};

void stages_open(struct stages *s)
{
    memset(s, 0, sizeof *s);
    cycles_open(&s->counter);
    s->n_channels = 1;
}

void stages_close(struct stages *s)
{
    cycles_close(&s->counter);
}

void stages_reset(struct stages *s)
{
    memset(s->spent, 0, sizeof s->spent);
    s->now = NULL;
}

void stages_stop(struct stages *s)
{
    const uint64_t now = cycles_now(&s->counter);
    if (s->now)
        *s->now += now - s->since;
    s->since = now;
    s->now = NULL;
}

static size_t slot_of(struct stages *s, const char *channel)
{
    for (size_t k = 0; k < s->n_channels; k++)
        if (s->channels[k] == channel)
            return k;
    assert(s->n_channels < STAGES_MAX_CHANNELS);
    s->channels[s->n_channels] = channel;
    return s->n_channels++;
}

void stages_turn(void *stages, enum receiver_stage stage, const char *channel)
{
    struct stages *s = stages;
    stages_stop(s);
    s->now = &s->spent[slot_of(s, channel)][stage];
}

uint64_t stages_total(const struct stages *s)
{
    uint64_t total = 0;
    for (size_t c = 0; c < s->n_channels; c++)
        for (size_t stage = 0; stage < N_STAGES; stage++)
            total += s->spent[c][stage];
    return total;
}

static const char *channel_name(const struct stage_table *table, size_t channel)
{
    const char *name = table->stages[0].channels[channel];
    return name ? name : "";
}

static bool is_used(const struct stage_table *table, size_t channel, size_t stage)
{
    uint64_t sum = 0;
    for (size_t k = 0; k < table->n; k++)
        sum += table->stages[k].spent[channel][stage];
    return sum > 0;
}

static void print_row(FILE *to, const struct stage_table *table, size_t channel, size_t stage,
                      double n_samples)
{
    fprintf(to, "%-5s%-14s", channel_name(table, channel), names[stage]);
    for (size_t k = 0; k < table->n; k++)
        fprintf(to, "%9.3f", (double)table->stages[k].spent[channel][stage] / n_samples);
    fprintf(to, "\n");
}

void stage_table_print(FILE *to, const struct stage_table *table, const char *input,
                       double n_samples)
{
    fprintf(to, "\n%s: %s an input sample\n%-19s", input, table->stages[0].counter.unit, "");
    for (size_t k = 0; k < table->n; k++)
        fprintf(to, "%9s", table->simd[k]);
    fprintf(to, "\n");
    for (size_t stage = 0; stage < N_STAGES; stage++)
        for (size_t channel = 0; channel < table->stages[0].n_channels; channel++)
            if (is_used(table, channel, stage))
                print_row(to, table, channel, stage, n_samples);
    fprintf(to, "%-19s", "all");
    for (size_t k = 0; k < table->n; k++)
        fprintf(to, "%9.3f", (double)stages_total(&table->stages[k]) / n_samples);
    fprintf(to, "\n");
}

void stage_table_print_json(FILE *to, const struct stage_table *table, const char *input,
                            double n_samples)
{
    for (size_t k = 0; k < table->n; k++)
        for (size_t stage = 0; stage < N_STAGES; stage++)
            for (size_t channel = 0; channel < table->stages[0].n_channels; channel++)
                if (is_used(table, channel, stage))
                    fprintf(
                        to,
                        "{\"bench\":\"stages\",\"input\":\"%s\",\"simd\":\"%s\",\"channel\":\"%s\","
                        "\"stage\":\"%s\",\"counter\":\"%s\",\"per_sample\":%.4f}\n",
                        input, table->simd[k], channel_name(table, channel), names[stage],
                        table->stages[k].counter.unit,
                        (double)table->stages[k].spent[channel][stage] / n_samples);
}
