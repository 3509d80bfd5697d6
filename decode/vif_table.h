/* SPDX-License-Identifier: MIT
 * What the codes of a value information block mean (EN 13757-3:2018 Tables 10 to 16), as tables
 * that are indexed by the code without its extension bit. The names are frozen in READING_NAMES.md.
 */
#ifndef DECODE_VIF_TABLE_H
#define DECODE_VIF_TABLE_H

#include <stdbool.h>
#include <stdint.h>

/* Unit of a code before it is normalised; vif_units says what becomes of it. */
enum vif_unit {
    UNIT_NONE,
    /* energy and power: kWh and kW, reactive and apparent too */
    UNIT_WH,
    UNIT_J,
    UNIT_CAL,
    UNIT_VARH,
    UNIT_VAH,
    UNIT_W,
    UNIT_J_PER_H,
    UNIT_VAR,
    UNIT_VA,
    /* volume, mass and flow: m3, kg, m3/h, kg/h */
    UNIT_M3,
    UNIT_FT3,
    UNIT_KG,
    UNIT_M3_PER_H,
    UNIT_M3_PER_MIN,
    UNIT_M3_PER_S,
    UNIT_KG_PER_H,
    /* durations in hours */
    UNIT_S,
    UNIT_MIN,
    UNIT_H,
    UNIT_D,
    /* short durations in seconds */
    UNIT_S_TO_S,
    UNIT_MIN_TO_S,
    UNIT_H_TO_S,
    UNIT_D_TO_S,
    /* long durations */
    UNIT_D_TO_Y,
    UNIT_MONTH,
    UNIT_YEAR,
    /* the rest keeps its unit */
    UNIT_C,
    UNIT_BAR,
    UNIT_V,
    UNIT_A,
    UNIT_HZ,
    UNIT_DEGREE,
    UNIT_RH,
    UNIT_PERCENT,
    UNIT_DBM,
    UNIT_BAUD,
    UNIT_BIT_TIMES,
    UNIT_CURRENCY,
    UNIT_HCA,
    UNIT_COUNTER,
    UNIT_NUMBER,
    UNIT_FACTOR,
    UNIT_FACTOR_4096,
    UNIT_HEX,
    UNIT_DATE,
    UNIT_DATETIME,
    UNIT_TIME,
    UNIT_TEXT,
    N_VIF_UNITS
};

/* normalised value = value * multiply / divide * 10^exp10; only one of multiply and divide is not 1
 */
struct vif_unit_row {
    const char *name; /* end of the reading's name; "" for none */
    uint64_t multiply;
    uint32_t divide;
    int exp10;
};
extern const struct vif_unit_row vif_units[N_VIF_UNITS];

/* How the data of a code are read; the data type proper follows from this and the DIF. */
enum vif_data {
    VIF_NUMBER,       /* B, A or H                                                             */
    VIF_COUNT,        /* the same, of a quantity that adds up: all ones is "no value" in B too */
    VIF_UNSIGNED,     /* C, or A without sign                                                  */
    VIF_FLAGS,        /* D: hex, most significant byte first                                   */
    VIF_ID,           /* text; BCD and binary: their digits, most significant first            */
    VIF_ADDRESS,      /* the same; 8 binary bytes: identification, manufacturer, version, type    */
    VIF_TIME,         /* F, G, I, J, by the length                                             */
    VIF_RAW,          /* hex in the order of transmission                                      */
    VIF_MANUFACTURER, /* M-field: three letters                                                */
};

struct vif_row {
    const char *quantity; /* NULL: reserved */
    enum vif_data data;
    enum vif_unit unit;
    int exp10; /* of the unit before it is normalised */
};

enum vif_table { VIF_PRIMARY, VIF_FB, VIF_FD, VIF_FD_FD, N_VIF_TABLES };

/* Never NULL; a reserved code has no quantity. Bit 7 of the code is ignored. */
const struct vif_row *vif_find(enum vif_table table, uint8_t code);

/* What a combinable (orthogonal) VIFE does to the quantity before it. */
enum vife_effect {
    VIFE_RESERVED,
    VIFE_IGNORED,    /* says nothing about the value                                  */
    VIFE_QUALIFIES,  /* name only                                                     */
    VIFE_NO_VALUE,   /* record error: there is no value                               */
    VIFE_MULTIPLIES, /* by 10^exp10                                                   */
    VIFE_ADDS,       /* 10^exp10, in the unit of the VIF                              */
    VIFE_COUNTS,     /* the value is a number of events instead of the quantity       */
    VIFE_TIMES,      /* the value is a duration in `unit` instead of the quantity     */
    VIFE_DATES,      /* the value is a point in time instead of the quantity          */
    VIFE_RAW,        /* the value is not in the quantity's unit: hex                  */
    VIFE_TYPE_C,     /* the data are unsigned                                         */
    VIFE_TYPE_D,     /* the data are a bit field                                      */
    VIFE_PROFILE,    /* compact profile of values, Annex F                            */
};

struct vife_row {
    enum vife_effect effect;
    const char *qualifier; /* part of the name; NULL where the effect has none */
    int exp10;
    enum vif_unit unit;
};

/* Never NULL. fc: the code stands behind VIFE FC. */
const struct vife_row *vife_find(bool fc, uint8_t code);

#endif
