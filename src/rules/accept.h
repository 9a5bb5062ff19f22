/* accept.h: is there nothing to say against a new rule? */
#ifndef ACCEPT_H
#define ACCEPT_H

#include "rules/ruleset.h"

/* May lhs -> rhs become a rewrite rule of this kind as it is? Then its left side is an operator, no
   rule applies to it already, it has all variables and sizes of the right side, holds no counted
   sum, and, but for a differential rule, neither side has a d(..) and the right side is not much
   heavier (or grows may be true: it is known to end). That a differential is linear is not asked.
   *variables: how many the left side has. False also where it takes a closer look to tell, and on
   failure. */
bool accept_rewrite(Store *s, RuleKind kind, NodeId lhs, NodeId rhs, bool grows,
                    uint32_t *variables);

#endif
