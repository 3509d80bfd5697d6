/* SPDX-License-Identifier: MIT */
#include "dsp/fsk_demod_parts.h"

#include <assert.h>

/* Samples of the longest chip, see FSK_MAX_SAMPLES. */
enum { MAX_CHIP_SAMPLES = 40 };

/* The tone of a chip, sample by sample. */
struct chip_tone {
    double chip_samples; /* of the stream           */
    float turns;         /* of the upper tone, a sample */
    float cosine[MAX_CHIP_SAMPLES], sine[MAX_CHIP_SAMPLES];
};

static void chip_tone_init(struct chip_tone *tone, const struct fsk_demod *d, double chip_samples,
                           float h)
{
    tone->chip_samples = chip_samples;
    tone->turns = 0.5f * h * (float)((double)d->decimation / chip_samples);
    for (int n = 0; n < MAX_CHIP_SAMPLES; n++)
        fsk_unit_phasor(d, tone->turns * (float)n, &tone->cosine[n], &tone->sine[n]);
}

/* Correlation of the chip that starts at sample at of the stream with both tones, the carrier taken
 * off: tone[0] lower, tone[1] upper; phases from the start of the chip. Returns its energy. */
static float correlate_chip(const struct fsk_demod *d, const struct chip_tone *tone, double at,
                            float re[2], float im[2])
{
    const double step = (double)d->decimation, start = (at - d->extract_first) / step;
    const double end = start + tone->chip_samples / step;
    const size_t from = start > 0 ? (size_t)ceil(start) : 0;
    size_t to = end > 0 ? (size_t)ceil(end) : 0;
    to = to < d->n_samples ? to : d->n_samples;
    to = to < from + MAX_CHIP_SAMPLES ? to : from + MAX_CHIP_SAMPLES;
    float i_cos = 0, i_sin = 0, q_cos = 0, q_sin = 0, energy = 0;
    for (size_t n = from; n < to; n++) {
        const float i = d->i[n], q = d->q[n], c = tone->cosine[n - from], s = tone->sine[n - from];
        i_cos += i * c;
        i_sin += i * s;
        q_cos += q * c;
        q_sin += q * s;
        energy += i * i + q * q;
    }
    float c, s; /* of the first sample */
    fsk_unit_phasor(d, tone->turns * (float)((double)from - start), &c, &s);
    re[0] = (i_cos - q_sin) * c - (q_cos + i_sin) * s;
    im[0] = (q_cos + i_sin) * c + (i_cos - q_sin) * s;
    re[1] = (i_cos + q_sin) * c + (q_cos - i_sin) * s;
    im[1] = (q_cos - i_sin) * c - (i_cos + q_sin) * s;
    return energy;
}

/* How much stronger the upper tone is. */
static float lead_of_upper(const float re[2], const float im[2])
{
    return sqrtf(re[1] * re[1] + im[1] * im[1]) - sqrtf(re[0] * re[0] + im[0] * im[0]);
}

/* Chips of a scan, correlated one by one. */
enum { SCAN_MAX_CHIPS = 2 * FSK_MAX_PLACES + TRAINING_MAX_CHIPS };

/* Energy of the n chips next to each other that have the most. */
static float strongest_energy(const float *energy, size_t n_chips, size_t n)
{
    float sum = 0, most = 0;
    for (size_t k = 0; k < n_chips; k++) {
        sum += energy[k] - (k >= n ? energy[k - n] : 0);
        most = sum > most ? sum : most;
    }
    return most;
}

/* Keeps the n_max best, best first. */
static size_t keep_best(struct fsk_burst *bursts, size_t n, size_t n_max, const struct fsk_burst *b)
{
    if (n == n_max && bursts[n - 1].match >= b->match)
        return n;
    size_t at = n < n_max ? n++ : n - 1;
    for (; at > 0 && bursts[at - 1].match < b->match; at--)
        bursts[at] = bursts[at - 1];
    bursts[at] = *b;
    return n;
}

/* A scan under way: the chips of all its places are extracted at scan->offset_hz. */
struct scan_frame {
    size_t n_places, n_chips;
    double start; /* sample of the stream: of the first chip */
};

static struct scan_frame frame_of(const struct fsk_demod *d, const struct fsk_scan *scan)
{
    const unsigned n_training = d->config.training.n;
    const size_t n_places = scan->n < FSK_MAX_PLACES ? scan->n : FSK_MAX_PLACES;
    return (struct scan_frame){
        .n_places = n_places,
        .n_chips = 2 * (n_places - 1) + n_training,
        .start = scan->first - (double)n_training * scan->chip_samples,
    };
}

