/* build.c: leaves, sums, transposes, applied operators. Products and powers: product.c. */
#include "algebra/build.h"

#include <string.h>

#include "algebra/counted.h"
#include "algebra/operator.h"
#include "algebra/product.h"
#include "algebra/size.h"
#include "core/dim.h"
#include "core/name.h"
#include "core/number.h"
#include "core/order.h"

/* ------------------------------------------------------------------ leaves */

NodeId build_symbol(Store *s, NameId name, uint32_t kind, uint64_t attributes, DimId rows, DimId cols) {
  uint32_t w[4] = {name, kind, (uint32_t)attributes, (uint32_t)(attributes >> 32)};
  s->attributes_used |= attributes;
  return node_intern(s, OP_SYMBOL, w, 4, rows, cols);
}

NodeId build_variable(Store *s, NameId name, uint32_t kind, uint32_t index, DimId rows, DimId cols) {
  uint32_t w[3] = {name, kind, index};
  return node_intern(s, OP_VARIABLE, w, 3, rows, cols);
}

NodeId build_function(Store *s, NameId name, uint64_t attributes, NodeId argument, DimId rows, DimId cols) {
  uint32_t w[4] = {name, (uint32_t)attributes, (uint32_t)(attributes >> 32), argument};
  s->attributes_used |= attributes;
  return node_intern(s, OP_FUNCTION, w, 4, rows, cols);
}

NodeId build_name(Store *s, NameId name) {
  return node_intern(s, OP_NAME, &name, 1, DIM_ONE, DIM_ONE);
}

NodeId build_identity(Store *s, DimId n) {
  return n == DIM_ONE ? s->one : node_intern(s, OP_IDENTITY, NULL, 0, n, n);
}

NodeId build_ones(Store *s, DimId rows, DimId cols) {
  return rows == DIM_ONE && cols == DIM_ONE ? s->one : node_intern(s, OP_ONES, NULL, 0, rows, cols);
}

NodeId build_zeros(Store *s, DimId rows, DimId cols) {
  return rows == DIM_ONE && cols == DIM_ONE ? s->zero : node_intern(s, OP_ZEROS, NULL, 0, rows, cols);
}

NodeId build_tangent(Store *s, NameId name, DimId rows, DimId cols) {
  return node_intern(s, OP_TANGENT, &name, 1, rows, cols);
}

NodeId build_diff(Store *s, NodeId a) {
  return a ? node_intern(s, OP_DIFF, &a, 1, node_rows(s, a), node_cols(s, a)) : 0;
}

NodeId build_call(Store *s, NodeId function, NodeId argument) {
  NodeId w[2] = {function, argument};
  if (!function || !argument) return 0;
  if (node_op(s, function) == OP_FUNCTION) {
    NodeId declared = node_child(s, function, 0);
    if (node_rows(s, declared) != node_rows(s, argument) || node_cols(s, declared) != node_cols(s, argument)) {
      char r[4][60];
      return store_fail(s, STORE_SHAPE, "the argument of %s is %s x %s, declared %s x %s",
                        name_text(s, node_words(s, function)[0]), dim_text(s, node_rows(s, argument), r[0], 60),
                        dim_text(s, node_cols(s, argument), r[1], 60), dim_text(s, node_rows(s, declared), r[2], 60),
                        dim_text(s, node_cols(s, declared), r[3], 60));
    }
  }
  return node_intern(s, OP_CALL, w, 2, node_rows(s, function), node_cols(s, function));
}

NodeId build_derivative(Store *s, NodeId f, NodeId point, NameId layout, DimId rows, DimId cols) {
  if (!f || !point) return 0;
  if (!layout) {
    DimId fr = node_rows(s, f), fc = node_cols(s, f), pr = node_rows(s, point), pc = node_cols(s, point);
    if (pr == DIM_ONE && pc == DIM_ONE) {
      rows = fr;
      cols = fc;
    } else if (fr == DIM_ONE && fc == DIM_ONE) {
      rows = pc;
      cols = pr;
    } else {
      rows = dim_mul(s, fr, fc);
      cols = dim_mul(s, pr, pc);
    }
  }
  uint32_t w[3] = {layout, f, point};
  return node_intern(s, OP_DERIVATIVE, w, 3, rows, cols);
}

