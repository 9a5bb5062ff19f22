/* rewrite.c: simplification by rules, expansion, the estimate of printed size, and the choice among
** the forms these give. Every walk is over an explicit stack, with a memo: shared work is done once. */
#include "textbook/simplify.h"

#include "algebra/build.h"
#include "algebra/operator.h"
#include "core/number.h"
#include "rules/apply.h"

enum { EXPAND_TERMS = 64, EXPAND_COST = 600, AVOID_COST = 20, IDENTITY_COST = 4, MERGE_TERMS = 6 };

/* x with its children replaced by what the memo says, made again if one is new (or `again`); 0 on failure. */
static NodeId rebuild(Store *s, NodeId x, const Map *memo, bool again) {
  Vec c;
  vec_init(&c);
  bool changed = false, ok = true;
  uint32_t n = node_arity(s, x);
  for (uint32_t i = 0; ok && i < n; i++) {
    NodeId old = node_child(s, x, i), new = map_get(memo, old);
    if (!new) new = old;
    changed = changed || new != old;
    ok = vec_push(s, &c, new);
  }
  NodeId r = !ok ? 0 : changed || again ? build_with_children(s, x, c.v) : x;
  vec_done(s, &c);
  return r;
}

/* A scalar chain, a trace, a determinant, the same as its transpose: an attribute may make another form of it the smaller
   one, or show that it is zero. */
static bool oriented(const Store *s, NodeId x) {
  uint32_t op = node_op(s, x);
  if (!(node_flags(s, x) & FLAG_ATTRIBUTE)) return false;
  return op == OP_PRODUCT ? node_scalar(s, x) : op >= OP_FIRST_USER && operator_at(s, op)->flags & (OPF_CYCLIC | OPF_MIRROR);
}

static uint32_t terms_of(const Store *s, NodeId x) { return node_op(s, x) == OP_SUM ? node_arity(s, x) / 2 : 1; }

/* tr(A*B + B*A) is 2*tr(A*B), and so x'*(A + A')*x: x, if its terms are not all the same when it is opened. */
static NodeId merged(Store *s, NodeId x) {
  uint32_t op = node_op(s, x), sums = 0;
  if (!node_scalar(s, x)) return x;
  if (op == OP_PRODUCT && !node_scalar(s, node_child(s, x, node_arity(s, x) - 1))) {
    for (uint32_t i = 1; i < node_arity(s, x); i++) {
      uint32_t n = terms_of(s, node_child(s, x, i));
      sums += n > MERGE_TERMS ? 2 : n > 1;
    }
    if (sums != 1) return x;
  } else if (op < OP_FIRST_USER || !(operator_at(s, op)->flags & OPF_CYCLIC) || terms_of(s, node_child(s, x, 0)) > MERGE_TERMS) {
    return x;
  }
  NodeId open = expand_once(s, x);
  if (!open) return 0;
  return node_op(s, open) == OP_SUM ? x : open;
}

/* Are all rules spent on x? They are on a leaf that is a part of something. */
static bool simple(const Store *s, NodeId x) {
  return node_at(s, x)->mark & MARK_IRREDUCIBLE || node_arity(s, x) == 0 || node_op(s, x) == OP_FUNCTION;
}

static bool parts_simple(const Store *s, NodeId x) {
  for (uint32_t i = 0; i < node_arity(s, x); i++)
    if (!simple(s, node_child(s, x, i))) return false;
  return true;
}

