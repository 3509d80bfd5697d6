/* SPDX-License-Identifier: MIT
 * A driver: what one kind of meter calls its readings. It is data, written as YAML (see
 * meters/README.md) and compiled into these tables: at build time into the program, at run time
 * into memory. Everything here is constant and holds no pointers to anything that changes. */
#ifndef DECODE_DRIVER_H
#define DECODE_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/telegram.h"
#include "decode/transform.h"
#include "decode/vif_table.h"

enum {
    DRIVER_MAX_RULES = 400,
    DRIVER_MAX_BLOCKS = 16,
    DRIVER_MAX_VIB = 11,
    DRIVER_MAX_QUALIFIERS = 4,
    DRIVER_MAX_STEPS = 32, /* of an expression */
    DRIVER_ANY = 0xFFFF,   /* manufacturer, version or device type that does not matter */
};

/* Which codes of the tables of VIFs: bit (table * 128 + code). */
struct driver_codes {
    uint64_t bits[N_VIF_TABLES * 2];
};

struct driver_range {
    uint64_t first, last;
};

/* Which records. All conditions hold together. */
struct driver_selector {
    const struct driver_codes *codes; /* NULL: vib decides                                     */
    uint8_t vib[DRIVER_MAX_VIB]; /* exactly these bytes, extension bits not compared: the VIB, or
                                    with codes the VIFEs (none: the qualifiers decide) */
    uint8_t vib_n;
    uint8_t functions; /* bit (1 << enum record_function)                       */
    struct driver_range storage, tariff, subunit;
    uint8_t nth; /* 0: the first that fits and has a value, n: only the n-th     */
    uint8_t n_qualifiers;
    const char *qualifiers[DRIVER_MAX_QUALIFIERS]; /* all of them and no other                 */
};

/* How bytes become a value. */
enum driver_type {
    DRIVER_AUTO, /* of records: as the VIF and the DIF say                                     */
    DRIVER_UINT,
    DRIVER_INT,
    DRIVER_BCD,
    DRIVER_REAL,
    DRIVER_DATE,         /* type G, I, F or J, by the size                                      */
    DRIVER_DATE_ANY,     /* type F, bit "invalid" not looked at */
    DRIVER_DATE_BCD,     /* day, month, year                                                    */
    DRIVER_DATE_BCD_YMD, /* year, month, day                                                    */
    DRIVER_DATETIME_BCD, /* second, minute, hour, day, month, year                              */
    DRIVER_DATE_9_4_5,   /* 2 bytes: year, month, day with 7, 4 and 5 bits                      */
    DRIVER_DATE_NEXT,    /* 2 bytes: month, day with 4 and 5 bits from bit 4 on, in the year    */
                         /* that follows the date of the rule `after`                           */
    DRIVER_DATE_2000,    /* seconds since 2000-01-01 00:00                                      */
    DRIVER_TEXT,         /* first character first; hex if not all of them are ASCII             */
    DRIVER_TEXT_REVERSED,
    DRIVER_HEX,          /* in the order of transmission                                       */
    DRIVER_HEX_REVERSED, /* most significant byte first                                        */
    N_DRIVER_TYPES
};

/* Bytes of a block. */
struct driver_bytes {
    int16_t at; /* negative: counted from the end                                             */
    uint8_t n;
    bool big_endian;
    uint8_t first_bit, n_bits; /* of an integer; n_bits = 0: all                              */
};

enum driver_comparison { DRIVER_IS, DRIVER_IS_NOT, DRIVER_AT_LEAST, DRIVER_AT_MOST };

/* What must hold for a block or a rule. */
struct driver_condition {
    enum { DRIVER_OF_BYTE, DRIVER_OF_LENGTH, DRIVER_OF_CI, DRIVER_OF_VERSION, DRIVER_OF_TYPE } of;
    enum driver_comparison test;
    int16_t at;   /* DRIVER_OF_BYTE */
    uint8_t mask; /* of the byte    */
    uint16_t value;
};

struct driver_word {
    uint64_t value;
    const char *text;
};

/* Text for a number. */
struct driver_lookup {
    bool is_bits;     /* words for every bit that is set; else the word of the value           */
    bool is_number;   /* the word is a number, e.g. "2.65"                                     */
    uint64_t mask;    /* what counts; of values, shifted down to its lowest bit                */
    const char *rest; /* "ERROR_FLAGS": ERROR_FLAGS_80 for what has no word; NULL: nothing      */
    const struct driver_word *words;
    size_t n;
};

/* Steps of an expression, in reverse Polish notation. */
enum driver_step_kind {
    STEP_NUMBER,
    STEP_RULE,  /* value of the rule with that number, of the same index                       */
    STEP_INDEX, /* the storage, tariff ... number in the name                                   */
    STEP_ADD,
    STEP_SUBTRACT,
    STEP_MULTIPLY,
    STEP_DIVIDE,
    STEP_SQRT,
    STEP_HOURS, /* number to a span of time */
    STEP_DAYS,
    STEP_MONTHS,
    STEP_MONTH_END, /* of a date: the last day of its month */
};

