/* sum.h: sums under way. A sum is made from pairs of number and term: c_1, t_1, c_2, .. */
#ifndef SUM_H
#define SUM_H

#include "core/node.h"

/* Put number*a as pairs behind those of a sum under way. */
bool sum_add(Store *s, Vec *pairs, NodeId number, NodeId a);
/* The sum of the pairs, which are used up. */
NodeId sum_finish(Store *s, Vec *pairs, DimId rows, DimId cols);

#endif
