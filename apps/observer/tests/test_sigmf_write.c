/* SPDX-License-Identifier: MIT
 * What is written in SigMF, and the samples that are kept for it. */
#include "apps/observer/sigmf_write.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "apps/common/utc.h"
#include "apps/observer/iq_history.h"
#include "apps/sources/sigmf_meta.h"

/* What is written is read again as what it was. */
static void test_meta_again(void **state)
{
    (void)state;
    for (enum iq_format format = IQ_CU8; format <= IQ_CF32; format++) {
        const struct source source = {
            .format = format,
            .center_hz = 868.625e6,
            .sample_rate_sps = 1.024e6,
            .has_start = true,
            .start_us = 1706704496000000, /* 2024-01-31T12:34:56Z */
        };
        struct sigmf_meta meta;
        struct err err;
        struct json_object *o = sigmf_meta_json(&source, 512000, NULL);
        const char *text = json_object_to_json_string(o);
        assert_true(sigmf_meta_parse(text, strlen(text), &meta, &err));
        assert_int_equal(sample_coding_format(&meta.coding), format);
        assert_true(sample_coding_is_plain(&meta.coding));
        assert_true(meta.center_hz == source.center_hz);
        assert_true(meta.sample_rate_sps == source.sample_rate_sps);
        assert_true(meta.has_start && meta.start_us == source.start_us + 500000);
        assert_int_equal(meta.n_parts, 1);
        sigmf_meta_free(&meta);
        json_object_put(o);
    }
}

static void test_files(void **state)
{
    (void)state;
    char folder[] = "/tmp/test_sigmf_XXXXXX", path[64], link[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a", folder);
    snprintf(link, sizeof link, "%s/b", folder);
    struct json_object *o = json_object_new_object();
    assert_true(sigmf_write_meta(path, o));
    errno = 0;
    assert_false(sigmf_write_meta(path, o)); /* never over what is there */
    assert_int_equal(errno, EEXIST);
    assert_int_equal(symlink("c", link), 0); /* nor through a link */
    assert_null(sigmf_create(link));
    json_object_put(o);
    unlink(path);
    unlink(link);
    assert_int_equal(rmdir(folder), 0); /* nothing else was made */
}

/* ---- history ----------------------------------------------------------------------------------
 */

enum { CAPACITY = 100 };

/* Samples first ... end - 1, of which sample k is k, as they must come out; n of them. */
static void check_history(const struct iq_history *h, uint64_t first, uint64_t end, size_t n,
                          uint64_t from)
{
    int16_t got[2 * CAPACITY];
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_true(iq_history_write(h, first, end, file));
    rewind(file);
    assert_int_equal(fread(got, 4, CAPACITY, file), n);
    for (size_t k = 0; k < n; k++) {
        assert_int_equal(got[2 * k], (int16_t)(from + k));
        assert_int_equal(got[2 * k + 1], -(int16_t)(from + k));
    }
    fclose(file);
}

static void test_history(void **state)
{
    (void)state;
    static const size_t pushes[] = { 1, 7, 99, 100, 101, 350 };
    for (size_t p = 0; p < sizeof pushes / sizeof pushes[0]; p++) {
        struct iq_history *h = iq_history_open(IQ_CS16, CAPACITY);
        int16_t iq[2 * 350];
        uint64_t end = 0;
        assert_non_null(h);
        check_history(h, 0, 10, 0, 0);
        while (end < 1000) {
            for (size_t k = 0; k < pushes[p]; k++) {
                iq[2 * k] = (int16_t)(end + k);
                iq[2 * k + 1] = (int16_t)-iq[2 * k];
            }
            iq_history_push(h, iq, pushes[p]);
            end += pushes[p];
            const uint64_t first = end > CAPACITY ? end - CAPACITY : 0;
            assert_int_equal(iq_history_end(h), end);
            assert_int_equal(iq_history_first(h), first);
            check_history(h, 0, end + 5, (size_t)(end - first), first);
            check_history(h, end - 1, end, 1, end - 1);
        }
        iq_history_close(h);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meta_again),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
