/* cost.h: how long an expression is when it is printed. */
#ifndef COST_H
#define COST_H

#include "core/node.h"

/* About how many symbols and operators x has when it is printed. */
uint32_t cost_node(Store *s, NodeId x);

#endif
