/* shape.h: dimensions, the polynomials in names that count rows and columns; their coefficients are integers or, as in
** n*(n+1)/2, fractions. Equal polynomials have the same id; DIM_ONE is 1. */
#ifndef DIM_H
#define DIM_H

#include "core/store.h"

bool dim_open(Store *s);
void dim_close(Store *s);
DimId dim_int(Store *s, int64_t v);
DimId dim_ratio(Store *s, int64_t a, int64_t b); /* a/b */
DimId dim_name(Store *s, NameId name);
DimId dim_add(Store *s, DimId a, DimId b);
DimId dim_mul(Store *s, DimId a, DimId b);
uint32_t dim_hash(const Store *s, DimId d);
int dim_order(const Store *s, DimId a, DimId b);
bool dim_is_number(const Store *s, DimId d); /* free of names */
bool dim_get_int(const Store *s, DimId d, int64_t *v);
NameId dim_get_name(const Store *s, DimId d); /* the name if d is one name alone, else 0 */
/* Visit the names in d. */
void dim_names(const Store *s, DimId d, void (*visit)(NameId, void *), void *data);
/* d with each name replaced by what `value` gives (0: stays). */
DimId dim_map(Store *s, DimId d, DimId (*value)(Store *, NameId, void *), void *data);
/* Text such as "m*p + 1", at most size bytes. */
const char *dim_text(const Store *s, DimId d, char *buffer, size_t size);
/* For images: how many dimensions there are (they are numbered from 1); the terms of one as bytes, and the dimension of such
   bytes (0 with an error if they are none). */
uint32_t dim_count(const Store *s);
const void *dim_terms(const Store *s, DimId d, size_t *size);
DimId dim_of_terms(Store *s, const void *terms, size_t size);
/* A dimension as a scalar node, and back (0 if the node is no such polynomial, without an error). */
NodeId size_node(Store *s, DimId d);
DimId size_of_node(Store *s, NodeId id);

#endif
