/* rule.c: the rule table, matching, instantiation. Matching works on a list of goals (pattern, node)
** with backtracking; its recursion is bounded by the size of the pattern, never by the size of
** the expression. Sums and Hadamard products match up to order, products up to order of the scalar
** factors; a variable in a chain of matrices may stand for a stretch of it. */
#include "rule.h"

#include <string.h>

#include "build.h"
#include "commute.h"
#include "diff.h"
#include "number.h"
#include "product.h"
#include "range.h"
#include "shape.h"

enum { QUESTION_DEPTH = 40, RULE_DEPTH = 60, APPLY_DEPTH = 150, PATTERN_TERMS = 12 };

struct RuleSet {
  Rule *v;
  uint32_t n, cap;
  struct RuleIndex { uint32_t *v; uint64_t *need; uint32_t n, cap; } *index[RULE_KINDS]; /* by head operator */
  uint32_t ops[RULE_KINDS];
  Map results; /* of algebra rules, by node */
  Map acting;  /* the same while attributes act, of nodes that hold some: there the transpose of a leaf may be that leaf */
  uint64_t earned[2]; /* see earned_attributes */
  bool earned_known;
  Map answers;        /* to the questions for a property below the one that is asked: 1 no, 2 yes */
  uint32_t questions; /* how many are under way, one inside the other */
  bool spent;         /* nodes are marked as simple */
  uint32_t depth;
  PredicateHook hook;
};

/* ------------------------------------------------------------------ the table */

bool rules_open(Store *s) {
  s->rules = store_realloc(s, NULL, 0, sizeof *s->rules);
  if (!s->rules) return false;
  memset(s->rules, 0, sizeof *s->rules);
  s->rules->results.stamp = s->rules->acting.stamp = s->rules->answers.stamp = 1;
  return true;
}

