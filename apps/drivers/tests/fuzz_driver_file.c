/* SPDX-License-Identifier: MIT
 * Any text as a driver, and telegrams through the driver if it is one. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "apps/drivers/driver_file.h"
#include "decode/decoder.h"
#include "decode/dll.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Records of many kinds, a profile, a tail; a manufacturer's payload. */
static const char *const telegrams[] = {
    "2A442D2C785634121B168D2091D37CAC217F2D7802FF207100041308190000441308190000615B1F616713",
    "344465325566366018087A90040000046D1311962C01FD0C03326CFFFF01FD7300025AC2000DFF5F0C000800303081"
    "0"
    "613080BFFFC",
    "34446850226677116980A0119F27020480048300C408F709143C003D341A2B0B2A0707000000000000062D11445756"
    "3D"
    "71A1850000",
    "1944304C9C5824210C04A363140013716577EC59E8663AB0D31C",
    "4644B4092143658713077A9C0000000C1364390400046D212F16350F152A0F000000440F00C00F00511000D51000B2"
    "0B"
    "00180C007C0C00E60C00560D00D10D00400E00C60E0000",
    "5E44496A95239325FD087A2CC050052F2F0B6E030100426CDF2C4B6EFFFFFF82046CE1228B046E6200008D04EE132C"
    "3B"
    "FE1111FFFF1122FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF2F2F2F2F",
};

static void decode(const char *hex, const struct driver_set *set)
{
    uint8_t bytes[FRAME_MAX_BYTES];
    struct meter_config all = { .any_id = true };
    struct frame frame = { .n = 0 };
    struct telegram telegram;
    size_t n = 0;
    for (; hex[2 * n]; n++)
        bytes[n] = (uint8_t)strtoul((char[3]){ hex[2 * n], hex[2 * n + 1], 0 }, NULL, 16);
    memcpy(all.driver, set->entries[0].driver->name, strlen(set->entries[0].driver->name) + 1);
    struct decoder *decoder = decoder_open(&all, 1);
    decoder_use_drivers(decoder, &set->table);
    if (dll_guess(bytes, n, &frame) == DECODE_OK)
        decoder_decode(decoder, &frame, 0, &telegram);
    decoder_close(decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct driver_set set;
    struct err err;
    driver_set_init(&set, shared_rules_builtin);
    if (driver_set_parse(&set, (const char *)data, size, "/nowhere/fuzz.yaml", &err) &&
        driver_set_finish(&set, &err))
        for (size_t i = 0; i < sizeof telegrams / sizeof telegrams[0]; i++)
            decode(telegrams[i], &set);
    driver_set_free(&set);
    return 0;
}
