/* SPDX-License-Identifier: MIT */
#include "decode/fragments.h"

#include <string.h>

#include "decode/address.h"

/* Fragments of one message follow each other within seconds (protocol note: transport, section 4).
 */
static const uint64_t timeout_us = 30 * 1000 * 1000;

static bool is_live(const struct fragments_message *m, int64_t t_us)
{
    return m->in_use && t_us >= m->t_us && (uint64_t)t_us - (uint64_t)m->t_us <= timeout_us;
}

static struct fragments_message *find(struct fragments *fragments, const struct address *sender)
{
    for (size_t i = 0; i < FRAGMENTS_MESSAGES; i++)
        if (fragments->messages[i].in_use && address_equal(&fragments->messages[i].sender, sender))
            return &fragments->messages[i];
    return NULL;
}

static struct fragments_message *take_place(struct fragments *fragments)
{
    struct fragments_message *oldest = &fragments->messages[0];
    for (size_t i = 0; i < FRAGMENTS_MESSAGES; i++) {
        struct fragments_message *m = &fragments->messages[i];
        if (!m->in_use)
            return m;
        if (m->t_us < oldest->t_us)
            oldest = m;
    }
    return oldest;
}

static void remember(struct fragments *fragments, struct fragments_message *m)
{
    fragments->changed = m;
    fragments->before = *m;
}

static bool append(struct fragments_message *m, const uint8_t *bytes, size_t n, int64_t t_us)
{
    m->t_us = t_us;
    m->in_use = n <= sizeof m->bytes - m->n;
    if (!m->in_use)
        return false;
    memcpy(m->bytes + m->n, bytes, n);
    m->n += n;
    return true;
}

/* ML counts what follows it in the unfragmented message; a MAC that is sent behind it may count. */
static bool has_its_length(const struct fragments_message *m)
{
    return !m->afl.has_ml || m->afl.ml == m->n || m->afl.ml == m->n + m->afl.mac_n;
}

enum decode_status fragments_push(struct fragments *fragments, const struct address *sender,
                                  const struct afl *afl, const uint8_t *bytes, size_t n,
                                  int64_t t_us, const struct fragments_message **message)
{
    struct fragments_message *m = find(fragments, sender);
    if (afl->fragment == 0)
        return DECODE_BAD_LENGTH; /* a whole message that has more to come */
    if (m && is_live(m, t_us) && afl->fragment == m->afl.fragment &&
        (afl->fragment > 1 || (n <= m->n && memcmp(m->bytes, bytes, n) == 0)))
        return DECODE_WAITING_FRAGMENT; /* a repeater's copy */
    if (afl->fragment == 1) {
        m = m ? m : take_place(fragments);
        remember(fragments, m);
        m->sender = *sender;
        m->afl = *afl;
        m->n = 0;
    } else if (!m || !is_live(m, t_us) || afl->fragment != m->afl.fragment + 1) {
        if (m) {
            remember(fragments, m);
            m->in_use = false;
        }
        return DECODE_WAITING_FRAGMENT;
    } else {
        remember(fragments, m);
        afl_join(&m->afl, afl);
    }
    if (!append(m, bytes, n, t_us))
        return DECODE_BAD_LENGTH;
    if (afl->more_fragments)
        return DECODE_WAITING_FRAGMENT;
    m->in_use = false;
    *message = m;
    return has_its_length(m) ? DECODE_OK : DECODE_BAD_LENGTH;
}

void fragments_undo(struct fragments *fragments)
{
    if (fragments->changed)
        *fragments->changed = fragments->before;
    fragments_keep(fragments);
}

void fragments_keep(struct fragments *fragments)
{
    fragments->changed = NULL;
}
