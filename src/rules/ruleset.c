/* rule.c: the table of rules, what is known by facts, conditions, and putting a match into a right side. Matching itself is in
** match.c. */
#include "rules/ruleset.h"

#include <string.h>

#include "algebra/build.h"
#include "algebra/counted.h"
#include "algebra/product.h"
#include "calculus/forward.h"
#include "core/dim.h"
#include "core/number.h"
#include "rules/commute.h"
#include "rules/pattern.h"

enum { PROPERTY_DEPTH = 40, RULE_DEPTH = 60, APPLY_DEPTH = 150 };

struct RuleSet {
  Rule *v;
  uint32_t n, cap;
  struct RuleIndex { uint32_t *v; uint64_t *need; uint32_t n, cap; } *index[RULE_KINDS]; /* by head operator */
  uint32_t ops[RULE_KINDS];
  Map results; /* of algebra rules, by node */
  Map acting;  /* the same while attributes act, of nodes that hold some: there the transpose of a leaf may be that leaf */
  uint64_t inferable[2]; /* see inferable_attributes */
  bool inferable_known;
  Map answers;        /* to the questions for a property below the one that is asked: 1 no, 2 yes */
  uint32_t questions; /* how many are under way, one inside the other */
  bool irreducible_marks; /* nodes are marked as irreducible */
  uint32_t depth;
  PredicateHook hook;
};

/* ------------------------------------------------------------------ the table */

bool ruleset_open(Store *s) {
  s->rules = store_realloc(s, NULL, 0, sizeof *s->rules);
  if (!s->rules) return false;
  memset(s->rules, 0, sizeof *s->rules);
  s->rules->results.stamp = s->rules->acting.stamp = s->rules->answers.stamp = 1;
  return true;
}

void ruleset_close(Store *s) {
  struct RuleSet *t = s->rules;
  if (!t) return;
  for (int k = 0; k < RULE_KINDS; k++) {
    for (uint32_t i = 0; i < t->ops[k]; i++) {
      store_realloc(s, t->index[k][i].v, t->index[k][i].cap * sizeof(uint32_t), 0);
      store_realloc(s, t->index[k][i].need, t->index[k][i].cap * sizeof(uint64_t), 0);
    }
    store_realloc(s, t->index[k], t->ops[k] * sizeof *t->index[k], 0);
  }
  store_realloc(s, t->v, t->cap * sizeof *t->v, 0);
  map_free(s, &t->results);
  map_free(s, &t->acting);
  map_free(s, &t->answers);
  store_realloc(s, t, sizeof *t, 0);
  s->rules = NULL;
}

void ruleset_forget(Store *s) {
  if (s->rules) {
    map_clear(&s->rules->results);
    map_clear(&s->rules->acting);
    map_clear(&s->rules->answers);
  }
}

static void unmark(Store *s, int marks) {
  for (NodeId id = 1; id < s->next; id++) node_at(s, id)->mark &= (uint8_t)~marks;
}

void ruleset_mark_irreducible(Store *s, NodeId x) {
  node_at(s, x)->mark |= MARK_IRREDUCIBLE;
  s->rules->irreducible_marks = true;
}

/* Simplification rules, or what their conditions may ask for, have changed. */
static void forget_irreducible(Store *s) {
  if (s->rules->irreducible_marks) unmark(s, MARK_IRREDUCIBLE);
  s->rules->irreducible_marks = false;
}

void ruleset_hook(Store *s, PredicateHook hook) {
  s->rules->hook = hook;
  forget_irreducible(s);
}

uint32_t ruleset_count(const Store *s) { return s->rules->n; }
const Rule *ruleset_at(const Store *s, uint32_t serial) { return &s->rules->v[serial - 1]; }

const char *ruleset_name(const Store *s, uint32_t serial) {
  if (serial == 0 || serial > s->rules->n) return "?";
  NameId name = ruleset_at(s, serial)->name;
  return name ? name_text(s, name) : "unnamed";
}

