/* store_life.c: what is done with all parts of a store at once. */
#include "whole/store_life.h"

#include <stdlib.h>

#include "algebra/operator.h"
#include "calculus/forward.h"
#include "core/budget.h"
#include "core/garbage.h"
#include "core/dim.h"
#include "core/number.h"
#include "rules/apply.h"

Store *store_new(void) {
  Store *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->fail_after = -1;
  s->next = 1;
  s->collect_at = 1u << 16;
  s->transposes.stamp = s->other_transposes.stamp = s->costs.stamp = 1;
  vec_init(&s->log);
  vec_init(&s->keys);
  s->normalise = apply_normalise;
  if (!dim_open(s) || !operator_open(s) || !ruleset_open(s) || !number_open(s)) {
    store_free(s);
    return NULL;
  }
  return s;
}

void store_free(Store *s) {
  if (!s) return;
  forward_close(s);
  ruleset_close(s);
  operator_close(s);
  dim_close(s);
  for (uint32_t i = 0; i < s->blocks; i++) free(s->block[i]);
  for (uint32_t i = 0; i < s->pools; i++) free(s->pool[i] - 1);
  for (uint32_t i = 1; i <= s->names.n; i++) free(s->names.text[i]);
  for (uint32_t i = 0; i < s->spares; i++) {
    free(s->spare[i]->slot);
    free(s->spare[i]);
  }
  vec_done(s, &s->log);
  vec_done(s, &s->keys);
  free(s->transposes.slot);
  free(s->other_transposes.slot);
  free(s->costs.slot);
  free(s->names.text);
  free(s->names.slot);
  free(s->block);
  free(s->pool);
  free(s->slot);
  free(s);
}

void store_begin(Store *s) {
  attribute_mode(s, false);
  if (s->hooks) return;
  budget_restart(s);
  if (s->live > s->collect_at) store_collect(s);
}

void store_collect(Store *s) {
  if (s->hooks) return;
  forward_forget(s);
  garbage_collect(s);
  map_clear(&s->transposes);
  map_clear(&s->other_transposes);
  map_clear(&s->costs);
  s->log.n = 0;
  ruleset_forget(s);
}

const char *store_check(Store *s) { return node_check(s); }
