/* SPDX-License-Identifier: MIT
 * A build without SoapySDR. */
#include <stddef.h>

#include "apps/common/exit_codes.h"
#include "apps/sources/live.h"

static void *open_none(struct live_settings *settings, struct err *err)
{
    err_set(err, EXIT_USAGE,
            "soapy:%.100s: this program was built without SoapySDR; on Debian, install "
            "libsoapysdr-dev and build it again",
            settings->address);
    return NULL;
}

static const struct live_device none = { .open = open_none };

const struct source_type source_soapy = {
    .name = "soapy",
    .written = "soapy:...",
    .help = "radios of SoapySDR, without which this program was built",
    .device = &none,
};
