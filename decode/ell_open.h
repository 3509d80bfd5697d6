/* SPDX-License-Identifier: MIT
 * The extended link layer of a telegram, decrypted. */
#ifndef DECODE_ELL_OPEN_H
#define DECODE_ELL_OPEN_H

#include "decode/layer.h"
#include "decode/security.h"
#include "decode/telegram.h"

/* rest starts with its CI, and afterwards with that of the next layer, in clear. Sets what the
 * telegram says of the layer. Returns DECODE_OK; DECODE_BAD_LENGTH if it is cut; what
 * security_open_session returns; or DECODE_UNSUPPORTED: a second one means nothing, and of ELL V
 * only those are read whose payload CRC tells where the header ends. */
enum decode_status ell_open(const struct security *security, struct telegram *telegram,
                            struct layer_rest *rest);

#endif
