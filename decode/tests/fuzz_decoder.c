/* SPDX-License-Identifier: MIT
 * Arbitrary frames through the whole decoder. Bits of the first byte choose: 0: what lies behind an
 * ELL II or IV is clear text that is encrypted here with a key the decoder knows, so that the
 * fuzzer reaches what the payload CRC guards; 1: a frame of wired M-Bus; 2: what lies behind the
 * transport layer of modes 2, 5, 7, 9 and 10 is clear text, and is encrypted and authenticated
 * here. */
#include "decode/decoder.h"

#include <assert.h>
#include <string.h>

#include <openssl/evp.h> /* to encrypt */

#include "decode/address.h"
#include "decode/afl.h"
#include "decode/crc16.h"
#include "decode/dll.h"
#include "decode/ell.h"
#include "decode/tpl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* clang-format off */
#define OMS_KEY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
/* clang-format on */

static const struct meter_config meters[] = {
    { .name = "gas",
      .id = { 0x78, 0x56, 0x34, 0x12 },
      .keys = { { { OMS_KEY, 17 }, 16 } },
      .n_keys = 1 },
    { .name = "hca",
      .id = { 0x88, 0x77, 0x66, 0x55 },
      .keys = { { { 0, OMS_KEY }, 16 } },
      .n_keys = 1 },
    { .name = "any", .any_id = true, .keys = { { { 1 }, 8 }, { { 0 }, 16 } }, .n_keys = 2 },
};

/* Of ELL V the control byte says here how long it is. */
static bool parse_session(const uint8_t *bytes, size_t n, struct ell *ell)
{
    enum { CI_V = 0x86, CONTROL = 3 };
    size_t longer = n > CONTROL ? bytes[CONTROL] % (ELL_V_MOST - ELL_V_LEAST + 1) : 0;
    enum decode_status status = n > 0 && bytes[0] == CI_V
                                    ? ell_parse_v(bytes, n, ELL_V_LEAST + longer, ell)
                                    : ell_parse(bytes, n, ell);
    return status == DECODE_OK && ell->has_session;
}

static void encrypt_session(struct crypto *crypto, struct frame *frame)
{
    enum { HEADER = 10 };
    uint8_t region[FRAME_MAX_BYTES];
    struct ell ell;
    uint8_t *bytes = frame->bytes + HEADER;
    if (frame->n < HEADER || !parse_session(bytes, frame->n - HEADER, &ell))
        return;
    bytes[ell.header_n - 1] = (uint8_t)((bytes[ell.header_n - 1] & 0x1F) | ELL_AES_CTR << 5);
    parse_session(bytes, frame->n - HEADER, &ell);
    size_t n = frame->n - HEADER - ell.header_n;
    memcpy(region, bytes + ell.header_n, n);
    uint16_t crc = crc16_en13757(region + ELL_PLCRC_BYTES, n - ELL_PLCRC_BYTES);
    region[0] = (uint8_t)crc;
    region[1] = (uint8_t)(crc >> 8);
    struct address dll = address_from_link(frame->bytes + 2);
    static const uint8_t key[AES_128_KEY] = { 0 }; /* of "any" */
    ell_decrypt(crypto, key, &dll, &ell, region, n,
                bytes + ell.header_n); /* CTR: its own inverse */
}

/* ---- the transport layer, with the key of zeros that is "any"'s ---- */

struct message {
    uint8_t *bytes; /* from the transport layer's CI on */
    size_t n;
    struct tpl tpl;
    const struct afl *afl; /* NULL: none */
    struct address meter;
    bool to_meter;
};

static void derive(struct crypto *crypto, const struct message *m, uint8_t use, uint8_t key[16])
{
    static const uint8_t zero[AES_128_KEY] = { 0 };
    uint32_t counter = m->tpl.has_counter ? m->tpl.counter : m->afl ? m->afl->mcr : 0;
    uint8_t in[AES_BLOCK];
    memset(in, 7, sizeof in);
    in[0] = (uint8_t)(use | (m->to_meter ? 0x10 : 0));
    for (int i = 0; i < 4; i++)
        in[1 + i] = (uint8_t)(counter >> (8 * i));
    memcpy(in + 5, m->meter.id, 4);
    crypto_aes_cmac(crypto, zero, in, sizeof in, key);
}

