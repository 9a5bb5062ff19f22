/* apply.c: the way of a rule: a quick look, the match, its conditions, the right side, and the rest
** of the node put back around it. */
#include "rules/apply.h"

#include "algebra/build.h"
#include "algebra/operator.h"
#include "algebra/product.h"
#include "core/budget.h"
#include "core/name.h"
#include "rules/pairwise.h"
#include "rules/candidates.h"
#include "rules/condition.h"
#include "rules/instantiate.h"
#include "rules/match_chain.h"
#include "rules/normalise.h"
#include "rules/pattern.h"
#include "rules/round.h"

/* The chain c of which links were matched, as it was then. */
static bool matched_chain(Match *m, const NodeId *c, uint32_t n, Vec *out) {
  Store *s = m->s;
  bool ok = true;
  for (uint32_t i = 0; ok && i < n; i++)
    ok = vec_push(s, out, m->transposed ? build_transpose(s, c[n - 1 - i]) : c[i]);
  if (!ok || !m->split) return ok;
  NodeId self, split[3 * LINKS_SPLIT];
  ProductView p = product_factors(s, m->rule->lhs, &self);
  n = match_chain_split(s, &p, out->v, n, split);
  out->n = 0;
  for (uint32_t i = 0; ok && i < n; i++) ok = vec_push(s, out, split[i]);
  return ok && n > 0;
}

/* r in place of the links that were matched; of a cyclic chain they may reach round its end. */
static NodeId complete_chain(Match *m, NodeId chain, bool cyclic, NodeId r) {
  Store *s = m->s;
  NodeId self;
  ProductView x = product_factors(s, chain, &self);
  Vec c, f;
  vec_init(&c);
  vec_init(&f);
  bool ok = matched_chain(m, x.chain, x.links, &c) &&
            (!m->rest_front || vec_push(s, &f, m->rest_front));
  for (uint32_t i = 0; ok && !cyclic && i < m->from; i++) ok = vec_push(s, &f, c.v[i]);
  ok = ok && vec_push(s, &f, r);
  uint32_t end = cyclic ? m->from + c.n : c.n;
  for (uint32_t i = m->to; ok && i < end; i++) ok = vec_push(s, &f, c.v[i % c.n]);
  NodeId whole = ok ? build_product(s, f.v, f.n) : 0;
  vec_done(s, &c);
  vec_done(s, &f);
  return whole;
}

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
    case OP_PRODUCT: return complete_chain(m, m->root, false, r);
    default: return r;
  }
}

/* The right side of the rule that was matched, in its place. */
static NodeId rewritten(Match *m, bool cyclic) {
  Store *s = m->s;
  NodeId x = m->root, rhs = instantiate_node(m, m->rule->rhs);
  if (!rhs || !cyclic) return rhs ? complete(m, rhs) : 0;
  NodeId chain = complete_chain(m, node_child(s, x, 0), true, rhs);
  return chain ? build_operator(s, node_op(s, x), &chain, 1) : 0;
}

void apply_begins(Store *s, uint32_t serial) {
  budget_note_rule(s, ruleset_at(s, serial)->name); /* before what it makes is rewritten in turn */
}

bool apply_ends(Store *s, uint32_t serial, NodeId x, NodeId made) {
  if (!budget_step(s) || (s->applications++ % 32 == 0 && !budget_on_time(s))) return false;
  return !s->logging || !made || made == x ||
         (vec_push(s, &s->log, serial) && vec_push(s, &s->log, x) && vec_push(s, &s->log, made));
}

/* The same, as a step of the work under way. */
static NodeId step(Match *m, bool cyclic) {
  uint32_t serial = m->rule->serial; /* the table may move */
  NodeId x = m->root;
  apply_begins(m->s, serial);
  NodeId made = rewritten(m, cyclic);
  return apply_ends(m->s, serial, x, made) ? made : 0;
}

NodeId apply_rules(Store *s, RuleKind kind, NodeId x) {
  uint32_t n, op = node_op(s, x);
  ruleset_list(s, kind, op, &n);
  bool bag = pairwise_concerns(s, kind, x);
  if (n == 0 && !bag) return x;
  if (normalise_too_deep(s)) return 0;
  s->rules->depth++;
  NodeId result = bag ? pairwise_rewrite(s, kind, x) : x;
  /* a quick look: most rules ask for operators that are not there */
  uint64_t have = pattern_ops(s, x, false), inside = 0;
  bool looked = false;
  struct Round *own = round_of(s, kind, x);
  Candidates list = candidates_of(s, kind, x, have);
  if (s->status != STORE_OK) result = 0;
  for (uint32_t serial; result == x && (serial = candidates_next(&list)) != 0;) {
    Match m;
    const Rule *r = ruleset_at(s, serial);
    if (own && serial == own->barred) continue;
    if (r->need[1] && !looked) inside = pattern_inner_ops(s, x, false);
    looked = looked || r->need[1];
    if (r->need[1] & ~inside) continue;
    if (r->conditions && !attribute_may_hold(s, serial, x)) continue;
    if (bag && pairwise_is(s, serial)) continue;
    if (!condition_match(&m, s, r, r->lhs, x, true)) {
      if (s->status != STORE_OK) result = 0;
      continue;
    }
    if (own) own->rule = serial;
    result = step(&m, false);
    if (own && s->rules->least) break;
  }
  s->rules->depth--;
  return result;
}