/* ------------------------------------------------------------------ sums */

bool sum_add(Store *s, Vec *pairs, NodeId number, NodeId a) {
  if (!number || !a) return false;
  const Node *p = node_at(s, a);
  if (p->op == OP_SUM) {
    const NodeId *c = node_children(s, a);
    for (uint32_t i = 0; i < p->n; i += 2)
      if (!vec_push(s, pairs, number_mul(s, number, c[i])) || !vec_push(s, pairs, c[i + 1])) return false;
    return true;
  }
  if (node_zero(s, a)) return true;
  if (p->op == OP_NUMBER) return vec_push(s, pairs, number_mul(s, number, a)) && vec_push(s, pairs, s->one);
  if (p->op == OP_PRODUCT && node_child(s, a, 0) != s->one) {
    NodeId c = node_child(s, a, 0);
    return vec_push(s, pairs, number_mul(s, number, c)) && vec_push(s, pairs, product_unit(s, a));
  }
  return vec_push(s, pairs, number) && vec_push(s, pairs, a);
}

NodeId sum_finish(Store *s, Vec *pairs, DimId rows, DimId cols) {
  uint32_t n = pairs->n / 2, k = 0, *v = pairs->v;
  for (uint32_t i = 0; i < 2 * n; i++)
    if (!v[i]) return 0;
  if (n > 16) { /* many terms: add equal ones before sorting */
    Map *at = map_take(s);
    bool ok = at != NULL;
    for (uint32_t i = 0; ok && i < n; i++) {
      uint32_t j = map_get(at, v[2 * i + 1]);
      if (j) {
        v[2 * j - 2] = number_add(s, v[2 * j - 2], v[2 * i]);
        continue;
      }
      v[2 * k] = v[2 * i];
      v[2 * k + 1] = v[2 * i + 1];
      ok = map_put(s, at, v[2 * i + 1], ++k);
    }
    map_give(s, at);
    if (!ok) return 0;
    n = k;
    k = 0;
  }
  if (!order_sort(s, v, n, 2, 1)) return 0;
  for (uint32_t i = 0; i < n; i++) {
    if (k && v[2 * k - 1] == v[2 * i + 1]) v[2 * k - 2] = number_add(s, v[2 * k - 2], v[2 * i]);
    else {
      v[2 * k] = v[2 * i];
      v[2 * k + 1] = v[2 * i + 1];
      k++;
    }
    if (!v[2 * k - 2]) return 0;
    if (v[2 * k - 2] == s->zero && (i + 1 == n || v[2 * i + 3] != v[2 * k - 1])) k--;
  }
  if (k == 0) return build_zeros(s, rows, cols);
  if (k == 1) return v[1] == s->one ? v[0] : build_scale(s, v[0], v[1]);
  return node_normalise(s, node_intern(s, OP_SUM, v, 2 * k, rows, cols));
}

NodeId build_sum(Store *s, const NodeId *terms, uint32_t n) {
  Vec pairs;
  vec_init(&pairs);
  NodeId r = 0;
  bool ok = true;
  for (uint32_t i = 0; ok && i < n; i++) {
    ok = terms[i] != 0;
    if (ok && (node_rows(s, terms[i]) != node_rows(s, terms[0]) || node_cols(s, terms[i]) != node_cols(s, terms[0]))) {
      char t[4][60];
      store_fail(s, STORE_SHAPE, "a sum of %s x %s and %s x %s", dim_text(s, node_rows(s, terms[0]), t[0], 60),
                 dim_text(s, node_cols(s, terms[0]), t[1], 60), dim_text(s, node_rows(s, terms[i]), t[2], 60),
                 dim_text(s, node_cols(s, terms[i]), t[3], 60));
      ok = false;
    }
    ok = ok && sum_add(s, &pairs, s->one, terms[i]);
  }
  if (ok) r = sum_finish(s, &pairs, node_rows(s, terms[0]), node_cols(s, terms[0]));
  vec_done(s, &pairs);
  return r;
}

