/* SPDX-License-Identifier: MIT
 * What every folder may use, and what uses none of them. */
#ifndef BASE_ARRAY_LEN_H
#define BASE_ARRAY_LEN_H

/* Elements of an array; not for a pointer. */
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
