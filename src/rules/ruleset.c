/* ruleset.c: the table of rules, by kind and by head operator. */
#include "rules/ruleset.h"

#include <string.h>

#include "algebra/build.h"
#include "core/dim.h"
#include "core/name.h"
#include "rules/pairwise.h"
#include "rules/candidates.h"
#include "rules/condition.h"
#include "rules/pattern.h"
#include "rules/plain.h"

enum { RULE_DEPTH = 60, PATTERN_WEIGHT = 5000, RESULT_WEIGHT = 50000 };

const char *const ruleset_kind_names[RULE_KINDS] = {
    [RULE_ALGEBRA] = "algebra", [RULE_SIMPLIFY] = "simplify", [RULE_DIFFERENTIAL] = "differential",
    [RULE_STEP] = "step",
    [RULE_IDENTITY] = "identity", [RULE_EXPAND] = "expand",
    [RULE_ADJOINT] = "adjoint", [RULE_JACOBIAN] = "jacobian", [RULE_BLOCK] = "block",
    [RULE_FACT] = "fact",       [RULE_CURVATURE] = "curvature"};

bool ruleset_open(Store *s) {
  s->rules = store_realloc(s, NULL, 0, sizeof *s->rules);
  if (!s->rules) return false;
  memset(s->rules, 0, sizeof *s->rules);
  s->rules->results.stamp = s->rules->acting.stamp = s->rules->answers.stamp = 1;
  s->rules->lasting[0].stamp = s->rules->lasting[1].stamp = s->rules->logged.stamp = 1;
  return true;
}

void ruleset_close(Store *s) {
  struct RuleSet *t = s->rules;
  if (!t) return;
  for (int k = 0; k < RULE_KINDS; k++) {
    for (uint32_t i = 0; i < t->ops[k]; i++) {
      candidates_free(s, &t->index[k][i]);
      store_realloc(s, t->index[k][i].v, t->index[k][i].cap * sizeof(uint32_t), 0);
      store_realloc(s, t->index[k][i].need, t->index[k][i].cap * sizeof(uint64_t), 0);
    }
    store_realloc(s, t->index[k], t->ops[k] * sizeof *t->index[k], 0);
  }
  store_realloc(s, t->v, t->cap * sizeof *t->v, 0);
  plain_close(s);
  pairwise_close(s);
  map_free(s, &t->results);
  map_free(s, &t->acting);
  map_free(s, &t->logged);
  keymap_free(s, &t->answers);
  keymap_free(s, &t->lasting[0]);
  keymap_free(s, &t->lasting[1]);
  store_realloc(s, t, sizeof *t, 0);
  s->rules = NULL;
}

void ruleset_log(Store *s, int mode) {
  s->logging = (uint8_t)mode;
  if (mode == LOG_OFF) return;
  s->log.n = 0;
  map_clear(&s->rules->logged);
  map_clear(&s->transposes); /* what is remembered leaves no trace */
  map_clear(&s->other_transposes);
}

void ruleset_forget(Store *s) {
  if (s->rules) {
    map_clear(&s->rules->results);
    map_clear(&s->rules->acting);
    map_clear(&s->rules->logged);
    keymap_clear(&s->rules->answers);
    keymap_clear(&s->rules->lasting[0]);
    keymap_clear(&s->rules->lasting[1]);
    memset(s->rules->letter, 0, sizeof s->rules->letter);
    s->rules->tried_count = RULES_TRIED; /* the numbers will be those of other nodes */
  }
}

void ruleset_mark_irreducible(Store *s, NodeId x) {
  node_at(s, x)->mark |= MARK_IRREDUCIBLE;
  s->rules->irreducible_marks = true;
}