NodeId build_add(Store *s, NodeId a, NodeId b) {
  NodeId t[2] = {a, b};
  if (!a || !b) return 0;
  if (node_zero(s, a) && node_rows(s, a) == node_rows(s, b) && node_cols(s, a) == node_cols(s, b)) return b;
  return build_sum(s, t, 2);
}

NodeId build_neg(Store *s, NodeId a) { return build_scale(s, s->minus_one, a); }
NodeId build_sub(Store *s, NodeId a, NodeId b) { return build_add(s, a, build_neg(s, b)); }

NodeId build_scale(Store *s, NodeId number, NodeId a) {
  if (!number || !a) return 0;
  if (number == s->one) return a;
  if (number == s->zero) return build_zeros(s, node_rows(s, a), node_cols(s, a));
  if (node_number(s, a)) return number_mul(s, number, a);
  if (node_op(s, a) == OP_ZEROS) return a;
  if (node_op(s, a) == OP_SUM) { /* a number times a sum is a sum, in the same order */
    Vec v;
    vec_init(&v);
    const NodeId *c = node_children(s, a);
    uint32_t n = node_arity(s, a);
    bool ok = true;
    for (uint32_t i = 0; ok && i < n; i += 2)
      ok = vec_push(s, &v, number_mul(s, number, c[i])) && vec_push(s, &v, c[i + 1]);
    NodeId r = ok ? node_normalise(s, node_intern(s, OP_SUM, v.v, v.n, node_rows(s, a), node_cols(s, a))) : 0;
    vec_done(s, &v);
    return r;
  }
  return product_scale(s, number, a);
}

/* The terms of two sums in order, without their coefficients: do those of a come before those of b? */
static bool terms_before(const Store *s, NodeId a, NodeId b) {
  uint32_t n = node_arity(s, a), m = node_arity(s, b);
  for (uint32_t i = 1; i < n && i < m; i += 2) {
    NodeId u = node_child(s, a, i), v = node_child(s, b, i);
    if (u != v) return order_compare(s, u, v) < 0;
  }
  return n < m;
}

/* Whose first coefficient gives a sum its sign: the sum, or its transpose, and of both the same, so that S'*S has no sign in
   front for S = P - Q. Of a column and a row it is the column. Coefficients have no say, for -S has the other sign; nor has the
   transpose where attributes may change it while they act, for a sum is one node whether they do or not. */
static NodeId sign_giver(Store *s, NodeId sum) {
  if (node_cols(s, sum) == DIM_ONE || node_flags(s, sum) & FLAG_ATTRIBUTE) return sum;
  NodeId t = build_transpose(s, sum);
  if (!t || node_op(s, t) != OP_SUM) return t ? sum : 0;
  return node_rows(s, sum) == DIM_ONE || terms_before(s, t, sum) ? t : sum;
}

NodeId build_content(Store *s, NodeId sum, NodeId *primitive) {
  *primitive = sum;
  if (node_op(s, sum) != OP_SUM) return s->one;
  NodeId like = sign_giver(s, sum);
  if (!like) return 0;
  NodeId g = number_content(s, node_children(s, like), node_arity(s, like), 2);
  if (!g) return 0;
  if (g != s->one) *primitive = build_scale(s, number_pow(s, g, -1), sum);
  return g;
}

/* ------------------------------------------------------------------ transposes */

