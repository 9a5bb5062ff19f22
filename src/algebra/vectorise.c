/* vectorise.c: counted sums over all entries, as matrix expressions. A scalar that depends on the
** counter by entries alone is entry i of a column: products become Hadamard products, powers
** elementwise powers (`column_of`). The sum of it is the sum of the column; and since the column w
** is the sum of w(i)*E(i,1,d,1), a term with a unit vector has w in its place. Rule files say which
** operators take an entry and make a unit matrix, by the properties `entry` and `unit`. */
#include "algebra/vectorise.h"

#include "algebra/build.h"
#include "algebra/counted.h"
#include "algebra/operator.h"
#include "algebra/size.h"

typedef struct {
  Store *s;
  NameId counter;
  NodeId index; /* what counts from 1 to d while the counter runs */
  DimId d;
  Map *columns; /* node -> its column, or itself if it does not hold the counter */
  uint32_t products; /* how many products may still be multiplied out */
} Vectoriser;

static bool holds(const Vectoriser *g, NodeId a) { return counted_holds(g->s, a, g->counter); }
static bool is_op(const Vectoriser *g, NodeId a, uint32_t op) {
  return op && node_op(g->s, a) == op;
}

static NodeId ones(const Vectoriser *g) { return build_ones(g->s, g->d, DIM_ONE); }

/* The unit vector of n entries with a one in entry i. */
static NodeId unit_vector(const Vectoriser *g, NodeId i, DimId n) {
  Store *s = g->s;
  NodeId args[4] = {i, s->one, size_node(s, n), s->one};
  return build_operator(s, s->ops->unit_matrix, args, 4);
}

/* The diagonal of w as a matrix. */
static NodeId diagonal(const Vectoriser *g, NodeId w) {
  Store *s = g->s;
  NodeId factors[2] = {build_mul(s, w, build_transpose(s, ones(g))), build_identity(s, g->d)};
  return build_hadamard(s, factors, 2);
}

/* The column of entry(A, i, j). */
static NodeId column_of_entry(const Vectoriser *g, NodeId x) {
  Store *s = g->s;
  NodeId a = node_child(s, x, 0), i = node_child(s, x, 1), j = node_child(s, x, 2);
  bool down = i == g->index, across = j == g->index;
  if (holds(g, a) || (!down && holds(g, i)) || (!across && holds(g, j))) return 0;
  if ((down && node_rows(s, a) != g->d) || (across && node_cols(s, a) != g->d)) return 0;
  if (down && across) {
    NodeId factors[2] = {a, build_identity(s, g->d)};
    return build_mul(s, build_hadamard(s, factors, 2), ones(g));
  }
  if (across) {
    a = build_transpose(s, a);
    j = i;
  }
  if (!a) return 0;
  return node_cols(s, a) == DIM_ONE ? a : build_mul(s, a, unit_vector(g, j, node_cols(s, a)));
}

static NodeId known(const Vectoriser *g, NodeId a) { return map_get(g->columns, a); }
static bool constant(const Vectoriser *g, NodeId a) { return known(g, a) == a; }

static NodeId column_of_sum(const Vectoriser *g, NodeId x) {
  Store *s = g->s;
  Vec terms;
  vec_init(&terms);
  bool ok = true;
  for (uint32_t i = 0; ok && i < node_arity(s, x); i += 2) {
    NodeId c = node_child(s, x, i), t = node_child(s, x, i + 1), column = known(g, t);
    if (column == t) column = build_mul(s, t, ones(g));
    ok = column && vec_push(s, &terms, build_scale(s, c, column));
  }
  NodeId r = ok ? build_sum(s, terms.v, terms.n) : 0;
  vec_done(s, &terms);
  return r;
}

/* The column of a product's scalar factors; *rest is the product of what does not hold the counter.
   0 if one has no column. */