/* Simplification rules, or what their conditions may ask for, have changed. */
static void forget_irreducible(Store *s) {
  if (s->rules->irreducible_marks) node_unmark(s, MARK_IRREDUCIBLE);
  s->rules->irreducible_marks = false;
  keymap_clear(&s->rules->lasting[0]);
  keymap_clear(&s->rules->lasting[1]);
  map_clear(&s->transposes);
  map_clear(&s->other_transposes);
}

void ruleset_hook(Store *s, PredicateHook hook) {
  if (!store_may_change(s, "predicates")) return;
  s->rules->hook = hook;
  forget_irreducible(s);
}

uint32_t ruleset_count(const Store *s) { return s->rules->n; }
uint64_t ruleset_rewrites(const Store *s) { return s->rules->rewrites; }
uint32_t ruleset_version(const Store *s) { return s->rules->version; }
const Rule *ruleset_at(const Store *s, uint32_t serial) { return &s->rules->v[serial - 1]; }

const char *ruleset_name(const Store *s, uint32_t serial) {
  if (serial == 0 || serial > s->rules->n) return "?";
  NameId name = ruleset_at(s, serial)->name;
  return name ? name_text(s, name) : "unnamed";
}

static uint32_t head_of(const Store *s, const Rule *r) {
  NodeId lhs = r->lhs;
  if (ruleset_of_differentials(r->kind)) lhs = node_child(s, lhs, 0);
  if (ruleset_one_sided(r->kind) && node_op(s, lhs) == OP_VARIABLE)
    return 0; /* tried on every node */
  if (r->kind == RULE_BLOCK && node_op(s, lhs) == OP_VARIABLE)
    return r->cotangent == NO_VARIABLE ? OP_TANGENT : OP_FREE;
  return node_op(s, lhs);
}

static bool before(const Store *s, const Rule *a, const Rule *b) {
  if (a->priority != b->priority) return a->priority > b->priority;
  uint32_t u = node_at(s, a->lhs)->weight, v = node_at(s, b->lhs)->weight;
  if (u != v) return u > v;
  return a->conditions > b->conditions;
}

bool ruleset_before(const Store *s, uint32_t a, uint32_t b) {
  const Rule *x = ruleset_at(s, a), *y = ruleset_at(s, b);
  if (before(s, x, y)) return true;
  return !before(s, y, x) && a < b;
}

