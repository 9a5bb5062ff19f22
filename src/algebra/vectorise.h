/* vectorise.h: counted sums over all entries, as matrix expressions: the sum of x(i)*y(i) is
   x'*y. */
#ifndef VECTORISE_H
#define VECTORISE_H

#include "core/node.h"

/* The sum of body for counter = first, .., last as an expression without the counter, where the
   counter runs over all rows or columns of what the body takes entries of; 0 without an error where
   there is no such form. */
NodeId vectorise_counted(Store *s, NameId counter, NodeId first, NodeId last, NodeId body);

#endif
