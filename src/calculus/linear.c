/* linear.c: a differential, linear in a tangent, is read as a gradient, a Jacobian or a matrix of
** blocks. All calculus is in the rules: here is only the order of work, down from the result for
** cotangents, up from the tangent for the others. */
#include "calculus/linear.h"

#include "algebra/build.h"
#include "algebra/counted.h"
#include "algebra/joint.h"
#include "algebra/operator.h"
#include "rules/condition.h"
#include "rules/instantiate.h"

static bool passive(const Store *s, NodeId x, void *data) {
  (void)data;
  return !(node_flags(s, x) & FLAG_TANGENT);
}

static bool active(const Store *s, NodeId x) { return (node_flags(s, x) & FLAG_TANGENT) != 0; }

/* scalar times the children `from` to `to` of a product; the identity of size n if there are
   none. */
static NodeId part(Store *s, NodeId x, uint32_t from, uint32_t to, NodeId scalar, DimId n) {
  Vec v;
  vec_init(&v);
  bool ok = vec_push(s, &v, scalar);
  if (from == to) ok = ok && vec_push(s, &v, build_identity(s, n));
  for (uint32_t i = from; ok && i < to; i++) ok = vec_push(s, &v, node_child(s, x, i));
  NodeId r = ok ? build_product(s, v.v, v.n) : 0;
  vec_done(s, &v);
  return r;
}

static bool set(Match *m, NodeId variable, NodeId value) {
  Store *s = m->s;
  if (!value) return false;
  m->var[node_words(s, variable)[2]] = value;
  NameId r = dim_get_name(s, node_rows(s, variable)), c = dim_get_name(s, node_cols(s, variable));
  return (!r || dimenv_bind(&m->dims, r, node_rows(s, value))) &&
         (!c || dimenv_bind(&m->dims, c, node_cols(s, value)));
}

/* Match a product, seen from its active factor, with P*X*Q or a*X. */
static bool match_factor(Match *m, const Rule *r, NodeId x) {
  Store *s = m->s;
  uint32_t n = node_arity(s, x), at = n, i;
  for (i = 0; i < n; i++)
    if (active(s, node_child(s, x, i))) {
      if (at < n) return false;
      at = i;
    }
  NodeId factor = node_child(s, x, at), self, pattern = r->lhs;
  ProductView p = view_product(s, pattern, &self);
  const NodeId *c = node_children(s, pattern);
  bool scalar = node_scalar(s, factor);
  /* A*X*B */
  if (p.links == 3 && p.scalars == 0 && !scalar && node_words(s, c[2])[2] == r->active) {
    NodeId front = s->one;
    uint32_t first = 0;
    while (first < n && node_scalar(s, node_child(s, x, first)))
      front = build_mul(s, front, node_child(s, x, first++));
    return set(m, c[2], factor) &&
           set(m, c[1], part(s, x, first, at, front, node_rows(s, factor))) &&
           set(m, c[3], part(s, x, at + 1, n, s->one, node_cols(s, factor)));
  }
  /* a*X by a */
  if (p.links == 1 && p.scalars == 1 && scalar && node_words(s, c[1])[2] == r->active) {
    Vec v;
    vec_init(&v);
    bool ok = true;
    for (i = 0; ok && i < n; i++) ok = i == at || vec_push(s, &v, node_child(s, x, i));
    ok = ok && set(m, c[1], factor) && set(m, c[2], build_product(s, v.v, v.n));
    vec_done(s, &v);
    return ok;
  }
  return false;
}

