/* SPDX-License-Identifier: MIT */
#include "apps/config/config.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config config;
    struct err err;
    if (config_parse((const char *)data, size, "fuzz.yaml", &config, &err))
        config_wipe(&config);
    return 0;
}