/* The links of a product with nothing in front of it; 0: x is none. */
static uint32_t chain_of(const Store *s, NodeId x, const NodeId **links) {
  NodeId self;
  ProductView p = view_product(s, x, &self);
  *links = p.chain;
  return p.scalars == 0 && p.coefficient == s->one ? p.links : 0;
}

/* The first rule of a kind for products that matches round the end of the chain in x, or of the
   transposed chain. */
static bool match_round(Match *m, Store *s, RuleKind kind, NodeId x, bool transposed) {
  NodeId chain = node_child(s, x, 0);
  if (transposed) chain = build_transpose(s, chain);
  const NodeId *links;
  uint32_t n = chain ? chain_of(s, chain, &links) : 0;
  if (n < 2) return false;
  uint64_t have = pattern_ops(s, chain, false), inside = pattern_inner_ops(s, chain, false);
  Candidates list = candidates_of(s, kind, chain, have);
  for (uint32_t serial; s->status == STORE_OK && (serial = candidates_next(&list)) != 0;) {
    const Rule *r = ruleset_at(s, serial);
    if (r->need[1] & ~inside) continue;
    if (r->conditions && !attribute_may_hold(s, r->serial, x)) continue;
    if (match_cyclic(m, s, r, x, links, n, r->conditions ? condition_all_hold : NULL)) {
      m->transposed = transposed;
      return true;
    }
    if (s->status != STORE_OK) return false;
  }
  return false;
}

NodeId apply_cyclic(Store *s, NodeId x) {
  static const RuleKind kinds[] = {RULE_ALGEBRA, RULE_SIMPLIFY};
  if (node_op(s, node_child(s, x, 0)) != OP_PRODUCT) return x;
  if (normalise_too_deep(s)) return 0;
  s->rules->depth++;
  NodeId result = x;
  for (int i = 0; i < 4 && result == x; i++) {
    Match m;
    if (match_round(&m, s, kinds[i / 2], x, i % 2)) result = step(&m, true);
    else if (s->status != STORE_OK) result = 0;
  }
  s->rules->depth--;
  return result;
}

NodeId apply_rule(Store *s, const Rule *r, NodeId x) {
  Match m;
  if (r->kind > RULE_EXPAND) return x;
  if (condition_match(&m, s, r, r->lhs, x, true)) return rewritten(&m, false);
  uint32_t op = node_op(s, x);
  bool round = op >= OP_FIRST_USER && operator_at(s, op)->flags & OPERATOR_CYCLIC &&
               node_op(s, r->lhs) == OP_PRODUCT;
  for (int transposed = 0; round && transposed < 2; transposed++) {
    NodeId chain = node_child(s, x, 0);
    if (transposed) chain = build_transpose(s, chain);
    const NodeId *links;
    uint32_t n = chain ? chain_of(s, chain, &links) : 0;
    if (n < 2 ||
        !match_cyclic(&m, s, r, x, links, n, r->conditions ? condition_all_hold : NULL))
      continue;
    m.transposed = transposed;
    return rewritten(&m, true);
  }
  return s->status == STORE_OK ? x : 0;
}

NodeId apply_one(Store *s, uint32_t serial, NodeId x) {
  Rule r = *ruleset_at(s, serial); /* the table may move */
  return apply_rule(s, &r, x);
}

uint32_t apply_find(Store *s, RuleKind kind, NodeId x) {
  NodeId head = ruleset_of_differentials(kind) ? node_child(s, x, 0) : x;
  Candidates list = candidates_of(s, kind, head, UINT64_MAX);
  for (uint32_t serial; (serial = candidates_next(&list)) != 0;) {
    Match m;
    const Rule *r = ruleset_at(s, serial);
    if (condition_match(&m, s, r, r->lhs, x, false)) return serial;
  }
  return 0;
}

bool apply_find_all(Store *s, RuleKind kind, NodeId x, Vec *out) {
  Vec all;
  vec_init(&all);
  bool ok = node_postorder(s, x, &all, NULL, NULL);
  for (uint32_t i = 0; ok && i < all.n; i++) {
    if (ruleset_of_differentials(kind) && node_op(s, all.v[i]) != OP_DIFF) continue;
    uint32_t serial = apply_find(s, kind, all.v[i]);
    ok = !serial || vec_push(s, out, serial);
  }
  vec_done(s, &all);
  return ok;
}
