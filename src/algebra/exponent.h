/* exponent.h: what may be done with an exponent that is no number. */
#ifndef EXPONENT_H
#define EXPONENT_H

#include "core/node.h"

/* Is the exponent e of a matrix a whole number; a natural number? A polynomial with integer
   coefficients in names and counters counts as whole. It counts as negative if all of its terms but
   a number are negative, as -n + 1 is. */
bool exponent_whole(const Store *s, NodeId e);
bool exponent_natural(const Store *s, NodeId e);
/* Is (x^k)^e = x^(k*e)? For whole e, and where x^k has a real e-th power only if x is positive. */
bool exponent_multiplies(const Store *s, NodeId k, NodeId e);

#endif
