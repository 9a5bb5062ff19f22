/* match_chain.c: matching chains of matrices. A variable in a pattern's chain may stand for a
** stretch of the node's, and what is matched may be a part of it. */
#include "rules/match_chain.h"

#include <string.h>

#include "algebra/build.h"
#include "algebra/product.h"
#include "core/number.h"
#include "rules/goal.h"
#include "rules/pattern.h"

/* The pattern A' where A is known. */
static bool known_transpose(const Match *m, NodeId p) {
  NodeId a = pattern_transposed(m->s, p);
  return a && !match_is_bare(m, a);
}

/* How many links the value has, if the k links x begin with it; otherwise 0. */
static uint32_t bound_links(Store *s, NodeId value, const NodeId *x, uint32_t k) {
  if (!value) return 0;
  if (value == x[0]) return 1;
  NodeId self;
  ProductView v = view_product(s, value, &self);
  bool chain = v.links > 1 && v.scalars == 0 && v.coefficient == s->one;
  return chain && v.links <= k && memcmp(v.chain, x, v.links * sizeof *x) == 0 ? v.links : 0;
}

/* Links of a pattern's chain, to be matched with links of a node's. */
typedef struct {
  Goal goal;
  const NodeId *p, *x;
  uint32_t n, k;     /* how many of p, of x */
  const NodeId *all; /* where the node's chain begins, if links may be left over; else NULL */
} Links;

static bool match_links(Match *m, const Links *c);
static bool solve_links(Match *m, const Goal *g) { return match_links(m, (const Links *)g); }

/* What is to be matched once p[0] is known to be the first links of x. */
static Links after(const Links *c, uint32_t taken) {
  return (Links){
      {solve_links, c->goal.next}, c->p + 1, c->x + taken, c->n - 1, c->k - taken, c->all};
}

/* Is the variable beside its own transpose at the beginning of the pattern? Then the two
   stretches meet in two links that are each other's transpose. */
static bool meets_transpose(const Store *s, const NodeId *p, uint32_t n) {
  return n > 1 && (pattern_transposed(s, p[0]) == p[1] || pattern_transposed(s, p[1]) == p[0]);
}

/* The pattern begins with A', and A, which follows, is not bound: x must hold the transpose. */
static bool match_open_transpose(Match *m, const Links *c, NodeId variable) {
  Store *s = m->s;
  const NodeId *x = c->x;
  bool meets = c->p[1] == variable;
  /* most chains and stretches, without making any */
  if (!node_among(x + 1, c->k - 1, build_transpose(s, x[0]))) return false;
  for (uint32_t take = c->k - c->n + 1; take > 0; take--) {
    NodeId last = build_transpose(s, x[take - 1]);
    if (meets ? x[take] != last : !node_among(x + take, c->k - take, last)) continue;
    NodeId value = build_transpose(s, product_links(s, x, take));
    if (!value) return false; /* the store has failed: no try would do better */
    Links rest = after(c, take);
    if (match_node(m, variable, value, false, &rest.goal)) return true;
  }
  return false;
}

/* The pattern begins with a bare variable: match it with a stretch, the longest first. */
static bool match_stretch(Match *m, const Links *c) {
  Store *s = m->s;
  const NodeId *p = c->p, *x = c->x;
  bool column = node_cols(s, p[0]) == DIM_ONE, meets = meets_transpose(s, p, c->n);
  for (uint32_t take = c->k - c->n + 1; take > 1; take--) {
    if (c->n == 1 && take < c->k && !c->all) break;
    if (column && node_cols(s, x[take - 1]) != DIM_ONE) continue;
    if (meets && x[take] != build_transpose(s, x[take - 1])) continue;
    if (c->n > 1 && !pattern_any_link(s, p, c->n, 1) && !known_transpose(m, p[1]) &&
        node_op(s, p[1]) != node_op(s, x[take]))
      continue;
    NodeId value = product_links(s, x, take);
    if (!value) return false;
    Links rest = after(c, take);
    if (match_node(m, p[0], value, false, &rest.goal)) return true;
  }
  return false;
}

static bool match_links(Match *m, const Links *c) {
  Store *s = m->s;
  const NodeId *p = c->p, *x = c->x;
  if (c->n == 0) {
    if (c->k > 0 && !c->all) return false;
    if (c->all) m->to = (uint32_t)(x - c->all);
    return goal_solve(m, c->goal.next);
  }
  if (c->k < c->n) return false;
  NodeId variable = pattern_transposed(s, p[0]);
  if (!variable && node_op(s, p[0]) == OP_VARIABLE) variable = p[0];
  if (variable && !match_is_bare(m, variable)) {
    NodeId value = m->var[node_words(s, variable)[2]];
    if (variable != p[0]) value = build_transpose(s, value);
    uint32_t links = bound_links(s, value, x, c->k);
    Links rest = after(c, links);
    return links && match_links(m, &rest);
  }
  if (variable && variable != p[0] && node_among(p + 1, c->n - 1, variable))
    return match_open_transpose(m, c, variable);
  bool row = node_rows(s, p[0]) == DIM_ONE;
  if (variable == p[0] && (!row || node_rows(s, x[0]) == DIM_ONE) && match_stretch(m, c))
    return true;
  if (node_op(s, p[0]) != OP_VARIABLE && node_op(s, p[0]) != node_op(s, x[0])) return false;
  Links rest = after(c, 1);
  return match_node(m, p[0], x[0], false, &rest.goal);
}