static uint32_t head_of(const Store *s, const Rule *r) {
  NodeId lhs = r->lhs;
  if (r->kind == RULE_DIFFERENTIAL) lhs = node_child(s, lhs, 0);
  if (r->kind == RULE_FACT && node_op(s, lhs) == OP_VARIABLE) return 0; /* tried on every node */
  if (r->kind == RULE_BLOCK && node_op(s, lhs) == OP_VARIABLE) return r->cotangent == NO_VARIABLE ? OP_TANGENT : OP_FREE;
  return node_op(s, lhs);
}

static bool before(const Store *s, const Rule *a, const Rule *b) {
  if (a->priority != b->priority) return a->priority > b->priority;
  uint32_t u = node_at(s, a->lhs)->weight, v = node_at(s, b->lhs)->weight;
  if (u != v) return u > v;
  return a->conditions > b->conditions;
}

static bool enter(Store *s, uint32_t serial) {
  struct RuleSet *t = s->rules;
  const Rule *r = ruleset_at(s, serial);
  uint32_t op = head_of(s, r);
  if (op >= t->ops[r->kind]) {
    uint32_t n = op + 32;
    struct RuleIndex *v = store_realloc(s, t->index[r->kind], t->ops[r->kind] * sizeof *v, n * sizeof *v);
    if (!v) return false;
    memset(v + t->ops[r->kind], 0, (n - t->ops[r->kind]) * sizeof *v);
    t->index[r->kind] = v;
    t->ops[r->kind] = n;
  }
  struct RuleIndex *l = &t->index[r->kind][op];
  if (l->n == l->cap) {
    uint32_t cap = l->cap ? l->cap * 2 : 4;
    uint32_t *v = store_realloc(s, NULL, 0, cap * sizeof *v);
    uint64_t *need = store_realloc(s, NULL, 0, cap * sizeof *need);
    if (!v || !need) {
      store_realloc(s, v, v ? cap * sizeof *v : 0, 0);
      store_realloc(s, need, need ? cap * sizeof *need : 0, 0);
      return false;
    }
    if (l->n) {
      memcpy(v, l->v, l->n * sizeof *v);
      memcpy(need, l->need, l->n * sizeof *need);
    }
    store_realloc(s, l->v, l->cap * sizeof *v, 0);
    store_realloc(s, l->need, l->cap * sizeof *need, 0);
    l->v = v;
    l->need = need;
    l->cap = cap;
  }
  uint32_t i = l->n++;
  for (; i > 0 && before(s, r, ruleset_at(s, l->v[i - 1])); i--) {
    l->v[i] = l->v[i - 1];
    l->need[i] = l->need[i - 1];
  }
  l->v[i] = serial;
  l->need[i] = r->need[0];
  return true;
}

static void leave(Store *s, uint32_t serial) {
  const Rule *r = ruleset_at(s, serial);
  struct RuleIndex *l = &s->rules->index[r->kind][head_of(s, r)];
  for (uint32_t i = 0; i < l->n; i++)
    if (l->v[i] == serial) {
      memmove(l->v + i, l->v + i + 1, (l->n - i - 1) * sizeof *l->v);
      memmove(l->need + i, l->need + i + 1, (l->n - i - 1) * sizeof *l->need);
      l->n--;
      return;
    }
}

/* What follows from the facts is to be found out anew. */
static void forget_attributes(Store *s) {
  forget_irreducible(s);
  s->rules->inferable_known = false;
  for (uint32_t i = 0; i < s->rules->n; i++) s->rules->v[i].attributes = -1;
}

