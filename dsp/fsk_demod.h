/* SPDX-License-Identifier: MIT
 * One burst: from the place where a training sequence may end to soft chips. The burst is taken out
 * of the samples at its own carrier, fitted to the training sequence (carrier, clock, deviation),
 * then followed chip by chip. */
#ifndef DSP_FSK_DEMOD_H
#define DSP_FSK_DEMOD_H

#include <stdbool.h>

#include "dsp/cpfsk_pairs.h"
#include "dsp/cpfsk_trellis.h"
#include "dsp/filter_design.h"
#include "dsp/iq.h"
#include "dsp/kernels/kernels.h"
#include "dsp/spectrum.h"
#include "dsp/training.h"

enum {
    FSK_MAX_SAMPLES = 6 << 15, /* of a burst, behind the decimation */
    FSK_TURN = 2048,           /* steps of the cosine table         */
    FSK_MAX_PLACES = 400,      /* of a scan; a preamble of S1 has 279 pairs */
    FSK_FINE = 16,             /* steps a chip of the training's phase */
    FSK_MAX_TRAINING = 2560,   /* samples of a training sequence: a share of FSK_MAX_SAMPLES */
};

struct fsk_demod_config {
    double sample_rate_sps;
    double channel_hz; /* nominal carrier, from the centre of the recording */
    double chip_rate_cps;
    double deviation_hz; /* in the middle of what is to be received           */
    double deviation_min_hz, deviation_max_hz;
    bool manchester; /* the data are pairs of chips 01 and 10             */
    struct training training;
};

/* A piece of the stream, as integers. */
struct iq_span {
    const int16_t *iq; /* [2 * n] */
    size_t n;
    uint64_t first_sample;
};

/* Shapes of the frequency pulse that are told apart. */
enum fsk_shape { FSK_UNSHAPED, FSK_GAUSSIAN, FSK_N_SHAPES };

/* What is known or supposed of a burst. */
struct fsk_burst {
    enum fsk_shape shape;
    double first_chip; /* where the first chip after the training sequence starts, in samples of */
                       /* the stream                                                           */
    double chip_samples; /* samples of the stream a chip                                        */
    double offset_hz;    /* carrier minus channel_hz                                            */
    float h;             /* modulation index; 0: not known yet                                  */
    float phase_rad;     /* of the carrier at first_chip                                        */
    float amplitude;     /* in the integers' unit times FIR_UNITY                               */
    float power;         /* of a sample of the training sequence, noise included */
    float match;         /* of the training sequence: 1 = no noise at all                       */
};

/* Of the fit of a training sequence. */
enum fsk_fit_param {
    FSK_FIT_PHASE,
    FSK_FIT_CARRIER,
    FSK_FIT_TIME,
    FSK_FIT_CLOCK,
    FSK_FIT_INDEX,
    FSK_FIT_PARAMS
};

/* The training sequence laid over the samples of a burst, sample by sample. */
struct fsk_training_rows {
    float re[FSK_MAX_TRAINING], im[FSK_MAX_TRAINING]; /* without it */
    /* By how much each parameter of a fit turns a sample. */
    float gradient[FSK_FIT_PARAMS][FSK_MAX_TRAINING];
};

struct fsk_demod {
    struct fsk_demod_config config;
    const struct kernels *kernels;
    struct spectrum_batch *spectrum;
    struct fir_prototype lowpass;
    size_t decimation;
    double rate_sps;
    double noise_bandwidth_hz;
    float h_min, h_max; /* modulation indices that a fit may give */
    float hopeless_match;
    float cosine[FSK_TURN + FSK_TURN / 4]; /* of one turn and a quarter */
    struct cpfsk_shape shapes[FSK_N_SHAPES];
    /* Phase of the training sequence, zero at its end, and its slope, in half turns of the
     * modulation index (a chip). */
    float phase[FSK_N_SHAPES][TRAINING_MAX_CHIPS * FSK_FINE + 2];
    float slope[FSK_N_SHAPES][TRAINING_MAX_CHIPS * FSK_FINE + 2];
    /* the burst at its own carrier */
    double extract_first; /* sample of the stream that extract 0 is the centre of */
    double extract_hz;
    size_t n_samples;
    float i[FSK_MAX_SAMPLES], q[FSK_MAX_SAMPLES];
    struct fsk_training_rows rows;
    struct cpfsk_segment segments[CPFSK_MAX_CHIPS];
    float chip_at[CPFSK_MAX_CHIPS]; /* where each chip begins, in samples of the stream from the */
                                    /* first on, as the clock loop has it                        */
    struct cpfsk_forward forward;
    struct cpfsk_pairs pairs;
    struct cpfsk_work work;
    uint8_t path[CPFSK_MAX_CHIPS];
    struct cpfsk_pulse pulse;
    float llr[CPFSK_MAX_CHIPS], llr_scale;
    soft_chip_t soft[CPFSK_MAX_CHIPS];
    size_t n_chips;
    float omega; /* of the last pass: carrier left in the segments, radians a chip */
};

