/* SPDX-License-Identifier: MIT */
#include "apps/drivers/driver_propose.h"

#include <stdlib.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/drivers/driver_file.h"
#include "decode/address.h"
#include "decode/decoder.h"
#include "decode/driver.h"
#include "decode/record.h"
#include "decode/tpl.h"
#include "decode/vib.h"
#include "decode/wired.h"

enum { SELECTOR_SIZE = 400, MAX_RECORDS = 128 };

/* ---- the telegram in clear ---- */

static size_t put_header(const struct telegram *t, bool is_long, uint8_t *at)
{
    size_t n = 0;
    if (is_long) {
        uint8_t link[ADDRESS_BYTES];
        address_to_link(&t->meter, link);
        memcpy(at, link + 2, 4);
        memcpy(at + 4, link, 2);
        memcpy(at + 6, link + 6, 2);
        n = ADDRESS_BYTES;
    }
    at[n++] = t->tpl_acc;
    at[n++] = t->tpl_sts;
    at[n++] = 0; /* configuration field: not encrypted */
    at[n++] = 0;
    return n;
}

/* The same application data in a frame that is not encrypted, nor compact, nor one of several. */
static bool in_clear(const struct telegram *t, struct frame *frame)
{
    enum { LINK = 10, CI_LONG = 0x72, CI_NONE = 0x78, CI_SHORT = 0x7A, HEADERS = LINK + 13 };
    const uint8_t *data = t->full_n ? t->full : t->payload;
    size_t n = t->full_n ? t->full_n : t->payload_n;
    if (!t->has_records || HEADERS + n > FRAME_MAX_BYTES)
        return false;
    *frame = (struct frame){ .n = LINK, .format = FRAME_A };
    frame->bytes[1] = t->c;
    address_to_link(&t->meter, frame->bytes + 2);
    bool is_long = tpl_ci_info(t->ci)->header == TPL_LONG;
    frame->bytes[frame->n++] = !t->has_tpl_header ? CI_NONE : is_long ? CI_LONG : CI_SHORT;
    if (t->has_tpl_header)
        frame->n += put_header(t, is_long, frame->bytes + frame->n);
    memcpy(frame->bytes + frame->n, data, n);
    frame->n += n;
    frame->bytes[0] = (uint8_t)(frame->n - 1);
    return true;
}

static bool is_plain(const struct telegram *t)
{
    return !t->encrypted && !t->full_n && !t->afl_fragment;
}

/* ---- fields ---- */

struct proposal {
    const struct telegram *telegram;
    FILE *to;
    char selectors[MAX_RECORDS][SELECTOR_SIZE]; /* of the records so far */
    size_t n;
    bool has_fields;
};

static bool has_words(const struct vib *vib)
{
    if (vib->kind != VIB_STANDARD || vib->n_qualifiers > DRIVER_MAX_QUALIFIERS)
        return false;
    for (size_t i = 0; i < vib->n_qualifiers; i++)
        if (!strncmp(vib->qualifiers[i], "vife_", 5))
            return false;
    return true;
}

static size_t put_number(char *text, size_t n, const char *word, uint64_t number)
{
    if (number)
        n += (size_t)snprintf(text + n, SELECTOR_SIZE - n, " %s %llu", word,
                              (unsigned long long)number);
    return n;
}

/* The words by which a driver finds the record. */
static void write_selector(const struct record *record, const struct vib *vib, char *text)
{
    static const char *const functions[] = { "", "max ", "min ", "error " };
    size_t n = (size_t)snprintf(text, SELECTOR_SIZE, "%s%s", functions[record->function],
                                has_words(vib) ? vib->quantity : "vif ");
    for (size_t i = 0; has_words(vib) && i < vib->n_qualifiers; i++)
        n += (size_t)snprintf(text + n, SELECTOR_SIZE - n, " %s", vib->qualifiers[i]);
    for (size_t i = 0; !has_words(vib) && i < record->vib_n; i++)
        n += (size_t)snprintf(text + n, SELECTOR_SIZE - n, "%02X", record->vib[i]);
    n = put_number(text, n, "storage", record->storage);
    n = put_number(text, n, "tariff", record->tariff);
    put_number(text, n, "subunit", record->subunit);
}

