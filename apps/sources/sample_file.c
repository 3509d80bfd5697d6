/* SPDX-License-Identifier: MIT */
#include "apps/sources/sample_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/common/exit_codes.h"
#include "apps/common/same_file.h"
#include "apps/common/stop.h"
#include "apps/sources/recording_name.h"

struct file_state {
    int fd;
    bool may_wait; /* a pipe */
    int stall_ms;  /* at most so long for its next samples; -1: without end */
    struct sample_coding coding;
    struct sample_part *parts;
    size_t part, n_parts; /* the one that is read                                   */
    uint64_t at;          /* byte of the file that is read next                     */
    uint64_t next_sample, end_sample;
    size_t block_samples;
    unsigned char *raw;   /* [block_samples], as in the file                        */
    size_t kept, kept_at; /* bytes of a sample that has not arrived whole           */
    float *iq;            /* [block_samples], if they need conversion, or silence    */
};

/* Centre of the channel of modes T and C, and the rate that rtl-wmbus made usual. */
static const double default_center_hz = 868.95e6;
static const double default_rate_sps = 1.6e6;

static bool is_stdin(const char *path)
{
    return !strcmp(path, "-");
}

/* ---- opening ------------------------------------------------------------------------------ */

/* Option before recording before its name before default. */
static enum source_told choose(double option, double told, double by_name, double fallback,
                               double *value)
{
    if (told <= 0)
        told = by_name;
    *value = option > 0 ? option : told > 0 ? told : fallback;
    return option > 0 ? SOURCE_TOLD_BY_OPTION
           : told > 0 ? SOURCE_TOLD_BY_RECORDING
                      : SOURCE_ASSUMED;
}

static void fill_source(struct source *source, const struct source_config *config,
                        const struct recording *recording)
{
    struct recording_name name;
    recording_name_parse(config->text, &name);
    source->name = is_stdin(recording->path) ? "standard input" : name.path;
    source->format = sample_coding_format(&recording->coding);
    source->center_told = choose(config->center_hz, recording->center_hz, name.center_hz,
                                 default_center_hz, &source->center_hz);
    if (!isnan(config->ppm)) /* of the dongle that recorded it: it was tuned so much higher */
        source->center_hz *= 1 + config->ppm * 1e-6;
    source->rate_told = choose(config->sample_rate_sps, recording->sample_rate_sps,
                               name.sample_rate_sps, default_rate_sps, &source->sample_rate_sps);
    source->has_start = recording->has_start || name.has_start;
    source->start_us = recording->has_start ? recording->start_us : name.start_us;
}

static bool open_fd(const char *path, int *fd, struct stat *st, struct err *err)
{
    /* A pipe that nobody writes to yet is waited for where a stop is heard of, not here. */
    *fd = is_stdin(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0 || fstat(*fd, st) != 0 || (!is_stdin(path) && fcntl(*fd, F_SETFL, O_RDONLY) != 0))
        return err_set(err, EXIT_FILE, "cannot open %.300s: %s", path, strerror(errno));
    if (S_ISDIR(st->st_mode))
        return err_set(err, EXIT_FILE, "cannot read %.300s: it is a directory", path);
    return true;
}

/* Cuts the parts to whole samples of what the file holds, and counts them. */
static void measure_parts(struct file_state *s, uint64_t file_bytes, uint64_t *samples)
{
    const size_t sample_bytes = sample_coding_bytes(&s->coding);
    *samples = 0;
    for (size_t k = 0; k < s->n_parts; k++) {
        struct sample_part *part = &s->parts[k];
        const uint64_t there = part->first_byte < file_bytes ? file_bytes - part->first_byte : 0;
        const uint64_t n = (part->n_bytes < there ? part->n_bytes : there) / sample_bytes;
        if (part->n_bytes != SAMPLE_PART_TO_END)
            part->n_bytes = n * sample_bytes;
        *samples += n + part->silence;
    }
}

static bool measure(struct source *source, const char *path, const struct stat *st, struct err *err)
{
    struct file_state *s = source->state;
    if (!S_ISREG(st->st_mode))
        return true;
    measure_parts(s, (uint64_t)st->st_size, &source->total_samples);
    if (is_stdin(path) || source->total_samples > 0)
        return true;
    if (st->st_size == 0)
        return err_set(err, EXIT_FILE, "%.300s is empty", path);
    if ((uint64_t)st->st_size >= sample_coding_bytes(&s->coding))
        return err_set(err, EXIT_FILE, "%.300s holds no samples where its header or metadata say",
                       path);
    return err_set(err, EXIT_FILE, "%.300s is too short for one sample of %zu bytes", path,
                   sample_coding_bytes(&s->coding));
}

