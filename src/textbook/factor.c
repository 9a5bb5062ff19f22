/* factor.c: common factors of the terms of a sum. A term offers features: a scalar base, the first
** and the last link of its chain (or one that commutes with those before or behind it), a Hadamard
** factor, a linear operator around it. A scalar chain x'*A*y also offers its links, in both
** orientations, and a column times a scalar chain offers that chain opened (b*a'*x). For a feature
** that two terms or more share, build rest + factor*(inner sum); keep the best by size, until
** nothing gets smaller. */
#include "textbook/factor.h"

#include <string.h>

#include "algebra/build.h"
#include "algebra/operator.h"
#include "algebra/product.h"
#include "algebra/rebuild.h"
#include "core/hash.h"
#include "core/keymap.h"
#include "core/map.h"
#include "core/number.h"
#include "rules/commute.h"
#include "textbook/cost.h"
#include "textbook/expand.h"

/* A sum of more terms, or with more features, is left as it is. */
enum {
  FACTOR_TERMS = 4000,
  FACTOR_LINKS = 400,
  FACTOR_TRIES = 4,
  FACTOR_FEATURES = 1 << 17, /* a power of two: features are kept in doubling arrays */
  OVER_TERMS = 8
};

typedef enum {
  FEATURE_SCALAR,
  FEATURE_DIVISOR,
  FEATURE_FIRST,
  FEATURE_LAST,
  FEATURE_ENTRY,
  FEATURE_OPERATOR,
  FEATURE_ARGUMENT
} FeatureKind;

typedef struct {
  FeatureKind kind;
  NodeId key;     /* base, link, Hadamard base; for an operator a node with it */
  /* of an operator the argument that differs; of a link the number of links before (or behind)
     it; of a scalar its place */
  uint32_t index;
  uint32_t term, view;
} Feature;

typedef struct {
  Feature *v; /* in the order of their terms */
  uint32_t n, cap;
} Features;

typedef struct {
  NodeId coefficient, node;
} Term;

/* The chain that view v of a term shows, and the scalar in front (coefficient apart). */
typedef struct {
  NodeId link[FACTOR_LINKS];
  uint32_t n;
  NodeId scalar;
} View;

/* Is the scalar f a chain of matrices, as x'*A*y? */
static bool is_scalar_chain(const Store *s, NodeId f) {
  return node_op(s, f) == OP_PRODUCT && !node_scalar(s, node_child(s, f, 1));
}

/* Views 0: as it is; 1 + 2*i + transposed: with scalar factor i, a chain, opened. */
static bool view_of(Store *s, NodeId t, uint32_t view, View *v) {
  NodeId self;
  ProductView p = view_product(s, t, &self);
  v->n = 0;
  v->scalar = s->one;
  uint32_t open = view ? (view - 1) / 2 : p.scalars, transposed = view ? (view - 1) % 2 : 0;
  if (view && open >= p.scalars) return false;
  const NodeId *chain = NULL;
  uint32_t links = 0;
  if (view) {
    NodeId f = p.scalar[open];
    if (!is_scalar_chain(s, f)) return false;
    chain = node_children(s, f) + 1;
    links = node_arity(s, f) - 1;
  }
  if (links + p.links > FACTOR_LINKS || (!view && p.links == 0)) return false;
  bool row = p.links && node_rows(s, t) == DIM_ONE, column = p.links && node_cols(s, t) == DIM_ONE;
  if (view && p.links && !row && !column) return false;
  for (uint32_t i = 0; i < p.scalars; i++)
    if (i != open) v->scalar = build_mul(s, v->scalar, p.scalar[i]);
  if (!v->scalar) return false;
  if (!row)
    for (uint32_t i = 0; i < p.links; i++) v->link[v->n++] = p.chain[i];
  for (uint32_t i = 0; i < links; i++)
    v->link[v->n++] = transposed ? build_transpose(s, chain[links - 1 - i]) : chain[i];
  if (row)
    for (uint32_t i = 0; i < p.links; i++) v->link[v->n++] = p.chain[i];
  for (uint32_t i = 0; i < v->n; i++)
    if (!v->link[i]) return false;
  return true;
}

