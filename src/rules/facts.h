/* facts.h: properties of expressions, such as symmetric. */
#ifndef FACTS_H
#define FACTS_H

#include "core/node.h"

/* Does x have the property: by attribute of a symbol, or by a fact? */
bool facts_hold(Store *s, NameId property, NodeId x);
/* Why x has a property that no declaration gives: add the instance (instance.h) of the first fact
   that grants it. Nothing is added where the property is declared, or does not hold. False on
   failure. */
bool facts_reason(Store *s, NameId property, NodeId x, Vec *out);

#endif
