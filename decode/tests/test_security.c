/* SPDX-License-Identifier: MIT */
#include "decode/security.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h> /* to encrypt what nobody has published encrypted */

#include "base/array_len.h"
#include "decode/dll.h"
#include "decode/tests/made.h"
#include "decode/tests/payload.h"

/* OMS Volume 2, N.2.3: gas meter with integrated radio; N.2.4: the same behind a radio adapter. */
#define OMS_N23                                                                                    \
    "43449315785634123303 8C2075 900F002C25B30A000021924D4F2FB66E01 7A7500200710"                  \
    "9058475F4BC91DF878B80A1B0F98B629024AAC727942BFC549233C0140829B93"
#define OMS_N24                                                                                    \
    "5308244844332211 0337 8E80753A63665544330A31 900F002C25B30A0000AF5D74DF73A600D9"              \
    "727856341293153303 7500200710"                                                                \
    "9058475F4BC91DF878B80A1B0F98B629024AAC727942BFC549233C0140829B93"
#define GAS_PLAIN "2F2F0C1427048502046D32371F1502FD1700002F2F2F2F2F2F2F2F2F2F2F2F2F"

static void mode_7_of_oms(void **state)
{
    static const struct {
        const char *what, *hex, *radio;
        bool has_partner;
    } rows[] = { { "integrated radio", OMS_N23, "03ELS3312345678", false },
                 { "radio adapter, ELL III", OMS_N24, "37RAD0311223344", true } };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct made made = from_hex(rows[r].hex);
        char text[ADDRESS_DIN_TEXT + 1];
        print_message("%s\n", rows[r].what);
        assert_int_equal(decode(&made, "12345678", OMS_KEY), DECODE_OK);
        assert_payload_of(&telegram, GAS_PLAIN);
        assert_true(telegram.authenticated && telegram.decrypted && telegram.encrypted);
        assert_false(telegram.predecrypted || telegram.default_key || telegram.counter_back);
        assert_true(telegram.has_message_counter);
        assert_int_equal(telegram.message_counter, 0xAB3);
        assert_int_equal(telegram.ell_has_partner, rows[r].has_partner);
        address_din_text(&telegram.meter, text);
        assert_string_equal(text, "03ELS3312345678");
        if (rows[r].has_partner) {
            address_din_text(&telegram.ell_partner, text);
            assert_string_equal(text, "31XYZ0A33445566");
        }
        assert_int_equal(decode(&made, "12345678", "000102030405060708090A0B0C0D0E0E"),
                         DECODE_BAD_MAC);
        assert_int_equal(decode(&made, NULL, NULL), DECODE_NO_KEY);
    }
}