/* NULL: none. */
static const struct reading *reading_at(const struct telegram *t, const struct record *record)
{
    size_t at = (size_t)(record->data - t->payload);
    for (size_t i = 0; i < t->n_readings; i++)
        if (t->readings[i].from_n && t->readings[i].from == at)
            return &t->readings[i];
    return NULL;
}

/* How many records before are found by the same words. */
static size_t count_same(const struct proposal *p, const char *selector)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        n += !strcmp(p->selectors[i], selector);
    return n;
}

/* Where the next field is to be written. */
static FILE *next_field(struct proposal *p)
{
    fputs(p->has_fields ? "  " : "fields:\n  ", p->to);
    p->has_fields = true;
    return p->to;
}

static void put_field(struct proposal *p, const struct record *record)
{
    struct vib vib;
    vib_read(record, &vib);
    const struct reading *reading = reading_at(p->telegram, record);
    if (!reading || vib.profile != PROFILE_NONE || p->n == MAX_RECORDS)
        return;
    char *selector = p->selectors[p->n], nth[24] = "";
    write_selector(record, &vib, selector);
    size_t before = count_same(p, selector);
    if (before)
        snprintf(nth, sizeof nth, " nth %zu", before + 1);
    bool is_hex = vib.kind == VIB_MANUFACTURER || vib.kind == VIB_UNKNOWN;
    if (is_hex)
        fprintf(next_field(p), "%s: { record: %s%s, type: hex }\n", reading->name, selector, nth);
    else
        fprintf(next_field(p), "%s: %s%s\n", reading->name, selector, nth);
    p->n++;
}

/* What only the reader of a manual can fill in. */
static void put_block(FILE *to, const char *in, size_t n)
{
    fprintf(to,
            "# blocks:                     # %zu bytes that only the manufacturer describes\n"
            "#   - in: %s\n"
            "#     fields:\n"
            "#       total_m3: { at: 0, type: u32, scale: 0.001 }\n",
            n, in);
}

static void put_fields(struct proposal *p)
{
    const struct telegram *t = p->telegram;
    struct reader reader = reader_init(t->payload, t->payload_n);
    struct record record;
    enum record_kind kind = RECORD_END;
    if (t->has_tpl_header)
        fputs("status: { from: tpl_status }\n", next_field(p));
    while (t->has_records && (kind = record_next(&reader, &record)) == RECORD_DATA)
        put_field(p, &record);
    if (kind == RECORD_MANUFACTURER && record.data_n)
        put_block(p->to, "tail", record.data_n);
    else if (!t->has_records)
        put_block(p->to, "payload", t->payload_n);
}

/* ---- the test ---- */

static void put_quoted(FILE *to, const char *text)
{
    fputc('"', to);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', to);
        fputc(*text, to);
    }
    fputs("\"\n", to);
}

static void put_reading(FILE *to, const struct reading *reading)
{
    char number[DECIMAL_TEXT_SIZE];
    fprintf(to, "      %s: ", reading->name);
    if (reading->kind == READING_TEXT)
        put_quoted(to, reading->text);
    else
        fprintf(to, "%.*s\n", (int)reading_print(reading, number, sizeof number), number);
}

static void put_test(const struct telegram *t, FILE *to)
{
    char id[ADDRESS_ID_TEXT + 1];
    uint8_t wired[WIRED_MAX_BYTES];
    bool is_wired = t->frame.format == FRAME_WIRED;
    size_t n = is_wired ? wired_dress(&t->frame, wired) : t->frame.n;
    address_id_text(t->meter.id, id);
    fputs("tests:\n  - telegram: ", to);
    for (size_t i = 0; i < n; i++)
        fprintf(to, "%02X", is_wired ? wired[i] : t->frame.bytes[i]);
    fprintf(to, "\n    readings:\n      id: \"%s\"\n", id);
    for (size_t i = 0; i < t->n_readings; i++)
        put_reading(to, &t->readings[i]);
}

