/* product.c: products in normal form.
**
** A product is a rational, times scalar factors base^exponent in order, times a chain of matrices.
** The chain is reduced while it is built (neighbours of one base add exponents), then cut at every
** inner dimension 1: a piece that is 1 x 1 is a scalar factor. A sum inside a product or power has
** content 1 and a positive first coefficient: what is split off goes to the rational. A scalar
** chain and its transpose are one node: of the two orientations the smaller one is kept.
**
** One exception: a product of FLAT_SCALARS scalar factors or more is one factor of a longer
** product, not dissolved in it. Else the derivative of sin(sin(..)), k deep, would cost k^2. So two
** products of so many scalars can be equal without being the same node. */
#include "algebra/product.h"

#include <string.h>

#include "algebra/build.h"
#include "algebra/chain.h"
#include "algebra/joint.h"
#include "algebra/operator.h"
#include "core/budget.h"
#include "core/dim.h"
#include "core/number.h"
#include "core/order.h"

enum { FLAT_SCALARS = 64 };

/* ---------------------------------------- parts */

NodeId product_scale(Store *s, NodeId number, NodeId a) {
  NodeId self;
  if (is_joint(s, a)) return joint_scale(s, number, a);
  ProductView p = view_product(s, a, &self);
  number = number_mul(s, number, p.coefficient);
  if (!number) return 0;
  Vec v;
  vec_init(&v);
  bool ok = vec_push(s, &v, number);
  for (uint32_t i = 0; ok && i < p.scalars; i++) ok = vec_push(s, &v, p.scalar[i]);
  for (uint32_t i = 0; ok && i < p.links; i++) ok = vec_push(s, &v, p.chain[i]);
  NodeId r = 0;
  if (ok && number == s->one && v.n == 2) r = v.v[1];
  else if (ok && v.n == 2 && node_op(s, v.v[1]) == OP_SUM) r = build_scale(s, number, v.v[1]);
  else if (ok)
    r = node_normalise(s, node_intern(s, OP_PRODUCT, v.v, v.n, node_rows(s, a), node_cols(s, a)));
  vec_done(s, &v);
  return r;
}

NodeId product_unit(Store *s, NodeId a) {
  uint32_t n = node_arity(s, a);
  const NodeId *c = node_children(s, a);
  if (c[0] == s->one) return a;
  if (n == 2) return c[1];
  Vec v;
  vec_init(&v);
  bool ok = vec_push(s, &v, s->one);
  for (uint32_t i = 1; ok && i < n; i++) ok = vec_push(s, &v, c[i]);
  NodeId r =
      ok ? node_normalise(s, node_intern(s, OP_PRODUCT, v.v, n, node_rows(s, a), node_cols(s, a)))
         : 0;
  vec_done(s, &v);
  return r;
}

NodeId product_links(Store *s, const NodeId *links, uint32_t n) {
  if (n == 1) return links[0];
  Vec v;
  vec_init(&v);
  bool ok = vec_push(s, &v, s->one);
  for (uint32_t i = 0; ok && i < n; i++) ok = links[i] && vec_push(s, &v, links[i]);
  NodeId r = ok ? node_normalise(s, node_intern(s, OP_PRODUCT, v.v, v.n, node_rows(s, links[0]),
                                                node_cols(s, links[n - 1])))
                : 0;
  vec_done(s, &v);
  return r;
}

ProductView product_factors(const Store *s, NodeId id, NodeId *self) {
  ProductView p = view_product(s, id, self);
  if (node_op(s, id) == OP_PRODUCT && p.scalars == 1 && p.scalar[0] == id) {
    p.chain = node_children(s, id) + 1;
    p.links = node_arity(s, id) - 1;
    p.scalars = 0;
  }
  return p;
}

NodeId product_split(Store *s, NodeId a, NodeId *rest) {
  NodeId self;
  ProductView p = view_product(s, a, &self);
  *rest = product_links(s, p.chain, p.links);
  NodeId scalar = p.coefficient;
  for (uint32_t i = 0; i < p.scalars; i++) scalar = build_mul(s, scalar, p.scalar[i]);
  return scalar;
}

