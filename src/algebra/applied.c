/* applied.c: applied operators of rule files, in the normal form that the flags of the operator
** allow. */
#include <string.h>

#include "algebra/applied.h"
#include "algebra/build.h"
#include "algebra/chain.h"
#include "algebra/counted.h"
#include "algebra/operator.h"
#include "algebra/product.h"
#include "algebra/size.h"
#include "algebra/sum.h"
#include "algebra/trace.h"
#include "core/number.h"
#include "core/order.h"

/* Pull numbers and scalars out of each argument of a linear operator, numbers only of an additive
   one; the scalar, or 0. */
static NodeId pull_scalars(Store *s, const Operator *o, NodeId *args, uint32_t n) {
  NodeId scalar = s->one;
  for (uint32_t i = 0; scalar && i < n; i++) {
    if (!o->param[i].linear) continue;
    if (node_op(s, args[i]) == OP_SUM) {
      NodeId content = build_content(s, args[i], &args[i]);
      scalar = build_mul(s, scalar, content);
    } else if (o->flags & OPERATOR_ADDITIVE) {
      if (node_op(s, args[i]) != OP_PRODUCT || node_child(s, args[i], 0) == s->one) continue;
      scalar = build_mul(s, scalar, node_child(s, args[i], 0));
      if (!(args[i] = product_unit(s, args[i]))) return 0;
    } else if (!node_scalar(s, args[i])) {
      NodeId self, rest;
      ProductView p = view_product(s, args[i], &self);
      if (p.coefficient == s->one && p.scalars == 0) continue;
      scalar = build_mul(s, scalar, product_split(s, args[i], &rest));
      args[i] = rest;
    }
  }
  return scalar;
}

enum { MOST_IMAGES = 500 };

/* An antilinear f of a scalar: of a number the number, of a product that of each factor. */
static NodeId image_of_scalar(Store *s, uint32_t op, NodeId x) {
  if (node_number(s, x)) return x;
  NodeId self;
  ProductView p = view_product(s, x, &self);
  if (node_op(s, x) != OP_PRODUCT || p.scalars + (p.links > 0) + (p.coefficient != s->one) < 2)
    return build_operator(s, op, &x, 1);
  uint32_t n = p.scalars;
  NodeId rest, r = p.coefficient;
  for (uint32_t i = 0; r && i < n; i++) {
    NodeId factor = node_child(s, x, i + 1);
    r = build_mul(s, r, image_of_scalar(s, op, factor));
  }
  if (r && p.links) {
    if (!product_split(s, x, &rest)) return 0;
    r = build_mul(s, r, build_operator(s, op, &rest, 1));
  }
  return r;
}

/* An antilinear f of a sum, or of a multiple: f of each term, scalars outside as their images. 0
   with the status OK: a is neither. */
static NodeId antilinear(Store *s, uint32_t op, NodeId a, DimId rows, DimId cols) {
  if (node_zero(s, a)) return build_zeros(s, rows, cols);
  if (node_op(s, a) == OP_SUM) {
    Vec pairs;
    vec_init(&pairs);
    bool ok = true;
    for (uint32_t i = 0, n = node_arity(s, a); ok && i < n; i += 2) {
      NodeId c = node_child(s, a, i), term = node_child(s, a, i + 1);
      ok = sum_add(s, &pairs, c, build_operator(s, op, &term, 1));
    }
    NodeId r = ok ? sum_finish(s, &pairs, rows, cols) : 0;
    vec_done(s, &pairs);
    return r;
  }
  if (node_number(s, a)) return a;
  if (node_op(s, a) == OP_COUNTED_SUM) return counted_apply(s, op, a);
  if (node_op(s, a) != OP_PRODUCT) return 0;
  NodeId self;
  ProductView p = view_product(s, a, &self);
  bool parts = p.scalars + (p.coefficient != s->one) + (p.links > 0) >= 2;
  if (node_scalar(s, a)) return parts ? image_of_scalar(s, op, a) : 0;
  if (p.coefficient == s->one && p.scalars == 0) return 0;
  NodeId rest, scalar = product_split(s, a, &rest);
  return scalar ? build_mul(s, image_of_scalar(s, op, scalar), build_operator(s, op, &rest, 1)) : 0;
}

/* Add the arguments of an associative operator that is nested in x. */
static bool flatten(Store *s, uint32_t op, NodeId x, Vec *leaves) {
  Vec stack;
  vec_init(&stack);
  bool ok = vec_push(s, &stack, x);
  while (ok && stack.n) {
    NodeId y = stack.v[--stack.n];
    if (operator_at(s, op)->flags & OPERATOR_ASSOCIATIVE && node_op(s, y) == op)
      ok = vec_push(s, &stack, node_child(s, y, 1)) && vec_push(s, &stack, node_child(s, y, 0));
    else ok = vec_push(s, leaves, y);
  }
  vec_done(s, &stack);
  return ok;
}

static bool in_order(Store *s, uint32_t op, Vec *leaves) {
  return !(operator_at(s, op)->flags & OPERATOR_COMMUTATIVE) ||
         order_sort(s, leaves->v, leaves->n, 1, 0);
}

