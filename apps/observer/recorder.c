/* SPDX-License-Identifier: MIT */
#include "apps/observer/recorder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/common/exit_codes.h"
#include "apps/observer/sigmf_write.h"

enum { PATH_SIZE = 4096 };

struct recorder {
    char path[PATH_SIZE]; /* of the samples */
    FILE *data;
    size_t sample_bytes;
    bool failed;
};

static bool fail(struct recorder *r, struct err *err)
{
    r->failed = true;
    return err_set(err, EXIT_OUTPUT, "cannot write %.300s: %s; the recording ends there", r->path,
                   strerror(errno));
}

/* Length of the path without its suffix. */
static size_t stem_of(const char *path)
{
    static const char *const suffixes[] = { ".sigmf-data", ".sigmf-meta", ".sigmf" };
    const size_t n = strlen(path);
    for (size_t k = 0; k < sizeof suffixes / sizeof suffixes[0]; k++) {
        const size_t n_suffix = strlen(suffixes[k]);
        if (n > n_suffix && strcmp(path + n - n_suffix, suffixes[k]) == 0)
            return n - n_suffix;
    }
    return n;
}

/* The metadata say nothing that is known at the end only, so they are there if the program dies. */
static bool create_files(struct recorder *r, const char *path, const struct source *source)
{
    char meta_path[PATH_SIZE];
    const int stem = (int)stem_of(path);
    snprintf(meta_path, sizeof meta_path, "%.*s.sigmf-meta", stem, path);
    errno = ENAMETOOLONG;
    if (snprintf(r->path, sizeof r->path, "%.*s.sigmf-data", stem, path) >= (int)sizeof r->path)
        return false;
    r->data = sigmf_create(r->path);
    if (!r->data)
        return false;
    struct json_object *meta = sigmf_meta_json(source, 0, NULL);
    const bool ok = sigmf_write_meta(meta_path, meta);
    const int why = errno;
    json_object_put(meta);
    if (!ok) {
        fclose(r->data);
        unlink(r->path);
        memcpy(r->path, meta_path, sizeof meta_path); /* for the message */
    }
    errno = why;
    return ok;
}

struct recorder *recorder_open(const char *path, const struct source *source, struct err *err)
{
    struct recorder *r = calloc(1, sizeof *r);
    if (!r) {
        err_set(err, EXIT_INTERNAL, "out of memory");
        return NULL;
    }
    r->sample_bytes = iq_sample_bytes(source->format);
    if (create_files(r, path, source))
        return r;
    err_set(err, EXIT_OUTPUT, "cannot record to %.300s: %s", r->path,
            errno == EEXIST ? "it is there already; choose another name or remove it"
                            : strerror(errno));
    free(r);
    return NULL;
}

bool recorder_push(struct recorder *r, const void *iq, size_t n, struct err *err)
{
    return r->failed || fwrite(iq, r->sample_bytes, n, r->data) == n || fail(r, err);
}

bool recorder_close(struct recorder *r, struct err *err)
{
    bool ok = r->failed || fflush(r->data) == 0 || fail(r, err);
    fclose(r->data);
    free(r);
    return ok;
}
