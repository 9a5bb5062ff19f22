/* apply.c: the way of a rule: a quick look, the match, its conditions, the right side, and the rest
** of the node put back around it. Each node is tried by the algebra rules once, and the result
** remembered. */
#include "rules/apply.h"

#include "algebra/build.h"
#include "algebra/product.h"
#include "core/name.h"
#include "rules/condition.h"
#include "rules/instantiate.h"
#include "rules/pattern.h"

enum { APPLY_DEPTH = 150 };

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
          ok = vec_push(s, &f,
                        m->transposed ? build_transpose(s, x.chain[x.links - 1 - i]) : x.chain[i]);
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
    NameId last = s->recent_n ? s->recent[(s->recent_n - 1) % 8] : 0;
    return store_fail(
        s, STORE_BUDGET,
        "the rules do not come to an end: \"%s\" was applied %d times, one inside the other",
        last ? name_text(s, last) : "unnamed", APPLY_DEPTH);
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
    if (r->conditions && !attribute_may_hold(s, serial, x)) continue;
    if (!condition_match(&m, s, r, r->lhs, x, true)) {
      if (s->status != STORE_OK) result = 0;
      continue;
    }
    store_note_rule(s, r->name); /* before what it makes is rewritten in turn */
    NodeId rhs = instantiate_node(&m, r->rhs);
    NodeId made = rhs ? complete(&m, rhs) : 0;
    result = made;
    if (!store_step(s) || (s->applications++ % 32 == 0 && !store_on_time(s))) result = 0;
    if (s->logging && made && made != x)
      if (!vec_push(s, &s->log, serial) || !vec_push(s, &s->log, x) || !vec_push(s, &s->log, made))
        result = 0;
    list = &s->rules->index[kind][op]; /* which may have moved */
  }
  s->rules->depth--;
  return result;
}

static NodeId by_algebra(Store *s, NodeId x) {
  uint32_t n;
  if (!x) return 0;
  uint8_t mark = node_at(s, x)->mark;
  bool acting = s->attributes_act && node_flags(s, x) & FLAG_ATTRIBUTE;
  if (!acting && (mark & (MARK_CHECKED | MARK_REDUCIBLE)) == MARK_CHECKED) return x;
  ruleset_list(s, RULE_ALGEBRA, node_op(s, x), &n);
  if (n == 0) return x;
  if (acting) {
    /* what was remembered leaves no trace */
    NodeId r = s->logging ? 0 : map_get(&s->rules->acting, x);
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

static NodeId normalise(Store *s, NodeId x) {
  NodeId r = by_algebra(s, x);
  s->rules->rewrites += r != x;
  return r;
}

/* While attributes act, a transpose is simplified at once: that of a symmetric leaf is the leaf. */
NodeId apply_normalise(Store *s, NodeId x) {
  NodeId r = normalise(s, x);
  bool transpose =
      r && s->attributes_act && node_op(s, x) == OP_TRANSPOSE && node_op(s, r) == OP_TRANSPOSE;
  return transpose ? apply_rules(s, RULE_SIMPLIFY, r) : r;
}

NodeId apply_one(Store *s, uint32_t serial, NodeId x) {
  Match m;
  const Rule *r = ruleset_at(s, serial);
  if (r->kind > RULE_SIMPLIFY || !condition_match(&m, s, r, r->lhs, x, true))
    return s->status == STORE_OK ? x : 0;
  NodeId rhs = instantiate_node(&m, ruleset_at(s, serial)->rhs);
  return rhs ? complete(&m, rhs) : 0;
}

uint32_t apply_find(Store *s, RuleKind kind, NodeId x) {
  uint32_t n;
  NodeId head = ruleset_of_differentials(kind) ? node_child(s, x, 0) : x;
  const uint32_t *list = ruleset_list(s, kind, node_op(s, head), &n);
  for (uint32_t i = 0; i < n; i++) {
    Match m;
    const Rule *r = ruleset_at(s, list[i]);
    if (condition_match(&m, s, r, r->lhs, x, false)) return list[i];
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
