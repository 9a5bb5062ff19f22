/* view.c: a node seen as a product. */
#include "core/view.h"

ProductView view_product(const Store *s, NodeId id, NodeId *self) {
  ProductView p = {s->one, self, self, 0, 0};
  *self = id;
  if (node_op(s, id) == OP_NUMBER) {
    p.coefficient = id;
  } else if (node_op(s, id) == OP_PRODUCT &&
             !(node_scalar(s, id) && !node_scalar(s, node_child(s, id, 1)))) {
    uint32_t n = node_arity(s, id), i = 1;
    const NodeId *c = node_children(s, id);
    while (i < n && node_scalar(s, c[i])) i++;
    p.coefficient = c[0];
    p.scalar = c + 1;
    p.scalars = i - 1;
    p.chain = c + i;
    p.links = n - i;
  } else if (node_scalar(s, id)) {
    p.scalars = 1;
  } else {
    p.links = 1;
  }
  return p;
}
