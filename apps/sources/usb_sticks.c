/* SPDX-License-Identifier: MIT */
#include "apps/sources/usb_sticks.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/common/exit_codes.h"
#include "apps/common/utf8.h"
#include "base/array_len.h"

enum { PATH_SIZE = 512 };

/* What librtlsdr knows as its own, by vendor; the same as in packaging/60-wmbus-sdr.rules. */
// clang-format off
static const struct { unsigned vendor, products[16]; } known[] = {
    { 0x0bda, { 0x2832, 0x2838 } },
    { 0x0413, { 0x6680, 0x6f0f } },
    { 0x0458, { 0x707f } },
    { 0x0ccd, { 0x00a9, 0x00b3, 0x00b4, 0x00b5, 0x00b7, 0x00b8, 0x00b9, 0x00c0, 0x00c6, 0x00d3,
                0x00d7, 0x00e0 } },
    { 0x1554, { 0x5020 } },
    { 0x15f4, { 0x0131, 0x0133 } },
    { 0x185b, { 0x0620, 0x0650, 0x0680 } },
    { 0x1b80, { 0xd393, 0xd394, 0xd395, 0xd397, 0xd398, 0xd39d, 0xd3a4, 0xd3a8, 0xd3af, 0xd3b0 } },
    { 0x1d19, { 0x1101, 0x1102, 0x1103, 0x1104 } },
    { 0x1f4d, { 0xa803, 0xb803, 0xc803, 0xd286, 0xd803 } },
};
// clang-format on

const char usb_right_advice[] =
    "join the group plugdev (adduser USER plugdev), log in anew and plug it in again; if this "
    "program did not come as a package, copy packaging/60-wmbus-sdr.rules to /etc/udev/rules.d "
    "before";

const char usb_blog_v4_advice[] =
    "this is an RTL-SDR Blog V4: librtlsdr older than 2.0 (Debian 12 has 0.6) tunes it wrongly "
    "and hears nothing; install a newer librtlsdr, or that of github.com/rtlsdrblog/rtl-sdr-blog";

static bool is_known(unsigned vendor, unsigned product)
{
    for (size_t v = 0; v < ARRAY_LEN(known); v++)
        for (size_t p = 0; known[v].vendor == vendor && p < ARRAY_LEN(known[v].products); p++)
            if (product != 0 && known[v].products[p] == product)
                return true;
    return false;
}

/* ---- /sys --------------------------------------------------------------------------------- */

/* A device's folder. */
struct place {
    const char *root;
    const char *name; /* such as 1-1.4 */
};

/* The first line of a file there, what cannot be printed replaced; "" without one. */
static void read_line(const struct place *place, const char *file, char text[USB_NAME_SIZE])
{
    char path[PATH_SIZE];
    text[0] = '\0';
    snprintf(path, sizeof path, "%.200s/sys/bus/usb/devices/%.100s/%s", place->root, place->name,
             file);
    FILE *f = fopen(path, "r");
    if (!f)
        return;
    if (!fgets(text, USB_NAME_SIZE, f))
        text[0] = '\0';
    fclose(f);
    text[strcspn(text, "\n")] = '\0';
    utf8_make_harmless(text);
}

static unsigned read_number(const struct place *place, const char *file, int base)
{
    char text[USB_NAME_SIZE];
    read_line(place, file, text);
    return (unsigned)strtoul(text, NULL, base);
}

/* Where a link points to; false if it is none. */
static bool read_link(const char *path, char *to, size_t size)
{
    const ssize_t n = readlink(path, to, size - 1);
    to[n > 0 ? n : 0] = '\0';
    return n > 0;
}

/* Interface 0 is the radio, the other the remote control. */
static void read_driver(const struct place *place, struct usb_stick *stick)
{
    char path[PATH_SIZE], to[PATH_SIZE];
    snprintf(path, sizeof path, "%.200s/sys/bus/usb/devices/%.100s:1.0/driver", place->root,
             place->name);
    if (!read_link(path, to, sizeof to))
        return;
    const char *slash = strrchr(to, '/');
    snprintf(stick->driver, sizeof stick->driver, "%.31s", slash ? slash + 1 : to);
}

/* ---- /proc -------------------------------------------------------------------------------- */

static bool is_open_in(const char *folder, const char *node)
{
    DIR *dir = opendir(folder);
    bool found = false;
    for (const struct dirent *fd; dir && !found && (fd = readdir(dir));) {
        char path[PATH_SIZE], to[PATH_SIZE];
        snprintf(path, sizeof path, "%.400s/%.60s", folder, fd->d_name);
        found = read_link(path, to, sizeof to) && strcmp(to, node) == 0;
    }
    if (dir)
        closedir(dir);
    return found;
}

