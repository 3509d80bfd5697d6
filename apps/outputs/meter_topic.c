/* SPDX-License-Identifier: MIT */
#include "apps/outputs/meter_topic.h"

#include <ctype.h>
#include <stdio.h>

#include "decode/address.h"

/* Letters are not enough where some are none, or bit 15 is set. */
static void maker_text(uint16_t manufacturer, char text[5])
{
    uint16_t told;
    address_manufacturer_text(manufacturer, text);
    if (!address_manufacturer_parse(text, &told) || told != manufacturer)
        snprintf(text, 5, "%04x", manufacturer);
    for (; *text; text++)
        *text = (char)tolower((unsigned char)*text);
}

void meter_topic_text(const struct address *meter, char text[METER_TOPIC_SIZE])
{
    char maker[5], id[ADDRESS_ID_TEXT + 1];
    maker_text(meter->manufacturer, maker);
    address_id_text(meter->id, id);
    snprintf(text, METER_TOPIC_SIZE, "%s_%s_%02x_%02x", maker, id, meter->version,
             meter->device_type);
}