/* What nothing applies to is marked on the way, so that it is looked at once as long as the rules are the same. */
static NodeId simplify(Store *s, NodeId root) {
  Map *memo = map_take(s), *next = map_take(s); /* next: what a node was rewritten to, not yet simplified */
  Map *waits = map_take(s); /* for that: met again, it is part of what it was rewritten to, and stays as it is */
  Vec stack;
  vec_init(&stack);
  bool ok = memo && next && waits && vec_push(s, &stack, root);
  while (ok && stack.n) {
    NodeId x = stack.v[stack.n - 1];
    if (map_get(memo, x) || node_at(s, x)->mark & MARK_IRREDUCIBLE || node_op(s, x) == OP_FUNCTION) {
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
      if (simple(s, c) || map_get(memo, c)) continue;
      ready = false;
      ok = vec_push(s, &stack, c);
    }
    if (!ok || !ready) continue;
    y = rebuild(s, x, memo, s->attributes_act && oriented(s, x));
    if (y == x) y = apply_rules(s, RULE_SIMPLIFY, x);
    if (y == x) y = merged(s, x);
    NodeId z = y;
    while (z && z != x) z = map_get(next, z); /* back to x: two forms of equal rank */
    if (!y) ok = false;
    else if (z == x) {
      if (y == x && parts_simple(s, x)) ruleset_mark_irreducible(s, x);
      ok = map_put(s, memo, x, x);
      stack.n--;
    } else {
      ok = map_put(s, next, x, y);
    }
    ok = ok && store_step(s);
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
  if (node_at(s, root)->mark & MARK_IRREDUCIBLE) return root;
  bool before = s->attributes_act;
  attribute_mode(s, before || node_flags(s, root) & FLAG_ATTRIBUTE);
  NodeId r = simplify(s, root);
  attribute_mode(s, before);
  return r;
}

/* ------------------------------------------------------------------ expansion */

static NodeId term(Store *s, NodeId x, uint32_t i) {
  return node_op(s, x) == OP_SUM ? build_scale(s, node_child(s, x, 2 * i), node_child(s, x, 2 * i + 1)) : x;
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
      uint32_t n = terms_of(s, factors->v[i]);
      NodeId t = term(s, factors->v[i], rest % n);
      rest /= n;
      ok = t && vec_push(s, &pick, t);
    }
    NodeId t = !ok ? 0 : node_op(s, like) == OP_HADAMARD ? build_hadamard(s, pick.v, pick.n) : build_product(s, pick.v, pick.n);
    ok = t && vec_push(s, &out, t);
  }
  NodeId r = ok ? build_sum(s, out.v, out.n) : 0;
  vec_done(s, &out);
  vec_done(s, &pick);
  return r;
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
      bool power = node_op(s, c) == OP_POWER && number_get_int(s, power_exponent(s, c), &k) && k > 1 && k <= 4 && node_op(s, base) == OP_SUM;
      if (!power) {
        k = 1;
        base = c;
      }
      for (; ok && k > 0; k--) {
        count *= terms_of(s, base);
        ok = count <= EXPAND_TERMS && vec_push(s, &f, base);
      }
    }
    NodeId r = ok && count > 1 ? distribute(s, x, &f, count) : x;
    vec_done(s, &f);
    return s->status == STORE_OK ? r : 0;
  }
  if (op >= OP_FIRST_USER && operator_at(s, op)->flags & OPF_LINEAR)
    for (uint32_t i = 0; i < n; i++) {
      NodeId c[PARAM_MAX], a = node_child(s, x, i), sum = 0;
      if (!operator_at(s, op)->param[i].linear || node_op(s, a) != OP_SUM || terms_of(s, a) > EXPAND_TERMS) continue;
      for (uint32_t j = 0; j < n; j++) c[j] = node_child(s, x, j);
      for (uint32_t k = 0; k < terms_of(s, a); k++) {
        c[i] = term(s, a, k);
        NodeId t = build_operator(s, op, c, n);
        sum = sum ? build_add(s, sum, t) : t;
        if (!sum) return 0;
      }
      return sum;
    }
  return x;
}

