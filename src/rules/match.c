/* match.c: matching a rule's left side. It works on a list of goals (pattern, node) with
** backtracking; its recursion is bounded by the size of the pattern, never by the size of the
** expression. Sums and Hadamard products match up to order, products up to order of the scalar
** factors; a variable in a chain of matrices may stand for a stretch of it. */
#include "rules/match.h"

#include <string.h>

#include "algebra/build.h"
#include "algebra/operator.h"
#include "algebra/product.h"
#include "algebra/size.h"
#include "core/number.h"
#include "rules/pattern.h"

enum { PATTERN_TERMS = 12 };

typedef struct Goal {
  NodeId p, x;
  const struct Goal *next;
} Goal;

static bool solve(Match *m, const Goal *g);

static bool fit_dim(Match *m, DimId pattern, DimId value) {
  Store *s = m->s;
  NameId name = dim_get_name(s, pattern);
  if (name) return dimenv_bind(&m->dims, name, value);
  int64_t v;
  if (dim_get_int(s, pattern, &v)) return pattern == value;
  uint32_t open = 0;
  DimId d = dimenv_apply(s, &m->dims, pattern, &open);
  if (!open) return d == value;
  if (m->late == 8) return false;
  m->late_pattern[m->late] = pattern;
  m->late_value[m->late++] = value;
  return true;
}

static bool fit_shape(Match *m, NodeId p, NodeId x) {
  return fit_dim(m, node_rows(m->s, p), node_rows(m->s, x)) &&
         fit_dim(m, node_cols(m->s, p), node_cols(m->s, x));
}

typedef struct {
  uint32_t dims, late;
} Trail;

static Trail trail_of(const Match *m) { return (Trail){m->dims.n, m->late}; }

static void undo(Match *m, Trail t) {
  m->dims.n = t.dims;
  m->late = t.late;
}

static bool kind_fits(const Match *m, uint32_t kind, NodeId x) {
  switch (kind) {
    case KIND_NUMBER: return node_number(m->s, x);
    case KIND_SYMBOL: return node_op(m->s, x) == OP_SYMBOL;
    case KIND_CONSTANT: return !(node_flags(m->s, x) & (FLAG_TANGENT | FLAG_DIFF));
    case KIND_OPERATOR: return node_op(m->s, x) == OP_NAME;
    case KIND_FUNCTION: return node_op(m->s, x) == OP_FUNCTION || node_op(m->s, x) == OP_DERIVATIVE;
    default: return node_op(m->s, x) != OP_FUNCTION && node_op(m->s, x) != OP_NAME;
  }
}

static bool bind(Match *m, NodeId p, NodeId x, const Goal *next) {
  uint32_t *w = node_words(m->s, p), i = w[2];
  if (m->var[i]) return m->var[i] == x && solve(m, next);
  Trail t = trail_of(m);
  if (x && kind_fits(m, w[1], x) && fit_shape(m, p, x)) {
    m->var[i] = x;
    if (solve(m, next)) return true;
    m->var[i] = 0;
  }
  undo(m, t);
  return false;
}

static bool bare(const Match *m, NodeId p) {
  return node_op(m->s, p) == OP_VARIABLE && !m->var[node_words(m->s, p)[2]];
}

/* The pattern A' where A is known. */
static bool known_transpose(const Match *m, NodeId p) {
  NodeId a = pattern_transposed(m->s, p);
  return a && !bare(m, a);
}

/* Unordered matching of n pattern elements against k elements, with what is left given to the last
   bare variable, or kept as the rest (part), or refused. */
typedef struct {
  const NodeId *p;
  uint32_t n;
  const NodeId *x;
  uint32_t k;
  bool used[64];
  bool part;
  NodeId (*join)(Store *, const NodeId *, uint32_t);
  NodeId *rest; /* where the rest goes */
  NodeId extra; /* a factor that the rest carries along (a coefficient), 0: none */
  const Goal *next;
} Bag;