static Predicate predicate_of(const Store *s, NameId name) {
  static const char *const names[] = {
      [PRED_EQUAL] = "==", [PRED_DIFFERENT] = "!=", [PRED_LESS] = "<", [PRED_AT_MOST] = "<=", [PRED_GREATER] = ">", [PRED_AT_LEAST] = ">=",
      [PRED_CONSTANT] = "constant", [PRED_ZERO] = "zero", [PRED_NUMBER] = "number", [PRED_INTEGER] = "integer", [PRED_SYMBOL] = "symbol",
      [PRED_SCALAR] = "scalar", [PRED_SQUARE] = "square", [PRED_COMMUTES] = "commutes", [PRED_NATURAL] = "natural"};
  for (int q = PRED_EQUAL; q <= PRED_NATURAL; q++)
    if (strcmp(name_text(s, name), names[q]) == 0) return (Predicate)q;
  return PRED_OTHER;
}

/* Is a condition answered by the form of an expression, or (perhaps) from outside? */
static bool structural(Store *s, const Condition *c) {
  return c->predicate != PRED_OTHER || attribute_bit(s, c->name, false) == 0;
}

/* The attributes that imply a property, and the property itself, as bits. */
static uint64_t attributes_implying(Store *s, NameId property) {
  uint64_t bit = attribute_bit(s, property, false), all = bit;
  for (uint32_t i = 0; i < s->attributes.n; i++)
    if (s->attributes.implied[i] & bit) all |= 1ull << i;
  return all;
}

/* May the conditions of r hold, if expressions have none but these attributes? */
static bool may_hold(Store *s, const Rule *r, uint64_t inferable) {
  for (uint32_t i = 0; i < r->conditions; i++) {
    const Condition *c = &r->condition[i];
    if (!c->negated && !structural(s, c) && !(attributes_implying(s, c->name) & inferable)) return false;
  }
  return true;
}

/* The attributes that an expression can have by facts, as bits: by its form alone, and with those of symbols. */
static const uint64_t *inferable_attributes(Store *s) {
  struct RuleSet *t = s->rules;
  for (int with = 0; with < 2 && !t->inferable_known; with++) {
    uint64_t inferable = with ? s->attributes.used : 0, before;
    do {
      before = inferable;
      for (uint32_t i = 0; i < t->n; i++) {
        const Rule *r = &t->v[i];
        if (r->kind == RULE_FACT && !r->gone && !(r->grants & inferable) && may_hold(s, r, inferable)) inferable |= r->grants;
      }
    } while (inferable != before);
    t->inferable[with] = inferable;
  }
  t->inferable_known = true;
  return t->inferable;
}

/* Can the conditions of a rule hold of x, as far as attributes go? */
static bool may_apply(Store *s, uint32_t serial, NodeId x) {
  Rule *r = &s->rules->v[serial - 1];
  if (r->attributes < 0) {
    const uint64_t *inferable = inferable_attributes(s);
    r->attributes = may_hold(s, r, inferable[0]) ? 0 : may_hold(s, r, inferable[1]) ? 1 : 2;
  }
  return r->attributes <= (node_flags(s, x) & FLAG_ATTRIBUTE ? 1 : 0);
}

void attributes_used(Store *s, uint64_t bits) {
  if (!(bits & ~s->attributes.used)) return;
  s->attributes.used |= bits;
  forget_attributes(s);
}

/* The algebra has changed: nodes made from now on are looked at anew. */
static void recheck(Store *s) {
  unmark(s, MARK_CHECKED | MARK_REDUCIBLE);
  map_clear(&s->rules->results);
  map_clear(&s->rules->acting);
  map_clear(&s->transposes);
}

static uint32_t depth_of(const Store *s, NodeId id, uint32_t limit) {
  uint32_t deepest = 0;
  if (limit == 0) return 1;
  for (uint32_t i = 0; i < node_arity(s, id); i++) {
    uint32_t d = depth_of(s, node_child(s, id, i), limit - 1);
    if (d > deepest) deepest = d;
  }
  return deepest + 1;
}

/* d(A + B) -> d(A) + d(B), d(A*B) -> d(A)*B + A*d(B), and that of the Hadamard product: such a rule is
   applied to sums and products of any length at once. */
