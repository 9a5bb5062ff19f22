/* hadamard.c: Hadamard products and elementwise powers. Factors of one base add exponents; scalars
   come out in front. */
#include "algebra/build.h"
#include "algebra/exponent.h"
#include "algebra/power.h"
#include "algebra/product.h"
#include "core/dim.h"
#include "core/number.h"
#include "core/order.h"

NodeId build_elpower(Store *s, NodeId base, NodeId e) {
  if (!base || !e) return 0;
  if (node_scalar(s, base)) return build_power(s, base, e);
  if (!node_scalar(s, e))
    return store_fail(s, STORE_SHAPE, "the exponent of an elementwise power must be a scalar");
  DimId rows = node_rows(s, base), cols = node_cols(s, base);
  uint32_t op = node_op(s, base);
  int64_t num = 0, den = 0;
  bool exact = number_get(s, e, &num, &den), whole = exact && den == 1;
  if (e == s->one || op == OP_ONES) return base;
  if (e == s->zero) return build_ones(s, rows, cols);
  if (op == OP_ZEROS) {
    if (exact && num > 0) return base;
    return store_fail(s, STORE_DOMAIN, "division by zero");
  }
  if (op == OP_ELPOWER && exponent_multiplies(s, node_child(s, base, 1), e))
    return build_elpower(s, node_child(s, base, 0), build_mul(s, node_child(s, base, 1), e));
  if (op == OP_SUM && exact) {
    NodeId primitive, content = build_content(s, base, &primitive);
    if (!content) return 0;
    if (!whole && number_sign(s, content) < 0) {
      content = number_neg(s, content);
      primitive = build_neg(s, primitive);
      if (content == s->one)
        return node_normalise(s, node_intern(s, OP_ELPOWER, (NodeId[2]){base, e}, 2, rows, cols));
    }
    if (content != s->one)
      return build_mul(
          s, power_of_scalar(s, content, e),
          node_normalise(s, node_intern(s, OP_ELPOWER, (NodeId[2]){primitive, e}, 2, rows, cols)));
  }
  if (op == OP_PRODUCT && exact) {
    NodeId rest, scalar = product_split(s, base, &rest);
    if (!scalar || !rest) return 0;
    if (scalar != s->one && whole)
      return build_mul(s, build_power(s, scalar, e), build_elpower(s, rest, e));
    if (node_number(s, scalar) && number_sign(s, scalar) > 0 && scalar != s->one)
      return build_mul(s, power_of_scalar(s, scalar, e), build_elpower(s, rest, e));
    NodeId self;
    ProductView p = view_product(s, rest, &self); /* an outer product column*row */
    if (whole && p.links == 2 && node_cols(s, p.chain[0]) == DIM_ONE)
      return build_mul(s, build_elpower(s, p.chain[0], e), build_elpower(s, p.chain[1], e));
  }
  if (op == OP_HADAMARD && whole) {
    Vec v;
    vec_init(&v);
    bool ok = true;
    for (uint32_t i = 0; ok && i < node_arity(s, base); i++) {
      NodeId f = build_elpower(s, node_child(s, base, i), e);
      ok = f && vec_push(s, &v, f);
    }
    NodeId r = ok ? build_hadamard(s, v.v, v.n) : 0;
    vec_done(s, &v);
    return r;
  }
  return node_normalise(s, node_intern(s, OP_ELPOWER, (NodeId[2]){base, e}, 2, rows, cols));
}

static NodeId elpower_base(const Store *s, NodeId a) {
  return node_op(s, a) == OP_ELPOWER ? node_child(s, a, 0) : a;
}

static NodeId elpower_exponent(const Store *s, NodeId a) {
  return node_op(s, a) == OP_ELPOWER ? node_child(s, a, 1) : s->one;
}

NodeId build_hadamard(Store *s, const NodeId *f, uint32_t n) {
  DimId rows = DIM_ONE, cols = DIM_ONE;
  bool shaped = false, zero = false, ok = true;
  for (uint32_t i = 0; i < n; i++) {
    if (!f[i]) return 0;
    if (node_scalar(s, f[i])) continue;
    if (shaped && (rows != node_rows(s, f[i]) || cols != node_cols(s, f[i]))) {
      char t[4][60];
      return store_fail(s, STORE_SHAPE, "a Hadamard product of %s x %s and %s x %s",
                        dim_text(s, rows, t[0], 60), dim_text(s, cols, t[1], 60),
                        dim_text(s, node_rows(s, f[i]), t[2], 60),
                        dim_text(s, node_cols(s, f[i]), t[3], 60));
    }
    rows = node_rows(s, f[i]);
    cols = node_cols(s, f[i]);
    shaped = true;
  }
  if (!shaped) return build_product(s, f, n);
  NodeId scalar = s->one;
  Vec pairs, stack, out;
  vec_init(&pairs);
  vec_init(&stack);
  vec_init(&out);
  for (uint32_t i = n; ok && i-- > 0;) ok = vec_push(s, &stack, f[i]);
  while (ok && stack.n) {
    NodeId x = stack.v[--stack.n], rest = x;
    if (!x) ok = false;
    else if (node_scalar(s, x)) scalar = build_mul(s, scalar, x);
    else if (node_op(s, x) == OP_ZEROS) zero = true;
    else if (node_op(s, x) == OP_ONES) continue;
    else if (node_op(s, x) == OP_HADAMARD)
      for (uint32_t i = node_arity(s, x); ok && i-- > 0;)
        ok = vec_push(s, &stack, node_child(s, x, i));
    else {
      if (node_op(s, x) == OP_SUM) scalar = build_mul(s, scalar, build_content(s, x, &rest));
      else if (node_op(s, x) == OP_PRODUCT)
        scalar = build_mul(s, scalar, product_split(s, x, &rest));
      if (rest && node_op(s, rest) == OP_ONES) continue;
      if (rest != x && rest && node_op(s, rest) == OP_HADAMARD) ok = vec_push(s, &stack, rest);
      else
        ok = rest && vec_push(s, &pairs, elpower_base(s, rest)) &&
             vec_push(s, &pairs, elpower_exponent(s, rest));
    }
    ok = ok && scalar;
  }
  NodeId r = 0;
  ok = ok && order_sort(s, pairs.v, pairs.n / 2, 2, 0);
  bool again = false;
  for (uint32_t i = 0; ok && i < pairs.n;) {
    NodeId base = pairs.v[i], e = pairs.v[i + 1];
    uint32_t j = i + 2;
    for (; e && j < pairs.n && pairs.v[j] == base; j += 2) e = build_add(s, e, pairs.v[j + 1]);
    bool merged = j > i + 2;
    i = j;
    if (e == s->zero) continue;
    NodeId x = e ? build_elpower(s, base, e) : 0;
    ok = x && vec_push(s, &out, x);
    again = again || (ok && merged && elpower_base(s, x) != base);
  }
  if (ok && zero) r = build_zeros(s, rows, cols);
  else if (ok && again) r = build_hadamard(s, out.v, out.n);
  else if (ok && out.n == 0) r = build_ones(s, rows, cols);
  else if (ok && out.n == 1) r = out.v[0];
  else if (ok) r = node_normalise(s, node_intern(s, OP_HADAMARD, out.v, out.n, rows, cols));
  vec_done(s, &pairs);
  vec_done(s, &stack);
  vec_done(s, &out);
  return r && scalar != s->one ? build_mul(s, scalar, r) : r;
}
