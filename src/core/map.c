/* map.c: maps by open addressing. A slot counts if its stamp is the map's, so to empty a map is to
   take the next stamp. */
#include "core/map.h"

#include <string.h>

#include "core/hash.h"
#include "core/store.h"

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
  if (s->spares < 8 && m->mask < 1u << 16) {
    s->spare[s->spares++] = m;
    return;
  }
  map_free(s, m);
  store_realloc(s, m, sizeof *m, 0);
}

void map_free(Store *s, Map *m) {
  if (m->slot) store_realloc(s, m->slot, (m->mask + 1) * sizeof *m->slot, 0);
  memset(m, 0, sizeof *m);
  m->stamp = 1;
}

void map_clear(Map *m) {
  m->count = 0;
  if (++m->stamp == 0) { /* wrapped: old stamps could come alive */
    if (m->slot) memset(m->slot, 0, (m->mask + 1) * sizeof *m->slot);
    m->stamp = 1;
  }
}

/* Keys that follow each other, such as the ids of nodes made in one piece of work, lie side by
   side. */
static uint32_t first_slot(const Map *m, uint32_t key) {
  return (hash_mix(key >> 3) << 3 | (key & 7)) & m->mask;
}

uint32_t map_get(const Map *m, uint32_t key) {
  if (!m->count) return 0;
  for (uint32_t i = first_slot(m, key); m->slot[i].stamp == m->stamp; i = (i + 1) & m->mask)
    if (m->slot[i].key == key) return m->slot[i].value;
  return 0;
}

bool map_put(Store *s, Map *m, uint32_t key, uint32_t value) {
  if (!m->slot || m->count * 3 >= m->mask * 2) {
    uint32_t cap = m->slot ? (m->mask + 1) * 2 : 64;
    struct MapSlot *old = m->slot, *fresh = store_realloc(s, NULL, 0, cap * sizeof *fresh);
    if (!fresh) return false;
    memset(fresh, 0, cap * sizeof *fresh);
    uint32_t old_cap = old ? m->mask + 1 : 0, stamp = m->stamp;
    m->slot = fresh;
    m->mask = cap - 1;
    m->count = 0;
    for (uint32_t i = 0; i < old_cap; i++)
      if (old[i].stamp == stamp) map_put(s, m, old[i].key, old[i].value);
    if (old) store_realloc(s, old, old_cap * sizeof *old, 0);
  }
  uint32_t i = first_slot(m, key);
  for (; m->slot[i].stamp == m->stamp; i = (i + 1) & m->mask)
    if (m->slot[i].key == key) {
      m->slot[i].value = value;
      return true;
    }
  m->slot[i].key = key;
  m->slot[i].stamp = m->stamp;
  m->slot[i].value = value;
  m->count++;
  return true;
}
