/* SPDX-License-Identifier: MIT
 * OBIS codes (EN 62056-61, EN 13757-1): what a value is called in SML and DLMS, and which code a
 * record of M-Bus has. */
#ifndef DECODE_OBIS_H
#define DECODE_OBIS_H

#include "decode/reading_sink.h"
#include "decode/record.h"
#include "decode/vib.h"

enum { OBIS_TEXT_SIZE = sizeof "255-255:255.255.255*255" };

/* "1-0:1.8.0", and "*01" behind it unless F is 255. */
void obis_text(const struct obis *obis, char text[OBIS_TEXT_SIZE]);

/* The code of a record of a meter of that device type, display labels in the style of OMS Annex A.
 * The tariff is E, the storage number F. Returns false if it has none. */
bool obis_of_record(uint8_t device_type, const struct record *record, const struct vib *vib,
                    struct obis *obis);

/* Tells the sink the code of the record whose readings come next; with NULL, that there is none. */
void obis_announce_code(struct reading_sink *sink, const struct record *record,
                        const struct vib *vib);

/* The same, if codes are wanted. */
static inline void obis_announce(struct reading_sink *sink, const struct record *record,
                                 const struct vib *vib)
{
    if (sink->telegram->with_obis)
        obis_announce_code(sink, record, vib);
}

/* A value of SML or DLMS. */
struct obis_value {
    struct obis obis;
    enum obis_kind { OBIS_NULL, OBIS_NUMBER, OBIS_REAL, OBIS_BYTES } kind;
    struct decimal number; /* scaler and all */
    double real;
    const uint8_t *bytes;
    size_t n;
    uint8_t unit; /* of DLMS (IEC 62056-6-2, table 4); 0 or 255: none */
};

/* Appends it as a reading: with the name that a record of M-Bus would have ("energy_kwh"), or, if
 * there is none, "obis_1_0_96_7_0" and the unit. */
void obis_read(struct reading_sink *sink, const struct obis_value *value);

#endif
