/* product.c: products, powers, Hadamard products and traces in normal form.
**
** A product is a rational, times scalar factors base^exponent in order, times a chain of matrices.
** The chain is reduced while it is built (neighbours of one base add exponents), then cut at every inner
** dimension 1: a piece that is 1 x 1 is a scalar factor. A sum inside a product or power has content 1 and a
** positive first coefficient: what is split off goes to the rational. A scalar chain and its
** transpose are one node: of the two orientations the smaller one is kept.
**
** One exception: a product of FLAT_SCALARS scalar factors or more is one factor of a longer product, not dissolved in it.
** Else the derivative of sin(sin(..)), k deep, would cost k^2. So two products of so many scalars can be
** equal without being the same node. */
#include "algebra/product.h"

#include <string.h>

#include "algebra/build.h"
#include "algebra/counted.h"
#include "algebra/exponent.h"
#include "algebra/operator.h"
#include "algebra/size.h"
#include "core/dim.h"
#include "core/number.h"
#include "core/order.h"

enum { FLAT_SCALARS = 64 };

/* ------------------------------------------------------------------ parts */

NodeId product_scale(Store *s, NodeId number, NodeId a) {
  NodeId self;
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
  else if (ok) r = node_normalise(s, node_intern(s, OP_PRODUCT, v.v, v.n, node_rows(s, a), node_cols(s, a)));
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
  NodeId r = ok ? node_normalise(s, node_intern(s, OP_PRODUCT, v.v, n, node_rows(s, a), node_cols(s, a))) : 0;
  vec_done(s, &v);
  return r;
}

