/* SPDX-License-Identifier: MIT */
#ifndef APPS_OUTPUTS_ZMQ_ADDRESS_H
#define APPS_OUTPUTS_ZMQ_ADDRESS_H

#include "apps/common/err.h"

/* What ZeroMQ itself does not see, a port above 65535, which it takes modulo 65536, or calls an
 * invalid argument only. False with *err. */
bool zmq_address_check(const char *address, struct err *err);

#endif
