/* SPDX-License-Identifier: MIT
 * A build without SoapySDR. */
#include "apps/common/exit_codes.h"
#include "apps/sources/live.h"

static bool claims(const char *text)
{
    return live_address(text, source_soapy.name) != NULL;
}

static bool check(const char *text, struct err *err)
{
    return err_set(err, EXIT_USAGE,
                   "%.100s: this program was built without SoapySDR; on Debian, install "
                   "libsoapysdr-dev and build it again",
                   text);
}

const struct source_type source_soapy = {
    .name = "soapy",
    .written = "soapy:...",
    .help = "radios of SoapySDR, without which this program was built",
    .claims = claims,
    .check = check, /* and so it is never opened */
    .may_be_live = live_always,
    .is_device = true,
};
