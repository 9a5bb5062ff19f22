/* match_unordered.c: matching up to order, called AC matching where operators are associative and
** commutative: scalar factors and factors of Hadamard products as they are, terms of sums with
** their coefficients. A bare variable takes all that is left. */
#include "rules/match_unordered.h"

#include <string.h>

#include "algebra/build.h"
#include "core/number.h"
#include "rules/pattern.h"

enum { FEW_TERMS = 4 };

/* ---------------------------------------- factors */

static bool is_taken(const Taking *t, uint32_t i) { return t->bits[i / 64] >> i % 64 & 1; }
static void take(Taking *t, uint32_t i) { t->bits[i / 64] |= UINT64_C(1) << i % 64; }
static void put_back(Taking *t, uint32_t i) { t->bits[i / 64] &= ~(UINT64_C(1) << i % 64); }

static size_t taking_size(uint32_t k) { return (k + 63) / 64 * sizeof(uint64_t); }

/* None of k are taken; false without memory. */
static bool taking_begin(Store *s, Taking *t, uint32_t k) {
  size_t size = taking_size(k);
  t->bits = size <= sizeof t->few ? t->few : store_realloc(s, NULL, 0, size);
  if (t->bits) memset(t->bits, 0, size);
  return t->bits != NULL;
}

static void taking_end(Store *s, Taking *t, uint32_t k) {
  if (t->bits != t->few) store_realloc(s, t->bits, taking_size(k), 0);
}

static bool match_elements(Match *m, Unordered *b, uint32_t i);

bool match_unordered_solve(Match *m, const Goal *g) {
  const UnorderedFrom *from = (const UnorderedFrom *)g;
  return match_elements(m, from->unordered, from->i);
}

/* What is left of the elements. */
static NodeId rest_of_elements(Store *s, const Unordered *b) {
  Vec left;
  vec_init(&left);
  bool ok = !b->extra || vec_push(s, &left, b->extra);
  for (uint32_t i = 0; ok && i < b->k; i++)
    ok = is_taken(&b->taken, i) || vec_push(s, &left, b->x[i]);
  NodeId r = ok ? b->join(s, left.v, left.n) : 0;
  vec_done(s, &left);
  return r;
}

static bool match_rest(Match *m, Unordered *b, NodeId variable) {
  uint32_t n = 0;
  for (uint32_t i = 0; n == 0 && i < b->k; i++) n = !is_taken(&b->taken, i);
  if (b->extra) n = 1;
  if (variable ? n == 0 : n > 0 && !b->rest) return false;
  NodeId rest = n ? rest_of_elements(m->s, b) : 0;
  if (b->rest) *b->rest = variable ? 0 : rest;
  return variable ? match_bind(m, variable, rest, b->next) : goal_solve(m, b->next);
}

static NodeId base_of(const Store *s, NodeId x) {
  uint32_t op = node_op(s, x);
  return op == OP_POWER || op == OP_ELPOWER ? node_child(s, x, 0) : x;
}

/* May f(x) match f(c*X)? The numbers in front have one sign: see match_multiple. */
static bool may_match_argument(const Store *s, NodeId p, NodeId x) {
  NodeId self;
  if (node_op(s, p) != node_op(s, x) || node_op(s, p) < OP_FIRST_USER) return true;
  if (node_arity(s, p) != 1 || node_arity(s, x) != 1) return true;
  p = node_child(s, p, 0);
  x = node_child(s, x, 0);
  if (!pattern_multiple(s, p) || node_op(s, x) == OP_SUM) return true;
  NodeId number = view_product(s, x, &self).coefficient;
  return number_sign(s, node_child(s, p, 0)) == number_sign(s, number);
}

/* May the element p of a pattern match x? A look at their operators, and at the signs below. */
static bool may_match(const Store *s, NodeId p, NodeId x) {
  uint32_t op = node_op(s, p), other = node_op(s, x);
  if (op == OP_VARIABLE) return true;
  bool once = pattern_power_or_once(s, p);
  if (once) {
    uint32_t base = node_op(s, node_child(s, p, 0));
    bool any = base == OP_VARIABLE || base == OP_SYMBOL || base == OP_PRODUCT;
    if (op != other && !any && base != other) return false;
  } else if (op != other) {
    return false;
  }
  return may_match_argument(s, once ? base_of(s, p) : p, once ? base_of(s, x) : x);
}

