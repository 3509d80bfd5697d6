/* SPDX-License-Identifier: MIT
 * SML and DLMS of any content. The first byte chooses: DLMS, SML, or SML whose body this is, with a
 * CRC that holds, so that the fuzzer reaches what that guards. Beyond what the sanitizers see:
 * names are those that the grammar allows, each its own. */
#include <stdlib.h>
#include <string.h>

#include "decode/dlms.h"
#include "decode/obis.h"
#include "decode/sml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static uint16_t crc16_x25(const uint8_t *bytes, size_t n)
{
    uint16_t crc = 0xFFFF;
    for (size_t i = 0; i < 8 * n; i++) {
        unsigned bit = (crc ^ bytes[i / 8] >> i % 8) & 1;
        crc = (uint16_t)(crc >> 1 ^ (bit ? 0x8408 : 0));
    }
    return crc ^ 0xFFFF;
}

static size_t message_around(const uint8_t *body, size_t n, uint8_t *out)
{
    static const uint8_t head[] = { 0x76, 0x01, 0x62, 0x00, 0x62, 0x00, 0x72, 0x63, 0x07, 0x01 };
    size_t at = sizeof head;
    memcpy(out, head, sizeof head);
    memcpy(out + at, body, n);
    at += n;
    uint16_t crc = crc16_x25(out, at);
    out[at++] = 0x63;
    out[at++] = (uint8_t)crc;
    out[at++] = (uint8_t)(crc >> 8);
    out[at++] = 0;
    return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { DLMS, SML, SML_BODY, KINDS };
    static struct telegram telegram;
    static uint8_t bytes[TELEGRAM_MAX_PAYLOAD];
    struct reading_sink sink;
    if (size < 1 || size > TELEGRAM_MAX_PAYLOAD - 20)
        return 0;
    telegram.n_readings = 0;
    reading_sink_init(&sink, &telegram);
    switch (data[0] % KINDS) {
    case DLMS:
        dlms_read(&sink, data + 1, size - 1);
        break;
    case SML:
        sml_read(&sink, data + 1, size - 1);
        break;
    case SML_BODY:
        sml_read(&sink, bytes, message_around(data + 1, size - 1, bytes));
        break;
    }
    require(telegram.n_readings <= TELEGRAM_MAX_READINGS);
    for (size_t i = 0; i < telegram.n_readings; i++) {
        const struct reading *r = &telegram.readings[i];
        char code[OBIS_TEXT_SIZE];
        require(strspn(r->name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(r->name));
        require(*r->name && r->has_obis);
        require(r->kind != READING_TEXT || memchr(r->text, 0, sizeof r->text));
        obis_text(&r->obis, code);
        for (size_t k = 0; k < i; k++)
            require(strcmp(r->name, telegram.readings[k].name) != 0);
    }
    return 0;
}
