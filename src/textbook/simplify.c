/* simplify.c: simplification, a walk over an explicit stack with a memo: shared work is done
   once. */
#include "textbook/simplify.h"

#include "algebra/operator.h"
#include "algebra/rebuild.h"
#include "core/budget.h"
#include "rules/apply.h"
#include "textbook/expand.h"

enum { MERGE_TERMS = 6 };

/* Is x a scalar chain, a trace or a determinant, equal to its transpose? An attribute may make
   another form of it the smaller one, or show that it is zero. */
static bool oriented(const Store *s, NodeId x) {
  uint32_t op = node_op(s, x);
  if (!(node_flags(s, x) & FLAG_ATTRIBUTE)) return false;
  return op == OP_PRODUCT
             ? node_scalar(s, x)
             : op >= OP_FIRST_USER &&
                   operator_at(s, op)->flags & (OPERATOR_CYCLIC | OPERATOR_TRANSPOSE_INVARIANT);
}

static bool is_cyclic(const Store *s, NodeId x) {
  uint32_t op = node_op(s, x);
  return op >= OP_FIRST_USER && operator_at(s, op)->flags & OPERATOR_CYCLIC;
}

/* tr(A*B + B*A) is 2*tr(A*B), and x'*(A + A')*x is 2*x'*A*x: x expanded, if that is a single term;
   otherwise x. */
static NodeId merged(Store *s, NodeId x) {
  uint32_t op = node_op(s, x), sums = 0;
  if (!node_scalar(s, x)) return x;
  if (op == OP_PRODUCT && !node_scalar(s, node_child(s, x, node_arity(s, x) - 1))) {
    for (uint32_t i = 1; i < node_arity(s, x); i++) {
      uint32_t n = expand_terms(s, node_child(s, x, i));
      sums += n > MERGE_TERMS ? 2 : n > 1;
    }
    if (sums != 1) return x;
  } else if (!is_cyclic(s, x) || expand_terms(s, node_child(s, x, 0)) > MERGE_TERMS) {
    return x;
  }
  NodeId open = expand_once(s, x);
  if (!open) return 0;
  return node_op(s, open) == OP_SUM ? x : open;
}

/* Is no rule known to apply to x or to what is in it? A log of all is to have them tried. */
static bool is_simple(const Store *s, NodeId x) {
  return node_at(s, x)->mark & MARK_IRREDUCIBLE && s->logging != LOG_ALL;
}

/* Does no rule apply to x? None does to a leaf that is a part of something. */
static bool irreducible(const Store *s, NodeId x) {
  return is_simple(s, x) || node_arity(s, x) == 0 || node_op(s, x) == OP_FUNCTION;
}

static bool parts_irreducible(const Store *s, NodeId x) {
  for (uint32_t i = 0; i < node_arity(s, x); i++)
    if (!irreducible(s, node_child(s, x, i))) return false;
  return true;
}

/* Nodes to which no rule applies are marked, so that they are tried once as long as the rules do
   not change. */
static NodeId simplify(Store *s, NodeId root) {
  /* next: what a node was rewritten to, not yet simplified */
  Map *memo = map_take(s), *next = map_take(s);
  /* nodes whose result is being simplified: one that is met again is part of its own result, and
     stays as it is */
  Map *waits = map_take(s);
  Vec stack;
  vec_init(&stack);
  bool ok = memo && next && waits && vec_push(s, &stack, root);
  while (ok && stack.n) {
    NodeId x = stack.v[stack.n - 1];
    if (map_get(memo, x) || is_simple(s, x) || node_op(s, x) == OP_FUNCTION) {
      if (!map_get(memo, x)) ok = map_put(s, memo, x, x);
      stack.n--;
      continue;
    }
    NodeId y = map_get(next, x);
    if (y) { /* rewritten before: done when its result is */
      NodeId done = map_get(memo, y);
      if (!done && map_get(waits, x)) done = x;
      if (done) {
        ok = map_put(s, memo, x, done);
        stack.n--;
      } else {
        ok = map_put(s, waits, x, 1) && vec_push(s, &stack, y);
      }
      continue;
    }
    bool ready = true;
    for (uint32_t i = node_arity(s, x); ok && i-- > 0;) {
      NodeId c = node_child(s, x, i);
      if (irreducible(s, c) || map_get(memo, c)) continue;
      ready = false;
      ok = vec_push(s, &stack, c);
    }
    if (!ok || !ready) continue;
    uint32_t logged = s->log.n;
    y = rebuild_node(s, x, memo, s->attributes_act && oriented(s, x));
    if (y == x) y = apply_rules(s, RULE_SIMPLIFY, x);
    if (y == x && is_cyclic(s, x)) y = apply_cyclic(s, x);
    if (y == x) y = merged(s, x);
    NodeId z = y;
    while (z && z != x) z = map_get(next, z); /* back to x: two forms of equal rank */
    if (!y) ok = false;
    else if (z == x) {
      if (s->logging == LOG_STEPS) s->log.n = logged; /* rules that led back to x */
      if (y == x && parts_irreducible(s, x)) ruleset_mark_irreducible(s, x);
      ok = map_put(s, memo, x, x);
      stack.n--;
    } else {
      ok = map_put(s, next, x, y);
    }
    ok = ok && budget_step(s);
  }
  NodeId r = ok ? map_get(memo, root) : 0;
  vec_done(s, &stack);
  map_give(s, memo);
  map_give(s, next);
  map_give(s, waits);
  return r;
}

NodeId simplify_node(Store *s, NodeId root) {
  if (!root) return 0;
  if (is_simple(s, root)) return root;
  bool before = s->attributes_act;
  attribute_mode(s, before || node_flags(s, root) & FLAG_ATTRIBUTE);
  NodeId r = simplify(s, root);
  attribute_mode(s, before);
  return r;
}