static bool positive(const Store *s, NodeId e) {
  return node_number(s, e) ? number_sign(s, e) > 0 : true;
}

/* Is f a linear operator of its first argument, all others being dimensions or indices? */
static bool linear_in_first_only(const Store *s, NodeId f) {
  const Operator *o = operator_at(s, node_op(s, f));
  uint32_t n = node_arity(s, f);
  for (uint32_t i = 0; i < n; i++)
    if (o->param[i].linear != (i == 0)) return false;
  return n > 0;
}

/* A power or a function of a matrix, which commutes with more than itself. */
static bool commutes_widely(const Store *s, NodeId x) {
  uint32_t op = node_op(s, x);
  return op == OP_POWER ||
         (op >= OP_FIRST_USER && operator_at(s, op)->flags & OPERATOR_MATRIX_FUNCTION);
}

/* Does link i of v commute with all that are before it (or behind it, seen from the end)? */
static bool reaches_end(Store *s, const View *v, uint32_t i, bool last) {
  NodeId x = v->link[last ? v->n - 1 - i : i];
  for (uint32_t j = 0; j < i; j++) {
    NodeId y = v->link[last ? v->n - 1 - j : j];
    if (node_rows(s, x) != node_rows(s, y) || node_cols(s, x) != node_cols(s, y) ||
        !(commutes_widely(s, x) || commutes_widely(s, y)))
      return false;
    if (!commute_matrices(s, x, y)) return false;
  }
  return true;
}

static void add_feature(Store *s, Features *all, Feature f) {
  if (all->n == all->cap) {
    uint32_t cap = all->cap ? all->cap * 2 : 64;
    if (cap > FACTOR_FEATURES) return;
    Feature *v = store_realloc(s, all->v, all->cap * sizeof *v, cap * sizeof *v);
    if (!v) return;
    all->v = v;
    all->cap = cap;
  }
  all->v[all->n++] = f;
}

/* Add the features of a term. */
static void features_of(Store *s, const Term *t, uint32_t index, Features *all) {
  NodeId self;
  ProductView p = view_product(s, t->node, &self);
#define ADD_FEATURE(how, what, arg, v) add_feature(s, all, (Feature){how, what, arg, index, v})
  for (uint32_t i = 0; i < p.scalars; i++) {
    NodeId f = p.scalar[i];
    ADD_FEATURE(positive(s, power_exponent(s, f)) ? FEATURE_SCALAR : FEATURE_DIVISOR,
                power_base(s, f), i, 0);
  }
  for (uint32_t view = 0; view <= 2 * p.scalars; view++) {
    View v;
    if (view && !is_scalar_chain(s, p.scalar[(view - 1) / 2])) continue;
    if (!view_of(s, t->node, view, &v) || v.n == 0) continue;
    ADD_FEATURE(FEATURE_FIRST, v.link[0], 0, view);
    if (view == 0 || node_scalar(s, t->node) || v.n > 1)
      ADD_FEATURE(FEATURE_LAST, v.link[v.n - 1], 0, view);
    for (uint32_t i = 1; i < v.n && reaches_end(s, &v, i, false); i++)
      ADD_FEATURE(FEATURE_FIRST, v.link[i], i, view);
    for (uint32_t i = 1; i < v.n && reaches_end(s, &v, i, true); i++)
      ADD_FEATURE(FEATURE_LAST, v.link[v.n - 1 - i], i, view);
  }
  if (p.links == 1) {
    NodeId f = p.chain[0];
    if (node_op(s, f) == OP_HADAMARD)
      for (uint32_t i = 0; i < node_arity(s, f); i++) {
        NodeId e = node_child(s, f, i);
        /* else a divisor, as it is */
        bool above = node_op(s, e) == OP_ELPOWER && positive(s, node_child(s, e, 1));
        ADD_FEATURE(FEATURE_ENTRY, above ? node_child(s, e, 0) : e, 0, 0);
      }
    else
      ADD_FEATURE(
          FEATURE_ENTRY,
          node_op(s, f) == OP_ELPOWER && positive(s, node_child(s, f, 1)) ? node_child(s, f, 0) : f,
          0, 0);
  }
  NodeId f = p.links == 1 ? p.chain[0] : p.links == 0 && p.scalars == 1 ? p.scalar[0] : 0;
  uint32_t op = f ? node_op(s, f) : 0;
  /* with scalars in front: c*diag(v) */
  uint32_t kinds = OPERATOR_LINEAR | OPERATOR_ADDITIVE | OPERATOR_MEMBER; /* x_i is a letter */
  uint32_t how = op >= OP_FIRST_USER ? operator_at(s, op)->flags & kinds : 0;
  if (how == OPERATOR_LINEAR) { /* scalars may go into it */
    uint32_t k = node_arity(s, f);
    if (linear_in_first_only(s, f)) ADD_FEATURE(FEATURE_OPERATOR, f, 0, 0);
    for (uint32_t i = 0; k == 2 && i < 2; i++)
      if (operator_at(s, op)->param[i].linear)
        ADD_FEATURE(FEATURE_ARGUMENT, node_child(s, f, 1 - i), i, op);
  }
#undef ADD_FEATURE
}

