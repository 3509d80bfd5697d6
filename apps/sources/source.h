/* SPDX-License-Identifier: MIT
 * Where samples come from. A kind of source is one file and one row of the table in source.c. */
#ifndef APPS_SOURCES_SOURCE_H
#define APPS_SOURCES_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "apps/common/err.h"
#include "dsp/iq.h"

/* What the command line asks for; 0 or NAN = not given. */
struct source_config {
    const char *text; /* a file, "-", or either behind a prefix, see recording_name.h       */
    double center_hz;
    double sample_rate_sps;
    size_t block_samples; /* most samples of one read; must not be 0                            */
    /* a part of what is seekable: samples first_sample ... end_sample - 1; 0: to its end */
    uint64_t first_sample, end_sample;
    bool has_start; /* the time of sample 0 is given: start_us, since 1970 UTC                  */
    int64_t start_us;
    double stall_s; /* a pipe that gives nothing for so long has failed; 0: it may            */
    double ppm;     /* error of the oscillator that samples it, or did */
    /* of devices */
    double gain_db; /* NAN: the best is found out */
    bool bias_tee;
};

/* What a source says of itself while it is read. */
struct source_note {
    const char *event; /* name of the event */
    char text[512];
};

/* By what a value was told; a recording tells in its name, its header or its metadata. */
enum source_told { SOURCE_TOLD_BY_OPTION, SOURCE_TOLD_BY_RECORDING, SOURCE_ASSUMED };

struct source {
    /* filled by source_open */
    const char *name; /* for messages                                                       */
    enum iq_format format;
    double center_hz, sample_rate_sps;
    enum source_told center_told, rate_told;
    char device[96], gain[64]; /* of a device, for people: what it is called, and its gain        */
    bool live;                 /* a device: the samples come by themselves                        */
    bool seekable; /* may be opened again and begun in the middle, and is as long as it says     */
    bool has_start;
    int64_t start_us;       /* time of sample 0, since 1970 UTC                                   */
    uint64_t total_samples; /* 0 = not known                                                      */
    /* filled while reading */
    size_t odd_bytes;  /* at the very end: not a whole sample                               */
    double queue_fill; /* 0 ... 1: of the samples that may wait, how many do               */
    const struct source_note
        *note; /* came with the last read, which may have no samples then; or NULL */
    /* of the row */
    const struct source_type *type;
    void *state;
};

struct source_type {
    const char *name;
    const char *written, *help; /* how it is written on the command line; what it is, broken      */
                                /* into lines                                                     */
    bool (*claims)(const char *text);
    /* Of a text that it claims: can there be such a source? False with *err. NULL: always. */
    bool (*check)(const char *text, struct err *err);
    bool (*may_be_live)(const char *text);
    /* Is this file one that it reads, to be written ("-": standard output)? NULL: it reads none. */
    bool (*reads)(const char *text, const char *path);
    bool (*open)(struct source *source, const struct source_config *config, struct err *err);
    bool (*read)(struct source *source, struct iq_block *block, struct err *err);
    void (*close)(struct source *source);
    /* While it is read, by who reads it; false: it cannot, or not now. NULL: never. */
    bool (*set_ppm)(struct source *source, double ppm);
    bool is_device; /* sends by itself: several are received side by side */
};

/* False with *err: there can be no source of this text; opens nothing. source_open checks it too.
 */
bool source_check(const char *text, struct err *err);
/* False with *err: the source cannot be opened, or nothing tells its format. */
bool source_open(struct source *source, const struct source_config *config, struct err *err);
/* The next 1 ... block_samples samples, the source's until the next call; none, and no note, at the
 * end or when stopped (stop.h). False with *err if reading fails. */
bool source_read(struct source *source, struct iq_block *block, struct err *err);
void source_close(struct source *source);
/* A line for people: what is listened to, and how. */
void source_print(const struct source *source, FILE *to);
/* Corrects the error of a device's oscillator anew, by whole ppm; by the thread that reads it.
 * False: it cannot, or not now. */
bool source_set_ppm(struct source *source, int ppm);

/* Is the source of this text a device? */
bool source_is_device(const char *text);
/* Is it one at this computer's USB, with an RTL2832U? */
bool source_is_dongle(const char *text);
/* Will the source of this text perhaps come in real time? Known before it is opened. */
bool source_may_be_live(const char *text);

/* Does the source of this text read the file that is to be written, see same_file.h? */
bool source_reads(const char *text, const char *path);

/* All kinds, for the help text. */
void source_print_help(FILE *to);

extern const char source_default[]; /* where samples come from if nothing is said */

extern const struct source_type source_rtlsdr;  /* a dongle                                */
extern const struct source_type source_rtl_tcp; /* a dongle somewhere else                 */
extern const struct source_type source_soapy;   /* other radios                            */
extern const struct source_type source_sigmf;   /* recordings with metadata beside them     */
extern const struct source_type source_wav;     /* recordings of SDR#, SDRuno, HDSDR        */
extern const struct source_type source_file;    /* plain recordings, and standard input     */

#endif
