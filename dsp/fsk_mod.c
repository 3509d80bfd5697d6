/* SPDX-License-Identifier: MIT */
#include "dsp/fsk_mod.h"
