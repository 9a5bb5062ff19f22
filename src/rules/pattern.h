/* pattern.h: the forms of patterns, which matching and the table of rules must see alike; and a
** quick look: the operators that a pattern needs below what it matches, as bits, beside those that
** there are. */
#ifndef PATTERN_H
#define PATTERN_H

#include "core/node.h"

/* The pattern f^k or f.^k with a number k: as a factor it also matches f alone, k being 1. */
bool pattern_power_or_once(const Store *s, NodeId pattern);
/* The pattern -X, or c*X: X stands for all of the node but the number. */
bool pattern_multiple(const Store *s, NodeId pattern);
/* The pattern j*X with a number j: the coefficient of a product, or the content of a sum, if it is
   not 1. */
bool pattern_number_times(const Store *s, NodeId pattern);
/* The variable A of the pattern A'; 0: another pattern. */
NodeId pattern_transposed(const Store *s, NodeId p);
/* May the pattern begin with any node? A variable may; so may A' where A follows: A is the
   transpose of what there is. */
bool pattern_begins_freely(const Store *s, const NodeId *p, uint32_t n);
/* May any node stand at place i of the chain of n? Where A is known, A' is a transpose of any
   kind. */
bool pattern_any_link(const Store *s, const NodeId *p, uint32_t n, uint32_t i);
/* The operators of the arguments of x as bits, powers as themselves and as their bases. A variable
   needs nothing; a scalar chain also matches transposed, so there a transpose and what is in it
   count as both. */
uint64_t pattern_ops(const Store *s, NodeId x, bool pattern);
/* The same of the arguments' own arguments, of powers those of the base. Of a chain that also
   matches transposed nothing is said, nor of patterns for the multiples of a variable, which other
   things than products match. */
uint64_t pattern_inner_ops(const Store *s, NodeId x, bool pattern);

#endif
