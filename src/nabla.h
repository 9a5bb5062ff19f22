/* nabla.h: the engine as a C library: expressions in matrices and vectors, rules, derivatives. No Lua in it.
**
** A program makes a store (store_new), dimensions (shape.h), symbols and expressions (build.h), adds operators
** (operator.h) and rules (rule.h), and differentiates (diff.h):
**
**     Store *s = store_new();
**     DimId n = dim_name(s, name_intern(s, "n", 1));
**     NodeId x = build_symbol(s, name_intern(s, "x", 1), KIND_VECTOR, 0, n, DIM_ONE);
**     ...
**     NodeId dx = build_hole(s, name_intern(s, "x", 1), n, DIM_ONE);
**     NodeId gradient = linear_pull(s, diff_forward(s, f, x, dx), dx, s->one);
**     if (!gradient) puts(s->message);
**     store_free(s);
**
** Ids are good until store_begin or store_collect, unless they are held with node_ref. A function that returns
** id 0 has recorded why in the store (status, message); given id 0 it does nothing. One store is used by
** one thread at a time; different stores are independent. examples/gradient.c is a whole program. */
#ifndef NABLA_H
#define NABLA_H

#include "store.h"    /* stores, nodes, collection, budgets */
#include "number.h"   /* exact rationals */
#include "shape.h"    /* dimensions */
#include "operator.h" /* operators and the shapes of their results */
#include "build.h"    /* constructors */
#include "rule.h"     /* rules, facts, attributes */
#include "diff.h"     /* differentials, gradients, Jacobians */
#include "rewrite.h"  /* simplification to the textbook form */
#include "image.h"    /* a store as words, and back */

#endif