/* A Hadamard product, seen from its active factor, with M.*X. */
static bool match_entries(Match *m, const Rule *r, NodeId x) {
  Store *s = m->s;
  const NodeId *c = node_children(s, r->lhs);
  if (node_arity(s, r->lhs) != 2 || node_op(s, c[0]) != OP_VARIABLE ||
      node_op(s, c[1]) != OP_VARIABLE)
    return false;
  bool first = node_words(s, c[0])[2] == r->active, found = false, ok = true;
  Vec v;
  vec_init(&v);
  for (uint32_t i = 0; ok && i < node_arity(s, x); i++) {
    NodeId f = node_child(s, x, i);
    if (!active(s, f)) ok = vec_push(s, &v, f);
    else ok = !found && (found = set(m, c[!first], f));
  }
  ok = ok && found && v.n && set(m, c[first], build_hadamard(s, v.v, v.n));
  vec_done(s, &v);
  return ok;
}

static bool bind_sizes(Match *m, const Rule *r, NodeId tangent) {
  return (!r->size[0] || dimenv_bind(&m->dims, r->size[0], node_rows(m->s, tangent))) &&
         (!r->size[1] || dimenv_bind(&m->dims, r->size[1], node_cols(m->s, tangent)));
}

static NodeId no_linear_rule(Store *s, const char *kind, NodeId x) {
  uint32_t op = node_op(s, x);
  const char *name = op == OP_PRODUCT ? "a product" : operator_name(s, op);
  if (op < OP_FIRST_USER) return store_fail(s, STORE_RULE, "no %s rule for %s", kind, name);
  return store_fail(s, STORE_RULE, "no %s rule for %s; a rule file states one: %s %s(..)  %s -> ..",
                    kind, name, kind, name,
                    kind[0] == 'a'   ? "Y"
                    : kind[0] == 'j' ? "J"
                                     : "Z(h,w)");
}

/* How a linear graph is read: by rules of one kind, with the Jacobians or blocks known so far. */
typedef struct {
  Store *s;
  RuleKind kind;
  NodeId tangent;
  const Map *known; /* of cotangents NULL: they are given */
  uint32_t at; /* the argument of a jointly linear operator that counts; of others 0 */
} Reading;

/* Is the rule r about the one active argument of x, or about that argument of a jointly linear
   operator that is being read? */
static bool about_active(const Reading *by, const Rule *r, const Match *m, NodeId x) {
  Store *s = by->s;
  if (is_joint(s, x)) {
    NodeId v = node_child(s, r->lhs, by->at);
    return node_op(s, v) == OP_VARIABLE && node_words(s, v)[2] == r->active;
  }
  for (uint32_t j = 0; j < RULE_VARIABLES; j++)
    if (m->var[j] && active(s, m->var[j]) != (j == r->active)) return false;
  return true;
}

/* Apply the adjoint, jacobian or block rule that fits x, to the cotangent of x or to what is known
   of *inner, the active argument (0 comes back if nothing is); 0, and *inner as it was, if no rule
   fits. */
static NodeId apply_linear_rule(const Reading *by, NodeId x, NodeId cotangent, NodeId *inner) {
  Store *s = by->s;
  RuleKind kind = by->kind;
  uint32_t n, op = node_op(s, x);
  const uint32_t *list = ruleset_list(s, kind, op, &n);
  for (uint32_t i = 0; i < n; i++) {
    const Rule *r = ruleset_at(s, list[i]);
    Match m;
    if (r->cotangent == NO_VARIABLE) continue;
    if (op == OP_PRODUCT || op == OP_HADAMARD) {
      match_begin(&m, s, r, x);
      if (!(op == OP_PRODUCT ? match_factor(&m, r, x) : match_entries(&m, r, x))) continue;
    } else if (!condition_match(&m, s, r, r->lhs, x, false)) {
      continue;
    } else if (!about_active(by, r, &m, x)) {
      continue;
    }
    if (s->status != STORE_OK) return 0;
    if (kind == RULE_BLOCK && !bind_sizes(&m, r, by->tangent)) return 0;
    *inner = m.var[r->active];
    m.var[r->cotangent] = kind == RULE_ADJOINT ? cotangent : map_get(by->known, *inner);
    uint32_t serial = r->serial;
    NodeId made = m.var[r->cotangent] ? instantiate_node(&m, r->rhs) : 0;
    if (s->logging && made &&
        (!vec_push(s, &s->log, serial) || !vec_push(s, &s->log, x) || !vec_push(s, &s->log, made)))
      return 0;
    return made;
  }
  return 0;
}

