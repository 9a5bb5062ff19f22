/* product.h: what the other constructors need to know of products. */
#ifndef PRODUCT_H
#define PRODUCT_H

#include "algebra/build.h"

/* number*a for an a that is no number, sum or zero. */
NodeId product_scale(Store *s, NodeId number, NodeId a);
/* A product without its coefficient. */
NodeId product_unit(Store *s, NodeId a);
/* The factors of a node as view_product has them; those of a scalar chain, which is one scalar to
   it, are its links. */
ProductView product_factors(const Store *s, NodeId id, NodeId *self);
/* The scalar in front of a, and the chain (*rest) behind it. */
NodeId product_split(Store *s, NodeId a, NodeId *rest);
/* The product of links n >= 1 that are in normal form already: no scalars among them. */
NodeId product_links(Store *s, const NodeId *links, uint32_t n);
/* The links of a product of n factors, or of its transpose if `transposed`, neighbours merged and
   in their order. What comes in front of them (a sign: the first coefficient of a transposed sum
   may be another one) goes to *outside. */
bool product_join(Store *s, const NodeId *f, uint32_t n, bool transposed, Vec *links,
                  NodeId *outside);
/* The matrix of which the link f is a power or a function: links of one core commute. */
NodeId product_core(const Store *s, NodeId f);

#endif
