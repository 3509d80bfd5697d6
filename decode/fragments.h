/* SPDX-License-Identifier: MIT
 * Messages that are sent in several frames (EN 13757-7:2018, authentication and fragmentation
 * layer), joined in a store of fixed size. */
#ifndef DECODE_FRAGMENTS_H
#define DECODE_FRAGMENTS_H

#include "decode/afl.h"
#include "decode/telegram.h"

enum { FRAGMENTS_MESSAGES = 16 };

/* A message that is being joined, or, after its last fragment, is whole. */
struct fragments_message {
    struct address sender;
    bool in_use;
    int64_t t_us; /* of its last fragment */
    struct afl afl;
    size_t n;
    uint8_t bytes[TELEGRAM_MAX_PAYLOAD];
};

struct fragments {
    struct fragments_message messages[FRAGMENTS_MESSAGES];
    struct fragments_message before, *changed; /* for fragments_undo; NULL: nothing changed */
};

/* bytes[n]: what follows the AFL in one frame of the sender. Fragments count in their order; a gap,
 * a first fragment, or half a minute without one, and what was there is dropped; a fragment that is
 * heard twice counts once. With more messages at a time than there is room for, the oldest goes.
 * Returns DECODE_WAITING_FRAGMENT; DECODE_BAD_LENGTH if the message is longer than the room, or not
 * as long as it says; or DECODE_OK, with *message whole, valid until the next call. */
enum decode_status fragments_push(struct fragments *fragments, const struct address *sender,
                                  const struct afl *afl, const uint8_t *bytes, size_t n,
                                  int64_t t_us, const struct fragments_message **message);
/* As if fragments_push had not been called since fragments_keep, where it was at most once. */
void fragments_undo(struct fragments *fragments);
void fragments_keep(struct fragments *fragments);

#endif