struct driver_step {
    enum driver_step_kind kind;
    double number;
    uint16_t rule;
};

struct driver_calc {
    const struct driver_step *steps;
    size_t n;
    uint16_t per; /* for each value of this rule, 1 + its number; 0: once */
};

enum driver_from {
    FROM_RECORD,
    FROM_BYTES,
    FROM_TPL_STATUS, /* the status byte of the transport header */
    FROM_ACCESS_NUMBER,
    FROM_CALC,
};

/* How a point in time is written. */
enum driver_time_form {
    TIME_FORM_OWN, /* a date as a date, else with minutes */
    TIME_FORM_MINUTES,
    TIME_FORM_SECONDS, /* if they were sent, else with minutes */
    TIME_FORM_DATE,
};

/* One way to a reading. */
struct driver_rule {
    const char *name; /* with {storage}, {storage-1}, {tariff}, {subunit}, {i+1:02} for numbers */
    enum driver_from from;
    enum driver_type type;
    uint8_t depth;     /* 0: the driver's own, 1: shared, 2: shared by those; a record that a rule
                          takes is not for deeper ones */
    bool has_numbers;  /* in the name */
    bool is_hidden;    /* for expressions only */
    bool is_joined;    /* words of all rules of the same name, sorted; "OK" if there are none  */
    bool may_be_empty; /* is_joined: "" if there are no words */
    bool invalid_is_empty; /* "" instead of null */
    bool is_raw;           /* of a record: the unit of the VIF does not count */
    enum driver_time_form time_form;
    const char *unit; /* the value is converted to this unit of vif_units; NULL: it stays     */
    /* value * multiply / divide * 10^exp10; 1, 1, 0: as it is */
    uint64_t multiply;
    uint32_t divide;
    int exp10;
    bool has_invalid; /* this raw integer is no value */
    uint64_t invalid;
    const struct driver_selector *record; /* FROM_RECORD */
    struct driver_bytes bytes;            /* FROM_BYTES, or of a record's data if n > 0 */
    uint8_t repeat, step;                 /* FROM_BYTES: so many, so many bytes apart; {i} counts */
    uint16_t after;                       /* DRIVER_DATE_NEXT: 1 + number of the rule */
    const struct driver_condition *conditions; /* FROM_BYTES */
    size_t n_conditions;
    const struct driver_lookup *lookup; /* NULL: the value itself */
    const struct driver_calc *calc;     /* FROM_CALC */
};

/* Bytes that a manufacturer has arranged as he liked. */
struct driver_block {
    enum {
        BLOCK_PAYLOAD, /* the application data                        */
        BLOCK_TAIL,    /* what follows DIF 0F or 1F                   */
        BLOCK_RECORD,  /* the data of a record                        */
        BLOCK_FRAME,   /* all bytes from L on; with a transform only  */
    } in;
    const struct driver_selector *record; /* BLOCK_RECORD */
    transform_function *transform;        /* NULL: the bytes as they are */
    const char *transform_name;
    const struct driver_condition *conditions;
    size_t n_conditions;
    uint16_t first_rule, n_rules;
};

struct driver_meter {
    uint16_t manufacturer, version, device_type; /* DRIVER_ANY: does not matter */
    uint8_t first_ci, last_ci;                   /* 0, 0xFF: any; else of the application */
};

/* Rules of records by the code of the VIF, four codes a group, so that few are looked at. */
enum { DRIVER_CODES = N_VIF_TABLES * 128, DRIVER_GROUPS = DRIVER_CODES / 4 + 1 };
struct driver_index {
    uint16_t first[DRIVER_GROUPS + 1]; /* of each group, in rules; the last group is for no code */
    const uint16_t *rules;
};

struct driver {
    const char *name;
    const char *const *aliases;
    size_t n_aliases;
    const char *media; /* NULL: the device type's */
    bool is_generic;   /* for meters of unknown kind: systematic names are given too */
    const struct driver_meter *meters;
    size_t n_meters;
    const struct driver_rule *rules; /* of records first, then those of blocks, then the others */
    size_t n_rules, n_record_rules, first_other_rule;
    const struct driver_index *index;
    const struct driver_block *blocks;
    size_t n_blocks;
    const struct driver_selector *ignored; /* records that say nothing more */
    size_t n_ignored;
};

/* Drivers, and their meters sorted by manufacturer, device type, version; DRIVER_ANY last. */
struct driver_detection {
    struct driver_meter meter;
    const struct driver *driver;
};
struct driver_table {
    const struct driver *const *drivers;
    size_t n;
    const struct driver_detection *detections;
    size_t n_detections;
};

/* Those that were built into the program. */
extern const struct driver_table drivers_builtin;

/* The driver for a meter. What names the application's CI-field comes first, then an exact type, an
 * exact version, any of the manufacturer, any at all. ci: -1 as long as it is not known. NULL:
 * none. */
const struct driver *driver_detect(const struct driver_table *table, const struct address *meter,
                                   int ci);
/* By name or alias. NULL: none. */
const struct driver *driver_find(const struct driver_table *table, const char *name);
/* For qsort of detections. */
int driver_compare_detections(const void *a, const void *b);

#endif
