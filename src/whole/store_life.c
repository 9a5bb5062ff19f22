/* store_life.c: what is done with all parts of a store at once. */
#include "whole/store_life.h"

#include <stdlib.h>

#include "algebra/operator.h"
#include "calculus/forward.h"
#include "core/budget.h"
#include "core/garbage.h"
#include "core/dim.h"
#include "core/name.h"
#include "core/node.h"
#include "core/number.h"
#include "rules/normalise.h"

Store *store_new(void) {
  Store *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->fail_after = -1;
  s->next = 1;
  s->collect_at = 1u << 16;
  s->nesting_limit = RULES_WAITING;
  s->transposes.stamp = s->other_transposes.stamp = s->costs.stamp = 1;
  vec_init(&s->log);
  vec_init(&s->keys);
  s->normalise = normalise_node;
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
  name_close(s);
  for (uint32_t i = 0; i < s->blocks; i++) free(s->block[i]);
  for (uint32_t i = 0; i < s->pools; i++) free(s->pool[i] - 1);
  for (uint32_t i = 0; i < s->spares; i++) {
    map_free(s, s->spare[i]);
    free(s->spare[i]);
  }
  vec_done(s, &s->log);
  vec_done(s, &s->keys);
  map_free(s, &s->transposes);
  map_free(s, &s->other_transposes);
  map_free(s, &s->costs);
  free(s->block);
  free(s->pool);
  free(s->slot);
  free(s);
}

void store_begin(Store *s) {
  attribute_mode(s, false);
  if (s->hooks) return;
  budget_restart(s);
  if (s->live > s->collect_at && !s->pinned) store_collect(s);
}

/* Free the names and dimensions that no node, operator or rule holds any more. */
static void collect_names(Store *s) {
  Status before = s->status;
  node_mark_names(s);
  operator_mark_names(s);
  ruleset_mark_names(s);
  dim_sweep(s);
  name_sweep(s);
  s->recent_n = 0;
  if (before == STORE_OK) store_clear_error(s);
}

void store_keep(Store *s) {
  name_keep(s);
  dim_keep(s);
}

void store_collect(Store *s) {
  if (s->hooks) return;
  forward_forget(s);
  garbage_collect(s);
  collect_names(s);
  map_clear(&s->transposes);
  map_clear(&s->other_transposes);
  map_clear(&s->costs);
  s->log.n = 0;
  ruleset_forget(s);
}

const char *store_check(Store *s) { return node_check(s); }
