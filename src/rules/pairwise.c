/* pairwise.c: rules for two elements of a bag. A bag is the list of the terms of a sum, of the
** scalar factors of a product, or of the arguments of an operator in any order. Its elements are
** taken one after another. Each is tried with those that have been tried before and match nothing
** among themselves. So each pair is looked at once, and nothing is built of what is left over
** before no rule applies any more: rewriting n elements into one takes n steps of equal cost.
**
** Equal elements are one with a count: x^3 is x three times, and so is 3*x in a sum. In a sum only
** elements with coefficients of one sign, or of the same fraction, are tried together: the rest of
** the coefficient is a factor of what the rule makes. */
#include "rules/pairwise.h"

#include <string.h>

#include "algebra/applied.h"
#include "algebra/build.h"
#include "algebra/operator.h"
#include "algebra/product.h"
#include "core/budget.h"
#include "core/number.h"
#include "rules/apply.h"
#include "rules/condition.h"
#include "rules/instantiate.h"
#include "rules/normalise.h"
#include "rules/plain.h"

enum { BAG_PATTERNS = 8 };

/* ---------------------------------------- the rules */

/* A rule and the elements of its pattern. */
typedef struct {
  uint32_t serial, op, n;
  RuleKind kind;
  NodeId pattern[BAG_PATTERNS];
} BagRule;

struct Bags {
  uint32_t rules, operators; /* the versions of both to which it belongs */
  BagRule *v;
  uint32_t n, cap;
};

static bool is_element(const Store *s, NodeId p, bool of_operator) {
  uint32_t op = node_op(s, p);
  return op >= OP_FIRST_USER ? plain_is_pattern(s, p)
                             : of_operator && (op == OP_NUMBER || op == OP_SYMBOL);
}

/* The elements of a pattern; false if it is none for bags. */
static bool take_apart(const Store *s, NodeId p, BagRule *r) {
  uint32_t op = node_op(s, p), n = node_arity(s, p);
  bool of_operator = operator_any_order(s, op);
  r->op = op;
  r->n = 0;
  if (op != OP_SUM && op != OP_PRODUCT && !of_operator) return false;
  for (NodeId x = p; of_operator; x = node_child(s, x, 1)) {
    NodeId first = node_op(s, x) == op ? node_child(s, x, 0) : x;
    if (r->n == BAG_PATTERNS || !is_element(s, first, true)) return false;
    r->pattern[r->n++] = first;
    if (first == x) return true;
  }
  if (op == OP_PRODUCT && node_child(s, p, 0) != s->one) return false;
  for (uint32_t i = op == OP_PRODUCT; i < n; i++) {
    NodeId c = node_child(s, p, i);
    if (op == OP_SUM && i % 2 == 0) {
      if (c != s->one) return false;
    } else if (r->n == BAG_PATTERNS || !is_element(s, c, false)) {
      return false;
    } else {
      r->pattern[r->n++] = c;
    }
  }
  return r->n > 1;
}

bool pairwise_has_form(const Store *s, const Rule *r) {
  BagRule of = {.kind = r->kind};
  return (r->kind == RULE_ALGEBRA || r->kind == RULE_SIMPLIFY) && take_apart(s, r->lhs, &of);
}

static bool keep_rule(Store *s, struct Bags *b, const BagRule *r) {
  if (b->n == b->cap) {
    uint32_t cap = b->cap ? b->cap * 2 : 8;
    BagRule *v = store_realloc(s, b->v, b->cap * sizeof *v, cap * sizeof *v);
    if (!v) return false;
    b->v = v;
    b->cap = cap;
  }
  b->v[b->n++] = *r;
  return true;
}

static bool find_among(Store *s, struct Bags *b, RuleKind kind, uint32_t op) {
  uint32_t n;
  const uint32_t *list = ruleset_list(s, kind, op, &n);
  for (uint32_t i = 0; i < n; i++) {
    BagRule r = {.serial = list[i], .kind = kind};
    if (take_apart(s, ruleset_at(s, list[i])->lhs, &r) && !keep_rule(s, b, &r)) return false;
  }
  return true;
}

