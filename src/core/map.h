/* map.h: a map from the ids of nodes to ids, which empties in constant time. Key and value are not
** 0: to put 0 is to take away. It is looked into by id, without a search; ids that lie near each
** other lie near each other there too. Other keys are for keymap.h. */
#ifndef MAP_H
#define MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/inline.h"

struct Store;

enum { MAP_PAGE = 1024, MAP_LINE = 16 };

/* The values of so many ids that follow each other; those of a line count if its stamp is the
   map's. */
typedef struct {
  uint32_t stamp[MAP_PAGE / MAP_LINE], value[MAP_PAGE];
} MapPage;

typedef struct {
  MapPage **page;
  uint32_t pages, used; /* in the table, and those of them that are there */
  uint32_t count, stamp;
} Map;

Map *map_take(struct Store *s); /* an empty map; NULL on failure */
void map_give(struct Store *s, Map *m);
bool map_put(struct Store *s, Map *m, uint32_t key, uint32_t value);
void map_clear(Map *m);
void map_free(struct Store *s, Map *m);

/* The value of a key; 0: absent. */
static INLINE uint32_t map_get(const Map *m, uint32_t key) {
  uint32_t page = key / MAP_PAGE, at = key % MAP_PAGE;
  const MapPage *p = page < m->pages ? m->page[page] : 0;
  return p && p->stamp[at / MAP_LINE] == m->stamp ? p->value[at] : 0;
}

#endif
