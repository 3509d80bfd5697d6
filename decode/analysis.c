/* SPDX-License-Identifier: MIT
 * The layers below the records, in the order in which decoder.c reads them. */
#include "decode/analysis.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "decode/address.h"
#include "decode/afl.h"
#include "decode/analysis_state.h"
#include "decode/dll.h"
#include "decode/driver_words.h"
#include "decode/ell.h"
#include "decode/fixed_data.h"
#include "decode/security.h"
#include "decode/tpl.h"
#include "decode/wired.h"

/* ---- spans ---- */

static void report(struct analysis *a, size_t n, enum analysis_mark mark, const char *field,
                   const char *text)
{
    if (n > a->n - a->at)
        n = a->n - a->at;
    if (n == 0)
        return;
    struct analysis_span span = { .layer = a->layer,
                                  .mark = mark,
                                  .at = a->offset + a->at,
                                  .bytes = a->bytes + a->at,
                                  .n = n,
                                  .field = field,
                                  .text = text };
    a->at += n;
    a->report(a->to, &span);
}

void analysis_span(struct analysis *a, size_t n, const char *field, const char *text)
{
    report(a, n, a->at < a->plain_at ? a->mark : a->mark_after, field, text);
}

void analysis_put(struct analysis *a, size_t n, const char *field, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(a->text, sizeof a->text, format, arguments);
    va_end(arguments);
    analysis_span(a, n, field, a->text);
}

void analysis_unused(struct analysis *a, size_t n, const char *text)
{
    report(a, n, ANALYSIS_UNUSED, "", text);
}

static void put_rest_encrypted(struct analysis *a, size_t n, const char *why)
{
    report(a, n, ANALYSIS_ENCRYPTED, "", why);
}

void analysis_number(struct analysis *a, size_t n, const char *field)
{
    unsigned long number = 0;
    for (size_t i = n < analysis_left(a) ? n : analysis_left(a); i-- > 0;)
        number = number << 8 | analysis_here(a)[i];
    analysis_put(a, n, field, "%lu", number);
}

/* ---- addresses ---- */

static void put_manufacturer(struct analysis *a, const struct address *address)
{
    char text[ADDRESS_MANUFACTURER_TEXT + 1];
    address_manufacturer_text(address->manufacturer, text);
    analysis_put(a, 2, "M", "manufacturer %s%s", text,
                 address->manufacturer & MANUFACTURER_SOFT ? ", soft address" : "");
}

static void put_id(struct analysis *a, const struct address *address)
{
    char text[ADDRESS_ID_TEXT + 1];
    address_id_text(address->id, text);
    analysis_put(a, 4, "ID", "%s", text);
}

static void put_version_and_type(struct analysis *a, const struct address *address)
{
    analysis_put(a, 1, "version", "%02X", address->version);
    analysis_put(a, 1, "type", "%02X, %s", address->device_type, address_media(address));
}

/* ---- layers ---- */

static bool put_wired(struct analysis *a)
{
    const struct telegram *t = a->telegram;
    const char *function = dll_function(t->c);
    if (a->n == WIRED_ACK) {
        analysis_span(a, 1, "E5", "acknowledge");
        return false;
    }
    analysis_put(a, 1, "L", "%u bytes follow", analysis_here(a)[0]);
    analysis_put(a, 1, "C", "%s", function ? function : "unknown function");
    analysis_put(a, 1, "A", "primary address %u", t->primary_address);
    return true;
}

/* Returns false if there is nothing above it. */
static bool put_link(struct analysis *a)
{
    enum { HEADER = 10 };
    const struct telegram *t = a->telegram;
    const char *function = dll_function(t->c);
    struct address meter;
    if (t->frame.format == FRAME_WIRED)
        return put_wired(a);
    if (a->n < HEADER)
        return false;
    analysis_put(a, 1, "L", "%u bytes follow", analysis_here(a)[0]);
    analysis_put(a, 1, "C", "%s, %s", function ? function : "unknown function",
                 t->direction == DIRECTION_TO_METER ? "to the meter" : "from the meter");
    put_manufacturer(a, &t->dll);
    meter = t->dll;
    bool version_first = address_reorder_diehl(t->frame.bytes, t->frame.n, &meter);
    if (version_first)
        put_version_and_type(a, &meter);
    put_id(a, &meter);
    if (!version_first)
        put_version_and_type(a, &meter);
    return true;
}

static bool parse_ell(const struct analysis *a, struct ell *ell)
{
    const struct telegram *t = a->telegram;
    if (tpl_ci_info(analysis_here(a)[0])->layer == CI_ELL)
        return ell_parse(analysis_here(a), analysis_left(a), ell) == DECODE_OK;
    return t->has_ell &&
           ell_parse_v(analysis_here(a), analysis_left(a), t->ell_header_n, ell) == DECODE_OK;
}