static bool find_rules(Store *s, struct Bags *b) {
  static const RuleKind kinds[] = {RULE_ALGEBRA, RULE_SIMPLIFY};
  const Vec *others = &s->ops->any_order;
  bool ok = true;
  b->n = 0;
  for (int k = 0; k < 2; k++) {
    ok = ok && find_among(s, b, kinds[k], OP_SUM) && find_among(s, b, kinds[k], OP_PRODUCT);
    for (uint32_t i = 0; ok && i < others->n; i++)
      ok = !operator_any_order(s, others->v[i]) || find_among(s, b, kinds[k], others->v[i]);
  }
  b->rules = s->rules->pairwise_version;
  b->operators = s->ops->version;
  return ok;
}

/* The rules as they are now, in the order to try them; NULL: there are none. */
static const struct Bags *bags_now(Store *s) {
  struct Bags *b = s->rules->bags;
  if (!b) {
    b = store_realloc(s, NULL, 0, sizeof *b);
    if (!b) return NULL;
    memset(b, 0, sizeof *b);
    s->rules->bags = b;
  }
  bool same = b->rules == s->rules->pairwise_version && b->operators == s->ops->version;
  if (!same && !find_rules(s, b)) return NULL;
  return b->n ? b : NULL;
}

bool pairwise_is(Store *s, uint32_t serial) {
  const struct Bags *b = bags_now(s);
  for (uint32_t i = 0; b && i < b->n; i++)
    if (b->v[i].serial == serial) return true;
  return false;
}

void pairwise_close(Store *s) {
  struct Bags *b = s->rules->bags;
  if (!b) return;
  store_realloc(s, b->v, b->cap * sizeof *b->v, 0);
  store_realloc(s, b, sizeof *b, 0);
  s->rules->bags = NULL;
}

/* A power with a natural exponent above 1, and a multiple: how often the base, the term is there;
   0: x is none. */
static uint32_t times(const Store *s, NodeId x, NodeId *what) {
  uint32_t op = node_op(s, x);
  int64_t k = 0;
  if (op == OP_POWER) {
    *what = node_child(s, x, 0);
    if (!number_get_int(s, node_child(s, x, 1), &k)) return 0;
  } else if (op == OP_PRODUCT && node_arity(s, x) == 2) {
    *what = node_child(s, x, 1);
    if (!number_get_int(s, node_child(s, x, 0), &k)) return 0;
  }
  return k > 1 && k < INT32_MAX ? (uint32_t)k : 0;
}

/* The operator whose rules concern x. */
static uint32_t bag_op(const Store *s, NodeId x) {
  NodeId what;
  uint32_t op = node_op(s, x);
  if (op == OP_POWER) return times(s, x, &what) ? OP_PRODUCT : 0;
  if (op == OP_PRODUCT && times(s, x, &what)) return OP_SUM;
  return op;
}

bool pairwise_concerns(Store *s, RuleKind kind, NodeId x) {
  const struct Bags *b = bags_now(s);
  if (!b) return false;
  uint32_t op = bag_op(s, x);
  for (uint32_t i = 0; i < b->n; i++)
    if (b->v[i].op == op && b->v[i].kind == kind) return true;
  return false;
}

/* ---------------------------------------- the bag */

/* Elements are kept as three words: the node, how often it is there, and in a sum what is left of
   its coefficient. */
enum { NODE, COUNT, SHARE, WORDS };

typedef struct {
  Store *s;
  RuleKind kind;
  uint32_t op;
  Vec open, tried; /* elements that are yet to be tried, and others */
  Map *places;     /* by node: one more than its place among the tried ones, if its share is 1 */
  Vec others;      /* factors and terms that no rule asks for */
  uint32_t applied, first; /* how many rules were, and the number of the first */
} Bag;

static bool push(Store *s, Vec *v, NodeId x, uint32_t count, NodeId share) {
  return vec_push(s, v, x) && vec_push(s, v, count) && vec_push(s, v, share);
}

static bool add(Bag *b, NodeId x, uint32_t count, NodeId share) {
  return push(b->s, &b->open, x, count, share);
}

/* Does a rule ask for such an element? */
static bool is_wanted(const Bag *b, NodeId x) {
  Store *s = b->s;
  const struct Bags *rules = s->rules->bags;
  for (uint32_t i = 0; i < rules->n; i++) {
    const BagRule *r = &rules->v[i];
    if (r->op != b->op || r->kind != b->kind) continue;
    for (uint32_t j = 0; j < r->n; j++)
      if (node_op(s, r->pattern[j]) == node_op(s, x)) return true;
  }
  return false;
}

