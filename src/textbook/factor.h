/* factor.h: common factors of the terms of sums. */
#ifndef FACTOR_H
#define FACTOR_H

#include "core/node.h"

/* The sums in x (0: none), as a map to be given back; NULL on failure. */
Map *factor_sums(Store *s, NodeId x);
/* x with common factors of sums collected. Those in `kept` stay as they are. */
NodeId factor_collect(Store *s, NodeId x, const Map *kept);

#endif
