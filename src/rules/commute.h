/* commute.h: which matrices commute. */
#ifndef COMMUTE_H
#define COMMUTE_H

#include "core/node.h"

/* Do two square matrices commute, provably? */
bool commute_matrices(Store *s, NodeId a, NodeId b);

#endif
