/* pool.h: where the argument words of nodes lie: blocks, of which the last one has room. A place is
** a block and an offset in it, as ARG_BITS splits them. */
#ifndef POOL_H
#define POOL_H

#include "core/store.h"

/* Room for n words; sets *where. NULL on failure. */
uint32_t *pool_take(Store *s, uint32_t n, uint32_t *where);
/* Give blocks back, and their table. */
void pool_give(Store *s, uint32_t **blocks, uint32_t n);

#endif