/* Is there a link beside its transpose among the n links x? */
static bool any_meet(Store *s, const NodeId *x, uint32_t n) {
  for (uint32_t i = 1; i < n; i++)
    if (x[i] == build_transpose(s, x[i - 1])) return true;
  return false;
}

/* Match the pattern with links of x that begin at place `at`, of k links from there. */
static bool match_at(Match *m, const ProductView *p, const Links *whole, uint32_t at, uint32_t k) {
  Links c = {whole->goal, p->chain, whole->x + at, p->links, k, whole->all};
  if (c.all) m->from = at; /* not by a chain inside the pattern */
  return match_links(m, &c);
}

/* May the pattern begin with the link x? */
static bool begins(const Store *s, const ProductView *p, bool freely, NodeId x) {
  return freely || node_op(s, p->chain[0]) == node_op(s, x);
}

static bool match_chain(Match *m, const ProductView *p, const NodeId *x, uint32_t n, bool part,
                        const Goal *next) {
  Store *s = m->s;
  Links whole = {{solve_links, next}, p->chain, x, p->links, n, part ? x : NULL};
  if (p->links > n || (meets_transpose(s, p->chain, p->links) && !any_meet(s, x, n))) return false;
  bool freely = pattern_begins_freely(s, p->chain, p->links);
  for (uint32_t at = 0; at + p->links <= n && (at == 0 || part); at++)
    if (begins(s, p, freely, x[at]) && match_at(m, p, &whole, at, n - at)) return true;
  return false;
}

bool match_chain_links(Match *m, const ProductView *p, const ProductView *x, bool part,
                       const Goal *next) {
  NodeId split[3 * LINKS_SPLIT];
  if (p->links == 0) return (part || x->links == 0) && goal_solve(m, next);
  if (match_chain(m, p, x->chain, x->links, part, next)) return true;
  if (x->links == 0) return false;
  uint32_t n = match_chain_split(m->s, p, x->chain, x->links, split);
  if (n <= x->links) return false;
  if (!part) return match_chain(m, p, split, n, false, next);
  m->split = true;
  if (match_chain(m, p, split, n, true, next)) return true;
  m->split = false;
  return false;
}

bool match_chain_cyclic(Match *m, const ProductView *p, const NodeId *x, uint32_t n,
                        const Goal *next) {
  NodeId twice[2 * LINKS_SPLIT];
  Store *s = m->s;
  if (n > LINKS_SPLIT || p->links > n) return false;
  for (uint32_t i = 0; i < 2 * n; i++) twice[i] = x[i % n];
  if (meets_transpose(s, p->chain, p->links) && !any_meet(s, twice, n + 1)) return false;
  Links whole = {{solve_links, next}, p->chain, twice, p->links, n, twice};
  bool freely = pattern_begins_freely(s, p->chain, p->links), stretches = false;
  for (uint32_t i = 0; i < p->links; i++)
    stretches = stretches || pattern_any_link(s, p->chain, p->links, i);
  /* without stretches only the last places reach round the end */
  for (uint32_t at = stretches ? 1 : n - p->links + 1; at < n; at++)
    if (begins(s, p, freely, twice[at]) && match_at(m, p, &whole, at, n)) return true;
  return false;
}

/* ---------------------------------------- powers */

/* The absolute value of an exponent that is a whole number, and its sign; 0: it is none. */
static int64_t whole(const Store *s, NodeId exponent, int64_t *sign) {
  int64_t e;
  if (!number_get_int(s, exponent, &e) || e > INT32_MAX || e < -INT32_MAX) return 0;
  *sign = e < 0 ? -1 : 1;
  return e < 0 ? -e : e;
}

/* The powers of the base with the exponents that are not 0, as links; false if one is none. */
static bool split_power(Store *s, NodeId base, int64_t sign, const int64_t *parts, NodeId *out,
                        uint32_t *n) {
  uint32_t k = *n;
  for (int i = 0; i < 3; i++) {
    if (parts[i] == 0) continue;
    NodeId f = build_power(s, base, number_int(s, sign * parts[i]));
    if (!f || power_base(s, f) != base) return false; /* a rule has rewritten it */
    out[k++] = f;
  }
  *n = k;
  return true;
}

uint32_t match_chain_split(Store *s, const ProductView *p, const NodeId *x, uint32_t n,
                           NodeId *out) {
  uint32_t k = 0;
  int64_t sign, first, last;
  if (p->links < 2 || n > LINKS_SPLIT) return n;
  bool any = false;
  for (uint32_t i = 0; i < n && !any; i++) any = node_op(s, x[i]) == OP_POWER;
  if (!any) return n;
  first = whole(s, power_exponent(s, p->chain[0]), &sign);
  last = whole(s, power_exponent(s, p->chain[p->links - 1]), &sign);
  if (!first || !last) return n;
  for (uint32_t i = 0; i < n; i++) {
    int64_t e = node_op(s, x[i]) == OP_POWER ? whole(s, power_exponent(s, x[i]), &sign) : 0;
    int64_t parts[3] = {0, 0, 0};
    if (e >= first + last) { /* a match may end with the first part, and begin with the last */
      parts[0] = last;
      parts[1] = e - first - last;
      parts[2] = first;
    } else if (e > first) {
      parts[0] = e - first;
      parts[2] = first;
    } else if (e > last) {
      parts[0] = last;
      parts[2] = e - last;
    }
    if (!parts[0] || !split_power(s, power_base(s, x[i]), sign, parts, out, &k)) out[k++] = x[i];
  }
  return s->status == STORE_OK ? k : 0;
}