/* ---------------------------------------- the chain */

typedef struct {
  Store *s;
  NodeId coefficient;
  Vec scalars; /* pairs base, exponent */
  Vec chain;
  bool zero, inverses, alone; /* alone: the only factor so far as is known */
} Product;

/* Put in a scalar factor as it is in a product: no number, a sum of content 1. */
static bool add_power(Product *p, NodeId f) {
  return vec_push(p->s, &p->scalars, power_base(p->s, f)) &&
         vec_push(p->s, &p->scalars, power_exponent(p->s, f));
}

static bool add_scalar(Product *p, NodeId f) {
  Store *s = p->s;
  NodeId content = f;
  if (!f) return false;
  if (!node_number(s, f)) {
    if (node_op(s, f) != OP_SUM) return add_power(p, f);
    content = build_content(s, f, &f);
    if (!content || !add_power(p, f)) return false;
  }
  p->coefficient = number_mul(s, p->coefficient, content);
  return p->coefficient != 0;
}

NodeId product_core(const Store *s, NodeId f) {
  f = power_base(s, f);
  uint32_t op = node_op(s, f);
  if (op < OP_FIRST_USER || !(operator_at(s, op)->flags & OPERATOR_MATRIX_FUNCTION)) return f;
  NodeId self, inner = node_child(s, f, 0);
  ProductView p = view_product(s, inner, &self);
  return p.links == 1 ? power_base(s, p.chain[0]) : f;
}

static bool add_link(Product *p, NodeId f);
static bool add_factor(Product *p, NodeId f);

/* A stretch that is the base of the inverse beside it: P*inv(P), P a product of matrices that are
   not square. True if something was merged. */
static bool merge_stretch(Product *p, bool *ok) {
  Store *s = p->s;
  Vec *c = &p->chain;
  for (uint32_t j = c->n; j-- > 0;) {
    NodeId f = c->v[j], base = power_base(s, f);
    if (node_op(s, f) != OP_POWER || node_op(s, base) != OP_PRODUCT) continue;
    NodeId self;
    ProductView q = view_product(s, base, &self);
    if (q.scalars || q.coefficient != s->one) continue;
    uint32_t at = 0;
    if (j >= q.links && memcmp(c->v + j - q.links, q.chain, q.links * sizeof *c->v) == 0)
      at = j - q.links;
    else if (c->n - j - 1 >= q.links && memcmp(c->v + j + 1, q.chain, q.links * sizeof *c->v) == 0)
      at = j;
    else continue;
    NodeId merged = build_power(s, base, build_add(s, power_exponent(s, f), s->one));
    uint32_t after = at + q.links + 1, n = c->n;
    if (!merged) *ok = false;
    Vec tail;
    vec_init(&tail);
    for (uint32_t i = after; *ok && i < n; i++) *ok = vec_push(s, &tail, c->v[i]);
    c->n = at;
    if (*ok && node_op(s, merged) == OP_PRODUCT) {
      NodeId hold;
      ProductView m = view_product(s, merged, &hold);
      for (uint32_t i = 0; *ok && i < m.links; i++) *ok = vec_push(s, c, m.chain[i]);
    } else if (*ok && node_op(s, merged) != OP_IDENTITY) {
      *ok = vec_push(s, c, merged);
    }
    for (uint32_t i = 0; *ok && i < tail.n; i++) *ok = add_link(p, tail.v[i]);
    vec_done(s, &tail);
    return true;
  }
  return false;
}

