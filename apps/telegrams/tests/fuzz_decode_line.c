/* SPDX-License-Identifier: MIT */
#include "apps/telegrams/telegram_json.h"
#include "apps/telegrams/telegram_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What wmbus-decode does with a line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct decoder *decoder;
    struct telegram_text text;
    struct telegram telegram;
    if (!decoder)
        decoder = decoder_open(NULL, 0);
    if (!telegram_text_parse((const char *)data, size, &text)) {
        const struct telegram_origin origin = { .format_known = text.format_known };
        decoder_decode(decoder, &text.frame, 0, &telegram);
        struct json_object *o = telegram_json(&telegram, &origin, true);
        telegram_json_text(o);
        json_object_put(o);
    }
    telegram_text_deinit(&text);
    return 0;
}
