/* SPDX-License-Identifier: MIT
 * Scene files, as wmbus-gen and bench_chain read them. */
#include "apps/generator/gen_scene.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct gen_defaults defaults = {
        .sample_rate_sps = 1.6e6,
        .center_hz = 868.95e6,
        .noise_sigma = 0.01,
        .amplitude = -1,
        .modes = { &radio_modes[0] },
        .n_modes = 1,
    };
    struct gen_scene scene;
    struct err err;
    FILE *from = tmpfile();
    if (!from)
        return 0;
    fwrite(data, 1, size, from);
    rewind(from);
    gen_scene_init(&scene, &defaults, 1);
    gen_scene_read(&scene, from, "fuzz", 0.5, &err);
    gen_scene_free(&scene);
    fclose(from);
    return 0;
}
