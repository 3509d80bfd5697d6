/* SPDX-License-Identifier: MIT
 * What --analyze says of the bytes of telegrams: chosen fields, and that none is left out. */
#include "decode/analysis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/decoder.h"
#include "decode/dll.h"
#include "decode/hex.h"

#define GAS                                                                                        \
    "2E4493157856341233037A2A0020255923C95AAA26D1B2E7493B013EC4A6F6D3529B520EDFF0EA6DEFC99D6D69"   \
    "EBF3"

static const struct meter_config keys[] = {
    { .any_id = true,
      .keys = { { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17 }, 16 },
                { { 0x28, 0xF6, 0x4A, 0x24, 0x98, 0x80, 0x64, 0xA0, 0x79, 0xAA, 0x2C, 0x80, 0x7D,
                    0x61, 0x02, 0xAE },
                  16 } },
      .n_keys = 2 },
};

/* All spans, a line each: layer, mark, at, bytes, field, text. */
struct listing {
    char text[20000];
    size_t n, next;
};

static void list(void *to, const struct analysis_span *span)
{
    struct listing *l = to;
    if (span->layer != ANALYSIS_FULL_FRAME) {
        assert_int_equal(span->at, l->next);
        l->next += span->n;
    }
    assert_true(span->n > 0);
    l->n += (size_t)snprintf(l->text + l->n, sizeof l->text - l->n, "%d%c %zu+%zu %s: %s\n",
                             (int)span->layer, " +#?"[span->mark], span -> at, span -> n,
                             span -> field, span -> text);
    assert_true(l->n < sizeof l->text);
}

static void analyse(const char *hex, bool with_keys, struct listing *listing)
{
    static struct telegram telegram;
    uint8_t bytes[FRAME_MAX_AIR_BYTES];
    struct frame frame = { .n = 0 };
    size_t n;
    struct decoder *decoder = decoder_open(keys, with_keys ? ARRAY_LEN(keys) : 0);
    assert_int_equal(hex_read(hex, strlen(hex), bytes, sizeof bytes, &n), HEX_OK);
    assert_int_equal(dll_guess(bytes, n, &frame), DECODE_OK);
    decoder_decode(decoder, &frame, 0, &telegram);
    *listing = (struct listing){ .n = 0 };
    analysis_run(&telegram, list, listing);
    assert_true(listing->next >= telegram.frame.n);
    decoder_close(decoder);
}

