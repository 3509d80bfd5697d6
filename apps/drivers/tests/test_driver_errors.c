/* SPDX-License-Identifier: MIT
 * What is wrong with a driver is said, and where; limits are kept to the last that fits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "apps/common/exit_codes.h"
#include "apps/drivers/driver_file.h"
#include "base/array_len.h"

#define FIELD(entries) "driver: a\nfields:\n  b: { " entries " }\n"
#define BYTES(entries) "driver: a\nblocks:\n  - in: tail\n    fields:\n      b: { " entries " }\n"

static const struct {
    const char *what, *text, *message;
} errors[] = {
    { "not YAML", "driver: [", "f.yaml:2: expected YAML" },
    { "no mapping", "- a\n", "f.yaml:1: expected a mapping" },
    { "no name", "meters: []\n", "driver: expected a name" },
    { "capital letters", "driver: Water\n", "driver: expected a name" },
    { "unknown entry", "driver: a\nfield: {}\n", "f.yaml:2: unknown entry field" },
    { "entry twice", "driver: a\nuse: []\nuse: []\n", "f.yaml:3: use stands twice" },
    { "meter", "driver: a\nmeters:\n  - KAM 1B\n", "f.yaml:3: meters: expected" },
    { "meter's version", "driver: a\nmeters:\n  - KAM 1 16\n", "f.yaml:3: meters: expected" },
    { "quantity", "driver: a\nfields:\n  b_m3: volumen\n", "f.yaml:3: field b_m3: unknown quan" },
    { "qualifier", "driver: a\nfields:\n  b_m3: volume backwards\n", "unknown word" },
    { "nothing selected", "driver: a\nfields:\n  b_m3: max storage 1\n", "expected one quantity" },
    { "unit", "driver: a\nfields:\n  b_m3: energy\n", "m3 is no unit of energy" },
    { "range", "driver: a\nfields:\n  b_m3: volume storage 3-1\n", "expected a number, a range" },
    { "name", "driver: a\nfields:\n  b-m3: volume\n", "expected a name such as" },
    { "reserved name", "driver: a\nfields:\n  id: fabrication_no\n", "a field that every" },
    { "braces", "driver: a\nfields:\n  b_{x}_m3: volume\n", "expected a name such as" },
    { "field twice", "driver: a\nfields:\n  b_m3: volume\n  b_m3: volume\n", ":4: b_m3 stands" },
    { "vif", "driver: a\nfields:\n  b_m3: vif 1\n", "expected hex behind vif" },
    { "vife alone", "driver: a\nfields:\n  b_m3: vife FF01\n", "expected one quantity" },
    { "vif and vife", "driver: a\nfields:\n  b_m3: vif 13 vife FF01\n", "expected hex behind" },
    { "vife and a qualifier", "driver: a\nfields:\n  b_m3: volume backward vife FF01\n",
      "expected one quantity" },
    { "block", "driver: a\nblocks:\n  - in: nowhere\n", "f.yaml:3: block: expected in" },
    { "type", "driver: a\nblocks:\n  - in: tail\n    fields:\n      b: { at: 1, type: u7 }\n",
      "unknown type" },
    { "condition", "driver: a\nblocks:\n  - in: tail\n    when: byte 1 & 3\n", "expected a cond" },
    { "transform", "driver: a\nblocks:\n  - in: tail\n    transform: magic\n", "none of that na" },
    { "expression", "driver: a\nfields:\n  b: { calc: c + }\n", "is not known" },
    { "brackets", "driver: a\nfields:\n  b: { calc: sqrt(2 }\n", "expected )" },
    { "for_each", "driver: a\nfields:\n  b: { calc: 2, for_each: c }\n", "no such field" },
    { "shared", "driver: a\nuse: [nothing]\n", "cannot read" },
    { "shared path", "driver: a\nuse: [../secret]\n", "names of shared rules" },
    { "words", "driver: a\nfields:\n  b: { record: error_flags, flags: { x: Y } }\n",
      "expected a number such as 0x10" },
    { "block that is a text", "driver: a\nblocks: [tail]\n", ":2: block: expected a mapping" },
    { "blocks that are none", "driver: a\nblocks: tail\n", ":2: blocks: expected a list" },
    { "frame as it is", "driver: a\nblocks:\n  - in: frame\n", "frame needs a transform" },
    { "prior", "driver: a\ntests:\n  - { telegram: 00, prior: 00, readings: {} }\n",
      "expected a list of te" },
    { "prior without hex", "driver: a\ntests:\n  - { telegram: 00, prior: [[x]], readings: {} }\n",
      "prior: expected hex" },
    { "readings", "driver: a\ntests:\n  - { telegram: 00, readings: [b] }\n",
      "expected a mapping from names" },
    { "readings in lists", "driver: a\ntests:\n  - { telegram: 00, readings: { b: [1] } }\n",
      "expected names and values" },
    { "test that is a text", "driver: a\ntests: [00]\n", ":2: test: expected telegram" },
    { "tests that are none", "driver: a\ntests: 00\n", ":2: tests: expected a list" },
    { "by_name", "driver: a\ntests:\n  - { telegram: 00, by_name: perhaps, readings: {} }\n",
      "by_name: expected yes or no" },
    { "use", "driver: a\nuse: water\n", ":2: use: expected a list" },
    { "ignore", "driver: a\nignore: volume\n", ":2: ignore: expected a list" },
    { "ignore what is none", "driver: a\nignore: [volumen]\n", ":2: ignore: unknown quan" },
    { "meters that are none", "driver: a\nmeters: KAM\n", ":2: meters: expected a list" },
    { "aliases that are none", "driver: a\naliases: b\n", ":2: aliases: expected a list" },
    { "alias", "driver: a\naliases: [B]\n", ":2: aliases: expected names" },
    { "generic", "driver: a\ngeneric: maybe\n", ":2: generic: expected yes or no" },
    { "media", "driver: a\nmedia: [water]\n", ":2: media: expected a text" },
    { "fields", "driver: a\nfields: [volume]\n", ":2: fields: expected a mapping" },
    { "field that is a list", "driver: a\nfields:\n  [b]: volume\n", ":3: expected a name" },
    { "field in a list", "driver: a\nfields:\n  b: [volume, volumen]\n",
      ":3: field b: unknown quantity" },
    { "field of a block", "driver: a\nblocks:\n  - in: tail\n    fields:\n      b: volume\n",
      "expected a mapping with at" },
    { "record in a list", FIELD("record: [volume]"), "record: expected a text or a number" },
    { "unknown key of a field", FIELD("record: volume, scales: 2"), "unknown entry scales" },
    { "two sources", FIELD("record: volume, calc: 2"), "expected one of record:, from:, calc:" },
    { "from", FIELD("from: dll"), "from: expected tpl_status" },
    { "for_each alone", FIELD("record: volume, for_each: c"), "for_each: only with calc" },
    { "after", FIELD("record: volume, after: c"), "f.yaml:3: field b: after: there is no such" },
    { "when", FIELD("record: volume, when: byte 1 = 2"), "when: only in blocks" },
    { "mask", FIELD("record: error_flags, mask: x, flags: { 1: A }"),
      "mask: expected a number from 0 to" },
    { "flag", FIELD("record: volume, raw: 3"), "field b: expected yes or no" },
    { "scale", FIELD("record: volume, scale: much"), "scale: expected a number" },
    { "scale 0", FIELD("record: volume, scale: 0"), "scale: expected a number" },
    { "scale of 16 digits", FIELD("record: volume, scale: 1234567890123456"), "scale: expec" },
    { "scale with two points", FIELD("record: volume, scale: 1.2.3"), "scale: expected a n" },
    { "divide", FIELD("record: volume, divide: 1000000001"), "divide: expected a number" },
    { "ok", FIELD("record: error_flags, ok: FINE, flags: { 1: A }"), "ok: expected OK or an" },
    { "rest", FIELD("record: error_flags, rest: A"), "rest: needs flags or values" },
    { "flags and values", FIELD("record: error_flags, flags: { 1: A }, values: { 1: B }"),
      "not more of them" },
    { "flags in a list", FIELD("record: error_flags, flags: [A]"), "from numbers to words" },
    { "words in a list", FIELD("record: error_flags, flags: { 1: [A] }"), "expected words" },
    { "numbers", FIELD("record: volume, numbers: { 1: much }"), "a number such as 2.65" },
    { "repeat", BYTES("at: 1, type: u8, repeat: 101"), "repeat: expected a number from 0 to 100" },
    { "step", BYTES("at: 1, type: u8, step: 256"), "step: expected a number from 0 to 255" },
    { "no place", BYTES("type: u8"), "expected at: the place of its first byte" },
    { "no type", BYTES("at: 1"), "expected type: with at:" },
    { "place", BYTES("at: x, type: u8"), "at: expected a number of bytes" },
    { "place too far", BYTES("at: 513, type: u8"), "at: expected a number of bytes" },
    { "place too far before the end", BYTES("at: -513, type: u8"), "at: expected a number of" },
    { "bits", BYTES("at: 1, type: u8, bits: 7-64"), "bits: expected a bit such as 3" },
    { "bits backwards", BYTES("at: 1, type: u8, bits: 7-4"), "bits: expected a bit such as 3" },
    { "type too long", BYTES("at: 1, type: u8888888888888888888888888"), "unknown type" },
    { "record in a block", BYTES("record: volume"), "a block has no record:" },
    { "storage", "driver: a\nfields:\n  b_m3: volume storage\n", "expected a number behind" },
    { "nth", "driver: a\nfields:\n  b_m3: volume nth 0\n", "from 1 to 255 behind nth" },
    { "nth 256", "driver: a\nfields:\n  b_m3: volume nth 256\n", "from 1 to 255 behind nth" },
    { "nth of many", "driver: a\nfields:\n  b_m3: volume nth 1-2\n", "from 1 to 255 behind" },
    { "word",
      "driver: a\nfields:\n  b_m3: volume "
      "a_word_so_long_that_no_quantity_and_no_qualifier_can_ever_be_it_at_all\n",
      "a word is too long" },
    { "many qualifiers",
      "driver: a\nfields:\n  b_m3: volume backward backward backward backward backward\n",
      "expected at most 4 qualifiers" },
    { "odd hex", "driver: a\nfields:\n  b: vif 131\n", "expected hex behind vif" },
    { "sqrt alone", FIELD("calc: sqrt"), "expected (" },
    { "nine brackets", FIELD("calc: (((((((((1)))))))))"), "too many brackets" },
    { "nothing behind an operator", FIELD("calc: 1 +"), "expected a number, a name" },
    { "a number of two points", FIELD("calc: 1.2.3"), "expected a number" },
    { "a long number", FIELD("calc: 1111111111111111111111111111111111"), "a number is too" },
    { "rest of an expression", FIELD("calc: 1 2"), "expected + - * / or the end" },
    { "test", "driver: a\ntests:\n  - readings: {}\n", "expected telegram" },
};

static void what_is_wrong_is_said_with_its_line(void **state)
{
    struct driver_set set;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        struct err err = { .text = "" };
        print_message("%s\n", errors[i].what);
        driver_set_init(&set, shared_rules_builtin);
        assert_false(driver_set_parse(&set, errors[i].text, strlen(errors[i].text),
                                      "/nowhere/f.yaml", &err));
        if (!strstr(err.text, errors[i].message))
            print_error("%s\n", err.text);
        assert_non_null(strstr(err.text, errors[i].message));
        assert_int_equal(err.exit_code, EXIT_CONFIG);
        driver_set_free(&set);
    }
}

/* head, line so many times with its number in it, and tail. */
static bool parses(const char *head, const char *line, unsigned n, const char *tail,
                   struct err *err)
{
    static char text[1 << 17];
    struct driver_set set;
    size_t at = (size_t)snprintf(text, sizeof text, "%s", head);
    for (unsigned k = 0; k < n; k++) {
        const char *place = strchr(line, '#');
        at += (size_t)snprintf(text + at, sizeof text - at, "%.*s%u%s",
                               place ? (int)(place - line) : (int)strlen(line), line, k,
                               place ? place + 1 : "");
    }
    at += (size_t)snprintf(text + at, sizeof text - at, "%s", tail);
    assert_true(at < sizeof text);
    driver_set_init(&set, NULL);
    const bool ok = driver_set_parse(&set, text, at, "f.yaml", err);
    driver_set_free(&set);
    return ok;
}

static void limits(void **state)
{
    static const struct {
        const char *what, *head, *line, *tail;
        unsigned most;
        const char *message;
    } rows[] = {
        { "fields", "driver: a\nfields:\n", "  b#_m3: volume storage 1\n", "", DRIVER_MAX_RULES,
          "expected at most 400 fields" },
        { "blocks", "driver: a\nblocks:\n", "  - { in: tail, when: byte 1 = # }\n", "",
          DRIVER_MAX_BLOCKS, "expected at most 16 blocks" },
        { "ignored records", "driver: a\nignore:\n", "  - volume storage #\n", "", 64,
          "ignore: expected at most 64" },
        { "steps of an expression", "driver: a\nfields: { b: { calc: 1", " + #", " } }\n",
          (DRIVER_MAX_STEPS - 1) / 2, "the expression is too long" },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct err err = { .text = "" };
        print_message("%s\n", rows[r].what);
        if (!parses(rows[r].head, rows[r].line, rows[r].most, rows[r].tail, &err))
            fail_msg("%s", err.text);
        assert_false(parses(rows[r].head, rows[r].line, rows[r].most + 1, rows[r].tail, &err));
        assert_non_null(strstr(err.text, rows[r].message));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_said_with_its_line),
        cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