static bool bag_rest(Match *m, Bag *b, NodeId variable) {
  NodeId left[65];
  uint32_t n = 0;
  if (b->extra) left[n++] = b->extra;
  for (uint32_t i = 0; i < b->k; i++)
    if (!b->used[i]) left[n++] = b->x[i];
  if (variable) return n > 0 && bind(m, variable, b->join(m->s, left, n), b->next);
  if (n > 0 && !b->part) return false;
  if (b->rest) *b->rest = n ? b->join(m->s, left, n) : 0;
  return solve(m, b->next);
}

static bool bag_match(Match *m, Bag *b, uint32_t i) {
  if (i == b->n) return bag_rest(m, b, 0);
  if (i + 1 == b->n && bare(m, b->p[i])) {
    if (bag_rest(m, b, b->p[i])) return true;
    if (!b->part) return false;
  }
  for (uint32_t j = 0; j < b->k; j++) {
    if (b->used[j]) continue;
    if (j > 0 && b->x[j] == b->x[j - 1] && !b->used[j - 1]) continue;
    uint32_t op = node_op(m->s, b->p[i]);
    bool once = op != node_op(m->s, b->x[j]) && pattern_power_or_once(m->s, b->p[i]);
    if (op != OP_VARIABLE && op != node_op(m->s, b->x[j]) && !once) continue;
    b->used[j] = true;
    /* the element is matched alone first; the rest of the bag follows as the continuation */
    Match before = *m;
    Goal e = {once ? node_child(m->s, b->p[i], 1) : 0, m->s->one, NULL};
    Goal g = {once ? node_child(m->s, b->p[i], 0) : b->p[i], b->x[j], once ? &e : NULL};
    if (solve(m, &g) && bag_match(m, b, i + 1)) return true;
    *m = before;
    b->used[j] = false;
  }
  return false;
}

/* Put bare variables last, so that they take what is left. */
static uint32_t bare_last(const Match *m, const NodeId *p, uint32_t n, NodeId *out) {
  uint32_t k = 0;
  for (int pass = 0; pass < 2; pass++)
    for (uint32_t i = 0; i < n; i++)
      if (bare(m, p[i]) == (pass == 1)) out[k++] = p[i];
  return k;
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
  const NodeId *p, *x;
  uint32_t n, k;     /* how many of p, of x */
  const NodeId *all; /* where the node's chain begins, if links may be left over; else NULL */
  const Goal *next;
} Links;

static bool links_match(Match *m, const Links *c);

/* Match x[0] .. x[take-1] with the pattern as `goal` says, then what follows them. */
static bool goal_and_rest(Match *m, const Links *c, const Goal *goal, uint32_t take) {
  Links rest = {c->p + 1, c->x + take, c->n - 1, c->k - take, c->all, c->next};
  return (!goal || solve(m, goal)) && links_match(m, &rest);
}

/* The pattern begins with A', and A, which follows, is not bound: x must hold the transpose. */
static bool open_transpose_match(Match *m, const Links *c, NodeId variable) {
  Store *s = m->s;
  const NodeId *x = c->x;
  /* most chains and stretches, without making any */
  if (!node_among(x + 1, c->k - 1, build_transpose(s, x[0]))) return false;
  for (uint32_t take = c->k - c->n + 1; take > 0; take--) {
    if (!node_among(x + take, c->k - take, build_transpose(s, x[take - 1]))) continue;
    Match before = *m;
    Goal g = {variable, build_transpose(s, product_links(s, x, take)), NULL};
    if (!g.x) return false; /* the store has failed, by the clock perhaps: no try would do better */
    if (goal_and_rest(m, c, &g, take)) return true;
    *m = before;
  }
  return false;
}

