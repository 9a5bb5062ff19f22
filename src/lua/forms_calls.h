/* forms_calls.h: the forms of values of operators of rule files. */
#ifndef NABLA_FORMS_CALLS_H
#define NABLA_FORMS_CALLS_H

#include "lua/forms.h"

void forms_calls_make(Printer *p, NodeId id);

#endif
