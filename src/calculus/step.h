/* step.h: one step of a derivation: d(e) by one rule, the differentials of its parts left as
   d(..). */
#ifndef STEP_H
#define STEP_H

#include "core/node.h"
#include "core/vec.h"

/* What changes: x, by dx; may a rule that an identity states take the step? */
typedef struct {
  NodeId x, dx;
  bool identities;
} StepBy;

/* The rule that gives d(e): its number, 0 if d(e) is zero or dx itself; *each, whether it goes
   operand by operand; else in *bound what its variables stand for, 0 for one that is not in the
   pattern. False: an error. */
bool step_rule(Store *s, NodeId e, const StepBy *by, uint32_t *serial, bool *each, Vec *bound);
/* The right side of that rule with other nodes for its variables, of the same shapes; every
   d(..) in it stays as it is, but for those that are zero. bound: RULE_VARIABLES nodes, 0 for
   none. */
NodeId step_apply(Store *s, NodeId e, const StepBy *by, const NodeId *bound);

#endif
