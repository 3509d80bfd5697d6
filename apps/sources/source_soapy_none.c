/* SPDX-License-Identifier: MIT
 * A build without SoapySDR. */
#include "apps/common/exit_codes.h"
#include "apps/sources/live.h"

static bool claims(const char *text)
{
    return live_address(text, source_soapy.name) != NULL;
}

static bool open_source(struct source *source, const struct source_config *config, struct err *err)
{
    (void)source;
    return err_set(err, EXIT_USAGE,
                   "%.100s: this program was built without SoapySDR; on Debian, install "
                   "libsoapysdr-dev and build it again",
                   config->text);
}

const struct source_type source_soapy = {
    .name = "soapy",
    .written = "soapy:...",
    .help = "radios of SoapySDR, without which this program was built",
    .claims = claims,
    .may_be_live = live_always,
    .open = open_source,
    .read = live_read,
    .close = live_close,
    .is_device = true,
};
