/* rebuild.c: nodes made again with other children. */
#include "algebra/rebuild.h"

#include "algebra/build.h"
#include "algebra/sum.h"

NodeId build_with_children(Store *s, NodeId like, const NodeId *c) {
  uint32_t op = node_op(s, like), n = node_arity(s, like), *w = node_words(s, like);
  DimId rows = node_rows(s, like), cols = node_cols(s, like);
  switch (op) {
    case OP_SUM: {
      Vec v;
      vec_init(&v);
      bool ok = true;
      for (uint32_t i = 0; ok && i < n; i += 2)
        ok = c[i] && c[i + 1] && sum_add(s, &v, c[i], c[i + 1]);
      NodeId r = ok && n ? sum_finish(s, &v, node_rows(s, c[1]), node_cols(s, c[1])) : 0;
      vec_done(s, &v);
      return r;
    }
    case OP_PRODUCT: return build_product(s, c, n);
    case OP_POWER: return build_power(s, c[0], c[1]);
    case OP_HADAMARD: return build_hadamard(s, c, n);
    case OP_ELPOWER: return build_elpower(s, c[0], c[1]);
    case OP_TRANSPOSE: return build_transpose(s, c[0]);
    case OP_CALL: return build_call(s, c[0], c[1]);
    case OP_DERIVATIVE: return build_derivative(s, c[0], c[1], w[0], rows, cols);
    case OP_DIFF: return build_diff(s, c[0]);
    case OP_COUNTED_SUM: return build_counted(s, w[0], c[0], c[1], c[2]);
    case OP_FUNCTION: return like;
    default: return op >= OP_FIRST_USER ? build_operator(s, op, c, n) : like;
  }
}

NodeId rebuild_node(Store *s, NodeId x, const Map *memo, bool always) {
  Vec c;
  vec_init(&c);
  bool changed = false, ok = true;
  uint32_t n = node_arity(s, x);
  for (uint32_t i = 0; ok && i < n; i++) {
    NodeId old = node_child(s, x, i), new = map_get(memo, old);
    if (!new) new = old;
    changed = changed || new != old;
    ok = vec_push(s, &c, new);
  }
  NodeId r = !ok ? 0 : changed || always ? build_with_children(s, x, c.v) : x;
  vec_done(s, &c);
  return r;
}

NodeId build_replace(Store *s, NodeId a, const NodeId *from, const NodeId *to, uint32_t n) {
  if (!a) return 0;
  Map *memo = map_take(s);
  Vec order;
  vec_init(&order);
  bool ok = memo && node_postorder(s, a, &order, node_is_function, NULL);
  for (uint32_t i = 0; ok && i < n; i++) ok = to[i] && map_put(s, memo, from[i], to[i]);
  for (uint32_t i = 0; ok && i < order.n; i++) {
    NodeId x = order.v[i];
    if (map_get(memo, x)) continue;
    NodeId y = rebuild_node(s, x, memo, false);
    ok = y && (y == x || map_put(s, memo, x, y));
  }
  NodeId r = ok ? map_get(memo, a) : 0;
  if (ok && !r) r = a;
  vec_done(s, &order);
  map_give(s, memo);
  return r;
}
