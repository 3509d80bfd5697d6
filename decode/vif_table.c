/* SPDX-License-Identifier: MIT */
#include "decode/vif_table.h"

/* clang-format off */

/* A year of 365.2425 days (Gregorian mean). The calorie is that of the steam tables, 1.163 Wh per
 * kcal, as heat meters use it. One cubic foot is 0.028316846592 m3. */
const struct vif_unit_row vif_units[N_VIF_UNITS] = {
    [UNIT_NONE]       = { "",          1,           1,       0 },
    [UNIT_WH]         = { "kwh",       1,           1,      -3 },
    [UNIT_J]          = { "kwh",       1,           36,     -5 },
    [UNIT_CAL]        = { "kwh",       1163,        1,      -9 },
    [UNIT_VARH]       = { "kvarh",     1,           1,      -3 },
    [UNIT_VAH]        = { "kvah",      1,           1,      -3 },
    [UNIT_W]          = { "kw",        1,           1,      -3 },
    [UNIT_J_PER_H]    = { "kw",        1,           36,     -5 },
    [UNIT_VAR]        = { "kvar",      1,           1,      -3 },
    [UNIT_VA]         = { "kva",       1,           1,      -3 },
    [UNIT_M3]         = { "m3",        1,           1,       0 },
    [UNIT_FT3]        = { "m3",        28316846592, 1,     -12 },
    [UNIT_KG]         = { "kg",        1,           1,       0 },
    [UNIT_M3_PER_H]   = { "m3h",       1,           1,       0 },
    [UNIT_M3_PER_MIN] = { "m3h",       60,          1,       0 },
    [UNIT_M3_PER_S]   = { "m3h",       3600,        1,       0 },
    [UNIT_KG_PER_H]   = { "kgh",       1,           1,       0 },
    [UNIT_S]          = { "h",         1,           3600,    0 },
    [UNIT_MIN]        = { "h",         1,           60,      0 },
    [UNIT_H]          = { "h",         1,           1,       0 },
    [UNIT_D]          = { "h",         24,          1,       0 },
    [UNIT_S_TO_S]     = { "s",         1,           1,       0 },
    [UNIT_MIN_TO_S]   = { "s",         60,          1,       0 },
    [UNIT_H_TO_S]     = { "s",         3600,        1,       0 },
    [UNIT_D_TO_S]     = { "s",         86400,       1,       0 },
    [UNIT_D_TO_Y]     = { "y",         1,           3652425, 4 },
    [UNIT_MONTH]      = { "month",     1,           1,       0 },
    [UNIT_YEAR]       = { "y",         1,           1,       0 },
    [UNIT_C]          = { "c",         1,           1,       0 },
    [UNIT_BAR]        = { "bar",       1,           1,       0 },
    [UNIT_V]          = { "v",         1,           1,       0 },
    [UNIT_A]          = { "a",         1,           1,       0 },
    [UNIT_HZ]         = { "hz",        1,           1,       0 },
    [UNIT_DEGREE]     = { "deg",       1,           1,       0 },
    [UNIT_RH]         = { "rh",        1,           1,       0 },
    [UNIT_PERCENT]    = { "pct",       1,           1,       0 },
    [UNIT_DBM]        = { "dbm",       1,           1,       0 },
    [UNIT_BAUD]       = { "bd",        1,           1,       0 },
    [UNIT_BIT_TIMES]  = { "bit_times", 1,           1,       0 },
    [UNIT_CURRENCY]   = { "currency",  1,           1,       0 },
    [UNIT_HCA]        = { "hca",       1,           1,       0 },
    [UNIT_COUNTER]    = { "counter",   1,           1,       0 },
    [UNIT_NUMBER]     = { "nr",        1,           1,       0 },
    [UNIT_FACTOR]     = { "factor",    1,           1,       0 },
    [UNIT_FACTOR_4096]= { "factor",    1,           4096,    0 },
    [UNIT_HEX]        = { "hex",       1,           1,       0 },
    [UNIT_DATE]       = { "date",      1,           1,       0 },
    [UNIT_DATETIME]   = { "datetime",  1,           1,       0 },
    [UNIT_TIME]       = { "time",      1,           1,       0 },
    [UNIT_TEXT]       = { "text",      1,           1,       0 },
};