/* A term with its coefficient: its count, if that is a whole number, times the rest. */
static bool add_term(Bag *b, NodeId c, NodeId term) {
  Store *s = b->s;
  int64_t k;
  if (!is_wanted(b, term)) return vec_push(s, &b->others, build_scale(s, c, term));
  if (number_get_int(s, c, &k) && k != 0 && k < INT32_MAX && k > -INT32_MAX)
    return add(b, term, (uint32_t)(k < 0 ? -k : k), k < 0 ? s->minus_one : s->one);
  return add(b, term, 1, c);
}

static bool add_factor(Bag *b, NodeId f, uint32_t count) {
  Store *s = b->s;
  NodeId base = f;
  uint32_t k = times(s, f, &base);
  if (k && is_wanted(b, base) && (uint64_t)k * count < INT32_MAX)
    return add(b, base, k * count, s->one);
  if (is_wanted(b, f)) return add(b, f, count, s->one);
  return vec_push(s, &b->others, count == 1 ? f : build_power(s, f, number_int(s, count)));
}

/* Put in what a rule has made, or the node itself: `count` times, each time `share` of it. */
static bool add_all(Bag *b, NodeId x, uint32_t count, NodeId share) {
  Store *s = b->s;
  bool ok = true;
  if (b->op == OP_SUM) {
    x = build_scale(s, share, build_scale(s, number_int(s, count), x));
    if (!x) return false;
    if (node_zero(s, x)) return true;
    if (node_op(s, x) == OP_SUM) {
      for (uint32_t i = 0; ok && i < node_arity(s, x); i += 2)
        ok = add_term(b, node_child(s, x, i), node_child(s, x, i + 1));
      return ok;
    }
    if (node_op(s, x) == OP_PRODUCT && node_arity(s, x) == 2 && node_number(s, node_child(s, x, 0)))
      return add_term(b, node_child(s, x, 0), node_child(s, x, 1));
    return add_term(b, s->one, x);
  }
  if (b->op != OP_PRODUCT) {
    for (; node_op(s, x) == b->op && ok; x = node_child(s, x, 1))
      ok = add(b, node_child(s, x, 0), count, s->one);
    return ok && add(b, x, count, s->one);
  }
  if (node_op(s, x) != OP_PRODUCT) return add_factor(b, x, count);
  NodeId self;
  ProductView p = view_product(s, x, &self);
  for (uint32_t i = 0; ok && i < p.scalars; i++) ok = add_factor(b, p.scalar[i], count);
  if (ok && p.coefficient != s->one)
    ok = vec_push(s, &b->others, build_power(s, p.coefficient, number_int(s, count)));
  if (ok && p.links) ok = vec_push(s, &b->others, product_links(s, p.chain, p.links));
  return ok;
}

/* ---------------------------------------- matching */

/* A rule whose patterns are matched with the element on hand and with tried ones. */
typedef struct {
  Bag *bag;
  const BagRule *rule;
  Match *match;
  NodeId x, share;
  uint32_t count, left;              /* of the element on hand; not yet used */
  uint32_t done;                     /* the patterns that have their elements, as bits */
  uint32_t uses[BAG_PATTERNS], used; /* places among the tried ones */
} Try;

static bool match_others(Try *t);

/* Match pattern i with an element, and go on with the others; undone if that fails. */
static bool match_one(Try *t, uint32_t i, NodeId x) {
  NodeId before[RULE_VARIABLES];
  Match *m = t->match;
  memcpy(before, m->var, sizeof before);
  t->done |= 1u << i;
  if (budget_work(m->s, 1) && plain_matches(m, t->rule->pattern[i], x) && match_others(t))
    return true;
  t->done &= ~(1u << i);
  memcpy(m->var, before, sizeof before);
  return false;
}

/* How many of an element are not yet used. */
static uint32_t free_of(const Try *t, uint32_t place) {
  uint32_t n = t->bag->tried.v[place + COUNT];
  for (uint32_t i = 0; i < t->used; i++) n -= t->uses[i] == place;
  return n;
}