static NodeId column_of_factors(const Vectoriser *g, const ProductView *p, NodeId *rest) {
  Store *s = g->s;
  Vec columns, others;
  vec_init(&columns);
  vec_init(&others);
  bool ok = vec_push(s, &others, p->coefficient);
  for (uint32_t i = 0; ok && i < p->scalars; i++) {
    NodeId f = p->scalar[i], column = known(g, f);
    ok = column && vec_push(s, column == f ? &others : &columns, column);
  }
  NodeId w = !ok ? 0 : columns.n ? build_hadamard(s, columns.v, columns.n) : ones(g);
  *rest = ok ? build_product(s, others.v, others.n) : 0;
  vec_done(s, &columns);
  vec_done(s, &others);
  return w;
}

static NodeId column_of_product(const Vectoriser *g, NodeId x) {
  Store *s = g->s;
  NodeId self, rest;
  ProductView p = view_product(s, x, &self);
  NodeId w = column_of_factors(g, &p, &rest);
  for (uint32_t i = 0; w && i < p.links; i++)
    if (holds(g, p.chain[i])) return 0;
  if (w && p.links) rest = build_mul(s, rest, build_product(s, p.chain, p.links));
  return w ? build_mul(s, rest, w) : 0;
}

/* ---------------------------------------- a column with another counter */

static bool find_columns(const Vectoriser *g, NodeId x);

/* The column of the scalar factors of a product, and the product of those that do not hold the
   counter; 0 if there is none. */
static NodeId column_of_scalars(const Vectoriser *g, const ProductView *p, NodeId *rest) {
  for (uint32_t i = 0; i < p->scalars; i++)
    if (!find_columns(g, p->scalar[i])) return 0;
  return column_of_factors(g, p, rest);
}

/* The column e for which matrix_of gives M with M*e: the unit vector of the other counter, of a sum
   around. */
static bool other_unit(Vectoriser *outer, NodeId column, NodeId *e) {
  Store *s = outer->s;
  Vec order;
  vec_init(&order);
  bool ok = node_postorder(s, column, &order, NULL, NULL), found = false;
  for (uint32_t i = 0; ok && !found && i < order.n; i++) {
    NodeId x = order.v[i];
    if (!is_op(outer, x, s->ops->unit_matrix) && !is_op(outer, x, s->ops->entry)) continue;
    bool unit = is_op(outer, x, s->ops->unit_matrix);
    NodeId index = node_child(s, x, unit ? 0 : 1), j = node_child(s, x, unit ? 1 : 2);
    found =
        node_op(s, index) == OP_SYMBOL && node_words(s, index)[1] == KIND_COUNTER && j == s->one;
    if (!found) continue;
    outer->index = index;
    outer->counter = node_words(s, index)[0];
    outer->d = node_rows(s, unit ? x : node_child(s, x, 0));
    *e = unit_vector(outer, index, outer->d);
  }
  vec_done(s, &order);
  return ok && found && *e && outer->d != DIM_ONE;
}

static NodeId matrix_of(Vectoriser *outer, NodeId column, NodeId e, uint32_t depth);

/* A column as a matrix with that column throughout. */
static NodeId repeated(const Vectoriser *outer, NodeId column) {
  return build_mul(outer->s, column, build_transpose(outer->s, ones(outer)));
}

static NodeId matrix_of_product(Vectoriser *outer, NodeId x, NodeId e, uint32_t depth) {
  Store *s = outer->s;
  NodeId self, rest;
  ProductView p = view_product(s, x, &self);
  NodeId w = column_of_scalars(outer, &p, &rest);
  if (!w || !p.links) return 0;
  bool ends = p.chain[p.links - 1] == e;
  for (uint32_t i = 0; p.links > 1 && i < p.links - ends; i++)
    if (node_flags(s, p.chain[i]) & FLAG_COUNTER) return 0;
  NodeId m = 0;
  if (p.links == 1) m = ends ? build_identity(s, outer->d) : matrix_of(outer, p.chain[0], e, depth);
  else
    m = ends ? build_product(s, p.chain, p.links - 1)
             : repeated(outer, build_product(s, p.chain, p.links));
  NodeId factors[2] = {build_mul(s, rest, m), build_mul(s, build_ones(s, node_rows(s, x), DIM_ONE),
                                                        build_transpose(s, w))};
  return w == ones(outer) ? factors[0] : build_hadamard(s, factors, 2);
}