/* Rows for 2, 4, 8 and 16 codes whose exponent grows by one with each, from exp10. */
#define ROW2(code, quantity, data, unit, exp10)                                                   \
    [code] = { quantity, data, unit, exp10 }, [(code) + 1] = { quantity, data, unit, (exp10) + 1 }
#define ROW4(code, quantity, data, unit, exp10)                                                   \
    ROW2(code, quantity, data, unit, exp10), ROW2((code) + 2, quantity, data, unit, (exp10) + 2)
#define ROW8(code, quantity, data, unit, exp10)                                                   \
    ROW4(code, quantity, data, unit, exp10), ROW4((code) + 4, quantity, data, unit, (exp10) + 4)
#define ROW16(code, quantity, data, unit, exp10)                                                  \
    ROW8(code, quantity, data, unit, exp10), ROW8((code) + 8, quantity, data, unit, (exp10) + 8)
/* Durations: s, min, h, d; in hours, or in seconds where the field's meters last for seconds. */
#define DURATION(code, quantity, data)                                                            \
    [code] = { quantity, data, UNIT_S, 0 }, [(code) + 1] = { quantity, data, UNIT_MIN, 0 },       \
    [(code) + 2] = { quantity, data, UNIT_H, 0 }, [(code) + 3] = { quantity, data, UNIT_D, 0 }
#define DURATION_S(code, quantity, data)                                                          \
    [code] = { quantity, data, UNIT_S_TO_S, 0 }, [(code) + 1] = { quantity, data, UNIT_MIN_TO_S, 0 }, \
    [(code) + 2] = { quantity, data, UNIT_H_TO_S, 0 }, [(code) + 3] = { quantity, data, UNIT_D_TO_S, 0 }

/* EN 13757-3:2018 Table 10 */
static const struct vif_row primary[128] = {
    ROW8(0x00, "energy",                 VIF_COUNT,    UNIT_WH,         -3),
    ROW8(0x08, "energy",                 VIF_COUNT,    UNIT_J,           0),
    ROW8(0x10, "volume",                 VIF_COUNT,    UNIT_M3,         -6),
    ROW8(0x18, "mass",                   VIF_COUNT,    UNIT_KG,         -3),
    DURATION(0x20, "on_time",            VIF_COUNT),
    DURATION(0x24, "operating_time",     VIF_COUNT),
    ROW8(0x28, "power",                  VIF_NUMBER,   UNIT_W,          -3),
    ROW8(0x30, "power",                  VIF_NUMBER,   UNIT_J_PER_H,     0),
    ROW8(0x38, "volume_flow",            VIF_NUMBER,   UNIT_M3_PER_H,   -6),
    ROW8(0x40, "volume_flow",            VIF_NUMBER,   UNIT_M3_PER_MIN, -7),
    ROW8(0x48, "volume_flow",            VIF_NUMBER,   UNIT_M3_PER_S,   -9),
    ROW8(0x50, "mass_flow",              VIF_NUMBER,   UNIT_KG_PER_H,   -3),
    ROW4(0x58, "flow_temperature",       VIF_NUMBER,   UNIT_C,          -3),
    ROW4(0x5C, "return_temperature",     VIF_NUMBER,   UNIT_C,          -3),
    ROW4(0x60, "temperature_difference", VIF_NUMBER,   UNIT_C,          -3),
    ROW4(0x64, "external_temperature",   VIF_NUMBER,   UNIT_C,          -3),
    ROW4(0x68, "pressure",               VIF_NUMBER,   UNIT_BAR,        -3),
    [0x6C] = { "time_point",             VIF_TIME,     UNIT_DATE,        0 },
    [0x6D] = { "time_point",             VIF_TIME,     UNIT_DATETIME,    0 },
    [0x6E] = { "consumption",            VIF_COUNT,    UNIT_HCA,         0 },
    DURATION_S(0x70, "averaging_duration", VIF_COUNT),
    DURATION_S(0x74, "actuality_duration", VIF_COUNT),
    [0x78] = { "fabrication_no",         VIF_ID,       UNIT_NONE,        0 },
    [0x79] = { "enhanced_id",            VIF_ADDRESS,  UNIT_NONE,        0 },
    [0x7A] = { "bus_address",            VIF_UNSIGNED, UNIT_NUMBER,      0 },
};

