/* power.c: powers of scalars and of square matrices. The numbers in front of a sum or product are
** moved out of the base if their power is real. */
#include "algebra/power.h"

#include "algebra/build.h"
#include "algebra/exponent.h"
#include "algebra/product.h"
#include "core/dim.h"
#include "core/number.h"

NodeId power_of_scalar(Store *s, NodeId base, NodeId e) {
  int64_t num, den;
  bool exact = number_get(s, e, &num, &den), whole = exact && den == 1;
  if (node_number(s, base)) {
    if (whole) return number_pow(s, base, num);
    if (base == s->one) return base;
    if (base == s->zero) {
      if (exact && num > 0) return base;
      return store_fail(s, STORE_DOMAIN, "division by zero");
    }
    if (exact && number_sign(s, base) > 0) {
      NodeId root = number_root(s, base, den);
      if (root) return number_pow(s, root, num);
      if (s->status != STORE_OK) return 0;
      if (num > den || num < 0) { /* keep the exponent in (0, 1) */
        int64_t floor = num >= 0 ? num / den : -((-num + den - 1) / den);
        return build_mul(s, number_pow(s, base, floor),
                         power_of_scalar(s, base, number_ratio(s, num - floor * den, den)));
      }
    }
    return node_intern(s, OP_POWER, (NodeId[2]){base, e}, 2, DIM_ONE, DIM_ONE);
  }
  if (node_op(s, base) == OP_POWER && exponent_multiplies(s, node_child(s, base, 1), e))
    return build_power(s, node_child(s, base, 0), build_mul(s, node_child(s, base, 1), e));
  NodeId self = base, outside = s->one, content = s->one;
  if (node_op(s, base) == OP_SUM) content = build_content(s, base, &self);
  if (node_op(s, base) == OP_PRODUCT) {
    ProductView p = view_product(s, base, &self);
    if (whole && p.scalars > 0) { /* a power of a product of scalars */
      NodeId r = number_pow(s, p.coefficient, num);
      for (uint32_t i = 0; r && i < p.scalars; i++) {
        NodeId f = node_op(s, base) == OP_PRODUCT && p.scalar[i] != base
                       ? build_power(s, p.scalar[i], e)
                       : 0;
        if (!f) { /* a chain: no parts */
          f = node_intern(s, OP_POWER, (NodeId[2]){base, e}, 2, DIM_ONE, DIM_ONE);
        }
        r = build_mul(s, r, f);
      }
      return r;
    }
    content = p.coefficient;
    self = base;
    if (content != s->one) self = product_unit(s, base);
  }
  if (!content || !self) return 0;
  if (content != s->one && exact && (whole || number_sign(s, content) > 0)) {
    outside = whole ? number_pow(s, content, num) : power_of_scalar(s, content, e);
    base = self;
    if (node_op(s, base) == OP_PRODUCT || node_op(s, base) == OP_POWER)
      return build_mul(s, outside, build_power(s, base, e));
  } else if (content != s->one && exact && !whole && number_sign(s, content) < 0) {
    /* the sign stays inside: only the absolute value comes out */
    NodeId size = number_neg(s, content);
    if (size != s->one) {
      NodeId inner =
          node_op(s, base) == OP_SUM ? build_neg(s, self) : product_scale(s, s->minus_one, self);
      if (!inner) return 0;
      return build_mul(
          s, power_of_scalar(s, size, e),
          node_normalise(s, node_intern(s, OP_POWER, (NodeId[2]){inner, e}, 2, DIM_ONE, DIM_ONE)));
    }
  }
  NodeId r = node_normalise(s, node_intern(s, OP_POWER, (NodeId[2]){base, e}, 2, DIM_ONE, DIM_ONE));
  return outside == s->one ? r : build_mul(s, outside, r);
}

