/* pool.h: where the argument words of nodes lie: blocks, of which the last one has room. A place is
** a block and an offset in it, as ARG_BITS splits them. */
#ifndef POOL_H
#define POOL_H

#include "core/node.h"

/* A new block with room for n words; false on failure. */
bool pool_grow(Store *s, uint32_t n);
/* Room for n words; sets *where. NULL on failure. */
static INLINE uint32_t *pool_take(Store *s, uint32_t n, uint32_t *where) {
  if ((!s->pools || s->pool_used + n > s->pool_size) && !pool_grow(s, n)) return NULL;
  *where = (s->pools - 1) << ARG_BITS | s->pool_used;
  uint32_t *w = s->pool[s->pools - 1] + s->pool_used;
  s->pool_used += n;
  return w;
}
/* Give blocks back, and their table. */
void pool_give(Store *s, uint32_t **blocks, uint32_t n);

#endif
