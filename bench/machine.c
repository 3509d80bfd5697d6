/* SPDX-License-Identifier: MIT */
#include "bench/machine.h"

#include <string.h>

/* First line of a stream that begins with `key`, what follows the colon; or all of the line if key
 * is "". Leaves text[size] as it is if there is none. */
static void find_line(FILE *from, const char *key, char *text, size_t size)
{
    char line[256];
    while (from && fgets(line, sizeof line, from)) {
        if (strncmp(line, key, strlen(key)) != 0)
            continue;
        char *value = *key ? strchr(line, ':') : line;
        value = value ? value + (*key ? 2 : 0) : line;
        value[strcspn(value, "\n\"\\")] = 0;
        text[0] = 0;
        strncat(text, value, size - 1);
        return;
    }
}

static void find_cpu(char *text, size_t size)
{
    FILE *info = fopen("/proc/cpuinfo", "r");
    find_line(info, "model name", text, size);
    if (info)
        fclose(info);
}

static void find_commit(char *text, size_t size)
{
    /* NOLINTNEXTLINE(cert-env33-c): the command is a constant of the build */
    FILE *git = popen("git -C '" WMBUS_SOURCE_DIR "' describe --always --dirty 2>/dev/null", "r");
    find_line(git, "", text, size);
    if (git)
        pclose(git);
}

void machine_print(FILE *to, bool json)
{
    char cpu[128] = "unknown", commit[128] = "unknown";
    find_cpu(cpu, sizeof cpu);
    find_commit(commit, sizeof commit);
    fprintf(to,
            json ? "{\"cpu\":\"%s\",\"compiler\":\"%s\",\"flags\":\"%s\",\"commit\":\"%s\"}\n"
                 : "cpu       %s\ncompiler  %s\nflags     %s\ncommit    %s\n",
            cpu, "gcc or clang " __VERSION__, WMBUS_C_FLAGS, commit);
}