static bool same_feature(const Store *s, const Feature *a, const Feature *b) {
  if (a->kind == FEATURE_OPERATOR && b->kind == FEATURE_OPERATOR) {
    uint32_t n = node_arity(s, a->key);
    if (node_op(s, a->key) != node_op(s, b->key)) return false;
    return memcmp(node_children(s, a->key) + 1, node_children(s, b->key) + 1,
                  (n - 1) * sizeof(NodeId)) == 0;
  }
  return a->kind == b->kind && a->key == b->key &&
         (a->kind != FEATURE_ARGUMENT || (a->index == b->index && a->view == b->view));
}

static uint32_t hash_feature(const Store *s, const Feature *f) {
  uint32_t h = f->kind + 1;
  if (f->kind == FEATURE_OPERATOR) {
    h = hash_mix(h * 31 + node_op(s, f->key));
    for (uint32_t i = 1; i < node_arity(s, f->key); i++)
      h = hash_mix(h * 31 + node_child(s, f->key, i));
    return h;
  }
  h = hash_mix(h * 31 + f->key);
  return f->kind == FEATURE_ARGUMENT ? hash_mix(h * 31 + f->index * 7 + f->view) : h;
}

/* So few features are compared one by one. */
enum { FEW_FEATURES = 24 };

/* By feature, the first that is the same: `first` has room for all. */
static bool find_first(Store *s, const Features *all, uint32_t *first) {
  if (all->n <= FEW_FEATURES) {
    for (uint32_t i = 0; i < all->n; i++) {
      uint32_t at = 0;
      while (at < i && (first[at] != at || !same_feature(s, &all->v[at], &all->v[i]))) at++;
      first[i] = at;
    }
    return true;
  }
  KeyMap known = {.stamp = 1};
  bool ok = true;
  for (uint32_t i = 0; ok && i < all->n; i++) {
    uint32_t key = hash_feature(s, &all->v[i]), at;
    if (key == 0) key = 1;
    while ((at = keymap_get(&known, key)) && !same_feature(s, &all->v[at - 1], &all->v[i]))
      key = key == UINT32_MAX ? 1 : key + 1;
    ok = at || keymap_put(s, &known, key, i + 1);
    first[i] = at ? at - 1 : i;
  }
  keymap_free(s, &known);
  return ok;
}

