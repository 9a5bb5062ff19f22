/* map.h: a map from ids to ids that empties in constant time. Key and value are not 0. */
#ifndef MAP_H
#define MAP_H

#include <stdbool.h>
#include <stdint.h>

struct Store;

typedef struct {
  struct MapSlot { uint32_t key, stamp, value; } *slot;
  uint32_t mask, count, stamp;
} Map;

Map *map_take(struct Store *s); /* an empty map; NULL on failure */
void map_give(struct Store *s, Map *m);
uint32_t map_get(const Map *m, uint32_t key); /* 0: absent */
bool map_put(struct Store *s, Map *m, uint32_t key, uint32_t value);
void map_clear(Map *m);
void map_free(struct Store *s, Map *m);

#endif