static void encrypt_cbc(struct crypto *crypto, const struct message *m)
{
    uint8_t key[AES_128_KEY] = { 0 }, iv[AES_BLOCK] = { 0 };
    uint8_t *data = m->bytes + m->tpl.header_n;
    size_t n_data = m->n - m->tpl.header_n, n = tpl_encrypted_bytes(&m->tpl, n_data);
    int done;
    if (n > n_data || n == 0)
        return;
    if (m->tpl.mode == 7 && tpl_kdf(&m->tpl) == 1)
        derive(crypto, m, 0, key);
    if (m->tpl.mode == 5) {
        address_to_link(&m->meter, iv);
        memset(iv + ADDRESS_BYTES, m->tpl.acc, 8);
    }
    data[0] = data[1] = 0x2F;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(ctx, EVP_aes_128_cbc(), NULL, key, iv);
    EVP_CIPHER_CTX_set_padding(ctx, 0);
    EVP_EncryptUpdate(ctx, data, &done, data, (int)n);
    EVP_CIPHER_CTX_free(ctx);
}

/* Modes 9 (GCM) and 10 (CCM): the tag stands behind what is encrypted, or at the end. */
static void seal(struct crypto *crypto, const struct message *m)
{
    bool gcm = m->tpl.mode == 9;
    uint8_t key[AES_128_KEY] = { 0 }, nonce[CCM_NONCE] = { 0 };
    uint8_t *data = m->bytes + m->tpl.header_n;
    size_t n_data = m->n - m->tpl.header_n, tag_n = tpl_tag_bytes(&m->tpl);
    size_t n = n_data < tag_n ? 0 : tpl_encrypted_bytes(&m->tpl, n_data - tag_n);
    int done, nonce_n = gcm ? GCM_NONCE : CCM_NONCE;
    if (n_data < n + tag_n)
        return;
    if (!gcm && tpl_kdf(&m->tpl) == 1)
        derive(crypto, m, 0, key);
    address_to_link(&m->meter, nonce);
    for (int i = 0; i < 4; i++)
        nonce[nonce_n - 4 + i] = (uint8_t)(m->tpl.counter >> 8 * (3 - i));
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(ctx, gcm ? EVP_aes_128_gcm() : EVP_aes_128_ccm(), NULL, NULL, NULL);
    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, nonce_n, NULL);
    if (!gcm)
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, (int)tag_n, NULL);
    EVP_EncryptInit_ex(ctx, NULL, NULL, key, nonce);
    if (!gcm)
        EVP_EncryptUpdate(ctx, NULL, &done, NULL, (int)n);
    EVP_EncryptUpdate(ctx, NULL, &done, m->bytes, (int)m->tpl.counter_at);
    EVP_EncryptUpdate(ctx, data, &done, data, (int)n);
    if (gcm)
        EVP_EncryptFinal_ex(ctx, data, &done);
    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, (int)tag_n, data + (gcm ? n : n_data - tag_n));
    EVP_CIPHER_CTX_free(ctx);
}

/* Mode 2 with the key of "any"; three times DES with one key is DES, and needs no old library. */
static void encrypt_des(const struct message *m)
{
    static const uint8_t key[24] = { [0] = 1, [8] = 1, [16] = 1 }, iv[8] = { 0 };
    uint8_t *data = m->bytes + m->tpl.header_n;
    size_t n_data = m->n - m->tpl.header_n, n = tpl_encrypted_bytes(&m->tpl, n_data);
    int done;
    if (n > n_data || n == 0 || n % sizeof iv != 0)
        return;
    data[0] = data[1] = 0x2F;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(ctx, EVP_des_ede3_cbc(), NULL, key, iv);
    EVP_CIPHER_CTX_set_padding(ctx, 0);
    EVP_EncryptUpdate(ctx, data, &done, data, (int)n);
    EVP_CIPHER_CTX_free(ctx);
}

