/* textbook.h: from a correct expression to the one that a textbook prints. */
#ifndef TEXTBOOK_H
#define TEXTBOOK_H

#include "core/node.h"

/* The shortest form found of x, the derivative of `input` (0: of nothing): sums of the input stay
   as they are. */
NodeId textbook_form(Store *s, NodeId x, NodeId input);

#endif