static bool match_at(Try *t, uint32_t i, uint32_t place) {
  const uint32_t *e = t->bag->tried.v + place;
  if (e[SHARE] != t->share || !free_of(t, place)) return false;
  t->uses[t->used++] = place;
  if (match_one(t, i, e[NODE])) return true;
  t->used--;
  return false;
}

/* The place of the only element that the pattern can match, its variables being known. */
static uint32_t only_place(Try *t, uint32_t i, bool *only) {
  NodeId p = t->rule->pattern[i];
  *only = plain_is_bound(t->match, p);
  NodeId x = *only ? instantiate_node(t->match, p) : 0;
  return x ? map_get(t->bag->places, x) : 0;
}

static bool match_others(Try *t) {
  Store *s = t->bag->s;
  uint32_t i = 0;
  while (t->done >> i & 1) i++;
  if (i == t->rule->n) return !t->match->rule->conditions || condition_all_hold(t->match);
  if (t->left) {
    t->left--;
    if (match_one(t, i, t->x)) return true;
    t->left++;
  }
  bool only;
  uint32_t place = only_place(t, i, &only), op = node_op(s, t->rule->pattern[i]);
  if (place && match_at(t, i, place - 1)) return true;
  if (only && t->share == s->one) return false;
  for (uint32_t k = 0; s->status == STORE_OK && k < t->bag->tried.n; k += WORDS) {
    const uint32_t *e = t->bag->tried.v + k;
    if (!e[COUNT] || (op != OP_VARIABLE && op != node_op(s, e[NODE]))) continue;
    if (match_at(t, i, k)) return true;
  }
  return false;
}

/* ---------------------------------------- applying */

/* Take an element that is used up away from the tried ones; the last one gets its place. */
static bool forget(Bag *b, uint32_t place) {
  Store *s = b->s;
  uint32_t *e = b->tried.v + place, *last = b->tried.v + b->tried.n - WORDS;
  bool ok = e[SHARE] != s->one || map_put(s, b->places, e[NODE], 0);
  if (e != last) {
    if (last[SHARE] == s->one) ok = ok && map_put(s, b->places, last[NODE], place + 1);
    memcpy(e, last, WORDS * sizeof *e);
  }
  b->tried.n -= WORDS;
  return ok;
}

/* No rule applies to the element and to tried ones. */
static bool keep(Bag *b, NodeId x, uint32_t count, NodeId share) {
  Store *s = b->s;
  uint32_t place = share == s->one ? map_get(b->places, x) : 0;
  for (uint32_t i = 0; share != s->one && !place && i < b->tried.n; i += WORDS)
    if (b->tried.v[i + NODE] == x && b->tried.v[i + SHARE] == share) place = i + 1;
  if (place && b->tried.v[place - 1 + COUNT] < INT32_MAX - count) {
    b->tried.v[place - 1 + COUNT] += count;
    return true;
  }
  return push(s, &b->tried, x, count, share) &&
         (share != s->one || map_put(s, b->places, x, b->tried.n - WORDS + 1));
}

/* How often the rule applies to equal elements; they are taken away. */
static uint32_t take_used(Try *t, bool *ok) {
  Bag *b = t->bag;
  uint32_t own = t->count - t->left, most = t->count / own;
  for (uint32_t i = 0; i < t->used; i++) {
    uint32_t uses = 0;
    for (uint32_t j = 0; j < t->used; j++) uses += t->uses[j] == t->uses[i];
    uint32_t k = b->tried.v[t->uses[i] + COUNT] / uses;
    if (k < most) most = k;
  }
  t->count -= own * most;
  for (uint32_t i = 0; i < t->used; i++) b->tried.v[t->uses[i] + COUNT] -= most;
  for (uint32_t place = b->tried.n; *ok && t->used && place > 0;) { /* the last ones first */
    uint32_t next = 0;
    for (uint32_t i = 0; i < t->used; i++)
      if (t->uses[i] < place && t->uses[i] + 1 > next) next = t->uses[i] + 1;
    if (!next) break;
    place = next - 1;
    if (b->tried.v[place + COUNT] == 0) *ok = forget(b, place);
  }
  return most;
}