/* The pattern begins with a bare variable: match it with a stretch, the longest first. */
static bool stretch_match(Match *m, const Links *c) {
  Store *s = m->s;
  const NodeId *p = c->p, *x = c->x;
  bool column = node_cols(s, p[0]) == DIM_ONE;
  for (uint32_t take = c->k - c->n + 1; take > 1; take--) {
    if (c->n == 1 && take < c->k && !c->all) break;
    if (column && node_cols(s, x[take - 1]) != DIM_ONE) continue;
    if (c->n > 1 && !pattern_any_link(s, p, c->n, 1) && !known_transpose(m, p[1]) &&
        node_op(s, p[1]) != node_op(s, x[take]))
      continue;
    Match before = *m;
    Goal g = {p[0], product_links(s, x, take), NULL};
    if (!g.x) return false;
    if (goal_and_rest(m, c, &g, take)) return true;
    *m = before;
  }
  return false;
}

static bool links_match(Match *m, const Links *c) {
  Store *s = m->s;
  const NodeId *p = c->p, *x = c->x;
  if (c->n == 0) {
    if (c->k > 0 && !c->all) return false;
    if (c->all) m->to = (uint32_t)(x - c->all);
    return solve(m, c->next);
  }
  if (c->k < c->n) return false;
  NodeId variable = pattern_transposed(s, p[0]);
  if (!variable && node_op(s, p[0]) == OP_VARIABLE) variable = p[0];
  if (variable && !bare(m, variable)) {
    NodeId value = m->var[node_words(s, variable)[2]];
    if (variable != p[0]) value = build_transpose(s, value);
    uint32_t links = bound_links(s, value, x, c->k);
    return links && goal_and_rest(m, c, NULL, links);
  }
  if (variable && variable != p[0] && node_among(p + 1, c->n - 1, variable))
    return open_transpose_match(m, c, variable);
  bool row = node_rows(s, p[0]) == DIM_ONE;
  if (bare(m, p[0]) && (!row || node_rows(s, x[0]) == DIM_ONE) && stretch_match(m, c)) return true;
  if (node_op(s, p[0]) != OP_VARIABLE && node_op(s, p[0]) != node_op(s, x[0])) return false;
  Match before = *m;
  Goal g = {p[0], x[0], NULL};
  if (goal_and_rest(m, c, &g, 1)) return true;
  *m = before;
  return false;
}

static bool chains(Match *m, const ProductView *p, const ProductView *x, bool part,
                   const Goal *next) {
  Store *s = m->s;
  if (p->links == 0) {
    if (x->links && !part) return false;
    return solve(m, next);
  }
  for (uint32_t at = 0; at < x->links && (at == 0 || part); at++) {
    if (x->links - at < p->links) break;
    if (!pattern_begins_freely(s, p->chain, p->links) &&
        node_op(s, p->chain[0]) != node_op(s, x->chain[at]))
      continue;
    Match before = *m;
    if (part) m->from = at; /* not by a chain inside the pattern */
    Links c = {p->chain, x->chain + at, p->links, x->links - at, part ? x->chain : NULL, next};
    if (links_match(m, &c)) return true;
    *m = before;
  }
  return false;
}

static NodeId join_product(Store *s, const NodeId *f, uint32_t n) { return build_product(s, f, n); }
static NodeId join_hadamard(Store *s, const NodeId *f, uint32_t n) {
  return build_hadamard(s, f, n);
}
static NodeId join_sum(Store *s, const NodeId *f, uint32_t n) { return build_sum(s, f, n); }

static bool match_multiple(Match *m, NodeId pattern, NodeId node, const Goal *next) {
  Store *s = m->s;
  NodeId self, c = node_child(s, pattern, 0);
  bool sum = node_op(s, node) == OP_SUM;
  NodeId ratio = number_pow(s, c, -1);
  if (!sum) ratio = number_mul(s, view_product(s, node, &self).coefficient, ratio);
  if (!ratio || (!sum && number_sign(s, ratio) < 0)) return false;
  NodeId rest = sum ? build_scale(s, ratio, node) : build_scale(s, number_pow(s, c, -1), node);
  return rest && bind(m, node_child(s, pattern, 1), rest, next);
}