static bool transposes_through(const Store *s, NodeId a) {
  uint32_t op = node_op(s, a);
  if (node_scalar(s, a)) return false;
  if (op == OP_SUM || op == OP_PRODUCT || op == OP_HADAMARD || op == OP_POWER || op == OP_ELPOWER || op == OP_COUNTED_SUM)
    return true;
  return op >= OP_FIRST_USER && operator_at(s, op)->flags & (OPF_ELEMENTWISE | OPF_MATRIXFUNCTION | OPF_TRANSPOSES);
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
  if (!transposes_through(s, a)) return node_normalise(s, node_intern(s, OP_TRANSPOSE, &a, 1, cols, rows));
  Vec v;
  vec_init(&v);
  bool ok = true;
  NodeId r = 0;
  for (uint32_t i = 0; ok && i < n; i++) {
    NodeId child = op == OP_PRODUCT ? c[n - 1 - i] : c[i];
    ok = vec_push(s, &v, node_scalar(s, child) ? child : map_get(&s->transposes, child));
  }
  if (ok && op == OP_SUM) r = build_with_children(s, a, v.v);
  else if (ok && op == OP_PRODUCT) r = build_product(s, v.v, n);
  else if (ok && op == OP_HADAMARD) r = build_hadamard(s, v.v, n);
  else if (ok && op == OP_POWER) r = build_power(s, v.v[0], c[1]);
  else if (ok && op == OP_ELPOWER) r = build_elpower(s, v.v[0], c[1]);
  else if (ok && op == OP_COUNTED_SUM) r = build_counted(s, node_words(s, a)[0], c[0], c[1], v.v[2]);
  else if (ok) r = build_operator(s, op, v.v, n);
  vec_done(s, &v);
  return r;
}

NodeId build_transpose(Store *s, NodeId a) {
  if (!a) return 0;
  if (!transposes_through(s, a)) return transpose_one(s, a);
  NodeId known = map_get(&s->transposes, a);
  if (known) return known;
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
    /* what a rule has made of x' is no operator's transpose: its own transpose need not be x */
    bool plain = t && (node_op(s, t) == node_op(s, x) || node_op(s, t) == OP_TRANSPOSE || node_op(s, x) == OP_TRANSPOSE);
    ok = ok && (!plain || map_put(s, &s->transposes, t, x));
  }
  vec_done(s, &stack);
  return ok ? map_get(&s->transposes, a) : 0;
}

/* ------------------------------------------------------------------ applied operators */

