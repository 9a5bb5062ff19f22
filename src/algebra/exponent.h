/* exponent.h: what may be done with an exponent that is no number. */
#ifndef EXPONENT_H
#define EXPONENT_H

#include "core/node.h"

/* Is the exponent e of a matrix a whole number, or one that is not negative? A polynomial with
   integer coefficients in names and counters stands for a whole number; it stands for one below 0
   if each of its terms but a number is negative. */
bool exponent_whole(const Store *s, NodeId e);
bool exponent_natural(const Store *s, NodeId e);
/* Is (x^k)^e = x^(k*e)? For whole e, and where x^k has a real e-th power only if x is positive. */
bool exponent_multiplies(const Store *s, NodeId k, NodeId e);

#endif