/* Put one matrix, no product and no sum with a content, at the end of the chain. */
static bool add_link(Product *p, NodeId f) {
  Store *s = p->s;
  Vec *c = &p->chain;
  if (!f || !budget_work(s, 1)) return false;
  uint32_t op = node_op(s, f);
  bool ok = true;
  if (op == OP_IDENTITY) return true;
  if (is_joint(s, f) && joint_negative(s, f)) { /* a minus goes to the front */
    NodeId positive = joint_scale(s, s->minus_one, f);
    if (!positive) return false;
    if (!is_joint(s, positive) || !joint_negative(s, positive)) {
      p->coefficient = number_mul(s, p->coefficient, s->minus_one);
      return p->coefficient && add_factor(p, positive);
    }
  }
  if (op == OP_ONES && node_rows(s, f) != DIM_ONE && node_cols(s, f) != DIM_ONE)
    return add_link(p, build_ones(s, node_rows(s, f), DIM_ONE)) &&
           add_link(p, build_ones(s, DIM_ONE, node_cols(s, f)));
  bool square = node_rows(s, f) == node_cols(s, f);
  uint32_t at = c->n;
  if (square && c->n) {
    /* past neighbours that commute with f, to where its order puts it */
    NodeId own = product_core(s, f);
    while (at > 0 && node_rows(s, c->v[at - 1]) == node_cols(s, c->v[at - 1]) &&
           product_core(s, c->v[at - 1]) == own &&
           power_base(s, c->v[at - 1]) != power_base(s, f) &&
           order_compare(s, power_base(s, f), power_base(s, c->v[at - 1])) < 0)
      at--;
    if (at > 0 && power_base(s, c->v[at - 1]) == power_base(s, f)) {
      NodeId e = build_add(s, power_exponent(s, c->v[at - 1]), power_exponent(s, f));
      if (!e) return false;
      NodeId merged =
          e == s->zero ? build_identity(s, node_rows(s, f)) : build_power(s, power_base(s, f), e);
      if (!merged) return false;
      if (power_base(s, merged) == power_base(s, f)) {
        c->v[at - 1] = merged;
        return true;
      }
      /* not a power of f: nothing, or what a rule makes of it. New neighbours may merge */
      Vec tail;
      vec_init(&tail);
      for (uint32_t i = at; ok && i < c->n; i++) ok = vec_push(s, &tail, c->v[i]);
      c->n = at - 1;
      ok = ok && add_factor(p, merged);
      for (uint32_t i = 0; ok && i < tail.n; i++) ok = add_link(p, tail.v[i]);
      vec_done(s, &tail);
      return ok;
    }
  }
  if (op == OP_POWER && node_op(s, power_base(s, f)) == OP_PRODUCT) p->inverses = true;
  if (!vec_push(s, c, f)) return false;
  if (at + 1 < c->n) {
    memmove(c->v + at + 1, c->v + at, (c->n - 1 - at) * sizeof *c->v);
    c->v[at] = f;
  }
  if (p->inverses) merge_stretch(p, &ok);
  return ok;
}

static bool add_factor(Product *p, NodeId f) {
  Store *s = p->s;
  if (!f) return false;
  if (node_zero(s, f)) {
    p->zero = true;
    return true;
  }
  NodeId self;
  if (node_op(s, f) == OP_SUM && !node_scalar(s, f)) {
    NodeId content = build_content(s, f, &self);
    p->coefficient = number_mul(s, p->coefficient, content);
    return p->coefficient && add_link(p, self);
  }
  ProductView q = view_product(s, f, &self);
  p->coefficient = number_mul(s, p->coefficient, q.coefficient);
  bool ok = p->coefficient != 0;
  if (q.scalars >= FLAT_SCALARS && !p->alone) {
    Vec v;
    vec_init(&v);
    ok = ok && vec_push(s, &v, s->one);
    for (uint32_t i = 0; ok && i < q.scalars; i++) ok = vec_push(s, &v, q.scalar[i]);
    ok = ok && add_scalar(p, node_intern(s, OP_PRODUCT, v.v, v.n, DIM_ONE, DIM_ONE));
    vec_done(s, &v);
    q.scalars = 0;
  }
  for (uint32_t i = 0; ok && i < q.scalars; i++)
    ok = q.scalar[i] == f ? add_scalar(p, f) : add_power(p, q.scalar[i]);
  for (uint32_t i = 0; ok && i < q.links; i++) ok = add_link(p, q.chain[i]);
  return ok;
}

