/* name.c: the table of names. */
#include "core/name.h"

#include <string.h>

#include "core/hash.h"

enum { FEWEST = 4096 }; /* slots: the default rules have a thousand names */

static void put_slot(struct Names *t, NameId id) {
  const Name *p = ids_at(&t->ids, id);
  uint32_t j = hash_text(p->text, strlen(p->text)) & t->mask;
  while (t->slot[j]) j = (j + 1) & t->mask;
  t->slot[j] = id;
}

/* Does the sweep leave a name? */
static bool survives(const struct Names *t, NameId id) {
  const Name *p = ids_at(&t->ids, id);
  return id <= t->kept || p->used;
}

static void drop(Store *s, NameId id) {
  Name *p = ids_at(&s->names.ids, id);
  store_realloc(s, p, sizeof *p + strlen(p->text) + 1, 0);
  ids_drop(s, &s->names.ids, id);
  s->names.live--;
}

/* New slots for the names, or for those that the sweep leaves. */
static bool make_slots(Store *s, uint32_t cap, bool sweep) {
  struct Names *t = &s->names;
  uint32_t *slot = store_realloc(s, NULL, 0, cap * sizeof *slot);
  if (!slot) return false;
  memset(slot, 0, cap * sizeof *slot);
  uint32_t *old = t->slot, old_cap = old ? t->mask + 1 : 0;
  t->slot = slot;
  t->mask = cap - 1;
  for (uint32_t i = 0; i < old_cap; i++) {
    if (!old[i]) continue;
    if (!sweep || survives(t, old[i])) put_slot(t, old[i]);
    else drop(s, old[i]);
  }
  if (old) store_realloc(s, old, old_cap * sizeof *old, 0);
  return true;
}

NameId name_intern(Store *s, const char *text, size_t length) {
  struct Names *t = &s->names;
  uint32_t cap = t->slot ? t->mask + 1 : FEWEST;
  if ((!t->slot || t->live * 2 >= cap) && !make_slots(s, t->slot ? cap * 2 : cap, false)) return 0;
  uint32_t j = hash_text(text, length) & t->mask;
  for (; t->slot[j]; j = (j + 1) & t->mask) {
    const char *known = name_text(s, t->slot[j]);
    if (strlen(known) == length && memcmp(known, text, length) == 0) return t->slot[j];
  }
  Name *p = store_realloc(s, NULL, 0, sizeof *p + length + 1);
  if (!p) return 0;
  p->used = false;
  memcpy(p->text, text, length);
  p->text[length] = '\0';
  NameId id = ids_add(s, &t->ids, p);
  if (!id) {
    store_realloc(s, p, sizeof *p + length + 1, 0);
    return 0;
  }
  t->slot[j] = id;
  t->live++;
  return id;
}

void name_keep(Store *s) { s->names.kept = s->names.ids.n; }

void name_sweep(Store *s) {
  struct Names *t = &s->names;
  uint32_t left = 0, cap = t->slot ? t->mask + 1 : 0;
  for (uint32_t i = 0; i < cap; i++) left += t->slot[i] && survives(t, t->slot[i]);
  if (left < t->live) {
    uint32_t fit = cap;
    while (fit > FEWEST && left * 8 < fit) fit /= 2;
    make_slots(s, fit, true); /* without memory the next sweep frees them */
  }
  for (uint32_t i = 0; t->slot && i <= t->mask; i++) {
    Name *p = ids_at(&t->ids, t->slot[i]);
    if (p) p->used = false;
  }
}

void name_close(Store *s) {
  for (NameId i = 1; i <= s->names.ids.n; i++)
    if (name_known(s, i)) drop(s, i);
  ids_free(s, &s->names.ids);
  store_realloc(s, s->names.slot, s->names.slot ? (s->names.mask + 1) * sizeof(uint32_t) : 0, 0);
}
