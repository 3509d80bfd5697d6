/* SPDX-License-Identifier: MIT */
#include "apps/common/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/array_len.h"

size_t utf8_length(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    if (s[0] > 0xF4 || (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
        (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

size_t utf8_first(const char *text, int n, int *got)
{
    size_t at = 0;
    for (*got = 0; text[at] && *got < n; ++*got) {
        const size_t length = utf8_length(text + at);
        at += length ? length : 1;
    }
    return at;
}

/* text[n] is one. */
static uint32_t code_point(const char *text, size_t n)
{
    uint32_t code = (unsigned char)text[0] & (n == 1 ? 0x7F : 0xFF >> (n + 1));
    for (size_t i = 1; i < n; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3F);
    return code;
}

static bool is_harmless(uint32_t code)
{
    static const uint32_t ranges[][2] = {
        { 0, 0x1F }, { 0x7F, 0x9F }, { 0x200E, 0x200F }, { 0x2028, 0x202E }, { 0x2066, 0x2069 },
    };
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
        if (code >= ranges[i][0] && code <= ranges[i][1])
            return false;
    return true;
}

void utf8_make_harmless(char *text)
{
    char *to = text;
    while (*text) {
        const size_t n = utf8_length(text);
        if (n > 0 && is_harmless(code_point(text, n))) {
            memmove(to, text, n);
            to += n;
        } else {
            *to++ = '?';
        }
        text += n ? n : 1;
    }
    *to = '\0';
}
