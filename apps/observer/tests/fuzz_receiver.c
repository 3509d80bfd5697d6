/* SPDX-License-Identifier: MIT
 * A recording of a few thousand samples through the whole receiver. The first byte tells format
 * (bits 0-1), mirroring (bit 2), rate (bits 3-5) and whether all bursts are told in words and as
 * JSON (bit 6), the second the length of a push; the rest are samples. */
#include "apps/receiver/receiver.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "apps/observer/burst_json.h"
#include "apps/observer/burst_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_frame(void *user, const struct frame *frame)
{
    const struct reception *rx = &frame->rx;
    (void)user;
    assert(frame->status == DECODE_OK || frame->status == DECODE_BAD_CRC);
    assert(frame->n <= sizeof frame->bytes && rx->mode && rx->mended >= 0);
    assert(isfinite(rx->first_chip_sample) && isfinite(rx->rssi_dbfs) && isfinite(rx->snr_db));
    assert(isfinite(rx->noise_dbfs) && isfinite(rx->offset_hz) && isfinite(rx->deviation_hz));
    assert(rx->chip_rate_cps > 2e3f && rx->chip_rate_cps < 200e3f);
}

/* What is said of a burst can be said, and lies inside of it. */
static void check_burst(void *user, const struct burst_report *report)
{
    static FILE *nowhere;
    (void)user;
    if (!nowhere)
        nowhere = fopen("/dev/null", "w");
    assert(isfinite(report->first_sample) && isfinite(report->last_sample));
    assert(report->first_sample < report->last_sample);
    assert(report->sync_errors <= report->sync_chips);
    assert(nowhere);
    burst_text_print(report, 1e6, NULL, nowhere);
    json_object_put(burst_json(report, 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const double rates[8] = { 0.8e6, 0.9e6, 1.0e6, 1.024e6, 1.6e6, 2.048e6, 2.4e6, 3.2e6 };
    enum { HEADER = 2, MAX_BYTES = 1 << 16 };
    if (size < HEADER || size > MAX_BYTES)
        return 0;
    const struct receiver_config config = { .center_hz = data[1] & 1 ? 868.95e6 : 868.6e6,
                                            .sample_rate_sps = rates[(data[0] >> 3) & 7],
                                            .format = (enum iq_format)(data[0] & 3),
                                            .iq_swap = data[0] & 4 };
    struct err err;
    struct receiver *r = receiver_open(&config, check_frame, NULL, &err);
    if (!r)
        return 0;
    if (!(data[0] & 64))
        receiver_watch(r, check_burst);
    const size_t bytes = iq_sample_bytes(config.format), n = (size - HEADER) / bytes;
    const size_t push = 16 * (size_t)data[1] + 1;
    for (size_t at = 0; at < n; at += push)
        receiver_push(r, data + HEADER + at * bytes, n - at < push ? n - at : push);
    receiver_flush(r);
    receiver_close(r);
    return 0;
}