static NodeId matrix_of_each(Vectoriser *outer, NodeId x, NodeId e, uint32_t depth) {
  Store *s = outer->s;
  bool sum = node_op(s, x) == OP_SUM;
  Vec parts;
  vec_init(&parts);
  bool ok = true;
  for (uint32_t i = 0; ok && i < node_arity(s, x); i += sum ? 2 : 1) {
    NodeId m = matrix_of(outer, node_child(s, x, sum ? i + 1 : i), e, depth);
    ok = m && vec_push(s, &parts, sum ? build_scale(s, node_child(s, x, i), m) : m);
  }
  NodeId r = !ok ? 0 : sum ? build_sum(s, parts.v, parts.n) : build_hadamard(s, parts.v, parts.n);
  vec_done(s, &parts);
  return r;
}

static bool elementwise(const Store *s, NodeId x) {
  return node_op(s, x) >= OP_FIRST_USER && node_arity(s, x) == 1 &&
         operator_at(s, node_op(s, x))->flags & OPERATOR_ELEMENTWISE;
}

enum { MATRIX_DEPTH = 50 };

/* The matrix M, without the other counter, for which the column is M*e; 0 if there is none. */
static NodeId matrix_of(Vectoriser *outer, NodeId column, NodeId e, uint32_t depth) {
  Store *s = outer->s;
  uint32_t op = node_op(s, column);
  if (!(node_flags(s, column) & FLAG_COUNTER)) return repeated(outer, column);
  if (depth == 0) return 0;
  if (op == OP_SUM || op == OP_HADAMARD) return matrix_of_each(outer, column, e, depth - 1);
  if (op != OP_ELPOWER && !elementwise(s, column))
    return matrix_of_product(outer, column, e, depth - 1);
  NodeId m = matrix_of(outer, node_child(s, column, 0), e, depth - 1);
  if (!m || op != OP_ELPOWER) return m ? build_operator(s, op, &m, 1) : 0;
  NodeId exponent = node_child(s, column, 1);
  return node_flags(s, exponent) & FLAG_COUNTER ? 0 : build_elpower(s, m, exponent);
}

/* A column with another counter in it, as M*e, so that functions of its entries become functions of
   the entries of M. The column itself, and *e = 0, if there is no other counter; 0 if there is no
   such form. */
static NodeId without_other(const Vectoriser *g, NodeId column, NodeId *e) {
  Store *s = g->s;
  *e = 0;
  if (!(node_flags(s, column) & FLAG_COUNTER)) return column;
  Vectoriser outer = {s, 0, 0, 0, map_take(s), 0};
  NodeId m = outer.columns && other_unit(&outer, column, e)
                 ? matrix_of(&outer, column, *e, MATRIX_DEPTH)
                 : 0;
  map_give(s, outer.columns);
  return m && !(node_flags(s, m) & FLAG_COUNTER) ? m : 0;
}

static NodeId column_of_power(const Vectoriser *g, NodeId column, NodeId exponent) {
  Store *s = g->s;
  NodeId e, m = constant(g, exponent) && !(node_flags(s, exponent) & FLAG_COUNTER)
                    ? without_other(g, column, &e)
                    : 0;
  NodeId power = m ? build_elpower(s, m, exponent) : 0;
  return power && e ? build_mul(s, power, e) : power;
}

static NodeId column_of_function(const Vectoriser *g, NodeId column, uint32_t op) {
  Store *s = g->s;
  NodeId e, m = without_other(g, column, &e), value = m ? build_operator(s, op, &m, 1) : 0;
  return value && e ? build_mul(s, value, e) : value;
}