static void extract_scan(struct fsk_demod *d, const struct iq_span *span,
                         const struct fsk_scan *scan, const struct scan_frame *frame)
{
    const double chip = scan->chip_samples;
    fsk_extract(d, span, frame->start - chip, frame->start + (double)frame->n_chips * chip,
                scan->offset_hz);
}

/* What all places share; energy: of as many chips as the training sequence has. */
static struct fsk_burst burst_of(const struct fsk_demod *d, const struct fsk_scan *scan,
                                 float energy)
{
    const double samples = d->config.training.n * scan->chip_samples / (double)d->decimation;
    return (struct fsk_burst){ .shape = FSK_UNSHAPED,
                               .h = scan->h,
                               .chip_samples = scan->chip_samples,
                               .offset_hz = scan->offset_hz,
                               .power = energy / (float)samples };
}

/* ---- by the tones of each chip -------------------------------------------------------------- */

enum { TONE_TRIES = 5 };

/* How strong the chips of a scan are at the frequencies that are tried for each tone, from the
 * carrier outwards. */
struct scan_tones {
    int n_tries;
    double outwards[TONE_TRIES]; /* further out than expected, in chip rates */
    float lower[TONE_TRIES][SCAN_MAX_CHIPS], upper[TONE_TRIES][SCAN_MAX_CHIPS];
    float energy[SCAN_MAX_CHIPS];
};

static void measure_tones(const struct fsk_demod *d, const struct fsk_scan *scan,
                          const struct scan_frame *frame, struct scan_tones *tones)
{
    assert((double)scan->h > 2 * scan->tone_reach);
    tones->n_tries = scan->tone_reach > 0 ? TONE_TRIES : 1;
    for (int try = 0; try < tones->n_tries; try++) {
        struct chip_tone tone;
        tones->outwards[try] = scan->tone_reach * (2.0 * try / (TONE_TRIES - 1) - 1);
        chip_tone_init(&tone, d, scan->chip_samples, scan->h + 2 * (float)tones->outwards[try]);
        for (size_t k = 0; k < frame->n_chips; k++) {
            float re[2], im[2]; /* the energy is the same at each try */
            tones->energy[k] =
                correlate_chip(d, &tone, frame->start + (double)k * scan->chip_samples, re, im);
            tones->lower[try][k] = sqrtf(re[0] * re[0] + im[0] * im[0]);
            tones->upper[try][k] = sqrtf(re[1] * re[1] + im[1] * im[1]);
        }
    }
}

/* Returns where, outwards, a tone follows the training sequence best, from its chip first on; sign:
 * +1 for the upper tone, -1 for the lower one. Adds to *lead by how much it is stronger there in
 * its own chips than in the others. */
static double best_try(const struct training *training, const struct scan_tones *tones, int sign,
                       size_t first, float *lead)
{
    const float(*strength)[SCAN_MAX_CHIPS] = sign > 0 ? tones->upper : tones->lower;
    float best = 0;
    int best_at = 0;
    for (int try = 0; try < tones->n_tries; try++) {
        float sum = 0;
        for (unsigned k = 0; k < training->n; k++)
            sum += (float)(sign * training_chip(training, k)) * strength[try][first + k];
        if (try == 0 || sum > best) {
            best = sum;
            best_at = try;
        }
    }
    *lead += best;
    return tones->outwards[best_at];
}

static size_t scan_by_tones(struct fsk_demod *d, const struct iq_span *span,
                            const struct fsk_scan *scan, struct fsk_burst *bursts, size_t n_best)
{
    const struct training *training = &d->config.training;
    const struct scan_frame frame = frame_of(d, scan);
    struct scan_tones tones;
    extract_scan(d, span, scan, &frame);
    measure_tones(d, scan, &frame, &tones);
    const float energy = strongest_energy(tones.energy, frame.n_chips, training->n);
    const float samples = (float)training->n * (float)(d->rate_sps / d->config.chip_rate_cps);
    struct fsk_burst burst = burst_of(d, scan, energy);
    size_t n = 0;
    for (size_t place = 0; place < frame.n_places; place++) {
        float lead = 0;
        const double lower = best_try(training, &tones, -1, 2 * place, &lead);
        const double upper = best_try(training, &tones, 1, 2 * place, &lead);
        burst.first_chip = scan->first + 2 * (double)place * scan->chip_samples;
        burst.h = scan->h + (float)(upper + lower);
        burst.offset_hz =
            scan->offset_hz + (upper - lower) / 2 * d->config.sample_rate_sps / scan->chip_samples;
        burst.match = lead / sqrtf(energy * samples + 1e-9f);
        n = keep_best(bursts, n, n_best, &burst);
    }
    return n;
}

