/* map.c: maps as pages by id. What is on a line counts if the line's stamp is the map's, so to
   empty a map is to take the next stamp. */
#include "core/map.h"

#include <string.h>

#include "core/store.h"

/* A map at rest keeps no more pages than that. */
enum { RESTING_PAGES = 256 };

Map *map_take(Store *s) {
  Map *m;
  if (s->spares > 0) {
    m = s->spare[--s->spares];
    map_clear(m);
    return m;
  }
  m = store_realloc(s, NULL, 0, sizeof *m);
  if (m) memset(m, 0, sizeof *m);
  if (m) m->stamp = 1;
  return m;
}

void map_give(Store *s, Map *m) {
  if (!m) return;
  if (s->spares < 8 && m->used <= RESTING_PAGES) {
    s->spare[s->spares++] = m;
    return;
  }
  map_free(s, m);
  store_realloc(s, m, sizeof *m, 0);
}

void map_free(Store *s, Map *m) {
  for (uint32_t i = 0; i < m->pages; i++)
    if (m->page[i]) store_realloc(s, m->page[i], sizeof *m->page[i], 0);
  if (m->page) store_realloc(s, m->page, m->pages * sizeof *m->page, 0);
  memset(m, 0, sizeof *m);
  m->stamp = 1;
}

void map_clear(Map *m) {
  m->count = 0;
  if (++m->stamp) return;
  for (uint32_t i = 0; i < m->pages; i++) /* wrapped: old stamps could come alive */
    if (m->page[i]) memset(m->page[i]->stamp, 0, sizeof m->page[i]->stamp);
  m->stamp = 1;
}

/* The page with that number; NULL on failure. */
static MapPage *page_at(Store *s, Map *m, uint32_t number) {
  if (number >= m->pages) {
    uint32_t n = number < 2 * m->pages ? 2 * m->pages : number + 8;
    MapPage **table = store_realloc(s, m->page, m->pages * sizeof *table, n * sizeof *table);
    if (!table) return NULL;
    memset(table + m->pages, 0, (n - m->pages) * sizeof *table);
    m->page = table;
    m->pages = n;
  }
  MapPage *p = m->page[number];
  if (p) return p;
  p = store_realloc(s, NULL, 0, sizeof *p);
  if (!p) return NULL;
  memset(p->stamp, 0, sizeof p->stamp);
  m->used++;
  return m->page[number] = p;
}

bool map_put(Store *s, Map *m, uint32_t key, uint32_t value) {
  uint32_t number = key / MAP_PAGE, at = key % MAP_PAGE, line = at / MAP_LINE;
  MapPage *p = number < m->pages ? m->page[number] : NULL;
  if (!p && !(p = page_at(s, m, number))) return false;
  if (p->stamp[line] != m->stamp) {
    p->stamp[line] = m->stamp;
    memset(p->value + line * MAP_LINE, 0, MAP_LINE * sizeof *p->value);
  }
  m->count += !p->value[at];
  p->value[at] = value;
  return true;
}
