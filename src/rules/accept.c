/* accept.c: the questions that every new rewrite rule has to pass, in one walk over its sides. Who
** asks has the words for what is wrong (nabla.rules.refusals). */
#include "rules/accept.h"

#include "rules/apply.h"
#include "rules/free_names.h"

/* How much heavier than its left side a right side may be. */
enum { MOST_GROWTH = 4 };

/* What there is in a left side. */
typedef struct {
  uint32_t variables, sums, differentials;
} Content;

static bool look(Store *s, NodeId x, Content *c) {
  Vec all;
  vec_init(&all);
  bool ok = node_postorder(s, x, &all, NULL, NULL);
  for (uint32_t i = 0; ok && i < all.n; i++) {
    uint32_t op = node_op(s, all.v[i]);
    c->variables += op == OP_VARIABLE;
    c->sums += op == OP_COUNTED_SUM;
    c->differentials += op == OP_DIFF;
  }
  vec_done(s, &all);
  return ok;
}

static bool has_differential(Store *s, NodeId x) {
  Vec found;
  vec_init(&found);
  bool has = !node_find_all(s, x, OP_DIFF, &found) || found.n > 0;
  vec_done(s, &found);
  return has;
}

static bool has_operator(Store *s, NodeId lhs, bool differential) {
  uint32_t op = node_op(s, lhs);
  if (op == OP_VARIABLE || op == OP_NUMBER || op == OP_SYMBOL) return false;
  return !differential ||
         (node_arity(s, lhs) > 0 && node_op(s, node_child(s, lhs, 0)) != OP_VARIABLE);
}

static bool binds_all(Store *s, NodeId lhs, NodeId rhs) {
  Vec names;
  vec_init(&names);
  bool ok = free_names(s, rhs, lhs, &names) && names.n == 0;
  vec_done(s, &names);
  return ok;
}

bool accept_rewrite(Store *s, RuleKind kind, NodeId lhs, NodeId rhs, bool grows,
                    uint32_t *variables) {
  bool differential = kind == RULE_DIFFERENTIAL || kind == RULE_STEP;
  if (lhs == rhs || !has_operator(s, lhs, differential)) return false;
  if (!differential && !grows && node_at(s, rhs)->weight > node_at(s, lhs)->weight + MOST_GROWTH)
    return false;
  Content c = {0, 0, 0};
  if (!look(s, lhs, &c) || c.sums > 0) return false;
  if (!differential && (c.differentials > 0 || has_differential(s, rhs))) return false;
  *variables = c.variables;
  return binds_all(s, lhs, rhs) && apply_find(s, kind, lhs) == 0;
}