/* false without memory. Plans an FFT: not thread-safe. */
bool fsk_demod_init(struct fsk_demod *demod, const struct fsk_demod_config *config,
                    const struct kernels *kernels);
void fsk_demod_deinit(struct fsk_demod *demod);

/* Samples of the stream that acquisition needs before and after the end of the training sequence.
 */
size_t fsk_demod_before(const struct fsk_demod *demod);
size_t fsk_demod_after(const struct fsk_demod *demod);

/* Mean power of samples first ... last of the stream behind the filter of a burst with that
 * carrier, in the unit of amplitude squared; 0 if span does not hold them. */
double fsk_demod_power(struct fsk_demod *demod, const struct iq_span *span, double first,
                       double last, double offset_hz);

/* Places where the training sequence may end, two chips apart, as a preamble repeats itself. */
struct fsk_scan {
    double first;        /* the first of them, in samples of the stream, at a chip's boundary     */
    size_t n;            /* at most FSK_MAX_PLACES                                                */
    double chip_samples; /* within 1 %                                                            */
    double offset_hz;    /* within 0.15 chip rates                                                */
    float h;             /* modulation index; 0: not known, which by_tones it must be             */
    bool by_tones; /* each chip by the strength of its tones, whatever their phases               */
    double tone_reach; /* by_tones: chip rates by which either tone may be beside where offset_hz */
                       /* and h have it, by noise; 0: they are right                              */
};

/* Compares all places with the training sequence. Writes the n_best best bursts to
 * *bursts, best first: first_chip, chip_samples, offset_hz and h (refined, by_tones as far as
 * tone_reach allows), and match, here of the chips one by one. Returns their number, 0 if it is no
 * training sequence at all. */
size_t fsk_demod_scan(struct fsk_demod *demod, const struct iq_span *span,
                      const struct fsk_scan *scan, struct fsk_burst *bursts, size_t n_best);

/* Fits the training sequence: *burst holds a place as fsk_demod_scan finds it, first_chip within a
 * tenth of a chip, chip_samples within 0.3 % and offset_hz within 0.01 chip rates (0.15 after a
 * scan by_tones), and is refined; shape and index are found. Returns burst->match, 0 if span does
 * not cover the training sequence. */
float fsk_demod_acquire(struct fsk_demod *demod, const struct iq_span *span,
                        struct fsk_burst *burst);

/* How the chips came out. */
struct fsk_result {
    float amplitude;   /* unit as burst->amplitude                            */
    float noise_power; /* what is not explained by the chips, at the demodulator's rate */
    float deviation_hz, chip_rate_cps, offset_hz;
};

/* Finds shape and index that suit the n_chips behind the training sequence best, starting from
 * those that suit the sequence itself. */
void fsk_demod_fit_pulse(struct fsk_demod *demod, const struct iq_span *span,
                         struct fsk_burst *burst, size_t n_chips);

/* Demodulates n_chips from burst->first_chip on, or as many as span holds. thorough: only after a
 * call without it, which refined *burst; its carrier is then known, and a second pass follows what
 * the first one tells of carrier and index. noise_density: noise power per hertz in the unit of
 * amplitude squared, for the scale of the soft chips. *chips and what its cost_of asks are demod's,
 * until it is next asked for anything. Refines *burst but for its place. */
void fsk_demod_chips(struct fsk_demod *demod, const struct iq_span *span, struct fsk_burst *burst,
                     size_t n_chips, bool thorough, double noise_density, struct chip_span *chips,
                     struct fsk_result *result);

#endif
