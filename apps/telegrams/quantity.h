/* SPDX-License-Identifier: MIT
 * What the name of a reading says of it: its unit, what is measured, and whether it counts up. */
#ifndef APPS_TELEGRAMS_QUANTITY_H
#define APPS_TELEGRAMS_QUANTITY_H

#include "decode/decimal.h"
#include "decode/telegram.h"

enum quantity_behaviour {
    QUANTITY_STATE,   /* text, a date, a number of something                               */
    QUANTITY_MEASURE, /* goes up and down                                                  */
    QUANTITY_COUNTER, /* counts up; "total_m3" does, "target_m3" says what it was once     */
};

struct quantity {
    const char *unit;  /* as people write it, "m³"; NULL: none                             */
    const char *class; /* of Home Assistant's sensors, "energy"; NULL: none                */
    enum quantity_behaviour behaviour;
    size_t n_stem; /* bytes of the name without the unit; "total" of "total_m3"            */
};

/* name as in READING_NAMES.md or of a driver; media as in telegram.h, for what a volume is of. */
struct quantity quantity_of(const char *name, const char *media);

/* The reading that people look for first: what the meter counts. NULL: there is none. */
const struct reading *quantity_main(const struct telegram *telegram);

/* The same for people: "28504.27 m³", "total"; false, and both "": there is none. */
enum { QUANTITY_VALUE_SIZE = DECIMAL_TEXT_SIZE + 16 };
struct quantity_text {
    char value[QUANTITY_VALUE_SIZE], name[READING_NAME_SIZE];
};
bool quantity_main_text(const struct telegram *telegram, struct quantity_text *text);

#endif
