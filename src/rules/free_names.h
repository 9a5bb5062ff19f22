/* free_names.h: the names that a pattern or a right side leaves free. */
#ifndef FREE_NAMES_H
#define FREE_NAMES_H

#include "core/node.h"

enum { FREE_VARIABLE, FREE_SIZE };

/* The names of the rule variables and of the sizes in a, without those in `bound` (0: nothing).
   Appends pairs of FREE_.. and name to out. */
bool free_names(Store *s, NodeId a, NodeId bound, Vec *out);

#endif
