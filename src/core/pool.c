/* pool.c: blocks of argument words. The size of a block is in front of it. */
#include "core/pool.h"

enum { POOL_WORDS = 1 << ARG_BITS, POOL_FIRST = 1 << 14 };

bool pool_grow(Store *s, uint32_t n) {
  uint32_t size = s->pools == 0 ? POOL_FIRST : POOL_WORDS;
  if (n > size) size = n;
  if (s->pools >= 4095) {
    store_fail(s, STORE_LIMIT, "too many nodes");
    return false;
  }
  uint32_t **table =
      store_realloc(s, s->pool, s->pools * sizeof *table, (s->pools + 1) * sizeof *table);
  if (!table) return false;
  s->pool = table;
  uint32_t *block = store_realloc(s, NULL, 0, (size + 1) * sizeof *block);
  if (!block) return false;
  block[0] = size;
  s->pool[s->pools++] = block + 1;
  s->pool_used = 0;
  s->pool_size = size;
  return true;
}

void pool_give(Store *s, uint32_t **blocks, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    store_realloc(s, blocks[i] - 1, (blocks[i][-1] + 1) * sizeof **blocks, 0);
  if (blocks) store_realloc(s, blocks, n * sizeof *blocks, 0);
}