/* What is left of term t when the feature (to the power e) is taken out. */
static NodeId without(Store *s, const Term *t, const Feature *f, NodeId e) {
  NodeId r = 0;
  if (f->kind == FEATURE_SCALAR || f->kind == FEATURE_DIVISOR) {
    r = build_mul(s, t->node, build_power(s, f->key, build_neg(s, e)));
  } else if (f->kind == FEATURE_FIRST || f->kind == FEATURE_LAST) {
    View v;
    if (!view_of(s, t->node, f->view, &v)) return 0;
    NodeId inner;
    if (v.n == 1)
      inner = build_identity(s, f->kind == FEATURE_FIRST ? node_cols(s, v.link[0])
                                                         : node_rows(s, v.link[0]));
    else {
      for (uint32_t i = f->kind == FEATURE_FIRST ? f->index : v.n - 1 - f->index; i + 1 < v.n; i++)
        v.link[i] = v.link[i + 1];
      inner = build_product(s, v.link, v.n - 1);
    }
    r = build_mul(s, v.scalar, inner);
  } else if (f->kind == FEATURE_ENTRY) {
    NodeId parts[2] = {t->node, build_elpower(s, f->key, s->minus_one)};
    NodeId self;
    ProductView p = view_product(s, t->node, &self);
    if (p.links == 1 && p.chain[0] == f->key) { /* itself: entries of ones are left */
      r = build_ones(s, node_rows(s, f->key), node_cols(s, f->key));
      for (uint32_t i = 0; i < p.scalars; i++) r = build_mul(s, p.scalar[i], r);
    } else if (parts[1]) {
      r = build_hadamard(s, parts, 2);
    }
  } else {
    NodeId self, rest = t->node, scalar = s->one;
    ProductView p = view_product(s, t->node, &self);
    if (p.links == 1) scalar = product_split(s, t->node, &rest);
    r = scalar
            ? build_mul(s, scalar, node_child(s, rest, f->kind == FEATURE_OPERATOR ? 0 : f->index))
            : 0;
  }
  return r ? build_scale(s, t->coefficient, r) : 0;
}

static NodeId with(Store *s, const Feature *f, NodeId e, NodeId inner) {
  NodeId pair[2] = {f->key, inner};
  if (!inner) return 0;
  switch (f->kind) {
    case FEATURE_SCALAR:
    case FEATURE_DIVISOR: return build_mul(s, build_power(s, f->key, e), inner);
    case FEATURE_FIRST: return build_product(s, pair, 2);
    case FEATURE_LAST: pair[0] = inner; pair[1] = f->key; return build_product(s, pair, 2);
    case FEATURE_ENTRY: return build_hadamard(s, pair, 2);
    case FEATURE_OPERATOR: {
      NodeId args[PARAM_MAX];
      uint32_t n = node_arity(s, f->key);
      memcpy(args, node_children(s, f->key), n * sizeof *args);
      args[0] = inner;
      return build_operator(s, node_op(s, f->key), args, n);
    }
    case FEATURE_ARGUMENT:
      if (f->index == 0) {
        pair[0] = inner;
        pair[1] = f->key;
      }
      return build_operator(s, f->view, pair, 2);
  }
  return 0;
}

/* The common exponent of a scalar feature among the terms of its group: the one nearest to zero. */
static NodeId common_exponent(Store *s, const Term *t, const uint32_t *group, const Feature *all,
                              uint32_t n) {
  NodeId best = 0;
  for (uint32_t i = 0; i < n; i++) {
    const Feature *g = &all[group[i]];
    NodeId self;
    ProductView p = view_product(s, t[g->term].node, &self);
    NodeId e = power_exponent(s, p.scalar[g->index]);
    if (!node_number(s, e)) {
      if (best && best != e) return 0;
      best = e;
      continue;
    }
    if (best && !node_number(s, best)) return 0;
    if (!best ||
        (number_sign(s, e) > 0 ? number_compare(s, e, best) < 0 : number_compare(s, e, best) > 0))
      best = e;
  }
  return best;
}

static NodeId collect_sum(Store *s, NodeId sum, uint32_t depth);

typedef struct {
  uint32_t first; /* a feature of the group */
  uint32_t size, gain;
} Group;

/* A sum while its terms are collected, with room for lists as long as it. */
typedef struct {
  NodeId sum;
  uint32_t n, depth;
  Term *term;
  Features all;
  uint32_t *first; /* by feature: the first that is the same */
  Group *count;    /* by feature that is a first: its group */
  uint32_t *group; /* features, one for each term that is collected */
  NodeId *inner, *rest;
} Collecting;

