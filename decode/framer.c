/* SPDX-License-Identifier: MIT */
#include "decode/framer.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "decode/address.h"
#include "decode/crc16.h"
#include "decode/dll.h"
#include "decode/line_3of6.h"
#include "decode/mend.h"

enum {
    FORMAT_A_HEADER = 12, /* block 1 with its CRC                                       */
    FORMAT_B_HEADER = 10, /* L, C, M, A                                                 */
    FORMAT_B_BLOCK = 128, /* bytes up to and with the first CRC                         */
    MAX_MODES = 8,        /* of a channel                                               */
    PROBE_CHIPS = 16,     /* tell the mode: the longest rest of a sync word             */
};

/* Least odds that all blocks are right (natural logarithm), so that bench_sensitivity finds at most
 * one telegram in 10,000 wrong: NRZ has no code words that errors break. */
static const float min_log_odds[] = {
    [LINE_NRZ] = 9.0f, [LINE_3OF6] = 7.0f, [LINE_MANCHESTER] = 7.5f
};

static line_decode *const decoders[] = {
    [LINE_NRZ] = line_nrz_decode,
    [LINE_3OF6] = line_3of6_decode,
    [LINE_MANCHESTER] = line_manchester_decode,
};

size_t framer_first_chips(const struct radio_channel *channel)
{
    size_t most = 0, rest = 0;
    for (size_t k = 0; k < channel->n_modes; k++) {
        const struct radio_mode *mode = &radio_modes[channel->first_mode + k];
        const size_t block = FORMAT_A_HEADER * line_code_byte_chips(mode->line);
        const size_t behind = radio_mode_rest_of_sync(channel, mode);
        most = block > most ? block : most;
        rest = behind > rest ? behind : rest;
    }
    return rest + most;
}

/* How much less likely the chips are under this mode than without any code, as a natural logarithm:
 * over the rest of the sync word, or, without one, over the first code words. */
static float mode_cost(const struct chip_span *span, const struct radio_mode *mode, unsigned rest)
{
    int cost = 0;
    assert(rest <= PROBE_CHIPS);
    for (unsigned k = 0; k < rest; k++) {
        const int one = (mode->sync >> (rest - 1 - k)) & 1;
        const int soft = span->chips[k];
        cost += one ? (soft < 0 ? -soft : 0) : (soft > 0 ? soft : 0);
    }
    for (unsigned k = 0; rest == 0 && mode->line == LINE_3OF6 && k < 12; k += LINE_3OF6_CHIPS) {
        int metric[16], sum = 0;
        const int best = line_3of6_likeliest(span->chips + k, metric);
        for (unsigned c = 0; c < LINE_3OF6_CHIPS; c++)
            sum += span->chips[k + c] > 0 ? span->chips[k + c] : -span->chips[k + c];
        cost += (sum - metric[best]) / 2;
    }
    return span->llr_per_step * (float)cost;
}

/* C, M and A as a meter would send them; a check where CRCs are few. */
static bool header_makes_sense(const uint8_t *bytes)
{
    static const uint8_t c_fields[] = { 0x44, 0x46, 0x47, 0x48, 0x08, 0x18, 0x28, 0x38, 0x00, 0x40,
                                        0x43, 0x45, 0x53, 0x73, 0x5A, 0x7A, 0x5B, 0x7B, 0x06 };
    bool known = false;
    for (size_t k = 0; k < sizeof c_fields; k++)
        known |= bytes[1] == c_fields[k];
    char letters[ADDRESS_MANUFACTURER_TEXT + 1];
    return known && address_manufacturer_text(address_from_link(bytes + 2).manufacturer, letters);
}

/* The n_block bytes of the block that starts at byte at of a frame of n_air bytes. */
static size_t block_length(enum frame_format format, size_t at, size_t n_air)
{
    const size_t most = format == FRAME_B ? FORMAT_B_BLOCK : at == 0 ? FORMAT_A_HEADER : 18;
    return n_air - at < most ? n_air - at : most;
}

/* Checks and mends all blocks. Returns DECODE_OK or DECODE_BAD_CRC. */
static enum decode_status mend_frame(struct line_bytes *line, const struct radio_mode *mode,
                                     size_t n_air, struct framer_trace *trace, int *mended)
{
    /* one or two come out right by chance too often */
    const bool few_crcs = mode->format == FRAME_B || n_air == FORMAT_A_HEADER;
    double doubt = 0; /* the chance that a block so far is wrong */
    *mended = 0;
    trace->n_air = n_air;
    trace->finding = FRAMER_BAD_BLOCK;
    memcpy(trace->mended, line->bytes, n_air);
    for (size_t at = 0; at < n_air;) {
        const size_t n = block_length(mode->format, at, n_air);
        const struct mend_result r = mend_block(line, at, n, min_log_odds[mode->line]);
        trace->bad_block++;
        /* In format B, L is mended only now, and may tell another length. */
        if (!r.ok || (few_crcs && !header_makes_sense(line->bytes)) ||
            dll_air_bytes(mode->format, line->bytes[0]) != n_air)
            break;
        doubt += exp(-(double)r.log_odds);
        *mended += r.symbols;
        at += n;
        if (at == n_air)
            trace->finding = FRAMER_RIGHT;
    }
    if (trace->finding == FRAMER_RIGHT) {
        trace->bad_block = 0;
        trace->log_odds = (float)-log(doubt);
        if (trace->log_odds < min_log_odds[mode->line])
            trace->finding = FRAMER_DOUBTFUL;
    }
    for (size_t k = 0; k < n_air; k++)
        trace->mended[k] ^= line->bytes[k];
    return trace->finding == FRAMER_RIGHT ? DECODE_OK : DECODE_BAD_CRC;
}

