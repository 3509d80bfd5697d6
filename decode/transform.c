/* SPDX-License-Identifier: MIT */
#include "decode/transform.h"

#include <string.h>

#include "base/array_len.h"

/* clang-format off */
#define ROW(name) { #name, transform_##name, "transform_" #name }
static const struct transform transforms[] = {
    ROW(apator162),
    ROW(apatoreitn),
    ROW(apatorna1),
    ROW(bfw240radio),
    ROW(hydrodigit),
    ROW(mkradio3a),
    ROW(prios),
    ROW(qundis),
    ROW(rfmtx1),
};
#undef ROW
/* clang-format on */

const struct transform *transform_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(transforms); i++)
        if (!strcmp(transforms[i].name, name))
            return &transforms[i];
    return NULL;
}
