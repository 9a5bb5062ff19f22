/* pool.c: blocks of argument words. The size of a block is in front of it. */
#include "core/pool.h"

#include "core/node.h"

enum { POOL_WORDS = 1 << ARG_BITS, POOL_FIRST = 1 << 14 };

uint32_t *pool_take(Store *s, uint32_t n, uint32_t *where) {
  if (!s->pools || s->pool_used + n > s->pool_size) {
    uint32_t size = s->pools == 0 ? POOL_FIRST : POOL_WORDS;
    if (n > size) size = n;
    if (s->pools >= 4095) {
      store_fail(s, STORE_LIMIT, "too many nodes");
      return NULL;
    }
    uint32_t **table =
        store_realloc(s, s->pool, s->pools * sizeof *table, (s->pools + 1) * sizeof *table);
    if (!table) return NULL;
    s->pool = table;
    uint32_t *block = store_realloc(s, NULL, 0, (size + 1) * sizeof *block);
    if (!block) return NULL;
    block[0] = size;
    s->pool[s->pools++] = block + 1;
    s->pool_used = 0;
    s->pool_size = size;
  }
  *where = (s->pools - 1) << ARG_BITS | s->pool_used;
  uint32_t *w = s->pool[s->pools - 1] + s->pool_used;
  s->pool_used += n;
  return w;
}

void pool_give(Store *s, uint32_t **blocks, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    store_realloc(s, blocks[i] - 1, (blocks[i][-1] + 1) * sizeof **blocks, 0);
  if (blocks) store_realloc(s, blocks, n * sizeof *blocks, 0);
}
