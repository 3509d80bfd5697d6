/* SPDX-License-Identifier: MIT */
#include "apps/common/yaml_brackets.h"

#include "apps/common/exit_codes.h"

bool yaml_brackets_check(const char *text, size_t n, const char *path, struct err *err)
{
    enum { MOST_OPEN = 100 };
    int open_brackets = 0;
    size_t line = 1;
    for (size_t i = 0; i < n && open_brackets <= MOST_OPEN; i++) {
        line += text[i] == '\n';
        open_brackets += text[i] == '[' || text[i] == '{';
        if (open_brackets > 0)
            open_brackets -= text[i] == ']' || text[i] == '}';
    }
    return open_brackets <= MOST_OPEN ||
           err_set(err, EXIT_CONFIG, "%.200s:%zu: expected at most %d open brackets", path, line,
                   MOST_OPEN);
}
