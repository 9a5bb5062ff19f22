/* forward.c: the differential of a shared graph, bottom up, each node once. All calculus is in the
** rules: here is only the order of work. A right side that asks for d(x) of an x that is not known
** yet puts x on the stack and is tried again. A node without a rule is an error only when its
** differential is asked for: a rule for tr(expm(X)) does not ask for d(expm(X)). What was found is
** kept for the next derivative by the same variable, until a collection. */
#include "calculus/forward.h"

#include <stdio.h>

#include "algebra/build.h"
#include "algebra/counted.h"
#include "algebra/operator.h"
#include "algebra/product.h"
#include "algebra/sum.h"
#include "core/budget.h"
#include "core/name.h"
#include "rules/condition.h"
#include "rules/instantiate.h"

typedef struct {
  Store *s;
  Map *memo;
  Map *refused; /* nodes without a differential: the rule whose conditions did not hold */
  NodeId need;
} Forward;

static const NodeId UNDEFINED = 0xffffffff; /* in the memo: no rule applies */

static NodeId no_rule(Store *s, NodeId x, uint32_t refused);

static NodeId zero_like(Store *s, NodeId x) {
  return build_zeros(s, node_rows(s, x), node_cols(s, x));
}

static NodeId known(Forward *f, NodeId x) {
  NodeId d = map_get(f->memo, x);
  if (!d) f->need = x;
  return d == UNDEFINED ? no_rule(f->s, x, map_get(f->refused, x)) : d;
}

static NodeId known_or_needed(Match *m, NodeId x) { return known(m->data, x); }

/* Where d is y.*(P*Q..), times a scalar: what is multiplied with y. 0 with the status OK: it is
   not. */
static NodeId without_factor(Store *s, NodeId d, NodeId y) {
  NodeId entries, scalar = product_split(s, d, &entries);
  if (!scalar || node_op(s, entries) != OP_HADAMARD || node_arity(s, entries) != 2) return 0;
  const NodeId *c = node_children(s, entries);
  NodeId other = c[0] == y ? c[1] : c[1] == y ? c[0] : 0;
  return other && node_op(s, other) == OP_PRODUCT ? build_mul(s, scalar, other) : 0;
}

/* Of more factors those that are in their own differentials, as exp(A*x) is, are put in front once:
   else n factors make n products of n, which are collected in the end. */
enum { MANY_FACTORS = 16 };

/* The sum over the factors of x, each in turn replaced by its differential. */
static NodeId each_factor(Forward *f, NodeId x) {
  Store *s = f->s;
  uint32_t op = node_op(s, x), n = node_arity(s, x);
  bool many = op == OP_HADAMARD && n > MANY_FACTORS && !s->logging;
  Vec terms, factors, common; /* common: what the whole product is multiplied with */
  vec_init(&terms);
  vec_init(&factors);
  vec_init(&common);
  bool ok = true;
  for (uint32_t i = 0; ok && i < n; i++) ok = vec_push(s, &factors, node_child(s, x, i));
  for (uint32_t i = 0; ok && i < n; i++) {
    NodeId d = known(f, node_child(s, x, i));
    ok = d != 0;
    if (!ok || node_zero(s, d)) continue;
    if (op == OP_SUM) {
      if (i % 2) ok = sum_add(s, &terms, node_child(s, x, i - 1), d);
      continue;
    }
    NodeId rest = many ? without_factor(s, d, node_child(s, x, i)) : 0;
    ok = s->status == STORE_OK;
    if (rest && ok) {
      ok = sum_add(s, &common, s->one, rest);
      continue;
    }
    factors.v[i] = d;
    NodeId t = op == OP_PRODUCT ? build_product(s, factors.v, n) : build_hadamard(s, factors.v, n);
    factors.v[i] = node_child(s, x, i);
    ok = sum_add(s, &terms, s->one, t);
  }
  if (ok && common.n) {
    NodeId pair[2] = {x, sum_finish(s, &common, node_rows(s, x), node_cols(s, x))};
    ok = sum_add(s, &terms, s->one, build_hadamard(s, pair, 2));
  }
  NodeId r = ok ? sum_finish(s, &terms, node_rows(s, x), node_cols(s, x)) : 0;
  vec_done(s, &terms);
  vec_done(s, &factors);
  vec_done(s, &common);
  return r;
}