static bool match_number_times(Match *m, NodeId pattern, NodeId node, const Goal *next) {
  Store *s = m->s;
  NodeId rest = node, content = s->one;
  if (node_op(s, node) == OP_SUM) content = build_content(s, node, &rest);
  else if (node_op(s, node) == OP_PRODUCT && (content = node_child(s, node, 0)) != s->one)
    rest = product_unit(s, node);
  if (!content || !rest || content == s->one) return false;
  Goal x = {node_child(s, pattern, 2), rest, next}, j = {node_child(s, pattern, 1), content, &x};
  return solve(m, &j);
}

/* How often the variable occurs in a pattern; 2 means twice or more. */
static uint32_t occurrences(const Store *s, NodeId pattern, NodeId variable) {
  if (pattern == variable) return 1;
  if (!(node_flags(s, pattern) & FLAG_VARIABLE)) return 0;
  uint32_t count = 0;
  for (uint32_t i = 0; count < 2 && i < node_arity(s, pattern); i++)
    count += occurrences(s, node_child(s, pattern, i), variable);
  return count;
}

/* The link of a pattern's chain that takes the scalars in front of a product: A*B matches 2*P*Q as
   P*(2*Q). It is a variable that is not bound and occurs once; 0: there is none. */
static NodeId scalar_taker(const Match *m, const ProductView *p) {
  Store *s = m->s;
  for (uint32_t i = p->links; i-- > 0;) {
    NodeId v = p->chain[i];
    if (!bare(m, v)) continue;
    uint32_t kind = node_words(s, v)[1];
    if ((kind == KIND_MATRIX || kind == KIND_VECTOR) && occurrences(s, m->rule->lhs, v) == 1)
      return v;
  }
  return 0;
}

static bool match_product(Match *m, NodeId pattern, NodeId node, bool part, const Goal *next) {
  Store *s = m->s;
  if (!part && pattern_number_times(s, pattern)) return match_number_times(m, pattern, node, next);
  if (!part && pattern_multiple(s, pattern)) return match_multiple(m, pattern, node, next);
  NodeId hold[2], ordered[PATTERN_TERMS], transposed_chain[64];
  ProductView p = product_factors(s, pattern, &hold[0]), x = product_factors(s, node, &hold[1]);
  if (p.scalars > PATTERN_TERMS || x.scalars > 60) return false;
  if (p.links > 0 && x.links == 0 && !part) return false;
  uint32_t n = bare_last(m, p.scalar, p.scalars, ordered);
  bool absorbs = n > 0 && bare(m, ordered[n - 1]);
  NodeId extra = p.coefficient == x.coefficient
                     ? 0
                     : number_mul(s, x.coefficient, number_pow(s, p.coefficient, -1));
  NodeId taker =
      (extra || x.scalars) && p.links && p.scalars == 0 && !part ? scalar_taker(m, &p) : 0;
  if (extra && !absorbs && !part && !taker) return false;
  NodeId front = 0, scalars = 0;
  if (taker) { /* all that stands in front of the chain */
    scalars = build_mul(s, extra ? extra : s->one,
                        x.scalars ? build_product(s, x.scalar, x.scalars) : s->one);
    extra = 0;
    x.scalars = 0;
  }
  Match before = *m;
  for (int transposed = 0; transposed < 2; transposed++) {
    /* chain first; the scalars are its continuation */
    Bag b = {ordered, n, x.scalar, x.scalars, {false}, part, join_product, &front, extra, next};
    if (chains(m, &p, &x, part, NULL)) {
      NodeId *taken = taker ? &m->var[node_words(s, taker)[2]] : NULL;
      if (taken && !(*taken = build_mul(s, scalars, *taken))) return false;
      Match after = *m;
      if (bag_match(m, &b, 0)) {
        if (part) m->rest_front = front;
        m->transposed = transposed;
        return true;
      }
      *m = after;
    }
    *m = before;
    if (!node_scalar(s, node) || x.links == 0 || x.links > 64 || transposed) break;
    for (uint32_t i = 0; i < x.links; i++)
      transposed_chain[i] = build_transpose(s, x.chain[x.links - 1 - i]);
    x.chain = transposed_chain;
  }
  return false;
}