/* Apply the first rule that matches the element and tried ones. *applied: one did. */
static bool try_element(Bag *b, NodeId x, uint32_t *count, NodeId share, bool *applied) {
  Store *s = b->s;
  const struct Bags *rules = s->rules->bags;
  Match m;
  *applied = false;
  for (uint32_t i = 0; !*applied && i < rules->n; i++) {
    const BagRule *r = &rules->v[i];
    if (r->op != b->op || r->kind != b->kind) continue;
    match_begin(&m, s, ruleset_at(s, r->serial), x);
    for (uint32_t j = 0; !*applied && j < r->n; j++) {
      Try t = {.bag = b, .rule = r, .match = &m, .x = x, .share = share};
      t.count = *count;
      t.left = *count - 1;
      if (node_op(s, r->pattern[j]) != node_op(s, x) || !match_one(&t, j, x)) continue;
      if (s->status != STORE_OK) return false;
      *applied = true;
      apply_begins(s, r->serial);
      NodeId made = instantiate_node(&m, m.rule->rhs);
      bool ok = made != 0;
      uint32_t k = ok ? take_used(&t, &ok) : 0;
      *count = t.count;
      if (b->applied++ == 0) b->first = r->serial;
      if (!ok || !apply_ends(s, m.rule->serial, 0, 0) || !add_all(b, made, k, share)) return false;
    }
  }
  return s->status == STORE_OK;
}

/* Try all elements; while steps are logged, up to the first rule that applies. */
static bool run(Bag *b, uint32_t most) {
  Store *s = b->s;
  while (b->open.n) {
    b->open.n -= WORDS;
    const uint32_t *e = b->open.v + b->open.n;
    NodeId x = e[NODE], share = e[SHARE];
    uint32_t count = e[COUNT];
    bool applied = false;
    while (count && !(s->logging && b->applied)) {
      if (!try_element(b, x, &count, share, &applied)) return false;
      if (!applied) break;
      if (b->applied > most) return normalise_fail_endless(s, b->applied);
    }
    if (count && !keep(b, x, count, share)) return false;
  }
  return true;
}

/* What has become of the elements, and the others. */
static NodeId finished(Bag *b) {
  Store *s = b->s;
  Vec *v = &b->others;
  bool ok = true;
  for (uint32_t i = 0; ok && i < b->tried.n; i += WORDS) {
    const uint32_t *e = b->tried.v + i;
    NodeId k = number_int(s, e[COUNT]);
    if (b->op == OP_SUM) ok = vec_push(s, v, build_scale(s, number_mul(s, k, e[SHARE]), e[NODE]));
    else if (b->op == OP_PRODUCT) ok = vec_push(s, v, build_power(s, e[NODE], k));
    else
      for (uint32_t j = 0; ok && j < e[COUNT]; j++) ok = vec_push(s, v, e[NODE]);
  }
  if (!ok) return 0;
  if (b->op == OP_SUM) return v->n ? build_sum(s, v->v, v->n) : s->zero;
  if (b->op == OP_PRODUCT) return v->n ? build_product(s, v->v, v->n) : s->one;
  return applied_nested(s, b->op, v);
}

static bool fill(Bag *b, NodeId x) {
  Store *s = b->s;
  if (b->op == OP_SUM || b->op == OP_PRODUCT) return add_all(b, x, 1, s->one);
  bool ok = true;
  NodeId rest = node_child(s, x, 1);
  for (; ok && node_op(s, rest) == b->op; rest = node_child(s, rest, 1))
    ok = keep(b, node_child(s, rest, 0), 1, s->one);
  return ok && keep(b, rest, 1, s->one) && add(b, node_child(s, x, 0), 1, s->one);
}

NodeId pairwise_rewrite(Store *s, RuleKind kind, NodeId x) {
  Bag b = {.s = s, .kind = kind, .op = bag_op(s, x)};
  vec_init(&b.open);
  vec_init(&b.tried);
  vec_init(&b.others);
  b.places = map_take(s);
  NodeId r = 0;
  if (b.places && fill(&b, x) && run(&b, RULES_WAITING + b.open.n))
    r = b.applied ? finished(&b) : x;
  if (r && s->logging && b.applied && r != x)
    r = vec_push(s, &s->log, b.first) && vec_push(s, &s->log, x) && vec_push(s, &s->log, r) ? r : 0;
  vec_done(s, &b.open);
  vec_done(s, &b.tried);
  vec_done(s, &b.others);
  map_give(s, b.places);
  return r;
}