/* EN 13757-3:2018 Table 14. Codes 22-27, 58-67 and 70-73 were gallons and degrees Fahrenheit before
 * 2004 and are reserved since. */
static const struct vif_row fb[128] = {
    ROW2(0x00, "energy",                 VIF_COUNT,    UNIT_WH,          5),
    ROW2(0x02, "reactive_energy",        VIF_COUNT,    UNIT_VARH,        3),
    ROW2(0x04, "apparent_energy",        VIF_COUNT,    UNIT_VAH,         3),
    [0x06] = { "coefficient_of_performance", VIF_NUMBER, UNIT_FACTOR,   -1 },
    ROW2(0x08, "energy",                 VIF_COUNT,    UNIT_J,           8),
    ROW4(0x0C, "energy",                 VIF_COUNT,    UNIT_CAL,         5),
    ROW2(0x10, "volume",                 VIF_COUNT,    UNIT_M3,          2),
    ROW4(0x14, "reactive_power",         VIF_NUMBER,   UNIT_VAR,         0),
    ROW2(0x18, "mass",                   VIF_COUNT,    UNIT_KG,          5),
    ROW2(0x1A, "relative_humidity",      VIF_NUMBER,   UNIT_RH,         -1),
    [0x20] = { "volume",                 VIF_COUNT,    UNIT_FT3,         0 },
    [0x21] = { "volume",                 VIF_COUNT,    UNIT_FT3,        -1 },
    ROW2(0x28, "power",                  VIF_NUMBER,   UNIT_W,           5),
    [0x2A] = { "phase_u_u",              VIF_NUMBER,   UNIT_DEGREE,     -1 },
    [0x2B] = { "phase_u_i",              VIF_NUMBER,   UNIT_DEGREE,     -1 },
    ROW4(0x2C, "frequency",              VIF_NUMBER,   UNIT_HZ,         -3),
    ROW2(0x30, "power",                  VIF_NUMBER,   UNIT_J_PER_H,     8),
    ROW4(0x34, "apparent_power",         VIF_NUMBER,   UNIT_VA,          0),
    [0x68] = { "hca_rating_k",           VIF_UNSIGNED, UNIT_FACTOR_4096, 0 },
    [0x69] = { "hca_thermal_output_kq",  VIF_UNSIGNED, UNIT_W,           0 },
    [0x6A] = { "hca_rating_kc",          VIF_UNSIGNED, UNIT_FACTOR_4096, 0 },
    [0x6B] = { "hca_rating_kcr",         VIF_UNSIGNED, UNIT_FACTOR_4096, 0 },
    [0x6C] = { "hca_rating_kch",         VIF_UNSIGNED, UNIT_FACTOR_4096, 0 },
    [0x6D] = { "hca_rating_kt",          VIF_UNSIGNED, UNIT_FACTOR_4096, 0 },
    [0x6E] = { "hca_rating_kd",          VIF_UNSIGNED, UNIT_FACTOR_4096, 0 },
    ROW4(0x74, "temperature_limit",      VIF_NUMBER,   UNIT_C,          -3),
    ROW8(0x78, "cumulative_max_power",   VIF_NUMBER,   UNIT_W,          -3),
};

