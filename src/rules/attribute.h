/* attribute.h: attributes of symbols, as bits, and what can follow from them. */
#ifndef ATTRIBUTE_H
#define ATTRIBUTE_H

#include "core/node.h"

enum { ATTRIBUTES = 64 };
typedef struct {
  NameId name[ATTRIBUTES];
  uint64_t implied[ATTRIBUTES]; /* as bits */
  uint32_t n;
} Attributes;

/* The bit of an attribute; registers it if `add`. 0 if it is unknown, or if there are 64
   already. */
uint64_t attribute_bit(Store *s, NameId name, bool add);
/* Say what an attribute implies: a fact that grants it grants these as well. */
void attribute_implies(Store *s, NameId name, uint64_t implied);
/* The attributes that imply a property, and the property itself, as bits. */
uint64_t attribute_implying(Store *s, NameId property);
/* Those that x was declared with. */
uint64_t attribute_declared(const Store *s, NodeId x);
/* Can the conditions of rule `serial` hold of x, as far as attributes go? */
bool attribute_may_hold(Store *s, uint32_t serial, NodeId x);
/* Let attributes act in the constructors, or not. */
void attribute_mode(Store *s, bool act);

#endif
