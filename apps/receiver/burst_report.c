/* SPDX-License-Identifier: MIT */
#include "apps/receiver/burst_report.h"

#include <math.h>

#include "dsp/fsk_trace.h"

/* Chips of the rest of the sync word that came out wrong. */
static unsigned rest_errors(const struct radio_mode *mode, unsigned rest,
                            const struct chip_span *chips)
{
    unsigned errors = 0;
    for (unsigned k = 0; k < rest && k < chips->n; k++)
        errors += ((mode->sync >> (rest - 1 - k)) & 1) != (chips->chips[k] > 0);
    return errors;
}

void burst_report_complete(struct burst_report *r)
{
    const struct fsk_demod *demod = r->demod;
    const struct radio_mode *mode = r->trace.mode;
    const unsigned training = demod->config.training.n;
    const unsigned rest = mode ? radio_mode_rest_of_sync(r->channel, mode) : 0;
    const double first_chip = r->burst->first_chip, chip = r->burst->chip_samples;
    const double n_chips = r->trace.n_air > 0 ? (double)r->chips->n : CPFSK_MAX_CHIPS;
    r->first_sample = fmin(r->first_sample, first_chip - training * chip);
    r->last_sample = first_chip + n_chips * chip;
    r->sync_chips = training + rest;
    r->sync_errors = fsk_trace_training_errors(demod, r->burst);
    if (mode)
        r->sync_errors += rest_errors(mode, rest, r->chips);
    r->rx.mode = mode ? mode->name : NULL;
    r->rx.first_chip_sample = first_chip - (mode ? mode->sync_chips - rest : training) * chip;
}

double burst_odds_log10(const struct burst_report *r)
{
    static const double ln_10 = 2.302585092994046;
    const bool known = r->trace.finding == FRAMER_RIGHT || r->trace.finding == FRAMER_DOUBTFUL;
    return known ? (double)r->trace.log_odds / ln_10 : (double)NAN;
}

const char *burst_result_name(enum burst_result result)
{
    switch (result) {
    case BURST_TELEGRAM:
        return "telegram";
    case BURST_BAD_CRC:
        return "bad_crc";
    case BURST_NO_FRAME:
        return "no_frame";
    case BURST_NO_SYNC:
        break;
    }
    return "no_sync";
}
