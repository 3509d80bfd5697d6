/* SPDX-License-Identifier: MIT */
#include "decode/compact.h"

#include <assert.h>
#include <string.h>

#include "base/array_len.h"
#include "decode/crc16.h"
#include "decode/hex.h"
#include "decode/reader.h"
#include "decode/record.h"
#include "decode/tpl.h"

enum { IDLE_FILLER = 0x2F };

/* clang-format off */
/* Seen in published telegrams (protocol note: application, section 9, and the telegram corpus).
 * Meters send them in a raster in which the full frame may be long in coming. */
static const char *const known[] = {
    /* 052D */ "426C" "4413" "01FD17" "840113" "C40113" "840213" "C40213" "840313" "C40313"
                  "840413" "C40413" "840513" "C40513" "840613" "C40613" "840713" "C40713"
                  "840813" "046D" "0413",
    /* 0905 */ "04FF23" "4413" "523B" "06FF1B" "426C" "6167" "5167" "023B" "0413" "8101E7FF0F",
    /* 2274 */ "0405" "04FB8275" "04853C" "04FB82F53C" "01FD17",
    /* 36D4 */ "02FF20" "0413" "4413" "426C" "523B" "615B" "6167" "5167" "8101E7FF0F" "06FF1B",
    /* 52C2 */ "030E" "430E" "0313" "426C" "022D" "01FF21",
    /* 61EB */ "02FF20" "0413" "4413" "A1015B" "8101E7FF0F",
    /* 73DE */ "2269" "1269" "0269" "05FF09" "05FF0A" "02FD17",
    /* 7C0E */ "02FF20" "0413" "523B",
    /* 8400 */ "02F9FF15" "0406" "04EEFF07" "04EEFF08" "0414" "844014" "84804014" "02FD17"
                  "026C" "426C" "4406" "4414" "C44014" "C4804014" "043B" "0259" "025D",
    /* 8C13 */ "0404" "04843C" "042B" "04AB3C",
    /* A8ED */ "02FF20" "0413" "4413" "615B" "6167",
    /* A9F3 */ "04FF23" "0413" "4413" "426C" "023B" "92013B" "A2013B" "06FF1B" "A1015B"
                  "91015B" "A10167",
    /* AE5A */ "0406" "0414" "04FF07" "04FF08" "0259" "025D" "023B" "02FF22" "026C" "4406"
                  "4414" "426C",
    /* B34D */ "0406" "04FF07" "04FF08" "0414" "043B" "0259" "025D" "04FF22" "026C" "4406"
                  "4414" "426C",
    /* C412 */ "02FF20" "0413" "92013B" "A1015B" "8101E7FF0F",
    /* D2F7 */ "02FF20" "0413" "4413" "615B" "5167",
    /* DD34 */ "02FF20" "0413" "4413",
    /* E7A2 */ "040F" "04FF07" "04FF08" "0414" "844014" "84804014" "043B" "0259" "025D" "142D"
                  "84100F" "84200F" "04FF22" "026C" "440F" "4414" "C44014" "C4804014" "426C",
    /* F1E7 */ "0306" "4306" "0314" "426C" "022D" "01FF21",
    /* DD07 */ "02FF20" "0413" "4413" "426C",
    /* 7F32 */ "02FF20" "0413" "623B" "615B" "515B" "6167" "5167",
    /* 29C7 */ "0305" "4305" "4313" "43FF07" "43FF08" "426C" "01FF21",
};
/* clang-format on */

static void put(struct compact_formats *formats, const struct compact_format *format)
{
    formats->signatures[formats->next] = format->signature;
    formats->formats[formats->next++] = *format;
    if (formats->n < formats->next)
        formats->n = formats->next;
}

void compact_init(struct compact_formats *formats)
{
    formats->n = formats->next = 0;
    memset(formats->recent, 0, sizeof formats->recent);
    for (size_t k = 0; k < ARRAY_LEN(known); k++) {
        struct compact_format format;
        size_t n = strlen(known[k]) / 2;
        bool ok = n <= COMPACT_FORMAT_BYTES && hex_bytes(known[k], format.headers, n);
        assert(ok);
        (void)ok;
        format.n = (uint8_t)n;
        format.signature = crc16_en13757(format.headers, n);
        put(formats, &format);
    }
    formats->n_known = formats->n;
}

/* The first one with that signature from formats[*i] on, *i goes behind it; NULL: no more. */
static const struct compact_format *find(const struct compact_formats *formats, uint16_t signature,
                                         size_t *i)
{
    while (*i < formats->n)
        if (formats->signatures[(*i)++] == signature)
            return &formats->formats[*i - 1];
    return NULL;
}

static bool same_format(const struct compact_format *a, const struct compact_format *b)
{
    return a->signature == b->signature && a->n == b->n &&
           memcmp(a->headers, b->headers, a->n) == 0;
}