NodeId applied_nested(Store *s, uint32_t op, Vec *leaves) {
  bool both = operator_at(s, op)->flags & OPERATOR_ASSOCIATIVE &&
              operator_at(s, op)->flags & OPERATOR_COMMUTATIVE;
  if (!in_order(s, op, leaves)) return 0;
  NodeId r = leaves->v[--leaves->n];
  while (r && leaves->n) {
    NodeId pair[2] = {leaves->v[--leaves->n], r}, x = 0;
    DimId rows, cols;
    if (operator_shape(s, op, pair, 2, &rows, &cols)) x = node_intern(s, op, pair, 2, rows, cols);
    r = x ? node_normalise(s, x) : 0;
    if (!r || r == x || !both || !leaves->n) continue;
    /* what a rule has made of the last ones has its place among the others */
    r = flatten(s, op, r, leaves) && in_order(s, op, leaves) ? leaves->v[--leaves->n] : 0;
  }
  return r;
}

/* f(f(a, b), c) as f(a, f(b, c)); in node order where the operator commutes. */
static NodeId nested(Store *s, uint32_t op, const NodeId *args) {
  Vec leaves;
  vec_init(&leaves);
  bool ok = flatten(s, op, args[0], &leaves) && flatten(s, op, args[1], &leaves);
  NodeId r = ok ? applied_nested(s, op, &leaves) : 0;
  vec_done(s, &leaves);
  return r;
}

/* A product or its transpose: the one with fewer transposes in its chain, or else the first in node
   order. */
static NodeId fewer_transposes(Store *s, NodeId a) {
  NodeId self[2], t = node_op(s, a) == OP_PRODUCT ? build_transpose(s, a) : a;
  if (!t || t == a || node_op(s, t) != OP_PRODUCT) return t ? a : 0;
  ProductView p[2] = {view_product(s, a, &self[0]), view_product(s, t, &self[1])};
  uint32_t transposed[2] = {0, 0};
  for (int i = 0; i < 2; i++)
    for (uint32_t j = 0; j < p[i].links; j++)
      transposed[i] += node_op(s, power_base(s, p[i].chain[j])) == OP_TRANSPOSE;
  if (transposed[0] != transposed[1]) return transposed[0] < transposed[1] ? a : t;
  /* whatever the sign: a skew factor changes it */
  NodeId unit[2] = {product_unit(s, a), product_unit(s, t)};
  if (!unit[0] || !unit[1]) return 0;
  return order_compare(s, unit[1], unit[0]) < 0 ? t : a;
}

/* Does a have a minus in front: a negative number or coefficient, or a sum whose first term has
   one? */
static bool has_minus(const Store *s, NodeId a) {
  uint32_t op = node_op(s, a);
  if (op == OP_NUMBER) return number_sign(s, a) < 0;
  return (op == OP_SUM || op == OP_PRODUCT) && number_sign(s, node_child(s, a, 0)) < 0;
}

NodeId build_operator(Store *s, uint32_t op, const NodeId *given, uint32_t n) {
  DimId rows, cols;
  NodeId args[PARAM_MAX];
  const Operator *o = operator_at(s, op);
  if (!operator_shape(s, op, given, n, &rows, &cols)) return 0;
  if (o->nameless && !o->flags) /* nothing is moved out of it */
    return node_normalise(s, node_intern(s, op, given, n, rows, cols));
  memcpy(args, given, n * sizeof *args);
  for (uint32_t i = 0; i < n; i++) /* one node for a dimension, however it was written */
    if (o->param[i].kind == PARAM_DIMENSION && node_arity(s, args[i]) > 0)
      if (!(args[i] = size_node(s, size_of_node(s, args[i])))) return 0;
  NodeId scalar = s->one;
  if (o->flags & OPERATOR_ANTILINEAR) {
    NodeId image = 0;
    if (s->images < MOST_IMAGES) { /* deeper ones stay as they are */
      s->images++;
      image = antilinear(s, op, args[0], rows, cols);
      s->images--;
    }
    if (image || s->status != STORE_OK) return image;
  }
  if (o->flags & OPERATOR_TRANSPOSE_INVARIANT && n == 1 &&
      !(args[0] = fewer_transposes(s, args[0])))
    return 0;
  if (o->flags & OPERATOR_LINEAR) {
    for (uint32_t i = 0; i < n; i++)
      if (o->param[i].linear && node_zero(s, args[i])) return build_zeros(s, rows, cols);
    scalar = pull_scalars(s, o, args, n);
    if (!scalar) return 0;
  }
  if (o->flags & (OPERATOR_ODD | OPERATOR_EVEN) && n == 1 && has_minus(s, args[0])) {
    if (!(args[0] = build_neg(s, args[0]))) return 0;
    if (o->flags & OPERATOR_ODD) scalar = s->minus_one;
  }
  NodeId r;
  if (o->flags & (OPERATOR_COMMUTATIVE | OPERATOR_ASSOCIATIVE) && n == 2) r = nested(s, op, args);
  else if ((o->flags & (OPERATOR_CYCLIC | OPERATOR_SUM_OF_ENTRIES)) &&
           node_op(s, args[0]) == OP_COUNTED_SUM)
    r = counted_apply(s, op, args[0]);
  else if ((o->flags & (OPERATOR_CYCLIC | OPERATOR_SUM_OF_ENTRIES)) && node_scalar(s, args[0]))
    r = args[0];
  else if (o->flags & OPERATOR_CYCLIC) r = trace_apply(s, op, args[0]);
  else {
    r = o->flags & OPERATOR_SUM_OF_ENTRIES ? chain_pool(s, args[0]) : 0;
    if (!r && s->status == STORE_OK) r = node_normalise(s, node_intern(s, op, args, n, rows, cols));
  }
  return scalar == s->one ? r : build_mul(s, scalar, r);
}