/* ---- by the carrier of the preamble ---------------------------------------------------------- */

struct scan_chips {
    float re[SCAN_MAX_CHIPS][2], im[SCAN_MAX_CHIPS][2]; /* lower, upper tone */
    float lead[SCAN_MAX_CHIPS];                         /* of the upper tone */
    float energy[SCAN_MAX_CHIPS];
};

/* Correlates the chips of all places, the carrier's frequency taken off. */
static void correlate_scan(const struct fsk_demod *d, const struct fsk_scan *scan,
                           const struct scan_frame *frame, float cycles, struct scan_chips *chips)
{
    struct chip_tone tone;
    chip_tone_init(&tone, d, scan->chip_samples, scan->h > 0 ? scan->h : fsk_nominal_h(d));
    for (size_t k = 0; k < frame->n_chips; k++) {
        float re[2], im[2], c, s;
        chips->energy[k] =
            correlate_chip(d, &tone, frame->start + (double)k * scan->chip_samples, re, im);
        chips->lead[k] = lead_of_upper(re, im);
        fsk_unit_phasor(d, cycles * (float)k, &c, &s);
        for (int t = 0; t < 2; t++) {
            chips->re[k][t] = re[t] * c + im[t] * s;
            chips->im[k][t] = im[t] * c - re[t] * s;
        }
    }
}

/* The training sequence as a scan compares it. Its head is preamble and found as a whole. Its tail
 * tells one place from the next: chip by chip, without phase, because at an index near 1 the phase
 * behind two chips is the same whichever they were, and because a meter that overshoots in the
 * preamble has another deviation in the tail. */
struct scan_training {
    unsigned n_head, n;
    int chip[TRAINING_MAX_CHIPS];                               /* +1 or -1               */
    float cosine[TRAINING_MAX_CHIPS], sine[TRAINING_MAX_CHIPS]; /* of the phase before it */
    float samples;
};

static void scan_training_init(struct scan_training *t, const struct fsk_demod *d)
{
    enum { TAIL = 16 };
    const struct training *training = &d->config.training;
    int balance = 0;
    t->n = training->n;
    t->n_head = TAIL < t->n ? t->n - TAIL : 0;
    t->samples = (float)t->n * (float)(d->rate_sps / d->config.chip_rate_cps);
    for (unsigned k = 0; k < t->n; k++) {
        t->chip[k] = training_chip(training, k);
        fsk_unit_phasor(d, 0.5f * fsk_nominal_h(d) * (float)balance, &t->cosine[k], &t->sine[k]);
        balance += t->chip[k];
    }
}

/* Match of the training sequence that starts with chip first. */
static float match_place(const struct scan_training *t, const struct scan_chips *chips,
                         size_t first, float most_energy)
{
    float re = 0, im = 0, tail = 0;
    for (unsigned k = 0; k < t->n_head; k++) {
        const int tone = t->chip[k] > 0;
        const float zr = chips->re[first + k][tone], zi = chips->im[first + k][tone];
        re += zr * t->cosine[k] + zi * t->sine[k];
        im += zi * t->cosine[k] - zr * t->sine[k];
    }
    for (unsigned k = t->n_head; k < t->n; k++)
        tail += (float)t->chip[k] * chips->lead[first + k];
    return (sqrtf(re * re + im * im) + tail) / sqrtf(most_energy * t->samples + 1e-9f);
}

/* The carrier that is left, in cycles a chip, as the preamble alone tells it. The shortest is
 * hardly as long as the training sequence and most often ends so many places behind the first:
 * there the sequence lies over all of it. Returns false if there is none. */
static bool find_carrier(struct fsk_demod *d, const struct iq_span *span,
                         const struct fsk_scan *scan, size_t n_places, float *cycles)
{
    enum { LINE_PLACE = 12 };
    const size_t place = n_places > LINE_PLACE ? LINE_PLACE : n_places - 1;
    struct fsk_burst burst = { .shape = FSK_UNSHAPED,
                               .h = fsk_nominal_h(d),
                               .first_chip = scan->first + 2 * (double)place * scan->chip_samples,
                               .chip_samples = scan->chip_samples,
                               .offset_hz = scan->offset_hz };
    fsk_extract_training(d, span, &burst);
    return fsk_training_line(d, &burst, cycles) >= d->hopeless_match;
}

