/* SPDX-License-Identifier: MIT
 * The report of a burst as an annotation of a SigMF recording: fields of the namespace wmbus, with
 * the names that the output has. */
#ifndef APPS_OBSERVER_BURST_JSON_H
#define APPS_OBSERVER_BURST_JSON_H

#include <json-c/json.h>

#include "apps/receiver/burst_report.h"

/* first_sample: of the recording. The caller puts the object back. */
struct json_object *burst_json(const struct burst_report *report, uint64_t first_sample);

#endif