/* EN 13757-3:2018 Table 12 */
static const struct vif_row fd[128] = {
    ROW4(0x00, "credit",                     VIF_NUMBER,   UNIT_CURRENCY,  -3),
    ROW4(0x04, "debit",                      VIF_NUMBER,   UNIT_CURRENCY,  -3),
    [0x08] = { "access",                     VIF_UNSIGNED, UNIT_COUNTER,    0 },
    [0x09] = { "device_type",                VIF_ID,       UNIT_NONE,       0 },
    [0x0A] = { "meter_manufacturer",         VIF_MANUFACTURER, UNIT_NONE,   0 },
    [0x0B] = { "parameter_set",              VIF_ID,       UNIT_NONE,       0 },
    [0x0C] = { "model_version",              VIF_ID,       UNIT_NONE,       0 },
    [0x0D] = { "hardware_version",           VIF_ID,       UNIT_NONE,       0 },
    [0x0E] = { "firmware_version",           VIF_ID,       UNIT_NONE,       0 },
    [0x0F] = { "software_version",           VIF_ID,       UNIT_NONE,       0 },
    [0x10] = { "customer_location",          VIF_ID,       UNIT_NONE,       0 },
    [0x11] = { "customer",                   VIF_ID,       UNIT_NONE,       0 },
    [0x12] = { "access_code_user",           VIF_ID,       UNIT_NONE,       0 },
    [0x13] = { "access_code_operator",       VIF_ID,       UNIT_NONE,       0 },
    [0x14] = { "access_code_system_operator", VIF_ID,      UNIT_NONE,       0 },
    [0x15] = { "access_code_developer",      VIF_ID,       UNIT_NONE,       0 },
    [0x16] = { "password",                   VIF_ID,       UNIT_NONE,       0 },
    [0x17] = { "error_flags",                VIF_FLAGS,    UNIT_HEX,        0 },
    [0x18] = { "error_mask",                 VIF_FLAGS,    UNIT_HEX,        0 },
    [0x19] = { "security_key",               VIF_RAW,      UNIT_HEX,        0 },
    [0x1A] = { "digital_output",             VIF_FLAGS,    UNIT_HEX,        0 },
    [0x1B] = { "digital_input",              VIF_FLAGS,    UNIT_HEX,        0 },
    [0x1C] = { "baud_rate",                  VIF_UNSIGNED, UNIT_BAUD,       0 },
    [0x1D] = { "response_delay",             VIF_UNSIGNED, UNIT_BIT_TIMES,  0 },
    [0x1E] = { "retry",                      VIF_UNSIGNED, UNIT_COUNTER,    0 },
    [0x1F] = { "remote_control",             VIF_FLAGS,    UNIT_HEX,        0 },
    [0x20] = { "first_storage",              VIF_UNSIGNED, UNIT_NUMBER,     0 },
    [0x21] = { "last_storage",               VIF_UNSIGNED, UNIT_NUMBER,     0 },
    [0x22] = { "storage_block_size",         VIF_UNSIGNED, UNIT_NUMBER,     0 },
    [0x23] = { "tariff_subunit_descriptor",  VIF_RAW,      UNIT_HEX,        0 },
    DURATION(0x24, "storage_interval",       VIF_UNSIGNED),
    [0x28] = { "storage_interval",           VIF_UNSIGNED, UNIT_MONTH,      0 },
    [0x29] = { "storage_interval",           VIF_UNSIGNED, UNIT_YEAR,       0 },
    [0x2A] = { "operator_specific_data",     VIF_RAW,      UNIT_HEX,        0 },
    [0x2B] = { "time_point_second",          VIF_UNSIGNED, UNIT_S_TO_S,     0 },
    DURATION(0x2C, "duration_since_readout", VIF_UNSIGNED),
    [0x30] = { "tariff_start",               VIF_TIME,     UNIT_DATETIME,   0 },
    [0x31] = { "tariff_duration",            VIF_UNSIGNED, UNIT_MIN,        0 },
    [0x32] = { "tariff_duration",            VIF_UNSIGNED, UNIT_H,          0 },
    [0x33] = { "tariff_duration",            VIF_UNSIGNED, UNIT_D,          0 },
    DURATION(0x34, "tariff_period",          VIF_UNSIGNED),
    [0x38] = { "tariff_period",              VIF_UNSIGNED, UNIT_MONTH,      0 },
    [0x39] = { "tariff_period",              VIF_UNSIGNED, UNIT_YEAR,       0 },
    [0x3A] = { "dimensionless",              VIF_NUMBER,   UNIT_COUNTER,    0 },
    [0x3B] = { "wmbus_container",            VIF_RAW,      UNIT_HEX,        0 },
    DURATION_S(0x3C, "transmission_period",  VIF_UNSIGNED),
    ROW16(0x40, "voltage",                   VIF_NUMBER,   UNIT_V,         -9),
    ROW16(0x50, "current",                   VIF_NUMBER,   UNIT_A,        -12),
    [0x60] = { "reset",                      VIF_UNSIGNED, UNIT_COUNTER,    0 },
    [0x61] = { "cumulation",                 VIF_UNSIGNED, UNIT_COUNTER,    0 },
    [0x62] = { "control_signal",             VIF_UNSIGNED, UNIT_NUMBER,     0 },
    [0x63] = { "day_of_week",                VIF_UNSIGNED, UNIT_NUMBER,     0 },
    [0x64] = { "week",                       VIF_UNSIGNED, UNIT_NUMBER,     0 },
    [0x65] = { "day_change",                 VIF_TIME,     UNIT_TIME,       0 },
    [0x66] = { "parameter_activation_state", VIF_UNSIGNED, UNIT_NUMBER,     0 },
    [0x67] = { "special_supplier_information", VIF_RAW,    UNIT_HEX,        0 },
    [0x68] = { "duration_since_cumulation",  VIF_UNSIGNED, UNIT_H,          0 },
    [0x69] = { "duration_since_cumulation",  VIF_UNSIGNED, UNIT_D,          0 },
    [0x6A] = { "duration_since_cumulation",  VIF_UNSIGNED, UNIT_MONTH,      0 },
    [0x6B] = { "duration_since_cumulation",  VIF_UNSIGNED, UNIT_YEAR,       0 },
    [0x6C] = { "battery_operating_time",     VIF_UNSIGNED, UNIT_H,          0 },
    [0x6D] = { "battery_operating_time",     VIF_UNSIGNED, UNIT_D,          0 },
    [0x6E] = { "battery_operating_time",     VIF_UNSIGNED, UNIT_MONTH,      0 },
    [0x6F] = { "battery_operating_time",     VIF_UNSIGNED, UNIT_YEAR,       0 },
    [0x70] = { "battery_change",             VIF_TIME,     UNIT_DATE,       0 },
    [0x71] = { "rf_level",                   VIF_NUMBER,   UNIT_DBM,        0 },
    [0x72] = { "daylight_saving",            VIF_RAW,      UNIT_HEX,        0 },
    [0x73] = { "listening_window",           VIF_RAW,      UNIT_HEX,        0 },
    [0x74] = { "remaining_battery_life",     VIF_UNSIGNED, UNIT_D_TO_Y,     0 },
    [0x75] = { "meter_stops",                VIF_UNSIGNED, UNIT_COUNTER,    0 },
    [0x76] = { "manufacturer_container",     VIF_RAW,      UNIT_HEX,        0 },
};