/* Goes on to the first sample that is wanted. */
static void skip_samples(struct file_state *s, uint64_t n)
{
    const size_t sample_bytes = sample_coding_bytes(&s->coding);
    s->next_sample = n;
    for (; n > 0 && s->part < s->n_parts; s->part++) {
        struct sample_part *part = &s->parts[s->part];
        const uint64_t silence = n < part->silence ? n : part->silence;
        part->silence -= silence;
        n -= silence;
        const uint64_t there = part->n_bytes / sample_bytes, skipped = n < there ? n : there;
        part->first_byte += skipped * sample_bytes;
        if (part->n_bytes != SAMPLE_PART_TO_END)
            part->n_bytes -= skipped * sample_bytes;
        n -= skipped;
        if (n == 0)
            return;
    }
}

static struct file_state *new_state(const struct source_config *config,
                                    const struct recording *recording)
{
    struct file_state *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    const size_t n = config->block_samples;
    s->fd = -1;
    s->coding = recording->coding;
    s->block_samples = n;
    s->n_parts = recording->n_parts;
    s->parts = calloc(s->n_parts, sizeof *s->parts);
    s->raw = malloc(n * sample_coding_bytes(&s->coding));
    s->iq = calloc(2 * n, sizeof *s->iq);
    if (s->parts)
        memcpy(s->parts, recording->parts, s->n_parts * sizeof *s->parts);
    return s;
}

bool sample_file_open(struct source *source, const struct source_config *config,
                      const struct recording *recording, struct err *err)
{
    struct stat st = { .st_size = 0 };
    struct file_state *s = source->state = new_state(config, recording);
    fill_source(source, config, recording);
    if (!s || !s->parts || !s->raw || !s->iq)
        err_set(err, EXIT_INTERNAL, "no memory for blocks of %zu samples", config->block_samples);
    else if (open_fd(recording->path, &s->fd, &st, err) &&
             measure(source, recording->path, &st, err)) {
        s->may_wait = !S_ISREG(st.st_mode);
        s->stall_ms = config->stall_s > 0 ? (int)(config->stall_s * 1e3) : -1;
        source->seekable = !s->may_wait && !is_stdin(recording->path);
        s->end_sample = config->end_sample ? config->end_sample : UINT64_MAX;
        skip_samples(s, config->first_sample);
        return true;
    }
    sample_file_close(source);
    return false;
}

void sample_file_close(struct source *source)
{
    struct file_state *s = source->state;
    if (!s)
        return;
    if (s->fd > STDIN_FILENO)
        close(s->fd);
    free(s->parts);
    free(s->raw);
    free(s->iq);
    free(s);
    source->state = NULL;
}

/* ---- reading ------------------------------------------------------------------------------ */

static size_t read_silence(struct file_state *s, struct sample_part *part)
{
    const enum iq_format format = sample_coding_format(&s->coding);
    const size_t n = part->silence < s->block_samples ? (size_t)part->silence : s->block_samples;
    memset(s->iq, format == IQ_CU8 ? 128 : 0, n * iq_sample_bytes(format));
    part->silence -= n;
    return n;
}

/* A dongle may take ten seconds to start. */
static int limit_ms(const struct file_state *s)
{
    enum { START_MS = 12000 };
    return s->at == 0 && s->stall_ms >= 0 && s->stall_ms < START_MS ? START_MS : s->stall_ms;
}

static bool fail_stalled(const struct source *source, struct err *err)
{
    const struct file_state *s = source->state;
    return err_set(err, EXIT_DEVICE, "exiting: no samples came from %.200s for %d s", source->name,
                   limit_ms(s) / 1000);
}

