/* instance.h: instances of rules as words: what the variables of a rule stand for where its left
** side matches a node as a whole, and the nodes that its conditions ask about.
**
** An instance is INSTANCE_WORDS words: the serial number of the rule, a node for each variable, two
** nodes for each condition; 0: none. */
#ifndef INSTANCE_H
#define INSTANCE_H

#include "rules/match.h"

enum { INSTANCE_MOST = 24, INSTANCE_WORDS = 1 + RULE_VARIABLES + 2 * RULE_CONDITIONS };

/* Add the instance of a match whose conditions hold. */
bool instance_push(Match *m, Vec *out);
/* Add the instances of all rules of a kind that match x and whose conditions hold: of each rule all
   ways in which it matches, INSTANCE_MOST of them at most. */
bool instance_all(Store *s, RuleKind kind, NodeId x, Vec *out);

#endif