static NodeId matrix_power(Store *s, NodeId base, NodeId e) {
  DimId n = node_rows(s, base);
  int64_t k, m;
  bool whole = number_get_int(s, e, &k);
  uint32_t op = node_op(s, base);
  if (op == OP_IDENTITY) return base;
  if (op == OP_ZEROS && (!whole || k < 0))
    return store_fail(s, STORE_DOMAIN, "the inverse of a zero matrix");
  if (op == OP_ZEROS) return base;
  if (op == OP_POWER && whole && number_get_int(s, node_child(s, base, 1), &m))
    return build_power(s, node_child(s, base, 0), number_mul(s, node_child(s, base, 1), e));
  if (op == OP_POWER && whole)
    return build_power(s, node_child(s, base, 0), build_mul(s, node_child(s, base, 1), e));
  if (op == OP_SUM && whole) {
    NodeId primitive, content = build_content(s, base, &primitive);
    if (!content) return 0;
    if (content != s->one)
      return build_scale(s, number_pow(s, content, k), build_power(s, primitive, e));
  }
  if (!whole && exponent_whole(s, e)) {
    if (op == OP_POWER && exponent_whole(s, node_child(s, base, 1)))
      return build_power(s, node_child(s, base, 0), build_mul(s, node_child(s, base, 1), e));
    NodeId rest = base, scalar = s->one; /* a sign stays inside */
    if (op == OP_SUM) scalar = build_content(s, base, &rest);
    else if (op == OP_PRODUCT) scalar = product_split(s, base, &rest);
    if (!scalar || !rest) return 0;
    NodeId self;
    if (number_sign(s, view_product(s, scalar, &self).coefficient) < 0) {
      scalar = build_neg(s, scalar);
      rest = build_neg(s, rest);
    }
    if (scalar != s->one) return build_mul(s, build_power(s, scalar, e), build_power(s, rest, e));
  }
  if (op == OP_PRODUCT && whole) {
    NodeId self;
    ProductView p = view_product(s, base, &self);
    if (p.coefficient != s->one || p.scalars) {
      NodeId rest, scalar = product_split(s, base, &rest);
      return build_mul(s, build_power(s, scalar, e), build_power(s, rest, e));
    }
    bool square = true;
    for (uint32_t i = 0; i < p.links; i++)
      square = square && node_rows(s, p.chain[i]) == node_cols(s, p.chain[i]);
    if (k == -1 && square) {
      Vec v;
      vec_init(&v);
      bool ok = true;
      for (uint32_t i = p.links; ok && i-- > 0;) {
        NodeId f = build_inv(s, p.chain[i]);
        ok = f && vec_push(s, &v, f);
      }
      NodeId r = ok ? build_product(s, v.v, v.n) : 0;
      vec_done(s, &v);
      return r;
    }
    if ((k > 1 || (k < -1 && square)) && (k < 0 ? -k : k) * (int64_t)p.links <= 24) {
      NodeId unit = k > 0 ? base : build_inv(s, base), r = unit;
      for (int64_t i = k < 0 ? -k : k; r && i > 1; i--) r = build_mul(s, r, unit);
      return r;
    }
  }
  return node_normalise(s, node_intern(s, OP_POWER, (NodeId[2]){base, e}, 2, n, n));
}

NodeId build_power(Store *s, NodeId base, NodeId e) {
  if (!base || !e) return 0;
  char r[60], c[60];
  if (!node_scalar(s, e))
    return store_fail(s, STORE_SHAPE, "the exponent of a power must be a scalar");
  if (node_rows(s, base) != node_cols(s, base))
    return store_fail(s, STORE_SHAPE, "a power of a %s x %s matrix: it must be square",
                      dim_text(s, node_rows(s, base), r, 60),
                      dim_text(s, node_cols(s, base), c, 60));
  if (e == s->one) return base;
  if (e == s->zero) return build_identity(s, node_rows(s, base));
  return node_scalar(s, base) ? power_of_scalar(s, base, e) : matrix_power(s, base, e);
}

NodeId build_inv(Store *s, NodeId a) { return build_power(s, a, s->minus_one); }
