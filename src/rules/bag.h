/* bag.h: rules for sums, products and operators in any order (assoc comm) whose patterns are
** applied operators without properties, as it(i)*it(j) -> it(i + j). */
#ifndef BAG_H
#define BAG_H

#include "rules/ruleset.h"

/* Is it such a rule? Then bag_rewrite alone applies it to a part of a node. */
bool bag_is(Store *s, uint32_t serial);
/* May such rules of a kind apply to x? */
bool bag_concerns(Store *s, RuleKind kind, NodeId x);
/* x with these rules applied to its terms, factors or arguments until none applies: x itself if
   none does; 0 on failure. Of an operator in any order the second argument has been tried. */
NodeId bag_rewrite(Store *s, RuleKind kind, NodeId x);
void bag_close(Store *s);

#endif
