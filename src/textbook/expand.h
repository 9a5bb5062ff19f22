/* expand.h: products and linear operators distributed over sums. */
#ifndef EXPAND_H
#define EXPAND_H

#include "core/node.h"

/* How many terms x has, seen as a sum. */
uint32_t expand_terms(const Store *s, NodeId x);
/* x, a product, power, counted sum or linear operator, distributed over the sums right in it. */
NodeId expand_once(Store *s, NodeId x);
/* x with products and linear operators distributed over sums, as far as the result stays small. */
NodeId expand_node(Store *s, NodeId x);
/* The same by the rules for expansion as well: squared norms are opened. */
NodeId expand_by_rules(Store *s, NodeId x);

#endif