NodeId product_links(Store *s, const NodeId *links, uint32_t n) {
  if (n == 1) return links[0];
  Vec v;
  vec_init(&v);
  bool ok = vec_push(s, &v, s->one);
  for (uint32_t i = 0; ok && i < n; i++) ok = links[i] && vec_push(s, &v, links[i]);
  NodeId r = ok ? node_normalise(s, node_intern(s, OP_PRODUCT, v.v, v.n, node_rows(s, links[0]), node_cols(s, links[n - 1]))) : 0;
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

/* ------------------------------------------------------------------ the chain */

typedef struct {
  Store *s;
  NodeId coefficient;
  Vec scalars; /* pairs base, exponent */
  Vec chain;
  bool zero, inverses, alone; /* alone: the only factor so far as is known */
} Product;

/* Put in a scalar factor as it stands in a product: no number, a sum of content 1. */
static bool add_power(Product *p, NodeId f) {
  return vec_push(p->s, &p->scalars, power_base(p->s, f)) && vec_push(p->s, &p->scalars, power_exponent(p->s, f));
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

/* The matrix that f is a function of, for neighbours that commute. */
static NodeId core(const Store *s, NodeId f) {
  f = power_base(s, f);
  uint32_t op = node_op(s, f);
  if (op < OP_FIRST_USER || !(operator_at(s, op)->flags & OPF_MATRIXFUNCTION)) return f;
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
    if (j >= q.links && memcmp(c->v + j - q.links, q.chain, q.links * sizeof *c->v) == 0) at = j - q.links;
    else if (c->n - j - 1 >= q.links && memcmp(c->v + j + 1, q.chain, q.links * sizeof *c->v) == 0) at = j;
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
  uint32_t op = node_op(s, f);
  bool ok = true;
  if (op == OP_IDENTITY) return true;
  if (op == OP_ONES && node_rows(s, f) != DIM_ONE && node_cols(s, f) != DIM_ONE)
    return add_link(p, build_ones(s, node_rows(s, f), DIM_ONE)) && add_link(p, build_ones(s, DIM_ONE, node_cols(s, f)));
  bool square = node_rows(s, f) == node_cols(s, f);
  uint32_t at = c->n;
  if (square && c->n) {
    /* past neighbours that commute with f, to where its order puts it */
    NodeId own = core(s, f);
    while (at > 0 && node_rows(s, c->v[at - 1]) == node_cols(s, c->v[at - 1]) && core(s, c->v[at - 1]) == own &&
           power_base(s, c->v[at - 1]) != power_base(s, f) && order_compare(s, power_base(s, f), power_base(s, c->v[at - 1])) < 0)
      at--;
    if (at > 0 && power_base(s, c->v[at - 1]) == power_base(s, f)) {
      NodeId e = build_add(s, power_exponent(s, c->v[at - 1]), power_exponent(s, f));
      if (!e) return false;
      NodeId merged = e == s->zero ? build_identity(s, node_rows(s, f)) : build_power(s, power_base(s, f), e);
      if (!merged) return false;
      if (power_base(s, merged) == power_base(s, f)) {
        c->v[at - 1] = merged;
        return true;
      }
      Vec tail; /* not a power of f: nothing, or what a rule makes of it. New neighbours may merge */
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
  for (uint32_t i = 0; ok && i < q.scalars; i++) ok = q.scalar[i] == f ? add_scalar(p, f) : add_power(p, q.scalar[i]);
  for (uint32_t i = 0; ok && i < q.links; i++) ok = add_link(p, q.chain[i]);
  return ok;
}

/* ------------------------------------------------------------------ scalars from chains */

/* How many transposes a chain shows; a row whose transpose is inside, f(x'), counts as two. */
static uint32_t count_transposes(const Store *s, const NodeId *c, uint32_t n) {
  uint32_t k = 0;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t op = node_op(s, power_base(s, c[i]));
    if (op == OP_TRANSPOSE) k++;
    else if (op != OP_SYMBOL && op != OP_ONES && op != OP_DERIVATIVE && node_rows(s, c[i]) == DIM_ONE && node_cols(s, c[i]) != DIM_ONE) k += 2;
  }
  return k;
}

static int order_chains(const Store *s, const NodeId *a, const NodeId *b, uint32_t n) {
  uint32_t p = count_transposes(s, a, n), q = count_transposes(s, b, n);
  if (p != q) return p < q ? -1 : 1;
  for (uint32_t i = 0; i < n; i++) {
    int k = order_compare(s, a[i], b[i]);
    if (k) return k;
  }
  return 0;
}

static NodeId total(Store *s, NodeId a) {
  if (s->ops->total) return build_operator(s, s->ops->total, &a, 1);
  NodeId c[3] = {build_ones(s, DIM_ONE, node_rows(s, a)), a, build_ones(s, node_cols(s, a), DIM_ONE)};
  return product_links(s, c, node_cols(s, a) == DIM_ONE ? 2 : 3);
}

/* The links of a product, or of its transpose if `transposed`, neighbours merged and in their order. What comes in front of them (a
   sign: the first coefficient of a transposed sum may be another one) goes to *outside. */
static bool join_links(Store *s, const NodeId *f, uint32_t n, bool transposed, Vec *links, NodeId *outside) {
  Product p;
  p.s = s;
  p.coefficient = s->one;
  p.zero = p.inverses = p.alone = false;
  vec_init(&p.scalars);
  vec_init(&p.chain);
  bool ok = true;
  for (uint32_t i = 0; ok && i < n; i++) ok = add_factor(&p, transposed ? build_transpose(s, f[n - 1 - i]) : f[i]);
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

/* Is x = sign*x for another sign than 1, so that x is zero: a skew form? `order`: that of the chain and its transposed. */
static bool vanishes(const Store *s, int order, NodeId sign) { return order == 0 && sign != s->one && node_number(s, sign); }

/* A 1 x 1 chain, or its transposed if that is the smaller one. */
static NodeId oriented_chain(Store *s, const NodeId *c, uint32_t n) {
  Vec transposed;
  vec_init(&transposed);
  NodeId sign, r = 0;
  if (join_links(s, c, n, true, &transposed, &sign)) {
    int order = transposed.n == n ? order_chains(s, transposed.v, c, n) : 1;
    r = vanishes(s, order, sign) ? s->zero : product_links(s, order < 0 ? transposed.v : c, n);
    if (order < 0) r = build_mul(s, sign, r);
  }
  vec_done(s, &transposed);
  return r;
}

static NodeId scalar_chain(Store *s, const NodeId *c, uint32_t n);

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
  for (uint32_t i = 0; n > 1 && i < n; i++) { /* the first product, or else the first plain factor */
    NodeId f = node_child(s, h, i);
    if (node_op(s, f) != OP_PRODUCT && (left || node_op(s, f) == OP_ELPOWER)) continue;
    left = f;
    at = i;
    if (node_op(s, f) == OP_PRODUCT) break;
  }
  for (uint32_t i = 0; i < n && !left; i++) {
    NodeId f = n == 1 ? h : node_child(s, h, i);
    int64_t e;
    if (node_op(s, f) == OP_ELPOWER && number_get_int(s, node_child(s, f, 1), &e) && e >= 2 && (n == 1 || i + 1 == n)) {
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
  if (join_links(s, factors, 2, false, &c, &outside)) {
    bool zero = outside == s->zero;
    bool ones = !zero && (node_op(s, c.v[0]) == OP_ONES || node_op(s, c.v[c.n - 1]) == OP_ONES); /* a sum of entries again, of a product */
    r = zero ? outside : build_mul(s, outside, ones ? scalar_chain(s, c.v, c.n) : oriented_chain(s, c.v, c.n));
  }
  vec_done(s, &c);
  return r;
}

/* The scalar that a 1 x 1 chain of n links is. */
static NodeId scalar_chain(Store *s, const NodeId *c, uint32_t n) {
  if (n == 1) return c[0];
  if (node_op(s, c[0]) == OP_ONES && node_op(s, c[n - 1]) == OP_ONES && n == 2) return size_node(s, node_cols(s, c[0]));
  if (node_op(s, c[0]) == OP_ONES) {
    NodeId rest = product_links(s, c + 1, n - 1);
    return rest ? total(s, rest) : 0;
  }
  if (node_op(s, c[n - 1]) == OP_ONES) {
    NodeId rest = build_transpose(s, product_links(s, c, n - 1));
    return rest ? total(s, rest) : 0;
  }
  bool front = hadamard_like(s, c[0]), back = hadamard_like(s, c[n - 1]);
  if (front != back || (front && n == 2)) { /* a Hadamard product at one end: all factors in one pool */
    NodeId f[2];
    f[0] = build_transpose(s, front ? c[0] : product_links(s, c, n - 1));
    f[1] = front ? product_links(s, c + 1, n - 1) : c[n - 1];
    NodeId h = build_hadamard(s, f, 2);
    return h ? total(s, h) : 0;
  }
  return oriented_chain(s, c, n);
}

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
      NodeId scalar = scalar_chain(s, c, k);
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

/* Sort the scalar factors and add exponents; true in *again if a merged power is no power any more. */
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
    NodeId f = e == s->one ? base : !merged ? node_intern(s, OP_POWER, (NodeId[2]){base, e}, 2, DIM_ONE, DIM_ONE)
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
  if (ok && p->chain.n == 2 && node_op(s, p->chain.v[0]) == OP_ONES && node_op(s, p->chain.v[1]) == OP_ONES) {
    out.n -= 2;
    ok = vec_push(s, &out, build_ones(s, rows, cols));
  }
  if (ok) {
    out.v[0] = p->coefficient;
    if (p->zero || p->coefficient == s->zero) r = build_zeros(s, rows, cols);
    else if (out.n == 1) r = p->coefficient;
    else if (out.n == 2) r = p->coefficient == s->one ? out.v[1] : build_scale(s, p->coefficient, out.v[1]);
    else r = node_normalise(s, node_intern(s, OP_PRODUCT, out.v, out.n, rows, cols));
  }
  vec_done(s, &out);
  return r;
}

/* ------------------------------------------------------------------ products */

NodeId build_product(Store *s, const NodeId *f, uint32_t n) {
  DimId rows = DIM_ONE, cols = DIM_ONE;
  bool chain = false;
  for (uint32_t i = 0; i < n; i++) {
    if (!f[i]) return 0;
    if (node_scalar(s, f[i])) continue;
    if (chain && node_rows(s, f[i]) != cols) {
      char t[4][60];
      return store_fail(s, STORE_SHAPE, "a product of %s x %s and %s x %s", dim_text(s, rows, t[0], 60),
                        dim_text(s, cols, t[1], 60), dim_text(s, node_rows(s, f[i]), t[2], 60),
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

NodeId build_inv(Store *s, NodeId a) { return build_power(s, a, s->minus_one); }

/* ------------------------------------------------------------------ powers */

static NodeId scalar_power(Store *s, NodeId base, NodeId e) {
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
        return build_mul(s, number_pow(s, base, floor), scalar_power(s, base, number_ratio(s, num - floor * den, den)));
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
        NodeId f = node_op(s, base) == OP_PRODUCT && p.scalar[i] != base ? build_power(s, p.scalar[i], e) : 0;
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
    outside = whole ? number_pow(s, content, num) : scalar_power(s, content, e);
    base = self;
    if (node_op(s, base) == OP_PRODUCT || node_op(s, base) == OP_POWER)
      return build_mul(s, outside, build_power(s, base, e));
  } else if (content != s->one && exact && !whole && number_sign(s, content) < 0) {
    /* the sign stays inside: only the absolute value comes out */
    NodeId size = number_neg(s, content);
    if (size != s->one) {
      NodeId inner = node_op(s, base) == OP_SUM ? build_neg(s, self) : product_scale(s, s->minus_one, self);
      if (!inner) return 0;
      return build_mul(s, scalar_power(s, size, e), node_normalise(s, node_intern(s, OP_POWER, (NodeId[2]){inner, e}, 2, DIM_ONE, DIM_ONE)));
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
  if (op == OP_ZEROS && (!whole || k < 0)) return store_fail(s, STORE_DOMAIN, "the inverse of a zero matrix");
  if (op == OP_ZEROS) return base;
  if (op == OP_POWER && whole && number_get_int(s, node_child(s, base, 1), &m))
    return build_power(s, node_child(s, base, 0), number_mul(s, node_child(s, base, 1), e));
  if (op == OP_POWER && whole) return build_power(s, node_child(s, base, 0), build_mul(s, node_child(s, base, 1), e));
  if (op == OP_SUM && whole) {
    NodeId primitive, content = build_content(s, base, &primitive);
    if (!content) return 0;
    if (content != s->one) return build_scale(s, number_pow(s, content, k), build_power(s, primitive, e));
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
    for (uint32_t i = 0; i < p.links; i++) square = square && node_rows(s, p.chain[i]) == node_cols(s, p.chain[i]);
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
  if (!node_scalar(s, e)) return store_fail(s, STORE_SHAPE, "the exponent of a power must be a scalar");
  if (node_rows(s, base) != node_cols(s, base))
    return store_fail(s, STORE_SHAPE, "a power of a %s x %s matrix: it must be square", dim_text(s, node_rows(s, base), r, 60),
                      dim_text(s, node_cols(s, base), c, 60));
  if (e == s->one) return base;
  if (e == s->zero) return build_identity(s, node_rows(s, base));
  return node_scalar(s, base) ? scalar_power(s, base, e) : matrix_power(s, base, e);
}

/* ------------------------------------------------------------------ Hadamard products */

NodeId build_elpower(Store *s, NodeId base, NodeId e) {
  if (!base || !e) return 0;
  if (node_scalar(s, base)) return build_power(s, base, e);
  if (!node_scalar(s, e)) return store_fail(s, STORE_SHAPE, "the exponent of an elementwise power must be a scalar");
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
      return build_mul(s, scalar_power(s, content, e), node_normalise(s, node_intern(s, OP_ELPOWER, (NodeId[2]){primitive, e}, 2, rows, cols)));
  }
  if (op == OP_PRODUCT && exact) {
    NodeId rest, scalar = product_split(s, base, &rest);
    if (!scalar || !rest) return 0;
    if (scalar != s->one && whole) return build_mul(s, build_power(s, scalar, e), build_elpower(s, rest, e));
    if (node_number(s, scalar) && number_sign(s, scalar) > 0 && scalar != s->one)
      return build_mul(s, scalar_power(s, scalar, e), build_elpower(s, rest, e));
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
      return store_fail(s, STORE_SHAPE, "a Hadamard product of %s x %s and %s x %s", dim_text(s, rows, t[0], 60),
                        dim_text(s, cols, t[1], 60), dim_text(s, node_rows(s, f[i]), t[2], 60),
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
      for (uint32_t i = node_arity(s, x); ok && i-- > 0;) ok = vec_push(s, &stack, node_child(s, x, i));
    else {
      if (node_op(s, x) == OP_SUM) scalar = build_mul(s, scalar, build_content(s, x, &rest));
      else if (node_op(s, x) == OP_PRODUCT) scalar = build_mul(s, scalar, product_split(s, x, &rest));
      if (rest && node_op(s, rest) == OP_ONES) continue;
      if (rest != x && rest && node_op(s, rest) == OP_HADAMARD) ok = vec_push(s, &stack, rest);
      else ok = rest && vec_push(s, &pairs, elpower_base(s, rest)) && vec_push(s, &pairs, elpower_exponent(s, rest));
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

/* ------------------------------------------------------------------ traces */

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

/* The trace of a chain with a counted sum among its links, if the terms' traces are the same for each: else 0. */
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

/* Do the ends of a cyclic chain commute or merge, as functions of one matrix, while something else stands between them? */
static bool ends_meet(const Store *s, const NodeId *c, uint32_t n) {
  NodeId own = core(s, c[0]);
  if (n < 2 || node_rows(s, own) != node_cols(s, own)) return false;
  if (power_base(s, c[0]) == power_base(s, c[n - 1])) return true;
  bool other = false;
  for (uint32_t i = 1; i < n && !other; i++) other = core(s, c[i]) != own;
  return other && core(s, c[n - 1]) == own;
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
    else if (node_op(s, t) == OP_PRODUCT && node_child(s, t, 0) != s->one) { /* a sign, by skew(a) */
      sign = node_child(s, t, 0);
      t = product_unit(s, t);
    }
    if (!sign || !t) return 0;
    if (vanishes(s, t == a ? 0 : 1, sign)) return s->zero;
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
    ok = join_links(s, p.chain, n, true, &one, &sign);
    bool flips = ok && one.n == n;
    ok = ok && (!flips || rotate(s, one.v, n, least_rotation(s, one.v, n), &two));
    ok = ok && rotate(s, p.chain, n, least_rotation(s, p.chain, n), &one);
    if (ok) {
      int order = flips ? order_chains(s, two.v, one.v, n) : 1;
      bool transposed = order < 0;
      if (vanishes(s, order, sign)) {
        r = s->zero;
        goto done;
      }
      NodeId arg = product_links(s, transposed ? two.v : one.v, n);
      NodeId hold;
      /* a rule may have changed the rotated product */
      ProductView q = arg ? view_product(s, arg, &hold) : p;
      if (arg && (q.scalars || q.coefficient != s->one || node_op(s, arg) != OP_PRODUCT)) r = build_operator(s, op, &arg, 1);
      else if (arg) r = node_normalise(s, node_intern(s, op, &arg, 1, DIM_ONE, DIM_ONE));
      if (transposed) r = build_mul(s, sign, r);
    }
  }
done:
  vec_done(s, &one);
  vec_done(s, &two);
  return r;
}