bool product_join(Store *s, const NodeId *f, uint32_t n, bool transposed, Vec *links,
                  NodeId *outside) {
  Product p;
  p.s = s;
  p.coefficient = s->one;
  p.zero = p.inverses = p.alone = false;
  vec_init(&p.scalars);
  vec_init(&p.chain);
  bool ok = true;
  for (uint32_t i = 0; ok && i < n; i++)
    ok = add_factor(&p, transposed ? build_transpose(s, f[n - 1 - i]) : f[i]);
  *outside = p.zero ? s->zero : p.coefficient;
  for (uint32_t i = 0; ok && i < p.scalars.n; i += 2) {
    *outside = build_mul(s, *outside, build_power(s, p.scalars.v[i], p.scalars.v[i + 1]));
    ok = *outside != 0;
  }
  for (uint32_t i = 0; ok && i < p.chain.n; i++) ok = vec_push(s, links, p.chain.v[i]);
  vec_done(s, &p.scalars);
  vec_done(s, &p.chain);
  return ok;
}

/* ---------------------------------------- the whole */

/* Cut the chain at inner dimensions 1; 1 x 1 pieces become scalars. */
static bool cut(Product *p) {
  Store *s = p->s;
  uint32_t n = p->chain.n, from = 0, kept = 0;
  if (n == 0) return true;
  Vec keep;
  vec_init(&keep);
  bool ok = true;
  for (uint32_t i = 0; ok && i < n; i++) {
    if (i + 1 < n && node_cols(s, p->chain.v[i]) != DIM_ONE) continue;
    NodeId *c = p->chain.v + from;
    uint32_t k = i + 1 - from;
    from = i + 1;
    if (node_rows(s, c[0]) == DIM_ONE && node_cols(s, c[k - 1]) == DIM_ONE) {
      NodeId scalar = chain_scalar(s, c, k);
      ok = scalar && add_factor(p, scalar); /* never adds links: it is a scalar */
      continue;
    }
    for (uint32_t j = 0; ok && j < k; j++) ok = vec_push(s, &keep, c[j]);
    kept++;
  }
  if (ok && keep.n != p->chain.n) {
    p->chain.n = 0;
    for (uint32_t i = 0; ok && i < keep.n; i++) ok = vec_push(s, &p->chain, keep.v[i]);
  }
  vec_done(s, &keep);
  return ok;
}

/* Sort the scalar factors and add exponents; true in *again if a merged power is no power any
   more. */
static bool merge_scalars(Product *p, Vec *out, bool *again) {
  Store *s = p->s;
  uint32_t n = p->scalars.n / 2, *v = p->scalars.v;
  if (!order_sort(s, v, n, 2, 0)) return false;
  for (uint32_t i = 0; i < n;) {
    NodeId base = v[2 * i], e = v[2 * i + 1];
    uint32_t j = i + 1;
    for (; e && j < n && v[2 * j] == base; j++) e = build_add(s, e, v[2 * j + 1]);
    if (!e) return false;
    bool merged = j > i + 1;
    i = j;
    if (e == s->zero) continue;
    NodeId f = e == s->one ? base
               : !merged   ? node_intern(s, OP_POWER, (NodeId[2]){base, e}, 2, DIM_ONE, DIM_ONE)
                           : build_power(s, base, e);
    if (!f) return false;
    if (node_number(s, f)) {
      p->coefficient = number_mul(s, p->coefficient, f);
      if (!p->coefficient) return false;
      continue;
    }
    if (merged && (node_op(s, f) == OP_PRODUCT || power_base(s, f) != base)) *again = true;
    if (!vec_push(s, out, f)) return false;
  }
  return true;
}