/* A counted sum is a sum: term by term, if the number of terms does not change. */
static NodeId each_term(Forward *f, NodeId x) {
  Store *s = f->s;
  NodeId d[3];
  for (uint32_t i = 0; i < 3; i++)
    if (!(d[i] = known(f, node_child(s, x, i)))) return 0;
  if (!node_zero(s, d[0]) || !node_zero(s, d[1]))
    return store_fail(s, STORE_RULE, "no derivative of a counted sum by its number of terms");
  return counted_with_body(s, x, d[2]);
}

static NodeId no_rule(Store *s, NodeId x, uint32_t refused) {
  static const char *const text[OP_FIRST_USER] = {
      [OP_SUM] = "A + B",        [OP_PRODUCT] = "A*B",  [OP_POWER] = "A^k",
      [OP_HADAMARD] = "A.*B",    [OP_ELPOWER] = "A.^k", [OP_TRANSPOSE] = "A'",
      [OP_DERIVATIVE] = "D(..)", [OP_DIFF] = "d(..)",   [OP_COUNTED_SUM] = "sum(i = .., ..)"};
  uint32_t op = node_op(s, x);
  char what[100], why[400] = "";
  if (op == OP_CALL && node_op(s, node_child(s, x, 0)) == OP_FUNCTION)
    snprintf(what, sizeof what, "%.80s(..)", name_text(s, node_words(s, node_child(s, x, 0))[0]));
  else if (op == OP_POWER && node_child(s, x, 1) == s->minus_one)
    snprintf(what, sizeof what, "inv(..)");
  else if (op < OP_FIRST_USER) snprintf(what, sizeof what, "%s", text[op] ? text[op] : "..");
  else snprintf(what, sizeof what, "%.80s(..)", operator_name(s, op));
  NameId note = refused ? ruleset_at(s, refused)->note : 0;
  if (note) snprintf(why, sizeof why, ": %.380s", name_text(s, note));
  else if (refused)
    snprintf(why, sizeof why, ": the conditions of the rule \"%.100s\" do not hold",
             ruleset_name(s, refused));
  return store_fail(s, STORE_RULE, "no rule for d(%s)%s", what, why);
}

static bool fits_but_for_conditions(Store *s, const Rule *r, NodeId x) {
  Match m;
  return r->conditions && match_pattern(&m, s, r, node_child(s, r->lhs, 0), x, false, NULL);
}

/* The rule that gives d(x), which is not zero; m is its match, unless it goes operand by
   operand. 0: an error, or f->need is to be done first, or there is none; then *refused is a
   rule whose conditions do not hold. */
static uint32_t fitting_rule(Forward *f, NodeId x, Match *m, uint32_t *refused) {
  Store *s = f->s;
  bool counted = node_op(s, x) == OP_COUNTED_SUM; /* by the rule for sums */
  uint32_t n;
  const uint32_t *list = ruleset_list(s, RULE_DIFFERENTIAL, counted ? OP_SUM : node_op(s, x), &n);
  *refused = 0;
  for (uint32_t i = 0; i < n; i++) {
    const Rule *r = ruleset_at(s, list[i]);
    uint32_t serial = r->serial;
    if (r->derivation) return serial;
    if (counted) continue;
    if (!condition_match(m, s, r, node_child(s, r->lhs, 0), x, false)) {
      if (s->status != STORE_OK) return 0;
      if (!*refused && fits_but_for_conditions(s, r, x)) *refused = serial;
      continue;
    }
    m->differential = known_or_needed;
    m->data = f;
    bool fits = condition_all_hold(m);
    if (f->need || s->status != STORE_OK) return 0;
    if (fits) return serial;
    *refused = serial;
  }
  return 0;
}

/* d(x), whose children's differentials are known. 0: an error, or f->need is to be done first. */
static NodeId forward_one(Forward *f, NodeId x) {
  Store *s = f->s;
  bool changes = false;
  uint32_t arity = node_arity(s, x), refused;
  for (uint32_t i = 0; i < arity && !changes; i++) {
    NodeId d = map_get(f->memo, node_child(s, x, i));
    changes = d == UNDEFINED || !node_zero(s, d);
  }
  if (!changes) return zero_like(s, x);
  Match m;
  uint32_t serial = fitting_rule(f, x, &m, &refused);
  if (f->need || s->status != STORE_OK) return 0;
  if (!serial) return refused && !map_put(s, f->refused, x, refused) ? 0 : UNDEFINED;
  NodeId d;
  if (ruleset_at(s, serial)->derivation) {
    budget_note_rule(s, ruleset_at(s, serial)->name);
    d = node_op(s, x) == OP_COUNTED_SUM ? each_term(f, x) : each_factor(f, x);
  } else {
    d = instantiate_node(&m, ruleset_at(s, serial)->rhs);
    budget_note_rule(s, ruleset_at(s, serial)->name);
  }
  if (s->logging && d &&
      (!vec_push(s, &s->log, serial) || !vec_push(s, &s->log, x) || !vec_push(s, &s->log, d)))
    return 0;
  return d;
}