static bool is_derivation(Store *s, const Rule *r) {
  if (r->kind != RULE_DIFFERENTIAL || r->conditions) return false;
  NodeId x = node_child(s, r->lhs, 0);
  const NodeId *c = node_children(s, x);
  uint32_t op = node_op(s, x), n = node_arity(s, x);
  if ((op != OP_SUM || n != 4) && (op != OP_PRODUCT || n != 3) && (op != OP_HADAMARD || n != 2)) return false;
  NodeId a = op == OP_HADAMARD ? c[0] : c[1], b = op == OP_SUM ? c[3] : op == OP_PRODUCT ? c[2] : c[1];
  if (node_op(s, a) != OP_VARIABLE || node_op(s, b) != OP_VARIABLE) return false;
  NodeId da = build_diff(s, a), db = build_diff(s, b), sum = 0;
  NodeId left[2] = {da, b}, right[2] = {a, db};
  if (op == OP_SUM) sum = build_add(s, da, db);
  if (op == OP_PRODUCT) sum = build_add(s, build_product(s, left, 2), build_product(s, right, 2));
  if (op == OP_HADAMARD) sum = build_add(s, build_hadamard(s, left, 2), build_hadamard(s, right, 2));
  return sum && sum == r->rhs;
}

bool ruleset_put(Store *s, const Rule *r) {
  struct RuleSet *t = s->rules;
  if (t->n == t->cap) {
    uint32_t cap = t->cap ? t->cap * 2 : 128;
    Rule *v = store_realloc(s, t->v, t->cap * sizeof *v, cap * sizeof *v);
    if (!v) return false;
    t->v = v;
    t->cap = cap;
  }
  t->v[t->n++] = *r;
  t->v[t->n - 1].attributes = -1;
  if (!r->gone && !enter(s, t->n)) {
    t->n--;
    return false;
  }
  node_ref(s, r->lhs);
  node_ref(s, r->rhs);
  for (uint32_t i = 0; i < r->conditions; i++)
    for (int j = 0; j < 2; j++) node_ref(s, r->condition[i].arg[j]);
  return true;
}

uint32_t ruleset_add(Store *s, const Rule *r) {
  struct RuleSet *t = s->rules;
  if (!r->lhs || (!r->rhs && r->kind != RULE_FACT)) return 0;
  if (node_at(s, r->lhs)->weight > 5000 || depth_of(s, r->lhs, RULE_DEPTH) >= RULE_DEPTH ||
      (r->rhs && (node_at(s, r->rhs)->weight > 50000 || depth_of(s, r->rhs, RULE_DEPTH) >= RULE_DEPTH)))
    return store_fail(s, STORE_LIMIT, "a rule may be at most %d operators deep", RULE_DEPTH);
  Rule ready = *r;
  ready.serial = t->n + 1;
  ready.gone = false;
  ready.grants = r->kind == RULE_FACT ? attribute_bit(s, r->name, true) : 0;
  ready.derivation = is_derivation(s, r);
  bool looked = r->kind == RULE_ALGEBRA || r->kind == RULE_SIMPLIFY;
  ready.need[0] = looked ? pattern_ops(s, r->lhs, true) : 0;
  ready.need[1] = looked ? pattern_inner_ops(s, r->lhs, true) : 0;
  for (uint32_t i = 0; i < r->conditions; i++) ready.condition[i].predicate = predicate_of(s, r->condition[i].name);
  if (!ruleset_put(s, &ready)) return 0;
  forget_attributes(s);
  if (r->kind == RULE_ALGEBRA) recheck(s);
  return t->n;
}

void ruleset_restore(Store *s, uint32_t serial, bool gone) {
  Rule *r = &s->rules->v[serial - 1];
  if (r->gone == gone) return;
  r->gone = gone;
  if (gone) leave(s, serial);
  else enter(s, serial);
  forward_forget(s);
  forget_attributes(s);
  if (r->kind == RULE_ALGEBRA) recheck(s);
}