static bool is_kept(struct compact_formats *formats, const struct compact_format *format)
{
    const struct compact_format *f;
    uint8_t *recent = &formats->recent[format->signature & 0xFF];
    if (*recent < formats->n && same_format(&formats->formats[*recent], format))
        return true;
    for (size_t i = 0; (f = find(formats, format->signature, &i));) {
        if (same_format(f, format)) {
            *recent = (uint8_t)(i - 1);
            return true;
        }
    }
    return false;
}

static void keep(struct compact_formats *formats, const struct compact_format *format)
{
    if (formats->next == COMPACT_FORMATS)
        formats->next = formats->n_known;
    put(formats, format);
}

/* Appends what the reader went over since start. Returns false if it does not fit. */
static bool append(const struct reader *reader, size_t start, uint8_t *out, size_t room, size_t *n)
{
    size_t count = reader->at - start;
    if (count > room - *n)
        return false;
    memcpy(out + *n, reader->bytes + start, count);
    *n += count;
    return true;
}

static void skip_idle(struct reader *reader)
{
    while (reader_left(reader) > 0 && reader->bytes[reader->at] == IDLE_FILLER)
        reader->at++;
}

void compact_learn(struct compact_formats *formats, const struct record_headers *headers)
{
    struct compact_format format;
    if (headers->is_cut || headers->n == 0)
        return;
    format.n = headers->n;
    memcpy(format.headers, headers->bytes, headers->n);
    format.signature = crc16_en13757(format.headers, format.n);
    if (!is_kept(formats, &format))
        keep(formats, &format);
}

bool compact_is_format(const struct compact_format *format)
{
    struct reader reader = reader_init(format->headers, format->n);
    struct record record;
    if (format->n == 0 || format->n > sizeof format->headers ||
        format->signature != crc16_en13757(format->headers, format->n))
        return false;
    while (reader_left(&reader) > 0)
        if (record_header(&reader, &record) != RECORD_DATA)
            return false;
    return true;
}

bool compact_add(struct compact_formats *formats, const struct compact_format *format)
{
    if (!compact_is_format(format))
        return false;
    if (!is_kept(formats, format))
        keep(formats, format);
    return true;
}

bool compact_learn_format(struct compact_formats *formats, const uint8_t *data, size_t n)
{
    struct reader reader = reader_init(data, n);
    if (tpl_starts_2f2f(data, n))
        reader.at = 2;
    reader_u8(&reader); /* length: whether it counts the signature is not published */
    uint16_t signature = reader_u16le(&reader);
    size_t left = reader_left(&reader);
    struct compact_format format = { .signature = signature };
    for (; left > 0; left--) { /* fillers of mode 5 behind the headers */
        format.n = (uint8_t)left;
        if (left <= sizeof format.headers)
            memcpy(format.headers, data + reader.at, left);
        if (left <= sizeof format.headers && compact_add(formats, &format))
            return true;
        if (data[reader.at + left - 1] != IDLE_FILLER)
            break;
    }
    return false;
}

/* Header after header with its data behind it. Returns the number of bytes; 0 if data are left
 * over, idle fillers excepted, or missing. */
static size_t weave(const struct compact_format *format, struct reader data,
                    uint8_t full[FRAME_MAX_BYTES])
{
    struct reader headers = reader_init(format->headers, format->n);
    size_t n = 0;
    while (reader_left(&headers) > 0) {
        struct record record;
        size_t header_start = headers.at, data_start = data.at;
        if (record_header(&headers, &record) != RECORD_DATA ||
            record_data(&data, &record) != RECORD_DATA ||
            !append(&headers, header_start, full, FRAME_MAX_BYTES, &n) ||
            !append(&data, data_start, full, FRAME_MAX_BYTES, &n))
            return 0;
    }
    skip_idle(&data);
    return reader_left(&data) == 0 ? n : 0;
}

size_t compact_expand(const struct compact_formats *formats, const uint8_t *data, size_t n,
                      uint8_t full[FRAME_MAX_BYTES], bool *crc_differs)
{
    struct reader reader = reader_init(data, n);
    *crc_differs = false;
    if (tpl_starts_2f2f(data, n))
        reader.at = 2;
    uint16_t signature = reader_u16le(&reader), crc = reader_u16le(&reader);
    const struct compact_format *fits = NULL, *format;
    for (size_t i = 0; !reader.bad && (format = find(formats, signature, &i));) {
        size_t full_n = weave(format, reader, full);
        if (full_n > 0 && crc16_en13757(full, full_n) == crc)
            return full_n;
        if (full_n > 0 && !fits)
            fits = format;
    }
    *crc_differs = fits != NULL;
    return fits ? weave(fits, reader, full) : 0;
}
