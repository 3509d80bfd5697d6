/* SPDX-License-Identifier: MIT */
#include "apps/observer/burst_folder.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/common/exit_codes.h"
#include "apps/observer/sigmf_write.h"

enum { MAX_SAME_NAME = 1000, PATH_SIZE = 4096 };

bool burst_folder_check(const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return err_set(err, EXIT_OUTPUT, "cannot write bursts to %.300s: %s (mkdir makes it)", path,
                       strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return err_set(err, EXIT_OUTPUT, "cannot write bursts to %.300s: it is no directory", path);
    return access(path, W_OK | X_OK) == 0 ||
           err_set(err, EXIT_OUTPUT, "cannot write bursts to %.300s: %s", path, strerror(errno));
}

bool burst_folder_open(struct burst_folder *f, const char *path, bool failed_only, unsigned limit,
                       FILE *words, struct err *err)
{
    *f = (struct burst_folder){
        .path = path, .failed_only = failed_only, .limit = limit, .words = words
    };
    if (!burst_folder_check(path, err))
        return false;
    return pthread_mutex_init(&f->lock, NULL) == 0 || err_set(err, EXIT_INTERNAL, "out of memory");
}

bool burst_folder_close(struct burst_folder *f, struct err *err)
{
    pthread_mutex_destroy(&f->lock);
    if (f->err.exit_code == EXIT_OK)
        return true;
    *err = f->err;
    return false;
}

bool burst_folder_wants(struct burst_folder *f, const struct burst_report *report)
{
    return !f->failed_only || report->result != BURST_TELEGRAM;
}

/* ---- one recording ------------------------------------------------------------------------ */

/* The two files of a recording. */
struct pair {
    char data[PATH_SIZE], meta[PATH_SIZE];
};

static bool name_pair(const struct burst_folder *f, const char *name, unsigned k, struct pair *p)
{
    char number[16] = "";
    if (k > 1)
        snprintf(number, sizeof number, "_%u", k);
    const int n = snprintf(p->data, sizeof p->data, "%s/%s%s.sigmf-data", f->path, name, number);
    snprintf(p->meta, sizeof p->meta, "%s/%s%s.sigmf-meta", f->path, name, number);
    errno = ENAMETOOLONG;
    return n > 0 && n < (int)sizeof p->data;
}

/* The first name that is free. NULL with errno. */
static FILE *create(const struct burst_folder *f, const char *name, struct pair *p)
{
    FILE *data = NULL;
    errno = EEXIST;
    for (unsigned k = 1; !data && errno == EEXIST && k <= MAX_SAME_NAME; k++)
        if (name_pair(f, name, k, p))
            data = sigmf_create(p->data);
    return data;
}

/* The metadata come last: what has them is whole. False with errno, and nothing left behind. */
static bool write_pair(FILE *data, const struct pair *p, const struct iq_history *history,
                       uint64_t first, uint64_t end, struct json_object *meta)
{
    bool ok = iq_history_write(history, first, end, data) && fflush(data) == 0;
    int why = errno;
    fclose(data);
    if (ok && sigmf_write_meta(p->meta, meta))
        return true;
    why = ok ? errno : why;
    unlink(p->data);
    errno = why;
    return false;
}

static void give_up(struct burst_folder *f, const char *path)
{
    err_set(&f->err, EXIT_OUTPUT, "cannot write %.300s: %s; no more bursts were written", path,
            strerror(errno));
    fprintf(f->words, "wmbus-rx: cannot write %s: %s; going on without writing bursts\n", path,
            strerror(errno));
    f->full = true;
}

static void write_one(struct burst_folder *f, const char *name, const struct iq_history *history,
                      uint64_t first, uint64_t end, struct json_object *meta)
{
    struct pair pair = { .data = "" };
    if (f->n_written == f->limit) {
        f->full = true;
        fprintf(f->words, "wmbus-rx: %u bursts were written to %s; no more are (--burst-limit)\n",
                f->n_written, f->path);
        return;
    }
    FILE *data = create(f, name, &pair);
    if (!data || !write_pair(data, &pair, history, first, end, meta))
        give_up(f, pair.data);
    else
        f->n_written++;
}

void burst_folder_write(struct burst_folder *f, const char *name, const struct iq_history *history,
                        uint64_t first, uint64_t end, struct json_object *meta)
{
    pthread_mutex_lock(&f->lock);
    if (!f->full)
        write_one(f, name, history, first, end, meta);
    pthread_mutex_unlock(&f->lock);
}
