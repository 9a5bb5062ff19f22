/* diff.c: the differential of a shared graph, bottom up, each node once. All calculus is in the rules:
** here is only the order of work. A right side that asks for d(x) of an x that is not known yet
** puts x on the stack and is tried again. A node without a rule is an error only when its differential is asked for: a
** rule for tr(expm(X)) does not ask for d(expm(X)). What was found is kept for the next derivative by the same
** variable, until a collection. */
#include "calculus/forward.h"

#include <stdio.h>

#include "algebra/build.h"
#include "algebra/counted.h"
#include "algebra/operator.h"
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

static NodeId zero_like(Store *s, NodeId x) { return build_zeros(s, node_rows(s, x), node_cols(s, x)); }

static NodeId known(Forward *f, NodeId x) {
  NodeId d = map_get(f->memo, x);
  if (!d) f->need = x;
  return d == UNDEFINED ? no_rule(f->s, x, map_get(f->refused, x)) : d;
}

static NodeId known_or_needed(Match *m, NodeId x) { return known(m->data, x); }

/* The sum over the factors of x, each in turn replaced by its differential. */
static NodeId each_factor(Forward *f, NodeId x) {
  Store *s = f->s;
  uint32_t op = node_op(s, x), n = node_arity(s, x);
  Vec terms, factors;
  vec_init(&terms);
  vec_init(&factors);
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
    factors.v[i] = d;
    NodeId t = op == OP_PRODUCT ? build_product(s, factors.v, n) : build_hadamard(s, factors.v, n);
    factors.v[i] = node_child(s, x, i);
    ok = sum_add(s, &terms, s->one, t);
  }
  NodeId r = ok ? sum_finish(s, &terms, node_rows(s, x), node_cols(s, x)) : 0;
  vec_done(s, &terms);
  vec_done(s, &factors);
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
      [OP_SUM] = "A + B", [OP_PRODUCT] = "A*B", [OP_POWER] = "A^k", [OP_HADAMARD] = "A.*B", [OP_ELPOWER] = "A.^k",
      [OP_TRANSPOSE] = "A'", [OP_DERIVATIVE] = "D(..)", [OP_DIFF] = "d(..)", [OP_COUNTED_SUM] = "sum(i = .., ..)"};
  uint32_t op = node_op(s, x);
  char what[100], why[400] = "";
  if (op == OP_CALL) snprintf(what, sizeof what, "%.80s(..)", name_text(s, node_words(s, node_child(s, x, 0))[0]));
  else if (op == OP_POWER && node_child(s, x, 1) == s->minus_one) snprintf(what, sizeof what, "inv(..)");
  else if (op < OP_FIRST_USER) snprintf(what, sizeof what, "%s", text[op] ? text[op] : "..");
  else snprintf(what, sizeof what, "%.80s(..)", operator_name(s, op));
  NameId note = refused ? ruleset_at(s, refused)->note : 0;
  if (note) snprintf(why, sizeof why, ": %.380s", name_text(s, note));
  else if (refused) snprintf(why, sizeof why, ": the conditions of the rule \"%.100s\" do not hold", ruleset_name(s, refused));
  return store_fail(s, STORE_RULE, "no rule for d(%s)%s", what, why);
}

static bool fits_but_for_conditions(Store *s, const Rule *r, NodeId x) {
  Match m;
  return r->conditions && match_pattern(&m, s, r, node_child(s, r->lhs, 0), x, false);
}

