/* garbage.h: collection of nodes: ids stay, those that no reference reaches become free, and
** arguments are packed. The floors above have dropped what they remember of nodes before (see
** store_collect). */
#ifndef GARBAGE_H
#define GARBAGE_H

#include "core/node.h"

/* Frees nothing if there is no memory to mark with; then it has also recorded no error. */
void garbage_collect(Store *s);

#endif