uint32_t ruleset_remove(Store *s, RuleKind kind, NameId name) {
  uint32_t k = 0;
  for (uint32_t i = 1; i <= s->rules->n; i++) {
    const Rule *r = ruleset_at(s, i);
    if (r->gone || r->name != name || (kind != RULE_KINDS && r->kind != kind)) continue;
    ruleset_restore(s, i, true);
    k++;
  }
  return k;
}

void ruleset_truncate(Store *s, uint32_t count) {
  bool algebra = false;
  while (s->rules->n > count) {
    Rule *r = &s->rules->v[s->rules->n - 1];
    if (!r->gone) leave(s, s->rules->n);
    node_unref(s, r->lhs);
    node_unref(s, r->rhs);
    for (uint32_t i = 0; i < r->conditions; i++)
      for (int j = 0; j < 2; j++) node_unref(s, r->condition[i].arg[j]);
    algebra = algebra || r->kind == RULE_ALGEBRA;
    s->rules->n--;
  }
  forward_forget(s);
  forget_attributes(s);
  if (algebra) recheck(s);
}

const uint32_t *ruleset_list(const Store *s, RuleKind kind, uint32_t op, uint32_t *n) {
  const struct RuleSet *t = s->rules;
  *n = 0;
  if (op >= t->ops[kind]) return NULL;
  *n = t->index[kind][op].n;
  return t->index[kind][op].v;
}

/* ------------------------------------------------------------------ properties */

uint64_t attribute_bit(Store *s, NameId name, bool add) {
  struct Attributes *t = &s->attributes;
  for (uint32_t i = 0; i < t->n; i++)
    if (t->name[i] == name) return 1ull << i;
  if (!add || t->n == 64) return 0;
  t->name[t->n] = name;
  t->implied[t->n++] = 0;
  return 1ull << (t->n - 1);
}

void attribute_implies(Store *s, NameId name, uint64_t implied) {
  struct Attributes *t = &s->attributes;
  for (uint32_t i = 0; i < t->n; i++)
    if (t->name[i] == name) t->implied[i] = implied;
  forget_attributes(s);
}

static uint64_t attributes_of(const Store *s, NodeId x) {
  uint32_t op = node_op(s, x), *w = node_words(s, x);
  if (op == OP_SYMBOL) return w[2] | (uint64_t)w[3] << 32;
  if (op == OP_CALL && node_op(s, w[0]) == OP_FUNCTION) {
    uint32_t *f = node_words(s, w[0]);
    return f[1] | (uint64_t)f[2] << 32;
  }
  return 0;
}

/* What is remembered of transposes holds in one mode only. */
void attribute_mode(Store *s, bool act) {
  if (s->attributes_act == act) return;
  s->attributes_act = act;
  map_clear(&s->transposes);
}

/* Facts ask for properties of parts, so one question leads to many, often the same: each is answered once. One that
   leads back to itself, or too far, is answered no. */
bool property_holds(Store *s, NameId property, NodeId x) {
  struct RuleSet *t = s->rules;
  uint64_t bit = attribute_bit(s, property, false);
  if (attributes_of(s, x) & bit) return true;
  if (!bit || t->questions == PROPERTY_DEPTH || x > UINT32_MAX / 64) return false;
  uint32_t key = x * 64, known;
  while (bit >>= 1) key++;
  if (t->questions == 0) map_clear(&t->answers);
  if ((known = map_get(&t->answers, key))) return known == 2;
  bool holds = false, mode = s->attributes_act;
  if (!map_put(s, &t->answers, key, 1)) return false;
  t->questions++;
  uint64_t granted = attributes_implying(s, property);
  bool modes[2] = {mode, node_flags(s, x) & FLAG_ATTRIBUTE}; /* x may be built as either has it: X + X', of a symmetric X */
  for (int k = 0; !holds && k < 2; k++) {
    if (k && (mode || !modes[1])) break;
    attribute_mode(s, modes[k]);
    for (int general = 0; !holds && general < 2; general++) {
      uint32_t n;
      const uint32_t *l = ruleset_list(s, RULE_FACT, general ? 0 : node_op(s, x), &n);
      for (uint32_t i = 0; !holds && i < n; i++) {
        const Rule *r = ruleset_at(s, l[i]);
        Match m;
        holds = r->grants & granted && match_rule(&m, s, r, r->lhs, x, false);
      }
    }
  }
  t->questions--;
  attribute_mode(s, mode);
  if (holds) map_put(s, &t->answers, key, 2);
  return holds;
}

