/* forward.h: differentials by the rules d(..) -> .. */
#ifndef FORWARD_H
#define FORWARD_H

#include "core/node.h"

/* The differential of f when x (a symbol) changes by dx: linear in dx. dx is a tangent of the shape
   of x, or 1 for a scalar x. Fails with STORE_RULE, naming what has no rule. */
NodeId forward_differential(Store *s, NodeId f, NodeId x, NodeId dx);
/* Forget differentials kept from earlier calls. */
void forward_forget(Store *s);
void forward_close(Store *s);

#endif
