/* rewrite.h: from a correct expression to the one that a textbook prints. */
#ifndef SIMPLIFY_H
#define SIMPLIFY_H

#include "core/node.h"

/* x rewritten by the simplification rules, innermost first, until none applies. */
NodeId simplify_node(Store *s, NodeId x);
/* x with products and linear operators distributed over sums, as far as the result stays small. */
NodeId expand_node(Store *s, NodeId x);
/* x, a product, power or linear operator, distributed over the sums right in it. */
NodeId expand_once(Store *s, NodeId x);
/* About how many symbols and operators x has when it is printed. */
uint32_t cost_node(Store *s, NodeId x);
/* The sums in x (0: none), as a map to be given back; NULL on failure. */
Map *factor_sums(Store *s, NodeId x);
/* x with common factors of sums collected. Those in `kept` stay as they are. */
NodeId factor_collect(Store *s, NodeId x, const Map *kept);
/* The shortest form found of x. */
NodeId textbook_form(Store *s, NodeId x, NodeId input);

#endif
