/* SPDX-License-Identifier: MIT */
#include "decode/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/tests/hex.h"

static void manufacturer_letters(void **state)
{
    /* EN 13757-3 and the FLAG list */
    static const struct {
        uint16_t m;
        const char *text;
    } rows[] = {
        { 0x1593, "ELS" }, { 0x2C2D, "KAM" }, { 0x5068, "TCH" }, { 0x4493, "QDS" },
        { 0x0421, "AAA" }, { 0x6B5A, "ZZZ" }, { 0x0614, "APT" },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        char text[ADDRESS_MANUFACTURER_TEXT + 1];
        uint16_t m = 0;
        assert_true(address_manufacturer_text(rows[r].m, text));
        assert_string_equal(text, rows[r].text);
        assert_true(address_manufacturer_parse(text, &m));
        assert_int_equal(m, rows[r].m);
    }
}

static void manufacturer_odd_cases(void **state)
{
    static const char *const refused[] = { "", "EL", "ELSE", "E1S", "E S", "E@S", "\xC4LS" };
    char text[ADDRESS_MANUFACTURER_TEXT + 1];
    uint16_t m = 7;
    (void)state;
    assert_true(address_manufacturer_text(0x8614, text));
    assert_string_equal(text, "APT"); /* bit 15 says soft address, an Apator habit */
    assert_false(address_manufacturer_text(0x03FF, text));
    assert_string_equal(text, "???"); /* KNX-RF: no letters */
    assert_false(address_manufacturer_text(0x1583 | 0x18, text));
    assert_string_equal(text, "EL?"); /* the last one is 27 */
    assert_true(address_manufacturer_parse("els", &m));
    assert_int_equal(m, 0x1593);
    m = 7;
    for (size_t r = 0; r < ARRAY_LEN(refused); r++)
        assert_false(address_manufacturer_parse(refused[r], &m));
    assert_int_equal(m, 7);
}

static void id_text(void **state)
{
    static const char *const refused[] = { "",         "1234567",  "123456789",
                                           "1234567g", "12 34567", "0x123456" };
    uint8_t id[4] = { 0 };
    char text[ADDRESS_ID_TEXT + 1];
    (void)state;
    address_id_text((const uint8_t[]){ 0x78, 0x56, 0x34, 0x12 }, text);
    assert_string_equal(text, "12345678");
    address_id_text((const uint8_t[]){ 0x9C, 0x58, 0x24, 0x21 }, text);
    assert_string_equal(text, "2124589c"); /* hex digits are real: SAP, Apator */
    assert_true(address_id_parse("2124589C", id));
    assert_memory_equal(id, "\x9C\x58\x24\x21", 4);
    for (size_t r = 0; r < ARRAY_LEN(refused); r++)
        assert_false(address_id_parse(refused[r], id));
    assert_memory_equal(id, "\x9C\x58\x24\x21", 4);
}

static void din_text(void **state)
{
    static const char *const refused[] = { "",
                                           "07ELS331234567",
                                           "07ELS33123456789",
                                           "7ELS3312345678X",
                                           "0GELS3312345678",
                                           "07E1S3312345678",
                                           "07ELSX312345678",
                                           "07ELS33123456 8" };
    struct address a = { 0 };
    char text[ADDRESS_DIN_TEXT + 1];
    (void)state;
    assert_true(address_din_parse("03ELS3312345678", &a));
    assert_int_equal(a.device_type, 0x03);
    assert_int_equal(a.manufacturer, 0x1593);
    assert_int_equal(a.version, 0x33);
    assert_memory_equal(a.id, "\x78\x56\x34\x12", 4);
    address_din_text(&a, text);
    assert_string_equal(text, "03ELS3312345678");
    assert_true(address_din_parse("1asen682124589c", &a));
    address_din_text(&a, text);
    assert_string_equal(text, "1ASEN682124589C");
    for (size_t r = 0; r < ARRAY_LEN(refused); r++)
        assert_false(address_din_parse(refused[r], &a));
    assert_int_equal(a.device_type, 0x1A);
}