static const struct {
    const char *what, *hex;
    bool with_keys;
    const char *lines[8];
} fields[] = {
    { "link layer, extended link layer, records of a driver",
      "2A442D2C785634121B168D2091D37CAC217F2D7802FF207100041308190000441308190000615B1F616713",
      false,
      { "0  2+2 M: manufacturer KAM\n", "0  9+1 type: 16, cold water\n",
        "1  13+4 SN: session number 564952275, AES-CTR\n", "4  19+1 CI: 78: no header\n",
        "5  26+1 VIF: volume\n", "5  27+4 data: volume_m3 = 6.408, total_m3 = 6.408\n",
        "5  37+1 DIF: 8 bit, minimum, storage bit 0\n" } },
    { "mode 5, with the key",
      GAS,
      true,
      { "4  13+2 CF: security mode 5, aes_cbc_iv\n", "5+ 15+2 2F 2F: check bytes or fillers\n",
        "5+ 19+4 data: total_m3 = 28504.27, volume_m3 = 28504.27\n", "5+ 30+1 VIF: table FD\n",
        "5+ 31+1 VIFE: error_flags\n", "5+ 34+13 2F: fillers\n" } },
    { "mode 5, without", GAS, false, { "4  13+2 CF: ", "5# 15+32 : encrypted\n" } },
    { "extended link layer, AES-CTR, with the key",
      "2A442D2C998734761B168D2091D37CAC21E1D68CDAFFCD3DC452BD802913FF7B1706CA9E355D6C2701CC24",
      true,
      { "1+ 17+2 CRC: of the payload\n", "4+ 19+1 CI: 78: no header\n",
        "5+ 27+4 data: volume_m3 = 6.408, total_m3 = 6.408\n" } },
    { "the same, without",
      "2A442D2C998734761B168D2091D37CAC21E1D68CDAFFCD3DC452BD802913FF7B1706CA9E355D6C2701CC24",
      false,
      { "1# 17+26 : encrypted\n" } },
    { "bytes that a driver names, and others",
      "2F446850313233347462A2067F245900B0293100000003060609060306090706060505090505050405070406"
      "0"
      "5070500",
      false,
      { "5? 11+1 : not used\n", "5  12+2 data: prev_date = 2018-03-31\n",
        "5? 18+30 : not used\n" } },
    { "wired M-Bus",
      "68 0C 0C 68 08 01 78 0C 13 78 56 34 12 0F 01 02 C6 16",
      false,
      { "0  2+1 A: primary address 1\n", "5  4+1 DIF: 8 digits, instantaneous\n",
        "5  6+4 data: volume_m3 = 12345.678", "5  10+1 DIF: manufacturer's data\n",
        "5  11+2 data: manufacturer_data_hex = 0102\n" } },
    { "status of a meter",
      "10449315785634123303 7A 2A 24 0000 2F2F",
      false,
      { "4  12+1 status: 24: POWER_LOW UNKNOWN_20\n" } },
    { "status to a meter",
      "16539315785634123303 5B 78563412931533 03 2A 0A 0000",
      false,
      { "status: 0A: the meter is heard with -110 dBm\n" } },
    { "a clock in summer time",
      "10449315785634123303 78 046D32B71F15",
      false,
      { "data: meter_datetime = 2008-05-31 23:50, time_point_datetime = 2008-05-31 23:50, "
        "summer time\n" } },
    { "DIFE, VIFE, variable length, a record that is cut",
      "20449315785634123303788490103B0000000004933A010000000D6D02AABB0413",
      false,
      { "5  12+1 DIFE: continued\n", "5  13+1 DIFE: storage 0, tariff 5, subunit 0\n",
        "LVAR: 2 bytes\n", "5? 31+2 : no record" } },
    { "FC that names a quantity, or a unit as text, and one that opens the other table",
      "23449315785634123303 78 04FBFC3B00000000 04FC3B016C00000000 04FBFCFC8101 00000000",
      false,
      { "5  14+1 VIFE: forward\n", "5  20+1 VIF: unit as text\n", "5  21+1 VIFE: forward\n",
        "5  31+1 VIFE: more codes\n", "5  32+1 VIFE: l1\n", "5  33+1 VIFE: " } },
};

static void fields_of_all_layers(void **state)
{
    (void)state;
    static struct listing listing;
    for (size_t r = 0; r < ARRAY_LEN(fields); r++) {
        print_message("%s\n", fields[r].what);
        analyse(fields[r].hex, fields[r].with_keys, &listing);
        for (size_t i = 0; i < ARRAY_LEN(fields[r].lines) && fields[r].lines[i]; i++)
            if (!strstr(listing.text, fields[r].lines[i]))
                fail_msg("no \"%s\" in\n%s", fields[r].lines[i], listing.text);
    }
}

/* Formats that every decoder knows: the headers come from there. */
static void a_compact_frame_has_its_full_frame(void **state)
{
    (void)state;
    static struct listing listing;
    analyse("23442D2C998734761B168D2087D19EAD217F1779EDA86AB6710008190000081900007F13", false,
            &listing);
    assert_non_null(strstr(listing.text, "5  20+2 format: signature of the headers"));
    assert_non_null(strstr(listing.text, "6  6+1 VIF: volume"));
    assert_non_null(strstr(listing.text, "6  7+4 data: volume_m3 = 6.408"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_of_all_layers),
        cmocka_unit_test(a_compact_frame_has_its_full_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
