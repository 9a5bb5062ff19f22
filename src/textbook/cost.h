/* cost.h: how long an expression is when it is printed. */
#ifndef COST_H
#define COST_H

#include "core/node.h"

/* About how many symbols and operators x has when it is printed. Rewriting compares equal forms by
   this measure, which needs no printer: it decides what the textbook form is, and counts more for
   operators that a textbook avoids. The length of a text, for limits and for comparison with a
   textbook, is the printer's (print/forms.lua, cost). spec/cases/cost_spec.lua keeps both close. */
uint32_t cost_node(Store *s, NodeId x);

#endif