/* Cotangents on their way down: for each node a list of those that wait, as links value, next. */
typedef struct Pull Pull;
struct Pull {
  Store *s;
  Map *waiting;
  Vec parts;
  NodeId counted; /* the counted sum whose terms are pulled through; 0: the whole graph */
  Pull *outer;
};

static bool wait_for(Pull *p, NodeId x, NodeId cotangent) {
  uint32_t at = p->parts.n;
  return cotangent && vec_push(p->s, &p->parts, cotangent) &&
         vec_push(p->s, &p->parts, map_get(p->waiting, x)) && map_put(p->s, p->waiting, x, at);
}

/* Pull y down from root. Inside a counted sum, what reaches a node without its counter is summed up
   and waits there for the graph around it. That nests as deep as the sums do (COUNTED_NESTED).
   Returns what reaches the tangent, or 0. */
static NodeId pull_through(Pull *p, NodeId root, NodeId tangent, NodeId y) {
  Store *s = p->s;
  Vec order, sum;
  vec_init(&order);
  vec_init(&sum);
  vec_init(&p->parts);
  p->waiting = map_take(s);
  NameId counter = p->counted ? node_words(s, p->counted)[0] : 0;
  NodeId result = 0;
  bool ok = p->waiting && node_postorder(s, root, &order, passive, NULL) &&
            vec_push(s, &p->parts, 0) && vec_push(s, &p->parts, 0) && wait_for(p, root, y);
  for (uint32_t i = order.n; ok && i-- > 0;) {
    NodeId x = order.v[i];
    uint32_t link = map_get(p->waiting, x);
    if (!link) continue; /* cancelled on the way */
    sum.n = 0;
    for (; ok && link; link = p->parts.v[link + 1]) ok = vec_push(s, &sum, p->parts.v[link]);
    NodeId total = ok ? build_sum(s, sum.v, sum.n) : 0;
    ok = total != 0;
    if (!ok) break;
    if (counter && !counted_holds(s, x, counter)) {
      ok = wait_for(p->outer, x, counted_with_body(s, p->counted, total));
    } else if (x == tangent) {
      result = total;
    } else if (node_op(s, x) == OP_SUM) {
      for (uint32_t j = 0; ok && j < node_arity(s, x); j += 2) {
        NodeId t = node_child(s, x, j + 1);
        if (active(s, t)) ok = wait_for(p, t, build_scale(s, node_child(s, x, j), total));
      }
    } else if (node_op(s, x) == OP_COUNTED_SUM) {
      Pull inner = {s, NULL, {0}, x, p};
      pull_through(&inner, node_child(s, x, 2), tangent, total);
      ok = s->status == STORE_OK;
    } else {
      Reading by = {s, RULE_ADJOINT, tangent, NULL, 0};
      uint32_t last = is_joint(s, x) ? node_arity(s, x) : 1;
      for (; ok && by.at < last; by.at++) {
        if (last > 1 && !active(s, node_child(s, x, by.at))) continue;
        NodeId inner = 0, c = apply_linear_rule(&by, x, total, &inner);
        if (!inner && s->status == STORE_OK) no_linear_rule(s, "adjoint", x);
        ok = c && wait_for(p, inner, c);
      }
    }
  }
  vec_done(s, &order);
  vec_done(s, &sum);
  vec_done(s, &p->parts);
  map_give(s, p->waiting);
  return ok ? result : 0;
}

