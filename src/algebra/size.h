/* size.h: a dimension as a scalar expression, and back. */
#ifndef SIZE_H
#define SIZE_H

#include "core/node.h"

NodeId size_node(Store *s, DimId d);
/* 0 if the node is no polynomial in dimensions, without an error. */
DimId size_of_node(Store *s, NodeId id);

#endif
