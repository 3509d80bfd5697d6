/* SPDX-License-Identifier: MIT
 * READING_NAMES.md and the tables say the same, in both directions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "decode/vif_table.h"

enum { MAX_NAMES = 256, NAME_SIZE = 80 };

struct names {
    char text[MAX_NAMES][NAME_SIZE];
    size_t n;
};

static void add(struct names *names, const char *text)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->text[i], text) == 0)
            return;
    assert_true(names->n < MAX_NAMES && strlen(text) < NAME_SIZE);
    memcpy(names->text[names->n++], text, strlen(text) + 1);
}

static bool contains(const struct names *names, const char *text)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->text[i], text) == 0)
            return true;
    return false;
}

static void assert_within(const struct names *a, const struct names *b, const char *what)
{
    for (size_t i = 0; i < a->n; i++) {
        if (!contains(b, a->text[i]))
            print_message("%s: %s\n", what, a->text[i]);
        assert_true(contains(b, a->text[i]));
    }
}

static FILE *open_document(const char *heading)
{
    char path[1024], line[512];
    const char *root = getenv("WMBUS_SOURCE_DIR");
    snprintf(path, sizeof path, "%s/decode/READING_NAMES.md", root ? root : ".");
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        if (strncmp(line, "## ", 3) == 0 && strncmp(line + 3, heading, strlen(heading)) == 0)
            return f;
    fail_msg("no heading %s", heading);
    return NULL;
}

/* The words in backquotes of a piece of text, each with `before` in front. */
static void add_quoted(struct names *names, char *text, const char *before)
{
    bool any = false;
    for (char *at = strtok(text, "`"), *in = at ? strtok(NULL, "`") : NULL; in;
         at = strtok(NULL, "`"), in = at ? strtok(NULL, "`") : NULL) {
        char name[2 * NAME_SIZE];
        snprintf(name, sizeof name, "%s%s", before, in);
        add(names, name);
        any = true;
    }
    if (!any && *before)
        add(names, before);
}

/* First column of the tables under a heading; with_second: joined by a blank to each word of the
 * second. */
static void read_table(const char *heading, bool with_second, struct names *names)
{
    char line[512];
    FILE *f = open_document(heading);
    names->n = 0;
    while (fgets(line, sizeof line, f) && strncmp(line, "## ", 3) != 0) {
        char *first = line + 3, *end = strchr(first, '`');
        if (strncmp(line, "| `", 3) != 0 || !end)
            continue;
        *end = 0;
        char name[NAME_SIZE], second[256] = "-";
        snprintf(name, sizeof name, "%.60s%s", first, with_second ? " " : "");
        if (with_second)
            snprintf(second + 1, sizeof second - 1, "%.*s", (int)strcspn(end + 4, "|"), end + 4);
        if (with_second)
            add_quoted(names, second, name);
        else
            add(names, name);
    }
    fclose(f);
}

static void add_quantity(struct names *names, const struct vif_row *row)
{
    static const enum vif_unit times[] = { UNIT_DATE, UNIT_DATETIME, UNIT_TIME };
    char name[NAME_SIZE];
    for (size_t i = 0; i < 3; i++) {
        enum vif_unit unit = row->data == VIF_TIME ? times[i] : row->unit;
        snprintf(name, sizeof name, "%.60s %s", row->quantity, vif_units[unit].name);
        add(names, name);
    }
}

static void quantities_of_tables(struct names *names)
{
    names->n = 0;
    for (int table = 0; table < N_VIF_TABLES; table++)
        for (unsigned code = 0; code < 128; code++)
            if (vif_find((enum vif_table)table, (uint8_t)code)->quantity)
                add_quantity(names, vif_find((enum vif_table)table, (uint8_t)code));
}

static void test_quantities(void **state)
{
    (void)state;
    static struct names document, tables;
    read_table("Quantities", true, &document);
    quantities_of_tables(&tables);
    assert_true(tables.n > 100);
    assert_within(&tables, &document, "not in the document");
    assert_within(&document, &tables, "not in the tables");
}

static void test_qualifiers(void **state)
{
    (void)state;
    static struct names document, tables;
    read_table("Qualifiers", false, &document);
    tables.n = 0;
    for (unsigned code = 0; code < 256; code++) {
        const struct vife_row *row = vife_find(code >= 128, (uint8_t)code);
        if (row->qualifier)
            add(&tables, row->qualifier);
    }
    assert_within(&tables, &document, "not in the document");
    assert_within(&document, &tables, "not in the tables");
}

static void test_units(void **state)
{
    (void)state;
    static struct names document, tables;
    read_table("Units", false, &document);
    tables.n = 0;
    for (int unit = 0; unit < N_VIF_UNITS; unit++)
        if (*vif_units[unit].name)
            add(&tables, vif_units[unit].name);
    assert_within(&tables, &document, "not in the document");
    assert_within(&document, &tables, "not in the tables");
}

static void assert_plain(const char *text)
{
    assert_int_equal(strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(text));
    assert_null(strstr(text, "__"));
}

static bool begins(const char *word, const char *start)
{
    size_t n = strlen(start);
    return strncmp(word, start, n) == 0 && (!word[n] || word[n] == '_');
}

static void read_reserved(struct names *reserved)
{
    char text[514] = " ";
    FILE *f = open_document("Reserved words");
    reserved->n = 0;
    while (fgets(text + 1, sizeof text - 1, f))
        if (text[1] == '`')
            add_quoted(reserved, text, "");
    fclose(f);
}

static void test_reserved_words(void **state)
{
    (void)state;
    static const char *const functions[] = { "", "max_", "min_", "error_" };
    static struct names reserved, special, quantities;
    read_reserved(&reserved);
    assert_true(contains(&reserved, "time_s") && contains(&reserved, "input_error"));
    quantities_of_tables(&quantities);
    read_table("Special names", false, &special);
    for (size_t i = 0; i < quantities.n; i++)
        *strchr(quantities.text[i], ' ') = 0;
    for (size_t r = 0; r < reserved.n; r++) {
        assert_plain(reserved.text[r]);
        for (size_t i = 0; i < quantities.n; i++)
            for (size_t k = 0; k < 4; k++) {
                char name[NAME_SIZE + 8];
                snprintf(name, sizeof name, "%s%s", functions[k], quantities.text[i]);
                assert_plain(name);
                assert_false(begins(reserved.text[r], name));
            }
        for (size_t i = 0; i < special.n; i++) /* these never stand alone, but for "custom" */
            assert_true(!begins(reserved.text[r], special.text[i]) ||
                        strcmp(reserved.text[r], "manufacturer") == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantities),
        cmocka_unit_test(test_qualifiers),
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_reserved_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
