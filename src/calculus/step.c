/* step.c: one step of a derivation. The rule is one that an identity states, where that is asked
** for, one for steps, or the one that forward.c applies: conditions ask for the differentials that
** are known, but the right side shows them as d(..). */
#include "calculus/step.h"

#include "algebra/build.h"
#include "calculus/forward.h"
#include "rules/condition.h"
#include "rules/instantiate.h"

static NodeId known(Match *m, NodeId e) {
  const StepBy *by = m->data;
  return forward_differential(m->s, e, by->x, by->dx);
}

static NodeId shown(Match *m, NodeId e) {
  NodeId d = known(m, e);
  return !d || node_zero(m->s, d) ? d : build_diff(m->s, e);
}

/* The first rule of a kind that gives d(e), and its match; 0: an error, or there is none. */
static uint32_t rule_of_kind(Store *s, RuleKind kind, NodeId e, StepBy *by, Match *m) {
  uint32_t n;
  const uint32_t *list = ruleset_list(s, kind, node_op(s, e), &n);
  for (uint32_t i = 0; i < n; i++) {
    const Rule *r = ruleset_at(s, list[i]);
    uint32_t serial = r->serial;
    if (condition_match(m, s, r, node_child(s, r->lhs, 0), e, false)) {
      m->differential = known;
      m->data = by;
      if (condition_all_hold(m)) return serial;
    }
    if (s->status != STORE_OK) return 0;
  }
  return 0;
}

/* The rule for d(e), and its match; 0: an error, or none is needed. */
static uint32_t rule_for(Store *s, NodeId e, StepBy *by, Match *m) {
  NodeId d = forward_differential(s, e, by->x, by->dx);
  if (!d || node_zero(s, d) || e == by->x) return 0;
  uint32_t serial = by->identities ? rule_of_kind(s, RULE_IDENTITY, e, by, m) : 0;
  if (!serial && s->status == STORE_OK) serial = rule_of_kind(s, RULE_STEP, e, by, m);
  if (!serial && s->status == STORE_OK) serial = forward_rule(s, e, by->x, by->dx, m);
  return serial;
}

bool step_rule(Store *s, NodeId e, const StepBy *by, uint32_t *serial, bool *each, Vec *bound) {
  Match m;
  StepBy own = *by;
  *serial = rule_for(s, e, &own, &m);
  *each = *serial && ruleset_at(s, *serial)->derivation;
  bound->n = 0;
  for (uint32_t i = 0; *serial && !*each && i < RULE_VARIABLES; i++)
    if (!vec_push(s, bound, m.var[i])) return false;
  return s->status == STORE_OK;
}

NodeId step_apply(Store *s, NodeId e, const StepBy *by, const NodeId *bound) {
  Match m;
  StepBy own = *by;
  uint32_t serial = rule_for(s, e, &own, &m);
  if (!serial || ruleset_at(s, serial)->derivation)
    return s->status == STORE_OK ? store_fail(s, STORE_RULE, "no rule gives d(..) as a whole") : 0;
  for (uint32_t i = 0; i < RULE_VARIABLES; i++)
    if (m.var[i] && bound[i]) m.var[i] = bound[i];
  m.differential = shown;
  m.data = &own;
  return instantiate_node(&m, ruleset_at(s, serial)->rhs);
}
