/* SPDX-License-Identifier: MIT
 * Telegrams a second through CRC check, headers, decryption and records, for kinds of telegrams
 * that cost differently. Each is checked before it is timed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/clock.h"
#include "apps/drivers/driver_file.h"
#include "apps/telegrams/telegram_json.h"
#include "apps/telegrams/telegram_text.h"
#include "base/array_len.h"
#include "bench/machine.h"
#include "bench/runs.h"
#include "decode/address.h"
#include "decode/decoder.h"
#include "decode/dll.h"
#include "decode/tests/hex.h" /* bytes_from_hex */

enum { ROUNDS = 9, PER_ROUND = 20000, METERS = 5000 };

struct row {
    const char *name, *hex; /* stripped; public telegrams: OMS Volume 2 Annex N, wmbusmeters */
    enum decode_status status;
    size_t n_readings;
};

// clang-format off
static const struct row rows[] = {
    { "mode 5, two blocks",
      "2E4493157856341233037A2A0020255923C95AAA26D1B2E7493B013EC4A6F6"
      "D3529B520EDFF0EA6DEFC99D6D69EBF3", DECODE_OK, 6 },
    { "mode 5, no key",
      "2E4493150000000033037A2A0020255923C95AAA26D1B2E7493B013EC4A6F6"
      "D3529B520EDFF0EA6DEFC99D6D69EBF3", DECODE_NO_KEY, 0 },
    { "ELL, AES-CTR",
      "24442D2C692845631B168D3050209CD621B006B1140AEF4953AE5B86FAFC0B00E70705B846", DECODE_OK, 8 },
    { "compact frame",
      "1A442D2C998734761B1679EDA86AB6710008190000081900007F13", DECODE_OK, 10 },
    { "14 records in clear",
      "8F44B3382664080003027A090080052F2F066D37090E2232050C78266408000AFDC9FC0142020AFDC9FC0240020A"
      "FDC9FC0338028E30833C0000000000008E20833C0000000000008E10833C0000000000000BABC8FC100000008E10"
      "030750030000008E20035379060000008E30030000000000000B2B1307000BAB3C000000"
      "2F2F2F2F2F2F2F2F2F2F2F2F2F2F2F2F", DECODE_OK, 15 },
};
// clang-format on

static const char gas_key[] = "0102030405060708090A0B0C0D0E0F11";
static const char water_key[] = "4E5508544202058100DFEFA06B0934A5";

static struct telegram telegram;

static void set_meter(struct meter_config *meter, const char *id, const char *key)
{
    address_id_parse(id, meter->id);
    meter->keys[0].n = bytes_from_hex(key, meter->keys[0].bytes, sizeof meter->keys[0].bytes);
    meter->n_keys = 1;
}

/* The meters of the rows among thousands of others. */
static struct decoder *open_decoder(void)
{
    static struct meter_config meters[METERS];
    for (uint32_t i = 0; i < METERS; i++) {
        char id[ADDRESS_ID_TEXT + 1];
        snprintf(id, sizeof id, "%08x", (unsigned)(i * 2654435761u | 1));
        set_meter(&meters[i], id, gas_key);
    }
    set_meter(&meters[1000], "12345678", gas_key);
    set_meter(&meters[2000], "63452869", water_key);
    return decoder_open(meters, METERS);
}

/* As the receiver does it: strip a frame of format A, decode. */
static bool decode_one(struct decoder *decoder, const uint8_t *air, size_t n, const struct row *row)
{
    struct frame frame = { 0 };
    return dll_strip(FRAME_A, air, n, &frame) == DECODE_OK &&
           decoder_decode(decoder, &frame, 0, &telegram) == row->status &&
           telegram.n_readings == row->n_readings;
}

static void print_rates(const char *name, const double *rates, bool json)
{
    printf(json ? "{\"bench\":\"decode\",\"telegram\":\"%s\",\"best_per_s\":%.0f,"
                  "\"median_per_s\":%.0f}\n"
                : "%-22s %9.0f %9.0f\n",
           name, rates[ROUNDS - 1], rates[ROUNDS / 2]);
}

static bool run_row(struct decoder *decoder, const struct row *row, bool json)
{
    uint8_t bytes[FRAME_MAX_BYTES], air[FRAME_MAX_AIR_BYTES];
    double rates[ROUNDS];
    size_t n = dll_dress(FRAME_A, bytes, bytes_from_hex(row->hex, bytes, sizeof bytes), air);
    if (!decode_one(decoder, air, n, row)) {
        fprintf(stderr, "bench_decode: %s: got %s and %zu readings\n", row->name,
                decode_status_name(telegram.status), telegram.n_readings);
        return false;
    }
    for (int round = 0; round < ROUNDS; round++) {
        double start = monotonic_s();
        for (int i = 0; i < PER_ROUND; i++)
            decode_one(decoder, air, n, row);
        rates[round] = PER_ROUND / (monotonic_s() - start);
    }
    runs_sort(rates, ROUNDS);
    print_rates(row->name, rates, json);
    return true;
}