NodeId linear_pull(Store *s, NodeId linear, NodeId tangent, NodeId y) {
  if (!linear || !tangent || !y) return 0;
  NodeId result = 0;
  if (active(s, linear)) {
    Pull p = {s, NULL, {0}, 0, NULL};
    result = pull_through(&p, linear, tangent, y);
  }
  if (!result && s->status == STORE_OK)
    result = build_zeros(s, node_rows(s, tangent), node_cols(s, tangent));
  return result;
}

/* The Jacobian or block form of a jointly linear operator, the sum over its active arguments: *need
   is one that is not known yet, or 0. */
static NodeId read_each_argument(Reading *by, NodeId x, NodeId *need) {
  Store *s = by->s;
  Vec sum;
  vec_init(&sum);
  bool ok = true;
  *need = 0;
  for (by->at = 0; ok && !*need && by->at < node_arity(s, x); by->at++) {
    NodeId argument = node_child(s, x, by->at), inner = 0;
    if (!active(s, argument)) continue;
    if (!map_get(by->known, argument)) *need = argument;
    else {
      NodeId part = apply_linear_rule(by, x, 0, &inner);
      if (!inner && s->status == STORE_OK)
        no_linear_rule(s, by->kind == RULE_BLOCK ? "block" : "jacobian", x);
      ok = part && vec_push(s, &sum, part);
    }
  }
  NodeId r = ok && !*need ? build_sum(s, sum.v, sum.n) : 0;
  vec_done(s, &sum);
  return r;
}

NodeId linear_jacobian(Store *s, NodeId linear, NodeId tangent) {
  if (!linear || !tangent) return 0;
  DimId size = dim_mul(s, node_rows(s, tangent), node_cols(s, tangent));
  if (!active(s, linear))
    return build_zeros(s, dim_mul(s, node_rows(s, linear), node_cols(s, linear)), size);
  Vec order, sum;
  Map *jacobian = map_take(s);
  vec_init(&order);
  vec_init(&sum);
  bool ok = jacobian && node_postorder(s, linear, &order, passive, NULL);
  for (uint32_t i = 0; ok && i < order.n; i++) {
    NodeId x = order.v[i], inner = 0, j = 0;
    if (x == tangent) j = build_identity(s, size);
    else if (node_op(s, x) == OP_SUM) {
      sum.n = 0;
      for (uint32_t k = 0; ok && k < node_arity(s, x); k += 2) {
        NodeId t = node_child(s, x, k + 1);
        if (active(s, t))
          ok = vec_push(s, &sum, build_scale(s, node_child(s, x, k), map_get(jacobian, t)));
      }
      j = ok ? build_sum(s, sum.v, sum.n) : 0;
    } else if (node_op(s, x) == OP_COUNTED_SUM) {
      j = counted_with_body(s, x, map_get(jacobian, node_child(s, x, 2)));
    } else if (is_joint(s, x)) {
      j = read_each_argument(&(Reading){s, RULE_JACOBIAN, tangent, jacobian, 0}, x, &inner);
    } else {
      j = apply_linear_rule(&(Reading){s, RULE_JACOBIAN, tangent, jacobian, 0}, x, 0, &inner);
      if (!inner && s->status == STORE_OK) no_linear_rule(s, "jacobian", x);
    }
    ok = j && map_put(s, jacobian, x, j);
  }
  NodeId r = ok ? map_get(jacobian, linear) : 0;
  vec_done(s, &order);
  vec_done(s, &sum);
  map_give(s, jacobian);
  return r;
}

/* ---------------------------------------- the block form */

/* A block rule in the tangent itself; *found tells whether there is one. */
static NodeId block_of_tangent(Store *s, NodeId x, NodeId tangent, bool *found) {
  uint32_t n;
  const uint32_t *list = ruleset_list(s, RULE_BLOCK, node_op(s, x), &n);
  *found = false;
  for (uint32_t i = 0; i < n; i++) {
    const Rule *r = ruleset_at(s, list[i]);
    Match m;
    if (r->cotangent != NO_VARIABLE || !condition_match(&m, s, r, r->lhs, x, false)) continue;
    bool fits = m.var[r->active] == tangent;
    for (uint32_t j = 0; j < RULE_VARIABLES; j++)
      if (m.var[j] && j != r->active && active(s, m.var[j])) fits = false;
    if (!fits) continue;
    *found = true;
    return instantiate_node(&m, r->rhs);
  }
  return 0;
}

