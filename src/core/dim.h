/* dim.h: dimensions, the polynomials in names that count rows and columns; their coefficients are
** integers or, as in n*(n+1)/2, fractions. Equal polynomials have the same id; DIM_ONE is 1. */
#ifndef DIM_H
#define DIM_H

#include "core/store.h"

enum { DIM_NAMES = 8, DIM_TERMS = 16 };
typedef struct {
  int64_t coefficient, over; /* over > 0 */
  uint32_t n;
  NameId name[DIM_NAMES];
} DimTerm;

bool dim_open(Store *s);
void dim_close(Store *s);
/* Collection. The dimensions that are there now stay for good. Those that are marked survive the
   next sweep, and so do those that were touched: given to, or taken from, the binding since the
   last sweep but one. The others are freed. Their ids are given to no other dimension: whoever
   still asks finds one without terms. A sweep marks the names of those that survive. */
void dim_keep(Store *s);
bool dim_known(const Store *s, DimId d);
void dim_touch(Store *s, DimId d);
void dim_mark(Store *s, DimId d);
void dim_sweep(Store *s);
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

/* The terms of d; *n: how many. */
const DimTerm *dim_terms(const Store *s, DimId d, uint32_t *n);
/* What the terms of a fraction share: the common denominator, and the names that all of them
   have. */
int64_t dim_common(const Store *s, DimId d, DimTerm *shared);
/* t without the shared names, which it has. */
DimTerm dim_without(const DimTerm *t, const DimTerm *shared);
/* For images: how many dimensions there are (they are numbered from 1), and the dimension of the
   bytes of terms (0 with an error if they are none). */
uint32_t dim_count(const Store *s);
DimId dim_of_terms(Store *s, const void *terms, size_t size);

#endif
