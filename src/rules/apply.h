/* apply.h: applying rules. */
#ifndef APPLY_H
#define APPLY_H

#include "rules/ruleset.h"

/* The first rule of a kind that applies to x, or to terms or factors of it: the result, or x if
   none does. */
NodeId apply_rules(Store *s, RuleKind kind, NodeId x);
/* The first rule for products that applies to links which follow each other round the end of the
   product in the cyclic operator x, such as a trace: the result, or x if none does. */
NodeId apply_cyclic(Store *s, NodeId x);
/* x by this rule alone, at its top or, of a sum, product or cyclic operator, at a part of it; x if
   it does not apply. */
NodeId apply_one(Store *s, uint32_t serial, NodeId x);
/* The same by a rule that need not be one of the store's. */
NodeId apply_rule(Store *s, const Rule *r, NodeId x);
/* The number of the first rule of a kind whose left side is the whole of x; 0: none. */
uint32_t apply_find(Store *s, RuleKind kind, NodeId x);
/* The numbers of the rules of a kind that apply to the nodes below x, x included. */
bool apply_find_all(Store *s, RuleKind kind, NodeId x, Vec *out);

/* For plain.c: a step of the work under way begins, the rule applied to a node; it ends, and has
   made this of x. False on failure. */
void apply_begins(Store *s, uint32_t serial);
bool apply_ends(Store *s, uint32_t serial, NodeId x, NodeId made);

#endif
