/* normalise.c: each node is tried by the algebra rules once, and the result remembered; while steps
** are logged once more, so that the log is the same whatever was done before.
**
** The right side of a rule is built by constructors, which apply rules in turn: rules are applied
** one inside the other. The C stack holds RULES_NESTED of them. Where there are more, the work
** fails up to the outermost one, as it does without memory, and each node on the way is noted. They
** wait on a stack of their own and are rewritten anew, the innermost first. A node finds what it
** asks for remembered then, so that none is begun more often than its right side asks for nodes
** that are too deep. */
#include "rules/normalise.h"

#include "algebra/operator.h"
#include "core/name.h"
#include "rules/apply.h"
#include "rules/pairwise.h"
#include "rules/plain.h"
#include "rules/round.h"

/* Words of arguments of the nodes that wait: a rule that makes ever larger nodes ends soon. */
enum { WAITING_WORDS = 1 << 22 };

/* Bytes that rules may use up one inside the other: one whose numbers grow ends soon. A rule that
** comes to an end needs far less at each level, and no more than a few nodes. */
enum { NESTED_BYTES = 1 << 28 };

static const char endless[] =
    "the rules do not come to an end: \"%s\" was applied %lu times, one inside the other";
static const char growing[] =
    "the rules do not come to an end in the memory for it: \"%s\" was applied %lu times, one "
    "inside the other, to ever larger expressions";

/* How many rules may be applied one inside the other. */
static uint32_t most_nested(const Store *s) {
  return s->nesting_limit ? s->nesting_limit : UINT32_MAX;
}

static bool fail(Store *s, const char *message, uint32_t times) {
  NameId last = s->recent_n ? s->recent[(s->recent_n - 1) % 8] : 0;
  return store_fail(s, STORE_BUDGET, message, last ? name_text(s, last) : "unnamed",
                    (unsigned long)times);
}

bool normalise_fail_endless(Store *s, uint32_t times) { return fail(s, endless, times); }

bool normalise_waits(Store *s, uint32_t n) {
  return n < most_nested(s) || normalise_fail_endless(s, n);
}

bool normalise_too_deep(Store *s) {
  struct RuleSet *t = s->rules;
  uint32_t most = most_nested(s);
  if (t->depth < RULES_NESTED && t->depth < most) return false;
  normalise_fail_endless(s, t->depth);
  t->deferring = t->rewriting && t->depth < most;
  return true;
}

/* Do attributes have a say in what becomes of x? */
static bool is_acting(const Store *s, NodeId x) {
  return s->attributes_act && node_flags(s, x) & FLAG_ATTRIBUTE;
}

NodeId normalise_known(Store *s, NodeId x) {
  struct RuleSet *t = s->rules;
  if (is_acting(s, x)) /* what was remembered leaves no trace */
    return s->logging && !t->waiting ? 0 : map_get(&t->acting, x);
  uint8_t mark = node_at(s, x)->mark;
  if (!(mark & MARK_CHECKED)) return 0;
  if (!(mark & MARK_REDUCIBLE)) return x;
  return map_get(s->logging && !t->waiting ? &t->logged : &t->results, x);
}

bool normalise_keep(Store *s, NodeId x, NodeId made) {
  if (is_acting(s, x)) return map_put(s, &s->rules->acting, x, made);
  ruleset_mark_tried(s, x, made != x);
  if (s->logging && made != x && !map_put(s, &s->rules->logged, x, made)) return false;
  return made == x || map_put(s, &s->rules->results, x, made);
}

/* The algebra rules applied to x, and the result remembered. */
static NodeId rewritten(Store *s, NodeId x) {
  NodeId r =
      plain_is(s, node_op(s, x)) ? plain_rewrite(s, x) : round_apply(s, x);
  return r && normalise_keep(s, x, r) ? r : 0;
}

/* ---------------------------------------- what waits */

/* Nodes and the modes of attributes in which they are to be rewritten, in pairs, the next last. */
typedef struct {
  Vec pairs;
  uint64_t words, bytes_before;
} Waiting;

