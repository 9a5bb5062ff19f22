/* expand.c: products and linear operators distributed over sums. */
#include "textbook/expand.h"

#include "algebra/build.h"
#include "algebra/counted.h"
#include "algebra/operator.h"
#include "algebra/rebuild.h"
#include "core/number.h"
#include "rules/apply.h"
#include "rules/ruleset.h"

enum { EXPAND_TERMS = 64, PASSES = 32 };

uint32_t expand_terms(const Store *s, NodeId x) {
  return node_op(s, x) == OP_SUM ? node_arity(s, x) / 2 : 1;
}

static NodeId term(Store *s, NodeId x, uint32_t i) {
  return node_op(s, x) == OP_SUM
             ? build_scale(s, node_child(s, x, 2 * i), node_child(s, x, 2 * i + 1))
             : x;
}

/* The product (matrix or Hadamard) of factors, distributed over those that are sums. */
static NodeId distribute(Store *s, NodeId like, const Vec *factors, uint64_t count) {
  Vec out, pick;
  vec_init(&out);
  vec_init(&pick);
  bool ok = true;
  for (uint32_t k = 0; ok && k < count; k++) {
    uint32_t rest = k;
    pick.n = 0;
    for (uint32_t i = 0; ok && i < factors->n; i++) {
      uint32_t n = expand_terms(s, factors->v[i]);
      NodeId t = term(s, factors->v[i], rest % n);
      rest /= n;
      ok = t && vec_push(s, &pick, t);
    }
    NodeId t = !ok                               ? 0
               : node_op(s, like) == OP_HADAMARD ? build_hadamard(s, pick.v, pick.n)
                                                 : build_product(s, pick.v, pick.n);
    ok = t && vec_push(s, &out, t);
  }
  NodeId r = ok ? build_sum(s, out.v, out.n) : 0;
  vec_done(s, &out);
  vec_done(s, &pick);
  return r;
}

/* The counted sum of each term of the body. */
static NodeId counted_terms(Store *s, NodeId x) {
  NodeId body = node_child(s, x, 2), sum = 0;
  uint32_t n = expand_terms(s, body);
  if (n < 2 || n > EXPAND_TERMS) return x;
  for (uint32_t i = 0; i < n; i++) {
    NodeId t = counted_with_body(s, x, term(s, body, i));
    sum = sum ? build_add(s, sum, t) : t;
    if (!sum) return 0;
  }
  return sum;
}

/* A linear operator of each choice of terms, one of each argument in which it is linear. */
static NodeId linear_terms(Store *s, NodeId x) {
  uint32_t op = node_op(s, x), n = node_arity(s, x), terms[PARAM_MAX], count = 1;
  for (uint32_t i = 0; i < n; i++) {
    bool linear = operator_at(s, op)->param[i].linear;
    terms[i] = linear ? expand_terms(s, node_child(s, x, i)) : 1;
    if (terms[i] > EXPAND_TERMS / count) terms[i] = 1; /* one too long stays as it is */
    count *= terms[i];
  }
  if (count == 1) return x;
  NodeId sum = 0;
  for (uint32_t k = 0; k < count; k++) {
    NodeId c[PARAM_MAX];
    uint32_t rest = k;
    for (uint32_t i = 0; i < n; i++) {
      NodeId a = node_child(s, x, i);
      c[i] = terms[i] > 1 ? term(s, a, rest % terms[i]) : a;
      if (!c[i]) return 0;
      rest /= terms[i];
    }
    NodeId t = build_operator(s, op, c, n);
    sum = t ? sum ? build_add(s, sum, t) : t : 0;
    if (!sum) return 0;
  }
  return sum;
}

NodeId expand_once(Store *s, NodeId x) {
  uint32_t op = node_op(s, x), n = node_arity(s, x);
  if (op == OP_PRODUCT || op == OP_HADAMARD || op == OP_POWER) {
    Vec f;
    vec_init(&f);
    uint64_t count = 1;
    bool ok = true;
    for (uint32_t i = 0; ok && i < (op == OP_POWER ? 1 : n); i++) {
      NodeId c = op == OP_POWER ? x : node_child(s, x, i), base = power_base(s, c);
      int64_t k = 1;
      bool power = node_op(s, c) == OP_POWER && number_get_int(s, power_exponent(s, c), &k) &&
                   k > 1 && k <= 4 && node_op(s, base) == OP_SUM;
      if (!power) {
        k = 1;
        base = c;
      }
      for (; ok && k > 0; k--) {
        count *= expand_terms(s, base);
        ok = count <= EXPAND_TERMS && vec_push(s, &f, base);
      }
    }
    NodeId r = ok && count > 1 ? distribute(s, x, &f, count) : x;
    vec_done(s, &f);
    return s->status == STORE_OK ? r : 0;
  }
  if (op == OP_COUNTED_SUM) return counted_terms(s, x);
  if (op >= OP_FIRST_USER && operator_at(s, op)->flags & OPERATOR_LINEAR)
    return linear_terms(s, x);
  return x;
}

static NodeId expand(Store *s, NodeId root, bool by_rules) {
  if (!root) return 0;
  Map *memo = map_take(s);
  Vec order;
  vec_init(&order);
  bool ok = memo && node_postorder(s, root, &order, node_is_function, NULL);
  for (uint32_t i = 0; ok && i < order.n; i++) {
    NodeId y = rebuild_node(s, order.v[i], memo, false);
    for (int again = 0; y && again < 4; again++) {
      NodeId opened = by_rules ? apply_rules(s, RULE_EXPAND, y) : y;
      /* what a rule has made holds new nodes; rules make no more of them than their sides have */
      if (opened && opened != y) opened = expand(s, opened, false);
      NodeId z = opened ? expand_once(s, opened) : 0;
      if (z == y) break;
      y = z;
    }
    ok = y && map_put(s, memo, order.v[i], y);
  }
  NodeId r = ok ? map_get(memo, root) : 0;
  vec_done(s, &order);
  map_give(s, memo);
  return r;
}

NodeId expand_node(Store *s, NodeId x) { return expand(s, x, false); }

/* What rules make of the terms may hold products of sums once more: Q^2*P with Q*P = P*Q + I. */
NodeId expand_by_rules(Store *s, NodeId x) {
  for (int pass = 0; pass < PASSES; pass++) {
    uint64_t before = ruleset_rewrites(s);
    NodeId r = expand(s, x, true);
    if (r == x || !r || ruleset_rewrites(s) == before) return r;
    x = r;
  }
  return x;
}
