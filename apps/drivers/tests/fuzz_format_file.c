/* SPDX-License-Identifier: MIT
 * A file of formats of any content: what is read can be given to a decoder. */
#include "apps/drivers/format_file.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct format_list list;
    static struct decoder *decoder;
    static uint8_t bytes[1 << 16]; /* fmemopen wants them not const */
    struct err err;
    if (!decoder)
        decoder = decoder_open(NULL, 0);
    require(decoder != NULL);
    if (size == 0 || size > sizeof bytes)
        return 0;
    for (size_t i = 0; i < size; i++)
        bytes[i] = data[i];
    FILE *f = fmemopen(bytes, size, "r");
    require(f != NULL);
    bool ok = format_file_read(f, "fuzz", &list, &err);
    fclose(f);
    require(list.n <= FORMAT_LIST_MAX);
    for (size_t i = 0; i < list.n; i++)
        require(decoder_add_format(decoder, &list.formats[i]));
    require(ok || err.exit_code != 0);
    return 0;
}
