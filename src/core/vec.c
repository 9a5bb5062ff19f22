/* vec.c: growing arrays. */
#include "core/vec.h"

#include <string.h>

#include "core/store.h"

void vec_init(Vec *v) {
  v->v = v->room;
  v->v[0] = 0;
  v->n = 0;
  v->cap = sizeof v->room / sizeof *v->room;
}

void vec_done(Store *s, Vec *v) {
  if (v->v != v->room) store_realloc(s, v->v, v->cap * sizeof *v->v, 0);
  vec_init(v);
}

bool vec_reserve(Store *s, Vec *v, uint32_t n) {
  if (n <= v->cap) return true;
  uint32_t cap = v->cap * 2 > n ? v->cap * 2 : n;
  bool inside = v->v == v->room;
  uint32_t *w =
      store_realloc(s, inside ? NULL : v->v, inside ? 0 : v->cap * sizeof *w, cap * sizeof *w);
  if (!w) return false;
  if (inside) memcpy(w, v->room, v->n * sizeof *w);
  v->v = w;
  v->cap = cap;
  return true;
}
