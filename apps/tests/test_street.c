/* SPDX-License-Identifier: MIT
 * End to end: the first seconds of the demonstration's street through wmbus-gen and wmbus-rx, and
 * every telegram against the truth. */
#include <json-c/json.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#define SECONDS "6"

enum { MAX_LINES = 200 };

static char directory[] = "/tmp/test_street.XXXXXX";

static void run(const char *program, const char *arguments)
{
    char command[2048];
    int n = snprintf(command, sizeof command, "cd %s && '%s/%s' %s 2>message", directory,
                     getenv("WMBUS_BIN_DIR"), program, arguments);
    assert_true(n > 0 && (size_t)n < sizeof command);
    assert_int_equal(system(command), 0);
}

static size_t read_lines(const char *name, struct json_object **objects)
{
    char path[256], *line = NULL;
    size_t size = 0, n = 0;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *from = fopen(path, "r");
    assert_non_null(from);
    while (getline(&line, &size, from) > 0) {
        assert_true(n < MAX_LINES);
        objects[n] = json_tokener_parse(line);
        assert_non_null(objects[n++]);
    }
    free(line);
    fclose(from);
    return n;
}

static double number(struct json_object *o, const char *key)
{
    struct json_object *value;
    assert_true(json_object_object_get_ex(o, key, &value));
    return json_object_get_double(value);
}

static const char *text(struct json_object *o, const char *key)
{
    struct json_object *value;
    return json_object_object_get_ex(o, key, &value) ? json_object_get_string(value) : "";
}

/* What the receiver measures, and how far it may be off. The signal's level and the noise's are
 * known to the receiver only as well as a few milliseconds of samples tell. */
static const struct {
    const char *key;
    double tolerance;
} measured[] = {
    { "time_s", 20e-6 },     { "snr_db", 1.0 },        { "offset_hz", 1000 },
    { "chip_rate_cps", 60 }, { "deviation_hz", 4000 },
};

static bool is_same(struct json_object *sent, struct json_object *received)
{
    return strcmp(text(sent, "telegram"), text(received, "telegram")) == 0 &&
           fabs(number(sent, "time_s") - number(received, "time_s")) < 1e-3;
}

static void check_pair(struct json_object *sent, struct json_object *received)
{
    print_message("%s %s %s\n", text(sent, "time_s"), text(sent, "mode"), text(received, "name"));
    assert_string_equal(text(sent, "format"), text(received, "format"));
    assert_memory_equal(text(sent, "mode"), text(received, "mode"), 2);
    bool clipped = number(sent, "amplitude") > 100; /* then the noise is not what it was */
    for (size_t k = 0; k < sizeof measured / sizeof measured[0]; k++) {
        const char *key = measured[k].key;
        double error = number(received, key) - number(sent, key);
        print_message("  %s %+g\n", key, error);
        if (strcmp(key, "snr_db") != 0 || !clipped)
            assert_true(fabs(error) < measured[k].tolerance);
    }
    bool has_key = *text(received, "name"); /* only the neighbour's meter has no name, and no key */
    assert_string_equal(text(received, "decrypted"), has_key ? "true" : "false");
    assert_string_equal(text(received, "reason"), has_key ? "" : "no_key");
}

static void test_every_telegram_of_the_street(void **state)
{
    (void)state;
    static struct json_object *sent[MAX_LINES], *received[MAX_LINES];
    char arguments[1024];
    const char *source = getenv("WMBUS_SOURCE_DIR");
    snprintf(arguments, sizeof arguments,
             "--scene %s/test_vectors/street/scene.jsonl --duration " SECONDS
             " -f 868.625M -s 1600k --noise 1.5 --dc 0.7,-0.4 --seed 7"
             " -o street_868.625M_1600k.cu8 -t truth.jsonl",
             source);
    run("wmbus-gen", arguments);
    snprintf(arguments, sizeof arguments,
             "-c %s/test_vectors/street/meters.yaml street_868.625M_1600k.cu8 >received.jsonl",
             source);
    run("wmbus-rx", arguments);
    size_t n_sent = read_lines("truth.jsonl", sent), n = read_lines("received.jsonl", received);
    assert_true(n_sent >= 15);
    size_t missing = 0;
    for (size_t s = 0; s < n_sent; s++) {
        size_t found = 0;
        for (size_t r = 0; r < n; r++)
            if (is_same(sent[s], received[r])) {
                check_pair(sent[s], received[r]);
                found++;
            }
        if (found != 1)
            print_message("%s: %zu times\n", json_object_to_json_string(sent[s]), found);
        missing += found != 1;
    }
    assert_int_equal(missing, 0);
    assert_int_equal(n, n_sent);
    for (size_t k = 0; k < n; k++) {
        json_object_put(sent[k]);
        json_object_put(received[k]);
    }
}

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_telegram_of_the_street) };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
