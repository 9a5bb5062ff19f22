/* applied.h: applied operators, what is no constructor. */
#ifndef APPLIED_H
#define APPLIED_H

#include "core/node.h"

/* An operator of two arguments that is associative, applied to a list: nested to the right, in node
   order where it commutes. The list is used up. */
NodeId applied_nested(Store *s, uint32_t op, Vec *leaves);

#endif
