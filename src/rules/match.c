/* match.c: matching a rule's left side. It works on a list of goals with backtracking (goal.h), the
** last of which asks for the rule's conditions; its recursion is bounded by the size of the
** pattern, never by the size of the expression. Sums and Hadamard products match up to order,
** products up to order of the scalar factors, chains of matrices as match_chain.c says. */
#include "rules/match.h"

#include <string.h>

#include "algebra/build.h"
#include "algebra/operator.h"
#include "algebra/product.h"
#include "algebra/size.h"
#include "core/number.h"
#include "rules/goal.h"
#include "rules/match_chain.h"
#include "rules/pattern.h"

enum { PATTERN_TERMS = 12, FEW_TERMS = 4 };

/* A pattern and a node. */
typedef struct {
  Goal goal;
  NodeId p, x;
} Pair;

static bool solve_pair(Match *m, const Goal *g) {
  const Pair *pair = (const Pair *)g;
  return match_node(m, pair->p, pair->x, false, g->next);
}

static Pair pair_of(NodeId p, NodeId x, const Goal *next) {
  return (Pair){{solve_pair, next}, p, x};
}

/* ---------------------------------------- variables and shapes */

static bool fit_dim(Match *m, DimId pattern, DimId value) {
  Store *s = m->s;
  if (pattern == DIM_ONE) return value == DIM_ONE;
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

bool match_kind_fits(const Match *m, uint32_t kind, NodeId x) {
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
  if (m->var[i]) return m->var[i] == x && goal_solve(m, next);
  Trail t = trail_of(m);
  if (x && match_kind_fits(m, w[1], x) && fit_shape(m, p, x)) {
    m->var[i] = x;
    if (goal_solve(m, next)) return true;
    m->var[i] = 0;
  }
  undo(m, t);
  return false;
}

bool match_is_bare(const Match *m, NodeId p) {
  return node_op(m->s, p) == OP_VARIABLE && !m->var[node_words(m->s, p)[2]];
}

/* ---------------------------------------- factors in any order */

/* Of more factors or terms than these a pattern that says an order of none matches nothing. */
enum { MATCH_TERMS = 1024 };

/* Which of them are taken. */
typedef struct {
  uint64_t bits[MATCH_TERMS / 64];
} Taking;

static bool is_taken(const Taking *t, uint32_t i) { return t->bits[i / 64] >> i % 64 & 1; }
static void take(Taking *t, uint32_t i) { t->bits[i / 64] |= UINT64_C(1) << i % 64; }
static void put_back(Taking *t, uint32_t i) { t->bits[i / 64] &= ~(UINT64_C(1) << i % 64); }

/* Unordered matching of n pattern elements against k elements, with what is left given to the last
   bare variable, or kept as the rest, or refused. */
typedef struct {
  const NodeId *p;
  uint32_t n;
  const NodeId *x;
  uint32_t k;
  Taking taken;
  NodeId (*join)(Store *, const NodeId *, uint32_t);
  NodeId *rest; /* where the rest goes; NULL: there may be none */
  NodeId extra; /* a factor that the rest carries along (a coefficient), 0: none */
  const Goal *next;
  /* by element of the pattern: only elements of these places may match it */
  uint32_t from[PATTERN_TERMS], to[PATTERN_TERMS];
} Bag;

/* The elements of the pattern from i on. */
typedef struct {
  Goal goal;
  Bag *bag;
  uint32_t i;
} BagFrom;

static bool match_bag(Match *m, Bag *b, uint32_t i);

static bool solve_bag(Match *m, const Goal *g) {
  const BagFrom *from = (const BagFrom *)g;
  return match_bag(m, from->bag, from->i);
}

/* What is left of a bag. Its array is gone before the search goes on, which may be deep. */
static NodeId rest_of_bag(Store *s, const Bag *b) {
  NodeId left[MATCH_TERMS + 1];
  uint32_t n = 0;
  if (b->extra) left[n++] = b->extra;
  for (uint32_t i = 0; i < b->k; i++)
    if (!is_taken(&b->taken, i)) left[n++] = b->x[i];
  return b->join(s, left, n);
}

static bool match_bag_rest(Match *m, Bag *b, NodeId variable) {
  uint32_t n = 0;
  for (uint32_t i = 0; n == 0 && i < b->k; i++) n = !is_taken(&b->taken, i);
  if (b->extra) n = 1;
  if (variable ? n == 0 : n > 0 && !b->rest) return false;
  NodeId rest = n ? rest_of_bag(m->s, b) : 0;
  if (b->rest) *b->rest = variable ? 0 : rest;
  return variable ? bind(m, variable, rest, b->next) : goal_solve(m, b->next);
}

/* Has x an operator that the element p of a pattern may match? */
static bool may_match(const Store *s, NodeId p, NodeId x) {
  uint32_t op = node_op(s, p), other = node_op(s, x);
  if (op == OP_VARIABLE || op == other) return true;
  if (!pattern_power_or_once(s, p)) return false;
  uint32_t base = node_op(s, node_child(s, p, 0));
  return base == OP_VARIABLE || base == OP_SYMBOL || base == OP_PRODUCT || base == other;
}

/* Set where the elements of a bag can be that each element of the pattern may match. */
static void note_places(const Store *s, Bag *b) {
  bool looks = b->n > 1 && b->k > FEW_TERMS;
  for (uint32_t i = 0; i < b->n; i++) {
    b->from[i] = looks ? b->k : 0;
    b->to[i] = looks ? 0 : b->k;
    for (uint32_t j = 0; looks && j < b->k; j++) {
      if (!may_match(s, b->p[i], b->x[j])) continue;
      if (b->from[i] == b->k) b->from[i] = j;
      b->to[i] = j + 1;
    }
  }
}

static bool match_bag(Match *m, Bag *b, uint32_t i) {
  Store *s = m->s;
  if (i == b->n) return match_bag_rest(m, b, 0);
  NodeId p = b->p[i];
  if (i + 1 == b->n && match_is_bare(m, p)) {
    if (match_bag_rest(m, b, p)) return true;
    if (!b->rest) return false;
  }
  uint32_t op = node_op(s, p);
  for (uint32_t j = b->from[i]; j < b->to[i]; j++) {
    if (is_taken(&b->taken, j)) continue;
    if (j > 0 && b->x[j] == b->x[j - 1] && !is_taken(&b->taken, j - 1)) continue;
    bool once = op != node_op(s, b->x[j]) && pattern_power_or_once(s, p);
    if (op != OP_VARIABLE && op != node_op(s, b->x[j]) && !once) continue;
    BagFrom others = {{solve_bag, NULL}, b, i + 1};
    Pair exponent = pair_of(once ? node_child(s, p, 1) : 0, s->one, &others.goal);
    take(&b->taken, j);
    if (match_node(m, once ? node_child(s, p, 0) : p, b->x[j], false,
                   once ? &exponent.goal : &others.goal))
      return true;
    put_back(&b->taken, j);
  }
  return false;
}

/* Put bare variables last, so that they take what is left. */
static uint32_t bare_last(const Match *m, const NodeId *p, uint32_t n, NodeId *out) {
  uint32_t k = 0;
  for (int pass = 0; pass < 2; pass++)
    for (uint32_t i = 0; i < n; i++)
      if (match_is_bare(m, p[i]) == (pass == 1)) out[k++] = p[i];
  return k;
}

static NodeId join_product(Store *s, const NodeId *f, uint32_t n) { return build_product(s, f, n); }
static NodeId join_hadamard(Store *s, const NodeId *f, uint32_t n) {
  return build_hadamard(s, f, n);
}

static bool match_hadamard(Match *m, NodeId pattern, NodeId node, bool part, const Goal *next) {
  Store *s = m->s;
  NodeId ordered[PATTERN_TERMS];
  if (node_arity(s, pattern) > PATTERN_TERMS || node_arity(s, node) > MATCH_TERMS) return false;
  uint32_t n = bare_last(m, node_children(s, pattern), node_arity(s, pattern), ordered);
  Bag b = {ordered, n,  node_children(s, node), node_arity(s, node), {{0}}, join_hadamard,
           part ? &m->rest_front : NULL, 0, next, {0}, {0}};
  note_places(s, &b);
  return match_bag(m, &b, 0);
}

/* ---------------------------------------- products */

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
  Pair x = pair_of(node_child(s, pattern, 2), rest, next);
  return match_node(m, node_child(s, pattern, 1), content, false, &x.goal);
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
    if (!match_is_bare(m, v)) continue;
    uint32_t kind = node_words(s, v)[1];
    if ((kind == KIND_MATRIX || kind == KIND_VECTOR) && occurrences(s, m->rule->lhs, v) == 1)
      return v;
  }
  return 0;
}

