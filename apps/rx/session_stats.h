/* SPDX-License-Identifier: MIT
 * The figures of a session: as the message "stats", and as a line on a terminal. For session.c. */
#ifndef APPS_RX_SESSION_STATS_H
#define APPS_RX_SESSION_STATS_H

#include "apps/rx/session.h"

bool session_in_real_time(const struct session *session);
/* How each source does, since this was told last; what is learnt of oscillators is kept. False with
 * *err as of publisher_stats. */
bool session_publish_stats(struct session *session, struct err *err);
/* How all sources do that have no end; of several, the worst. */
void session_show_status(struct session *session);

#endif