static bool collecting_open(Store *s, Collecting *c) {
  uint32_t n = c->n;
  c->term = store_realloc(s, NULL, 0, n * sizeof *c->term);
  c->group = store_realloc(s, NULL, 0, n * sizeof *c->group);
  c->inner = store_realloc(s, NULL, 0, n * sizeof *c->inner);
  c->rest = store_realloc(s, NULL, 0, n * sizeof *c->rest);
  if (!c->term || !c->group || !c->inner || !c->rest) return false;
  for (uint32_t i = 0; i < n; i++) {
    c->term[i] = (Term){node_child(s, c->sum, 2 * i), node_child(s, c->sum, 2 * i + 1)};
    features_of(s, &c->term[i], i, &c->all);
  }
  if (c->all.n == FACTOR_FEATURES) c->all.n = 0; /* too many: all of them are left */
  if (s->status != STORE_OK || c->all.n == 0) return s->status == STORE_OK;
  c->first = store_realloc(s, NULL, 0, c->all.n * sizeof *c->first);
  c->count = store_realloc(s, NULL, 0, c->all.n * sizeof *c->count);
  return c->first && c->count && find_first(s, &c->all, c->first);
}

static void collecting_close(Store *s, Collecting *c) {
  uint32_t n = c->n;
  if (c->term) store_realloc(s, c->term, n * sizeof *c->term, 0);
  if (c->group) store_realloc(s, c->group, n * sizeof *c->group, 0);
  if (c->inner) store_realloc(s, c->inner, n * sizeof *c->inner, 0);
  if (c->rest) store_realloc(s, c->rest, n * sizeof *c->rest, 0);
  if (c->first) store_realloc(s, c->first, c->all.n * sizeof *c->first, 0);
  if (c->count) store_realloc(s, c->count, c->all.n * sizeof *c->count, 0);
  if (c->all.v) store_realloc(s, c->all.v, c->all.cap * sizeof *c->all.v, 0);
}

/* The groups of at least two terms that gain most, the best first; how many. */
static uint32_t best_groups(Store *s, Collecting *c, Group *best) {
  static const uint32_t none = 0xffffffff;
  const Feature *all = c->all.v;
  uint32_t tries = 0;
  for (uint32_t i = 0; i < c->all.n; i++) { /* `gain` is the last term that was counted */
    Group *g = &c->count[c->first[i]];
    if (c->first[i] == i) *g = (Group){i, 1, all[i].term};
    else if (g->gain != all[i].term) {
      g->size++;
      g->gain = all[i].term;
    }
  }
  for (uint32_t i = 0; i < c->all.n; i++) {
    if (c->first[i] != i || c->count[i].size < 2) continue;
    Group g = c->count[i];
    uint32_t weight = all[i].kind == FEATURE_OPERATOR ? 1 : cost_node(s, all[i].key) + 1;
    g.gain = (g.size - 1) * weight;
    uint32_t at = tries < FACTOR_TRIES ? tries++ : none;
    if (at == none) {
      if (best[FACTOR_TRIES - 1].gain >= g.gain) continue;
      at = FACTOR_TRIES - 1;
    }
    for (; at > 0 && best[at - 1].gain < g.gain; at--) best[at] = best[at - 1];
    best[at] = g;
  }
  return tries;
}

/* The sum with the terms of a group collected; 0 if that cannot be done (or on failure). */
static NodeId collect_group(Store *s, Collecting *c, uint32_t first) {
  const Feature *all = c->all.v, *f = &all[first];
  uint32_t m = 0, others = 0;
  for (uint32_t j = first; j < c->all.n; j++)
    if (c->first[j] == first && (m == 0 || all[c->group[m - 1]].term != all[j].term))
      c->group[m++] = j;
  NodeId e = f->kind == FEATURE_SCALAR || f->kind == FEATURE_DIVISOR
                 ? common_exponent(s, c->term, c->group, all, m)
                 : s->one;
  if (!e) return 0;
  for (uint32_t j = 0; j < m; j++) {
    NodeId x = without(s, &c->term[all[c->group[j]].term], &all[c->group[j]], e);
    c->inner[j] = x;
    if (!x || node_rows(s, x) != node_rows(s, c->inner[0]) ||
        node_cols(s, x) != node_cols(s, c->inner[0]))
      return 0;
  }
  NodeId in = build_sum(s, c->inner, m);
  if (in && node_op(s, in) == OP_SUM) in = collect_sum(s, in, c->depth + 1);
  NodeId made = with(s, f, e, in);
  if (!made) return 0;
  c->rest[others++] = made;
  for (uint32_t j = 0, k = 0; j < c->n; j++) {
    if (k < m && all[c->group[k]].term == j) k++;
    else c->rest[others++] = build_scale(s, c->term[j].coefficient, c->term[j].node);
  }
  if (node_rows(s, made) != node_rows(s, c->sum) || node_cols(s, made) != node_cols(s, c->sum))
    return 0;
  return build_sum(s, c->rest, others);
}

