/* SPDX-License-Identifier: MIT
 * Readings of telegrams with the library of wmbus-sdr:
 *   cc meter_reading.c $(pkg-config --cflags --libs wmbus-decode) -o meter_reading
 *   ./meter_reading HEX...                                                        */
#include <stdio.h>

#include <wmbus_decode.h>

/* Keys of published test telegrams; a program would read its own from a file. */
static const struct wmbus_key gas_key = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17 },
                                          WMBUS_AES_KEY };

static const struct wmbus_meter meters[] = {
    { .name = "kitchen", .id = "12345678", .manufacturer = "ELS", .keys = &gas_key, .n_keys = 1 },
};

static void print(const struct wmbus_telegram *t)
{
    printf("%s %s, %s, %s", t->manufacturer, t->id, t->media, t->kind);
    if (t->name)
        printf(", %s", t->name);
    printf(": %s\n", wmbus_status_name(t->status));
    for (size_t i = 0; i < t->n_readings; i++)
        printf("  %s = %s\n", t->readings[i].name, t->readings[i].text);
}

int main(int argc, char **argv)
{
    struct wmbus_problem problem;
    struct wmbus_decoder *decoder =
        wmbus_decoder_open(meters, sizeof meters / sizeof meters[0], &problem);
    if (!decoder) {
        fprintf(stderr, "meter %zu: %s\n", problem.meter, problem.text);
        return 1;
    }
    for (int i = 1; i < argc; i++)
        print(wmbus_decode_hex(decoder, argv[i], 0));
    wmbus_decoder_close(decoder);
    return 0;
}