/* What no other block rule takes apart: by the rule that reads the block form off the Jacobian. */
NodeId linear_block_by_jacobian(Store *s, NodeId x, NodeId tangent) {
  uint32_t n;
  const uint32_t *list = ruleset_list(s, RULE_BLOCK, OP_FREE, &n);
  if (n == 0) return no_linear_rule(s, "block", x);
  NodeId j = linear_jacobian(s, x, tangent);
  if (!j) return 0;
  const Rule *r = ruleset_at(s, list[0]);
  Match m;
  if (!condition_match(&m, s, r, r->lhs, x, false) || !bind_sizes(&m, r, tangent))
    return no_linear_rule(s, "block", x);
  m.var[r->cotangent] = j;
  return instantiate_node(&m, r->rhs);
}

/* The block form of x; 0 with *need set if that of *need must be known first. */
static NodeId block_one(Store *s, NodeId x, NodeId tangent, const Map *known, NodeId *need) {
  bool found;
  *need = 0;
  if (node_scalar(s, x)) return linear_pull(s, x, tangent, s->one); /* its gradient */
  NodeId b = block_of_tangent(s, x, tangent, &found), inner = 0;
  if (found || s->status != STORE_OK) return b;
  if (node_op(s, x) == OP_COUNTED_SUM) {
    *need = node_child(s, x, 2);
    b = map_get(known, *need);
    return b ? counted_with_body(s, x, b) : 0;
  }
  if (is_joint(s, x)) {
    b = read_each_argument(&(Reading){s, RULE_BLOCK, tangent, known, 0}, x, need);
    return b || *need || s->status != STORE_OK ? b : linear_block_by_jacobian(s, x, tangent);
  }
  if (node_op(s, x) != OP_SUM) {
    b = apply_linear_rule(&(Reading){s, RULE_BLOCK, tangent, known, 0}, x, 0, &inner);
    if (b || s->status != STORE_OK) return b;
    *need = inner;
    return inner ? 0 : linear_block_by_jacobian(s, x, tangent);
  }
  Vec sum;
  vec_init(&sum);
  bool ok = true;
  for (uint32_t k = 0; ok && k < node_arity(s, x) && !*need; k += 2) {
    NodeId t = node_child(s, x, k + 1);
    if (!active(s, t)) continue;
    if (!map_get(known, t)) *need = t;
    else ok = vec_push(s, &sum, build_scale(s, node_child(s, x, k), map_get(known, t)));
  }
  b = ok && !*need ? build_sum(s, sum.v, sum.n) : 0;
  vec_done(s, &sum);
  return b;
}

NodeId linear_block(Store *s, NodeId linear, NodeId tangent) {
  if (!linear || !tangent) return 0;
  if (!active(s, linear))
    return build_zeros(s, dim_mul(s, node_rows(s, tangent), node_rows(s, linear)),
                       dim_mul(s, node_cols(s, tangent), node_cols(s, linear)));
  Vec stack;
  Map *known = map_take(s);
  vec_init(&stack);
  bool ok = known && vec_push(s, &stack, linear);
  while (ok && stack.n) {
    NodeId x = stack.v[stack.n - 1], need = 0;
    NodeId b = map_get(known, x) ? map_get(known, x) : block_one(s, x, tangent, known, &need);
    if (b) {
      stack.n--;
      ok = map_put(s, known, x, b);
    } else {
      ok = need && s->status == STORE_OK && vec_push(s, &stack, need);
    }
  }
  NodeId r = ok ? map_get(known, linear) : 0;
  vec_done(s, &stack);
  map_give(s, known);
  return r;
}
