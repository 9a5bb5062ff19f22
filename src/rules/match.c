/* match.c: matching a rule's left side. It works on a list of goals with backtracking (goal.h), the
** last of which asks for the rule's conditions; its recursion is bounded by the size of the
** pattern, never by the size of the expression. Terms and factors in any order are matched by
** match_unordered.c, chains of matrices by match_chain.c. */
#include "rules/match.h"

#include <string.h>

#include "algebra/build.h"
#include "algebra/operator.h"
#include "algebra/product.h"
#include "algebra/size.h"
#include "core/number.h"
#include "rules/condition.h"
#include "rules/goal.h"
#include "rules/match_chain.h"
#include "rules/match_unordered.h"
#include "rules/pattern.h"

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

bool match_bind(Match *m, NodeId p, NodeId x, const Goal *next) {
  uint32_t *w = node_words(m->s, p), i = w[2];
  if (m->var[i]) return m->var[i] == x && goal_solve(m, next);
  Trail t = trail_of(m);
  if (x && match_kind_fits(m, w[1], x) && fit_shape(m, p, x)) {
    m->var[i] = x;
    bool refused = w[1] == KIND_NUMBER && condition_refuses_numbers(m);
    if (!refused && goal_solve(m, next)) return true;
    m->var[i] = 0;
  }
  undo(m, t);
  return false;
}

bool match_is_bare(const Match *m, NodeId p) {
  return node_op(m->s, p) == OP_VARIABLE && !m->var[node_words(m->s, p)[2]];
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
  return rest && match_bind(m, node_child(s, pattern, 1), rest, next);
}

static bool match_number_times(Match *m, NodeId pattern, NodeId node, const Goal *next) {
  Store *s = m->s;
  NodeId rest = node, content = s->one;
  if (node_op(s, node) == OP_SUM) content = build_content(s, node, &rest);
  else if (node_op(s, node) == OP_PRODUCT && (content = node_child(s, node, 0)) != s->one)
    rest = product_unit(s, node);
  if (!content || !rest || content == s->one) return false;
  GoalPair x = goal_pair(node_child(s, pattern, 2), rest, next);
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

static NodeId join_product(Store *s, const NodeId *f, uint32_t n) { return build_product(s, f, n); }

static bool match_product(Match *m, NodeId pattern, NodeId node, bool part, const Goal *next) {
  Store *s = m->s;
  if (!part && pattern_number_times(s, pattern)) return match_number_times(m, pattern, node, next);
  if (!part && pattern_multiple(s, pattern)) return match_multiple(m, pattern, node, next);
  NodeId hold[2], ordered[PATTERN_TERMS], transposed_chain[64];
  ProductView p = product_factors(s, pattern, &hold[0]), x = product_factors(s, node, &hold[1]);
  if (p.scalars > PATTERN_TERMS) return false;
  if (p.links > 0 && x.links == 0) return false;
  uint32_t n = match_unordered_bare_last(m, p.scalar, p.scalars, ordered);
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
  Unordered b = {.p = ordered,
                 .n = n,
                 .x = x.scalar,
                 .k = x.scalars,
                 .join = join_product,
                 .rest = part ? &m->rest_front : NULL,
                 .extra = extra,
                 .next = next};
  if (!match_unordered_begin(s, &b)) return false;
  UnorderedFrom unordered = {{match_unordered_solve, NULL}, &b, 0};
  taken.goal.next = &unordered.goal;
  const Goal *then = taker ? &taken.goal : &unordered.goal;
  bool found = false;
  for (int transposed = 0; !found && transposed < 2; transposed++) {
    if (part) m->transposed = transposed;
    found = match_chain_links(m, &p, &x, part, then);
    if (found || !node_scalar(s, node) || x.links == 0 || x.links > 64 || transposed) break;
    for (uint32_t i = 0; i < x.links; i++)
      transposed_chain[i] = build_transpose(s, x.chain[x.links - 1 - i]);
    x.chain = transposed_chain;
  }
  match_unordered_end(s, &b);
  return found;
}

/* ---------------------------------------- any node */

bool match_node(Match *m, NodeId p, NodeId x, bool part, const Goal *next) {
  Store *s = m->s;
  uint32_t op = node_op(s, p), other = node_op(s, x);
  if (s->status != STORE_OK) return false;
  if (op == OP_VARIABLE) return match_bind(m, p, x, next);
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
  if (op == OP_HADAMARD) return match_unordered_hadamard(m, p, x, part, next);
  if (op == OP_SUM) return match_unordered_sum(m, p, x, part, next);
  if (node_arity(s, p) == 0) return p == x && goal_solve(m, next);
  uint32_t n = node_arity(s, p), payload = op_payload(op, node_at(s, p)->n);
  if (n != node_arity(s, x) || n > PARAM_MAX) return false;
  if (payload && memcmp(node_words(s, p), node_words(s, x), payload * sizeof(uint32_t)) != 0)
    return false;
  if (n == 0) return goal_solve(m, next);
  GoalPair g[PARAM_MAX];
  for (uint32_t i = 0; i < n; i++)
    g[i] = goal_pair(node_child(s, p, i), node_child(s, x, i), i + 1 < n ? &g[i + 1].goal : next);
  if (goal_solve(m, &g[0].goal)) return true;
  if (op < OP_FIRST_USER || n != 2 || !(operator_at(s, op)->flags & OPERATOR_COMMUTATIVE))
    return false;
  g[0].node = node_child(s, x, 1); /* the other way round */
  g[1].node = node_child(s, x, 0);
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
