/* pairwise.h: rules for sums, products and operators in any order (assoc comm) whose patterns are
** applied operators without properties, as it(i)*it(j) -> it(i + j). */
#ifndef PAIRWISE_H
#define PAIRWISE_H

#include "rules/ruleset.h"

/* Is a rule one by its form? */
bool pairwise_has_form(const Store *s, const Rule *r);
/* Is it such a rule? Then pairwise_rewrite alone applies it to a part of a node. */
bool pairwise_is(Store *s, uint32_t serial);
/* May such rules of a kind apply to x? */
bool pairwise_concerns(Store *s, RuleKind kind, NodeId x);
/* x with these rules applied to its terms, factors or arguments until none applies: x itself if
   none does; 0 on failure. Of an operator in any order the second argument has been tried. */
NodeId pairwise_rewrite(Store *s, RuleKind kind, NodeId x);
void pairwise_close(Store *s);

#endif
