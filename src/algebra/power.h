/* power.h: what other constructors need to know of powers. */
#ifndef POWER_H
#define POWER_H

#include "core/node.h"

/* base^e for a scalar base and an exponent that is neither 0 nor 1. */
NodeId power_of_scalar(Store *s, NodeId base, NodeId e);

#endif
