/* step.h: one step of a derivation: d(e) by one rule, the differentials of its parts left as
   d(..). */
#ifndef STEP_H
#define STEP_H

#include "core/node.h"
#include "core/vec.h"

/* The rule that gives d(e) when x changes by dx: its number, 0 if d(e) is zero or dx itself;
   *each, whether it goes operand by operand; else in *bound what its variables stand for, 0 for
   one that is not in the pattern. False: an error. */
bool step_rule(Store *s, NodeId e, NodeId x, NodeId dx, uint32_t *serial, bool *each, Vec *bound);
/* The right side of that rule with other nodes for its variables, of the same shapes; every
   d(..) in it stays as it is, but for those that are zero. */
NodeId step_apply(Store *s, NodeId e, NodeId x, NodeId dx, const NodeId *bound, uint32_t n);

#endif