/* EN 13757-3:2018 Table 13; 3E is of a later amendment. */
static const struct vif_row fd_fd[128] = {
    [0x00] = { "selected_application",       VIF_UNSIGNED, UNIT_NUMBER,     0 },
    [0x02] = { "remaining_battery_life",     VIF_UNSIGNED, UNIT_MONTH,      0 },
    [0x03] = { "remaining_battery_life",     VIF_UNSIGNED, UNIT_YEAR,       0 },
    [0x3E] = { "moisture_level",             VIF_NUMBER,   UNIT_PERCENT,    0 },
};

#define QUALIFIES(text) { VIFE_QUALIFIES, text, 0, UNIT_NONE }
#define ERROR(text)     { VIFE_NO_VALUE, "record_error_" text, 0, UNIT_NONE }
#define DATES(text)     { VIFE_DATES, text, 0, UNIT_DATETIME }
#define TIMES(code, text)                                                                         \
    [code] = { VIFE_TIMES, text, 0, UNIT_S }, [(code) + 1] = { VIFE_TIMES, text, 0, UNIT_MIN },   \
    [(code) + 2] = { VIFE_TIMES, text, 0, UNIT_H }, [(code) + 3] = { VIFE_TIMES, text, 0, UNIT_D }
#define MULTIPLIES(exp10) { VIFE_MULTIPLIES, 0, exp10, UNIT_NONE }
#define ADDS(exp10)       { VIFE_ADDS, 0, exp10, UNIT_NONE }

