/* forms_products.h: the forms of products, powers and quotients, of matrices and entry by entry. */
#ifndef NABLA_FORMS_PRODUCTS_H
#define NABLA_FORMS_PRODUCTS_H

#include "lua/forms.h"

void forms_products_product(Printer *p, NodeId id);
void forms_products_hadamard(Printer *p, NodeId id);
void forms_products_power(Printer *p, NodeId id);
void forms_products_elpower(Printer *p, NodeId id);
/* A product without its sign, its first `scalars` factors before the chain (the first is the
   number r); how many groups under a transpose it has. */
Tree forms_products_written(Printer *p, Factors f, uint32_t scalars, Ratio r, bool transposed,
                            int *groups);

#endif
