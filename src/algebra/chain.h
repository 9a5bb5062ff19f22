/* chain.h: chains of matrices that are 1 x 1, and the choice between a chain and its transpose. */
#ifndef CHAIN_H
#define CHAIN_H

#include "core/node.h"

/* Which of two chains of n links is kept: below 0 the first, above 0 the second. The chain with
   fewer transposes is kept, otherwise the first in node order. */
int chain_order(const Store *s, const NodeId *a, const NodeId *b, uint32_t n);
/* A chain is sign times its transpose; `order` is that of the two. Is it x = sign*x for another
   sign than 1, so that x is zero: a skew form? */
bool chain_vanishes(const Store *s, int order, NodeId sign);
/* The scalar that a 1 x 1 chain of n links is. */
NodeId chain_scalar(Store *s, const NodeId *c, uint32_t n);
/* The sum of the entries of a Hadamard product of columns as u'*v, all its factors in one pool and
   one plain factor on the left; 0 without an error where there is no such form. */
NodeId chain_pool(Store *s, NodeId h);

#endif
