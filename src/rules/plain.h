/* plain.h: a machine for rules that are as in a functional program: f(g(s), 0) -> h(f(s, 1)). */
#ifndef PLAIN_H
#define PLAIN_H

#include "rules/match.h"

/* Are all algebra rules for the operator such that plain_rewrite runs them? */
bool plain_is(Store *s, uint32_t op);
/* The node x of such an operator with the algebra rules applied to it and to all that their right
   sides make; 0 on failure. */
NodeId plain_rewrite(Store *s, NodeId x);
/* Is p made of scalar variables, numbers, and operators without properties? */
bool plain_is_pattern(const Store *s, NodeId p);
/* Match such a pattern, and note what its variables stand for. After a failure some are noted that
   were not before. */
bool plain_matches(Match *m, NodeId p, NodeId x);
/* Do all variables of p stand for something? */
bool plain_is_bound(const Match *m, NodeId p);
void plain_close(Store *s);

#endif
