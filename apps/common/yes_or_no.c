/* SPDX-License-Identifier: MIT */
#include "apps/common/yes_or_no.h"

#include <stddef.h>
#include <strings.h>

#include "base/array_len.h"

bool yes_or_no_parse(const char *text, bool *yes)
{
    static const struct {
        const char *word;
        bool yes;
    } words[] = {
        { "yes", true }, { "true", true },   { "on", true },
        { "no", false }, { "false", false }, { "off", false },
    };
    *yes = false;
    for (size_t i = 0; text && i < ARRAY_LEN(words); i++)
        if (strcasecmp(text, words[i].word) == 0) {
            *yes = words[i].yes;
            return true;
        }
    return false;
}
