/* store_life.h: the life of a store. Here alone all floors are known. */
#ifndef STORE_LIFE_H
#define STORE_LIFE_H

#include "core/store.h"

/* NULL if there is no memory. */
Store *store_new(void);
void store_free(Store *s);
/* Begin a piece of work under the store's budget; collects before it when enough is garbage. While
   a predicate from outside is asked this begins nothing: its work is a part of that under way. */
void store_begin(Store *s);
/* Free the nodes that no reference (node_ref) reaches; none while a predicate from outside is
   asked. */
void store_collect(Store *s);
/* The names and dimensions that are there now stay for good: whoever holds some without a node. A
   collection frees others that no node, operator or rule holds. */
void store_keep(Store *s);
/* Walk the whole store; NULL, or what is wrong with it. */
const char *store_check(Store *s);

#endif
