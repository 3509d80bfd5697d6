/* SPDX-License-Identifier: MIT
 * What a scene and its file share. */
#ifndef APPS_GENERATOR_GEN_SCENE_PARTS_H
#define APPS_GENERATOR_GEN_SCENE_PARTS_H

#include "apps/generator/gen_scene.h"

/* Of a transmission that is as the defaults say, at no time and of no telegram yet. */
struct transmission gen_scene_draw(struct gen_scene *scene, const struct radio_mode *mode);
/* A number that differs from the middle by so much at most. */
double gen_scene_spread(struct gen_scene *scene, double middle, double to_either_side);
/* False with *err: there are too many, or no memory. */
bool gen_scene_append(struct gen_scene *scene, const struct transmission *t, struct err *err);
/* Takes CRCs away if there are any; L becomes what format A says. False: not a telegram in hex. */
bool transmission_set_telegram(struct transmission *t, const char *hex);

#endif
