/* commute.c: the proof that two matrices commute. What commutes with every part of a sum or a
** product commutes with the whole, and what commutes with X commutes with each power and each
** function of X. So the search takes the one side apart, then the other, down to matrices that are
** equal, or whose two products are the same node. "No" means "not proved". */
#include "rules/commute.h"

#include "algebra/build.h"
#include "algebra/operator.h"
#include "algebra/product.h"

enum { COMMUTE_DEPTH = 40, COMMUTE_TERMS = 40, COMMUTE_STEPS = 2000 };

typedef struct {
  Store *s;
  uint32_t steps;
} Search;

static bool commute(Search *c, NodeId a, NodeId b, uint32_t depth);

/* a without its scalar factors; 0 on failure. */
static NodeId bare(Store *s, NodeId a) {
  NodeId self, rest = a;
  ProductView p = view_product(s, a, &self);
  if (p.links && (p.scalars || p.coefficient != s->one)) product_split(s, a, &rest);
  return rest;
}

/* The X of which a is a power or a function; 0: a is none. */
static NodeId argument(const Store *s, NodeId a) {
  uint32_t op = node_op(s, a);
  if (op == OP_POWER) return node_child(s, a, 0);
  if (op >= OP_FIRST_USER && operator_at(s, op)->flags & OPERATOR_MATRIX_FUNCTION)
    return node_child(s, a, 0);
  return 0;
}

/* Are both square, of one size? */
static bool alike(const Store *s, NodeId a, NodeId b) {
  DimId n = node_rows(s, a);
  return node_cols(s, a) == n && node_rows(s, b) == n && node_cols(s, b) == n;
}

/* Do all links of the product a commute with b? */
static bool links_commute(Search *c, NodeId a, NodeId b, uint32_t depth) {
  NodeId self;
  ProductView p = view_product(c->s, a, &self);
  if (p.links > COMMUTE_TERMS) return false;
  for (uint32_t i = 0; i < p.links; i++) {
    NodeId f = p.chain[i];
    if (!alike(c->s, f, b) || !commute(c, f, b, depth)) return false;
  }
  return true;
}

/* The terms of a sum a that do not commute with b (a itself, if it is no sum), as pairs of what
   they are and the scalar in front. */
static bool noncommuting_terms(Search *c, NodeId a, NodeId b, uint32_t depth, Vec *out) {
  Store *s = c->s;
  bool sum = node_op(s, a) == OP_SUM;
  uint32_t n = sum ? node_arity(s, a) : 2;
  for (uint32_t i = 0; i < n; i += 2) {
    NodeId number = sum ? node_child(s, a, i) : s->one, t = sum ? node_child(s, a, i + 1) : a,
           rest = t;
    if (sum && commute(c, t, b, depth)) continue;
    if (node_op(s, t) == OP_PRODUCT) number = build_mul(s, number, product_split(s, t, &rest));
    if (!number || !rest) return false;
    uint32_t j = 0;
    while (j < out->n && out->v[j] != rest) j += 2;
    if (j < out->n) out->v[j + 1] = build_add(s, out->v[j + 1], number);
    else if (!vec_push(s, out, rest) || !vec_push(s, out, number)) return false;
  }
  return true;
}

/* Is the sum of the pairs v a scalar times that of the pairs u? */
static bool proportional(Store *s, const Vec *u, const Vec *v) {
  NodeId first = 0;
  if (u->n != v->n) return false;
  for (uint32_t i = 0; i < u->n; i += 2) {
    uint32_t j = 0;
    while (j < v->n && v->v[j] != u->v[i]) j += 2;
    if (j == v->n) return false;
    if (i == 0) first = v->v[j + 1];
    else if (build_mul(s, u->v[i + 1], first) != build_mul(s, u->v[1], v->v[j + 1])) return false;
  }
  return s->status == STORE_OK;
}

/* The sum of terms and scalars. */
static NodeId total(Store *s, const Vec *terms) {
  NodeId sum = 0;
  for (uint32_t i = 0; i < terms->n; i += 2) {
    NodeId t = build_mul(s, terms->v[i + 1], terms->v[i]);
    sum = i == 0 ? t : build_add(s, sum, t);
  }
  return sum;
}

/* Of a and b at least one is a sum. The terms of a that commute with b can be taken away, then
   those of b that commute with what is left of a; what is left of both commutes if the one is a
   scalar times the other. */
static bool sums_commute(Search *c, NodeId a, NodeId b, uint32_t depth) {
  Store *s = c->s;
  Vec u, v;
  vec_init(&u);
  vec_init(&v);
  bool yes = false;
  if (noncommuting_terms(c, a, b, depth, &u)) {
    NodeId rest = total(s, &u);
    yes = u.n == 0 || (rest && noncommuting_terms(c, b, rest, depth, &v) &&
                       (v.n == 0 || proportional(s, &u, &v)));
  }
  vec_done(s, &u);
  vec_done(s, &v);
  return yes && s->status == STORE_OK;
}

static bool commute(Search *c, NodeId a, NodeId b, uint32_t depth) {
  Store *s = c->s;
  if (node_scalar(s, a) || node_scalar(s, b) || node_zero(s, a) || node_zero(s, b)) return true;
  if (depth == 0 || c->steps++ > COMMUTE_STEPS) return false;
  a = bare(s, a);
  b = bare(s, b);
  if (!a || !b) return false;
  if (a == b || node_op(s, a) == OP_IDENTITY || node_op(s, b) == OP_IDENTITY) return true;
  NodeId inner;
  if ((inner = argument(s, a)) && commute(c, inner, b, depth - 1)) return true;
  if ((inner = argument(s, b)) && commute(c, a, inner, depth - 1)) return true;
  if (node_op(s, a) == OP_PRODUCT && links_commute(c, a, b, depth - 1)) return true;
  if (node_op(s, b) == OP_PRODUCT && links_commute(c, b, a, depth - 1)) return true;
  if (node_op(s, a) == OP_SUM || node_op(s, b) == OP_SUM) return sums_commute(c, a, b, depth - 1);
  bool leaves = node_arity(s, a) == 0 || node_arity(s, b) == 0;
  return !leaves && build_mul(s, a, b) == build_mul(s, b, a) && s->status == STORE_OK;
}

bool commute_matrices(Store *s, NodeId a, NodeId b) {
  if (!alike(s, a, b)) return false;
  Search c = {s, 0};
  return commute(&c, a, b, COMMUTE_DEPTH);
}