/* ------------------------------------------------------------------ conditions */

static bool holds(Match *m, const Condition *c) {
  Store *s = m->s;
  NodeId a[2] = {instantiate_node(m, c->arg[0]), c->arg[1] ? instantiate_node(m, c->arg[1]) : 0};
  if (!a[0]) return false;
  int64_t u;
  switch (c->predicate) {
    case PRED_EQUAL: return a[0] == a[1];
    case PRED_DIFFERENT: return a[0] != a[1];
    case PRED_LESS: case PRED_AT_MOST: case PRED_GREATER: case PRED_AT_LEAST: {
      if (!a[1] || !node_number(s, a[0]) || !node_number(s, a[1])) return false;
      int k = number_compare(s, a[0], a[1]);
      if (k == 0) return c->predicate == PRED_AT_MOST || c->predicate == PRED_AT_LEAST;
      return (k < 0) == (c->predicate == PRED_LESS || c->predicate == PRED_AT_MOST);
    }
    case PRED_CONSTANT: return !(node_flags(s, a[0]) & (FLAG_TANGENT | FLAG_DIFF)) || node_zero(s, a[0]);
    case PRED_ZERO: return node_zero(s, a[0]);
    case PRED_NUMBER: return node_number(s, a[0]);
    case PRED_INTEGER: return node_number(s, a[0]) && number_get_int(s, a[0], &u);
    case PRED_SYMBOL: return node_op(s, a[0]) == OP_SYMBOL;
    case PRED_SCALAR: return node_scalar(s, a[0]);
    case PRED_NATURAL: return exponent_natural(s, a[0]);
    case PRED_SQUARE: return node_rows(s, a[0]) == node_cols(s, a[0]);
    case PRED_COMMUTES: return a[1] && commute_matrices(s, a[0], a[1]);
    case PRED_OTHER: break;
  }
  if (s->rules->hook) {
    int answer = s->rules->hook(s, name_text(s, c->name), a, a[1] ? 2 : 1);
    if (answer >= 0) return answer > 0;
  }
  return property_holds(s, c->name, a[0]);
}

bool condition_all_hold(Match *m) {
  for (uint32_t i = 0; i < m->rule->conditions; i++) {
    const Condition *c = &m->rule->condition[i];
    if (m->differential == NULL && m->rule->kind == RULE_DIFFERENTIAL &&
        ((node_flags(m->s, c->arg[0]) | (c->arg[1] ? node_flags(m->s, c->arg[1]) : 0)) & FLAG_DIFF))
      continue; /* needs d(..): asked again when it is known */
    if (holds(m, c) == c->negated) return false;
  }
  return true;
}

/* ------------------------------------------------------------------ instantiation */

/* With bounds that are numbers, the terms one by one; else the body for a counter of its own, since what the variables stand
   for may hold any other. */
