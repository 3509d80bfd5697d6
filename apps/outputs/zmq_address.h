/* SPDX-License-Identifier: MIT */
#ifndef APPS_OUTPUTS_ZMQ_ADDRESS_H
#define APPS_OUTPUTS_ZMQ_ADDRESS_H

#include "apps/common/err.h"

/* What ZeroMQ itself does not see: it takes a port above 65535 modulo 65536. False with *err. */
bool zmq_address_check(const char *address, struct err *err);

#endif