/* The sum with one group of terms collected, the best of a few; 0 if none is smaller (or on
   failure). */
static NodeId collect_once(Store *s, NodeId sum, uint32_t depth) {
  Collecting c = {.sum = sum, .n = node_arity(s, sum) / 2, .depth = depth};
  Group best[FACTOR_TRIES];
  NodeId winner = 0;
  uint32_t lowest = cost_node(s, sum);
  uint32_t tries = collecting_open(s, &c) ? best_groups(s, &c, best) : 0;
  if (c.n > 12 && tries > 1) tries = 1;
  for (uint32_t k = 0; k < tries && s->status == STORE_OK && best[k].gain * 2 >= best[0].gain;
       k++) {
    NodeId whole = collect_group(s, &c, best[k].first);
    uint32_t cost = whole ? cost_node(s, whole) : lowest;
    if (cost < lowest) {
      lowest = cost;
      winner = whole;
    }
  }
  collecting_close(s, &c);
  return s->status == STORE_OK ? winner : 0;
}

/* The factors of a term that may be divisors: the entries of a Hadamard product, or its scalars.
   *self holds a lone one. */
static uint32_t divisors_of(Store *s, NodeId term, bool entries, NodeId *self, const NodeId **out) {
  ProductView p = view_product(s, term, self);
  if (!entries) {
    *out = p.scalar;
    return p.scalars;
  }
  NodeId f = p.links == 1 ? p.chain[0] : 0;
  if (!f || (node_op(s, f) != OP_HADAMARD && node_op(s, f) != OP_ELPOWER)) return 0;
  *out = node_op(s, f) == OP_HADAMARD ? node_children(s, f) : p.chain;
  return node_op(s, f) == OP_HADAMARD ? node_arity(s, f) : 1;
}

/* Does the term hold the power of a base, entry by entry or not; the exponent, 0 if not. */
static NodeId power_in(Store *s, NodeId term, NodeId base, bool entries) {
  NodeId self;
  const NodeId *f = NULL;
  uint32_t k = divisors_of(s, term, entries, &self, &f);
  for (uint32_t j = 0; j < k; j++)
    if ((node_op(s, f[j]) == OP_POWER || node_op(s, f[j]) == OP_ELPOWER) &&
        node_child(s, f[j], 0) == base)
      return node_child(s, f[j], 1);
  return 0;
}

static bool plain(const Store *s, NodeId term) {
  uint32_t op = node_op(s, term);
  return term == s->one || op == OP_ONES || op == OP_IDENTITY;
}

/* base^exponent, a divisor of terms: entry by entry, or of the whole term. */
typedef struct {
  NodeId base, exponent;
  bool entries;
} Divisor;