/* What the taker stands for is multiplied by the scalars. */
typedef struct {
  Goal goal;
  uint32_t variable;
  NodeId scalars;
} Taken;

static bool solve_taken(Match *m, const Goal *g) {
  const Taken *t = (const Taken *)g;
  NodeId before = m->var[t->variable], product = build_mul(m->s, t->scalars, before);
  if (!product) return false;
  m->var[t->variable] = product;
  if (goal_solve(m, g->next)) return true;
  m->var[t->variable] = before;
  return false;
}

static bool match_product(Match *m, NodeId pattern, NodeId node, bool part, const Goal *next) {
  Store *s = m->s;
  if (!part && pattern_number_times(s, pattern)) return match_number_times(m, pattern, node, next);
  if (!part && pattern_multiple(s, pattern)) return match_multiple(m, pattern, node, next);
  NodeId hold[2], ordered[PATTERN_TERMS], transposed_chain[64];
  ProductView p = product_factors(s, pattern, &hold[0]), x = product_factors(s, node, &hold[1]);
  if (p.scalars > PATTERN_TERMS || x.scalars > MATCH_TERMS) return false;
  if (p.links > 0 && x.links == 0) return false;
  uint32_t n = bare_last(m, p.scalar, p.scalars, ordered);
  bool absorbs = n > 0 && match_is_bare(m, ordered[n - 1]);
  NodeId extra = p.coefficient == x.coefficient
                     ? 0
                     : number_mul(s, x.coefficient, number_pow(s, p.coefficient, -1));
  NodeId taker =
      (extra || x.scalars) && p.links && p.scalars == 0 && !part ? scalar_taker(m, &p) : 0;
  if (extra && !absorbs && !part && !taker) return false;
  Taken taken = {{solve_taken, NULL}, 0, 0};
  if (taker) { /* all that is in front of the chain */
    taken.variable = node_words(s, taker)[2];
    taken.scalars = build_mul(s, extra ? extra : s->one,
                              x.scalars ? build_product(s, x.scalar, x.scalars) : s->one);
    extra = 0;
    x.scalars = 0;
  }
  if (n == 0 && x.scalars && !part) return false;
  /* the chain first, then the scalars */
  Bag b = {ordered, n, x.scalar, x.scalars, {{0}}, join_product, part ? &m->rest_front : NULL,
           extra, next, {0}, {0}};
  note_places(s, &b);
  BagFrom bag = {{solve_bag, NULL}, &b, 0};
  taken.goal.next = &bag.goal;
  const Goal *then = taker ? &taken.goal : &bag.goal;
  for (int transposed = 0; transposed < 2; transposed++) {
    if (part) m->transposed = transposed;
    if (match_chain_links(m, &p, &x, part, then)) return true;
    if (!node_scalar(s, node) || x.links == 0 || x.links > 64 || transposed) break;
    for (uint32_t i = 0; i < x.links; i++)
      transposed_chain[i] = build_transpose(s, x.chain[x.links - 1 - i]);
    x.chain = transposed_chain;
  }
  return false;
}

