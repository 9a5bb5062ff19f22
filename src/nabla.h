/* nabla.h: the engine as a C library: expressions in matrices and vectors, rules, derivatives. No
** Lua in it. Each folder beside this header uses those before it: core, algebra, rules, calculus,
** textbook; store_life.h joins them.
**
** A program makes a store (store_new), dimensions (dim.h), symbols and expressions (build.h), adds
** operators (operator.h) and rules (ruleset.h), and differentiates (forward.h, linear.h):
**
**     Store *s = store_new();
**     DimId n = dim_name(s, name_intern(s, "n", 1));
**     NodeId x = build_symbol(s, name_intern(s, "x", 1), KIND_VECTOR, 0, n, DIM_ONE);
**     ...
**     NodeId dx = build_tangent(s, name_intern(s, "x", 1), n, DIM_ONE);
**     NodeId gradient = linear_pull(s, forward_differential(s, f, x, dx), dx, s->one);
**     if (!gradient) puts(s->message);
**     store_free(s);
**
** Ids are good until store_begin or store_collect, unless they are held with node_ref. A function
** that returns id 0 has recorded why in the store (status, message); given id 0 it does nothing.
** One store is used by one thread at a time; different stores are independent. examples/gradient.c
** is a whole program.
**
** Limits of a piece of work are fields of the store: step_limit, node_limit, byte_limit,
** time_limit (seconds of the processor), elapsed_limit (seconds on the clock), nesting_limit (rules
** applied one inside the other); 0 is none.
** store_begin begins to count. What reaches one fails with STORE_BUDGET. budget_interrupt, which a
** signal handler may call, stops the work under way. After both the store can be used.
**
** Rule files, and expressions as text, are read by Lua. Yet a C program has nabla's rules without
** Lua, when it is built and when it runs: `make` writes what they define into an image,
** build/nabla/rules.image, and image_reader_open makes a store of it (examples/rules_image.c). */
#ifndef NABLA_H
#define NABLA_H

#include "algebra/build.h"      /* constructors */
#include "algebra/counted.h"    /* counted sums */
#include "algebra/operator.h"   /* operators and the shapes of their results */
#include "algebra/size.h"       /* dimensions as expressions, and back */
#include "calculus/forward.h"   /* differentials */
#include "calculus/linear.h"    /* gradients, Jacobians, blocks */
#include "core/budget.h"        /* limits of a piece of work */
#include "core/dim.h"           /* dimensions */
#include "core/name.h"          /* names */
#include "core/node.h"          /* nodes */
#include "core/number.h"        /* exact rationals */
#include "rules/apply.h"        /* which rules apply */
#include "rules/facts.h"        /* what is known of an expression */
#include "rules/free_names.h"   /* the names in a pattern */
#include "rules/ruleset.h"      /* rules, facts, attributes */
#include "textbook/expand.h"    /* expansion */
#include "textbook/factor.h"    /* common factors */
#include "textbook/simplify.h"  /* simplification */
#include "textbook/textbook.h"  /* the form that a textbook prints */
#include "whole/image.h"        /* a store as words, and back */
#include "whole/image_reader.h" /* a store from the image of the rules */
#include "whole/store_life.h"   /* stores: made, collected, freed */

#endif
