/* instance.c: every way in which a rule matches. */
#include "rules/instance.h"

#include "rules/condition.h"
#include "rules/instantiate.h"

bool instance_push(Match *m, Vec *out) {
  Store *s = m->s;
  const Rule *r = m->rule;
  bool ok = vec_push(s, out, r->serial);
  for (uint32_t i = 0; ok && i < RULE_VARIABLES; i++) ok = vec_push(s, out, m->var[i]);
  for (uint32_t i = 0; ok && i < RULE_CONDITIONS; i++) {
    for (int j = 0; ok && j < 2; j++) {
      NodeId arg = i < r->conditions ? r->condition[i].arg[j] : 0;
      NodeId value = arg ? instantiate_node(m, arg) : 0;
      ok = (!arg || value) && vec_push(s, out, value);
    }
  }
  return ok;
}

/* A match that gathers instances. */
typedef struct {
  Match match; /* first, so that it is found from the match */
  Vec *out;
  uint32_t found;
  bool failed;
} Gathering;

/* Keep the instance and ask for another. */
static bool gather(Match *m) {
  Gathering *g = (Gathering *)m;
  if (!condition_all_hold(m)) return false;
  g->failed = !instance_push(m, g->out);
  return g->failed || ++g->found == INSTANCE_MOST;
}

bool instance_all(Store *s, RuleKind kind, NodeId x, Vec *out) {
  for (int general = 0; general < 2; general++) {
    uint32_t n;
    ruleset_list(s, kind, general ? 0 : node_op(s, x), &n);
    for (uint32_t i = 0; i < n; i++) {
      /* the list may have moved while conditions were asked */
      const Rule *r = ruleset_at(s, ruleset_list(s, kind, general ? 0 : node_op(s, x), &n)[i]);
      Gathering g = {.out = out, .found = 0, .failed = false};
      match_pattern(&g.match, s, r, r->lhs, x, false, gather);
      if (g.failed || s->status != STORE_OK) return false;
    }
  }
  return true;
}