/* Terms of a sum (those with the base as a divisor, and constants; or all) over the divisor. */
static NodeId put_over(Store *s, NodeId sum, const Divisor *d, bool all, uint32_t depth) {
  NodeId base = d->base, e = d->exponent;
  bool entries = d->entries;
  uint32_t n = node_arity(s, sum) / 2, above = 0, others = 0;
  NodeId up = number_neg(s, e), top[OVER_TERMS], rest[OVER_TERMS + 1];
  NodeId over = entries ? build_elpower(s, base, up) : build_power(s, base, up);
  NodeId under = entries ? build_elpower(s, base, e) : build_power(s, base, e);
  if (!over || !under) return 0;
  for (uint32_t i = 0; i < n; i++) {
    NodeId t = node_child(s, sum, 2 * i + 1),
           pair[2] = {build_scale(s, node_child(s, sum, 2 * i), t), over};
    if (!all && !plain(s, t) && !power_in(s, t, base, entries)) {
      rest[others++] = pair[0];
      continue;
    }
    NodeId product = entries ? build_hadamard(s, pair, 2) : build_product(s, pair, 2);
    NodeId open = product ? expand_once(s, product) : 0;
    if (!open) return 0;
    top[above++] = open;
  }
  if (above < 2 || (!all && !others)) return sum;
  NodeId pair[2] = {build_sum(s, top, above), under};
  if (pair[0] && node_op(s, pair[0]) == OP_SUM) pair[0] = collect_sum(s, pair[0], depth + 2);
  rest[others++] = !pair[0] ? 0 : entries ? build_hadamard(s, pair, 2) : build_product(s, pair, 2);
  return build_sum(s, rest, others);
}

/* The sum with terms over a common denominator, a power of one base, where the numerator cancels:
   1/c - q/c^2 with c = 1 + q is 1/c^2. 0 if none is smaller (or on failure). */
static NodeId over_common(Store *s, NodeId sum, uint32_t depth) {
  uint32_t n = node_arity(s, sum) / 2, known = 0, cost = cost_node(s, sum);
  Divisor divisor[FACTOR_TRIES];
  NodeId winner = 0;
  for (uint32_t i = 0; i < n && n <= OVER_TERMS; i++)
    for (int each = 0; each < 2; each++) {
      NodeId self;
      const NodeId *f = NULL;
      uint32_t k = divisors_of(s, node_child(s, sum, 2 * i + 1), each, &self, &f);
      for (uint32_t j = 0; j < k; j++) {
        uint32_t op = node_op(s, f[j]), at = 0;
        if (op != OP_POWER && op != OP_ELPOWER) continue;
        NodeId base = node_child(s, f[j], 0), e = node_child(s, f[j], 1);
        if (!node_number(s, e) || number_sign(s, e) > 0) continue;
        while (at < known && divisor[at].base != base) at++;
        if (at == FACTOR_TRIES) continue;
        if (at == known) {
          divisor[known++] = (Divisor){base, e, each};
        } else if (number_compare(s, e, divisor[at].exponent) < 0) {
          divisor[at].exponent = e;
        }
      }
    }
  for (uint32_t i = 0; i < 2 * known && s->status == STORE_OK; i++) {
    NodeId made = put_over(s, sum, &divisor[i / 2], i % 2, depth);
    if (!made || cost_node(s, made) >= cost) continue;
    cost = cost_node(s, made);
    winner = made;
  }
  return s->status == STORE_OK ? winner : 0;
}

/* The number c with c*part among the terms of `sum`, term `but` apart, which `where` then marks; 0:
   there is none. */
static NodeId spread_in(Store *s, NodeId sum, NodeId part, uint32_t but, bool *where) {
  NodeId ratio = 0;
  memset(where, 0, node_arity(s, sum) / 2 * sizeof *where);
  for (uint32_t i = 0; i < node_arity(s, part); i += 2) {
    uint32_t j = 0;
    while (j < node_arity(s, sum) &&
           (j == 2 * but || node_child(s, sum, j + 1) != node_child(s, part, i + 1)))
      j += 2;
    if (j == node_arity(s, sum)) return 0;
    NodeId r = number_mul(s, node_child(s, sum, j), number_pow(s, node_child(s, part, i), -1));
    if (!r || (ratio && r != ratio)) return 0;
    ratio = r;
    where[j / 2] = true;
  }
  return ratio;
}

/* The sum with a factor that is a sum itself taken out of one term and of those over which it is
   spread: x - a + (x - a)*B as (x - a)*(I + B). 0 if none is smaller (or on failure). */
