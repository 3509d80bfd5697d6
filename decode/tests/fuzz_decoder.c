/* SPDX-License-Identifier: MIT
 * Arbitrary frames through the whole decoder. If bit 0 of the first byte is set, what lies behind
 * an ELL II or IV is clear text that is encrypted here with a key the decoder knows, so that the
 * fuzzer reaches what the payload CRC guards. Bit 1: a frame of wired M-Bus. Mode 5 needs no such
 * help: the corpus has telegrams of known keys, and all but their first block may change. */
#include "decode/decoder.h"

#include <assert.h>
#include <string.h>

#include "decode/address.h"
#include "decode/crc16.h"
#include "decode/ell.h"

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

static void encrypt_session(struct crypto *crypto, struct frame *frame)
{
    enum { HEADER = 10 };
    uint8_t region[FRAME_MAX_BYTES];
    struct ell ell;
    uint8_t *bytes = frame->bytes + HEADER;
    if (frame->n < HEADER || ell_parse(bytes, frame->n - HEADER, &ell) != DECODE_OK ||
        !ell.has_session)
        return;
    bytes[ell.header_n - 1] = (uint8_t)((bytes[ell.header_n - 1] & 0x1F) | ELL_AES_CTR << 5);
    ell_parse(bytes, frame->n - HEADER, &ell);
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

static void check(const struct telegram *t, enum decode_status status)
{
    assert(t->status == status && t->kind);
    assert(t->payload_n <= TELEGRAM_MAX_PAYLOAD && t->n_readings <= TELEGRAM_MAX_READINGS);
    assert(t->decrypted || t->n_readings == 0);
    for (size_t i = 0; i < t->n_readings; i++)
        assert(memchr(t->readings[i].name, 0, sizeof t->readings[i].name) &&
               memchr(t->readings[i].text, 0, sizeof t->readings[i].text));
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
    check(&telegram, decoder_decode(decoder, &frame, 0, &telegram));
    return 0;
}