/* EN 13757-3:2018 Table 15, from meter to other device */
static const struct vife_row vife[128] = {
    [0x00] = { VIFE_IGNORED, 0, 0, UNIT_NONE }, /* record error "none" */
    [0x01] = ERROR("too_many_dife"),
    [0x02] = ERROR("storage_not_implemented"),
    [0x03] = ERROR("unit_not_implemented"),
    [0x04] = ERROR("tariff_not_implemented"),
    [0x05] = ERROR("function_not_implemented"),
    [0x06] = ERROR("data_class_not_implemented"),
    [0x07] = ERROR("size_not_implemented"),
    [0x08] = ERROR("08"),
    [0x09] = ERROR("09"),
    [0x0A] = ERROR("0a"),
    [0x0B] = ERROR("too_many_vife"),
    [0x0C] = ERROR("illegal_vif_group"),
    [0x0D] = ERROR("illegal_exponent"),
    [0x0E] = ERROR("vif_dif_mismatch"),
    [0x0F] = ERROR("unimplemented_action"),
    [0x12] = QUALIFIES("average"),
    [0x13] = { VIFE_PROFILE, "inverse_profile", 0, UNIT_NONE },
    [0x14] = QUALIFIES("relative_deviation"),
    [0x15] = ERROR("no_data_available"),
    [0x16] = ERROR("data_overflow"),
    [0x17] = ERROR("data_underflow"),
    [0x18] = ERROR("data_error"),
    [0x19] = ERROR("19"),
    [0x1A] = ERROR("1a"),
    [0x1B] = ERROR("1b"),
    [0x1C] = ERROR("premature_end"),
    [0x1D] = { VIFE_IGNORED, 0, 0, UNIT_NONE }, /* "standard conform data content" */
    [0x1E] = { VIFE_PROFILE, 0, 0, UNIT_NONE },
    [0x1F] = { VIFE_PROFILE, "profile", 0, UNIT_NONE },
    [0x20] = QUALIFIES("per_second"),
    [0x21] = QUALIFIES("per_minute"),
    [0x22] = QUALIFIES("per_hour"),
    [0x23] = QUALIFIES("per_day"),
    [0x24] = QUALIFIES("per_week"),
    [0x25] = QUALIFIES("per_month"),
    [0x26] = QUALIFIES("per_year"),
    [0x27] = QUALIFIES("per_revolution"),
    [0x28] = QUALIFIES("per_input_pulse_0"),
    [0x29] = QUALIFIES("per_input_pulse_1"),
    [0x2A] = QUALIFIES("per_output_pulse_0"),
    [0x2B] = QUALIFIES("per_output_pulse_1"),
    [0x2C] = QUALIFIES("per_litre"),
    [0x2D] = QUALIFIES("per_m3"),
    [0x2E] = QUALIFIES("per_kg"),
    [0x2F] = QUALIFIES("per_k"),
    [0x30] = QUALIFIES("per_kwh"),
    [0x31] = QUALIFIES("per_gj"),
    [0x32] = QUALIFIES("per_kw"),
    [0x33] = QUALIFIES("per_k_litre"),
    [0x34] = QUALIFIES("per_v"),
    [0x35] = QUALIFIES("per_a"),
    [0x36] = QUALIFIES("times_s"),
    [0x37] = QUALIFIES("times_s_per_v"),
    [0x38] = QUALIFIES("times_s_per_a"),
    [0x39] = DATES("start"),
    [0x3A] = QUALIFIES("uncorrected"),
    [0x3B] = QUALIFIES("forward"),
    [0x3C] = QUALIFIES("backward"),
    [0x3D] = { VIFE_RAW, "non_metric", 0, UNIT_HEX },
    [0x3E] = QUALIFIES("base_conditions"),
    [0x3F] = { VIFE_RAW, "obis", 0, UNIT_HEX },
    [0x40] = QUALIFIES("lower_limit"),
    [0x41] = { VIFE_COUNTS, "lower_limit_exceeds", 0, UNIT_COUNTER },
    [0x42] = DATES("begin_of_first_lower_exceed"),
    [0x43] = DATES("end_of_first_lower_exceed"),
    [0x46] = DATES("begin_of_last_lower_exceed"),
    [0x47] = DATES("end_of_last_lower_exceed"),
    [0x48] = QUALIFIES("upper_limit"),
    [0x49] = { VIFE_COUNTS, "upper_limit_exceeds", 0, UNIT_COUNTER },
    [0x4A] = DATES("begin_of_first_upper_exceed"),
    [0x4B] = DATES("end_of_first_upper_exceed"),
    [0x4E] = DATES("begin_of_last_upper_exceed"),
    [0x4F] = DATES("end_of_last_upper_exceed"),
    TIMES(0x50, "duration_of_first_lower_exceed"),
    TIMES(0x54, "duration_of_last_lower_exceed"),
    TIMES(0x58, "duration_of_first_upper_exceed"),
    TIMES(0x5C, "duration_of_last_upper_exceed"),
    TIMES(0x60, "duration_of_first"),
    TIMES(0x64, "duration_of_last"),
    [0x68] = QUALIFIES("during_lower_exceed"),
    [0x69] = QUALIFIES("leakage"),
    [0x6A] = DATES("begin_of_first"),
    [0x6B] = DATES("end_of_first"),
    [0x6C] = QUALIFIES("during_upper_exceed"),
    [0x6D] = QUALIFIES("overflow"),
    [0x6E] = DATES("begin_of_last"),
    [0x6F] = DATES("end_of_last"),
    [0x70] = MULTIPLIES(-6), MULTIPLIES(-5), MULTIPLIES(-4), MULTIPLIES(-3),
             MULTIPLIES(-2), MULTIPLIES(-1), MULTIPLIES(0), MULTIPLIES(1),
    [0x78] = ADDS(-3), ADDS(-2), ADDS(-1), ADDS(0),
    [0x7D] = MULTIPLIES(3),
    [0x7E] = QUALIFIES("future"),
};