void rules_close(Store *s) {
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

void rules_forget(Store *s) {
  if (s->rules) {
    map_clear(&s->rules->results);
    map_clear(&s->rules->acting);
    map_clear(&s->rules->answers);
  }
}

static void unmark(Store *s, int marks) {
  for (NodeId id = 1; id < s->next; id++) node_at(s, id)->mark &= (uint8_t)~marks;
}

void rules_spent(Store *s, NodeId x) {
  node_at(s, x)->mark |= MARK_SIMPLE;
  s->rules->spent = true;
}

/* Simplification rules, or what their conditions may ask for, have changed. */
static void forget_spent(Store *s) {
  if (s->rules->spent) unmark(s, MARK_SIMPLE);
  s->rules->spent = false;
}

void rules_hook(Store *s, PredicateHook hook) {
  s->rules->hook = hook;
  forget_spent(s);
}

uint32_t rule_count(const Store *s) { return s->rules->n; }
const Rule *rule_at(const Store *s, uint32_t serial) { return &s->rules->v[serial - 1]; }

const char *rule_name(const Store *s, uint32_t serial) {
  if (serial == 0 || serial > s->rules->n) return "?";
  NameId name = rule_at(s, serial)->name;
  return name ? name_text(s, name) : "unnamed";
}

static uint32_t head_of(const Store *s, const Rule *r) {
  NodeId lhs = r->lhs;
  if (r->kind == RULE_DIFFERENTIAL) lhs = node_child(s, lhs, 0);
  if (r->kind == RULE_FACT && node_op(s, lhs) == OP_VARIABLE) return 0; /* tried on every node */
  if (r->kind == RULE_BLOCK && node_op(s, lhs) == OP_VARIABLE) return r->cotangent == NO_VARIABLE ? OP_HOLE : OP_FREE;
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
  const Rule *r = rule_at(s, serial);
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
  for (; i > 0 && before(s, r, rule_at(s, l->v[i - 1])); i--) {
    l->v[i] = l->v[i - 1];
    l->need[i] = l->need[i - 1];
  }
  l->v[i] = serial;
  l->need[i] = r->need[0];
  return true;
}

static void leave(Store *s, uint32_t serial) {
  const Rule *r = rule_at(s, serial);
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
  forget_spent(s);
  s->rules->earned_known = false;
  for (uint32_t i = 0; i < s->rules->n; i++) s->rules->v[i].attributes = -1;
}

static Question question_of(const Store *s, NameId predicate) {
  static const char *const names[] = {
      [ASK_EQUAL] = "==", [ASK_DIFFERENT] = "!=", [ASK_LESS] = "<", [ASK_AT_MOST] = "<=", [ASK_GREATER] = ">", [ASK_AT_LEAST] = ">=",
      [ASK_CONSTANT] = "constant", [ASK_ZERO] = "zero", [ASK_NUMBER] = "number", [ASK_INTEGER] = "integer", [ASK_SYMBOL] = "symbol",
      [ASK_SCALAR] = "scalar", [ASK_SQUARE] = "square", [ASK_COMMUTES] = "commutes", [ASK_NATURAL] = "natural"};
  for (int q = ASK_EQUAL; q <= ASK_NATURAL; q++)
    if (strcmp(name_text(s, predicate), names[q]) == 0) return (Question)q;
  return ASK_OTHER;
}

/* Is a condition answered by the form of an expression, or (perhaps) from outside? */
static bool structural(Store *s, const Condition *c) {
  return c->question != ASK_OTHER || attribute_bit(s, c->predicate, false) == 0;
}

/* The attributes that imply a property, and the property itself, as bits. */
static uint64_t granting(Store *s, NameId property) {
  uint64_t bit = attribute_bit(s, property, false), all = bit;
  for (uint32_t i = 0; i < s->attributes.n; i++)
    if (s->attributes.implied[i] & bit) all |= 1ull << i;
  return all;
}

/* Can the conditions of r hold where no symbol has an attribute, if facts earn the attributes in `earned`? */
static bool earnable(Store *s, const Rule *r, uint64_t earned) {
  for (uint32_t i = 0; i < r->conditions; i++) {
    const Condition *c = &r->condition[i];
    if (!c->negated && !structural(s, c) && !(granting(s, c->predicate) & earned)) return false;
  }
  return true;
}

/* The attributes that an expression can have by facts, as bits: by its form alone, and with those of symbols. */
static const uint64_t *earned_attributes(Store *s) {
  struct RuleSet *t = s->rules;
  for (int with = 0; with < 2 && !t->earned_known; with++) {
    uint64_t earned = with ? s->attributes.used : 0, before;
    do {
      before = earned;
      for (uint32_t i = 0; i < t->n; i++) {
        const Rule *r = &t->v[i];
        if (r->kind == RULE_FACT && !r->gone && !(r->grants & earned) && earnable(s, r, earned)) earned |= r->grants;
      }
    } while (earned != before);
    t->earned[with] = earned;
  }
  t->earned_known = true;
  return t->earned;
}

/* Can the conditions of a rule hold of x, as far as attributes go? */
static bool possible(Store *s, uint32_t serial, NodeId x) {
  Rule *r = &s->rules->v[serial - 1];
  if (r->attributes < 0) {
    const uint64_t *earned = earned_attributes(s);
    r->attributes = earnable(s, r, earned[0]) ? 0 : earnable(s, r, earned[1]) ? 1 : 2;
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

/* The pattern f^k or f.^k with a number k: as a factor it also matches f alone, k being 1. */
static bool power_or_once(const Store *s, NodeId pattern) {
  if (node_op(s, pattern) != OP_POWER && node_op(s, pattern) != OP_ELPOWER) return false;
  NodeId e = node_child(s, pattern, 1);
  return node_op(s, e) == OP_VARIABLE && node_words(s, e)[1] == KIND_NUMBER;
}

/* The pattern -X, or c*X: X stands for all of the node but the number. */
static bool multiple_of_variable(const Store *s, NodeId pattern) {
  return node_op(s, pattern) == OP_PRODUCT && node_arity(s, pattern) == 2 && node_op(s, node_child(s, pattern, 1)) == OP_VARIABLE;
}

/* The pattern j*X with a number j: the coefficient of a product, or the content of a sum, if it is not 1. */
static bool number_times_variable(const Store *s, NodeId pattern) {
  if (node_op(s, pattern) != OP_PRODUCT || node_arity(s, pattern) != 3) return false;
  const NodeId *c = node_children(s, pattern);
  return c[0] == s->one && node_op(s, c[1]) == OP_VARIABLE && node_op(s, c[2]) == OP_VARIABLE &&
         node_words(s, c[1])[1] == KIND_NUMBER;
}

/* A bit for an operator: those of the engine have one of their own, those of rule files share the rest. */
static uint64_t operator_bit(uint32_t op) {
  return 1ull << (op < OP_FIRST_USER ? op : OP_FIRST_USER + (op - OP_FIRST_USER) % (64 - OP_FIRST_USER));
}

/* No argument is OP_FREE, no factor OP_NUMBER: their bits say that a product has scalar factors, and a chain of matrices. */
enum { SCALARS_BIT = 1 << OP_FREE, CHAIN_BIT = 1 << OP_NUMBER };

/* Does a product need scalar factors to match this one? A last bare variable would take the coefficient alone. */
static bool needs_scalars(const Store *s, NodeId pattern) {
  NodeId self;
  Parts p = node_parts(s, pattern, &self);
  return p.scalar != &self && (p.scalars > 1 || (p.scalars == 1 && node_op(s, p.scalar[0]) != OP_VARIABLE));
}

/* The variable A of the pattern A'; 0: another pattern. */
static NodeId transposed_variable(const Store *s, NodeId p) {
  NodeId a = node_op(s, p) == OP_TRANSPOSE ? node_child(s, p, 0) : 0;
  return a && node_op(s, a) == OP_VARIABLE ? a : 0;
}

static bool among(const NodeId *list, uint32_t n, NodeId x) {
  for (uint32_t i = 0; i < n; i++)
    if (list[i] == x) return true;
  return false;
}

/* May the pattern begin with any node? A variable may; so may A' where A follows: A is the transpose of what there is. */
static bool begins_freely(const Store *s, const NodeId *p, uint32_t n) {
  NodeId a = transposed_variable(s, p[0]);
  return node_op(s, p[0]) == OP_VARIABLE || (a && among(p + 1, n - 1, a));
}

/* May any node stand at place i of the chain of n? Where A is known, A' is a transpose of any kind. */
static bool any_link(const Store *s, const NodeId *p, uint32_t n, uint32_t i) {
  return begins_freely(s, p + i, n - i) || among(p, i, transposed_variable(s, p[i]));
}

/* The operators of the arguments of x as bits, powers as themselves and as their bases. A variable needs nothing; a
   scalar chain also matches transposed, so there a transpose and what is in it count as both. */
static uint64_t argument_ops(const Store *s, NodeId x, bool pattern) {
  uint64_t bits = 0;
  uint32_t op = node_op(s, x), n = node_arity(s, x);
  const NodeId *c = node_children(s, x);
  bool turns = op == OP_PRODUCT && node_scalar(s, x) && !node_scalar(s, c[n - 1]);
  if (op == OP_PRODUCT && (pattern ? needs_scalars(s, x) : node_scalar(s, c[1]))) bits |= SCALARS_BIT;
  if (op == OP_PRODUCT && !node_scalar(s, c[n - 1])) bits |= CHAIN_BIT;
  for (uint32_t i = op == OP_SUM || op == OP_PRODUCT ? 1 : 0; i < n; i += op == OP_SUM ? 2 : 1) {
    uint32_t k = node_op(s, c[i]), base = k == OP_POWER || k == OP_ELPOWER ? node_op(s, node_child(s, c[i], 0)) : k;
    if (!pattern) {
      bits |= operator_bit(k) | operator_bit(base);
      if (turns) bits |= 1ull << OP_TRANSPOSE | operator_bit(node_op(s, k == OP_TRANSPOSE ? node_child(s, c[i], 0) : c[i]));
      continue;
    }
    if ((op == OP_PRODUCT || op == OP_HADAMARD) && power_or_once(s, c[i])) k = base;
    if (op == OP_PRODUCT && any_link(s, c, n, i)) continue;
    if (turns && k == OP_TRANSPOSE) k = node_op(s, node_child(s, c[i], 0));
    if (turns ? k >= OP_FIRST_USER : k != OP_VARIABLE && k != OP_NUMBER && k != OP_SYMBOL && k != OP_PRODUCT) bits |= operator_bit(k);
    if (!turns && base >= OP_FIRST_USER) bits |= operator_bit(base);
  }
  return bits;
}

/* The same of the arguments' own arguments, of powers those of the base. Of a chain that also matches transposed nothing
   is said, nor of patterns for the multiples of a variable, which other things than products match. */
static uint64_t inner_ops(const Store *s, NodeId x, bool pattern) {
  uint64_t bits = 0;
  uint32_t op = node_op(s, x), n = node_arity(s, x);
  const NodeId *c = node_children(s, x);
  if (op == OP_PRODUCT && node_scalar(s, x) && !node_scalar(s, c[n - 1])) return pattern ? 0 : UINT64_MAX;
  for (uint32_t i = op == OP_SUM || op == OP_PRODUCT ? 1 : 0; i < n; i += op == OP_SUM ? 2 : 1) {
    uint32_t k = node_op(s, c[i]);
    NodeId base = k == OP_POWER || k == OP_ELPOWER ? node_child(s, c[i], 0) : c[i];
    if (!pattern && base != c[i]) bits |= argument_ops(s, c[i], false);
    if (!pattern || !(number_times_variable(s, base) || multiple_of_variable(s, base))) bits |= argument_ops(s, base, pattern);
  }
  return bits;
}

bool rule_put(Store *s, const Rule *r) {
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

uint32_t rule_add(Store *s, const Rule *r) {
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
  ready.need[0] = looked ? argument_ops(s, r->lhs, true) : 0;
  ready.need[1] = looked ? inner_ops(s, r->lhs, true) : 0;
  for (uint32_t i = 0; i < r->conditions; i++) ready.condition[i].question = question_of(s, r->condition[i].predicate);
  if (!rule_put(s, &ready)) return 0;
  forget_attributes(s);
  if (r->kind == RULE_ALGEBRA) recheck(s);
  return t->n;
}

void rule_restore(Store *s, uint32_t serial, bool gone) {
  Rule *r = &s->rules->v[serial - 1];
  if (r->gone == gone) return;
  r->gone = gone;
  if (gone) leave(s, serial);
  else enter(s, serial);
  diff_forget(s);
  forget_attributes(s);
  if (r->kind == RULE_ALGEBRA) recheck(s);
}

uint32_t rule_remove(Store *s, RuleKind kind, NameId name) {
  uint32_t k = 0;
  for (uint32_t i = 1; i <= s->rules->n; i++) {
    const Rule *r = rule_at(s, i);
    if (r->gone || r->name != name || (kind != RULE_KINDS && r->kind != kind)) continue;
    rule_restore(s, i, true);
    k++;
  }
  return k;
}

void rule_truncate(Store *s, uint32_t count) {
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
  diff_forget(s);
  forget_attributes(s);
  if (algebra) recheck(s);
}

const uint32_t *rule_list(const Store *s, RuleKind kind, uint32_t op, uint32_t *n) {
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
void attributes_mode(Store *s, bool act) {
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
  if (!bit || t->questions == QUESTION_DEPTH || x > UINT32_MAX / 64) return false;
  uint32_t key = x * 64, known;
  while (bit >>= 1) key++;
  if (t->questions == 0) map_clear(&t->answers);
  if ((known = map_get(&t->answers, key))) return known == 2;
  bool holds = false, mode = s->attributes_act;
  if (!map_put(s, &t->answers, key, 1)) return false;
  t->questions++;
  uint64_t granted = granting(s, property);
  bool modes[2] = {mode, node_flags(s, x) & FLAG_ATTRIBUTE}; /* x may be built as either has it: X + X', of a symmetric X */
  for (int k = 0; !holds && k < 2; k++) {
    if (k && (mode || !modes[1])) break;
    attributes_mode(s, modes[k]);
    for (int general = 0; !holds && general < 2; general++) {
      uint32_t n;
      const uint32_t *l = rule_list(s, RULE_FACT, general ? 0 : node_op(s, x), &n);
      for (uint32_t i = 0; !holds && i < n; i++) {
        const Rule *r = rule_at(s, l[i]);
        Match m;
        holds = r->grants & granted && rule_match(&m, s, r, r->lhs, x, false);
      }
    }
  }
  t->questions--;
  attributes_mode(s, mode);
  if (holds) map_put(s, &t->answers, key, 2);
  return holds;
}

/* ------------------------------------------------------------------ matching */

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
  return fit_dim(m, node_rows(m->s, p), node_rows(m->s, x)) && fit_dim(m, node_cols(m->s, p), node_cols(m->s, x));
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
    case KIND_CONSTANT: return !(node_flags(m->s, x) & (FLAG_HOLE | FLAG_DIFF));
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

/* Factors of a product, also of a scalar chain. */
static Parts raw_parts(const Store *s, NodeId id, NodeId *self) {
  Parts p = node_parts(s, id, self);
  if (node_op(s, id) == OP_PRODUCT && p.scalars == 1 && p.scalar[0] == id) {
    p.chain = node_children(s, id) + 1;
    p.links = node_arity(s, id) - 1;
    p.scalars = 0;
  }
  return p;
}

static bool bare(const Match *m, NodeId p) {
  return node_op(m->s, p) == OP_VARIABLE && !m->var[node_words(m->s, p)[2]];
}

/* The pattern A' where A is known. */
static bool known_transpose(const Match *m, NodeId p) {
  NodeId a = transposed_variable(m->s, p);
  return a && !bare(m, a);
}

/* Unordered matching of n pattern elements against k elements, with what is left given to the last bare
   variable, or kept as the rest (part), or refused. */
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
    bool once = op != node_op(m->s, b->x[j]) && power_or_once(m->s, b->p[i]);
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

/* How many of the k links x are the chain that the value is; 0: they do not begin with it. */
static uint32_t bound_links(Store *s, NodeId value, const NodeId *x, uint32_t k) {
  if (!value) return 0;
  if (value == x[0]) return 1;
  NodeId self;
  Parts v = node_parts(s, value, &self);
  bool chain = v.links > 1 && v.scalars == 0 && v.coefficient == s->one;
  return chain && v.links <= k && memcmp(v.chain, x, v.links * sizeof *x) == 0 ? v.links : 0;
}

static bool chain_match(Match *m, const NodeId *p, uint32_t n, const NodeId *x, uint32_t k, bool part,
                        const NodeId *all, const Goal *next) {
  Store *s = m->s;
  if (n == 0) {
    if (k > 0 && !part) return false;
    if (part) m->to = (uint32_t)(x - all);
    return solve(m, next);
  }
  if (k < n) return false;
  NodeId variable = transposed_variable(s, p[0]);
  if (!variable && node_op(s, p[0]) == OP_VARIABLE) variable = p[0];
  if (variable && !bare(m, variable)) {
    NodeId value = m->var[node_words(s, variable)[2]];
    if (variable != p[0]) value = build_transpose(s, value);
    uint32_t links = bound_links(s, value, x, k);
    return links && chain_match(m, p + 1, n - 1, x + links, k - links, part, all, next);
  }
  if (variable && variable != p[0] && among(p + 1, n - 1, variable)) {
    if (!among(x + 1, k - 1, build_transpose(s, x[0]))) return false; /* most chains and stretches, without making any */
    for (uint32_t take = k - n + 1; take > 0; take--) {
      if (!among(x + take, k - take, build_transpose(s, x[take - 1]))) continue;
      Match before = *m;
      Goal g = {variable, build_transpose(s, product_links(s, x, take)), NULL};
      if (g.x && solve(m, &g) && chain_match(m, p + 1, n - 1, x + take, k - take, part, all, next)) return true;
      *m = before;
    }
    return false;
  }
  bool row = node_rows(s, p[0]) == DIM_ONE, column = node_cols(s, p[0]) == DIM_ONE;
  if (bare(m, p[0]) && (!row || node_rows(s, x[0]) == DIM_ONE))
    for (uint32_t take = k - n + 1; take > 1; take--) { /* a stretch, the longest first */
      if (n == 1 && take < k && !part) break;
      if (column && node_cols(s, x[take - 1]) != DIM_ONE) continue;
      if (n > 1 && !any_link(s, p, n, 1) && !known_transpose(m, p[1]) && node_op(s, p[1]) != node_op(s, x[take])) continue;
      Match before = *m;
      Goal g = {p[0], product_links(s, x, take), NULL};
      if (solve(m, &g) && chain_match(m, p + 1, n - 1, x + take, k - take, part, all, next)) return true;
      *m = before;
    }
  if (node_op(s, p[0]) != OP_VARIABLE && node_op(s, p[0]) != node_op(s, x[0])) return false;
  Match before = *m;
  Goal g = {p[0], x[0], NULL};
  if (solve(m, &g) && chain_match(m, p + 1, n - 1, x + 1, k - 1, part, all, next)) return true;
  *m = before;
  return false;
}

static bool chains(Match *m, const Parts *p, const Parts *x, bool part, const Goal *next) {
  Store *s = m->s;
  if (p->links == 0) {
    if (x->links && !part) return false;
    return solve(m, next);
  }
  for (uint32_t at = 0; at < x->links && (at == 0 || part); at++) {
    if (x->links - at < p->links) break;
    if (!begins_freely(s, p->chain, p->links) && node_op(s, p->chain[0]) != node_op(s, x->chain[at])) continue;
    Match before = *m;
    if (part) m->from = at; /* not by a chain inside the pattern */
    if (chain_match(m, p->chain, p->links, x->chain + at, x->links - at, part, x->chain, next)) return true;
    *m = before;
  }
  return false;
}

static NodeId join_product(Store *s, const NodeId *f, uint32_t n) { return build_product(s, f, n); }
static NodeId join_hadamard(Store *s, const NodeId *f, uint32_t n) { return build_hadamard(s, f, n); }
static NodeId join_sum(Store *s, const NodeId *f, uint32_t n) { return build_sum(s, f, n); }

static bool match_multiple(Match *m, NodeId pattern, NodeId node, const Goal *next) {
  Store *s = m->s;
  NodeId self, c = node_child(s, pattern, 0);
  bool sum = node_op(s, node) == OP_SUM;
  NodeId ratio = number_pow(s, c, -1);
  if (!sum) ratio = number_mul(s, node_parts(s, node, &self).coefficient, ratio);
  if (!ratio || (!sum && number_sign(s, ratio) < 0)) return false;
  NodeId rest = sum ? build_scale(s, ratio, node) : build_scale(s, number_pow(s, c, -1), node);
  return rest && bind(m, node_child(s, pattern, 1), rest, next);
}

static bool match_number_times(Match *m, NodeId pattern, NodeId node, const Goal *next) {
  Store *s = m->s;
  NodeId rest = node, content = s->one;
  if (node_op(s, node) == OP_SUM) content = build_content(s, node, &rest);
  else if (node_op(s, node) == OP_PRODUCT && (content = node_child(s, node, 0)) != s->one) rest = product_unit(s, node);
  if (!content || !rest || content == s->one) return false;
  Goal x = {node_child(s, pattern, 2), rest, next}, j = {node_child(s, pattern, 1), content, &x};
  return solve(m, &j);
}

/* How often the variable stands in a pattern, as it is written; 2 stands for more. */
static uint32_t occurrences(const Store *s, NodeId pattern, NodeId variable) {
  if (pattern == variable) return 1;
  if (!(node_flags(s, pattern) & FLAG_VARIABLE)) return 0;
  uint32_t count = 0;
  for (uint32_t i = 0; count < 2 && i < node_arity(s, pattern); i++) count += occurrences(s, node_child(s, pattern, i), variable);
  return count;
}

/* The link of a pattern's chain that takes the scalars in front of a product: A*B matches 2*P*Q as P*(2*Q). A variable that is
   not bound and stands nowhere else; 0: none. */
static NodeId scalar_taker(const Match *m, const Parts *p) {
  Store *s = m->s;
  for (uint32_t i = p->links; i-- > 0;) {
    NodeId v = p->chain[i];
    if (!bare(m, v)) continue;
    uint32_t kind = node_words(s, v)[1];
    if ((kind == KIND_MATRIX || kind == KIND_VECTOR) && occurrences(s, m->rule->lhs, v) == 1) return v;
  }
  return 0;
}

static bool match_product(Match *m, NodeId pattern, NodeId node, bool part, const Goal *next) {
  Store *s = m->s;
  if (!part && number_times_variable(s, pattern)) return match_number_times(m, pattern, node, next);
  if (!part && multiple_of_variable(s, pattern)) return match_multiple(m, pattern, node, next);
  NodeId hold[2], ordered[PATTERN_TERMS], flip[64];
  Parts p = raw_parts(s, pattern, &hold[0]), x = raw_parts(s, node, &hold[1]);
  if (p.scalars > PATTERN_TERMS || x.scalars > 60) return false;
  if (p.links > 0 && x.links == 0 && !part) return false;
  uint32_t n = bare_last(m, p.scalar, p.scalars, ordered);
  bool absorbs = n > 0 && bare(m, ordered[n - 1]);
  NodeId extra = p.coefficient == x.coefficient ? 0 : number_mul(s, x.coefficient, number_pow(s, p.coefficient, -1));
  NodeId taker = (extra || x.scalars) && p.links && p.scalars == 0 && !part ? scalar_taker(m, &p) : 0;
  if (extra && !absorbs && !part && !taker) return false;
  NodeId front = 0, scalars = 0;
  if (taker) { /* all that stands in front of the chain */
    scalars = build_mul(s, extra ? extra : s->one, x.scalars ? build_product(s, x.scalar, x.scalars) : s->one);
    extra = 0;
    x.scalars = 0;
  }
  Match before = *m;
  for (int flipped = 0; flipped < 2; flipped++) {
    /* chain first; the scalars are its continuation */
    Bag b = {ordered, n, x.scalar, x.scalars, {false}, part, join_product, &front, extra, next};
    if (chains(m, &p, &x, part, NULL)) {
      NodeId *taken = taker ? &m->var[node_words(s, taker)[2]] : NULL;
      if (taken && !(*taken = build_mul(s, scalars, *taken))) return false;
      Match after = *m;
      if (bag_match(m, &b, 0)) {
        if (part) m->rest_front = front;
        m->flipped = flipped;
        return true;
      }
      *m = after;
    }
    *m = before;
    if (!node_scalar(s, node) || x.links == 0 || x.links > 64 || flipped) break;
    for (uint32_t i = 0; i < x.links; i++) flip[i] = build_transpose(s, x.chain[x.links - 1 - i]);
    x.chain = flip;
  }
  return false;
}

static bool match_hadamard(Match *m, NodeId pattern, NodeId node, bool part, const Goal *next) {
  Store *s = m->s;
  NodeId ordered[PATTERN_TERMS];
  if (node_arity(s, pattern) > PATTERN_TERMS || node_arity(s, node) > 60) return false;
  uint32_t n = bare_last(m, node_children(s, pattern), node_arity(s, pattern), ordered);
  Bag b = {ordered, n, node_children(s, node), node_arity(s, node), {false}, part, join_hadamard, part ? &m->rest_front : NULL, 0, next};
  return bag_match(m, &b, 0);
}

/* Sums: pairs of coefficient and term; all coefficients of the match stand in one ratio to the pattern's. */
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
    DimId d = dim_of_node(s, x);
    Trail t = trail_of(m);
    if (d && dimenv_bind(&m->dims, node_words(s, p)[0], d) && solve(m, next)) return true;
    undo(m, t);
    return false;
  }
  if (op != other && other == OP_SUM && multiple_of_variable(s, p)) return match_multiple(m, p, x, next);
  if (op != other && other == OP_SUM && number_times_variable(s, p)) return match_number_times(m, p, x, next);
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
  if (payload && memcmp(node_words(s, p), node_words(s, x), payload * sizeof(uint32_t)) != 0) return false;
  Goal g[PARAM_MAX];
  for (uint32_t i = 0; i < n; i++) g[i] = (Goal){node_child(s, p, i), node_child(s, x, i), i + 1 < n ? &g[i + 1] : next};
  if (op < OP_FIRST_USER || n != 2 || !(operator_at(s, op)->flags & OPF_COMM)) return solve(m, n ? g : next);
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
    if (dimenv_apply(m->s, &m->dims, m->late_pattern[i], &open) != m->late_value[i] || open) return false;
  }
  return true;
}

bool rule_match(Match *m, Store *s, const Rule *r, NodeId pattern, NodeId x, bool part) {
  /* what is never looked at before it is set need not be cleared */
  memset(m->var, 0, sizeof m->var);
  m->s = s;
  m->rule = r;
  m->dims.n = m->late = 0;
  m->root = x;
  m->rest_front = m->ratio = 0;
  m->counter = NULL;
  m->from = m->to = 0;
  m->flipped = false;
  m->differential = NULL;
  m->data = NULL;
  return match_node(m, pattern, x, part, NULL) && late_shapes(m) && rule_conditions(m);
}

/* ------------------------------------------------------------------ conditions */

static bool holds(Match *m, const Condition *c) {
  Store *s = m->s;
  NodeId a[2] = {rule_instantiate(m, c->arg[0]), c->arg[1] ? rule_instantiate(m, c->arg[1]) : 0};
  if (!a[0]) return false;
  int64_t u;
  switch (c->question) {
    case ASK_EQUAL: return a[0] == a[1];
    case ASK_DIFFERENT: return a[0] != a[1];
    case ASK_LESS: case ASK_AT_MOST: case ASK_GREATER: case ASK_AT_LEAST: {
      if (!a[1] || !node_number(s, a[0]) || !node_number(s, a[1])) return false;
      int k = number_compare(s, a[0], a[1]);
      if (k == 0) return c->question == ASK_AT_MOST || c->question == ASK_AT_LEAST;
      return (k < 0) == (c->question == ASK_LESS || c->question == ASK_AT_MOST);
    }
    case ASK_CONSTANT: return !(node_flags(s, a[0]) & (FLAG_HOLE | FLAG_DIFF)) || node_zero(s, a[0]);
    case ASK_ZERO: return node_zero(s, a[0]);
    case ASK_NUMBER: return node_number(s, a[0]);
    case ASK_INTEGER: return node_number(s, a[0]) && number_get_int(s, a[0], &u);
    case ASK_SYMBOL: return node_op(s, a[0]) == OP_SYMBOL;
    case ASK_SCALAR: return node_scalar(s, a[0]);
    case ASK_NATURAL: return exponent_natural(s, a[0]);
    case ASK_SQUARE: return node_rows(s, a[0]) == node_cols(s, a[0]);
    case ASK_COMMUTES: return a[1] && nodes_commute(s, a[0], a[1]);
    case ASK_OTHER: break;
  }
  if (s->rules->hook) {
    int answer = s->rules->hook(s, name_text(s, c->predicate), a, a[1] ? 2 : 1);
    if (answer >= 0) return answer > 0;
  }
  return property_holds(s, c->predicate, a[0]);
}

bool rule_conditions(Match *m) {
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
  NodeId first = rule_instantiate(m, node_child(s, r, 0)), last = rule_instantiate(m, node_child(s, r, 1));
  int64_t a, b;
  if (!first || !last) return 0;
  NodeId body = node_child(s, r, 2), sum = 0;
  struct Counter counter = {node_words(s, r)[0], 0, m->counter};
  m->counter = &counter;
  if (!number_get_int(s, first, &a) || !number_get_int(s, last, &b)) {
    NameId fresh = range_fresh(s);
    counter.value = fresh ? range_counter(s, fresh) : 0;
    NodeId inner = counter.value ? rule_instantiate(m, body) : 0;
    sum = inner ? build_range(s, fresh, first, last, inner) : 0;
    range_release(s);
  } else if (b - a > 10000) {
    store_fail(s, STORE_LIMIT, "a counted sum of %lld terms", (long long)(b - a + 1));
  } else {
    Vec terms;
    vec_init(&terms);
    bool ok = true;
    for (int64_t i = a; ok && i <= b; i++) {
      counter.value = number_int(s, i);
      NodeId t = rule_instantiate(m, body);
      ok = t && vec_push(s, &terms, t);
    }
    if (ok && terms.n) sum = build_sum(s, terms.v, terms.n);
    else if (ok) sum = build_zeros(s, dimenv_apply(s, &m->dims, node_rows(s, body), NULL), dimenv_apply(s, &m->dims, node_cols(s, body), NULL));
    vec_done(s, &terms);
  }
  m->counter = counter.outer;
  return sum;
}

NodeId rule_instantiate(Match *m, NodeId r) {
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
      return d ? dim_node(s, d) : r;
    }
    case OP_IDENTITY: return build_identity(s, dimenv_apply(s, &m->dims, node_rows(s, r), NULL));
    case OP_ONES: return build_ones(s, dimenv_apply(s, &m->dims, node_rows(s, r), NULL), dimenv_apply(s, &m->dims, node_cols(s, r), NULL));
    case OP_ZEROS: return build_zeros(s, dimenv_apply(s, &m->dims, node_rows(s, r), NULL), dimenv_apply(s, &m->dims, node_cols(s, r), NULL));
    case OP_RANGE: return instantiate_range(m, r);
    case OP_DIFF: {
      NodeId x = rule_instantiate(m, node_child(s, r, 0));
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
      NodeId x = rule_instantiate(m, node_child(s, r, i));
      ok = x && vec_push(s, &v, x);
    }
    NodeId made = ok ? build_again(s, r, v.v) : 0;
    vec_done(s, &v);
    return made;
  }
  for (uint32_t i = 0; i < n; i++) {
    c[i] = rule_instantiate(m, node_child(s, r, i));
    if (!c[i]) return 0;
  }
  return build_again(s, r, c);
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
      Parts x = raw_parts(s, m->root, &self);
      Vec f;
      vec_init(&f);
      bool ok = !m->rest_front || vec_push(s, &f, m->rest_front);
      for (uint32_t i = 0; ok && i <= x.links; i++) {
        if (i == m->from) ok = vec_push(s, &f, r);
        if (ok && i < x.links && (i < m->from || i >= m->to))
          ok = vec_push(s, &f, m->flipped ? build_transpose(s, x.chain[x.links - 1 - i]) : x.chain[i]);
      }
      NodeId whole = ok ? build_product(s, f.v, f.n) : 0;
      vec_done(s, &f);
      return whole;
    }
    default: return r;
  }
}