/* d(x), whose children's differentials are known. 0: an error, or f->need is to be done first. */
static NodeId forward_one(Forward *f, NodeId x) {
  Store *s = f->s;
  bool changes = false;
  uint32_t arity = node_arity(s, x), n, refused = 0;
  for (uint32_t i = 0; i < arity && !changes; i++) {
    NodeId d = map_get(f->memo, node_child(s, x, i));
    changes = d == UNDEFINED || !node_zero(s, d);
  }
  if (!changes) return zero_like(s, x);
  bool range = node_op(s, x) == OP_COUNTED_SUM; /* by the rule for sums */
  const uint32_t *list = ruleset_list(s, RULE_DIFFERENTIAL, range ? OP_SUM : node_op(s, x), &n);
  for (uint32_t i = 0; i < n; i++) {
    const Rule *r = ruleset_at(s, list[i]);
    Match m;
    uint32_t serial = r->serial;
    if (r->derivation) {
      store_note_rule(s, r->name);
      NodeId d = range ? each_term(f, x) : each_factor(f, x);
      if (s->logging && d && (!vec_push(s, &s->log, serial) || !vec_push(s, &s->log, x) || !vec_push(s, &s->log, d))) return 0;
      return d;
    }
    if (range) continue;
    if (!condition_match(&m, s, r, node_child(s, r->lhs, 0), x, false)) {
      if (s->status != STORE_OK) return 0;
      if (!refused && fits_but_for_conditions(s, r, x)) refused = serial;
      continue;
    }
    m.differential = known_or_needed;
    m.data = f;
    bool fits = condition_all_hold(&m);
    if (f->need || s->status != STORE_OK) return 0;
    if (!fits) {
      refused = serial;
      continue;
    }
    NodeId d = instantiate_node(&m, ruleset_at(s, serial)->rhs);
    store_note_rule(s, ruleset_at(s, serial)->name);
    if (s->logging && d && (!vec_push(s, &s->log, serial) || !vec_push(s, &s->log, x) || !vec_push(s, &s->log, d))) return 0;
    return d;
  }
  return refused && !map_put(s, f->refused, x, refused) ? 0 : UNDEFINED;
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

/* What was kept, if it is for x by these rules, else nothing: to be kept from now on. NULL without memory. */
static struct Kept *kept_for(Store *s, NodeId x, NodeId dx) {
  if (!open_kept(s)) return NULL;
  struct Kept *k = s->kept;
  if (k->variable[0] == x && k->variable[1] == dx && k->version == ruleset_version(s) && !s->logging) return k;
  forward_forget(s);
  k->variable[0] = x;
  k->variable[1] = dx;
  k->version = ruleset_version(s);
  node_ref(s, x);
  node_ref(s, dx);
  return k;
}

NodeId forward_differential(Store *s, NodeId root, NodeId x, NodeId dx) {
  if (!root || !x || !dx) return 0;
  struct Kept *kept = kept_for(s, x, dx);
  if (!kept) return 0;
  Forward f = {s, kept->memo, map_take(s), 0};
  Vec stack;
  vec_init(&stack);
  bool ok = f.refused && vec_push(s, &stack, root);
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
  if (!d) forward_forget(s);
  return d;
}

/* ------------------------------------------------------------------ reading the linear graph */

static bool passive(const Store *s, NodeId x, void *data) {
  (void)data;
  return !(node_flags(s, x) & FLAG_TANGENT);
}

static bool active(const Store *s, NodeId x) { return (node_flags(s, x) & FLAG_TANGENT) != 0; }

/* scalar times the children `from` to `to` of a product; the identity of size n if there are none. */
static NodeId part(Store *s, NodeId x, uint32_t from, uint32_t to, NodeId scalar, DimId n) {
  Vec v;
  vec_init(&v);
  bool ok = vec_push(s, &v, scalar);
  if (from == to) ok = ok && vec_push(s, &v, build_identity(s, n));
  for (uint32_t i = from; ok && i < to; i++) ok = vec_push(s, &v, node_child(s, x, i));
  NodeId r = ok ? build_product(s, v.v, v.n) : 0;
  vec_done(s, &v);
  return r;
}

static bool set(Match *m, NodeId variable, NodeId value) {
  Store *s = m->s;
  if (!value) return false;
  m->var[node_words(s, variable)[2]] = value;
  NameId r = dim_get_name(s, node_rows(s, variable)), c = dim_get_name(s, node_cols(s, variable));
  return (!r || dimenv_bind(&m->dims, r, node_rows(s, value))) && (!c || dimenv_bind(&m->dims, c, node_cols(s, value)));
}

/* Match a product, seen from its active factor, with P*X*Q or a*X. */
static bool match_factor(Match *m, const Rule *r, NodeId x) {
  Store *s = m->s;
  uint32_t n = node_arity(s, x), at = n, i;
  for (i = 0; i < n; i++)
    if (active(s, node_child(s, x, i))) {
      if (at < n) return false;
      at = i;
    }
  NodeId factor = node_child(s, x, at), self, pattern = r->lhs;
  ProductView p = view_product(s, pattern, &self);
  const NodeId *c = node_children(s, pattern);
  bool scalar = node_scalar(s, factor);
  if (p.links == 3 && p.scalars == 0 && !scalar && node_words(s, c[2])[2] == r->active) { /* A*X*B */
    NodeId front = s->one;
    uint32_t first = 0;
    while (first < n && node_scalar(s, node_child(s, x, first))) front = build_mul(s, front, node_child(s, x, first++));
    return set(m, c[2], factor) && set(m, c[1], part(s, x, first, at, front, node_rows(s, factor))) &&
           set(m, c[3], part(s, x, at + 1, n, s->one, node_cols(s, factor)));
  }
  if (p.links == 1 && p.scalars == 1 && scalar && node_words(s, c[1])[2] == r->active) { /* a*X by a */
    Vec v;
    vec_init(&v);
    bool ok = true;
    for (i = 0; ok && i < n; i++) ok = i == at || vec_push(s, &v, node_child(s, x, i));
    ok = ok && set(m, c[1], factor) && set(m, c[2], build_product(s, v.v, v.n));
    vec_done(s, &v);
    return ok;
  }
  return false;
}

/* A Hadamard product, seen from its active factor, with M.*X. */
static bool match_entries(Match *m, const Rule *r, NodeId x) {
  Store *s = m->s;
  const NodeId *c = node_children(s, r->lhs);
  if (node_arity(s, r->lhs) != 2 || node_op(s, c[0]) != OP_VARIABLE || node_op(s, c[1]) != OP_VARIABLE) return false;
  bool first = node_words(s, c[0])[2] == r->active, found = false, ok = true;
  Vec v;
  vec_init(&v);
  for (uint32_t i = 0; ok && i < node_arity(s, x); i++) {
    NodeId f = node_child(s, x, i);
    if (!active(s, f)) ok = vec_push(s, &v, f);
    else ok = !found && (found = set(m, c[!first], f));
  }
  ok = ok && found && v.n && set(m, c[first], build_hadamard(s, v.v, v.n));
  vec_done(s, &v);
  return ok;
}

static bool bind_sizes(Match *m, const Rule *r, NodeId tangent) {
  return (!r->size[0] || dimenv_bind(&m->dims, r->size[0], node_rows(m->s, tangent))) &&
         (!r->size[1] || dimenv_bind(&m->dims, r->size[1], node_cols(m->s, tangent)));
}

static NodeId no_linear_rule(Store *s, const char *kind, NodeId x) {
  uint32_t op = node_op(s, x);
  const char *name = op == OP_PRODUCT ? "a product" : operator_name(s, op);
  if (op < OP_FIRST_USER) return store_fail(s, STORE_RULE, "no %s rule for %s", kind, name);
  return store_fail(s, STORE_RULE, "no %s rule for %s; a rule file states one: %s %s(..)  %s -> ..", kind, name, kind, name,
                    kind[0] == 'a' ? "Y" : kind[0] == 'j' ? "J" : "Z(h,w)");
}

/* Apply the adjoint, jacobian or block rule that fits x. *inner is the active argument, whose Jacobian or block
   form is looked up in `known` (0 comes back if it is not there); 0 if no rule fits. */
static NodeId apply_linear_rule(Store *s, RuleKind kind, NodeId x, NodeId value, NodeId *inner, const Map *known, NodeId tangent) {
  uint32_t n, op = node_op(s, x);
  const uint32_t *list = ruleset_list(s, kind, op, &n);
  for (uint32_t i = 0; i < n; i++) {
    const Rule *r = ruleset_at(s, list[i]);
    Match m;
    if (r->cotangent == NO_VARIABLE) continue;
    if (op == OP_PRODUCT || op == OP_HADAMARD) {
      match_begin(&m, s, r, x);
      if (!(op == OP_PRODUCT ? match_factor(&m, r, x) : match_entries(&m, r, x))) continue;
    } else if (!condition_match(&m, s, r, r->lhs, x, false)) {
      continue;
    } else {
      bool fits = true;
      for (uint32_t j = 0; j < RULE_VARIABLES; j++)
        if (m.var[j] && active(s, m.var[j]) != (j == r->active)) fits = false;
      if (!fits) continue;
    }
    if (s->status != STORE_OK) return 0;
    if (kind == RULE_BLOCK && !bind_sizes(&m, r, tangent)) return 0;
    *inner = m.var[r->active];
    m.var[r->cotangent] = kind == RULE_ADJOINT ? value : map_get(known, *inner);
    return m.var[r->cotangent] ? instantiate_node(&m, r->rhs) : 0;
  }
  return 0;
}

/* Cotangents on their way down: for each node a list of those that wait, as links value, next. */
typedef struct Pull Pull;
struct Pull {
  Store *s;
  Map *waiting;
  Vec parts;
  NodeId range; /* the counted sum whose terms are pulled through; 0: the whole graph */
  Pull *outer;
};

static bool wait_for(Pull *p, NodeId x, NodeId cotangent) {
  uint32_t at = p->parts.n;
  return cotangent && vec_push(p->s, &p->parts, cotangent) && vec_push(p->s, &p->parts, map_get(p->waiting, x)) &&
         map_put(p->s, p->waiting, x, at);
}

/* Pull y down from root. Inside a counted sum, what reaches a node without its counter is summed up and waits there for
   the graph around it. That nests as deep as the sums do (RANGE_NESTED). Returns what reaches the tangent, or 0. */
static NodeId pull_through(Pull *p, NodeId root, NodeId tangent, NodeId y) {
  Store *s = p->s;
  Vec order, sum;
  vec_init(&order);
  vec_init(&sum);
  vec_init(&p->parts);
  p->waiting = map_take(s);
  NameId counter = p->range ? node_words(s, p->range)[0] : 0;
  NodeId result = 0;
  bool ok = p->waiting && node_postorder(s, root, &order, passive, NULL) && vec_push(s, &p->parts, 0) &&
            vec_push(s, &p->parts, 0) && wait_for(p, root, y);
  for (uint32_t i = order.n; ok && i-- > 0;) {
    NodeId x = order.v[i];
    uint32_t link = map_get(p->waiting, x);
    if (!link) continue; /* cancelled on the way */
    sum.n = 0;
    for (; ok && link; link = p->parts.v[link + 1]) ok = vec_push(s, &sum, p->parts.v[link]);
    NodeId total = ok ? build_sum(s, sum.v, sum.n) : 0;
    ok = total != 0;
    if (!ok) break;
    if (counter && !counted_holds(s, x, counter)) {
      ok = wait_for(p->outer, x, counted_with_body(s, p->range, total));
    } else if (x == tangent) {
      result = total;
    } else if (node_op(s, x) == OP_SUM) {
      for (uint32_t j = 0; ok && j < node_arity(s, x); j += 2) {
        NodeId t = node_child(s, x, j + 1);
        if (active(s, t)) ok = wait_for(p, t, build_scale(s, node_child(s, x, j), total));
      }
    } else if (node_op(s, x) == OP_COUNTED_SUM) {
      Pull inner = {s, NULL, {0}, x, p};
      pull_through(&inner, node_child(s, x, 2), tangent, total);
      ok = s->status == STORE_OK;
    } else {
      NodeId inner = 0, c = apply_linear_rule(s, RULE_ADJOINT, x, total, &inner, NULL, tangent);
      if (!inner && s->status == STORE_OK) no_linear_rule(s, "adjoint", x);
      ok = c && wait_for(p, inner, c);
    }
  }
  vec_done(s, &order);
  vec_done(s, &sum);
  vec_done(s, &p->parts);
  map_give(s, p->waiting);
  return ok ? result : 0;
}

NodeId linear_pull(Store *s, NodeId linear, NodeId tangent, NodeId y) {
  if (!linear || !tangent || !y) return 0;
  NodeId result = 0;
  if (active(s, linear)) {
    Pull p = {s, NULL, {0}, 0, NULL};
    result = pull_through(&p, linear, tangent, y);
  }
  if (!result && s->status == STORE_OK) result = build_zeros(s, node_rows(s, tangent), node_cols(s, tangent));
  return result;
}

NodeId linear_jacobian(Store *s, NodeId linear, NodeId tangent) {
  if (!linear || !tangent) return 0;
  DimId size = dim_mul(s, node_rows(s, tangent), node_cols(s, tangent));
  if (!active(s, linear)) return build_zeros(s, dim_mul(s, node_rows(s, linear), node_cols(s, linear)), size);
  Vec order, sum;
  Map *jacobian = map_take(s);
  vec_init(&order);
  vec_init(&sum);
  bool ok = jacobian && node_postorder(s, linear, &order, passive, NULL);
  for (uint32_t i = 0; ok && i < order.n; i++) {
    NodeId x = order.v[i], inner = 0, j = 0;
    if (x == tangent) j = build_identity(s, size);
    else if (node_op(s, x) == OP_SUM) {
      sum.n = 0;
      for (uint32_t k = 0; ok && k < node_arity(s, x); k += 2) {
        NodeId t = node_child(s, x, k + 1);
        if (active(s, t)) ok = vec_push(s, &sum, build_scale(s, node_child(s, x, k), map_get(jacobian, t)));
      }
      j = ok ? build_sum(s, sum.v, sum.n) : 0;
    } else if (node_op(s, x) == OP_COUNTED_SUM) {
      j = counted_with_body(s, x, map_get(jacobian, node_child(s, x, 2)));
    } else {
      j = apply_linear_rule(s, RULE_JACOBIAN, x, 0, &inner, jacobian, tangent);
      if (!inner && s->status == STORE_OK) no_linear_rule(s, "jacobian", x);
    }
    ok = j && map_put(s, jacobian, x, j);
  }
  NodeId r = ok ? map_get(jacobian, linear) : 0;
  vec_done(s, &order);
  vec_done(s, &sum);
  map_give(s, jacobian);
  return r;
}

/* ------------------------------------------------------------------ the block form */

/* A block rule in the tangent itself; *found tells whether there is one. */
static NodeId block_of_tangent(Store *s, NodeId x, NodeId tangent, bool *found) {
  uint32_t n;
  const uint32_t *list = ruleset_list(s, RULE_BLOCK, node_op(s, x), &n);
  *found = false;
  for (uint32_t i = 0; i < n; i++) {
    const Rule *r = ruleset_at(s, list[i]);
    Match m;
    if (r->cotangent != NO_VARIABLE || !condition_match(&m, s, r, r->lhs, x, false)) continue;
    bool fits = m.var[r->active] == tangent;
    for (uint32_t j = 0; j < RULE_VARIABLES; j++)
      if (m.var[j] && j != r->active && active(s, m.var[j])) fits = false;
    if (!fits) continue;
    *found = true;
    return instantiate_node(&m, r->rhs);
  }
  return 0;
}

/* What no other block rule takes apart: by the rule that reads the block form off the Jacobian. */
NodeId linear_block_by_jacobian(Store *s, NodeId x, NodeId tangent) {
  uint32_t n;
  const uint32_t *list = ruleset_list(s, RULE_BLOCK, OP_FREE, &n);
  if (n == 0) return no_linear_rule(s, "block", x);
  NodeId j = linear_jacobian(s, x, tangent);
  if (!j) return 0;
  const Rule *r = ruleset_at(s, list[0]);
  Match m;
  if (!condition_match(&m, s, r, r->lhs, x, false) || !bind_sizes(&m, r, tangent)) return no_linear_rule(s, "block", x);
  m.var[r->cotangent] = j;
  return instantiate_node(&m, r->rhs);
}

/* The block form of x; 0 with *need set if that of *need must be known first. */
static NodeId block_one(Store *s, NodeId x, NodeId tangent, const Map *known, NodeId *need) {
  bool found;
  *need = 0;
  if (node_scalar(s, x)) return linear_pull(s, x, tangent, s->one); /* its gradient */
  NodeId b = block_of_tangent(s, x, tangent, &found), inner = 0;
  if (found || s->status != STORE_OK) return b;
  if (node_op(s, x) == OP_COUNTED_SUM) {
    *need = node_child(s, x, 2);
    b = map_get(known, *need);
    return b ? counted_with_body(s, x, b) : 0;
  }
  if (node_op(s, x) != OP_SUM) {
    b = apply_linear_rule(s, RULE_BLOCK, x, 0, &inner, known, tangent);
    if (b || s->status != STORE_OK) return b;
    *need = inner;
    return inner ? 0 : linear_block_by_jacobian(s, x, tangent);
  }
  Vec sum;
  vec_init(&sum);
  bool ok = true;
  for (uint32_t k = 0; ok && k < node_arity(s, x) && !*need; k += 2) {
    NodeId t = node_child(s, x, k + 1);
    if (!active(s, t)) continue;
    if (!map_get(known, t)) *need = t;
    else ok = vec_push(s, &sum, build_scale(s, node_child(s, x, k), map_get(known, t)));
  }
  b = ok && !*need ? build_sum(s, sum.v, sum.n) : 0;
  vec_done(s, &sum);
  return b;
}

NodeId linear_block(Store *s, NodeId linear, NodeId tangent) {
  if (!linear || !tangent) return 0;
  if (!active(s, linear))
    return build_zeros(s, dim_mul(s, node_rows(s, tangent), node_rows(s, linear)), dim_mul(s, node_cols(s, tangent), node_cols(s, linear)));
  Vec stack;
  Map *known = map_take(s);
  vec_init(&stack);
  bool ok = known && vec_push(s, &stack, linear);
  while (ok && stack.n) {
    NodeId x = stack.v[stack.n - 1], need = 0;
    NodeId b = map_get(known, x) ? map_get(known, x) : block_one(s, x, tangent, known, &need);
    if (b) {
      stack.n--;
      ok = map_put(s, known, x, b);
    } else {
      ok = need && s->status == STORE_OK && vec_push(s, &stack, need);
    }
  }
  NodeId r = ok ? map_get(known, linear) : 0;
  vec_done(s, &stack);
  map_give(s, known);
  return r;
}
