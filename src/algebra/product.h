/* product.h: what the other constructors need to know of products. */
#ifndef PRODUCT_H
#define PRODUCT_H

#include "algebra/build.h"

/* number*a for an a that is no number, sum or zero. */
NodeId product_scale(Store *s, NodeId number, NodeId a);
/* A product without its coefficient. */
NodeId product_unit(Store *s, NodeId a);
/* The factors of a node as view_product has them; those of a scalar chain, which is one scalar to it, are its links. */
ProductView product_factors(const Store *s, NodeId id, NodeId *self);
/* The scalar in front of a, and the chain (*rest) behind it. */
NodeId product_split(Store *s, NodeId a, NodeId *rest);
/* The product of links n >= 1 that are in normal form already: no scalars among them. */
NodeId product_links(Store *s, const NodeId *links, uint32_t n);
/* The sum of the entries of a Hadamard product of columns as u'*v, all its factors in one pool and one plain factor
   on the left; 0 without an error where there is no such form. */
NodeId chain_pool(Store *s, NodeId h);
/* The trace operator op applied to a square matrix without scalars in front. */
NodeId trace_apply(Store *s, uint32_t op, NodeId a);

#endif
