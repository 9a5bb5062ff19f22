/* transpose.c: transposes, pushed down to the leaves and to the operators without a rule for their
** transpose. The store remembers them, so that the two orientations of a chain cost little. */
#include "algebra/build.h"
#include "algebra/operator.h"
#include "algebra/product.h"

static bool transposes_through(const Store *s, NodeId a) {
  uint32_t op = node_op(s, a);
  if (node_scalar(s, a)) return false;
  if (op == OP_SUM || op == OP_PRODUCT || op == OP_HADAMARD || op == OP_POWER || op == OP_ELPOWER ||
      op == OP_COUNTED_SUM)
    return true;
  return op >= OP_FIRST_USER &&
         operator_at(s, op)->flags &
             (OPERATOR_ELEMENTWISE | OPERATOR_MATRIX_FUNCTION | OPERATOR_TRANSPOSE_EQUIVARIANT);
}

/* Can the transposed links of a chain, the last one first, be written down as they are? So it is
   where each stays a link (the transpose A' - A of a sum A - A' gives a sign away), and no two
   neighbours merge or change places. */
static bool links_stay(Store *s, const NodeId *links, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    uint32_t op = node_op(s, links[i]);
    NodeId rest;
    if (op != OP_SYMBOL && op != OP_TRANSPOSE && op != OP_SUM) return false;
    if (op == OP_SUM && build_content(s, links[i], &rest) != s->one) return false;
    if (i && product_core(s, links[i]) == product_core(s, links[i - 1])) return false;
  }
  return true;
}

/* The transpose of a product, whose coefficient and scalars stay; v: its factors, transposed, the
   last one first. */
static NodeId transpose_product(Store *s, NodeId a, const Vec *v) {
  NodeId self;
  ProductView p = product_factors(s, a, &self);
  if (p.links < 2 || !links_stay(s, v->v, p.links)) return build_product(s, v->v, v->n);
  Vec out;
  vec_init(&out);
  bool ok = vec_push(s, &out, p.coefficient);
  for (uint32_t i = 0; ok && i < p.scalars; i++) ok = vec_push(s, &out, p.scalar[i]);
  for (uint32_t i = 0; ok && i < p.links; i++) ok = vec_push(s, &out, v->v[i]);
  NodeId t =
      ok ? node_intern(s, OP_PRODUCT, out.v, out.n, node_cols(s, a), node_rows(s, a)) : 0;
  vec_done(s, &out);
  return node_normalise(s, t);
}

/* The transpose of a, whose parts' transposes are in the memo. */
static NodeId transpose_one(Store *s, NodeId a) {
  DimId rows = node_rows(s, a), cols = node_cols(s, a);
  uint32_t op = node_op(s, a), n = node_arity(s, a);
  const NodeId *c = node_children(s, a);
  if (node_scalar(s, a) || op == OP_IDENTITY) return a;
  if (op == OP_TRANSPOSE) return c[0];
  if (op == OP_ONES) return build_ones(s, cols, rows);
  if (op == OP_ZEROS) return build_zeros(s, cols, rows);
  if (!transposes_through(s, a))
    return node_normalise(s, node_intern(s, OP_TRANSPOSE, &a, 1, cols, rows));
  Vec v;
  vec_init(&v);
  bool ok = true;
  NodeId r = 0;
  for (uint32_t i = 0; ok && i < n; i++) {
    NodeId child = op == OP_PRODUCT ? c[n - 1 - i] : c[i];
    ok = vec_push(s, &v, node_scalar(s, child) ? child : map_get(&s->transposes, child));
  }
  if (ok && op == OP_SUM) r = build_with_children(s, a, v.v);
  else if (ok && op == OP_PRODUCT) r = transpose_product(s, a, &v);
  else if (ok && op == OP_HADAMARD) r = build_hadamard(s, v.v, n);
  else if (ok && op == OP_POWER) r = build_power(s, v.v[0], c[1]);
  else if (ok && op == OP_ELPOWER) r = build_elpower(s, v.v[0], c[1]);
  else if (ok && op == OP_COUNTED_SUM)
    r = build_counted(s, node_words(s, a)[0], c[0], c[1], v.v[2]);
  else if (ok) r = build_operator(s, op, v.v, n);
  vec_done(s, &v);
  return r;
}

/* The transpose of what has none made of those of its parts. It is remembered, unless it may depend
   on attributes. */
static NodeId transpose_whole(Store *s, NodeId a) {
  NodeId t = transpose_one(s, a);
  bool lasting = t && t != a && !(node_flags(s, a) & FLAG_ATTRIBUTE);
  return !lasting || map_put(s, &s->transposes, a, t) ? t : 0;
}

NodeId build_transpose(Store *s, NodeId a) {
  if (!a || node_scalar(s, a)) return a;
  NodeId known = map_get(&s->transposes, a);
  if (known) return known;
  if (!transposes_through(s, a)) return transpose_whole(s, a);
  Vec stack;
  vec_init(&stack);
  bool ok = vec_push(s, &stack, a);
  while (ok && stack.n) {
    NodeId x = stack.v[stack.n - 1];
    bool ready = true;
    if (!map_get(&s->transposes, x) && transposes_through(s, x)) {
      uint32_t n = node_arity(s, x);
      const NodeId *c = node_children(s, x);
      for (uint32_t i = 0; ok && i < n; i++)
        if (!node_scalar(s, c[i]) && !map_get(&s->transposes, c[i])) {
          ok = vec_push(s, &stack, c[i]);
          ready = false;
        }
    }
    if (!ok || !ready) continue;
    stack.n--;
    if (map_get(&s->transposes, x)) continue;
    NodeId t = transpose_one(s, x);
    ok = t && map_put(s, &s->transposes, x, t);
    /* if a rule has rewritten x', the transpose of the result need not be x; where attributes act,
       x may be a node that was made without them, as A'*S'*A is, and t' is A'*S*A */
    bool acting = s->attributes_act && node_flags(s, x) & FLAG_ATTRIBUTE;
    bool plain = t && !acting &&
                 (node_op(s, t) == node_op(s, x) || node_op(s, t) == OP_TRANSPOSE ||
                  node_op(s, x) == OP_TRANSPOSE);
    ok = ok && (!plain || map_put(s, &s->transposes, t, x));
  }
  vec_done(s, &stack);
  return ok ? map_get(&s->transposes, a) : 0;
}