/* Reads until there is a whole sample. *n = 0: the part is at its end. */
static bool read_part(struct source *source, struct sample_part *part, size_t *n, struct err *err)
{
    struct file_state *s = source->state;
    const size_t sample_bytes = sample_coding_bytes(&s->coding);
    assert(sample_bytes > 0);
    memmove(s->raw, s->raw + s->kept_at, s->kept);
    size_t filled = s->kept;
    s->kept = s->kept_at = 0;
    *n = 0;
    while (filled < sample_bytes) {
        const size_t room = s->block_samples * sample_bytes - filled;
        const size_t want = part->n_bytes < room ? (size_t)part->n_bytes : room;
        if (s->may_wait && !stop_wait_readable(s->fd, limit_ms(s)))
            return stop_asked() || fail_stalled(source, err);
        const ssize_t got = want > 0 ? read(s->fd, s->raw + filled, want) : 0;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set(err, EXIT_FILE, "cannot read %.300s: %s", source->name, strerror(errno));
        if (got == 0) {
            source->odd_bytes = filled;
            return true;
        }
        filled += (size_t)got;
        s->at += (size_t)got;
        if (part->n_bytes != SAMPLE_PART_TO_END)
            part->n_bytes -= (size_t)got;
    }
    *n = filled / sample_bytes;
    s->kept_at = *n * sample_bytes;
    s->kept = filled - s->kept_at;
    return true;
}

/* Goes to the byte that a part starts with. */
static bool seek_part(struct source *source, const struct sample_part *part, struct err *err)
{
    struct file_state *s = source->state;
    if (s->at == part->first_byte)
        return true;
    s->at = part->first_byte;
    return lseek(s->fd, (off_t)part->first_byte, SEEK_SET) >= 0 ||
           err_set(err, EXIT_FILE, "cannot read %.300s: %s", source->name, strerror(errno));
}

bool sample_file_read(struct source *source, struct iq_block *block, struct err *err)
{
    struct file_state *s = source->state;
    bool ok = true;
    size_t n = 0;
    while (ok && n == 0 && s->part < s->n_parts && s->next_sample < s->end_sample &&
           !stop_asked()) {
        struct sample_part *part = &s->parts[s->part];
        if (part->silence > 0) {
            n = read_silence(s, part);
            *block = (struct iq_block){ .iq = s->iq };
            break;
        }
        ok = seek_part(source, part, err) && read_part(source, part, &n, err);
        part->first_byte = s->at;
        s->part += n == 0 && !stop_asked();
        const bool plain = sample_coding_is_plain(&s->coding);
        *block = (struct iq_block){ .iq = plain ? (const void *)s->raw : s->iq };
        if (!plain)
            sample_coding_convert(&s->coding, s->raw, n, s->iq);
    }
    block->n = n < s->end_sample - s->next_sample ? n : (size_t)(s->end_sample - s->next_sample);
    block->first_sample = s->next_sample;
    s->next_sample += block->n;
    return ok;
}

/* A pipe may be fed by rtl_sdr; a file cannot. */
bool sample_file_may_be_live(const char *text)
{
    struct recording_name name;
    struct stat st;
    recording_name_parse(text, &name);
    int failed = is_stdin(name.path) ? fstat(STDIN_FILENO, &st) : stat(name.path, &st);
    return failed == 0 && !S_ISREG(st.st_mode);
}

bool sample_file_reads(const char *text, const char *path)
{
    struct recording_name name;
    recording_name_parse(text, &name);
    return same_file(name.path, STDIN_FILENO, path, STDOUT_FILENO);
}

/* ---- headers ------------------------------------------------------------------------------ */

static bool read_head(int fd, uint8_t *bytes, size_t most, size_t *n)
{
    for (*n = 0; *n < most;) {
        const ssize_t got = read(fd, bytes + *n, most - *n);
        if (got < 0 && errno != EINTR)
            return false;
        if (got == 0)
            break;
        *n += got > 0 ? (size_t)got : 0;
    }
    return true;
}

uint8_t *sample_file_head(const char *path, size_t *n, uint64_t *size_bytes, struct err *err)
{
    struct stat st = { .st_size = 0 };
    uint8_t *bytes = NULL;
    int fd = -1;
    /* a pipe must not be opened before it is known for one: that may wait for a writer */
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
        err_set(err, EXIT_FILE, "cannot read %.300s: no ordinary file; pipes carry plain samples",
                path);
    } else if (open_fd(path, &fd, &st, err)) {
        const size_t most = (uint64_t)st.st_size < *n ? (size_t)st.st_size : *n;
        *size_bytes = (uint64_t)st.st_size;
        bytes = calloc(1, most + 1);
        if (bytes && !read_head(fd, bytes, most, n)) {
            err_set(err, EXIT_FILE, "cannot read %.300s: %s", path, strerror(errno));
            free(bytes);
            bytes = NULL;
        } else if (!bytes) {
            err_set(err, EXIT_INTERNAL, "out of memory");
        }
    }
    if (fd >= 0)
        close(fd);
    return bytes;
}