/* Every bit from the MAC on is guarded; none gives a reading. */
static void mode_7_flipped_bits(void **state)
{
    struct made made = from_hex(OMS_N23);
    (void)state;
    struct decoder *d = open_with("12345678", OMS_KEY);
    for (size_t bit = 8 * 21; bit < 8 * made.n; bit++) {
        made.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(decode_at(d, &made, 0), DECODE_OK);
        assert_int_equal(telegram.n_readings, 0);
        made.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (made.n--; made.n > 10; made.n--) {
        decode_at(d, &made, 0);
        assert_int_equal(telegram.n_readings, 0);
    }
    decoder_close(d);
}

/* KDF A of the notes with OMS' key, for building frames. */
static void mac_of_oms(uint8_t *frame, size_t n, uint32_t counter)
{
    uint8_t key[16], derived[16], mac[16], in[16], covered[FRAME_MAX_BYTES];
    struct crypto *crypto = crypto_open();
    bytes_from_hex(OMS_KEY, key, sizeof key);
    memset(in, 7, sizeof in);
    in[0] = frame[1] == 0x53 ? 0x11 : 0x01; /* SND-UD: to the meter */
    for (int i = 0; i < 4; i++)
        in[1 + i] = frame[18 + i] = (uint8_t)(counter >> (8 * i));
    bytes_from_hex("78563412", in + 5, 4);
    assert_true(crypto_aes_cmac(crypto, key, in, sizeof in, derived));
    memcpy(covered, frame + 17, 5);
    memcpy(covered + 5, frame + 30, n - 30);
    assert_true(crypto_aes_cmac(crypto, derived, covered, n - 25, mac));
    memcpy(frame + 22, mac, 8);
    crypto_close(crypto);
}

/* An authentic message whose counter is lower than one before is reported, not refused. */
static void counter_steps_back(void **state)
{
    static const struct {
        uint32_t counter;
        bool back;
    } rows[] = { { 10, false }, { 11, false }, { 11, false }, { 9, true }, { 12, false } };
    (void)state;
    struct decoder *d = open_with("12345678", OMS_KEY);
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        /* mode 0 behind an AFL: authenticated, in clear */
        struct made made = from_hex("1E449315785634123303 8C2075 900F002C25 00000000"
                                    "0000000000000000 7A75000000 04132A000000");
        mac_of_oms(made.bytes, made.n, rows[r].counter);
        assert_int_equal(decode_at(d, &made, 0), DECODE_OK);
        assert_true(telegram.authenticated);
        assert_int_equal(telegram.counter_back, rows[r].back);
        assert_int_equal(telegram.n_readings, 1);
        made.bytes[made.n - 1] ^= 1;
        assert_int_equal(decode_at(d, &made, 0), DECODE_BAD_MAC);
        assert_int_equal(telegram.n_readings, 0);
    }
    /* A partner's counter is another one. */
    struct made command = from_hex("1E539315785634123303 8C2075 900F002C25 00000000"
                                   "0000000000000000 7A75000000 04132A000000");
    mac_of_oms(command.bytes, command.n, 1);
    assert_int_equal(decode_at(d, &command, 0), DECODE_OK);
    assert_true(telegram.authenticated && !telegram.counter_back);
    decoder_close(d);
    struct made made = from_hex("1E449315785634123303 8C2075 900F002C25 00000000"
                                "0000000000000000 7A75000000 04132A000000");
    assert_int_equal(decode(&made, NULL, NULL), DECODE_OK); /* nobody can check */
    assert_false(telegram.authenticated);
}

/* From logs: what announces encryption is there in clear. Noise that begins with the check bytes
 * is not taken. */
static void already_plain(void **state)
{
    static const struct {
        const char *what, *hex;
        enum decode_status status;
    } rows[] = {
        { "mode 5", "00449315785634123303 7A2A001005 2F2F04132A0000002F2F2F2F2F2F2F2F", DECODE_OK },
        { "mode 7", "00449315785634123303 7A2A00100710 2F2F04132A0000002F2F2F2F2F2F2F2F",
          DECODE_OK },
        { "mode 4", "00449315785634123303 7A2A001004 2F2F04132A0000002F2F2F2F2F2F2F2F", DECODE_OK },
        { "stray CRC behind it",
          "00449315785634123303 7A2A001005"
          "2F2F04132A0000002F2F2F2F2F2F2F2F DE47",
          DECODE_BAD_LENGTH },
        { "the manufacturer's", "00449315785634123303 7A2A001005 2F2F0F2A000000FFFFFFFFFFFFFFFFFF",
          DECODE_OK },
        { "noise", "00449315785634123303 7A2A001005 2F2F3E2A77A0135599AF0712EE82401B",
          DECODE_NO_KEY },
        { "a date that is none",
          "00449315785634123303 7A2A001005"
          "2F2F426C1F1D041301000000002F2F00",
          DECODE_NO_KEY },
        { "mode 5 without blocks, records",
          "00449315785634123303 7A2A000005"
          "04132A000000426C1F15021300002F2F",
          DECODE_OK },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct made made = from_hex(rows[r].hex);
        print_message("%s\n", rows[r].what);
        assert_int_equal(decode(&made, NULL, NULL), rows[r].status);
        assert_int_equal(telegram.predecrypted, rows[r].status != DECODE_NO_KEY);
        assert_int_equal(telegram.n_readings > 0, rows[r].status != DECODE_NO_KEY);
        assert_false(telegram.authenticated);
    }
}

