/* SPDX-License-Identifier: MIT */
#include "apps/rx/diagnosis.h"

#include <math.h>

#include "base/array_len.h"

static const double most_lost = 1e-3, most_clipped = 0.01;
/* The steps of 8 bits alone are noise of -50 dBFS; below this they drown what an antenna hears. */
static const double least_noise_dbfs = -46;
/* 10 dB above what the choice of a gain allows. */
static const double most_noise_dbfs = -8.5;
/* Nothing is concluded from less. */
static const double least_s = 2;

static bool no_samples(const struct condition *c)
{
    return c->radio.samples == 0 || c->vitals.samples_per_s == 0;
}

static bool lost(const struct condition *c)
{
    return c->vitals.lost > most_lost;
}

static bool clipped(const struct condition *c)
{
    return c->vitals.clipped > most_clipped;
}

static bool too_loud(const struct condition *c)
{
    return c->vitals.noise_dbfs > most_noise_dbfs;
}

static bool too_quiet(const struct condition *c)
{
    return c->eight_bits && c->vitals.noise_dbfs < least_noise_dbfs && c->radio.frames_ok == 0 &&
           c->seconds >= least_s;
}

static bool damaged(const struct condition *c)
{
    return c->radio.frames_ok == 0 && c->radio.frames_bad_crc > 0;
}

static bool strange(const struct condition *c)
{
    return c->radio.frames_ok == 0 && !damaged(c) && (c->radio.syncs > 0 || c->radio.bursts > 0);
}

static bool silent(const struct condition *c)
{
    return c->radio.frames_ok == 0 && !damaged(c) && !strange(c);
}

static bool silent_recording(const struct condition *c)
{
    return c->recorded && silent(c);
}

static bool silent_until_now(const struct condition *c)
{
    return !c->recorded && silent(c);
}

static const struct finding findings[] = {
    { no_samples, "no samples come",
      "nothing was received: there were no samples; is the device plugged in, does what feeds the "
      "pipe run?" },
    { lost, "samples are lost: too slow, or gone",
      "samples are lost: the device was gone for a while, or this computer, or the way to the "
      "device, is too slow for all that it is to do: fewer modes (-m), a lower rate (-s), another "
      "USB socket, a cable for a network" },
    { clipped, "clipping: lower the gain (-g)",
      "the signal is clipped: something sends strongly nearby, or the gain is too high: lower it "
      "(such as -g 20), or move the antenna" },
    { too_loud, "noise fills the range: lower the gain (-g)",
      "noise fills the whole range: lower the gain (such as -g 20), or move the antenna away from "
      "what disturbs it, such as a computer or a power supply" },
    { too_quiet, "hardly any noise: antenna? gain (-g)?",
      "there is hardly any noise: is the antenna connected? if so, raise the gain (such as -g "
      "40)" },
    { damaged, "damaged telegrams only: move the antenna",
      "telegrams came, but all of them damaged: the signals are weak, or collide: put the antenna "
      "nearer to the meters, higher, or to a window" },
    { strange, "something sends, but no telegram yet",
      "something sends, but no telegram could be read: other devices, weak signals, or a wrong "
      "centre (-f) or sample rate (-s): put the antenna nearer to a meter; --explain says of each "
      "burst what it was" },
    { silent_recording, "noise, but nobody sends",
      "nothing was received: perhaps no meter sent in this time (some send every 15 minutes only, "
      "many only by day), or centre (-f), sample rate (-s) or sample format are wrong, or the "
      "spectrum is mirrored (--iq-swap)" },
    { silent_until_now, "noise, but nobody sends yet",
      "nothing was received: perhaps no meter sent in this time (some send every 15 minutes only, "
      "many only by day): listen for longer (--seconds N), by day, with the antenna nearer to a "
      "meter; if that does not help, centre (-f), sample rate (-s) or sample format are wrong, or "
      "the gain (-g), or the spectrum is mirrored (--iq-swap)" },
};

const struct finding *diagnosis_next(const struct condition *condition,
                                     const struct finding *before)
{
    if (before == &findings[0]) /* without samples there is nothing to conclude from */
        return NULL;
    for (size_t k = before ? (size_t)(before - findings) + 1 : 0; k < ARRAY_LEN(findings); k++)
        if (findings[k].applies(condition))
            return &findings[k];
    return NULL;
}
