/* SPDX-License-Identifier: MIT
 * Recordings and standard input, read in blocks of a fixed size: memory does not grow with the
 * file. */
#include "apps/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/exit_codes.h"
#include "apps/recording_name.h"

struct file_state {
    int fd;
    const volatile sig_atomic_t *stop;
    size_t capacity;      /* bytes                                                   */
    size_t kept, kept_at; /* bytes of a sample that has not arrived whole            */
    unsigned char buffer[];
};

/* Centre of the channel of modes T and C, and the rate that rtl-wmbus made usual. */
static const double default_center_hz = 868.95e6;
static const double default_rate_sps = 1.6e6;

static bool claims_all(const char *text)
{
    (void)text;
    return true;
}

static void close_file(struct source *source)
{
    struct file_state *s = source->state;
    if (s && s->fd > STDIN_FILENO)
        close(s->fd);
    free(s);
    source->state = NULL;
}

static bool is_stdin(const char *path)
{
    return !strcmp(path, "-");
}

/* Option before name before default. */
static enum source_told choose(double option, double from_name, double fallback, double *value)
{
    *value = option > 0 ? option : from_name > 0 ? from_name : fallback;
    return option > 0      ? SOURCE_TOLD_BY_OPTION
           : from_name > 0 ? SOURCE_TOLD_BY_NAME
                           : SOURCE_ASSUMED;
}

static bool choose_format(struct source *source, const struct recording_name *name, struct err *err)
{
    source->format = name->has_format ? name->format : IQ_CU8; /* as rtl_sdr writes to a pipe */
    if (name->has_format || is_stdin(name->path))
        return true;
    return err_set(err, EXIT_FILE,
                   "%.300s: the suffix names no format; write cu8:, cs8:, cs16: or cf32: before it",
                   name->path);
}

static bool open_fd(const char *path, int *fd, struct stat *st, struct err *err)
{
    *fd = is_stdin(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0 || fstat(*fd, st) != 0)
        return err_set(err, EXIT_FILE, "cannot open %.300s: %s", path, strerror(errno));
    if (S_ISDIR(st->st_mode))
        return err_set(err, EXIT_FILE, "cannot read %.300s: it is a directory", path);
    return true;
}

static bool measure(struct source *source, const char *path, const struct stat *st, struct err *err)
{
    size_t sample_bytes = iq_sample_bytes(source->format);
    bool regular = S_ISREG(st->st_mode);
    source->total_samples = regular ? (uint64_t)st->st_size / sample_bytes : 0;
    if (!regular || is_stdin(path) || source->total_samples > 0)
        return true;
    if (st->st_size == 0)
        return err_set(err, EXIT_FILE, "%.300s is empty", path);
    return err_set(err, EXIT_FILE, "%.300s is too short for one sample of %zu bytes", path,
                   sample_bytes);
}

static bool open_file(struct source *source, const struct source_config *config, struct err *err)
{
    struct recording_name name;
    struct stat st = { .st_size = 0 };
    recording_name_parse(config->text, &name);
    source->name = is_stdin(name.path) ? "standard input" : name.path;
    source->center_told =
        choose(config->center_hz, name.center_hz, default_center_hz, &source->center_hz);
    source->rate_told = choose(config->sample_rate_sps, name.sample_rate_sps, default_rate_sps,
                               &source->sample_rate_sps);
    source->has_start = name.has_start;
    source->start_us = name.start_us;

    /* cf32 is read as floats: malloc's alignment carries over, the header has whole words. */
    size_t capacity = config->block_samples * sizeof(float[2]);
    struct file_state *s = source->state = calloc(1, sizeof *s + capacity);
    if (!s)
        return err_set(err, EXIT_INTERNAL, "no memory for blocks of %zu samples",
                       config->block_samples);
    s->fd = -1;
    s->stop = config->stop;
    if (open_fd(name.path, &s->fd, &st, err) && choose_format(source, &name, err) &&
        measure(source, name.path, &st, err)) {
        s->capacity = config->block_samples * iq_sample_bytes(source->format);
        return true;
    }
    close_file(source);
    return false;
}

static bool read_file(struct source *source, const void **iq, size_t *n, struct err *err)
{
    struct file_state *s = source->state;
    size_t sample_bytes = iq_sample_bytes(source->format);
    memmove(s->buffer, s->buffer + s->kept_at, s->kept);
    size_t filled = s->kept;
    s->kept = s->kept_at = 0;
    *iq = s->buffer;
    *n = 0;
    while (filled < sample_bytes) {
        if (s->stop && *s->stop)
            return true;
        ssize_t got = read(s->fd, s->buffer + filled, s->capacity - filled);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set(err, EXIT_FILE, "cannot read %.300s: %s", source->name, strerror(errno));
        if (got == 0) {
            source->odd_bytes = filled;
            return true;
        }
        filled += (size_t)got;
    }
    *n = filled / sample_bytes;
    s->kept_at = *n * sample_bytes;
    s->kept = filled - s->kept_at;
    return true;
}

/* A pipe may be fed by rtl_sdr; a file cannot. */
static bool may_be_live(const char *text)
{
    struct recording_name name;
    struct stat st;
    recording_name_parse(text, &name);
    int failed = is_stdin(name.path) ? fstat(STDIN_FILENO, &st) : stat(name.path, &st);
    return failed == 0 && !S_ISREG(st.st_mode);
}

const struct source_type source_file = {
    "file", claims_all, may_be_live, open_file, read_file, close_file,
};
