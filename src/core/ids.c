/* ids.c: pages of pointers. */
#include "core/ids.h"

#include <string.h>

#include "core/store.h"

uint32_t ids_add(Store *s, Ids *t, void *p) {
  uint32_t id = t->n + 1, at = id >> IDS_BITS;
  if (id == UINT32_MAX) return store_fail(s, STORE_LIMIT, "too many names");
  if (at >= t->pages) {
    uint32_t pages = t->pages ? t->pages * 2 : 16;
    struct IdPage **page =
        store_realloc(s, t->page, t->pages * sizeof *page, pages * sizeof *page);
    if (!page) return 0;
    memset(page + t->pages, 0, (pages - t->pages) * sizeof *page);
    t->page = page;
    t->pages = pages;
  }
  if (!t->page[at]) {
    struct IdPage *page = store_realloc(s, NULL, 0, sizeof *page);
    if (!page) return 0;
    memset(page, 0, sizeof *page);
    t->page[at] = page;
  }
  t->page[at]->v[id & (IDS_PAGE - 1)] = p;
  t->page[at]->used++;
  return t->n = id;
}

void ids_drop(Store *s, Ids *t, uint32_t id) {
  struct IdPage *page = t->page[id >> IDS_BITS];
  page->v[id & (IDS_PAGE - 1)] = NULL;
  /* the page of the next number is needed at once */
  if (--page->used || id >> IDS_BITS == (t->n + 1) >> IDS_BITS) return;
  store_realloc(s, page, sizeof *page, 0);
  t->page[id >> IDS_BITS] = NULL;
}

void ids_free(Store *s, Ids *t) {
  for (uint32_t i = 0; i < t->pages; i++)
    if (t->page[i]) store_realloc(s, t->page[i], sizeof *t->page[i], 0);
  store_realloc(s, t->page, t->pages * sizeof *t->page, 0);
  memset(t, 0, sizeof *t);
}
