/* SPDX-License-Identifier: MIT
 * Formats of compact frames that are kept in a file. */
#include "apps/drivers/format_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"
#include "base/array_len.h"

#define X40 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X200 X40 X40 X40 X40 X40

static struct format_list list, again;
static struct err err;

static bool parse(const char *text)
{
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", text);
    FILE *f = fmemopen(copy, strlen(copy), "r");
    assert_non_null(f);
    const bool ok = format_file_read(f, "kept", &list, &err);
    fclose(f);
    return ok;
}

static void what_is_read(void **state)
{
    static const struct {
        const char *what, *text;
        size_t n;
        const char *message; /* NULL: it is right */
    } rows[] = {
        { "one", "0413\n", 1, NULL },
        { "several, comments, empty lines", "# a\n0413 # b\n\n02FF20 0413\r\n", 2, NULL },
        { "the same twice", "0413\n0413\n", 1, NULL },
        { "without an end of line", "0413", 1, NULL },
        { "no hex", "0413\nxyz\n", 0, "kept:2: expected headers of records in hex" },
        { "half a byte", "041\n", 0, "kept:1: expected" },
        { "longer than any", "0413 #" X200 X200 X200 X200 X200 X200 "\n", 0, "kept:1: expected" },
        { "half a header", "\n\n84\n", 0, "kept:3: expected" },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        print_message("%s\n", rows[r].what);
        assert_int_equal(parse(rows[r].text), !rows[r].message);
        if (rows[r].message) {
            assert_non_null(strstr(err.text, rows[r].message));
            assert_int_equal(err.exit_code, EXIT_CONFIG);
        } else {
            assert_int_equal(list.n, rows[r].n);
            assert_false(list.changed);
        }
    }
}

/* What one decoder learnt another knows, by way of the file. */
static void kept_and_given(void **state)
{
    char path[] = "/tmp/test_format_file.XXXXXX";
    struct decoder *first = decoder_open(NULL, 0), *second = decoder_open(NULL, 0);
    static struct telegram t;
    struct frame frame = { .n = 18,
                           .bytes = { 17, 0x44, 0x93, 0x15, 0x78, 0x56, 0x34, 0x12, 0x33, 0x03,
                                      0x78, 0x84, 0x01, 0x13, 0x2A, 0, 0, 0 } };
    (void)state;
    assert_int_equal(close(mkstemp(path)), 0);
    assert_int_equal(decoder_decode(first, &frame, 0, &t), DECODE_OK);
    assert_true(format_file_load(path, &list, &err));
    assert_int_equal(list.n, 0);
    format_list_gather(&list, first);
    assert_int_equal(list.n, 1);
    assert_true(list.changed);
    list.changed = false;
    format_list_gather(&list, first); /* nothing new */
    assert_int_equal(list.n, 1);
    assert_false(list.changed);
    assert_true(format_file_save(path, &list, &err));
    assert_true(format_file_load(path, &again, &err));
    assert_int_equal(again.n, 1);
    assert_int_equal(again.formats[0].n, 3);
    assert_memory_equal(again.formats[0].headers, "\x84\x01\x13", 3);
    assert_int_equal(again.formats[0].signature, list.formats[0].signature);
    frame = (struct frame){ .n = 19,
                            .bytes = { 18, 0x44, 0x93, 0x15, 0x78, 0x56, 0x34, 0x12, 0x33, 0x03,
                                       0x79, (uint8_t)again.formats[0].signature,
                                       (uint8_t)(again.formats[0].signature >> 8), 0, 0, 0x2A, 0, 0,
                                       0 } };
    assert_int_equal(decoder_decode(second, &frame, 0, &t), DECODE_WAITING_FORMAT);
    format_list_give(&again, second);
    assert_int_equal(decoder_decode(second, &frame, 0, &t), DECODE_OK);
    assert_true(t.n_readings > 0);
    assert_int_equal(unlink(path), 0);
    decoder_close(first);
    decoder_close(second);
}

static void files(void **state)
{
    (void)state;
    list.n = 7;
    assert_true(format_file_load("/nowhere/formats", &list, &err)); /* is empty */
    assert_int_equal(list.n, 0);
    assert_false(format_file_load("/", &list, &err));
    assert_int_equal(err.exit_code, EXIT_CONFIG);
    assert_false(format_file_save("/nowhere/formats", &list, &err));
    assert_int_equal(err.exit_code, EXIT_OUTPUT);
}

/* So many and no more. */
static void full(void **state)
{
    static char text[FORMAT_LIST_MAX * 12 + 100];
    size_t n = 0;
    (void)state;
    for (unsigned k = 0; k <= FORMAT_LIST_MAX; k++) /* storage numbers */
        n += (size_t)snprintf(text + n, sizeof text - n, "%02x%02x%02x13\n", 0x84u | (k & 1) << 6,
                              0x80u | (k >> 1 & 15), k >> 5);
    FILE *f = fmemopen(text, n, "r");
    assert_true(format_file_read(f, "kept", &list, &err));
    fclose(f);
    assert_int_equal(list.n, FORMAT_LIST_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read),
        cmocka_unit_test(kept_and_given),
        cmocka_unit_test(files),
        cmocka_unit_test(full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
