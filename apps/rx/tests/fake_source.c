/* SPDX-License-Identifier: MIT */
#include "apps/rx/tests/fake_source.h"

#include <stdio.h>

#include "apps/common/exit_codes.h"

struct fake_source fake;

static size_t step;
static uint64_t position;
static struct source_note note;

bool source_open(struct source *source, const struct source_config *config, struct err *err)
{
    (void)err;
    *source = fake.opened;
    source->name = config->text;
    step = 0;
    position = config->first_sample;
    fake.n_opened++;
    return true;
}

bool source_read(struct source *source, struct iq_block *block, struct err *err)
{
    *block = (struct iq_block){ .first_sample = position };
    source->note = NULL;
    if (step == fake.n_steps)
        return !fake.fails || err_set(err, EXIT_FILE, "it cannot be read");
    const struct fake_step *s = &fake.steps[step++];
    const uint64_t to = (uint64_t)(s->to_s * source->sample_rate_sps);
    block->lost = (uint64_t)(s->lost_s * source->sample_rate_sps);
    position += block->lost;
    block->first_sample = position;
    block->t_us = s->t_us;
    block->iq = fake.samples + 2 * position;
    block->n = to > position ? (size_t)(to - position) : 0;
    position += block->n;
    source->queue_fill = s->queue_fill;
    if (s->note) {
        note.event = s->note;
        snprintf(note.text, sizeof note.text, "%s was told", s->note);
        source->note = &note;
    }
    if (s->wanted_ppm)
        atomic_store(&fake.job->wanted_ppm, s->wanted_ppm);
    return true;
}

void source_close(struct source *source)
{
    (void)source;
    fake.n_closed++;
}

bool source_set_ppm(struct source *source, int ppm)
{
    (void)source;
    fake.n_ppm++;
    fake.ppm = ppm;
    return fake.takes_ppm;
}

bool source_may_be_live(const char *text)
{
    (void)text;
    return fake.may_be_live;
}
