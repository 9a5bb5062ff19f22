/* chain.c: a 1 x 1 chain is a scalar: a sum of entries if it begins or ends with ones, u'*v for one
** pool of factors if it begins or ends with a Hadamard product, else the chain or its transpose. */
#include "algebra/chain.h"

#include "algebra/build.h"
#include "algebra/operator.h"
#include "algebra/product.h"
#include "algebra/size.h"
#include "core/number.h"
#include "core/order.h"

/* How many transposes a chain shows; a row whose transpose is inside, f(x'), counts as two. */
static uint32_t count_transposes(const Store *s, const NodeId *c, uint32_t n) {
  uint32_t k = 0;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t op = node_op(s, power_base(s, c[i]));
    if (op == OP_TRANSPOSE) k++;
    else if (op != OP_SYMBOL && op != OP_ONES && op != OP_DERIVATIVE &&
             node_rows(s, c[i]) == DIM_ONE && node_cols(s, c[i]) != DIM_ONE)
      k += 2;
  }
  return k;
}

int chain_order(const Store *s, const NodeId *a, const NodeId *b, uint32_t n) {
  uint32_t p = count_transposes(s, a, n), q = count_transposes(s, b, n);
  if (p != q) return p < q ? -1 : 1;
  for (uint32_t i = 0; i < n; i++) {
    int k = order_compare(s, a[i], b[i]);
    if (k) return k;
  }
  return 0;
}

static NodeId total(Store *s, NodeId a) {
  if (s->ops->sum_of_entries) return build_operator(s, s->ops->sum_of_entries, &a, 1);
  NodeId c[3] = {build_ones(s, DIM_ONE, node_rows(s, a)), a,
                 build_ones(s, node_cols(s, a), DIM_ONE)};
  return product_links(s, c, node_cols(s, a) == DIM_ONE ? 2 : 3);
}

bool chain_vanishes(const Store *s, int order, NodeId sign) {
  return order == 0 && sign != s->one && node_number(s, sign);
}

/* A 1 x 1 chain or its transpose: the smaller of the two. */
static NodeId oriented(Store *s, const NodeId *c, uint32_t n) {
  Vec transposed;
  vec_init(&transposed);
  NodeId sign, r = 0;
  if (product_join(s, c, n, true, &transposed, &sign)) {
    int order = transposed.n == n ? chain_order(s, transposed.v, c, n) : 1;
    r = chain_vanishes(s, order, sign) ? s->zero
                                       : product_links(s, order < 0 ? transposed.v : c, n);
    if (order < 0) r = build_mul(s, sign, r);
  }
  vec_done(s, &transposed);
  return r;
}

static bool hadamard_like(const Store *s, NodeId a) {
  uint32_t op = node_op(s, a);
  return op == OP_HADAMARD || op == OP_ELPOWER;
}

NodeId chain_pool(Store *s, NodeId h) {
  NodeId left = 0, rest;
  if (!hadamard_like(s, h)) return 0;
  if (node_rows(s, h) == DIM_ONE) h = build_transpose(s, h);
  if (!h || node_cols(s, h) != DIM_ONE) return 0;
  uint32_t n = node_op(s, h) == OP_ELPOWER ? 1 : node_arity(s, h), at = 0;
  /* the first product, or else the first plain factor */
  for (uint32_t i = 0; n > 1 && i < n; i++) {
    NodeId f = node_child(s, h, i);
    if (node_op(s, f) != OP_PRODUCT && (left || node_op(s, f) == OP_ELPOWER)) continue;
    left = f;
    at = i;
    if (node_op(s, f) == OP_PRODUCT) break;
  }
  for (uint32_t i = 0; i < n && !left; i++) {
    NodeId f = n == 1 ? h : node_child(s, h, i);
    int64_t e;
    if (node_op(s, f) == OP_ELPOWER && number_get_int(s, node_child(s, f, 1), &e) && e >= 2 &&
        (n == 1 || i + 1 == n)) {
      left = node_child(s, f, 0);
      at = i;
    }
  }
  if (!left) return 0;
  Vec others;
  vec_init(&others);
  bool ok = true;
  for (uint32_t i = 0; ok && i < n; i++) {
    NodeId f = n == 1 ? h : node_child(s, h, i);
    if (i == at && node_op(s, f) == OP_ELPOWER && left == node_child(s, f, 0))
      f = build_elpower(s, left, build_sub(s, node_child(s, f, 1), s->one));
    else if (i == at) continue;
    ok = vec_push(s, &others, f);
  }
  rest = ok ? build_hadamard(s, others.v, others.n) : 0;
  vec_done(s, &others);
  if (!rest) return 0;
  Vec c;
  vec_init(&c);
  NodeId factors[2] = {build_transpose(s, left), rest}, outside, r = 0;
  if (product_join(s, factors, 2, false, &c, &outside)) {
    bool zero = outside == s->zero;
    /* a sum of entries again, of a product */
    bool ones = !zero && (node_op(s, c.v[0]) == OP_ONES || node_op(s, c.v[c.n - 1]) == OP_ONES);
    r = zero ? outside
             : build_mul(s, outside, ones ? chain_scalar(s, c.v, c.n) : oriented(s, c.v, c.n));
  }
  vec_done(s, &c);
  return r;
}

NodeId chain_scalar(Store *s, const NodeId *c, uint32_t n) {
  if (n == 1) return c[0];
  if (node_op(s, c[0]) == OP_ONES && node_op(s, c[n - 1]) == OP_ONES && n == 2)
    return size_node(s, node_cols(s, c[0]));
  if (node_op(s, c[0]) == OP_ONES) {
    NodeId rest = product_links(s, c + 1, n - 1);
    return rest ? total(s, rest) : 0;
  }
  if (node_op(s, c[n - 1]) == OP_ONES) {
    NodeId rest = build_transpose(s, product_links(s, c, n - 1));
    return rest ? total(s, rest) : 0;
  }
  bool front = hadamard_like(s, c[0]), back = hadamard_like(s, c[n - 1]);
  /* a Hadamard product at one end: all factors in one pool */
  if (front != back || (front && n == 2)) {
    NodeId f[2];
    f[0] = build_transpose(s, front ? c[0] : product_links(s, c, n - 1));
    f[1] = front ? product_links(s, c + 1, n - 1) : c[n - 1];
    NodeId h = build_hadamard(s, f, 2);
    return h ? total(s, h) : 0;
  }
  return oriented(s, c, n);
}
