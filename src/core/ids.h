/* ids.h: pointers by numbers that are given once: 1, 2, .. A number whose pointer was dropped is
** never given again, so whoever still has it finds nothing, and never another thing. Pages without
** pointers take no memory but for a word. */
#ifndef IDS_H
#define IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct Store;

enum { IDS_BITS = 8, IDS_PAGE = 1 << IDS_BITS };

typedef struct {
  struct IdPage { void *v[IDS_PAGE]; uint32_t used; } **page;
  uint32_t pages, n; /* n: the last number that was given */
} Ids;

/* The pointer of a number; NULL: it was dropped, or is none. */
static inline void *ids_at(const Ids *t, uint32_t id) {
  const struct IdPage *page = id && id <= t->n ? t->page[id >> IDS_BITS] : NULL;
  return page ? page->v[id & (IDS_PAGE - 1)] : NULL;
}
/* A number for a pointer, which is not NULL; 0 on failure. */
uint32_t ids_add(struct Store *s, Ids *t, void *p);
void ids_drop(struct Store *s, Ids *t, uint32_t id);
/* Free the pages, not what they point to. */
void ids_free(struct Store *s, Ids *t);

#endif