static size_t scan_by_carrier(struct fsk_demod *d, const struct iq_span *span,
                              const struct fsk_scan *scan, struct fsk_burst *bursts, size_t n_best)
{
    const struct scan_frame frame = frame_of(d, scan);
    struct scan_chips chips;
    struct scan_training training;
    float cycles;
    if (!find_carrier(d, span, scan, frame.n_places, &cycles))
        return 0;
    scan_training_init(&training, d);
    extract_scan(d, span, scan, &frame);
    correlate_scan(d, scan, &frame, cycles, &chips);
    const float energy = strongest_energy(chips.energy, frame.n_chips, training.n);
    struct fsk_burst burst = burst_of(d, scan, energy);
    burst.offset_hz += (double)cycles * d->config.sample_rate_sps / scan->chip_samples;
    size_t n = 0;
    for (size_t place = 0; place < frame.n_places; place++) {
        burst.first_chip = scan->first + 2 * (double)place * scan->chip_samples;
        burst.match = match_place(&training, &chips, 2 * place, energy);
        n = keep_best(bursts, n, n_best, &burst);
    }
    return n;
}

size_t fsk_demod_scan(struct fsk_demod *d, const struct iq_span *span, const struct fsk_scan *scan,
                      struct fsk_burst *bursts, size_t n_best)
{
    if (scan->n == 0)
        return 0;
    return scan->by_tones ? scan_by_tones(d, span, scan, bursts, n_best)
                          : scan_by_carrier(d, span, scan, bursts, n_best);
}

/* ---- time and clock by tones ----------------------------------------------------------------- */

/* Lead of each chip's own tone over the other, at times around the one expected. */
enum { SHIFTS = 9, MIDDLE_SHIFT = SHIFTS / 2 };
enum { MIN_CLOCK_CHIPS = 32 };          /* fewer do not tell the clock: it is nominal */
static const double shift_step = 0.085; /* chips */

struct shifted_leads {
    float lead[TRAINING_MAX_CHIPS][SHIFTS];
};

static void measure_leads(const struct fsk_demod *d, const struct fsk_burst *burst,
                          struct shifted_leads *leads)
{
    const struct training *t = &d->config.training;
    const double start = burst->first_chip - (double)t->n * burst->chip_samples;
    struct chip_tone tone;
    chip_tone_init(&tone, d, burst->chip_samples, burst->h);
    for (unsigned k = 0; k < t->n; k++) {
        for (int s = 0; s < SHIFTS; s++) {
            float re[2], im[2];
            const double at = (double)k + shift_step * (s - MIDDLE_SHIFT);
            correlate_chip(d, &tone, start + at * burst->chip_samples, re, im);
            leads->lead[k][s] = (float)training_chip(t, k) * lead_of_upper(re, im);
        }
    }
}

/* Sum of the leads if the first chip comes first steps of the shift late, and the last one last. */
static float sum_of_leads(const struct shifted_leads *leads, unsigned n, float first, float last)
{
    float sum = 0;
    for (unsigned k = 0; k < n; k++) {
        const float x = first + (last - first) * (float)k / (float)(n - 1) + (float)MIDDLE_SHIFT;
        const int s = x < 0 ? 0 : x >= SHIFTS - 1 ? SHIFTS - 2 : (int)x;
        const float u = x - (float)s;
        sum += leads->lead[k][s] + u * (leads->lead[k][s + 1] - leads->lead[k][s]);
    }
    return sum;
}

void fsk_refine_by_tones(const struct fsk_demod *d, struct fsk_burst *burst)
{
    struct shifted_leads leads;
    const unsigned n = d->config.training.n;
    float best = 0, best_first = 0, best_last = 0;
    measure_leads(d, burst, &leads);
    for (float first = -MIDDLE_SHIFT; first <= MIDDLE_SHIFT; first += 0.5f) {
        for (float last = -MIDDLE_SHIFT; last <= MIDDLE_SHIFT; last += 0.5f) {
            if (n < MIN_CLOCK_CHIPS && last != first)
                continue;
            const float sum = sum_of_leads(&leads, n, first, last);
            if (sum > best) {
                best = sum;
                best_first = first;
                best_last = last;
            }
        }
    }
    const double late_first = shift_step * (double)best_first;
    const double late_last = shift_step * (double)best_last;
    burst->first_chip += late_last * burst->chip_samples;
    burst->chip_samples *= 1 + (late_last - late_first) / (double)n;
}