static bool enter(Store *s, uint32_t serial) {
  struct RuleSet *t = s->rules;
  const Rule *r = ruleset_at(s, serial);
  uint32_t op = head_of(s, r);
  if (op >= t->ops[r->kind]) {
    uint32_t n = (op < s->keys.n ? s->keys.n : op) + 32; /* all operators that there are */
    struct RuleIndex *v =
        store_realloc(s, t->index[r->kind], t->ops[r->kind] * sizeof *v, n * sizeof *v);
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
  for (; i > 0 && ruleset_before(s, serial, l->v[i - 1]); i--) {
    l->v[i] = l->v[i - 1];
    l->need[i] = l->need[i - 1];
  }
  l->v[i] = serial;
  l->need[i] = r->need[0];
  candidates_enter(s, l, serial);
  return true;
}

static void leave(Store *s, uint32_t serial) {
  const Rule *r = ruleset_at(s, serial);
  struct RuleIndex *l = &s->rules->index[r->kind][head_of(s, r)];
  candidates_leave(s, l, serial);
  for (uint32_t i = 0; i < l->n; i++)
    if (l->v[i] == serial) {
      memmove(l->v + i, l->v + i + 1, (l->n - i - 1) * sizeof *l->v);
      memmove(l->need + i, l->need + i + 1, (l->n - i - 1) * sizeof *l->need);
      l->n--;
      return;
    }
}

void ruleset_forget_attributes(Store *s) {
  forget_irreducible(s);
  if (!s->rules->inferable_known) return; /* then nothing is known of a rule either */
  s->rules->inferable_known = false;
  for (uint32_t i = 0; i < s->rules->n; i++) s->rules->v[i].attributes = -1;
}

/* The algebra rules have changed: try them again on each node. */
static void recheck(Store *s) {
  struct RuleSet *t = s->rules;
  if (t->tried_count == RULES_TRIED) node_unmark(s, MARK_CHECKED | MARK_REDUCIBLE);
  for (uint32_t i = 0; t->tried_count < RULES_TRIED && i < t->tried_count; i++)
    node_at(s, t->tried[i])->mark &= (uint8_t)~(MARK_CHECKED | MARK_REDUCIBLE);
  t->tried_count = 0;
  map_clear(&s->rules->results);
  map_clear(&s->rules->acting);
  map_clear(&s->rules->logged);
  map_clear(&s->transposes);
  map_clear(&s->other_transposes);
}

void ruleset_mark_tried(Store *s, NodeId x, bool reducible) {
  struct RuleSet *t = s->rules;
  uint8_t mark = node_at(s, x)->mark;
  node_at(s, x)->mark |= (uint8_t)(MARK_CHECKED | (reducible ? MARK_REDUCIBLE : 0));
  if ((mark & MARK_CHECKED) || t->tried_count == RULES_TRIED) return;
  t->tried[t->tried_count++] = x;
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

/* The weight comes first: depth_of visits a shared part as often as it occurs. No node is deeper
   than it is heavy. */
static bool is_small(const Store *s, NodeId id, uint32_t weight) {
  uint32_t own = id ? node_at(s, id)->weight : 0;
  return own < RULE_DEPTH || (own <= weight && depth_of(s, id, RULE_DEPTH) < RULE_DEPTH);
}

bool ruleset_is_small(const Store *s, const Rule *r) {
  if (!is_small(s, r->lhs, PATTERN_WEIGHT) || !is_small(s, r->rhs, RESULT_WEIGHT)) return false;
  for (uint32_t i = 0; i < r->conditions; i++)
    for (int j = 0; j < 2; j++)
      if (!is_small(s, r->condition[i].arg[j], PATTERN_WEIGHT)) return false;
  return true;
}

/* d(A + B) -> d(A) + d(B), d(A*B) -> d(A)*B + A*d(B), and that of the Hadamard product: such a rule
   is applied to sums and products of any length at once. */
static bool is_derivation(Store *s, const Rule *r) {
  if (r->kind != RULE_DIFFERENTIAL || r->conditions) return false;
  NodeId x = node_child(s, r->lhs, 0);
  const NodeId *c = node_children(s, x);
  uint32_t op = node_op(s, x), n = node_arity(s, x);
  if ((op != OP_SUM || n != 4) && (op != OP_PRODUCT || n != 3) && (op != OP_HADAMARD || n != 2))
    return false;
  NodeId a = op == OP_HADAMARD ? c[0] : c[1], b = op == OP_SUM       ? c[3]
                                                  : op == OP_PRODUCT ? c[2]
                                                                     : c[1];
  if (node_op(s, a) != OP_VARIABLE || node_op(s, b) != OP_VARIABLE) return false;
  NodeId da = build_diff(s, a), db = build_diff(s, b), sum = 0;
  NodeId left[2] = {da, b}, right[2] = {a, db};
  if (op == OP_SUM) sum = build_add(s, da, db);
  if (op == OP_PRODUCT) sum = build_add(s, build_product(s, left, 2), build_product(s, right, 2));
  if (op == OP_HADAMARD)
    sum = build_add(s, build_hadamard(s, left, 2), build_hadamard(s, right, 2));
  return sum && sum == r->rhs;
}

void ruleset_mark_names(Store *s) {
  const struct RuleSet *t = s->rules;
  for (uint32_t i = 0; i < t->attributes.n; i++) name_mark(s, t->attributes.name[i]);
  for (uint32_t i = 0; i < t->n; i++) {
    const Rule *r = &t->v[i];
    name_mark(s, r->name);
    name_mark(s, r->note);
    for (int k = 0; k < 2; k++) name_mark(s, r->size[k]);
    for (uint32_t k = 0; k < r->conditions; k++) name_mark(s, r->condition[k].name);
  }
}

/* A rule comes or goes. */
static void changes(Store *s, const Rule *r) {
  struct RuleSet *t = s->rules;
  t->version++;
  if (r->kind == RULE_ALGEBRA) t->algebra_version++;
  if (pairwise_has_form(s, r)) t->pairwise_version++;
}

bool ruleset_reserve(Store *s, uint32_t more) {
  enum { FEWEST = 128 };
  struct RuleSet *t = s->rules;
  if (t->cap - t->n >= more) return true;
  uint32_t cap = t->cap ? t->cap * 2 : FEWEST;
  if (cap - t->n < more) cap = t->n + more;
  Rule *v = store_realloc(s, t->v, t->cap * sizeof *v, cap * sizeof *v);
  if (!v) return false;
  t->v = v;
  t->cap = cap;
  return true;
}

bool ruleset_put(Store *s, const Rule *r) {
  struct RuleSet *t = s->rules;
  if (!ruleset_reserve(s, 1)) return false;
  changes(s, r);
  name_keep(s); /* what a rule file names stays, also for those who have read it */
  dim_keep(s);
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
  if (!store_may_change(s, "rules")) return 0;
  if (!r->lhs || (!r->rhs && !ruleset_one_sided(r->kind))) return 0;
  if (!ruleset_is_small(s, r))
    return store_fail(s, STORE_LIMIT, "a rule may be at most %d operators deep", RULE_DEPTH);
  Rule ready = *r;
  ready.serial = t->n + 1;
  ready.gone = false;
  ready.grants = r->kind == RULE_FACT ? attribute_bit(s, r->name, true) : 0;
  ready.derivation = is_derivation(s, r);
  bool looked = r->kind <= RULE_EXPAND;
  ready.need[0] = looked ? pattern_ops(s, r->lhs, true) : 0;
  ready.need[1] = looked ? pattern_inner_ops(s, r->lhs, true) : 0;
  for (uint32_t i = 0; i < r->conditions; i++)
    ready.condition[i].predicate = condition_predicate(s, r->condition[i].name);
  if (!ruleset_put(s, &ready)) return 0;
  if (attribute_adds(s, t->n)) ruleset_forget_attributes(s);
  else forget_irreducible(s);
  if (r->kind == RULE_ALGEBRA) recheck(s);
  return t->n;
}

void ruleset_restore(Store *s, uint32_t serial, bool gone) {
  Rule *r = &s->rules->v[serial - 1];
  if (r->gone == gone || !store_may_change(s, "rules")) return;
  r->gone = gone;
  if (gone) leave(s, serial);
  else enter(s, serial);
  changes(s, r);
  if (r->kind == RULE_FACT) ruleset_forget_attributes(s);
  else forget_irreducible(s); /* what can be inferred stays as it is */
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
  if (!store_may_change(s, "rules")) return;
  while (s->rules->n > count) {
    Rule *r = &s->rules->v[s->rules->n - 1];
    changes(s, r);
    if (!r->gone) leave(s, s->rules->n);
    node_unref(s, r->lhs);
    node_unref(s, r->rhs);
    for (uint32_t i = 0; i < r->conditions; i++)
      for (int j = 0; j < 2; j++) node_unref(s, r->condition[i].arg[j]);
    algebra = algebra || r->kind == RULE_ALGEBRA;
    s->rules->n--;
  }
  ruleset_forget_attributes(s);
  if (algebra) recheck(s);
}

const uint32_t *ruleset_list(const Store *s, RuleKind kind, uint32_t op, uint32_t *n) {
  const struct RuleSet *t = s->rules;
  *n = 0;
  if (op >= t->ops[kind]) return NULL;
  *n = t->index[kind][op].n;
  return t->index[kind][op].v;
}
