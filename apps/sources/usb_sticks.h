/* SPDX-License-Identifier: MIT
 * Dongles with an RTL2832U at this computer, as Linux shows them in /sys, /dev and /proc, and what
 * stands in the way of using one, in plain words. Opens no device. */
#ifndef APPS_SOURCES_USB_STICKS_H
#define APPS_SOURCES_USB_STICKS_H

#include <stdbool.h>
#include <stddef.h>

#include "apps/common/err.h"

enum { USB_STICKS_MAX = 16, USB_NAME_SIZE = 64 };

struct usb_stick {
    char manufacturer[USB_NAME_SIZE], product[USB_NAME_SIZE], serial[USB_NAME_SIZE]; /* or "" */
    unsigned vendor_id, product_id;
    char node[32];          /* /dev/bus/usb/001/005                                            */
    bool has_node, may_use; /* is the node there; may it be read and written by this process   */
    char driver[32];        /* of the kernel that has it; "" none; "usbfs": a program has it   */
    char holder[64];        /* that program, "rtl_tcp, process 1234"; "" none, or not allowed  */
                            /* to know                                                         */
    bool is_blog_v4;        /* "RTL-SDR Blog V4", which old libraries tune wrongly             */
};

/* What is known of all that are plugged in, by their place on the bus; returns how many. root: ""
 * for this computer; a test's folder with sys, dev and proc in it. */
size_t usb_sticks_find(const char *root, struct usb_stick sticks[USB_STICKS_MAX]);

/* Is the kernel's DVB driver bound to it? Programs can take it away, see rtlsdr_open. */
bool usb_stick_has_dvb_driver(const struct usb_stick *stick);
/* Maker, product and serial number, for messages. */
void usb_stick_name(const struct usb_stick *stick, char *text, size_t size);
/* Can it be opened? False with *err (EXIT_DEVICE): why not, and what to do. The kernel's DVB driver
 * is no reason. */
bool usb_stick_check(const struct usb_stick *stick, struct err *err);

/* What to do without the right to use one. */
extern const char usb_right_advice[];
/* What to do with a Blog V4, whose tuner librtlsdr knows from 2.0 on. */
extern const char usb_blog_v4_advice[];

#endif