bool match_unordered_begin(Store *s, Unordered *b) {
  if (!taking_begin(s, &b->taken, b->k)) return false;
  bool looks = b->n > 1 && b->k > FEW_TERMS;
  for (uint32_t i = 0; i < b->n; i++) {
    b->from[i] = looks ? b->k : 0;
    b->to[i] = looks ? 0 : b->k;
    for (uint32_t j = 0; looks && j < b->k; j++) {
      if (!may_match(s, b->p[i], b->x[j])) continue;
      if (b->from[i] == b->k) b->from[i] = j;
      b->to[i] = j + 1;
    }
    if (b->from[i] < b->k || b->k == 0) continue;
    match_unordered_end(s, b); /* there is no place for this one */
    return false;
  }
  return true;
}

void match_unordered_end(Store *s, Unordered *b) { taking_end(s, &b->taken, b->k); }

static bool match_elements(Match *m, Unordered *b, uint32_t i) {
  Store *s = m->s;
  if (i == b->n) return match_rest(m, b, 0);
  NodeId p = b->p[i];
  if (i + 1 == b->n && match_is_bare(m, p)) {
    if (match_rest(m, b, p)) return true;
    if (!b->rest) return false;
  }
  uint32_t op = node_op(s, p);
  for (uint32_t j = b->from[i]; j < b->to[i]; j++) {
    if (is_taken(&b->taken, j)) continue;
    if (j > 0 && b->x[j] == b->x[j - 1] && !is_taken(&b->taken, j - 1)) continue;
    bool once = op != node_op(s, b->x[j]) && pattern_power_or_once(s, p);
    if (op != OP_VARIABLE && op != node_op(s, b->x[j]) && !once) continue;
    UnorderedFrom others = {{match_unordered_solve, NULL}, b, i + 1};
    GoalPair exponent = goal_pair(once ? node_child(s, p, 1) : 0, s->one, &others.goal);
    take(&b->taken, j);
    if (match_node(m, once ? node_child(s, p, 0) : p, b->x[j], false,
                   once ? &exponent.goal : &others.goal))
      return true;
    put_back(&b->taken, j);
  }
  return false;
}

uint32_t match_unordered_bare_last(const Match *m, const NodeId *p, uint32_t n, NodeId *out) {
  uint32_t k = 0;
  for (int pass = 0; pass < 2; pass++)
    for (uint32_t i = 0; i < n; i++)
      if (match_is_bare(m, p[i]) == (pass == 1)) out[k++] = p[i];
  return k;
}

static NodeId join_hadamard(Store *s, const NodeId *f, uint32_t n) {
  return build_hadamard(s, f, n);
}

bool match_unordered_hadamard(Match *m, NodeId pattern, NodeId node, bool part, const Goal *next) {
  Store *s = m->s;
  NodeId ordered[PATTERN_TERMS];
  if (node_arity(s, pattern) > PATTERN_TERMS) return false;
  uint32_t n =
      match_unordered_bare_last(m, node_children(s, pattern), node_arity(s, pattern), ordered);
  Unordered b = {.p = ordered,
                 .n = n,
                 .x = node_children(s, node),
                 .k = node_arity(s, node),
                 .join = join_hadamard,
                 .rest = part ? &m->rest_front : NULL,
                 .next = next};
  if (!match_unordered_begin(s, &b)) return false;
  bool found = match_elements(m, &b, 0);
  match_unordered_end(s, &b);
  return found;
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

/* The sum of what is left; see rest_of_elements. */
static NodeId rest_of_terms(Store *s, const Terms *b) {
  Vec left;
  vec_init(&left);
  bool ok = true;
  for (uint32_t i = 0; ok && i < b->k; i++)
    ok = is_taken(&b->taken, i) ||
         vec_push(s, &left, build_scale(s, b->x[2 * i], b->x[2 * i + 1]));
  NodeId r = ok ? build_sum(s, left.v, left.n) : 0;
  vec_done(s, &left);
  return r;
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
  return match_bind(m, variable, rest, b->next);
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

bool match_unordered_sum(Match *m, NodeId pattern, NodeId node, bool part, const Goal *next) {
  Store *s = m->s;
  Terms b;
  uint32_t n = node_arity(s, pattern) / 2;
  const NodeId *c = node_children(s, pattern);
  memset(&b, 0, sizeof b);
  b.x = node_children(s, node);
  b.k = node_arity(s, node) / 2;
  b.part = part;
  b.next = next;
  if (n > PATTERN_TERMS) return false;
  for (int pass = 0; pass < 2; pass++)
    for (uint32_t i = 0; i < n; i++)
      if (match_is_bare(m, c[2 * i + 1]) == (pass == 1)) {
        b.pc[b.n] = c[2 * i];
        b.pt[b.n++] = c[2 * i + 1];
      }
  if (!taking_begin(s, &b.taken, b.k)) return false;
  bool found = match_terms(m, &b, 0);
  taking_end(s, &b.taken, b.k);
  return found;
}
