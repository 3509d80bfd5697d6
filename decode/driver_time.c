/* SPDX-License-Identifier: MIT */
#include "decode/driver_time.h"

#include "decode/data_type.h"

/* How a time that was sent is written. */
static enum time_kind written_kind(enum driver_time_form form, enum time_kind sent)
{
    if (sent == TIME_OF_DAY)
        return sent;
    switch (form) {
    case TIME_FORM_OWN:
        return sent == TIME_DATE ? TIME_DATE : TIME_MINUTES;
    case TIME_FORM_MINUTES:
        return TIME_MINUTES;
    case TIME_FORM_SECONDS:
        return sent == TIME_SECONDS ? TIME_SECONDS : TIME_MINUTES;
    case TIME_FORM_DATE:
        return TIME_DATE;
    }
    return sent;
}

void driver_set_time(const struct driver_rule *rule, const struct time_point *time,
                     struct reading *reading, struct driver_value *value)
{
    struct time_point t = *time;
    t.kind = written_kind(rule->time_form, t.kind);
    reading->kind = READING_TEXT;
    time_print(&t, reading->text);
    value->kind = VALUE_TIME;
    value->time = *time;
}

static bool bcd_pair(uint8_t byte, int *number)
{
    *number = (byte >> 4) * 10 + (byte & 0x0F);
    return byte >> 4 <= 9 && (byte & 0x0F) <= 9;
}

/* Fields in the order given; 2-digit years are of this century. */
static bool bcd_time(const uint8_t *bytes, size_t n, int *const fields[], struct time_point *time)
{
    for (size_t i = 0; i < n; i++)
        if (!bcd_pair(bytes[i], fields[i]))
            return false;
    time->year += 2000;
    return time_is_valid(time);
}

static bool date_9_4_5(const uint8_t *b, struct time_point *t)
{
    unsigned w = b[0] | (unsigned)b[1] << 8;
    t->day = w & 0x1F;
    t->month = w >> 5 & 0x0F;
    t->year = 2000 + (int)(w >> 9);
    return time_is_valid(t);
}

/* Day and month without a year: the first such day after `before`. */
static bool date_next(const uint8_t *b, const struct time_point *before, struct time_point *t)
{
    unsigned w = b[0] | (unsigned)b[1] << 8;
    t->day = (w >> 4 & 0x1F) ? (int)(w >> 4 & 0x1F) : 1;
    t->month = (w >> 9 & 0x0F) ? (int)(w >> 9 & 0x0F) : 12;
    if (!before)
        return false;
    bool earlier = t->month < before->month || (t->month == before->month && t->day <= before->day);
    t->year = before->year + earlier;
    return time_is_valid(t);
}

static bool seconds_since_2000(const uint8_t *b, struct time_point *t)
{
    *t = (struct time_point){ TIME_SECONDS, 2000, 1, 1, 0, 0, 0 };
    uint32_t seconds = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
    return time_add_seconds(t, seconds);
}

bool driver_read_time(enum driver_type type, const uint8_t *b, size_t n,
                      const struct time_point *before, struct time_point *t)
{
    *t = (struct time_point){ .kind = n >= 6 ? TIME_SECONDS : TIME_DATE };
    switch (type) {
    case DRIVER_DATE:
        return data_time(b, n, t);
    case DRIVER_DATE_ANY:
        return n == 4 && data_time((const uint8_t[]){ b[0] & 0x7F, b[1], b[2], b[3] }, n, t);
    case DRIVER_DATE_BCD:
        return n == 3 && bcd_time(b, 3, (int *const[]){ &t->day, &t->month, &t->year }, t);
    case DRIVER_DATE_BCD_YMD:
        return n == 3 && bcd_time(b, 3, (int *const[]){ &t->year, &t->month, &t->day }, t);
    case DRIVER_DATETIME_BCD:
        return n == 6 && bcd_time(b, 6,
                                  (int *const[]){ &t->second, &t->minute, &t->hour, &t->day,
                                                  &t->month, &t->year },
                                  t);
    case DRIVER_DATE_9_4_5:
        return n == 2 && date_9_4_5(b, t);
    case DRIVER_DATE_NEXT:
        return n == 2 && date_next(b, before, t);
    case DRIVER_DATE_2000:
        return n == 4 && seconds_since_2000(b, t);
    default:
        return false;
    }
}
