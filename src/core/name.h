/* name.h: interned strings. Equal names have the same id. */
#ifndef NAME_H
#define NAME_H

#include "core/store.h"

NameId name_intern(Store *s, const char *text, size_t length);
static inline const char *name_text(const Store *s, NameId name) { return s->names.text[name]; }

#endif
