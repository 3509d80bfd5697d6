/* SPDX-License-Identifier: MIT
 * Names of recordings and times. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "apps/common/utc.h"
#include "apps/sources/recording_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What is printed is read again as the same moment. */
static void check_time(int64_t t_us)
{
    char text[UTC_TEXT_SIZE];
    int64_t again = t_us + 1;
    utc_format(t_us, text);
    assert(utc_parse(text, &again) && again == t_us);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char text[512];
    struct recording_name name;
    int64_t t_us;
    if (n >= sizeof text)
        return 0;
    memcpy(text, data, n);
    text[n] = 0;
    recording_name_parse(text, &name);
    assert(name.path >= text && name.path <= text + strlen(text));
    assert(isfinite(name.center_hz) && name.center_hz >= 0);
    assert(isfinite(name.sample_rate_sps) && name.sample_rate_sps >= 0);
    if (name.has_start)
        check_time(name.start_us);
    (void)utc_parse(text, &t_us);
    return 0;
}