/* Reads the frame as the given mode, its data from chip first on. */
static enum decode_status read_as(struct framer *f, const struct radio_mode *mode, size_t first,
                                  const struct chip_span *span, struct frame *frame,
                                  struct framer_trace *trace, size_t *need_chips)
{
    const unsigned byte_chips = line_code_byte_chips(mode->line);
    line_decode *const decode = decoders[mode->line];
    const enum frame_format format = mode->format;
    const size_t header = format == FRAME_A ? FORMAT_A_HEADER : FORMAT_B_HEADER;
    struct line_bytes *line = &f->line;
    *need_chips = first + header * byte_chips;
    if (decode(span, first, header, line) < header)
        return DECODE_MORE;
    /* In format A the first block's own CRC vouches for L, mended if need be. */
    const bool sure = format == FRAME_A && mend_block(line, 0, header, min_log_odds[mode->line]).ok;
    const bool plausible = header_makes_sense(line->bytes);
    const size_t n_air = dll_air_bytes(format, line->bytes[0]);
    trace->finding = sure || plausible ? FRAMER_BAD_LENGTH : FRAMER_NO_HEADER;
    if (n_air == 0 || (!sure && !plausible))
        return DECODE_BAD_CODE;
    if (format == FRAME_A && !sure) {
        trace->finding = FRAMER_BAD_BLOCK;
        trace->bad_block = 1;
        frame->n = 0;
        return DECODE_BAD_CRC;
    }
    *need_chips = first + n_air * byte_chips;
    if (decode(span, first, n_air, line) < n_air)
        return DECODE_MORE;
    const enum decode_status status = mend_frame(line, mode, n_air, trace, &frame->rx.mended);
    dll_strip(format, line->bytes, n_air, frame);
    return frame->status = status;
}

/* The likeliest of the channel's modes that were not tried; n_modes: none is likely at all. */
static size_t likeliest_mode(const struct radio_channel *channel, const struct chip_span *span,
                             const bool *tried)
{
    static const float max_cost = 24.0f; /* of the rest of the sync word, natural logarithm */
    size_t best = channel->n_modes;
    float best_cost = max_cost;
    for (size_t k = 0; k < channel->n_modes; k++) {
        const struct radio_mode *mode = &radio_modes[channel->first_mode + k];
        const float cost = mode_cost(span, mode, radio_mode_rest_of_sync(channel, mode));
        if (!tried[k] && cost < best_cost) {
            best = k;
            best_cost = cost;
        }
    }
    return best;
}

/* A sync word hit by an error makes one format look like the other, so the others follow. */
enum decode_status framer_read(struct framer *f, const struct radio_channel *channel,
                               const struct chip_span *span, struct frame *frame,
                               size_t *need_chips)
{
    *need_chips = PROBE_CHIPS;
    if (span->n < PROBE_CHIPS)
        return DECODE_MORE;
    enum decode_status result = DECODE_BAD_CODE;
    bool tried[MAX_MODES] = { false };
    f->trace = (struct framer_trace){ .finding = FRAMER_NO_CODE };
    assert(channel->n_modes <= MAX_MODES);
    for (size_t k; (k = likeliest_mode(channel, span, tried)) < channel->n_modes;) {
        const struct radio_mode *mode = &radio_modes[channel->first_mode + k];
        const unsigned rest = radio_mode_rest_of_sync(channel, mode);
        struct frame candidate = { .n = 0 };
        struct framer_trace trace = { .mode = mode };
        size_t need = 0;
        const enum decode_status status = read_as(f, mode, rest, span, &candidate, &trace, &need);
        tried[k] = true;
        if (status == DECODE_MORE && result == DECODE_BAD_CODE) {
            *need_chips = need;
            return DECODE_MORE;
        }
        const bool better =
            status == DECODE_OK || (status == DECODE_BAD_CRC && result == DECODE_BAD_CODE);
        if (better || !f->trace.mode)
            f->trace = trace;
        if (better) {
            *frame = candidate;
            frame->rx.mode = mode->name;
            frame->format = mode->format;
            frame->status = result = status;
            *need_chips = need;
        }
        if (status == DECODE_OK)
            break;
    }
    return result;
}