/* ---------------------------------------- sums */

/* Sums: pairs of coefficient and term. All coefficients of the match have one ratio to those of the
   pattern. */
typedef struct {
  NodeId pc[PATTERN_TERMS], pt[PATTERN_TERMS];
  uint32_t n;
  const NodeId *x;
  uint32_t k;
  Taking taken;
  NodeId ratio; /* 0: not known yet */
  bool part;
  const Goal *next;
} Terms;

/* The terms of the pattern from i on. */
typedef struct {
  Goal goal;
  Terms *terms;
  uint32_t i;
} TermsFrom;

static bool match_terms(Match *m, Terms *b, uint32_t i);

static bool solve_terms(Match *m, const Goal *g) {
  const TermsFrom *from = (const TermsFrom *)g;
  return match_terms(m, from->terms, from->i);
}

/* The sum of what is left; see rest_of_bag. */
static NodeId rest_of_terms(Store *s, const Terms *b) {
  NodeId left[MATCH_TERMS];
  uint32_t n = 0;
  for (uint32_t i = 0; i < b->k; i++)
    if (!is_taken(&b->taken, i)) left[n++] = build_scale(s, b->x[2 * i], b->x[2 * i + 1]);
  return build_sum(s, left, n);
}

static bool match_terms_rest(Match *m, Terms *b, NodeId variable) {
  Store *s = m->s;
  bool some = false;
  for (uint32_t i = 0; !some && i < b->k; i++) some = !is_taken(&b->taken, i);
  if (variable ? !some : some && !b->part) return false;
  NodeId rest = some ? rest_of_terms(s, b) : 0;
  if (b->part) {
    m->rest_front = variable ? 0 : rest;
    m->ratio = b->ratio;
  }
  if (!variable) return goal_solve(m, b->next);
  if (b->ratio && b->ratio != s->one) rest = build_scale(s, number_pow(s, b->ratio, -1), rest);
  return bind(m, variable, rest, b->next);
}