static void put_meter(const struct telegram *t, FILE *to)
{
    char name[ADDRESS_MANUFACTURER_TEXT + 1], small[ADDRESS_MANUFACTURER_TEXT + 1] = "";
    address_manufacturer_text(t->meter.manufacturer, name);
    for (size_t i = 0; i < ADDRESS_MANUFACTURER_TEXT; i++)
        small[i] = (char)(name[i] | 0x20); /* A to Z, see is_known */
    fprintf(to,
            "# %s %s: the names are the systematic ones; give those better ones that you know\n"
            "driver: %s_%02x_%02x\n"
            "meters:\n"
            "  - %s %02X %02X\n",
            name, t->media, small, t->meter.version, t->meter.device_type, name, t->meter.version,
            t->meter.device_type);
}

static bool is_known(const struct telegram *t)
{
    char text[ADDRESS_MANUFACTURER_TEXT + 1];
    address_manufacturer_text(t->meter.manufacturer, text);
    return !t->anonymous && !strchr(text, '?');
}

/* Decoded without keys; by the drivers of a set, or, with none, by the standard. */
static bool decode(const struct frame *frame, const struct driver_set *set,
                   struct telegram *telegram)
{
    struct meter_config all = { .any_id = true, .driver = DRIVER_NONE };
    struct decoder *decoder = decoder_open(&all, set ? 0 : 1);
    if (!decoder)
        return false;
    if (set)
        decoder_use_drivers(decoder, &set->table);
    decoder_decode(decoder, frame, 0, telegram);
    decoder_close(decoder);
    return true;
}

static bool refuse(struct err *err, const char *why, const char *more)
{
    return err_set(err, EXIT_USAGE, "option --propose-driver: %s%s", why, more);
}

/* The readings that the test expects are those that the proposed driver gives. */
static bool complete(const struct frame *frame, const char *text, size_t n,
                     struct telegram *telegram, struct err *err)
{
    struct driver_set set;
    driver_set_init(&set, NULL);
    bool ok = driver_set_parse(&set, text, n, "proposal", err) && driver_set_finish(&set, err) &&
              (decode(frame, &set, telegram) || err_set(err, EXIT_INTERNAL, "out of memory"));
    driver_set_free(&set);
    telegram->driver = NULL; /* gone */
    telegram->kind = "unknown";
    return ok;
}

static bool write_all(const struct frame *frame, struct telegram *telegram, FILE *to,
                      struct err *err)
{
    static struct proposal p; /* large */
    char *text = NULL;
    size_t n = 0;
    FILE *head = open_memstream(&text, &n);
    if (!head)
        return err_set(err, EXIT_INTERNAL, "out of memory");
    p = (struct proposal){ .telegram = telegram, .to = head };
    put_meter(telegram, head);
    put_fields(&p);
    bool ok = fclose(head) == 0 || err_set(err, EXIT_INTERNAL, "out of memory");
    if ((ok = ok && complete(frame, text, n, telegram, err))) {
        fwrite(text, 1, n, to);
        put_test(telegram, to);
    }
    free(text);
    return ok;
}

bool driver_propose(const struct telegram *telegram, FILE *to, struct err *err)
{
    struct telegram systematic;
    struct frame frame = telegram->frame;
    if (!telegram->decrypted)
        return refuse(err, "the telegram was not read: ",
                      telegram->status == DECODE_NO_KEY ? "no_key; say it (-k, or in -c FILE)"
                                                        : decode_status_name(telegram->status));
    if (!is_known(telegram))
        return refuse(err, "nothing says what meter the telegram is from", "");
    if (!is_plain(telegram) && !in_clear(telegram, &frame))
        return refuse(err, "the telegram is too long for a test in clear, or holds no records", "");
    if (!decode(&frame, NULL, &systematic))
        return err_set(err, EXIT_INTERNAL, "out of memory");
    return write_all(&frame, &systematic, to, err);
}
