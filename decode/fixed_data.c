/* SPDX-License-Identifier: MIT */
#include "decode/fixed_data.h"

#include <string.h>

#include "base/array_len.h"
#include "decode/data_type.h"
#include "decode/reading_name.h"
#include "decode/record.h"
#include "decode/record_value.h"
#include "decode/vib.h"

/* ID (4), access number, status, medium and unit of each counter, counters (4 each). */
enum { ACCESS_AT = 4, STATUS_AT = 5, UNITS_AT = 6, COUNTERS_AT = 8, COUNTER_BYTES = 4 };
enum { STATUS_BINARY = 0x01, STATUS_STORED = 0x02 }; /* else BCD; values of a fixed date */
enum { UNIT_MASK = 0x3F, UNIT_AS_FIRST_STORED = 0x3E };

/* Units 02 to 37 are rows of three or more powers of ten of a record's VIF. */
static const struct {
    uint8_t first, last, vif_table, vif; /* of the first */
} rows[] = {
    { 0x02, 0x0A, VIF_PRIMARY, 0x03 }, /* Wh to 100 MWh, from 03: 1 Wh    */
    { 0x0B, 0x13, VIF_PRIMARY, 0x0B }, /* kJ to 100 GJ, from 0B: 1 kJ     */
    { 0x14, 0x1C, VIF_PRIMARY, 0x2B }, /* W to 100 MW, from 2B: 1 W       */
    { 0x1D, 0x25, VIF_PRIMARY, 0x33 }, /* kJ/h to 100 GJ/h, from 33       */
    { 0x26, 0x2E, VIF_PRIMARY, 0x10 }, /* ml to 100 m3, from 10: 1 ml     */
    { 0x2F, 0x37, VIF_PRIMARY, 0x38 }, /* ml/h to 100 m3/h, from 38       */
    { 0x39, 0x39, VIF_PRIMARY, 0x6E }, /* units of a heat cost allocator  */
};

bool fixed_data_is(const struct frame *frame, const uint8_t *bytes, size_t n)
{
    enum { CI_FIXED = 0x73 };
    return frame->format == FRAME_WIRED && n == 1 + FIXED_DATA_BYTES && bytes[0] == CI_FIXED;
}

/* Medium: bits 7 and 6 of both bytes; the first sixteen device types are the same. */
struct address fixed_data_address(const uint8_t data[FIXED_DATA_BYTES])
{
    struct address address = { .device_type =
                                   (uint8_t)(data[UNITS_AT] >> 6 | data[UNITS_AT + 1] >> 6 << 2) };
    memcpy(address.id, data, sizeof address.id);
    return address;
}

uint8_t fixed_data_access_number(const uint8_t data[FIXED_DATA_BYTES])
{
    return data[ACCESS_AT];
}

uint8_t fixed_data_status(const uint8_t data[FIXED_DATA_BYTES])
{
    return data[STATUS_AT];
}

/* What a record of that unit would be; without one known, a number of events. */
static void set_vib(uint8_t unit, struct vib *vib)
{
    const struct vif_row *row = vif_find(VIF_FD, 0x3A);
    int exp10 = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (unit < rows[i].first || unit > rows[i].last)
            continue;
        row = vif_find((enum vif_table)rows[i].vif_table, rows[i].vif);
        exp10 = unit - rows[i].first;
    }
    *vib = (struct vib){ .kind = VIB_STANDARD,
                         .quantity = row->quantity,
                         .data = row->data,
                         .unit = row->unit,
                         .exp10 = row->exp10 + exp10 };
}

static bool read_counter(const uint8_t *bytes, bool binary, struct decimal *number)
{
    if (binary)
        return !data_all_ones(bytes, COUNTER_BYTES) && data_signed(bytes, COUNTER_BYTES, number);
    return data_bcd(bytes, COUNTER_BYTES, number);
}

void fixed_data_read(struct reading_sink *sink, const uint8_t data[FIXED_DATA_BYTES])
{
    uint8_t first = data[UNITS_AT] & UNIT_MASK;
    for (size_t i = 0; i < 2; i++) {
        struct reading *reading = reading_sink_next(sink);
        struct record record = { .storage = (data[STATUS_AT] & STATUS_STORED) != 0 };
        struct vib vib;
        struct decimal number;
        uint8_t unit = data[UNITS_AT + i] & UNIT_MASK;
        if (!reading)
            return;
        if (i == 1 && unit == UNIT_AS_FIRST_STORED) {
            unit = first;
            record.storage = 1;
        }
        set_vib(unit, &vib);
        reading->kind = READING_NULL;
        if (read_counter(data + COUNTERS_AT + COUNTER_BYTES * i, data[STATUS_AT] & STATUS_BINARY,
                         &number) &&
            record_normalise(&vib, &number))
            reading_set_decimal(reading, &number);
        reading_sink_accept(sink, reading_name(&record, &vib, vib.unit, reading->name));
    }
}
