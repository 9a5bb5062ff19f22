/* step.c: one step of a derivation. The rule is one for steps, or the one that forward.c
** applies: conditions ask for the differentials that are known, but the right side shows them as
** d(..). */
#include "calculus/step.h"

#include "algebra/build.h"
#include "calculus/forward.h"
#include "rules/condition.h"
#include "rules/instantiate.h"

typedef struct {
  NodeId x, dx;
} Variable;

static NodeId known(Match *m, NodeId e) {
  const Variable *v = m->data;
  return forward_differential(m->s, e, v->x, v->dx);
}

static NodeId shown(Match *m, NodeId e) {
  NodeId d = known(m, e);
  return !d || node_zero(m->s, d) ? d : build_diff(m->s, e);
}

/* The rule for d(e), and its match; 0: an error, or none is needed. */
static uint32_t rule_for(Store *s, NodeId e, Variable *v, Match *m) {
  NodeId d = forward_differential(s, e, v->x, v->dx);
  if (!d || node_zero(s, d) || e == v->x) return 0;
  uint32_t n;
  const uint32_t *list = ruleset_list(s, RULE_STEP, node_op(s, e), &n);
  for (uint32_t i = 0; i < n; i++) {
    const Rule *r = ruleset_at(s, list[i]);
    if (condition_match(m, s, r, node_child(s, r->lhs, 0), e, false)) {
      m->differential = known;
      m->data = v;
      if (condition_all_hold(m)) return r->serial;
    }
    if (s->status != STORE_OK) return 0;
  }
  return forward_rule(s, e, v->x, v->dx, m);
}

bool step_rule(Store *s, NodeId e, NodeId x, NodeId dx, uint32_t *serial, bool *each, Vec *bound) {
  Match m;
  Variable v = {x, dx};
  *serial = rule_for(s, e, &v, &m);
  *each = *serial && ruleset_at(s, *serial)->derivation;
  bound->n = 0;
  for (uint32_t i = 0; *serial && !*each && i < RULE_VARIABLES; i++)
    if (!vec_push(s, bound, m.var[i])) return false;
  return s->status == STORE_OK;
}

NodeId step_apply(Store *s, NodeId e, NodeId x, NodeId dx, const NodeId *bound, uint32_t n) {
  Match m;
  Variable v = {x, dx};
  uint32_t serial = rule_for(s, e, &v, &m);
  if (!serial || ruleset_at(s, serial)->derivation)
    return s->status == STORE_OK ? store_fail(s, STORE_RULE, "no rule gives d(..) as a whole") : 0;
  for (uint32_t i = 0; i < n && i < RULE_VARIABLES; i++)
    if (m.var[i] && bound[i]) m.var[i] = bound[i];
  m.differential = shown;
  m.data = &v;
  return instantiate_node(&m, ruleset_at(s, serial)->rhs);
}
