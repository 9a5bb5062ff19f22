/* declarations.h: plain declarations to tables. */
#ifndef NABLA_READ_DECLARATIONS_H
#define NABLA_READ_DECLARATIONS_H

#include "read/reader.h"

/* Declarations up to what is none, their list is pushed. `line`: each ends with its line. Those
   without attributes share the list at the index `no_attributes`. */
bool declarations_read(Reader *r, bool line, int no_attributes);

#endif