/* ---- the test telegrams of all drivers: a mix of what is on the air ---- */

enum { MOST_MIXED = 1000 };

struct mix {
    struct frame frames[MOST_MIXED];
    char lines[MOST_MIXED][2 * FRAME_MAX_AIR_BYTES + 32]; /* the same as JSON */
    struct meter_config meters[MOST_MIXED];
    size_t n, n_meters;
};
static struct mix mix;

/* Telegrams that need others before them are left out. */
static void add_test(const struct driver_test *test)
{
    uint8_t bytes[FRAME_MAX_AIR_BYTES];
    size_t n = bytes_from_hex(test->telegram, bytes, sizeof bytes);
    struct frame *frame = &mix.frames[mix.n];
    if (mix.n == MOST_MIXED || test->n_prior || test->by_name ||
        dll_guess(bytes, n, frame) != DECODE_OK)
        return;
    snprintf(mix.lines[mix.n], sizeof mix.lines[0], "{\"telegram\":\"%.*s\"}",
             2 * FRAME_MAX_AIR_BYTES, test->telegram);
    struct decoder *decoder = decoder_open(NULL, 0);
    decoder_decode(decoder, frame, 0, &telegram); /* for the address */
    struct meter_config *meter = &mix.meters[mix.n_meters];
    memcpy(meter->id, telegram.meter.id, sizeof meter->id);
    if (test->key) {
        meter->keys[0].n = bytes_from_hex(test->key, meter->keys[0].bytes, 16);
        meter->n_keys = 1;
        mix.n_meters++;
    }
    decoder_close(decoder);
    mix.n++;
}

static bool load_mix(void)
{
    struct driver_set set;
    struct err err;
    driver_set_init(&set, NULL);
    bool ok = driver_set_load_dir(&set, DRIVERS_DIR, &err);
    for (size_t i = 0; ok && i < set.n; i++)
        for (size_t k = 0; k < set.entries[i].n_tests; k++)
            add_test(&set.entries[i].tests[k]);
    driver_set_free(&set);
    if (!ok)
        fprintf(stderr, "bench_decode: %s\n", err.text);
    return ok;
}

/* One pass over the mix; returns how many were decoded. */
typedef size_t pass_function(struct decoder *decoder, size_t *readings);

static size_t pass_bytes(struct decoder *decoder, size_t *readings)
{
    size_t decoded = 0;
    for (size_t i = 0; i < mix.n; i++) {
        decoded += decoder_decode(decoder, &mix.frames[i], 0, &telegram) == DECODE_OK;
        *readings += telegram.n_readings;
    }
    return decoded;
}

/* As wmbus-decode does it, but for reading and writing the lines. */
static size_t pass_lines(struct decoder *decoder, size_t *readings)
{
    size_t decoded = 0;
    for (size_t i = 0; i < mix.n; i++) {
        struct telegram_text text;
        struct telegram_origin origin = { .has_time = false };
        if (telegram_text_parse(mix.lines[i], strlen(mix.lines[i]), &text))
            continue;
        decoded += decoder_decode(decoder, &text.frame, 0, &telegram) == DECODE_OK;
        *readings += telegram.n_readings;
        struct json_object *object = telegram_json(&telegram, &origin, true);
        if (!strstr(telegram_json_text(object), "\"meter\""))
            decoded--;
        json_object_put(object);
        telegram_text_deinit(&text);
    }
    return decoded;
}

static void run_pass(const char *name, pass_function *pass, bool json)
{
    double rates[ROUNDS];
    size_t decoded = 0, readings = 0;
    struct decoder *decoder = decoder_open(mix.meters, mix.n_meters);
    for (int round = 0; round < ROUNDS; round++) {
        double start = monotonic_s();
        size_t done = 0;
        for (; done < PER_ROUND; done += mix.n) {
            readings = 0;
            decoded = pass(decoder, &readings);
        }
        rates[round] = (double)done / (monotonic_s() - start);
    }
    decoder_close(decoder);
    runs_sort(rates, ROUNDS);
    if (!json)
        printf("%zu telegrams of the drivers' tests, %zu readings, %zu not decoded\n", mix.n,
               readings, mix.n - decoded);
    print_rates(name, rates, json);
}

static bool run_mix(bool json)
{
    if (!load_mix())
        return false;
    run_pass("of all drivers", pass_bytes, json);
    run_pass("JSON line to JSON line", pass_lines, json);
    return true;
}

int main(int argc, char **argv)
{
    bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
    if (argc > 1 && !json) {
        fprintf(stderr, "usage: bench_decode [--json]\n");
        return 2;
    }
    struct decoder *decoder = open_decoder();
    if (!decoder)
        return 1;
    machine_print(stdout, json);
    if (!json)
        printf("%-22s %9s %9s  telegrams/s, %d meters configured\n", "", "best", "median", METERS);
    bool ok = true;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++)
        ok &= run_row(decoder, &rows[r], json);
    decoder_close(decoder);
    ok &= run_mix(json);
    return ok ? 0 : 1;
}
