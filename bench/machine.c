/* SPDX-License-Identifier: MIT */
#include "bench/machine.h"

#include <string.h>

enum { TEXT_SIZE = 128 };

/* First line of a stream that begins with `key`, what follows the colon; or all of the line if key
 * is "". Leaves text as it is if there is none. */
static void find_line(FILE *from, const char *key, char text[TEXT_SIZE])
{
    char line[256];
    while (from && fgets(line, sizeof line, from)) {
        if (strncmp(line, key, strlen(key)) != 0)
            continue;
        char *value = *key ? strchr(line, ':') : line;
        value = value ? value + (*key ? 2 : 0) : line;
        value[strcspn(value, "\n\"\\")] = 0;
        snprintf(text, TEXT_SIZE, "%.*s", TEXT_SIZE - 1, value);
        return;
    }
}

static void find_cpu(char text[TEXT_SIZE])
{
    FILE *info = fopen("/proc/cpuinfo", "r");
    find_line(info, "model name", text);
    if (info)
        fclose(info);
}

static void find_commit(char text[TEXT_SIZE])
{
    /* NOLINTNEXTLINE(cert-env33-c): the command is a constant of the build */
    FILE *git = popen("git -C '" WMBUS_SOURCE_DIR "' describe --always --dirty 2>/dev/null", "r");
    find_line(git, "", text);
    if (git)
        pclose(git);
}

#ifdef __clang__
static const char compiler[] = __VERSION__; /* which says Clang */
#else
static const char compiler[] = "gcc " __VERSION__;
#endif

void machine_print(FILE *to, bool json)
{
    char cpu[TEXT_SIZE] = "unknown", commit[TEXT_SIZE] = "unknown";
    find_cpu(cpu);
    find_commit(commit);
    fprintf(to,
            json ? "{\"cpu\":\"%s\",\"compiler\":\"%s\",\"flags\":\"%s\",\"commit\":\"%s\"}\n"
                 : "cpu       %s\ncompiler  %s\nflags     %s\ncommit    %s\n",
            cpu, compiler, WMBUS_C_FLAGS, commit);
}