static bool match_hadamard(Match *m, NodeId pattern, NodeId node, bool part, const Goal *next) {
  Store *s = m->s;
  NodeId ordered[PATTERN_TERMS];
  if (node_arity(s, pattern) > PATTERN_TERMS || node_arity(s, node) > 60) return false;
  uint32_t n = bare_last(m, node_children(s, pattern), node_arity(s, pattern), ordered);
  Bag b = {ordered, n,    node_children(s, node), node_arity(s, node),
           {false}, part, join_hadamard,          part ? &m->rest_front : NULL,
           0,       next};
  return bag_match(m, &b, 0);
}

/* Sums: pairs of coefficient and term. All coefficients of the match have one ratio to those of the
   pattern. */
typedef struct {
  NodeId pc[PATTERN_TERMS], pt[PATTERN_TERMS];
  uint32_t n;
  const NodeId *x;
  uint32_t k;
  bool used[64];
  bool part;
  const Goal *next;
} Terms;

static bool terms_rest(Match *m, Terms *b, NodeId variable) {
  Store *s = m->s;
  NodeId left[64];
  uint32_t n = 0;
  for (uint32_t i = 0; i < b->k; i++)
    if (!b->used[i]) left[n++] = build_scale(s, b->x[2 * i], b->x[2 * i + 1]);
  if (variable) {
    if (n == 0) return false;
    NodeId rest = join_sum(s, left, n);
    if (m->ratio && m->ratio != s->one) rest = build_scale(s, number_pow(s, m->ratio, -1), rest);
    return bind(m, variable, rest, b->next);
  }
  if (n > 0 && !b->part) return false;
  if (b->part) m->rest_front = n ? join_sum(s, left, n) : 0;
  return solve(m, b->next);
}

static bool terms_match(Match *m, Terms *b, uint32_t i) {
  Store *s = m->s;
  if (i == b->n) return terms_rest(m, b, 0);
  bool last = i + 1 == b->n && bare(m, b->pt[i]) && b->pc[i] == s->one;
  if (last && terms_rest(m, b, b->pt[i])) return true;
  if (last && !b->part) return false;
  for (uint32_t j = 0; j < b->k; j++) {
    if (b->used[j]) continue;
    uint32_t op = node_op(s, b->pt[i]);
    if (op != OP_VARIABLE && op != node_op(s, b->x[2 * j + 1])) continue;
    Match before = *m;
    NodeId ratio = number_mul(s, b->x[2 * j], number_pow(s, b->pc[i], -1));
    if (m->ratio ? ratio != m->ratio : !b->part && ratio != s->one) continue;
    m->ratio = ratio;
    b->used[j] = true;
    Goal g = {b->pt[i], b->x[2 * j + 1], NULL};
    NodeId kept = m->ratio; /* nested sums have a ratio of their own */
    m->ratio = 0;
    bool fits = solve(m, &g);
    m->ratio = kept;
    if (fits && terms_match(m, b, i + 1)) return true;
    *m = before;
    b->used[j] = false;
  }
  return false;
}

static bool match_sum(Match *m, NodeId pattern, NodeId node, bool part, const Goal *next) {
  Store *s = m->s;
  Terms b;
  uint32_t n = node_arity(s, pattern) / 2;
  const NodeId *c = node_children(s, pattern);
  memset(&b, 0, sizeof b);
  b.x = node_children(s, node);
  b.k = node_arity(s, node) / 2;
  b.part = part;
  b.next = next;
  if (n > PATTERN_TERMS || b.k > 60) return false;
  for (int pass = 0; pass < 2; pass++)
    for (uint32_t i = 0; i < n; i++)
      if (bare(m, c[2 * i + 1]) == (pass == 1)) {
        b.pc[b.n] = c[2 * i];
        b.pt[b.n++] = c[2 * i + 1];
      }
  NodeId ratio = m->ratio;
  m->ratio = 0;
  if (!terms_match(m, &b, 0)) {
    m->ratio = ratio;
    return false;
  }
  if (!part) m->ratio = ratio;
  return true;
}

