/* trace.c: a trace is the same for each rotation of its chain and for the transpose: of all these
   the least is kept. */
#include "algebra/trace.h"

#include "algebra/build.h"
#include "algebra/chain.h"
#include "algebra/counted.h"
#include "algebra/product.h"
#include "algebra/size.h"
#include "core/order.h"

/* Index of the least rotation of c (Booth's algorithm on node order). */
static uint32_t least_rotation(const Store *s, const NodeId *c, uint32_t n) {
  uint32_t i = 0, j = 1, k = 0;
  while (i < n && j < n && k < n) {
    int o = order_compare(s, c[(i + k) % n], c[(j + k) % n]);
    if (o == 0) {
      k++;
      continue;
    }
    if (o > 0) i += k + 1;
    else j += k + 1;
    if (i == j) j++;
    k = 0;
  }
  return i < j ? i : j;
}

static bool rotate(Store *s, const NodeId *c, uint32_t n, uint32_t by, Vec *out) {
  out->n = 0;
  for (uint32_t i = 0; i < n; i++)
    if (!vec_push(s, out, c[(i + by) % n])) return false;
  return true;
}

/* The trace of a chain with a counted sum among its links, if the trace of a term does not depend
   on the counter; otherwise 0. */
static NodeId trace_of_counted(Store *s, uint32_t op, const NodeId *c, uint32_t n) {
  for (uint32_t at = 0; at < n; at++) {
    if (node_op(s, c[at]) != OP_COUNTED_SUM) continue;
    NameId counter = node_words(s, c[at])[0];
    bool clash = false, ok = true;
    Vec term;
    vec_init(&term);
    for (uint32_t i = 0; ok && i < n; i++) {
      clash = clash || (i != at && counted_holds(s, c[i], counter));
      ok = vec_push(s, &term, i == at ? node_child(s, c[at], 2) : c[i]);
    }
    NodeId inner = ok && !clash ? build_product(s, term.v, n) : 0;
    vec_done(s, &term);
    if (inner) inner = build_operator(s, op, &inner, 1);
    if (!inner || counted_holds(s, inner, counter)) continue;
    return counted_with_body(s, c[at], inner);
  }
  return 0;
}

/* Do the ends of a cyclic chain commute or merge, as functions of one matrix, with another matrix
   between them? */
static bool ends_meet(const Store *s, const NodeId *c, uint32_t n) {
  NodeId own = product_core(s, c[0]);
  if (n < 2 || node_rows(s, own) != node_cols(s, own)) return false;
  if (power_base(s, c[0]) == power_base(s, c[n - 1])) return true;
  bool other = false;
  for (uint32_t i = 1; i < n && !other; i++) other = product_core(s, c[i]) != own;
  return other && product_core(s, c[n - 1]) == own;
}

NodeId trace_apply(Store *s, uint32_t op, NodeId a) {
  NodeId self, r = 0;
  if (node_op(s, a) == OP_IDENTITY) return size_node(s, node_rows(s, a));
  if (node_op(s, a) == OP_ONES) return size_node(s, node_rows(s, a));
  if (node_op(s, a) != OP_PRODUCT) {
    NodeId t = build_transpose(s, a), sign = s->one;
    if (!t) return 0;
    uint32_t ta = node_op(s, a) == OP_TRANSPOSE, tt = node_op(s, t) == OP_TRANSPOSE;
    if (node_op(s, t) == OP_SUM) sign = build_content(s, t, &t);
    /* a sign, by skew(a) */
    else if (node_op(s, t) == OP_PRODUCT && node_child(s, t, 0) != s->one) {
      sign = node_child(s, t, 0);
      t = product_unit(s, t);
    }
    if (!sign || !t) return 0;
    if (chain_vanishes(s, t == a ? 0 : 1, sign)) return s->zero;
    if (tt < ta || (ta == tt && order_compare(s, t, a) < 0)) a = t;
    else sign = s->one;
    return build_mul(s, sign, node_normalise(s, node_intern(s, op, &a, 1, DIM_ONE, DIM_ONE)));
  }
  ProductView p = view_product(s, a, &self);
  Vec one, two;
  vec_init(&one);
  vec_init(&two);
  bool ok = true;
  uint32_t n = p.links;
  uint32_t narrow = n;
  for (uint32_t i = 0; i < n && narrow == n; i++)
    if (node_cols(s, p.chain[i]) == DIM_ONE) narrow = i + 1;
  if (narrow < n) { /* an inner dimension 1: a scalar */
    ok = rotate(s, p.chain, n, narrow, &one);
    r = ok ? build_product(s, one.v, n) : 0;
  } else if (ends_meet(s, p.chain, n)) {
    ok = rotate(s, p.chain, n, n - 1, &one);
    NodeId merged = ok ? build_product(s, one.v, n) : 0;
    r = merged ? build_operator(s, op, &merged, 1) : 0;
  } else if ((r = trace_of_counted(s, op, p.chain, n))) {
    ok = true;
  } else {
    NodeId sign;
    ok = product_join(s, p.chain, n, true, &one, &sign);
    bool same_length = ok && one.n == n;
    ok = ok && (!same_length || rotate(s, one.v, n, least_rotation(s, one.v, n), &two));
    ok = ok && rotate(s, p.chain, n, least_rotation(s, p.chain, n), &one);
    if (ok) {
      int order = same_length ? chain_order(s, two.v, one.v, n) : 1;
      bool transposed = order < 0;
      if (chain_vanishes(s, order, sign)) {
        r = s->zero;
        goto done;
      }
      NodeId arg = product_links(s, transposed ? two.v : one.v, n);
      NodeId hold;
      /* a rule may have changed the rotated product */
      ProductView q = arg ? view_product(s, arg, &hold) : p;
      if (arg && (q.scalars || q.coefficient != s->one || node_op(s, arg) != OP_PRODUCT))
        r = build_operator(s, op, &arg, 1);
      else if (arg) r = node_normalise(s, node_intern(s, op, &arg, 1, DIM_ONE, DIM_ONE));
      if (transposed) r = build_mul(s, sign, r);
    }
  }
done:
  vec_done(s, &one);
  vec_done(s, &two);
  return r;
}
