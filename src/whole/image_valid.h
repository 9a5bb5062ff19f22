/* image_valid.h: may what an image holds go into a store? The engine trusts what its own functions
** have made: these are the conditions under which it may trust what comes from a file. They guard
** memory and termination. Whether the mathematics is right they do not ask. */
#ifndef IMAGE_VALID_H
#define IMAGE_VALID_H

#include "algebra/operator.h"
#include "core/dim.h"
#include "rules/ruleset.h"

bool image_valid_term(const Store *s, const DimTerm *t);
/* Bits of attributes that there are. */
bool image_valid_bits(const Store *s, uint64_t bits);
bool image_valid_attributes(const Store *s, const Attributes *a);
bool image_valid_operator(const Store *s, const Operator *o);
/* A node of these words that would be node `id`. */
bool image_valid_node(const Store *s, NodeId id, uint32_t op, const uint32_t *words, uint32_t n,
                      DimId rows, DimId cols);
bool image_valid_rule(const Store *s, const Rule *r);

#endif
