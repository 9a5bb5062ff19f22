/* exchange.h: a pattern with another operator in the place of one. */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "core/node.h"

/* x with the operator `to` in the place of `from`, where that changes nothing but the operator:
   both have the same parameters and shapes, and the result has as many calls and the same weight. 0
   where it would change more, or on failure. */
NodeId exchange_operator(Store *s, NodeId x, uint32_t from, uint32_t to);

#endif
