/* SPDX-License-Identifier: MIT */
#include "apps/sources/wav_header.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "apps/common/exit_codes.h"
#include "apps/common/utc.h"
#include "decode/reader.h"

enum { TAG_PCM = 1, TAG_FLOAT = 3, TAG_EXTENSIBLE = 0xFFFE };

/* What is gathered while going through the chunks. */
struct walk {
    struct wav_header *header;
    struct err *err;
    bool has_fmt;
    uint64_t file_bytes;
    uint64_t long_size; /* of the samples, from the chunk ds64; 0: there was none */
};

static bool read_coding(unsigned tag, unsigned bits, struct walk *w)
{
    struct sample_coding *coding = &w->header->coding;
    coding->bits = bits;
    coding->kind = tag == TAG_FLOAT ? CODING_FLOAT : bits == 8 ? CODING_UNSIGNED : CODING_SIGNED;
    if ((tag == TAG_PCM || tag == TAG_FLOAT) && sample_coding_known(coding))
        return true;
    return err_set(w->err, EXIT_FILE,
                   "its samples are of kind %u with %u bits; integers (kind 1) of 8, 16, 24 or 32 "
                   "bits and floats (kind 3) of 32 or 64 can be read",
                   tag, bits);
}

static bool read_fmt(struct reader *r, struct walk *w)
{
    unsigned tag = reader_u16le(r);
    const unsigned channels = reader_u16le(r);
    w->header->sample_rate_sps = reader_u32le(r);
    (void)reader_u32le(r); /* bytes a second */
    const unsigned sample_bytes = reader_u16le(r);
    (void)reader_u16le(r); /* bits that are used: the upper ones of those that are there */
    if (r->bad)
        return err_set(w->err, EXIT_FILE, "its chunk fmt is cut");
    if (tag == TAG_EXTENSIBLE) {
        (void)reader_bytes(r, 8); /* length, bits that are used, loudspeakers */
        tag = reader_u16le(r);    /* of a GUID */
    }
    if (channels != 2)
        return err_set(w->err, EXIT_FILE, "it has %u channel%s; IQ samples are two, I and Q",
                       channels, channels == 1 ? "" : "s");
    w->has_fmt = true;
    return read_coding(tag, sample_bytes * 8 / channels, w);
}

/* A SYSTEMTIME of Windows, UTC. */
static bool read_time(struct reader *r, int64_t *t_us)
{
    uint16_t v[8]; /* year, month, day of the week, day, hour, minute, second, millisecond */
    char text[UTC_TEXT_SIZE];
    for (int k = 0; k < 8; k++)
        v[k] = reader_u16le(r);
    snprintf(text, sizeof text, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", v[0], v[1], v[3], v[4], v[5],
             v[6], v[7]);
    return !r->bad && v[7] < 1000 && utc_parse(text, t_us);
}

/* Start, end, centre frequency and more. SDR Console writes XML instead: no valid time. */
static void read_auxi(struct reader *r, struct walk *w)
{
    int64_t end_us;
    w->header->has_start = read_time(r, &w->header->start_us);
    (void)read_time(r, &end_us);
    const uint32_t center_hz = reader_u32le(r);
    if (w->header->has_start && !r->bad)
        w->header->center_hz = center_hz;
}

static void read_ds64(struct reader *r, struct walk *w)
{
    (void)reader_bytes(r, 8); /* size of the file */
    const uint32_t low = reader_u32le(r), high = reader_u32le(r);
    w->long_size = r->bad ? 0 : (uint64_t)high << 32 | low;
}

/* Programs that died have left no size, and those that do not know RF64 one without its upper half;
 * the size of the file then tells it. */
static uint64_t size_of_data(const struct walk *w, uint64_t first_byte, uint32_t size)
{
    const uint64_t there = w->file_bytes > first_byte ? w->file_bytes - first_byte : 0;
    if (size == UINT32_MAX && w->long_size > 0)
        return w->long_size < there ? w->long_size : there;
    if (size == 0 || size == UINT32_MAX || size > there)
        return there;
    return size + ((there - size) & ~(uint64_t)UINT32_MAX);
}

static bool read_chunk(const char *id, const uint8_t *bytes, size_t n, struct walk *w)
{
    struct reader r = reader_init(bytes, n);
    if (memcmp(id, "fmt ", 4) == 0)
        return read_fmt(&r, w);
    if (memcmp(id, "auxi", 4) == 0)
        read_auxi(&r, w);
    else if (memcmp(id, "ds64", 4) == 0)
        read_ds64(&r, w);
    return true;
}

static bool walk_chunks(struct reader *r, struct walk *w)
{
    for (;;) {
        const uint8_t *id = reader_bytes(r, 4);
        const uint32_t size = reader_u32le(r);
        if (r->bad)
            return err_set(w->err, EXIT_FILE, "its first %zu bytes hold no chunk data", r->n);
        if (memcmp(id, "data", 4) == 0) {
            w->header->first_byte = r->at;
            w->header->n_bytes = size_of_data(w, r->at, size);
            return w->has_fmt || err_set(w->err, EXIT_FILE, "it has no chunk fmt before its data");
        }
        const size_t left = reader_left(r);
        if (!read_chunk((const char *)id, r->bytes + r->at, size < left ? size : left, w))
            return false;
        (void)reader_bytes(r, (size_t)size + size % 2);
    }
}

bool wav_header_parse(const uint8_t *bytes, size_t n, uint64_t file_bytes,
                      struct wav_header *header, struct err *err)
{
    struct reader r = reader_init(bytes, n);
    struct walk walk = { .header = header, .err = err, .file_bytes = file_bytes };
    *header = (struct wav_header){ .center_hz = 0 };
    const uint8_t *riff = reader_bytes(&r, 4);
    (void)reader_u32le(&r);
    const uint8_t *wave = reader_bytes(&r, 4);
    const bool known = wave && memcmp(wave, "WAVE", 4) == 0 &&
                       (memcmp(riff, "RIFF", 4) == 0 || memcmp(riff, "RF64", 4) == 0 ||
                        memcmp(riff, "BW64", 4) == 0);
    if (!known)
        return err_set(err, EXIT_FILE,
                       "it does not begin as a WAV file does (RIFF, RF64 or BW64, and WAVE)");
    return walk_chunks(&r, &walk);
}
