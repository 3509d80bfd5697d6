/* SPDX-License-Identifier: MIT
 * Recordings that are nothing but samples, and standard input. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/common/exit_codes.h"
#include "apps/sources/recording_name.h"
#include "apps/sources/sample_file.h"

static bool claims_all(const char *text)
{
    (void)text;
    return true;
}

static bool check(const char *text, struct err *err)
{
    struct recording_name name;
    struct stat st;
    recording_name_parse(text, &name);
    if (!name.path[0])
        return err_set(err, EXIT_FILE,
                       "\"%.300s\" names no file to receive; was a variable of the shell not set?",
                       text);
    if (name.has_format || strcmp(name.path, "-") == 0)
        return true;
    if (stat(name.path, &st) == 0 && S_ISDIR(st.st_mode))
        return err_set(err, EXIT_FILE, "cannot read %.300s: it is a directory", name.path);
    if (!strpbrk(name.path, "./") && access(name.path, F_OK) != 0)
        return err_set(err, EXIT_FILE,
                       "%.300s: no command, no device and no file; --help lists what there is",
                       name.path);
    return err_set(err, EXIT_FILE,
                   "%.300s: the suffix names no format; write cu8:, cs8:, cs16: or cf32: "
                   "before it",
                   name.path);
}

static bool open_file(struct source *source, const struct source_config *config, struct err *err)
{
    static const struct sample_part whole = { .n_bytes = SAMPLE_PART_TO_END };
    struct recording_name name;
    recording_name_parse(config->text, &name);
    const struct recording recording = {
        .path = name.path,
        /* as rtl_sdr writes to a pipe */
        .coding = sample_coding_of(name.has_format ? name.format : IQ_CU8),
        .parts = &whole,
        .n_parts = 1,
    };
    return sample_file_open(source, config, &recording, err);
}

const struct source_type source_file = {
    .name = "file",
    .written = "FILE",
    .help = "plain samples, their format told by the suffix, .cu8 .cs8 .cs16\n"
            ".cf32, or by a prefix: cu8:868.95M:1600k:FILE; - is standard\n"
            "input, cu8 unless it has another prefix: cs16:-",
    .claims = claims_all,
    .check = check,
    .may_be_live = sample_file_may_be_live,
    .reads = sample_file_reads,
    .open = open_file,
    .read = sample_file_read,
    .close = sample_file_close,
};