/* The column of a node whose arguments have theirs. */
static NodeId column_above(const Vectoriser *g, NodeId x) {
  Store *s = g->s;
  uint32_t op = node_op(s, x);
  if (!holds(g, x)) return x;
  if (!node_scalar(s, x)) return 0;
  if (is_op(g, x, s->ops->entry)) return column_of_entry(g, x);
  if (op == OP_SUM) return column_of_sum(g, x);
  if (op == OP_PRODUCT) return column_of_product(g, x);
  NodeId a = node_arity(s, x) ? node_child(s, x, 0) : 0, column = a ? known(g, a) : 0;
  if (!column || column == a) return 0;
  if (op == OP_POWER) return column_of_power(g, column, node_child(s, x, 1));
  return elementwise(s, x) ? column_of_function(g, column, op) : 0;
}

/* Nodes below an entry, or below a node that is no scalar, have no column of their own. */
static bool closed(const Store *s, NodeId x, void *data) {
  (void)data;
  return !node_scalar(s, x);
}

/* Find the columns of x and of the scalars in it. */
static bool find_columns(const Vectoriser *g, NodeId x) {
  Store *s = g->s;
  Vec order;
  vec_init(&order);
  bool ok = node_postorder(s, x, &order, closed, NULL);
  for (uint32_t i = 0; ok && i < order.n; i++) {
    NodeId column = column_above(g, order.v[i]);
    ok = s->status == STORE_OK && (!column || map_put(s, g->columns, order.v[i], column));
  }
  vec_done(s, &order);
  return ok;
}

/* The sum of w(i)*unit over i for a unit matrix with the index. */
static NodeId spread_unit(const Vectoriser *g, NodeId unit, NodeId w) {
  Store *s = g->s;
  NodeId i = node_child(s, unit, 0), j = node_child(s, unit, 1);
  bool down = i == g->index, across = j == g->index;
  if ((!down && holds(g, i)) || (!across && holds(g, j)) || (!down && !across)) return 0;
  if ((down && node_rows(s, unit) != g->d) || (across && node_cols(s, unit) != g->d)) return 0;
  if (down && across) return diagonal(g, w);
  if (!down) return build_mul(s, unit_vector(g, i, node_rows(s, unit)), build_transpose(s, w));
  return node_cols(s, unit) == DIM_ONE
             ? w
             : build_mul(s, w, build_transpose(s, unit_vector(g, j, node_cols(s, unit))));
}

/* The sum of w(i)*link over i for a column: it is M*e with the unit vector e of the index, so
   M*w. */
static NodeId spread_column(Vectoriser *g, NodeId link, NodeId w) {
  Store *s = g->s;
  NodeId m = matrix_of(g, link, unit_vector(g, g->index, g->d), MATRIX_DEPTH);
  return m && !holds(g, m) ? build_mul(s, m, w) : 0;
}

/* The sum of w(i)*link over i for a unit matrix, a column or a row that holds the counter. */
static NodeId spread(Vectoriser *g, NodeId link, NodeId w) {
  Store *s = g->s;
  bool transposed = node_op(s, link) == OP_TRANSPOSE || node_rows(s, link) == DIM_ONE;
  NodeId x = transposed ? build_transpose(s, link) : link, r = 0;
  if (!x) return 0;
  if (is_op(g, x, s->ops->unit_matrix)) r = spread_unit(g, x, w);
  else if (node_cols(s, x) == DIM_ONE) r = spread_column(g, x, w);
  return transposed ? build_transpose(s, r) : r;
}

static NodeId vectorise(Vectoriser *g, NodeId body);

static NodeId vectorise_scalar(Vectoriser *g, NodeId body) {
  Store *s = g->s;
  NodeId column = find_columns(g, body) ? known(g, body) : 0;
  if (!column) return 0;
  return column == body ? build_mul(s, size_node(s, g->d), body)
                        : build_operator(s, s->ops->sum_of_entries, &column, 1);
}

