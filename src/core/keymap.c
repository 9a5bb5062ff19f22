/* keymap.c: maps by open addressing. A slot counts if its stamp is the map's, so to empty a map is
   to take the next stamp. */
#include "core/keymap.h"

#include <string.h>

#include "core/hash.h"
#include "core/store.h"

void keymap_free(Store *s, KeyMap *m) {
  if (m->slot) store_realloc(s, m->slot, (m->mask + 1) * sizeof *m->slot, 0);
  memset(m, 0, sizeof *m);
  m->stamp = 1;
}

void keymap_clear(KeyMap *m) {
  m->count = 0;
  if (++m->stamp == 0) { /* wrapped: old stamps could come alive */
    if (m->slot) memset(m->slot, 0, (m->mask + 1) * sizeof *m->slot);
    m->stamp = 1;
  }
}

static uint32_t first_slot(const KeyMap *m, uint32_t key) { return hash_mix(key) & m->mask; }

uint32_t keymap_get(const KeyMap *m, uint32_t key) {
  if (!m->count) return 0;
  for (uint32_t i = first_slot(m, key); m->slot[i].stamp == m->stamp; i = (i + 1) & m->mask)
    if (m->slot[i].key == key) return m->slot[i].value;
  return 0;
}

bool keymap_put(Store *s, KeyMap *m, uint32_t key, uint32_t value) {
  if (!m->slot || m->count * 2 >= m->mask) {
    uint32_t cap = m->slot ? (m->mask + 1) * 2 : 64;
    struct KeySlot *old = m->slot, *fresh = store_realloc(s, NULL, 0, cap * sizeof *fresh);
    if (!fresh) return false;
    memset(fresh, 0, cap * sizeof *fresh);
    uint32_t old_cap = old ? m->mask + 1 : 0, stamp = m->stamp;
    m->slot = fresh;
    m->mask = cap - 1;
    m->count = 0;
    for (uint32_t i = 0; i < old_cap; i++)
      if (old[i].stamp == stamp) keymap_put(s, m, old[i].key, old[i].value);
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
