/* forward.h: differentials by the rules d(..) -> .. */
#ifndef FORWARD_H
#define FORWARD_H

#include "rules/match.h"

/* The differential of f when x (a symbol) changes by dx: linear in dx. dx is a tangent of the shape
   of x, or 1 for a scalar x. Fails with STORE_RULE, naming what has no rule. */
NodeId forward_differential(Store *s, NodeId f, NodeId x, NodeId dx);
/* The rule by which forward_differential finds d(e), and in m its match; 0: an error, or d(e) is
   zero or dx itself. A rule that goes operand by operand has no match. */
uint32_t forward_rule(Store *s, NodeId e, NodeId x, NodeId dx, Match *m);
/* Forget differentials kept from earlier calls. */
void forward_forget(Store *s);
void forward_close(Store *s);

#endif
