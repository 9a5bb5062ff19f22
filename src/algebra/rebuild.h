/* rebuild.h: the step of a walk that changes nodes from the leaves up. */
#ifndef REBUILD_H
#define REBUILD_H

#include "core/node.h"

/* x with its children replaced by what the memo says of them (nothing: they stay), made again if
   one is new, or `always`. */
NodeId rebuild_node(Store *s, NodeId x, const Map *memo, bool always);

#endif
