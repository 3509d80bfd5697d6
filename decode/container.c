/* SPDX-License-Identifier: MIT */
#include "decode/container.h"

#include "decode/dll.h"
#include "decode/record.h"

static bool is_container(const struct record *record)
{
    enum { VIF_TO_FD = 0xFD, VIF_CONTAINER = 0x3B };
    return record->vib_n == 2 && record->vib[0] == VIF_TO_FD && record->vib[1] == VIF_CONTAINER &&
           record->data_field == DATA_VARIABLE;
}

bool container_next(struct reader *reader, struct frame *frame)
{
    struct record record;
    while (record_next(reader, &record) == RECORD_DATA) {
        *frame = (struct frame){ .n = 0 };
        if (is_container(&record) && dll_guess(record.data, record.data_n, frame) == DECODE_OK)
            return true;
    }
    return false;
}
