/* joint.h: operators that are linear in all their arguments together, as a matrix of blocks is:
** a*f(A, B) is f(a*A, a*B), and f(A, B) + f(C, D) is f(A + C, B + D). */
#ifndef JOINT_H
#define JOINT_H

#include "algebra/operator.h"

static inline bool is_joint(const Store *s, NodeId x) {
  uint32_t op = node_op(s, x);
  return op >= OP_FIRST_USER && operator_at(s, op)->flags & OPERATOR_JOINTLY_LINEAR;
}

/* scalar*x for a joint x, the scalar inside; x nests too deep: a product. */
NodeId joint_scale(Store *s, NodeId scalar, NodeId x);
/* Has the first block of a joint x that is not zero a minus in front? */
bool joint_negative(Store *s, NodeId x);
/* Put joint terms of one operator and of arguments of the same shapes into one. pairs: numbers and
   terms, n pairs; how many are left, or UINT32_MAX without memory. */
uint32_t joint_merge(Store *s, NodeId *pairs, uint32_t n);

#endif
