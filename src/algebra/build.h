/* build.h: the constructors, the face of this folder. Whoever makes a node calls one of them, and
** each keeps the normal form: equal values (as far as the form goes) are the same node. (Only an
** image makes its nodes again as they were.) All return 0 on failure.
**
** Constructors call constructors: the transpose of a product is a product, a power of a product may
** be one of powers. So the files of this folder use each other through this header, and each has a
** header of its own only for what is no constructor. leaf.c, sum.c, product.c, power.c, hadamard.c,
** transpose.c, trace.c, applied.c, counted.c and rebuild.c hold them. */
#ifndef BUILD_H
#define BUILD_H

#include "core/view.h"

/* Each constructor ends with this: a rule may rewrite the node that it has made. */
static inline NodeId node_normalise(Store *s, NodeId x) { return s->normalise(s, x); }

NodeId build_symbol(Store *s, NameId name, uint32_t kind, uint64_t attributes, DimId rows,
                    DimId cols);
NodeId build_variable(Store *s, NameId name, uint32_t kind, uint32_t index, DimId rows, DimId cols);
NodeId build_function(Store *s, NameId name, uint64_t attributes, NodeId argument, DimId rows,
                      DimId cols);
NodeId build_name(Store *s, NameId name); /* of an operator */
NodeId build_identity(Store *s, DimId n);
NodeId build_ones(Store *s, DimId rows, DimId cols);
NodeId build_zeros(Store *s, DimId rows, DimId cols);

NodeId build_add(Store *s, NodeId a, NodeId b);
NodeId build_sub(Store *s, NodeId a, NodeId b);
NodeId build_neg(Store *s, NodeId a);
/* n >= 1 terms of one shape. */
NodeId build_sum(Store *s, const NodeId *terms, uint32_t n);
NodeId build_scale(Store *s, NodeId number, NodeId a);
/* The content of a sum: the gcd of its coefficients, with the sign of the first (of a row: the
   first of the transposed sum). *primitive is the sum divided by its content. */
NodeId build_content(Store *s, NodeId sum, NodeId *primitive);

NodeId build_mul(Store *s, NodeId a, NodeId b);
/* The matrix product, scalars anywhere; n >= 1. */
NodeId build_product(Store *s, const NodeId *factors, uint32_t n);
NodeId build_div(Store *s, NodeId a, NodeId b); /* by a scalar */
NodeId build_power(Store *s, NodeId base, NodeId exponent);
NodeId build_inv(Store *s, NodeId a);
NodeId build_hadamard(Store *s, const NodeId *factors, uint32_t n);
NodeId build_elpower(Store *s, NodeId base, NodeId exponent);
NodeId build_transpose(Store *s, NodeId a);
/* The sum of body for counter = first, .., last; nothing if last < first. It is written out if both
   are numbers, with at most 10000 terms. */
NodeId build_counted(Store *s, NameId counter, NodeId first, NodeId last, NodeId body);

NodeId build_operator(Store *s, uint32_t op, const NodeId *args, uint32_t n);
NodeId build_call(Store *s, NodeId function, NodeId argument);
/* The derivative of an unknown function f (or of a derivative) at a point. layout 0: numerator
   form, the one in which the chain rule reads from left to right. Else rows x cols are given. */
NodeId build_derivative(Store *s, NodeId f, NodeId point, NameId layout, DimId rows, DimId cols);
NodeId build_diff(Store *s, NodeId a);
NodeId build_tangent(Store *s, NameId name, DimId rows, DimId cols);
/* The node that `like` would be with other children. */
NodeId build_with_children(Store *s, NodeId like, const NodeId *children);
/* a with `from` replaced by `to` throughout. */
NodeId build_replace(Store *s, NodeId a, const NodeId *from, const NodeId *to, uint32_t n);

#endif
