/* normalise.h: the algebra rules applied to each node that is made. */
#ifndef NORMALISE_H
#define NORMALISE_H

#include "rules/ruleset.h"

/* The store's `normalise`: called by the constructors on each node that they make, it applies the
   algebra rules. */
NodeId normalise_node(Store *s, NodeId x);
/* Are so many rules applied, one inside the other, that the next has to wait, or to be refused?
   Then the store has failed. */
bool normalise_too_deep(Store *s);
/* For plain.c. What the rules make of x, as far as it is remembered: x, if none applies; 0: it is
   not. */
NodeId normalise_known(Store *s, NodeId x);
/* Remember it; false on failure. */
bool normalise_keep(Store *s, NodeId x, NodeId made);
/* May one more rule be applied inside of n others? If not, the store fails. */
bool normalise_waits(Store *s, uint32_t n);
/* The failure of rules that do not come to an end; false. */
bool normalise_fail_endless(Store *s, uint32_t times);

#endif
