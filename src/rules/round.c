/* round.c: the scalar products that are being rewritten, and what is made of those that are met
** again among them. */
#include "rules/round.h"

#include "core/order.h"
#include "rules/apply.h"
#include "rules/normalise.h"

struct Round *round_of(Store *s, RuleKind kind, NodeId x) {
  struct Round *r = s->rules->rounds;
  return r && r->x == x && kind == RULE_ALGEBRA ? r : NULL;
}

/* The least form of the round that ends at x, which is being rewritten; 0: x is not. */
static NodeId closed_at(Store *s, NodeId x) {
  NodeId least = x;
  for (struct Round *r = s->rules->rounds; r; r = r->outer) {
    if (order_compare(s, r->x, least) < 0) least = r->x;
    if (r->x != x) continue;
    r->closed = true;
    return s->rules->least = least;
  }
  return 0;
}

NodeId round_apply(Store *s, NodeId x) {
  struct RuleSet *t = s->rules;
  if (node_op(s, x) != OP_PRODUCT || !node_scalar(s, x)) return apply_rules(s, RULE_ALGEBRA, x);
  NodeId least = closed_at(s, x);
  if (least) return least;
  struct Round own = {.x = x, .outer = t->rounds};
  t->rounds = &own;
  NodeId r = apply_rules(s, RULE_ALGEBRA, x);
  least = t->least;
  if (own.closed || !r) t->least = 0;
  if (r && least && r != least) { /* the form is part of a larger one, and that of one .. */
    normalise_fail_endless(s, t->depth + 1);
    r = t->least = 0;
  } else if (r == x && own.closed) { /* the others may apply to it */
    own = (struct Round){.x = x, .barred = own.rule, .outer = own.outer};
    r = apply_rules(s, RULE_ALGEBRA, x);
  }
  t->rounds = own.outer;
  return r;
}