/* EN 13757-3:2018 Table 16; 0D, 0E, 0F and 13 are of a later edition. */
static const struct vife_row vife_fc[128] = {
    [0x01] = QUALIFIES("l1"),
    [0x02] = QUALIFIES("l2"),
    [0x03] = QUALIFIES("l3"),
    [0x04] = QUALIFIES("n"),
    [0x05] = QUALIFIES("l1_l2"),
    [0x06] = QUALIFIES("l2_l3"),
    [0x07] = QUALIFIES("l3_l1"),
    [0x08] = QUALIFIES("quadrant_1"),
    [0x09] = QUALIFIES("quadrant_2"),
    [0x0A] = QUALIFIES("quadrant_3"),
    [0x0B] = QUALIFIES("quadrant_4"),
    [0x0C] = QUALIFIES("delta"),
    [0x0D] = { VIFE_RAW, "alternative_non_metric", 0, UNIT_HEX },
    [0x0E] = QUALIFIES("secondary_sensor"),
    [0x0F] = QUALIFIES("higher_resolution"),
    [0x10] = QUALIFIES("absolute"),
    [0x11] = { VIFE_TYPE_C, 0, 0, UNIT_NONE },
    [0x12] = { VIFE_TYPE_D, 0, 0, UNIT_HEX },
    [0x13] = DATES("end"),
    [0x14] = QUALIFIES("from_partner"),
    [0x15] = QUALIFIES("to_partner"),
};
/* clang-format on */

const struct vif_row *vif_find(enum vif_table table, uint8_t code)
{
    static const struct vif_row *const tables[N_VIF_TABLES] = {
        [VIF_PRIMARY] = primary, [VIF_FB] = fb, [VIF_FD] = fd, [VIF_FD_FD] = fd_fd
    };
    return &tables[table][code & 0x7F];
}

const struct vife_row *vife_find(bool fc, uint8_t code)
{
    return (fc ? vife_fc : vife) + (code & 0x7F);
}
