/* SPDX-License-Identifier: MIT
 * The wireless M-Bus data container (EN 13757-3:2018, VIF FD 3B): a gateway or an adapter sends on
 * a meter's whole telegram, from its L-field on, as the data of a record of its own. */
#ifndef DECODE_CONTAINER_H
#define DECODE_CONTAINER_H

#include "decode/reader.h"
#include "decode/telegram.h"

/* The next contained telegram, to be decoded as if it had been received itself. The reader stands
 * before a record of the telegram's application data, at first at its start. Returns false, *frame
 * undefined, if there is none. */
bool container_next(struct reader *reader, struct frame *frame);

#endif