NodeId rule_apply(Store *s, RuleKind kind, NodeId x) {
  uint32_t n, op = node_op(s, x);
  rule_list(s, kind, op, &n);
  if (n == 0) return x;
  if (s->rules->depth >= APPLY_DEPTH) {
    return store_fail(s, STORE_BUDGET, "the rules do not come to an end: \"%s\" was applied %d times, one inside the other",
                      rule_name(s, s->recent_n ? s->recent[(s->recent_n - 1) % 8] : 0), APPLY_DEPTH);
  }
  s->rules->depth++;
  NodeId result = x;
  /* a quick look: most rules ask for operators that are not there */
  uint64_t have = argument_ops(s, x, false), inside = 0;
  bool looked = false;
  const struct RuleIndex *list = &s->rules->index[kind][op];
  for (uint32_t i = 0; i < list->n && result == x; i++) {
    if (list->need[i] & ~have) continue;
    Match m;
    uint32_t serial = list->v[i];
    const Rule *r = rule_at(s, serial);
    if (r->need[1] && !looked) inside = inner_ops(s, x, false);
    looked = looked || r->need[1];
    if (r->need[1] & ~inside) continue;
    if (r->conditions && !possible(s, serial, x)) continue;
    if (!rule_match(&m, s, r, r->lhs, x, true)) {
      if (s->status != STORE_OK) result = 0;
      continue;
    }
    s->recent[s->recent_n++ % 8] = serial; /* before what it makes is rewritten in turn */
    NodeId rhs = rule_instantiate(&m, r->rhs);
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

NodeId rule_finish(Store *s, NodeId x) {
  uint32_t n;
  if (!x) return 0;
  uint8_t mark = node_at(s, x)->mark;
  bool acting = s->attributes_act && node_flags(s, x) & FLAG_ATTRIBUTE;
  if (!acting && (mark & (MARK_CHECKED | MARK_REDUCIBLE)) == MARK_CHECKED) return x;
  rule_list(s, RULE_ALGEBRA, node_op(s, x), &n);
  if (n == 0) return x;
  if (acting) {
    NodeId r = map_get(&s->rules->acting, x);
    if (!r) r = rule_apply(s, RULE_ALGEBRA, x);
    return r && map_put(s, &s->rules->acting, x, r) ? r : 0;
  }
  if (mark & MARK_REDUCIBLE) {
    NodeId known = map_get(&s->rules->results, x);
    if (known) return known;
  }
  NodeId r = rule_apply(s, RULE_ALGEBRA, x);
  if (!r) return 0;
  node_at(s, x)->mark |= MARK_CHECKED;
  if (r != x) {
    node_at(s, x)->mark |= MARK_REDUCIBLE;
    if (!map_put(s, &s->rules->results, x, r)) return 0;
  }
  return r;
}