static bool put_ell(struct analysis *a, uint8_t clear[FRAME_MAX_BYTES])
{
    struct ell ell;
    const struct telegram *t = a->telegram;
    if (a->has_ell || !parse_ell(a, &ell))
        return false;
    a->has_ell = true;
    a->layer = ANALYSIS_ELL;
    analysis_put(a, 1, "CI", "extended link layer");
    analysis_put(a, 1, "CC", "communication control");
    analysis_number(a, 1, "ACC");
    if (ell.has_address) {
        put_manufacturer(a, &ell.address);
        put_id(a, &ell.address);
        put_version_and_type(a, &ell.address);
    }
    if (!ell.has_session)
        return true;
    if (tpl_ci_info(ell.ci)->layer == CI_ELL_V)
        analysis_put(a, ell.header_n - (ELL_V_LEAST - 1), "ECL", "control byte and its fields");
    bool is_clear = ell_encryption(&ell) == ELL_PLAIN;
    analysis_put(a, 4, "SN", "session number %lu, %s", (unsigned long)ell.sn,
                 is_clear ? "not encrypted" : "AES-CTR");
    if (t->ell_opened) {
        memcpy(clear + a->at, t->opened, analysis_left(a));
        a->plain_at = a->n;
        a->mark = a->mark_after = ANALYSIS_DECRYPTED;
    } else if (!is_clear && !t->predecrypted) {
        return false;
    }
    analysis_put(a, ELL_PLCRC_BYTES, "CRC", "of the payload");
    return true;
}

/* FCL, MCL, KI, MCR, MAC, ML, by their presence; the rest is skipped by its length. */
static bool put_afl(struct analysis *a)
{
    struct afl afl;
    if (afl_parse(analysis_here(a), analysis_left(a), &afl) != DECODE_OK)
        return false;
    size_t end = a->at + afl.header_n;
    a->layer = ANALYSIS_AFL;
    analysis_put(a, 1, "CI", "authentication and fragmentation layer");
    analysis_put(a, 1, "AFLL", "%u bytes follow", analysis_here(a)[0]);
    analysis_put(a, 2, "FCL", "fragment %u%s", afl.fragment,
                 afl.more_fragments ? ", more follow" : "");
    if (afl.has_mcl)
        analysis_put(a, 1, "MCL", "message control");
    if (afl.has_ki)
        analysis_number(a, 2, "KI");
    if (afl.has_mcr)
        analysis_put(a, 4, "MCR", "message counter %lu", (unsigned long)afl.mcr);
    if (afl.mac_n)
        analysis_put(a, afl.mac_n, "MAC", "%s",
                     a->telegram->authenticated ? "proves the sender" : "not checked");
    if (afl.has_ml)
        analysis_put(a, 2, "ML", "message of %u bytes", afl.ml);
    analysis_unused(a, end - a->at, "not used");
    return !afl_is_fragment(&afl);
}

/* To a meter it says how well the meter was heard (protocol note: transport, section 1). */
static void put_status(struct analysis *a, uint8_t sts)
{
    enum { LEVEL = 0x3F, LOWEST_DBM = -130, STEP_DB = 2 };
    struct driver_words words;
    char text[READING_TEXT_SIZE];
    if (a->telegram->direction == DIRECTION_TO_METER) {
        if (sts & LEVEL)
            analysis_put(a, 1, "status", "%02X: the meter is heard with %d dBm", sts,
                         LOWEST_DBM + STEP_DB * (sts & LEVEL));
        else
            analysis_put(a, 1, "status", "%02X", sts);
        return;
    }
    driver_words_init(&words);
    driver_words_tpl_status(&words, sts, NULL);
    driver_words_sorted(&words, "OK", text);
    analysis_put(a, 1, "status", "%02X: %s", sts, text);
}

static void put_tpl(struct analysis *a, const struct tpl *tpl)
{
    size_t end = a->at + tpl->header_n;
    a->layer = ANALYSIS_TPL;
    analysis_put(a, 1, "CI", "%02X: %s header", tpl->ci,
                 tpl->has_address  ? "long"
                 : tpl->has_header ? "short"
                                   : "no");
    if (tpl->has_address) {
        put_id(a, &tpl->address);
        put_manufacturer(a, &tpl->address);
        put_version_and_type(a, &tpl->address);
    }
    if (tpl->has_header) {
        analysis_number(a, 1, "ACC");
        put_status(a, tpl->sts);
        analysis_put(a, 2, "CF", "security mode %d, %s", tpl->mode, security_mode_name(tpl->mode));
    }
    analysis_put(a, end - a->at, "CFE", "extension of CF%s",
                 tpl->has_counter ? ", message counter" : "");
}

/* ---- application data ---- */

static void put_full_frame(const struct analysis *compact)
{
    struct analysis a = *compact;
    a.layer = ANALYSIS_FULL_FRAME;
    a.bytes = a.telegram->full;
    a.n = a.telegram->full_n;
    a.at = a.offset = 0;
    a.plain_at = a.n;
    a.mark = ANALYSIS_PLAIN;
    analysis_records(&a);
}

