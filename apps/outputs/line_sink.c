/* SPDX-License-Identifier: MIT */
#include "apps/outputs/line_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/common/exit_codes.h"
#include "apps/common/text_queue.h"
#include "apps/common/thread.h"

enum {
    QUEUE_LINES = 20000, /* hours of a busy street                                       */
    PIECE_BYTES = 4096,  /* PIPE_BUF of Linux: a pipe that is ready takes that much       */
    POLL_MS = 100,
};

struct line_sink {
    char *path; /* NULL: standard output */
    int fd;
    const volatile sig_atomic_t *stop;
    atomic_bool reopen, give_up;
    struct text_queue *queue; /* NULL: lines are written at once */
    pthread_t thread;
    /* of both threads */
    pthread_mutex_t mutex;
    struct err trouble; /* "" = none */
    struct err last;    /* why a line was lost; "" = never by writing */
    bool gone;          /* the reader of standard output */
};

/* A thread of its own is told to give up after a while. */
static bool gives_up(struct line_sink *sink)
{
    return sink->queue ? atomic_load(&sink->give_up) : sink->stop && *sink->stop;
}

static bool is_pipe(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* A pipe that nobody reads yet is waited for here, where it can give up. */
static int open_to_write(struct line_sink *sink)
{
    int fd;
    while ((fd = open(sink->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0644)) <
               0 &&
           errno == ENXIO && is_pipe(sink->path) && !gives_up(sink))
        poll(NULL, 0, POLL_MS);
    return fd;
}

static bool open_path(struct line_sink *sink, struct err *err)
{
    const int fd = open_to_write(sink), why = errno;
    if (fd < 0)
        return err_set(err, EXIT_OUTPUT, "cannot open %.300s to write: %s", sink->path,
                       why == ENXIO && is_pipe(sink->path) ? "nobody reads there" : strerror(why));
    if (sink->fd > STDOUT_FILENO)
        close(sink->fd);
    sink->fd = fd;
    return true;
}

static const char too_slow[] = "its reader was too slow";

/* By errno; 0: it was given up. */
static bool fail(const struct line_sink *sink, struct err *err)
{
    if (!sink->path && errno)
        return err_of_stdout(err);
    return err_set(err, EXIT_OUTPUT, "cannot write to %.300s: %s",
                   sink->path ? sink->path : "standard output", errno ? strerror(errno) : too_slow);
}

/* What does not block in write blocks here, where it can give up. */
static bool is_ready(struct line_sink *sink)
{
    struct pollfd item = { .fd = sink->fd, .events = POLLOUT };
    while (poll(&item, 1, POLL_MS) <= 0)
        if (gives_up(sink))
            return false;
    return true;
}

/* Bytes written, fewer than n with errno, see fail. Whoever shares standard output with us may have
 * made it one that does not block. */
static size_t write_pieces(struct line_sink *sink, const char *text, size_t n)
{
    size_t done = 0;
    while (done < n && is_ready(sink)) {
        ssize_t put = write(sink->fd, text + done, n - done < PIECE_BYTES ? n - done : PIECE_BYTES);
        if (put >= 0)
            done += (size_t)put;
        else if (errno != EINTR && errno != EAGAIN)
            return done;
    }
    errno = 0;
    return done;
}

/* No half line stays in a file whose disk is full, nor, where nothing is appended (> FILE), a hole
 * in its place. */
static void take_back(int fd, size_t n)
{
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && ftruncate(fd, st.st_size - (off_t)n) == 0)
        lseek(fd, -(off_t)n, SEEK_CUR);
}

/* Live, lines go to where the file was moved until it can be opened anew; *err says so. */
static bool reopen(struct line_sink *sink, struct err *err)
{
    if (!sink->path || !atomic_exchange(&sink->reopen, false) || open_path(sink, err))
        return true;
    atomic_store(&sink->reopen, true);
    return sink->queue != NULL;
}

/* text ends in a line's end. */
static bool write_line(struct line_sink *sink, const char *text, size_t n, struct err *err)
{
    if (!reopen(sink, err))
        return false;
    size_t done = write_pieces(sink, text, n);
    if (done == n)
        return true;
    fail(sink, err);
    if (done > 0)
        take_back(sink->fd, done);
    return false;
}