static NodeId vectorise_sum(Vectoriser *g, NodeId body) {
  Store *s = g->s;
  Vec terms;
  vec_init(&terms);
  bool ok = true;
  for (uint32_t i = 0; ok && i < node_arity(s, body); i += 2) {
    NodeId t = vectorise(g, node_child(s, body, i + 1));
    ok = t && vec_push(s, &terms, build_scale(s, node_child(s, body, i), t));
  }
  NodeId r = ok ? build_sum(s, terms.v, terms.n) : 0;
  vec_done(s, &terms);
  return r;
}

/* The same with the sum that is link i of the chain multiplied out. */
static NodeId vectorise_terms(Vectoriser *g, const ProductView *p, uint32_t i) {
  Store *s = g->s;
  NodeId sum = p->chain[i];
  Vec factors, terms;
  vec_init(&factors);
  vec_init(&terms);
  bool ok = vec_push(s, &factors, p->coefficient);
  for (uint32_t k = 0; ok && k < p->scalars; k++) ok = vec_push(s, &factors, p->scalar[k]);
  for (uint32_t k = 0; ok && k < p->links; k++) ok = vec_push(s, &factors, p->chain[k]);
  for (uint32_t k = 0; ok && k < node_arity(s, sum); k += 2) {
    factors.v[1 + p->scalars + i] =
        build_scale(s, node_child(s, sum, k), node_child(s, sum, k + 1));
    NodeId t =
        g->products && g->products-- ? vectorise(g, build_product(s, factors.v, factors.n)) : 0;
    ok = t && vec_push(s, &terms, t);
  }
  NodeId r = ok ? build_sum(s, terms.v, terms.n) : 0;
  vec_done(s, &factors);
  vec_done(s, &terms);
  return r;
}

/* The only argument of link that holds the counter, if link is a Hadamard product or linear in it;
   otherwise the number of arguments. */
static uint32_t operand(const Vectoriser *g, NodeId link) {
  const Store *s = g->s;
  uint32_t op = node_op(s, link), n = node_arity(s, link), at = n;
  bool user = op >= OP_FIRST_USER;
  if (op != OP_HADAMARD && op != OP_TRANSPOSE && !user) return n;
  for (uint32_t i = 0; i < n; i++) {
    if (!holds(g, node_child(s, link, i))) continue;
    if (at < n || (user && !operator_at(s, op)->param[i].linear)) return n;
    if (user && operator_at(s, op)->flags & OPERATOR_ADDITIVE) return n; /* no scalars in it */
    at = i;
  }
  return at;
}

/* The sum of the holding scalars times f(A) for a link f(A) that is linear in A: f of the sum of
   the scalars times A. */
static NodeId vectorise_operand(Vectoriser *g, const ProductView *p, NodeId link) {
  Store *s = g->s;
  uint32_t op = node_op(s, link), n = node_arity(s, link), at = operand(g, link);
  if (at == n) return 0;
  Vec v;
  vec_init(&v);
  bool ok = true;
  for (uint32_t i = 0; ok && i < p->scalars; i++)
    if (!constant(g, p->scalar[i])) ok = vec_push(s, &v, p->scalar[i]);
  ok = ok && vec_push(s, &v, node_child(s, link, at));
  NodeId inner = ok && g->products && g->products-- ? vectorise(g, build_product(s, v.v, v.n)) : 0,
         r = 0;
  v.n = 0;
  for (uint32_t i = 0; inner && ok && i < n; i++)
    ok = vec_push(s, &v, i == at ? inner : node_child(s, link, i));
  if (inner && ok)
    r = op == OP_TRANSPOSE  ? build_transpose(s, inner)
        : op == OP_HADAMARD ? build_hadamard(s, v.v, n)
                            : build_operator(s, op, v.v, n);
  vec_done(s, &v);
  return r;
}

/* The sum of the holding scalars, of which w is the column, times a link of the chain. */
static NodeId vectorise_link(Vectoriser *g, const ProductView *p, NodeId link, NodeId w) {
  NodeId r = spread(g, link, w);
  return r || g->s->status != STORE_OK ? r : vectorise_operand(g, p, link);
}