/* mac: where the AFL has it. */
static void authenticate(struct crypto *crypto, const struct message *m, uint8_t *mac)
{
    uint8_t key[AES_128_KEY] = { 0 }, covered[AFL_MAX_COVERED + FRAME_MAX_BYTES], out[AES_BLOCK];
    bool derived = m->tpl.mode == 7 || m->tpl.mode == 10 ? tpl_kdf(&m->tpl) == 1
                   : m->afl->has_ki                      ? (m->afl->ki >> 4 & 3) == 1
                                                         : true;
    if (derived)
        derive(crypto, m, 1, key);
    size_t n = afl_covered(m->afl, covered);
    memcpy(covered + n, m->bytes, m->n);
    crypto_aes_cmac(crypto, key, covered, n + m->n, out);
    memcpy(mac, out, m->afl->mac_n);
}

static void protect_message(struct crypto *crypto, struct frame *frame)
{
    enum { HEADER = 10 };
    struct afl afl = { 0 };
    struct message m = { .bytes = frame->bytes + HEADER };
    uint8_t *mac = NULL;
    if (frame->n <= HEADER)
        return;
    m.n = frame->n - HEADER;
    if (m.bytes[0] == 0x90) {
        if (afl_parse(m.bytes, m.n, &afl) != DECODE_OK || afl_is_fragment(&afl))
            return;
        mac = m.bytes + 4 + afl.has_mcl + 2 * afl.has_ki + 4 * afl.has_mcr;
        m.afl = &afl;
        m.bytes += afl.header_n;
        m.n -= afl.header_n;
    }
    if (tpl_parse(m.bytes, m.n, &m.tpl) != DECODE_OK)
        return;
    m.meter = m.tpl.has_address ? m.tpl.address : address_from_link(frame->bytes + 2);
    static struct telegram t;
    dll_parse(frame, &t);
    m.to_meter = t.direction == DIRECTION_TO_METER;
    if (m.tpl.mode == 5 || m.tpl.mode == 7)
        encrypt_cbc(crypto, &m);
    if (m.tpl.mode == 9 || m.tpl.mode == 10)
        seal(crypto, &m);
    if (m.tpl.mode == 2)
        encrypt_des(&m);
    if (afl.mac_n > 0)
        authenticate(crypto, &m, mac);
}

static void check(const struct telegram *t, enum decode_status status)
{
    assert(t->status == status && t->kind);
    assert(t->payload_n <= TELEGRAM_MAX_PAYLOAD && t->n_readings <= TELEGRAM_MAX_READINGS);
    assert(t->decrypted || t->n_readings == 0);
    for (size_t i = 0; i < t->n_readings; i++) {
        char number[DECIMAL_TEXT_SIZE];
        const struct reading *r = &t->readings[i];
        assert(memchr(r->name, 0, sizeof r->name));
        assert(r->kind == READING_TEXT ? memchr(r->text, 0, sizeof r->text) != NULL
                                       : reading_print(r, number, sizeof number) > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct decoder *decoder;
    static struct crypto *crypto;
    static struct telegram telegram;
    struct frame frame = { .status = DECODE_OK };
    if (!decoder) {
        decoder = decoder_open(meters, sizeof meters / sizeof meters[0]);
        crypto = crypto_open();
        assert(decoder && crypto);
    }
    if (size < 1 || size - 1 > FRAME_MAX_BYTES)
        return 0;
    memcpy(frame.bytes, data + 1, size - 1);
    frame.n = size - 1;
    if (data[0] & 2)
        frame.format = FRAME_WIRED;
    else if (data[0] & 1)
        encrypt_session(crypto, &frame);
    else if (data[0] & 4)
        protect_message(crypto, &frame);
    check(&telegram, decoder_decode(decoder, &frame, 0, &telegram));
    return 0;
}
