/* simplify.h: simplification by rules. */
#ifndef SIMPLIFY_H
#define SIMPLIFY_H

#include "core/node.h"

/* x rewritten by the simplification rules, innermost first, until none applies. */
NodeId simplify_node(Store *s, NodeId x);

#endif
