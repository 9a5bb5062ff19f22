/* cost.c: the estimate of printed size. Each node's cost is kept until a collection. */
#include "textbook/cost.h"

#include "algebra/operator.h"
#include "core/number.h"
#include "core/view.h"

enum { AVOID_COST = 20, IDENTITY_COST = 4 };

static uint32_t number_cost(const Store *s, NodeId c) {
  int64_t num, den;
  if (!number_get(s, c, &num, &den)) return 2;
  return 1u + (num < 0 ? 1u : 0u) + (den != 1 ? 2u : 0u);
}

/* What a coefficient adds in front of a term. */
static uint32_t coefficient_cost(const Store *s, NodeId c) {
  int64_t num, den;
  if (c == s->one || c == s->minus_one) return 0;
  if (!number_get(s, c, &num, &den)) return 2;
  return (num != 1 && num != -1 ? 2u : 0u) + (den != 1 ? 2u : 0u);
}

static uint32_t known_cost(const Store *s, NodeId x) {
  uint32_t c = map_get(&s->costs, x);
  return c ? c : 1;
}

static uint32_t is_transposed(const Store *s, NodeId x) {
  return node_op(s, power_base(s, x)) == OP_TRANSPOSE;
}

static uint32_t cost_one(Store *s, NodeId x) {
  uint32_t op = node_op(s, x), n = node_arity(s, x);
  uint64_t cost = 0;
  bool column = node_cols(s, x) == DIM_ONE;
  switch (op) {
    case OP_NUMBER: return number_cost(s, x);
    case OP_IDENTITY: return IDENTITY_COST; /* prints as 2; a form without it reads better */
    case OP_ONES: case OP_ZEROS: return column ? 2 : 3;
    case OP_SUM: {
      bool same = true, positive = false;
      uint32_t first = coefficient_cost(s, node_child(s, x, 0));
      for (uint32_t i = 0; i < n; i += 2) {
        NodeId c = node_child(s, x, i), t = node_child(s, x, i + 1);
        cost += t == s->one ? number_cost(s, c) : known_cost(s, t) + coefficient_cost(s, c);
        positive = positive || number_sign(s, c) > 0;
        NodeId d = node_child(s, x, 0);
        same = same && t != s->one && (c == d || (first && number_add(s, c, d) == s->zero));
      }
      cost += n / 2 - (positive ? 1 : 0);
      if (same && first) cost -= (uint64_t)first * (n / 2 - 1);
      break;
    }
    case OP_PRODUCT: {
      NodeId self, c = node_child(s, x, 0);
      ProductView p = view_product(s, x, &self);
      uint32_t transposed = 0, links = 0, above = 0, factors = 0;
      cost += coefficient_cost(s, c) + (number_sign(s, c) < 0);
      above += coefficient_cost(s, c) >= 2 && number_cost(s, c) != 3;
      for (uint32_t i = 1; i < n; i++) {
        NodeId f = node_child(s, x, i);
        factors++;
        if (node_op(s, f) == OP_POWER && node_scalar(s, f) &&
            node_number(s, power_exponent(s, f)) && number_sign(s, power_exponent(s, f)) < 0)
          cost += known_cost(s, f) - 2; /* a division; the factor itself counts 1/.. */
        else {
          cost += known_cost(s, f);
          above++;
        }
        if (i > p.scalars) {
          links++;
          transposed += is_transposed(s, f);
        }
      }
      cost += factors - 1;
      if (above == 0) cost += 2;
      if (links > 1 && node_scalar(s, x) && 2 * transposed > links) cost -= 2 * transposed - links;
      else if (links > 1 && 2 * transposed > links + 1) cost -= 2 * transposed - links - 1;
      break;
    }
    case OP_POWER: {
      NodeId e = node_child(s, x, 1);
      cost = known_cost(s, node_child(s, x, 0));
      if (node_scalar(s, x) && node_number(s, e) && number_sign(s, e) < 0) {
        NodeId up = number_neg(s, e);
        cost += 2 + (up == s->one ? 0 : up == s->half ? 1 : 1 + number_cost(s, up));
      } else {
        cost += e == s->half || e == s->minus_one ? 1 : 1 + known_cost(s, e);
      }
      break;
    }
    case OP_ELPOWER: {
      NodeId e = node_child(s, x, 1);
      cost = known_cost(s, node_child(s, x, 0)) + (e == s->minus_one ? 1
                                                   : e == s->half    ? 1
                                                                     : 1 + known_cost(s, e));
      break;
    }
    case OP_HADAMARD:
      for (uint32_t i = 0; i < n; i++) {
        NodeId f = node_child(s, x, i);
        cost +=
            known_cost(s, f) - (node_op(s, f) == OP_ELPOWER && node_child(s, f, 1) == s->minus_one);
      }
      cost += n - 1;
      break;
    case OP_DERIVATIVE: cost = 3; break;
    case OP_COUNTED_SUM:
      cost = 3;
      for (uint32_t i = 0; i < n; i++) cost += known_cost(s, node_child(s, x, i));
      break;
    case OP_SYMBOL: case OP_FUNCTION: case OP_VARIABLE: return 1;
    case OP_CALL: cost = 1 + known_cost(s, node_child(s, x, 1)); break;
    default:
      if (op >= OP_FIRST_USER && operator_at(s, op)->flags & OPERATOR_MEMBER) return 1; /* x_i */
      cost = op >= OP_FIRST_USER && operator_at(s, op)->flags & OPERATOR_AVOID ? AVOID_COST : 1;
      for (uint32_t i = 0; i < n; i++) cost += known_cost(s, node_child(s, x, i));
  }
  return cost > 0x3fffffff ? 0x3fffffff : cost < 1 ? 1 : (uint32_t)cost;
}

uint32_t cost_node(Store *s, NodeId x) {
  uint32_t known = map_get(&s->costs, x);
  if (known) return known;
  Vec stack;
  vec_init(&stack);
  bool ok = vec_push(s, &stack, x);
  while (ok && stack.n) {
    NodeId y = stack.v[stack.n - 1];
    uint32_t before = stack.n,
             n = node_op(s, y) == OP_FUNCTION || map_get(&s->costs, y) ? 0 : node_arity(s, y);
    for (uint32_t i = 0; ok && i < n; i++) {
      NodeId c = node_child(s, y, i);
      if (node_op(s, c) != OP_FUNCTION && !map_get(&s->costs, c)) ok = vec_push(s, &stack, c);
    }
    if (!ok || stack.n > before) continue;
    stack.n--;
    if (!map_get(&s->costs, y)) ok = map_put(s, &s->costs, y, cost_one(s, y));
  }
  vec_done(s, &stack);
  return ok ? known_cost(s, x) : 0x3fffffff;
}