static bool wait(Store *s, Waiting *w, NodeId x, bool mode) {
  w->words += node_at(s, x)->n;
  return vec_push(s, &w->pairs, x) && vec_push(s, &w->pairs, mode);
}

/* Put the nodes on which the work was given up onto the stack, the innermost last. */
static bool take_deferred(Store *s, Waiting *w) {
  struct RuleSet *t = s->rules;
  bool ok = true;
  for (uint32_t i = t->deferred_n; ok && i-- > 0;)
    ok = wait(s, w, t->deferred[i].node, t->deferred[i].mode);
  if (t->deferred_counters > s->counters) s->counters = t->deferred_counters;
  t->deferred_n = t->deferred_counters = 0;
  uint32_t n = w->pairs.n / 2, most = most_nested(s);
  bool large = w->words > WAITING_WORDS || s->bytes > w->bytes_before + NESTED_BYTES;
  if (ok && n > most) return fail(s, endless, most);
  if (ok && large) return fail(s, growing, n);
  return ok;
}

/* The state of the work under way, which a failure may leave changed. */
typedef struct {
  bool mode;
  uint32_t counters, images;
} Before;

static void put_back(Store *s, const Before *b) {
  attribute_mode(s, b->mode);
  s->images = b->images;
}

/* Rewrite x, on which the work was given up, and all that it waits for. */
static NodeId rewritten_in_turn(Store *s, NodeId x, const Before *before) {
  struct RuleSet *t = s->rules;
  Waiting w = {.words = 0, .bytes_before = s->bytes};
  vec_init(&w.pairs);
  t->waiting = true;
  bool ok = wait(s, &w, x, before->mode);
  NodeId r = 0;
  while (ok && w.pairs.n) {
    if (t->deferring) { /* the last one has to wait for others */
      t->deferring = false;
      if (!t->deferred_n) break; /* for itself: the C stack is in use */
      store_clear_error(s);
      put_back(s, before);
      ok = take_deferred(s, &w);
      continue;
    }
    NodeId y = w.pairs.v[w.pairs.n - 2];
    attribute_mode(s, w.pairs.v[w.pairs.n - 1] != 0);
    r = normalise_known(s, y);
    if (!r) r = rewritten(s, y);
    ok = r || t->deferring;
    if (!r) continue;
    w.pairs.n -= 2;
    w.words -= node_at(s, y)->n;
    t->rewrites += r != y;
  }
  vec_done(s, &w.pairs);
  t->waiting = false;
  put_back(s, before);
  s->counters = before->counters;
  return ok && s->status == STORE_OK ? r : 0;
}

/* ---------------------------------------- one node */

static NodeId by_algebra(Store *s, NodeId x) {
  struct RuleSet *t = s->rules;
  uint32_t n;
  if (!x) return 0;
  NodeId r = normalise_known(s, x);
  if (r) return r;
  ruleset_list(s, RULE_ALGEBRA, node_op(s, x), &n);
  if (n == 0 && !pairwise_concerns(s, RULE_ALGEBRA, x)) return x;
  if (t->rewriting) {
    r = rewritten(s, x);
    if (!r && t->deferring) {
      if (s->counters > t->deferred_counters) t->deferred_counters = s->counters;
      t->deferred[t->deferred_n].mode = s->attributes_act;
      t->deferred[t->deferred_n++].node = x;
    }
    return r;
  }
  Before before = {s->attributes_act, s->counters, s->images};
  t->rewriting = true;
  r = rewritten(s, x);
  if (!r && t->deferring) r = rewritten_in_turn(s, x, &before);
  t->rewriting = false;
  return r;
}

static NodeId normalise(Store *s, NodeId x) {
  NodeId r = by_algebra(s, x);
  s->rules->rewrites += r != x;
  return r;
}

/* While attributes act, a transpose is simplified at once: that of a symmetric leaf is the leaf. */
NodeId normalise_node(Store *s, NodeId x) {
  NodeId r = normalise(s, x);
  bool transpose =
      r && s->attributes_act && node_op(s, x) == OP_TRANSPOSE && node_op(s, r) == OP_TRANSPOSE;
  return transpose ? apply_rules(s, RULE_SIMPLIFY, r) : r;
}
