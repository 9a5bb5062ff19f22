/* trace.h: traces of products. */
#ifndef TRACE_H
#define TRACE_H

#include "core/node.h"

/* The trace operator op applied to a square matrix without scalars in front. */
NodeId trace_apply(Store *s, uint32_t op, NodeId a);

#endif
