/* property.h: properties of expressions, such as symmetric. */
#ifndef PROPERTY_H
#define PROPERTY_H

#include "core/node.h"

/* Does x have the property: by attribute of a symbol, or by a fact? */
bool property_holds(Store *s, NameId property, NodeId x);

#endif