/* Pull numbers and scalars out of each argument of a linear operator; the scalar, or 0. */
static NodeId pull_scalars(Store *s, const Operator *o, NodeId *args, uint32_t n) {
  NodeId scalar = s->one;
  for (uint32_t i = 0; scalar && i < n; i++) {
    if (!o->param[i].linear) continue;
    if (node_op(s, args[i]) == OP_SUM) {
      NodeId content = build_content(s, args[i], &args[i]);
      scalar = build_mul(s, scalar, content);
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

/* f(f(a, b), c) as f(a, f(b, c)); in node order where the operator commutes. */
static NodeId nested(Store *s, uint32_t op, const NodeId *args) {
  uint32_t flags = operator_at(s, op)->flags;
  Vec leaves, stack;
  vec_init(&leaves);
  vec_init(&stack);
  bool ok = vec_push(s, &stack, args[1]) && vec_push(s, &stack, args[0]);
  while (ok && stack.n) {
    NodeId x = stack.v[--stack.n];
    if (flags & OPF_ASSOC && node_op(s, x) == op) ok = vec_push(s, &stack, node_child(s, x, 1)) && vec_push(s, &stack, node_child(s, x, 0));
    else ok = vec_push(s, &leaves, x);
  }
  if (ok && flags & OPF_COMM) ok = order_sort(s, leaves.v, leaves.n, 1, 0);
  NodeId r = ok ? leaves.v[leaves.n - 1] : 0;
  for (uint32_t i = leaves.n - 1; r && i-- > 0;) {
    NodeId pair[2] = {leaves.v[i], r};
    DimId rows, cols;
    r = operator_shape(s, op, pair, 2, &rows, &cols) ? node_normalise(s, node_intern(s, op, pair, 2, rows, cols)) : 0;
  }
  vec_done(s, &leaves);
  vec_done(s, &stack);
  return r;
}

/* A product or its transpose: the one with fewer transposes in its chain, or else the first in node order. */
static NodeId fewer_transposes(Store *s, NodeId a) {
  NodeId self[2], t = node_op(s, a) == OP_PRODUCT ? build_transpose(s, a) : a;
  if (!t || t == a || node_op(s, t) != OP_PRODUCT) return t ? a : 0;
  ProductView p[2] = {view_product(s, a, &self[0]), view_product(s, t, &self[1])};
  uint32_t transposed[2] = {0, 0};
  for (int i = 0; i < 2; i++)
    for (uint32_t j = 0; j < p[i].links; j++) transposed[i] += node_op(s, power_base(s, p[i].chain[j])) == OP_TRANSPOSE;
  if (transposed[0] != transposed[1]) return transposed[0] < transposed[1] ? a : t;
  NodeId unit[2] = {product_unit(s, a), product_unit(s, t)}; /* whatever the sign: a skew factor changes it */
  if (!unit[0] || !unit[1]) return 0;
  return order_compare(s, unit[1], unit[0]) < 0 ? t : a;
}

/* Does a have a minus in front: a negative number or coefficient, or a sum whose first term has one? */
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
  memcpy(args, given, n * sizeof *args);
  for (uint32_t i = 0; i < n; i++) /* one node for a dimension, however it was written */
    if (o->param[i].kind == PARAM_DIMENSION && node_arity(s, args[i]) > 0)
      if (!(args[i] = size_node(s, size_of_node(s, args[i])))) return 0;
  NodeId scalar = s->one;
  if (o->flags & OPF_MIRROR && n == 1 && !(args[0] = fewer_transposes(s, args[0]))) return 0;
  if (o->flags & OPF_LINEAR) {
    for (uint32_t i = 0; i < n; i++)
      if (o->param[i].linear && node_zero(s, args[i])) return build_zeros(s, rows, cols);
    scalar = pull_scalars(s, o, args, n);
    if (!scalar) return 0;
  }
  if (o->flags & (OPF_ODD | OPF_EVEN) && n == 1 && has_minus(s, args[0])) {
    if (!(args[0] = build_neg(s, args[0]))) return 0;
    if (o->flags & OPF_ODD) scalar = s->minus_one;
  }
  NodeId r;
  if (o->flags & (OPF_COMM | OPF_ASSOC) && n == 2) r = nested(s, op, args);
  else if ((o->flags & (OPF_CYCLIC | OPF_TOTAL)) && node_op(s, args[0]) == OP_COUNTED_SUM) r = counted_apply(s, op, args[0]);
  else if ((o->flags & (OPF_CYCLIC | OPF_TOTAL)) && node_scalar(s, args[0])) r = args[0];
  else if (o->flags & OPF_CYCLIC) r = trace_apply(s, op, args[0]);
  else {
    r = o->flags & OPF_TOTAL ? chain_pool(s, args[0]) : 0;
    if (!r && s->status == STORE_OK) r = node_normalise(s, node_intern(s, op, args, n, rows, cols));
  }
  return scalar == s->one ? r : build_mul(s, scalar, r);
}

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

NodeId build_replace(Store *s, NodeId a, const NodeId *from, const NodeId *to, uint32_t n) {
  if (!a) return 0;
  Map *memo = map_take(s);
  Vec order, c;
  vec_init(&order);
  vec_init(&c);
  bool ok = memo && node_postorder(s, a, &order, node_is_function, NULL);
  for (uint32_t i = 0; ok && i < n; i++) ok = to[i] && map_put(s, memo, from[i], to[i]);
  for (uint32_t i = 0; ok && i < order.n; i++) {
    NodeId x = order.v[i];
    if (map_get(memo, x)) continue;
    uint32_t k = node_arity(s, x);
    bool changed = false;
    c.n = 0;
    for (uint32_t j = 0; ok && j < k; j++) {
      NodeId old = node_child(s, x, j), new = map_get(memo, old);
      if (!new) new = old;
      changed = changed || new != old;
      ok = vec_push(s, &c, new);
    }
    if (ok && changed) {
      NodeId y = build_with_children(s, x, c.v);
      ok = y && map_put(s, memo, x, y);
    }
  }
  NodeId r = ok ? map_get(memo, a) : 0;
  if (ok && !r) r = a;
  vec_done(s, &order);
  vec_done(s, &c);
  map_give(s, memo);
  return r;
}
