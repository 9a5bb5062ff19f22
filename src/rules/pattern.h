/* pattern.h: the forms of patterns, on which matching and the table of rules must agree; and a
** filter: the operators that a pattern needs below the node that it matches, as bits, to compare
** with those of the node. */
#ifndef PATTERN_H
#define PATTERN_H

#include "core/node.h"

/* The pattern f^k or f.^k with a number k: as a factor it also matches f alone, k being 1. */
bool pattern_power_or_once(const Store *s, NodeId pattern);
/* The pattern -X, or c*X: X matches the node without its number. */
bool pattern_multiple(const Store *s, NodeId pattern);
/* The pattern j*X with a number j: the coefficient of a product, or the content of a sum, if it is
   not 1. */
bool pattern_number_times(const Store *s, NodeId pattern);
/* The variable A of the pattern A'; 0: another pattern. */
NodeId pattern_transposed(const Store *s, NodeId p);
/* May the pattern begin with any node? A variable may; so may A' where A follows: A is the
   transpose of what there is. */
bool pattern_begins_freely(const Store *s, const NodeId *p, uint32_t n);
/* May any node be at place i of the chain of n? Where A is known, A' is a transpose of any
   kind. */
bool pattern_any_link(const Store *s, const NodeId *p, uint32_t n, uint32_t i);
/* The operators of the arguments of x as bits, powers as themselves and as their bases. A variable
   needs nothing; a scalar chain also matches transposed, so there a transpose and what is in it
   count as both. */
uint64_t pattern_ops(const Store *s, NodeId x, bool pattern);
/* The same for the arguments of the arguments; for powers, those of the base. A chain that also
   matches transposed asks for nothing, nor does a pattern for multiples of a variable, since it
   matches more than products. */
uint64_t pattern_inner_ops(const Store *s, NodeId x, bool pattern);

#endif