static bool match_node(Match *m, NodeId p, NodeId x, bool part, const Goal *next) {
  Store *s = m->s;
  uint32_t op = node_op(s, p), other = node_op(s, x);
  if (s->status != STORE_OK) return false;
  if (op == OP_VARIABLE) return bind(m, p, x, next);
  if (op == OP_SYMBOL && node_words(s, p)[1] == KIND_DIMENSION) {
    DimId d = size_of_node(s, x);
    Trail t = trail_of(m);
    if (d && dimenv_bind(&m->dims, node_words(s, p)[0], d) && solve(m, next)) return true;
    undo(m, t);
    return false;
  }
  if (op != other && other == OP_SUM && pattern_multiple(s, p))
    return match_multiple(m, p, x, next);
  if (op != other && other == OP_SUM && pattern_number_times(s, p))
    return match_number_times(m, p, x, next);
  if (op != other) return false;
  if (op == OP_IDENTITY || op == OP_ONES || op == OP_ZEROS) {
    Trail t = trail_of(m);
    if (fit_shape(m, p, x) && solve(m, next)) return true;
    undo(m, t);
    return false;
  }
  if (op == OP_PRODUCT) return match_product(m, p, x, part, next);
  if (op == OP_HADAMARD) return match_hadamard(m, p, x, part, next);
  if (op == OP_SUM) return match_sum(m, p, x, part, next);
  if (node_arity(s, p) == 0) return p == x && solve(m, next);
  uint32_t n = node_arity(s, p), payload = op_payload(op, node_at(s, p)->n);
  if (n != node_arity(s, x) || n > PARAM_MAX) return false;
  if (payload && memcmp(node_words(s, p), node_words(s, x), payload * sizeof(uint32_t)) != 0)
    return false;
  Goal g[PARAM_MAX];
  for (uint32_t i = 0; i < n; i++)
    g[i] = (Goal){node_child(s, p, i), node_child(s, x, i), i + 1 < n ? &g[i + 1] : next};
  if (op < OP_FIRST_USER || n != 2 || !(operator_at(s, op)->flags & OPF_COMM))
    return solve(m, n ? g : next);
  Match before = *m;
  if (solve(m, g)) return true;
  *m = before; /* the other way round */
  g[0].x = node_child(s, x, 1);
  g[1].x = node_child(s, x, 0);
  return solve(m, g);
}

static bool solve(Match *m, const Goal *g) {
  return !g || match_node(m, g->p, g->x, false, g->next);
}

static bool late_shapes(Match *m) {
  for (uint32_t i = 0; i < m->late; i++) {
    uint32_t open = 0;
    if (dimenv_apply(m->s, &m->dims, m->late_pattern[i], &open) != m->late_value[i] || open)
      return false;
  }
  return true;
}

void match_begin(Match *m, Store *s, const Rule *r, NodeId x) {
  /* the other fields are set before they are read */
  memset(m->var, 0, sizeof m->var);
  m->s = s;
  m->rule = r;
  m->dims.n = m->late = 0;
  m->root = x;
  m->rest_front = m->ratio = 0;
  m->counter = NULL;
  m->from = m->to = 0;
  m->transposed = false;
  m->differential = NULL;
  m->data = NULL;
}

bool match_pattern(Match *m, Store *s, const Rule *r, NodeId pattern, NodeId x, bool part) {
  match_begin(m, s, r, x);
  return match_node(m, pattern, x, part, NULL) && late_shapes(m);
}
