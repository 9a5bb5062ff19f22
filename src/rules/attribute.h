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
/* Does a new rule change what expressions can have by facts? Then what is known of rules is to be
   forgotten. */
bool attribute_adds(Store *s, uint32_t serial);
/* Let attributes act in the constructors, or not.

   While they act, the simplification rules are tried on a transpose when it is made: the transpose
   of a symmetric S is S at once. So x'*S' and x'*S are one node in simplification, and cancel,
   though they are two when an expression is read or differentiated, where nothing is rewritten that
   the reader has written. The same call of a constructor gives another node in each of the two
   modes; both nodes are right, and each may be used in the other mode. Acting, a constructor only
   knows more.

   What depends on the mode: - the transposes that the store keeps, a map for each mode; - what the
   algebra rules have made of a node with attributes: RuleSet.results, or RuleSet.acting; -
   simplify_node makes scalar chains and traces with attributes again
   (`oriented`), for their
     transposes may have become the smaller form;
   - facts_hold asks the facts in both modes: X + X' of a symmetric X is 2*X in one of them.

   It is a mode, and no argument, because constructors call constructors to any depth: a product
   makes transposes and powers, a power makes products. Each of them and each of the several hundred
   calls in the engine would have to hand the argument on, and only the transpose of a leaf reads
   it. Whoever sets it restores what was before: simplify_node, textbook_form, facts_hold; a new
   piece of work (store_begin) begins without it. */
void attribute_mode(Store *s, bool act);

#endif
