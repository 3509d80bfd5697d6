/* SPDX-License-Identifier: MIT
 * Application data of any content. Beyond what the sanitizers see: every reading has a name that
 * the grammar allows and that is its own, and a value that prints. */
#include <stdlib.h>
#include <string.h>

#include "decode/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check(const struct reading *reading)
{
    char text[DECIMAL_TEXT_SIZE];
    size_t n = strlen(reading->name);
    require(n > 0 && n < READING_NAME_SIZE);
    require(strspn(reading->name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n);
    if (reading->kind != READING_TEXT)
        require(reading_print(reading, text, sizeof text) > 0);
    else
        for (const char *c = reading->text; *c; c++)
            require((unsigned char)*c >= 0x20 && *c != 0x7F);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct telegram telegram;
    if (size > FRAME_MAX_BYTES)
        return 0;
    memcpy(telegram.payload, data, size);
    telegram.payload_n = size;
    telegram.n_readings = 0;
    record_read_all(&telegram);
    require(telegram.n_readings <= TELEGRAM_MAX_READINGS);
    for (size_t i = 0; i < telegram.n_readings; i++) {
        check(&telegram.readings[i]);
        for (size_t k = 0; k < i; k++)
            require(strcmp(telegram.readings[i].name, telegram.readings[k].name) != 0);
    }
    return 0;
}
