/* round.h: rules that move a factor of a scalar product there and back. A scalar product is the
   same as its transpose, and the constructors keep one of the two. So a rule that moves K to the
   right may go round: x'*K*B*y -> x'*B'*K*y, kept as y'*K*B*x. All forms of a round are equal;
   the least by the order of nodes stays. */
#ifndef ROUND_H
#define ROUND_H

#include "rules/ruleset.h"

/* A scalar product that is being rewritten. */
struct Round {
  NodeId x;
  uint32_t rule, barred; /* the rule that is applied to x; the one that is not applied; 0: none */
  bool closed;           /* x has been made again from itself */
  struct Round *outer;
};

/* The algebra rules on a node, as apply_rules does. */
NodeId round_apply(Store *s, NodeId x);
/* The round of x, to which rules of a kind are applied; NULL: it is none. */
struct Round *round_of(Store *s, RuleKind kind, NodeId x);

#endif
