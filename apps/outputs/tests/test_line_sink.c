/* SPDX-License-Identifier: MIT */
#include "apps/outputs/line_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"

static char folder[] = "/tmp/wmbus_lines_XXXXXX";
static char path[64], moved[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/x", folder);
    snprintf(moved, sizeof moved, "%s/y", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    unlink(moved);
    return rmdir(folder);
}

static void assert_holds(const char *file, const char *expected)
{
    char text[256];
    FILE *from = fopen(file, "r");
    assert_non_null(from);
    size_t n = fread(text, 1, sizeof text - 1, from);
    fclose(from);
    text[n] = 0;
    assert_int_equal(n, strlen(expected));
    assert_string_equal(text, expected);
}

static void write_lines(struct line_sink *sink, const char *a, const char *b)
{
    struct err err;
    assert_true(line_sink_write(sink, a, true, &err));
    assert_true(line_sink_write(sink, b, true, &err));
}

static void test_file_is_appended_to_and_reopened(void **state)
{
    (void)state;
    struct err err;
    for (int live = 0; live < 2; live++) {
        unlink(path);
        struct line_sink *sink = line_sink_open(path, live, NULL, &err);
        write_lines(sink, "one", "two");
        assert_true(line_sink_close(sink, &err));
        sink = line_sink_open(path, live, NULL, &err);
        assert_int_equal(rename(path, moved), 0);
        line_sink_reopen(sink);
        write_lines(sink, "three", "four");
        assert_true(line_sink_close(sink, &err));
        assert_holds(moved, "one\ntwo\n");
        assert_holds(path, "three\nfour\n");
    }
}

/* Until the file can be made again, nothing is lost, and the trouble is told. */
static void test_reopened_too_early(void **state)
{
    (void)state;
    struct err err;
    char deep[80], away[80], file[100], kept[100];
    snprintf(deep, sizeof deep, "%s/deep", folder);
    snprintf(away, sizeof away, "%s/away", folder);
    snprintf(file, sizeof file, "%s/x", deep);
    snprintf(kept, sizeof kept, "%s/x", away);
    for (int live = 0; live < 2; live++) {
        assert_int_equal(mkdir(deep, 0700), 0);
        struct line_sink *sink = line_sink_open(file, live, NULL, &err);
        assert_int_equal(rename(deep, away), 0);
        line_sink_reopen(sink);
        assert_int_equal(line_sink_write(sink, "one", true, &err), live);
        double queue_fill;
        while (live && !(line_sink_lost(sink, &err, &queue_fill), err.text[0]))
            poll(NULL, 0, 1);
        assert_non_null(strstr(err.text, "/deep/x to write: No such file or directory"));
        assert_int_equal(mkdir(deep, 0700), 0);
        assert_true(line_sink_write(sink, "two", true, &err));
        assert_true(line_sink_close(sink, &err));
        assert_holds(kept, live ? "one\n" : "");
        assert_holds(file, "two\n");
        assert_int_equal(unlink(kept) | unlink(file) | rmdir(away) | rmdir(deep), 0);
    }
}

static void test_no_such_folder(void **state)
{
    (void)state;
    struct err err;
    assert_null(line_sink_open("/nowhere/at/all", true, NULL, &err));
    assert_int_equal(err.exit_code, EXIT_OUTPUT);
    assert_string_equal(err.text,
                        "cannot open /nowhere/at/all to write: No such file or directory");
}

static void test_full_disk(void **state)
{
    (void)state;
    struct err err = { .text = "" };
    struct line_sink *sink = line_sink_open("/dev/full", false, NULL, &err);
    assert_false(line_sink_write(sink, "lost", true, &err));
    assert_string_equal(err.text, "cannot write to /dev/full: No space left on device");
    assert_true(line_sink_close(sink, &err));

    sink = line_sink_open("/dev/full", true, NULL, &err);
    write_lines(sink, "lost", "too"); /* live, it goes on */
    assert_false(line_sink_close(sink, &err));
    assert_string_equal(err.text, "2 lines were lost for /dev/full: cannot write to /dev/full: No "
                                  "space left on device");
    assert_int_equal(err.exit_code, EXIT_OUTPUT);
}

static void limit_files(rlim_t n_bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = n_bytes < limit.rlim_max ? n_bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The disk is full in the midst of a line, and then there is room again. Standard output is where
 * its file offset is, not at the end. */
static void test_no_half_line_and_no_hole(void **state)
{
    (void)state;
    struct err err;
    signal(SIGXFSZ, SIG_IGN);
    for (int to_stdout = 0; to_stdout < 2; to_stdout++) {
        unlink(path);
        int before = dup(STDOUT_FILENO);
        int file = open(path, O_WRONLY | O_CREAT, 0600);
        assert_true(dup2(file, STDOUT_FILENO) >= 0);
        struct line_sink *sink = line_sink_open(to_stdout ? NULL : path, false, NULL, &err);
        bool first = line_sink_write(sink, "one", false, &err);
        limit_files(6);
        bool second = line_sink_write(sink, "cut", false, &err);
        limit_files(RLIM_INFINITY);
        bool third = line_sink_write(sink, "three", false, &err);
        assert_true(line_sink_close(sink, &err));
        assert_true(dup2(before, STDOUT_FILENO) >= 0); /* cmocka's reports go there */
        close(before);
        close(file);
        assert_true(first && !second && third);
        assert_holds(path, "one\nthree\n");
    }
}

/* Nobody reads a named pipe: it fills, the queue as well, and no call waits. */
static void test_reader_that_hangs(void **state)
{
    (void)state;
    static const int n_lines = 60000; /* 64 KiB of pipe, 20000 lines of queue, and more */
    struct err err;
    volatile sig_atomic_t stop = 0;
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDWR | O_NONBLOCK);
    struct line_sink *sink = line_sink_open(path, true, &stop, &err);
    for (int i = 0; i < n_lines; i++)
        assert_true(line_sink_write(sink, "a line", false, &err));
    double queue_fill;
    uint64_t lost = line_sink_lost(sink, &err, &queue_fill);
    assert_true(queue_fill >= 0 && queue_fill <= 1);
    /* at least what the queue holds is kept, even if its thread had no time as yet */
    assert_true(lost > 0 && lost <= (uint64_t)n_lines - 20000);
    stop = 1;
    assert_false(line_sink_close(sink, &err));
    assert_int_equal(err.exit_code, EXIT_OUTPUT);
    assert_non_null(strstr(err.text, "lines were lost for"));
    assert_non_null(strstr(err.text, "its reader was too slow"));
    close(reader);
    unlink(path);
}

static void *read_slowly(void *fd)
{
    static char text[1 << 20];
    size_t n = 0;
    ssize_t got;
    poll(NULL, 0, 50);
    while ((got = read(*(const int *)fd, text + n, sizeof text - 1 - n)) > 0)
        n += (size_t)got;
    text[n] = 0;
    return text;
}

/* A replay loses nothing to a slow reader, also if writing does not block. */
static void test_pipe_that_does_not_block(void **state)
{
    (void)state;
    static const size_t n_lines = 30;
    static char line[10001]; /* goes in pieces */
    struct err err;
    pthread_t reader;
    void *text;
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    int from = open(path, O_RDONLY | O_NONBLOCK);
    assert_int_equal(fcntl(from, F_SETFL, 0), 0);
    int before = dup(STDOUT_FILENO), to = open(path, O_WRONLY | O_NONBLOCK);
    assert_true(dup2(to, STDOUT_FILENO) >= 0);
    close(to);
    assert_int_equal(pthread_create(&reader, NULL, read_slowly, &from), 0);
    struct line_sink *sink = line_sink_open(NULL, false, NULL, &err);
    bool ok = true;
    memset(line, 'x', sizeof line - 1);
    for (size_t i = 0; ok && i < n_lines; i++)
        ok = line_sink_write(sink, line, true, &err);
    ok &= line_sink_close(sink, &err);
    assert_true(dup2(before, STDOUT_FILENO) >= 0);
    close(before);
    pthread_join(reader, &text);
    close(from);
    assert_true(ok);
    assert_int_equal(strlen(text), n_lines * sizeof line);
    unlink(path);
}

/* Somebody who wants to end is heard also where nobody reads. */
static void test_pipe_that_nobody_reads(void **state)
{
    (void)state;
    static volatile sig_atomic_t stop = 1;
    struct err err = { .exit_code = EXIT_OK };
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_null(line_sink_open(path, true, &stop, &err));
    assert_int_equal(err.exit_code, EXIT_OUTPUT);
    assert_non_null(strstr(err.text, "nobody reads there"));
    const int reader = open(path, O_RDONLY | O_NONBLOCK);
    struct line_sink *sink = line_sink_open(path, false, NULL, &err);
    assert_non_null(sink);
    assert_true(line_sink_write(sink, "a", true, &err));
    assert_true(line_sink_close(sink, &err));
    char text[8];
    assert_int_equal(read(reader, text, sizeof text), 2);
    close(reader);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_is_appended_to_and_reopened),
        cmocka_unit_test(test_reopened_too_early),
        cmocka_unit_test(test_no_such_folder),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_no_half_line_and_no_hole),
        cmocka_unit_test(test_reader_that_hangs),
        cmocka_unit_test(test_pipe_that_does_not_block),
        cmocka_unit_test(test_pipe_that_nobody_reads),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
