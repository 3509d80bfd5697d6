/* SPDX-License-Identifier: MIT */
#include "decode/ell_open.h"

#include "decode/ell.h"
#include "decode/tpl.h"

static void set_ell(struct telegram *t, const struct ell *ell)
{
    t->has_ell = true;
    t->ell_ci = ell->ci;
    t->ell_cc = ell->cc;
    t->ell_acc = ell->acc;
    t->ell_header_n = (uint8_t)ell->header_n;
    t->ell_has_session = ell->has_session;
    t->ell_sn = ell->sn;
    t->ell_has_partner = ell->has_address;
    t->ell_partner = ell->address;
}

/* From the header of the extended link layer to behind its payload CRC. */
static enum decode_status enter_session(const struct security *security, const struct ell *ell,
                                        struct telegram *t, struct layer_rest *rest)
{
    *rest = layer_behind(*rest, ell->header_n);
    enum decode_status status = security_open_session(security, ell, rest->bytes, rest->n, t);
    if (t->ell_opened)
        rest->bytes = t->opened;
    *rest = layer_behind(*rest, ELL_PLCRC_BYTES);
    return status;
}

static enum decode_status open_known(const struct security *security, struct telegram *t,
                                     struct layer_rest *rest)
{
    struct ell ell;
    enum decode_status status = ell_parse(rest->bytes, rest->n, &ell);
    if (status != DECODE_OK)
        return status;
    set_ell(t, &ell);
    if (ell.has_session)
        return enter_session(security, &ell, t, rest);
    *rest = layer_behind(*rest, ell.header_n);
    return DECODE_OK;
}

/* The payload CRC must hold, and a layer follow. */
static bool is_session(const struct security *security, const struct ell *ell, struct telegram *t,
                       struct layer_rest *rest)
{
    return enter_session(security, ell, t, rest) == DECODE_OK &&
           ell_crc_holds(rest->bytes - ELL_PLCRC_BYTES, rest->n + ELL_PLCRC_BYTES) && rest->n > 0 &&
           tpl_ci_info(rest->bytes[0])->layer != CI_RESERVED;
}

/* Where its header ends, only the payload CRC tells. */
static enum decode_status open_v(const struct security *security, struct telegram *t,
                                 struct layer_rest *rest)
{
    struct ell ell;
    for (size_t n = ELL_V_LEAST; n <= ELL_V_MOST; n++) {
        struct layer_rest inner = *rest;
        if (ell_parse_v(rest->bytes, rest->n, n, &ell) != DECODE_OK)
            break;
        if (is_session(security, &ell, t, &inner)) {
            set_ell(t, &ell);
            *rest = inner;
            return DECODE_OK;
        }
        t->encrypted = t->predecrypted = t->ell_opened = false; /* it is none */
    }
    return DECODE_UNSUPPORTED;
}

enum decode_status ell_open(const struct security *security, struct telegram *telegram,
                            struct layer_rest *rest)
{
    if (telegram->has_ell)
        return DECODE_UNSUPPORTED;
    return tpl_ci_info(rest->bytes[0])->layer == CI_ELL_V ? open_v(security, telegram, rest)
                                                          : open_known(security, telegram, rest);
}