static bool match_terms(Match *m, Terms *b, uint32_t i) {
  Store *s = m->s;
  if (i == b->n) return match_terms_rest(m, b, 0);
  bool last = i + 1 == b->n && match_is_bare(m, b->pt[i]) && b->pc[i] == s->one;
  if (last && match_terms_rest(m, b, b->pt[i])) return true;
  if (last && !b->part) return false;
  uint32_t op = node_op(s, b->pt[i]);
  /* of a long sum the pattern S + T takes the first term and the rest only: there are too many
     other ways to divide it, and what holds of all terms shows in this one */
  bool peels = !b->part && b->k > FEW_TERMS && b->n == 2 && i == 0 && match_is_bare(m, b->pt[0]) &&
               match_is_bare(m, b->pt[1]);
  for (uint32_t j = 0; j < b->k; j++) {
    if (is_taken(&b->taken, j)) continue;
    if (op != OP_VARIABLE && op != node_op(s, b->x[2 * j + 1])) continue;
    NodeId before = b->ratio, ratio = number_mul(s, b->x[2 * j], number_pow(s, b->pc[i], -1));
    NodeId term = b->x[2 * j + 1];
    if (!b->part && ratio != s->one && b->pc[i] == s->one && match_is_bare(m, b->pt[i])) {
      term = build_scale(s, ratio, term); /* the variable stands for the term with its number */
      ratio = s->one;
      if (!term) return false;
    }
    if (before ? ratio != before : !b->part && ratio != s->one) continue;
    b->ratio = ratio;
    take(&b->taken, j);
    TermsFrom others = {{solve_terms, NULL}, b, i + 1};
    if (match_node(m, b->pt[i], term, false, &others.goal)) return true;
    b->ratio = before;
    put_back(&b->taken, j);
    if (peels) break;
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
  if (n > PATTERN_TERMS || b.k > MATCH_TERMS) return false;
  for (int pass = 0; pass < 2; pass++)
    for (uint32_t i = 0; i < n; i++)
      if (match_is_bare(m, c[2 * i + 1]) == (pass == 1)) {
        b.pc[b.n] = c[2 * i];
        b.pt[b.n++] = c[2 * i + 1];
      }
  return match_terms(m, &b, 0);
}

/* ---------------------------------------- any node */

bool match_node(Match *m, NodeId p, NodeId x, bool part, const Goal *next) {
  Store *s = m->s;
  uint32_t op = node_op(s, p), other = node_op(s, x);
  if (s->status != STORE_OK) return false;
  if (op == OP_VARIABLE) return bind(m, p, x, next);
  if (op == OP_SYMBOL && node_words(s, p)[1] == KIND_DIMENSION) {
    DimId d = size_of_node(s, x);
    Trail t = trail_of(m);
    if (d && dimenv_bind(&m->dims, node_words(s, p)[0], d) && goal_solve(m, next)) return true;
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
    if (fit_shape(m, p, x) && goal_solve(m, next)) return true;
    undo(m, t);
    return false;
  }
  if (op == OP_PRODUCT) return match_product(m, p, x, part, next);
  if (op == OP_HADAMARD) return match_hadamard(m, p, x, part, next);
  if (op == OP_SUM) return match_sum(m, p, x, part, next);
  if (node_arity(s, p) == 0) return p == x && goal_solve(m, next);
  uint32_t n = node_arity(s, p), payload = op_payload(op, node_at(s, p)->n);
  if (n != node_arity(s, x) || n > PARAM_MAX) return false;
  if (payload && memcmp(node_words(s, p), node_words(s, x), payload * sizeof(uint32_t)) != 0)
    return false;
  if (n == 0) return goal_solve(m, next);
  Pair g[PARAM_MAX];
  for (uint32_t i = 0; i < n; i++)
    g[i] = pair_of(node_child(s, p, i), node_child(s, x, i), i + 1 < n ? &g[i + 1].goal : next);
  if (goal_solve(m, &g[0].goal)) return true;
  if (op < OP_FIRST_USER || n != 2 || !(operator_at(s, op)->flags & OPERATOR_COMMUTATIVE))
    return false;
  g[0].x = node_child(s, x, 1); /* the other way round */
  g[1].x = node_child(s, x, 0);
  return goal_solve(m, &g[0].goal);
}

/* ---------------------------------------- the whole */

static bool late_shapes(Match *m) {
  for (uint32_t i = 0; i < m->late; i++) {
    uint32_t open = 0;
    if (dimenv_apply(m->s, &m->dims, m->late_pattern[i], &open) != m->late_value[i] || open)
      return false;
  }
  return true;
}

static bool finish(Match *m, const Goal *g) {
  (void)g;
  if (late_shapes(m) && (!m->accept || m->accept(m))) return true;
  m->refused++;
  return false;
}

static const Goal last = {finish, NULL};

void match_begin(Match *m, Store *s, const Rule *r, NodeId x) {
  /* the other fields are set before they are read */
  memset(m->var, 0, sizeof m->var);
  m->s = s;
  m->rule = r;
  m->dims.n = m->late = m->refused = 0;
  m->accept = NULL;
  m->root = x;
  m->rest_front = m->ratio = 0;
  m->counter = NULL;
  m->from = m->to = 0;
  m->transposed = m->split = false;
  m->differential = NULL;
  m->data = NULL;
}

bool match_pattern(Match *m, Store *s, const Rule *r, NodeId pattern, NodeId x, bool part,
                   bool (*accept)(Match *)) {
  match_begin(m, s, r, x);
  m->accept = accept;
  return match_node(m, pattern, x, part, &last);
}

bool match_cyclic(Match *m, Store *s, const Rule *r, NodeId x, const NodeId *c, uint32_t n,
                  bool (*accept)(Match *)) {
  NodeId self;
  ProductView p = product_factors(s, r->lhs, &self);
  match_begin(m, s, r, x);
  m->accept = accept;
  return p.scalars == 0 && p.coefficient == s->one && p.links > 1 &&
         match_chain_cyclic(m, &p, c, n, &last);
}