NodeId expand_node(Store *s, NodeId root) {
  if (!root) return 0;
  Map *memo = map_take(s);
  Vec order;
  vec_init(&order);
  bool ok = memo && node_postorder(s, root, &order, node_is_function, NULL);
  for (uint32_t i = 0; ok && i < order.n; i++) {
    NodeId y = rebuild(s, order.v[i], memo, false);
    for (int again = 0; y && again < 4; again++) {
      NodeId z = expand_once(s, y);
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

/* ------------------------------------------------------------------ the size of what is printed */

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

static uint32_t is_transposed(const Store *s, NodeId x) { return node_op(s, power_base(s, x)) == OP_TRANSPOSE; }

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
        if (node_op(s, f) == OP_POWER && number_sign(s, s->one) && node_scalar(s, f) && node_number(s, power_exponent(s, f)) &&
            number_sign(s, power_exponent(s, f)) < 0)
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
      cost = known_cost(s, node_child(s, x, 0)) + (e == s->minus_one ? 1 : e == s->half ? 1 : 1 + known_cost(s, e));
      break;
    }
    case OP_HADAMARD:
      for (uint32_t i = 0; i < n; i++) {
        NodeId f = node_child(s, x, i);
        cost += known_cost(s, f) - (node_op(s, f) == OP_ELPOWER && node_child(s, f, 1) == s->minus_one);
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
      cost = op >= OP_FIRST_USER && operator_at(s, op)->flags & OPF_AVOID ? AVOID_COST : 1;
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
    uint32_t before = stack.n, n = node_op(s, y) == OP_FUNCTION || map_get(&s->costs, y) ? 0 : node_arity(s, y);
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

/* ------------------------------------------------------------------ the choice */

/* What need not be looked at for sums: what holds none, and the sums that were in the input. */
static bool is_kept(const Store *s, NodeId id, void *data) {
  return !(node_flags(s, id) & FLAG_SUM) || node_op(s, id) == OP_FUNCTION || map_get(data, id) != 0;
}

/* Does x hold a sum below a product or linear operator, so that expanding it may lead elsewhere? Not if every sum in it
   stood in the input: those are left as written. */
static bool worth_expanding(Store *s, NodeId x, Map *kept) {
  Vec order;
  vec_init(&order);
  bool ok = node_postorder(s, x, &order, is_kept, kept), inner = false, other = false;
  for (uint32_t i = 0; ok && i < order.n; i++) {
    NodeId y = order.v[i];
    uint32_t op = node_op(s, y);
    if (op == OP_SUM) {
      other = true;
      for (uint32_t j = 1; j < node_arity(s, y); j += 2) inner = inner || map_get(kept, node_child(s, y, j));
      continue;
    }
    if (op < OP_PRODUCT || op == OP_TRANSPOSE) continue;
    for (uint32_t j = 0; j < node_arity(s, y); j++)
      inner = inner || node_op(s, power_base(s, node_child(s, y, j))) == OP_SUM;
  }
  vec_done(s, &order);
  return ok && inner && other;
}

static NodeId collect_and_simplify(Store *s, NodeId x, const Map *kept) {
  NodeId y = factor_collect(s, x, kept);
  for (int again = 0; y && again < 3; again++) {
    NodeId z = simplify_node(s, y);
    if (z == y) break;
    y = z ? factor_collect(s, z, kept) : 0;
  }
  return y;
}

/* The shortest form of x, which is simplified and holds a sum. */
static NodeId collected(Store *s, NodeId x, Map *kept) {
  NodeId best = collect_and_simplify(s, x, kept);
  if (!best) return 0;
  uint32_t cost = cost_node(s, best);
  if (cost_node(s, x) < cost) {
    best = x;
    cost = cost_node(s, x);
  }
  if (cost > EXPAND_COST) return best;
  if (!worth_expanding(s, x, kept)) return s->status == STORE_OK ? best : 0;
  NodeId open = expand_node(s, x);
  if (open && open != x) open = simplify_node(s, open);
  if (open && open != x) open = collect_and_simplify(s, open, kept);
  if (!open) return 0;
  return cost_node(s, open) < cost ? open : best;
}

static NodeId textbook(Store *s, NodeId x, NodeId input) {
  x = simplify_node(s, x);
  if (!x || !(node_flags(s, x) & FLAG_SUM)) return x; /* nothing to collect, nothing to expand */
  Map *kept = factor_sums(s, input);
  NodeId r = kept ? collected(s, x, kept) : 0;
  map_give(s, kept);
  return r;
}

NodeId textbook_form(Store *s, NodeId x, NodeId input) {
  if (!x) return 0;
  attribute_mode(s, node_flags(s, x) & FLAG_ATTRIBUTE);
  NodeId r = textbook(s, x, input);
  attribute_mode(s, false);
  return r;
}