static NodeId instantiate_range(Match *m, NodeId r) {
  Store *s = m->s;
  NodeId first = instantiate_node(m, node_child(s, r, 0)), last = instantiate_node(m, node_child(s, r, 1));
  int64_t a, b;
  if (!first || !last) return 0;
  NodeId body = node_child(s, r, 2), sum = 0;
  struct Counter counter = {node_words(s, r)[0], 0, m->counter};
  m->counter = &counter;
  if (!number_get_int(s, first, &a) || !number_get_int(s, last, &b)) {
    NameId fresh = counted_fresh(s);
    counter.value = fresh ? counted_counter(s, fresh) : 0;
    NodeId inner = counter.value ? instantiate_node(m, body) : 0;
    sum = inner ? build_counted(s, fresh, first, last, inner) : 0;
    counted_release(s);
  } else if (b - a > 10000) {
    store_fail(s, STORE_LIMIT, "a counted sum of %lld terms", (long long)(b - a + 1));
  } else {
    Vec terms;
    vec_init(&terms);
    bool ok = true;
    for (int64_t i = a; ok && i <= b; i++) {
      counter.value = number_int(s, i);
      NodeId t = instantiate_node(m, body);
      ok = t && vec_push(s, &terms, t);
    }
    if (ok && terms.n) sum = build_sum(s, terms.v, terms.n);
    else if (ok) sum = build_zeros(s, dimenv_apply(s, &m->dims, node_rows(s, body), NULL), dimenv_apply(s, &m->dims, node_cols(s, body), NULL));
    vec_done(s, &terms);
  }
  m->counter = counter.outer;
  return sum;
}

NodeId instantiate_node(Match *m, NodeId r) {
  Store *s = m->s;
  uint32_t op = node_op(s, r), n = node_arity(s, r), *w = node_words(s, r);
  switch (op) {
    case OP_VARIABLE: return m->var[w[2]] ? m->var[w[2]] : store_fail(s, STORE_RULE, "the variable %s of rule \"%s\" has no value", name_text(s, w[0]), m->rule->name ? name_text(s, m->rule->name) : "?");
    case OP_NUMBER: return r;
    case OP_SYMBOL: {
      if (w[1] == KIND_COUNTER)
        for (const struct Counter *c = m->counter; c; c = c->outer)
          if (c->name == w[0]) return c->value;
      if (w[1] != KIND_DIMENSION) return r;
      DimId d = dimenv_get(&m->dims, w[0]);
      return d ? size_node(s, d) : r;
    }
    case OP_IDENTITY: return build_identity(s, dimenv_apply(s, &m->dims, node_rows(s, r), NULL));
    case OP_ONES: return build_ones(s, dimenv_apply(s, &m->dims, node_rows(s, r), NULL), dimenv_apply(s, &m->dims, node_cols(s, r), NULL));
    case OP_ZEROS: return build_zeros(s, dimenv_apply(s, &m->dims, node_rows(s, r), NULL), dimenv_apply(s, &m->dims, node_cols(s, r), NULL));
    case OP_COUNTED_SUM: return instantiate_range(m, r);
    case OP_DIFF: {
      NodeId x = instantiate_node(m, node_child(s, r, 0));
      if (!x) return 0;
      return m->differential ? m->differential(m, x) : build_diff(s, x);
    }
    default: break;
  }
  NodeId c[16];
  if (n > 16) {
    Vec v;
    vec_init(&v);
    bool ok = true;
    for (uint32_t i = 0; ok && i < n; i++) {
      NodeId x = instantiate_node(m, node_child(s, r, i));
      ok = x && vec_push(s, &v, x);
    }
    NodeId made = ok ? build_with_children(s, r, v.v) : 0;
    vec_done(s, &v);
    return made;
  }
  for (uint32_t i = 0; i < n; i++) {
    c[i] = instantiate_node(m, node_child(s, r, i));
    if (!c[i]) return 0;
  }
  return build_with_children(s, r, c);
}

/* ------------------------------------------------------------------ application */

/* The whole of which the match was a part. */
static NodeId complete(Match *m, NodeId r) {
  Store *s = m->s;
  switch (node_op(s, m->root)) {
    case OP_SUM:
      if (m->ratio && m->ratio != s->one) r = build_scale(s, m->ratio, r);
      return m->rest_front ? build_add(s, m->rest_front, r) : r;
    case OP_HADAMARD: {
      NodeId f[2] = {m->rest_front, r};
      return m->rest_front ? build_hadamard(s, f, 2) : r;
    }
    case OP_PRODUCT: { /* the links before and behind those that were matched */
      NodeId self;
      ProductView x = product_factors(s, m->root, &self);
      Vec f;
      vec_init(&f);
      bool ok = !m->rest_front || vec_push(s, &f, m->rest_front);
      for (uint32_t i = 0; ok && i <= x.links; i++) {
        if (i == m->from) ok = vec_push(s, &f, r);
        if (ok && i < x.links && (i < m->from || i >= m->to))
          ok = vec_push(s, &f, m->transposed ? build_transpose(s, x.chain[x.links - 1 - i]) : x.chain[i]);
      }
      NodeId whole = ok ? build_product(s, f.v, f.n) : 0;
      vec_done(s, &f);
      return whole;
    }
    default: return r;
  }
}

