/* vec.h: a growing array of words with room for small ones inside. */
#ifndef VEC_H
#define VEC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/inline.h"

struct Store;

typedef struct {
  uint32_t *v;
  uint32_t n, cap;
  uint32_t room[24];
} Vec;

void vec_init(Vec *v);
void vec_done(struct Store *s, Vec *v);
bool vec_reserve(struct Store *s, Vec *v, uint32_t n);
static INLINE bool vec_push(struct Store *s, Vec *v, uint32_t x) {
  if (v->n == v->cap && !vec_reserve(s, v, v->n + 1)) return false;
  v->v[v->n++] = x;
  return true;
}

#endif