static bool has_reading(const char *name)
{
    for (size_t i = 0; i < telegram.n_readings; i++)
        if (!strcmp(telegram.readings[i].name, name))
            return true;
    return false;
}

/* Who decrypted it may say so. */
static void said_to_be_plain(void **state)
{
    static const char *const rows[] = {
        "00445A6B785634120100 7A2A001005 04132A000000426C1F15FBFF22000000",
        "00445A6B785634120100 7A2A00100710 04132A000000426C1F15FBFF22000000",
        "00445A6B785634120100 7A2A00FF0A1000 01020304 04132A000000426C1F15FBFF22000000",
        "00445A6B785634120100 8D2001 00000020 1234 78 04132A000000426C1F15FBFF22000000",
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct made made = from_hex(rows[r]);
        assert_int_equal(decode(&made, NULL, NULL), DECODE_NO_KEY);
        assert_int_equal(telegram.n_readings, 0);
        struct decoder *d = open_with(NULL, NULL);
        struct frame frame = { .n = made.n, .predecrypted = true };
        memcpy(frame.bytes, made.bytes, made.n);
        decoder_decode(d, &frame, 0, &telegram);
        assert_true(telegram.predecrypted && telegram.decrypted);
        assert_string_equal(telegram.kind, "unknown");
        assert_true(has_reading("volume_m3"));
        decoder_close(d);
    }
}

/* Meters are delivered with keys that everybody knows. */
static void default_keys(void **state)
{
    static const struct {
        const char *what, *head, *key, *plain;
        bool opens;
    } rows[] = {
        { "zeros, any maker", "00449315785634123303 7A2A001005", "00000000000000000000000000000000",
          "2F2F04132A0000002F2F2F2F2F2F2F2F", true },
        { "zeros, Apator's own data", "00440106785634120507 7A2A001005",
          "00000000000000000000000000000000", "2F2F0F01020304050607080910111213", true },
        { "zeros, another's own data", "00449315785634123303 7A2A001005",
          "00000000000000000000000000000000", "2F2F0F01020304050607080910111213", false },
        { "Diehl's", "0044A511785634123307 7A2A001005", "51728910E66D83F851728910E66D83F8",
          "2F2F04132A0000002F2F2F2F2F2F2F2F", true },
        { "Diehl's, another maker", "00449315785634123307 7A2A001005",
          "51728910E66D83F851728910E66D83F8", "2F2F04132A0000002F2F2F2F2F2F2F2F", false },
    };
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        struct made made = from_hex(rows[r].head);
        uint8_t key[16], iv[16], plain[16];
        int done;
        EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
        print_message("%s\n", rows[r].what);
        bytes_from_hex(rows[r].key, key, sizeof key);
        bytes_from_hex(rows[r].plain, plain, sizeof plain);
        memcpy(iv, made.bytes + 2, 8);
        memset(iv + 8, 0x2A, 8);
        EVP_EncryptInit_ex2(ctx, EVP_aes_128_cbc(), key, iv, NULL);
        EVP_EncryptUpdate(ctx, made.bytes + made.n, &done, plain, sizeof plain);
        EVP_CIPHER_CTX_free(ctx);
        made.n += 16;
        assert_int_equal(decode(&made, NULL, NULL), rows[r].opens ? DECODE_OK : DECODE_NO_KEY);
        assert_int_equal(telegram.default_key, rows[r].opens);
        assert_int_equal(decode(&made, "12345678", OMS_KEY),
                         rows[r].opens ? DECODE_OK : DECODE_BAD_2F2F);
        assert_int_equal(decode(&made, "12345678", rows[r].key), DECODE_OK);
        assert_false(telegram.default_key);
    }
}

/* Mode 7 with a MAC, both made with zeros for a meter that has a key of its own: nobody is proved,
 * and the counter of what the meter sends is not moved. */