static void remember(struct line_sink *sink, const struct err *err, bool written)
{
    pthread_mutex_lock(&sink->mutex);
    sink->trouble = *err;
    if (!written)
        sink->last = *err;
    sink->gone |= err->text[0] && err->exit_code == EXIT_OK;
    pthread_mutex_unlock(&sink->mutex);
}

static void *write_queue(void *user)
{
    struct line_sink *sink = user;
    struct pollfd item = { .fd = text_queue_fd(sink->queue), .events = POLLIN };
    while (!text_queue_is_over(sink->queue)) {
        struct text_item *line = text_queue_pop(sink->queue);
        if (!line) {
            poll(&item, 1, -1);
            continue;
        }
        struct err err = { .text = "" };
        bool ok = write_line(sink, line->text, line->n, &err);
        remember(sink, &err, ok);
        text_queue_done(sink->queue, ok);
        free(line);
    }
    return NULL;
}

static bool start_thread(struct line_sink *sink, struct err *err)
{
    sink->queue = text_queue_open(QUEUE_LINES, sink->stop);
    if (sink->queue && thread_start(&sink->thread, write_queue, sink))
        return true;
    text_queue_free(sink->queue);
    return err_set(err, EXIT_INTERNAL, "no thread to write with: %s", strerror(errno));
}

static void free_sink(struct line_sink *sink)
{
    if (sink->fd > STDOUT_FILENO)
        close(sink->fd);
    pthread_mutex_destroy(&sink->mutex);
    free(sink->path);
    free(sink);
}

struct line_sink *line_sink_open(const char *path, bool live, const volatile sig_atomic_t *stop,
                                 struct err *err)
{
    struct line_sink *sink = calloc(1, sizeof *sink);
    if (path && strcmp(path, "-") == 0)
        path = NULL;
    if (!sink || (path && !(sink->path = strdup(path)))) {
        free(sink);
        err_set(err, EXIT_INTERNAL, "out of memory");
        return NULL;
    }
    pthread_mutex_init(&sink->mutex, NULL);
    sink->fd = STDOUT_FILENO;
    sink->stop = stop;
    if ((!path || open_path(sink, err)) && (!live || start_thread(sink, err)))
        return sink;
    free_sink(sink);
    return NULL;
}

/* Says so, if nobody reads standard output any more. */
static bool check_reader(struct line_sink *sink, struct err *err)
{
    pthread_mutex_lock(&sink->mutex);
    bool gone = sink->gone;
    if (gone)
        *err = sink->trouble;
    pthread_mutex_unlock(&sink->mutex);
    return !gone;
}

bool line_sink_write(struct line_sink *sink, const char *line, bool wait, struct err *err)
{
    size_t n = strlen(line);
    char *text = malloc(n + 2);
    if (!text)
        return err_set(err, EXIT_INTERNAL, "out of memory");
    memcpy(text, line, n + 1);
    text[n] = '\n';
    text[n + 1] = 0;
    bool ok = sink->queue ? check_reader(sink, err) : write_line(sink, text, n + 1, err);
    if (ok && sink->queue)
        text_queue_push(sink->queue, "", text, false, wait);
    free(text);
    return ok;
}

void line_sink_reopen(struct line_sink *sink)
{
    atomic_store(&sink->reopen, true);
}

uint64_t line_sink_lost(struct line_sink *sink, struct err *trouble, double *queue_fill)
{
    *queue_fill = sink->queue ? text_queue_fill(sink->queue) : 0;
    pthread_mutex_lock(&sink->mutex);
    *trouble = sink->trouble;
    pthread_mutex_unlock(&sink->mutex);
    return sink->queue ? text_queue_lost(sink->queue) : 0;
}

bool line_sink_close(struct line_sink *sink, struct err *err)
{
    bool ok = true;
    if (sink->queue) {
        text_queue_close(sink->queue, (double)INFINITY);
        atomic_store(&sink->give_up, true);
        pthread_join(sink->thread, NULL);
        ok = check_reader(sink, err);
        uint64_t lost = text_queue_lost(sink->queue);
        if (ok && lost > 0)
            ok = err_set(err, EXIT_OUTPUT, "%" PRIu64 " line%s lost for %.200s: %.200s", lost,
                         lost == 1 ? " was" : "s were", sink->path ? sink->path : "standard output",
                         sink->last.text[0] ? sink->last.text : too_slow);
        text_queue_free(sink->queue);
    }
    free_sink(sink);
    return ok;
}
