/* SPDX-License-Identifier: MIT */
#include "decode/transform.h"

#include <string.h>

#define ROW(name)                                                                                  \
    {                                                                                              \
#name, transform_##name, "transform_" #name                                                \
    }
static const struct transform transforms[] = {
    ROW(prios),
};
#undef ROW

const struct transform *transform_find(const char *name)
{
    for (size_t i = 0; i < sizeof transforms / sizeof transforms[0]; i++)
        if (!strcmp(transforms[i].name, name))
            return &transforms[i];
    return NULL;
}