static void default_key_proves_nobody(void **state)
{
    struct made forged = from_hex("33449315785634123303 8C2075 900F002C25 F0FFFFFF"
                                  "580690BBB9330D25 7A7500100710"
                                  "2BB1271335B6412CF28D2CE32A39FEBD");
    struct made own = from_hex("1E449315785634123303 8C2075 900F002C25 00000000"
                               "0000000000000000 7A75000000 04132A000000");
    (void)state;
    struct decoder *d = open_with("12345678", OMS_KEY);
    assert_int_equal(decode_at(d, &forged, 0), DECODE_OK);
    assert_true(telegram.default_key);
    assert_false(telegram.authenticated);
    mac_of_oms(own.bytes, own.n, 10);
    assert_int_equal(decode_at(d, &own, 0), DECODE_OK);
    assert_true(telegram.authenticated);
    assert_false(telegram.counter_back);
    decoder_close(d);
}

/* Manufacturer-formats note, sections 1.2 and 1.5. */
static void diehl_real_data(void **state)
{
    (void)state;
    struct made made = from_hex("1E4424238B07797389607A8F00107D"
                                "775254FAD2370DE67C125DC7BA251FE1");
    struct made plain = from_hex("1E4424238B07797389607A8F00107D"
                                 "041312170100426CBF23441344100100");
    assert_int_equal(decode(&made, NULL, NULL), DECODE_OK);
    assert_payload_of(&telegram, "041312170100426CBF23441344100100");
    assert_true(telegram.default_key && !telegram.predecrypted);
    assert_string_equal(security_name(&telegram), "diehl_lfsr");
    assert_true(telegram.n_readings >= 3);
    char text[ADDRESS_DIN_TEXT + 1];
    address_din_text(&telegram.meter, text);
    assert_string_equal(text, "07HYD8B60897379");
    assert_int_equal(decode(&plain, NULL, NULL), DECODE_OK);
    assert_true(telegram.predecrypted);
    assert_true(telegram.n_readings >= 3);
    for (size_t i = 15; i < made.n; i++) {
        made.bytes[i] ^= 0x01;
        assert_int_equal(decode(&made, NULL, NULL), DECODE_NO_KEY);
        assert_int_equal(telegram.n_readings, 0);
        made.bytes[i] ^= 0x01;
    }
}

/* In clear, though its key is known. */
static void unused_key(void **state)
{
    struct made made = from_hex("00449315785634123303 7A2A000000 04132A000000");
    (void)state;
    assert_int_equal(decode(&made, "12345678", OMS_KEY), DECODE_OK);
    assert_true(telegram.key_unused);
    struct made no_block = from_hex("00449315785634123303 7A2A000005 04132A000000");
    assert_int_equal(decode(&no_block, "12345678", OMS_KEY), DECODE_OK); /* mode 5 of nothing */
    assert_true(telegram.key_unused);
    /* a MAC of a kind that is not known proves nothing */
    struct made gmac = from_hex("00449315785634123303 900F002C28 0A000000 0000000000000000 00000000"
                                "7A2A000000 04132A000000");
    gmac.bytes[11] = 0x13;
    assert_int_equal(decode(&gmac, "12345678", OMS_KEY), DECODE_OK);
    assert_true(telegram.key_unused);
    assert_false(telegram.authenticated);
    struct made own = from_hex("00449315785634123303 A0 04132A000000");
    struct made empty = from_hex("00449315785634123303 8A2A000000");
    assert_int_equal(decode(&own, "12345678", OMS_KEY), DECODE_OK); /* has no header */
    assert_false(telegram.key_unused);
    assert_int_equal(decode(&empty, "12345678", OMS_KEY), DECODE_OK); /* nothing to encrypt */
    assert_false(telegram.key_unused);
    assert_int_equal(decode(&made, NULL, OMS_KEY), DECODE_OK); /* a key for all */
    assert_false(telegram.key_unused);
    assert_int_equal(decode(&made, NULL, NULL), DECODE_OK);
    assert_false(telegram.key_unused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mode_7_of_oms),
        cmocka_unit_test(mode_7_flipped_bits),
        cmocka_unit_test(counter_steps_back),
        cmocka_unit_test(already_plain),
        cmocka_unit_test(said_to_be_plain),
        cmocka_unit_test(default_keys),
        cmocka_unit_test(diehl_real_data),
        cmocka_unit_test(unused_key),
        cmocka_unit_test(default_key_proves_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
