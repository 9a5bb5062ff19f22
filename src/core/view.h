/* view.h: to see any node as a product and as a power. Nothing is made. */
#ifndef VIEW_H
#define VIEW_H

#include "core/node.h"

/* Factors of a product node: scalar factors are children 1 .. chain-1, the chain the rest. */
typedef struct {
  NodeId coefficient;
  const NodeId *scalar, *chain;
  uint32_t scalars, links;
} ProductView;
/* View any node as a product (a lone node as one factor); *self holds it. */
ProductView view_product(const Store *s, NodeId id, NodeId *self);
/* Base and exponent of a power; a node is its own first power. */
static inline NodeId power_base(const Store *s, NodeId a) {
  return node_op(s, a) == OP_POWER ? node_child(s, a, 0) : a;
}
static inline NodeId power_exponent(const Store *s, NodeId a) {
  return node_op(s, a) == OP_POWER ? node_child(s, a, 1) : s->one;
}

#endif
