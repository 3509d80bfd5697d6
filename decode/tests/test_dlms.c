/* SPDX-License-Identifier: MIT */
#include "decode/dlms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/array_len.h"
#include "decode/tests/hex.h"
#include "decode/tests/readings_text.h"

static struct telegram telegram; /* large: not on the stack */

/* With a time. */
#define DLMS_HEAD "0F 00000001 0C 07E6011F0109001EFF800000"

static const struct {
    const char *what, *hex, *readings;
    enum decode_status status;
} rows[] = {
    { "structures of code, value, scaler and unit",
      DLMS_HEAD "01 02"
                "02 03 0906 0100010800FF 06 00012D68 02 02 0F FF 16 1E"
                "02 03 0906 0100200700FF 12 0901 02 02 0F FF 16 23",
      "energy_kwh=7.716 voltage_l1_v=230.5", DECODE_OK },
    { "one flat structure, without units",
      DLMS_HEAD "02 05 0A03 4B616D 0906 0100010700FF 06 00000123 0906 0000600100FF 0A03 313233",
      "power=291 fabrication_no=123", DECODE_OK },
    { "LLC, no time, a float, a signed value",
      "E6E700 0F 00000001 00 02 04 0906 0100010700FF 17 42280000 0906 01000E0700FF 10 FFFE",
      "power=42 frequency=-2", DECODE_OK },
    { "the largest power of two of a double",
      DLMS_HEAD "02 02 0906 0101630102FF 18 7FE0000000000000",
      "obis_1_1_99_1_2=898846567431158016e290", DECODE_OK },
    { "the same in days, which are too many hours",
      DLMS_HEAD "02 03 0906 0101630102FF 18 7FE0000000000000 02 02 0F 00 16 04",
      "obis_1_1_99_1_2_h=null", DECODE_OK },
    { "a scaler that cannot be",
      DLMS_HEAD "01 02"
                "02 03 0906 0100010800FF 06 0000000F 02 02 0F 13 16 1E"
                "02 03 0906 0100200700FF 12 0901 02 02 0F FF 16 23",
      "energy=null voltage_l1_v=230.5", DECODE_OK },
    { "an unknown code", DLMS_HEAD "02 02 0906 0101630102FF 11 07", "obis_1_1_99_1_2=7",
      DECODE_OK },
    { "cut", DLMS_HEAD "02 04 0906 0100010700FF 06 00000123 0906", "power=291", DECODE_BAD_LENGTH },
    { "lengths of one and two bytes",
      DLMS_HEAD "02 04 0906 0000600100FF 0A8103 313233 09820006 0000600101FF 0A820001 34",
      "fabrication_no=123 obis_0_0_96_1_1=4", DECODE_OK },
    { "a length of three bytes", DLMS_HEAD "02 02 0906 0000600100FF 0A83000003 313233", "",
      DECODE_BAD_LENGTH },
    { "no definite length", DLMS_HEAD "02 02 0906 0000600100FF 0A80 313233", "",
      DECODE_BAD_LENGTH },
    { "between codes whatever has a length",
      DLMS_HEAD "02 0A 04 09 FF80 19 07E6011F0109001EFF800000 1A 07E6011F01 1B 09001EFF 00"
                "0C02 C3A4 03 01 18 3FF0000000000000 0906 0100010700FF 11 07",
      "power=7", DECODE_OK },
    { "integers of all sizes",
      DLMS_HEAD "02 14 0906 0101630101FF 03 01 0906 0101630102FF 05 FFFFFFFE"
                "0906 0101630103FF 06 FFFFFFFE 0906 0101630104FF 0F FE"
                "0906 0101630105FF 10 FFFE 0906 0101630106FF 11 FE 0906 0101630107FF 12 FFFE"
                "0906 0101630108FF 14 FFFFFFFFFFFFFFFE"
                "0906 0101630109FF 15 FFFFFFFFFFFFFFFE 0906 010163010AFF 16 FE",
      "obis_1_1_99_1_1=1 obis_1_1_99_1_2=-2 obis_1_1_99_1_3=4294967294 obis_1_1_99_1_4=-2 "
      "obis_1_1_99_1_5=-2 obis_1_1_99_1_6=254 obis_1_1_99_1_7=65534 obis_1_1_99_1_8=-2 "
      "obis_1_1_99_1_9=18446744073709551614 obis_1_1_99_1_10=254",
      DECODE_OK },
    { "a compact array, whose length nobody knows", DLMS_HEAD "02 02 0906 0100010700FF 13 07", "",
      DECODE_BAD_LENGTH },
    { "a list behind a code is no value, but may hold some",
      DLMS_HEAD "02 04 0906 0100630100FF 01 01 02 02 0906 0100010700FF 11 07"
                "0906 0100020700FF 11 08",
      "power=7 power_backward=8", DECODE_OK },
    { "what follows a structure is none of its units",
      DLMS_HEAD "01 02 02 02 0906 0100010800FF 06 0000000F 02 02 0F FF 16 1E", "energy=15",
      DECODE_OK },
    { "a text of 256 bytes is cut", DLMS_HEAD "02 02 0906 0000600100FF 0A820100 313233", "",
      DECODE_BAD_LENGTH },
    { "a code without a value", DLMS_HEAD "02 01 0906 0100010700FF", "", DECODE_OK },
    { "a value that is cut", DLMS_HEAD "02 02 0906 0100010700FF 12 00", "", DECODE_BAD_LENGTH },
    { "a scaler that is cut", DLMS_HEAD "02 03 0906 0100010700FF 11 07 02 02 0F", "power=7",
      DECODE_BAD_LENGTH },
    { "eight lists in each other",
      DLMS_HEAD "0201 0201 0201 0201 0201 0201 0201 02 02 0906 0100010700FF 11 07", "power=7",
      DECODE_OK },
    { "nine", DLMS_HEAD "0201 0201 0201 0201 0201 0201 0201 0201 02 02 0906 0100010700FF 11 07", "",
      DECODE_BAD_LENGTH },
    { "no list", DLMS_HEAD "11 07", "", DECODE_OK },
    { "behind check bytes", "2F2F" DLMS_HEAD "02 02 0906 0100010700FF 11 07", "power=7",
      DECODE_OK },
    { "media and billing periods that there are, and others",
      DLMS_HEAD "02 08 0906 0F0163010163 11 01 0906 1001630101FF 11 02"
                "0906 010163010164 11 03 0906 0001630101FE 11 04",
      "obis_15_1_99_1_1_99=1", DECODE_OK },
    { "storage, subunit and tariff", DLMS_HEAD "02 02 0906 010201080305 11 07",
      "energy_storage_5_tariff_3_subunit_2=7", DECODE_OK },
    { "a real number of a unit with a power of ten",
      DLMS_HEAD "02 03 0906 0100010800FF 17 44BB8000 02 02 0F 00 16 1E", "energy_kwh=1.5",
      DECODE_OK },
    { "ciphered", "DB 08 4B414D 0123456789 20", "", DECODE_UNSUPPORTED },
    { "nothing", "", "", DECODE_UNSUPPORTED },
};

static void dlms_notifications(void **state)
{
    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
        uint8_t bytes[FRAME_MAX_BYTES];
        struct reading_sink sink;
        print_message("%s\n", rows[r].what);
        size_t n = bytes_from_hex(rows[r].hex, bytes, sizeof bytes);
        telegram.n_readings = 0;
        reading_sink_init(&sink, &telegram);
        assert_int_equal(dlms_read(&sink, bytes, n), rows[r].status);
        assert_string_equal(readings_text(&telegram), rows[r].readings);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dlms_notifications),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