static void name_holder(const char *root, const char *process, struct usb_stick *stick)
{
    char path[PATH_SIZE], name[32] = "";
    snprintf(path, sizeof path, "%.200s/proc/%.20s/comm", root, process);
    FILE *f = fopen(path, "r");
    if (f && fgets(name, sizeof name, f))
        name[strcspn(name, "\n")] = '\0';
    if (f)
        fclose(f);
    snprintf(stick->holder, sizeof stick->holder, "%.31s, process %.20s", name, process);
}

static void find_holder(const char *root, struct usb_stick *stick)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%.200s/proc", root);
    DIR *dir = opendir(path);
    for (const struct dirent *d; dir && !stick->holder[0] && (d = readdir(dir));) {
        if (!isdigit((unsigned char)d->d_name[0]) || strtol(d->d_name, NULL, 10) == getpid())
            continue;
        snprintf(path, sizeof path, "%.200s/proc/%.20s/fd", root, d->d_name);
        if (is_open_in(path, stick->node))
            name_holder(root, d->d_name, stick);
    }
    if (dir)
        closedir(dir);
}

/* ---- all of it ---------------------------------------------------------------------------- */

/* False: something else. */
static bool look_at(const struct place *place, struct usb_stick *stick)
{
    char path[PATH_SIZE];
    *stick = (struct usb_stick){ .vendor_id = read_number(place, "idVendor", 16),
                                 .product_id = read_number(place, "idProduct", 16) };
    if (!is_known(stick->vendor_id, stick->product_id))
        return false;
    read_line(place, "manufacturer", stick->manufacturer);
    read_line(place, "product", stick->product);
    read_line(place, "serial", stick->serial);
    snprintf(stick->node, sizeof stick->node, "/dev/bus/usb/%03u/%03u",
             read_number(place, "busnum", 10) % 1000, read_number(place, "devnum", 10) % 1000);
    snprintf(path, sizeof path, "%.200s%s", place->root, stick->node);
    stick->has_node = access(path, F_OK) == 0;
    stick->may_use = access(path, R_OK | W_OK) == 0;
    stick->is_blog_v4 =
        !strcmp(stick->manufacturer, "RTLSDRBlog") && !strcmp(stick->product, "Blog V4");
    read_driver(place, stick);
    find_holder(place->root, stick);
    return true;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct usb_stick *)a)->node, ((const struct usb_stick *)b)->node);
}

size_t usb_sticks_find(const char *root, struct usb_stick sticks[USB_STICKS_MAX])
{
    char path[PATH_SIZE];
    size_t n = 0;
    snprintf(path, sizeof path, "%.200s/sys/bus/usb/devices", root);
    DIR *dir = opendir(path);
    for (const struct dirent *d; dir && n < USB_STICKS_MAX && (d = readdir(dir));) {
        const struct place place = { .root = root, .name = d->d_name };
        n += d->d_name[0] != '.' && look_at(&place, &sticks[n]);
    }
    if (dir)
        closedir(dir);
    qsort(sticks, n, sizeof *sticks, compare);
    return n;
}

bool usb_stick_has_dvb_driver(const struct usb_stick *stick)
{
    return stick->driver[0] && strcmp(stick->driver, "usbfs") != 0;
}

void usb_stick_name(const struct usb_stick *stick, char *text, size_t size)
{
    const bool named = stick->manufacturer[0] || stick->product[0];
    snprintf(text, size, "%s%s%s%s%s", stick->manufacturer, stick->manufacturer[0] ? " " : "",
             named ? stick->product : "RTL2832U", stick->serial[0] ? ", serial number " : "",
             stick->serial);
}

bool usb_stick_check(const struct usb_stick *stick, struct err *err)
{
    char name[USB_NAME_SIZE];
    usb_stick_name(stick, name, sizeof name);
    if (!stick->has_node)
        return err_set(err, EXIT_DEVICE,
                       "%s is plugged in, but there is no %s: in a container, hand that folder "
                       "in (docker: --device /dev/bus/usb)",
                       name, stick->node);
    if (!stick->may_use)
        return err_set(err, EXIT_DEVICE, "%s: no right to use %s: %s", name, stick->node,
                       usb_right_advice);
    if (stick->holder[0])
        return err_set(err, EXIT_DEVICE, "%s is in use by %s: end that first", name, stick->holder);
    if (!strcmp(stick->driver, "usbfs"))
        return err_set(err, EXIT_DEVICE,
                       "%s is in use by another program; fuser -v %s, as root, says by which", name,
                       stick->node);
    return true;
}