NodeId apply_rules(Store *s, RuleKind kind, NodeId x) {
  uint32_t n, op = node_op(s, x);
  ruleset_list(s, kind, op, &n);
  if (n == 0) return x;
  if (s->rules->depth >= APPLY_DEPTH) {
    return store_fail(s, STORE_BUDGET, "the rules do not come to an end: \"%s\" was applied %d times, one inside the other",
                      ruleset_name(s, s->recent_n ? s->recent[(s->recent_n - 1) % 8] : 0), APPLY_DEPTH);
  }
  s->rules->depth++;
  NodeId result = x;
  /* a quick look: most rules ask for operators that are not there */
  uint64_t have = pattern_ops(s, x, false), inside = 0;
  bool looked = false;
  const struct RuleIndex *list = &s->rules->index[kind][op];
  for (uint32_t i = 0; i < list->n && result == x; i++) {
    if (list->need[i] & ~have) continue;
    Match m;
    uint32_t serial = list->v[i];
    const Rule *r = ruleset_at(s, serial);
    if (r->need[1] && !looked) inside = pattern_inner_ops(s, x, false);
    looked = looked || r->need[1];
    if (r->need[1] & ~inside) continue;
    if (r->conditions && !may_apply(s, serial, x)) continue;
    if (!match_rule(&m, s, r, r->lhs, x, true)) {
      if (s->status != STORE_OK) result = 0;
      continue;
    }
    s->recent[s->recent_n++ % 8] = serial; /* before what it makes is rewritten in turn */
    NodeId rhs = instantiate_node(&m, r->rhs);
    NodeId made = rhs ? complete(&m, rhs) : 0;
    result = made;
    if (!store_step(s) || (s->applications++ % 32 == 0 && !store_on_time(s))) result = 0;
    if (s->logging && made && made != x)
      if (!vec_push(s, &s->log, serial) || !vec_push(s, &s->log, x) || !vec_push(s, &s->log, made)) result = 0;
    list = &s->rules->index[kind][op]; /* which may have moved */
  }
  s->rules->depth--;
  return result;
}

NodeId node_normalise(Store *s, NodeId x) {
  uint32_t n;
  if (!x) return 0;
  uint8_t mark = node_at(s, x)->mark;
  bool acting = s->attributes_act && node_flags(s, x) & FLAG_ATTRIBUTE;
  if (!acting && (mark & (MARK_CHECKED | MARK_REDUCIBLE)) == MARK_CHECKED) return x;
  ruleset_list(s, RULE_ALGEBRA, node_op(s, x), &n);
  if (n == 0) return x;
  if (acting) {
    NodeId r = map_get(&s->rules->acting, x);
    if (!r) r = apply_rules(s, RULE_ALGEBRA, x);
    return r && map_put(s, &s->rules->acting, x, r) ? r : 0;
  }
  if (mark & MARK_REDUCIBLE) {
    NodeId known = map_get(&s->rules->results, x);
    if (known) return known;
  }
  NodeId r = apply_rules(s, RULE_ALGEBRA, x);
  if (!r) return 0;
  node_at(s, x)->mark |= MARK_CHECKED;
  if (r != x) {
    node_at(s, x)->mark |= MARK_REDUCIBLE;
    if (!map_put(s, &s->rules->results, x, r)) return 0;
  }
  return r;
}