/* The sum for a column and a row beside it that hold the counter, as those of (x - c)*(x - c)' do:
   with M*e and e'*N it is M*diag(w)*N. 0 if the chain is another one. */
static NodeId vectorise_outer(Vectoriser *g, const ProductView *p, NodeId w) {
  Store *s = g->s;
  uint32_t at = 0, n = p->links;
  while (at + 1 < n && !holds(g, p->chain[at])) at++;
  if (at + 1 >= n || node_cols(s, p->chain[at]) != DIM_ONE || !holds(g, p->chain[at + 1])) return 0;
  for (uint32_t i = at + 2; i < n; i++)
    if (holds(g, p->chain[i])) return 0;
  NodeId e = unit_vector(g, g->index, g->d);
  NodeId left = matrix_of(g, p->chain[at], e, MATRIX_DEPTH);
  NodeId right = left ? matrix_of(g, build_transpose(s, p->chain[at + 1]), e, MATRIX_DEPTH) : 0;
  if (!right || holds(g, left) || holds(g, right)) return 0;
  Vec factors;
  vec_init(&factors);
  bool ok = true;
  for (uint32_t i = 0; ok && i < at; i++) ok = vec_push(s, &factors, p->chain[i]);
  ok = ok && vec_push(s, &factors, left) && vec_push(s, &factors, diagonal(g, w)) &&
       vec_push(s, &factors, build_transpose(s, right));
  for (uint32_t i = at + 2; ok && i < n; i++) ok = vec_push(s, &factors, p->chain[i]);
  NodeId r = ok ? build_product(s, factors.v, factors.n) : 0;
  vec_done(s, &factors);
  return r;
}

static NodeId vectorise_product(Vectoriser *g, NodeId body) {
  Store *s = g->s;
  NodeId self, rest;
  ProductView p = view_product(s, body, &self);
  NodeId w = column_of_scalars(g, &p, &rest), outer = w ? vectorise_outer(g, &p, w) : 0;
  if (outer) return build_mul(s, rest, outer);
  for (uint32_t i = 0; i < p.links; i++)
    if (node_op(s, p.chain[i]) == OP_SUM && holds(g, p.chain[i])) return vectorise_terms(g, &p, i);
  Vec factors;
  vec_init(&factors);
  bool ok = w && vec_push(s, &factors, rest);
  uint32_t spreads = 0;
  for (uint32_t i = 0; ok && i < p.links; i++) {
    NodeId link = p.chain[i];
    if (holds(g, link)) link = spreads++ ? 0 : vectorise_link(g, &p, link, w);
    ok = link && vec_push(s, &factors, link);
  }
  if (ok && !spreads) ok = vec_push(s, &factors, build_operator(s, s->ops->sum_of_entries, &w, 1));
  NodeId r = ok ? build_product(s, factors.v, factors.n) : 0;
  vec_done(s, &factors);
  return r;
}

static NodeId vectorise(Vectoriser *g, NodeId body) {
  Store *s = g->s;
  if (s->status != STORE_OK) return 0;
  if (!holds(g, body)) return build_mul(s, size_node(s, g->d), body);
  if (node_scalar(s, body)) return vectorise_scalar(g, body);
  return node_op(s, body) == OP_SUM ? vectorise_sum(g, body) : vectorise_product(g, body);
}

enum { PRODUCTS = 64 };

NodeId vectorise_counted(Store *s, NameId counter, NodeId first, NodeId last, NodeId body) {
  if (!s->ops->entry || !s->ops->unit_matrix || !s->ops->sum_of_entries) return 0;
  NodeId offset = build_sub(s, s->one, first), count = build_add(s, last, offset);
  Vectoriser g = {s,
                  counter,
                  build_add(s, counted_counter(s, counter), offset),
                  count ? size_of_node(s, count) : 0,
                  NULL,
                  PRODUCTS};
  if (!g.index || !g.d) return 0;
  g.columns = map_take(s);
  NodeId r = g.columns ? vectorise(&g, body) : 0;
  map_give(s, g.columns);
  return s->status == STORE_OK ? r : 0;
}
