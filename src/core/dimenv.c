/* dimenv.c: names bound to dimensions. */
#include "core/dimenv.h"

DimId dimenv_get(const DimEnv *e, NameId name) {
  for (uint32_t i = 0; i < e->n; i++)
    if (e->name[i] == name) return e->value[i];
  return 0;
}

bool dimenv_bind(DimEnv *e, NameId name, DimId value) {
  DimId known = dimenv_get(e, name);
  if (known) return known == value;
  if (e->n == DIM_BINDINGS) return false;
  e->name[e->n] = name;
  e->value[e->n++] = value;
  return true;
}

typedef struct {
  const DimEnv *env;
  uint32_t open;
} Apply;

static DimId apply_name(Store *s, NameId name, void *data) {
  Apply *a = data;
  DimId v = dimenv_get(a->env, name);
  (void)s;
  if (!v) a->open++;
  return v;
}

DimId dimenv_apply(Store *s, const DimEnv *e, DimId pattern, uint32_t *open) {
  if (pattern == DIM_ONE) return pattern;
  Apply a = {e, 0};
  DimId d = dim_map(s, pattern, apply_name, &a);
  if (open) *open += a.open;
  return d;
}
