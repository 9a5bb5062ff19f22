/* forms_sums.h: the forms of a sum. */
#ifndef NABLA_FORMS_SUMS_H
#define NABLA_FORMS_SUMS_H

#include "lua/forms.h"

void forms_sums_make(Printer *p, NodeId id);

#endif