static NodeId take_spread(Store *s, NodeId sum, uint32_t depth) {
  uint32_t n = node_arity(s, sum) / 2, lowest = cost_node(s, sum);
  NodeId winner = 0, *rest = store_realloc(s, NULL, 0, n * sizeof *rest);
  bool *where = store_realloc(s, NULL, 0, n * sizeof *where);
  for (uint32_t i = 0; rest && where && i < n && s->status == STORE_OK; i++) {
    Term t = {node_child(s, sum, 2 * i), node_child(s, sum, 2 * i + 1)};
    View v;
    if (!view_of(s, t.node, 0, &v)) continue;
    for (uint32_t last = 0; last < 2; last++) {
      NodeId part = v.link[last ? v.n - 1 : 0];
      uint32_t others = 0;
      if (node_op(s, part) != OP_SUM || node_arity(s, part) / 2 >= n) continue;
      if (node_rows(s, part) != node_rows(s, sum) || node_cols(s, part) != node_cols(s, sum))
        continue;
      NodeId ratio = spread_in(s, sum, part, i, where);
      if (!ratio) continue;
      Feature f = {last ? FEATURE_LAST : FEATURE_FIRST, part, 0, i, 0};
      NodeId unit = build_identity(s, last ? node_rows(s, part) : node_cols(s, part));
      NodeId in = build_add(s, without(s, &t, &f, s->one), build_scale(s, ratio, unit));
      if (in && node_op(s, in) == OP_SUM) in = collect_sum(s, in, depth + 1);
      rest[others++] = with(s, &f, s->one, in);
      for (uint32_t j = 0; j < n; j++)
        if (j != i && !where[j])
          rest[others++] = build_scale(s, node_child(s, sum, 2 * j), node_child(s, sum, 2 * j + 1));
      NodeId whole = rest[0] ? build_sum(s, rest, others) : 0;
      if (!whole || cost_node(s, whole) >= lowest) continue;
      lowest = cost_node(s, whole);
      winner = whole;
    }
  }
  if (rest) store_realloc(s, rest, n * sizeof *rest, 0);
  if (where) store_realloc(s, where, n * sizeof *where, 0);
  return s->status == STORE_OK ? winner : 0;
}

static NodeId collect_sum(Store *s, NodeId sum, uint32_t depth) {
  while (node_op(s, sum) == OP_SUM && node_arity(s, sum) / 2 <= FACTOR_TERMS && depth < 6) {
    NodeId next = collect_once(s, sum, depth);
    if (!next && s->status == STORE_OK) next = take_spread(s, sum, depth);
    if (!next && s->status == STORE_OK) next = over_common(s, sum, depth);
    if (s->status != STORE_OK) return 0;
    if (!next) break;
    sum = next;
  }
  return sum;
}

/* Walks pass over what holds no sum. */
static bool without_sums(const Store *s, NodeId x, void *data) {
  (void)data;
  return !(node_flags(s, x) & FLAG_SUM) || node_op(s, x) == OP_FUNCTION;
}

Map *factor_sums(Store *s, NodeId x) {
  Map *sums = map_take(s);
  Vec order;
  vec_init(&order);
  bool ok = sums && (!x || node_postorder(s, x, &order, without_sums, NULL));
  for (uint32_t i = 0; ok && i < order.n; i++)
    if (node_op(s, order.v[i]) == OP_SUM) ok = map_put(s, sums, order.v[i], 1);
  vec_done(s, &order);
  if (ok) return sums;
  map_give(s, sums);
  return NULL;
}

NodeId factor_collect(Store *s, NodeId x, const Map *kept) {
  if (!x || without_sums(s, x, NULL)) return x;
  Map *memo = map_take(s);
  Vec order;
  vec_init(&order);
  bool ok = memo && node_postorder(s, x, &order, without_sums, NULL);
  for (uint32_t i = 0; ok && i < order.n; i++) {
    NodeId y = rebuild_node(s, order.v[i], memo, false);
    if (y && node_op(s, y) == OP_SUM && !map_get(kept, y)) y = collect_sum(s, y, 0);
    ok = y && map_put(s, memo, order.v[i], y);
  }
  NodeId r = ok ? map_get(memo, x) : 0;
  vec_done(s, &order);
  map_give(s, memo);
  return r;
}