/* The differentials that were found for one variable by one version of the rules. */
struct Kept {
  Map *memo;
  NodeId variable[2]; /* and its differential: references; 0: nothing is kept */
  uint32_t version;
};

void forward_forget(Store *s) {
  if (!s->kept) return;
  for (int i = 0; i < 2; i++) {
    node_unref(s, s->kept->variable[i]);
    s->kept->variable[i] = 0;
  }
  map_clear(s->kept->memo);
}

void forward_close(Store *s) {
  if (!s->kept) return;
  map_free(s, s->kept->memo);
  store_realloc(s, s->kept->memo, sizeof(Map), 0);
  store_realloc(s, s->kept, sizeof *s->kept, 0);
  s->kept = NULL;
}

static bool open_kept(Store *s) {
  struct Kept *k = s->kept ? NULL : store_realloc(s, NULL, 0, sizeof *k);
  if (s->kept || !k) return s->kept != NULL;
  *k = (struct Kept){map_take(s), {0, 0}, 0};
  if (k->memo) s->kept = k;
  else store_realloc(s, k, sizeof *k, 0);
  return s->kept != NULL;
}

/* What was kept, if it is for x by these rules, else nothing: to be kept from now on. NULL without
   memory. */
static Map *kept_for(Store *s, NodeId x, NodeId dx) {
  if (!open_kept(s)) return NULL;
  struct Kept *k = s->kept;
  if (k->variable[0] == x && k->variable[1] == dx && k->version == ruleset_version(s) &&
      !s->logging)
    return k->memo;
  forward_forget(s);
  k->variable[0] = x;
  k->variable[1] = dx;
  k->version = ruleset_version(s);
  node_ref(s, x);
  node_ref(s, dx);
  return k->memo;
}

NodeId forward_differential(Store *s, NodeId root, NodeId x, NodeId dx) {
  if (!root || !x || !dx) return 0;
  bool inner = s->hooks > 0; /* what is kept belongs to the work that asks the hook */
  Forward f = {s, inner ? map_take(s) : kept_for(s, x, dx), map_take(s), 0};
  Vec stack;
  vec_init(&stack);
  bool ok = f.memo && f.refused && vec_push(s, &stack, root);
  while (ok && stack.n) {
    NodeId n = stack.v[stack.n - 1];
    if (map_get(f.memo, n)) {
      stack.n--;
      continue;
    }
    NodeId d = 0;
    uint32_t op = node_op(s, n), arity = node_arity(s, n);
    if (n == x) d = dx;
    else if (arity == 0 || op == OP_FUNCTION) d = zero_like(s, n);
    else {
      bool ready = true;
      for (uint32_t i = arity; ok && i-- > 0;) {
        NodeId c = node_child(s, n, i);
        if (map_get(f.memo, c)) continue;
        if (node_arity(s, c) == 0 && c != x) ok = map_put(s, f.memo, c, zero_like(s, c));
        else {
          ready = false;
          ok = vec_push(s, &stack, c);
        }
      }
      if (!ok || !ready) continue;
      f.need = 0;
      d = forward_one(&f, n);
      if (!d && f.need && s->status == STORE_OK) {
        ok = vec_push(s, &stack, f.need);
        continue;
      }
    }
    stack.n--;
    ok = d && map_put(s, f.memo, n, d);
  }
  vec_done(s, &stack);
  NodeId d = ok ? known(&f, root) : 0;
  map_give(s, f.refused);
  if (inner) map_give(s, f.memo);
  else if (!d) forward_forget(s);
  return d;
}

uint32_t forward_rule(Store *s, NodeId x, NodeId by, NodeId dx, Match *m) {
  NodeId d = forward_differential(s, x, by, dx);
  if (!d || node_zero(s, d) || x == by) return 0;
  Forward f = {s, s->kept->memo, map_take(s), 0};
  uint32_t refused;
  uint32_t serial = f.refused ? fitting_rule(&f, x, m, &refused) : 0;
  map_give(s, f.refused);
  m->data = NULL; /* f ends here */
  return s->status == STORE_OK ? serial : 0;
}
