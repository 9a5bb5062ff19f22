/* name.c: the table of names. */
#include "core/name.h"

#include <string.h>

#include "core/hash.h"

NameId name_intern(Store *s, const char *text, size_t length) {
  struct Names *t = &s->names;
  if (t->n + 1 >= t->cap) {
    uint32_t cap = t->cap ? t->cap * 2 : 256;
    uint32_t *slot = store_realloc(s, NULL, 0, cap * 2 * sizeof *slot);
    if (!slot) return 0;
    char **v = store_realloc(s, t->text, t->cap * sizeof *v, cap * sizeof *v);
    if (!v) {
      store_realloc(s, slot, cap * 2 * sizeof *slot, 0);
      return 0;
    }
    t->text = v;
    memset(slot, 0, cap * 2 * sizeof *slot);
    if (t->slot) store_realloc(s, t->slot, (t->mask + 1) * sizeof *slot, 0);
    t->slot = slot;
    t->mask = cap * 2 - 1;
    t->cap = cap;
    for (uint32_t i = 1; i <= t->n; i++) {
      uint32_t j = hash_text(t->text[i], strlen(t->text[i])) & t->mask;
      while (slot[j]) j = (j + 1) & t->mask;
      slot[j] = i;
    }
  }
  uint32_t j = hash_text(text, length) & t->mask;
  for (; t->slot[j]; j = (j + 1) & t->mask) {
    const char *known = t->text[t->slot[j]];
    if (strlen(known) == length && memcmp(known, text, length) == 0) return t->slot[j];
  }
  char *copy = store_realloc(s, NULL, 0, length + 1);
  if (!copy) return 0;
  memcpy(copy, text, length);
  copy[length] = '\0';
  t->text[++t->n] = copy;
  t->slot[j] = t->n;
  return t->n;
}
