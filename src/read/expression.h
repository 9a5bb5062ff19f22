/* expression.h: plain expressions to syntax trees. */
#ifndef NABLA_READ_EXPRESSION_H
#define NABLA_READ_EXPRESSION_H

#include "read/reader.h"

/* An expression, up to the end or to a comma or bracket that is not its own; its tree is pushed.
   It has the trees of nabla.language.syntax, with the same places. */
bool expression_read(Reader *r);

#endif
