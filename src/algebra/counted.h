/* counted.h: counted sums, sum(i = first..last, body). */
#ifndef COUNTED_H
#define COUNTED_H

#include "core/node.h"

/* Are both bounds numbers, of not too many terms? Then such a sum is written out: from *a to *b. */
bool counted_bounds(const Store *s, NodeId first, NodeId last, int64_t *a, int64_t *b);
/* A counted sum as `like`, with another body. */
NodeId counted_with_body(Store *s, NodeId like, NodeId body);
/* Does a hold the counter, other than as that of a sum inside it? */
bool counted_holds(Store *s, NodeId a, NameId counter);
/* a with another value for the counter. */
NodeId counted_at(Store *s, NodeId a, NameId counter, NodeId to);
/* The counter's symbol. */
NodeId counted_counter(Store *s, NameId counter);
/* A name for a counter that no finished expression uses. Release names in the reverse order. */
NameId counted_fresh(Store *s);
void counted_release(Store *s);
/* The operator op, linear or antilinear, of a counted sum, as a sum of op of each term. */
NodeId counted_apply(Store *s, uint32_t op, NodeId like);

#endif
