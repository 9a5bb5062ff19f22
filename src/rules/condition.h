/* condition.h: the conditions of rules. */
#ifndef CONDITION_H
#define CONDITION_H

#include "rules/match.h"

/* Do the conditions of the matched rule hold? */
bool condition_all_hold(Match *m);
/* Does a condition on numbers alone that are bound already not hold? Then no more need be matched.
** False where the match is not one for condition_all_hold. */
bool condition_refuses_numbers(const Match *m);
/* Match x against the pattern of a rule, with its conditions: see match_pattern. */
bool condition_match(Match *m, Store *s, const Rule *r, NodeId pattern, NodeId x, bool part);
/* The names of the engine's own predicates; that of PRED_OTHER is empty. */
extern const char *const condition_predicate_names[PREDICATES];
/* The engine's own predicate of that name, or PRED_OTHER. */
Predicate condition_predicate(const Store *s, NameId name);

#endif
