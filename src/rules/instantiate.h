/* instantiate.h: putting a match into the right side of a rule. */
#ifndef INSTANTIATE_H
#define INSTANTIATE_H

#include "rules/match.h"

/* The right side r, or a part of it, with what its variables, dimensions and counters stand for; 0
   on failure. */
NodeId instantiate_node(Match *m, NodeId r);

#endif