static NodeId finish(Product *p, DimId rows, DimId cols) {
  Store *s = p->s;
  Vec out;
  vec_init(&out);
  NodeId r = 0;
  bool again = true, ok = vec_push(s, &out, 0);
  while (ok && again) {
    again = false;
    out.n = 1;
    ok = merge_scalars(p, &out, &again);
    if (ok && again) {
      p->scalars.n = 0;
      for (uint32_t i = 1; ok && i < out.n; i++) ok = add_factor(p, out.v[i]);
    }
  }
  for (uint32_t i = 0; ok && i < p->chain.n; i++) ok = vec_push(s, &out, p->chain.v[i]);
  bool scalar = rows == DIM_ONE && cols == DIM_ONE;
  if (ok && !scalar && p->chain.n == 0) ok = vec_push(s, &out, build_identity(s, rows));
  if (ok && p->chain.n == 2 && node_op(s, p->chain.v[0]) == OP_ONES &&
      node_op(s, p->chain.v[1]) == OP_ONES) {
    out.n -= 2;
    ok = vec_push(s, &out, build_ones(s, rows, cols));
  }
  if (ok) {
    out.v[0] = p->coefficient;
    if (p->zero || p->coefficient == s->zero) r = build_zeros(s, rows, cols);
    else if (out.n == 1) r = p->coefficient;
    else if (out.n == 2)
      r = p->coefficient == s->one ? out.v[1] : build_scale(s, p->coefficient, out.v[1]);
    else if (p->chain.n == 1 && is_joint(s, p->chain.v[0])) {
      NodeId scalar = node_intern(s, OP_PRODUCT, out.v, out.n - 1, DIM_ONE, DIM_ONE);
      if (out.n == 3 && out.v[0] == s->one) scalar = out.v[1];
      r = joint_scale(s, scalar ? node_normalise(s, scalar) : 0, p->chain.v[0]);
    } else r = node_normalise(s, node_intern(s, OP_PRODUCT, out.v, out.n, rows, cols));
  }
  vec_done(s, &out);
  return r;
}

NodeId build_product(Store *s, const NodeId *f, uint32_t n) {
  DimId rows = DIM_ONE, cols = DIM_ONE;
  bool chain = false;
  for (uint32_t i = 0; i < n; i++) {
    if (!f[i]) return 0;
    if (node_scalar(s, f[i])) continue;
    if (chain && node_rows(s, f[i]) != cols) {
      char t[4][60];
      return store_fail(s, STORE_SHAPE, "a product of %s x %s and %s x %s",
                        dim_text(s, rows, t[0], 60), dim_text(s, cols, t[1], 60),
                        dim_text(s, node_rows(s, f[i]), t[2], 60),
                        dim_text(s, node_cols(s, f[i]), t[3], 60));
    }
    if (!chain) rows = node_rows(s, f[i]);
    cols = node_cols(s, f[i]);
    chain = rows != DIM_ONE || cols != DIM_ONE; /* x'*A*y is a scalar: what follows begins anew */
  }
  Product p;
  p.s = s;
  p.coefficient = s->one;
  p.zero = p.inverses = false;
  p.alone = n == 1;
  vec_init(&p.scalars);
  vec_init(&p.chain);
  bool ok = true;
  for (uint32_t i = 0; ok && i < n; i++) ok = add_factor(&p, f[i]);
  NodeId r = 0;
  ok = ok && (p.zero || cut(&p)); /* a stretch that is cut off may vanish */
  if (ok) r = p.zero ? build_zeros(s, rows, cols) : finish(&p, rows, cols);
  vec_done(s, &p.scalars);
  vec_done(s, &p.chain);
  return r;
}

NodeId build_mul(Store *s, NodeId a, NodeId b) {
  NodeId f[2] = {a, b};
  if (!a || !b) return 0;
  if (a == s->one) return b;
  if (b == s->one) return a;
  if (node_number(s, a)) return build_scale(s, a, b);
  if (node_number(s, b)) return build_scale(s, b, a);
  return build_product(s, f, 2);
}

NodeId build_div(Store *s, NodeId a, NodeId b) {
  if (!a || !b) return 0;
  if (!node_scalar(s, b)) return store_fail(s, STORE_SHAPE, "division by a matrix");
  return build_mul(s, a, build_power(s, b, s->minus_one));
}
