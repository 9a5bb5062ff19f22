/* name.h: interned strings. Equal names have the same id. */
#ifndef NAME_H
#define NAME_H

#include "core/store.h"

typedef struct {
  bool used; /* reached by the collection under way */
  char text[];
} Name;

NameId name_intern(Store *s, const char *text, size_t length);
static inline const char *name_text(const Store *s, NameId name) {
  const Name *p = ids_at(&s->names.ids, name);
  return p ? p->text : "";
}
static inline bool name_known(const Store *s, NameId name) {
  return ids_at(&s->names.ids, name) != NULL;
}

/* Collection: the names that are there now stay for good; those that are marked survive the next
   sweep, which frees the others. */
void name_keep(Store *s);
static inline void name_mark(Store *s, NameId name) {
  Name *p = ids_at(&s->names.ids, name);
  if (p) p->used = true;
}
void name_sweep(Store *s);
void name_close(Store *s);

#endif