/* telegram->payload instead of what was received. tpl: NULL if all of it was encrypted. */
static void put_payload(struct analysis *a, const struct tpl *tpl, enum application_kind kind,
                        size_t offset)
{
    struct analysis payload = *a;
    const struct telegram *t = a->telegram;
    size_t encrypted = tpl ? tpl_encrypted_bytes(tpl, t->payload_n) : 0;
    payload.layer = ANALYSIS_APPLICATION;
    payload.bytes = t->payload;
    payload.n = t->payload_n;
    payload.at = 0;
    payload.offset = offset;
    if (t->encrypted && !t->predecrypted && !t->ell_opened) {
        payload.mark = ANALYSIS_DECRYPTED;
        payload.plain_at = encrypted ? encrypted : t->payload_n;
        payload.mark_after = encrypted ? ANALYSIS_PLAIN : ANALYSIS_DECRYPTED;
    }
    analysis_application(&payload, kind);
    if (t->full_n)
        put_full_frame(&payload);
}

static void put_closed(struct analysis *a, const struct tpl *tpl)
{
    const struct telegram *t = a->telegram;
    size_t encrypted = tpl_encrypted_bytes(tpl, analysis_left(a));
    a->layer = ANALYSIS_APPLICATION;
    if (t->encrypted || tpl->mode > 0)
        put_rest_encrypted(a, encrypted ? encrypted : analysis_left(a), "encrypted");
    analysis_unused(a, analysis_left(a), "not read");
}

/* The Diehl group scrambles from a fixed place on; a tag stands behind the data. */
static void put_opened(struct analysis *a, const struct tpl *tpl, enum application_kind kind)
{
    size_t payload_n = a->telegram->payload_n, missing = analysis_left(a) - payload_n;
    size_t tag_n = tpl_tag_bytes(tpl) < missing ? tpl_tag_bytes(tpl) : missing;
    analysis_put(a, missing - tag_n, "head", "the manufacturer's");
    put_payload(a, missing > tag_n ? NULL : tpl, kind, a->at);
    a->at += payload_n;
    a->layer = ANALYSIS_APPLICATION;
    analysis_put(a, tag_n, "tag", "proves the sender");
}

static void put_message(struct analysis *a)
{
    struct tpl tpl;
    const struct telegram *t = a->telegram;
    if (tpl_parse(analysis_here(a), analysis_left(a), &tpl) != DECODE_OK || !t->has_ci)
        return;
    enum application_kind kind = tpl.info->application;
    put_tpl(a, &tpl);
    if (!t->decrypted || t->payload_n > analysis_left(a))
        put_closed(a, &tpl);
    else
        put_opened(a, &tpl, kind);
}

static void put_fixed_data(struct analysis *a)
{
    a->layer = ANALYSIS_TPL;
    analysis_span(a, 1, "CI", "fixed data structure");
    put_id(a, &a->telegram->meter);
    analysis_number(a, 1, "ACC");
    analysis_put(a, 1, "status", "%02X", a->telegram->tpl_sts);
    a->layer = ANALYSIS_APPLICATION;
    analysis_span(a, 2, "units", "medium and units of the counters");
    analysis_span(a, 4, "counter", "the first");
    analysis_span(a, 4, "counter", "the second");
}

/* A fragment; with the last one the message is complete. */
static void put_fragment(struct analysis *a)
{
    const struct telegram *t = a->telegram;
    a->layer = ANALYSIS_AFL;
    analysis_put(a, analysis_left(a), "part", "of a message in several frames");
    if (t->has_ci && t->decrypted)
        put_payload(a, NULL, tpl_ci_info(t->ci)->application, a->n);
}

/* The next layer. Returns false if it was the last that can be read. */
static bool put_layer(struct analysis *a, uint8_t clear[FRAME_MAX_BYTES])
{
    enum { NWL_BYTES = 2 };
    switch (tpl_ci_info(analysis_here(a)[0])->layer) {
    case CI_ELL:
    case CI_ELL_V:
        return put_ell(a, clear);
    case CI_NWL:
        a->layer = ANALYSIS_NWL;
        analysis_put(a, NWL_BYTES, "CI", "network layer, of a repeater");
        return true;
    case CI_AFL:
        if (put_afl(a))
            return true;
        if (a->layer == ANALYSIS_AFL)
            put_fragment(a);
        return false;
    case CI_TPL:
        if (fixed_data_is(&a->telegram->frame, analysis_here(a), analysis_left(a)))
            put_fixed_data(a);
        else
            put_message(a);
        return false;
    case CI_RESERVED:
        break;
    }
    return false;
}

void analysis_run(const struct telegram *telegram, analysis_report *to_whom, void *to)
{
    uint8_t clear[FRAME_MAX_BYTES]; /* the frame, decrypted below the transport layer */
    struct analysis a = { .telegram = telegram,
                          .report = to_whom,
                          .to = to,
                          .bytes = clear,
                          .n = telegram->frame.n,
                          .plain_at = telegram->frame.n };
    memcpy(clear, telegram->frame.bytes, a.n);
    bool more = put_link(&a) && telegram->frame.status == DECODE_OK;
    while (more && analysis_left(&a) > 0)
        more = put_layer(&a, clear);
    if (telegram->encrypted && !telegram->decrypted)
        put_rest_encrypted(&a, analysis_left(&a), "encrypted");
    analysis_unused(&a, analysis_left(&a), "not read");
}
