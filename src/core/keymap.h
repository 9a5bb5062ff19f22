/* keymap.h: a map from words of any kind to words that empties in constant time. Key and value are
** not 0. For the ids of nodes there is map.h. */
#ifndef KEYMAP_H
#define KEYMAP_H

#include <stdbool.h>
#include <stdint.h>

struct Store;

typedef struct {
  struct KeySlot { uint32_t key, stamp, value; } *slot;
  uint32_t mask, count, stamp;
} KeyMap;

uint32_t keymap_get(const KeyMap *m, uint32_t key); /* 0: absent */
bool keymap_put(struct Store *s, KeyMap *m, uint32_t key, uint32_t value);
void keymap_clear(KeyMap *m);
void keymap_free(struct Store *s, KeyMap *m);

#endif