static void orders_on_air(void **state)
{
    /* The same address on the link layer and in the long header, OMS Annex N. */
    static const uint8_t link[] = { 0x93, 0x15, 0x78, 0x56, 0x34, 0x12, 0x33, 0x03 };
    static const uint8_t transport[] = { 0x78, 0x56, 0x34, 0x12, 0x93, 0x15, 0x33, 0x03 };
    uint8_t back[ADDRESS_BYTES];
    char text[ADDRESS_DIN_TEXT + 1];
    (void)state;
    struct address a = address_from_link(link), b = address_from_transport(transport);
    address_din_text(&a, text);
    assert_string_equal(text, "03ELS3312345678");
    address_din_text(&b, text);
    assert_string_equal(text, "03ELS3312345678");
    address_to_link(&b, back);
    assert_memory_equal(back, link, sizeof link);
}

static void media_words(void **state)
{
    static const struct {
        const char *din, *media;
    } rows[] = {
        { "02ABB2033221100", "electricity" },
        { "07ELS3312345678", "water" },
        { "08EFE3154423117", "heat cost allocation" },
        { "0DKAM3412345678", "heat/cooling load" },
        { "1DLAS0700010205", "reserved" },
        { "1DELS3312345678", "carbon monoxide detector" },
        { "37QDS4868267443", "radio converter (meter side)" },
        { "43TCH3966336633", "heat" }, /* Techem's own types */
        { "62TCH7434333231", "warm water" },
        { "80TCH9411111234", "heat cost allocator" },
        { "80ELS9411111234", "reserved" }, /* of nobody else */
        { "FFELS3312345678", "reserved" },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct address a;
        print_message("%s\n", rows[r].din);
        assert_true(address_din_parse(rows[r].din, &a));
        assert_string_equal(address_media(&a), rows[r].media);
        a.manufacturer |= 0x8000;
        assert_string_equal(address_media(&a), rows[r].media);
    }
}

static void no_device_type_is_without_word(void **state)
{
    (void)state;
    for (int type = 0; type < 256; type++) {
        const char *word = address_media(&(struct address){ .device_type = (uint8_t)type });
        assert_non_null(word);
        assert_true(word[0] != '\0');
    }
}

static void diehl_order(void **state)
{
    static const struct {
        const char *what, *hex;
        bool reordered;
        const char *din;
    } rows[] = {
        { "HYD, PRIOS: version and type come first",
          "19442423860775035048A251520015BEB6B2E1ED623A18FC74A5", true, "07HYD8648500375" },
        { "HYD, CI 7A with bit 12 of the configuration field",
          "1E4424238B07797389607A8F00107D041312170100426CBF23441344100100", true,
          "07HYD8B60897379" },
        { "SAP, PRIOS: five bytes of number, no version and type",
          "1944304C9C5824210C04A363140013716577EC59E8663AB0D31C", true, "07SAP002124589C" },
        { "DME, mode 5: as the standard says",
          "1E44A511929190937B077A9F0010052F2F04130347030002FD1700002F2F2F", false, "" },
        { "ELS, CI A0: somebody else's", "0B44931578563412 3303 A000", false, "" },
        { "HYD, no CI", "094424238B0779738960", false, "" },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        uint8_t bytes[64];
        char text[ADDRESS_DIN_TEXT + 1];
        size_t n = bytes_from_hex(rows[r].hex, bytes, sizeof bytes);
        struct address link = address_from_link(bytes + 2), meter = link;
        print_message("%s\n", rows[r].what);
        assert_int_equal(address_reorder_diehl(bytes, n, &meter), rows[r].reordered);
        address_din_text(&meter, text);
        if (rows[r].reordered)
            assert_string_equal(text, rows[r].din);
        else
            assert_memory_equal(&meter, &link, sizeof link);
    }
}

static void diehl_cut_anywhere(void **state)
{
    uint8_t bytes[64];
    (void)state;
    size_t n = bytes_from_hex("1E4424238B07797389607A8F00107D04", bytes, sizeof bytes);
    for (size_t cut = 0; cut <= n; cut++) {
        uint8_t exact[16];
        struct address meter = { 0 };
        memcpy(exact + sizeof exact - cut, bytes, cut); /* ends where the sanitizer watches */
        assert_int_equal(address_reorder_diehl(exact + sizeof exact - cut, cut, &meter), cut >= 15);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manufacturer_letters),
        cmocka_unit_test(manufacturer_odd_cases),
        cmocka_unit_test(id_text),
        cmocka_unit_test(din_text),
        cmocka_unit_test(orders_on_air),
        cmocka_unit_test(media_words),
        cmocka_unit_test(no_device_type_is_without_word),
        cmocka_unit_test(diehl_order),
        cmocka_unit_test(diehl_cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
