/* dimenv.h: the dimensions that names stand for, in a rule or in the parameters of an operator. */
#ifndef DIMENV_H
#define DIMENV_H

#include "core/dim.h"

enum { DIM_BINDINGS = 16 };
typedef struct {
  uint32_t n;
  NameId name[DIM_BINDINGS];
  DimId value[DIM_BINDINGS];
} DimEnv;
DimId dimenv_get(const DimEnv *e, NameId name);
bool dimenv_bind(DimEnv *e, NameId name, DimId value); /* false: bound to another, or full */
/* `pattern` with its names replaced; *open counts the names without a value. */
DimId dimenv_apply(Store *s, const DimEnv *e, DimId pattern, uint32_t *open);

#endif
