/* SPDX-License-Identifier: MIT */
#include "apps/drivers/driver_list.h"

#include <inttypes.h>

#include "decode/address.h"

static void print_byte(uint16_t value, FILE *to)
{
    if (value == DRIVER_ANY)
        fputs(".*", to);
    else
        fprintf(to, ".%02" PRIx16, value);
}

static void print_meter(const struct driver_meter *meter, FILE *to)
{
    char manufacturer[ADDRESS_MANUFACTURER_TEXT + 1] = "*";
    if (meter->manufacturer != DRIVER_ANY)
        address_manufacturer_text(meter->manufacturer, manufacturer);
    fprintf(to, " %s", manufacturer);
    print_byte(meter->device_type, to);
    print_byte(meter->version, to);
}

static void print_driver(const struct driver *driver, FILE *to)
{
    fputs(driver->name, to);
    for (size_t i = 0; i < driver->n_aliases; i++)
        fprintf(to, "%s%s", i ? " " : " (", driver->aliases[i]);
    fputs(driver->n_aliases ? "):" : ":", to);
    for (size_t i = 0; i < driver->n_meters; i++)
        print_meter(&driver->meters[i], to);
    fputc('\n', to);
}

void driver_list(const struct driver_table *drivers, FILE *to)
{
    for (size_t i = 0; i < drivers->n; i++)
        print_driver(drivers->drivers[i], to);
}
