/* SPDX-License-Identifier: MIT
 * Recordings in SigMF (1.2): a file of samples as they left their source, NAME.sigmf-data, and one
 * of metadata, NAME.sigmf-meta. */
#ifndef APPS_OBSERVER_SIGMF_WRITE_H
#define APPS_OBSERVER_SIGMF_WRITE_H

#include <json-c/json.h>
#include <stdio.h>

#include "apps/common/err.h"
#include "apps/sources/source.h"

/* "cu8", "ci16_le" ... */
const char *sigmf_datatype(enum iq_format format);

/* Metadata of samples first_sample and on of a source. annotation (NULL: none) is one of the
 * recording, and the object's from now on. The caller puts the object back. */
struct json_object *sigmf_meta_json(const struct source *source, uint64_t first_sample,
                                    struct json_object *annotation);

/* Creates path, which must not be there yet (errno EEXIST); links are not followed. Returns NULL
 * with errno. */
FILE *sigmf_create(const char *path);
/* Creates the metadata file. False with errno. */
bool sigmf_write_meta(const char *path, struct json_object *meta);

#endif
