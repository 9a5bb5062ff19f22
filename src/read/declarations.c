/* declarations.c: plain declarations to tables, quickly:
   `matrix A(m,n) symmetric, scalar f of x`.

   Plain are letters with sizes, an argument or several, an attribute before the kind and attributes
   behind; families and the values of attributes are read by the grammar
   (nabla.language.declarations). Invariant: as of expressions. */
#include <string.h>

#include "read/declarations.h"
#include "read/expression.h"

/* The kinds, with their numbers of sizes, and the other words of declarations. */
static const struct {
  const char *word;
  int sizes;
} words[] = {{"scalar", 0},    {"vector", 1},    {"matrix", 2}, {"number", 0}, {"operator", 0},
             {"constant", -1}, {"variable", -1}, {"of", -1},    {"for", -1}};
enum { SHAPES = 3, KINDS_READ = 5, KINDS = 7, OF = 7, FOR = 8, WORDS = 9 };

static int word_here(const Reader *r, size_t bytes) {
  int i = 0;
  while (i < WORDS && !reader_is_word(r, bytes, words[i].word)) i++;
  return i;
}

typedef struct {
  Reader *r;
  bool line; /* does a declaration end with its line? */
  int no_attributes;
  int kind;   /* of the declaration before; -1: there is none */
  int before; /* index of the list of the attribute before that kind, or 0 */
} Declarations;

/* The space inside one declaration. */
static void skip_within(const Declarations *d) {
  if (d->line) d->r->at = reader_behind_blanks(d->r, d->r->at);
  else reader_skip_space(d->r);
}

/* The sizes in brackets, for the declaration on top. */
static bool read_sizes(const Declarations *d, int sizes) {
  Reader *r = d->r;
  for (int i = 0; i < sizes; i++) {
    r->at++; /* the bracket, or a comma */
    reader_skip_space(r);
    if (!expression_read(r) || reader_peek(r, 0) != (i + 1 < sizes ? ',' : ')')) return false;
    lua_setfield(r->L, -2, i == 0 ? "rows" : "cols");
  }
  if (sizes == 0) return false;
  r->at++;
  skip_within(d);
  return true;
}

/* The next name that is no kind and not `of`, to a field of the table on top. */
static bool read_name(const Declarations *d, const char *key) {
  size_t bytes = reader_name(d->r);
  int word = word_here(d->r, bytes);
  if (bytes == 0 || word < KINDS || word == OF || reader_is_reserved(d->r, bytes)) return false;
  reader_take(d->r, key, bytes);
  return true;
}

/* Behind `of`: an argument, or several in brackets. */
static bool read_of(const Declarations *d) {
  Reader *r = d->r;
  lua_State *L = r->L;
  reader_skip_space(r);
  reader_set_place(L, "ofpos", reader_place(r, r->at));
  if (reader_peek(r, 0) != '(') {
    if (!read_name(d, "of")) return false;
    skip_within(d);
    return true;
  }
  lua_createtable(L, 2, 0);
  for (int i = 1; i == 1 || reader_peek(r, 0) == ','; i++) {
    r->at++; /* the bracket, or a comma */
    reader_skip_space(r);
    lua_createtable(L, 0, 2);
    reader_set_place(L, "pos", reader_place(r, r->at));
    if (!read_name(d, "name")) return false;
    lua_rawseti(L, -2, i);
    reader_skip_space(r);
  }
  lua_setfield(L, -2, "ofs");
  if (reader_peek(r, 0) != ')') return false;
  r->at++;
  skip_within(d);
  return true;
}

/* The attributes, and `of` among them, for the declaration on top: how many; -1: they are not
   plain. */
static int read_attributes(const Declarations *d, bool *of) {
  Reader *r = d->r;
  lua_State *L = r->L;
  int n = 0;
  size_t bytes;
  lua_pushvalue(L, d->no_attributes);
  while ((bytes = reader_name(r)) > 0 && !reader_is_reserved(r, bytes)) {
    int word = word_here(r, bytes);
    if (word < SHAPES || word == FOR || (word == OF && *of)) return -1;
    if (word == OF) {
      *of = true;
      r->at += bytes;
      lua_insert(L, -2); /* below the declaration */
      if (!read_of(d)) return -1;
      lua_insert(L, -2);
      continue;
    }
    if (n == 0) {
      lua_createtable(L, 1, 0);
      lua_replace(L, -2);
    }
    lua_createtable(L, 0, 2);
    reader_set_place(L, "pos", reader_place(r, r->at));
    reader_take(r, "name", bytes);
    lua_rawseti(L, -2, ++n);
    if (reader_peek(r, 0) == '(') return -1;
    skip_within(d);
    if (reader_peek(r, 0) == '(') return -1; /* the value of an attribute */
  }
  lua_setfield(L, -2, "attributes");
  if (reader_peek(r, 0) == '0') return -1; /* mean 0 */
  return bytes > 0 && reader_is_word(r, bytes, "for") ? -1 : n;
}

/* Is behind the name at the place the word of a kind? */
static bool is_before_kind(const Declarations *d) {
  Reader *r = d->r;
  const char *first = r->at;
  r->at += reader_name(r);
  reader_skip_space(r);
  size_t bytes = reader_name(r);
  bool is = bytes > 0 && word_here(r, bytes) < KINDS;
  r->at = first;
  return is;
}

/* `complex matrix`: an attribute before the kind, as a list, for the declaration on top. */
static bool read_before(Declarations *d) {
  Reader *r = d->r;
  lua_State *L = r->L;
  lua_createtable(L, 1, 0);
  lua_createtable(L, 0, 2);
  reader_set_place(L, "pos", reader_place(r, r->at));
  if (!read_name(d, "name")) return false;
  lua_rawseti(L, -2, 1);
  lua_pushvalue(L, -1);
  lua_replace(L, d->before);
  lua_setfield(L, -2, "before");
  reader_skip_space(r);
  return true;
}

/* The kind of the declaration on top, and the attribute before it; *own: it says them itself. */
static bool read_kind(Declarations *d, bool *own) {
  Reader *r = d->r;
  size_t bytes = reader_name(r);
  if (bytes == 0) return false;
  int word = word_here(r, bytes);
  bool before = word >= KINDS && is_before_kind(d);
  *own = before || word < KINDS;
  if (*own) {
    lua_pushnil(r->L);
    lua_replace(r->L, d->before);
  }
  if (before) {
    if (!read_before(d)) return false;
    bytes = reader_name(r);
    word = word_here(r, bytes);
  }
  if (*own) {
    if (word >= KINDS_READ) return false;
    d->kind = word;
    r->at += bytes;
    reader_skip_space(r);
  }
  if (d->kind < 0) return false;
  reader_set_text(r->L, "kind", words[d->kind].word);
  return true;
}

/* The attribute before the kind goes before those of the declaration on top, of which there are
   some. */
static void put_before(const Declarations *d, int attributes) {
  lua_State *L = d->r->L;
  if (lua_isnil(L, d->before)) return;
  if (attributes == 0) {
    lua_createtable(L, 1, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "attributes");
  } else lua_getfield(L, -1, "attributes");
  for (lua_Integer i = (lua_Integer)lua_rawlen(L, -1); i > 0; i--) {
    lua_rawgeti(L, -1, i);
    lua_rawseti(L, -2, i + 1);
  }
  lua_rawgeti(L, d->before, 1);
  lua_rawseti(L, -2, 1);
  lua_pop(L, 1);
}

static bool read_declaration(Declarations *d) {
  Reader *r = d->r;
  lua_State *L = r->L;
  bool own, of = false;
  lua_createtable(L, 0, 8);
  reader_set_place(L, "pos", reader_place(r, r->at));
  if (!read_kind(d, &own)) return false;
  reader_set_place(L, "namepos", reader_place(r, r->at));
  if (!read_name(d, "name")) return false;
  skip_within(d);
  bool sizes = reader_peek(r, 0) == '(';
  if (sizes && !read_sizes(d, words[d->kind].sizes)) return false;
  int attributes = read_attributes(d, &of);
  if (attributes < 0) return false;
  if (!own && !sizes && !of && attributes == 0) reader_set_true(L, "bare");
  put_before(d, attributes);
  return true;
}

bool declarations_read(Reader *r, bool line, int no_attributes) {
  Declarations d = {r, line, no_attributes, -1, 0};
  int n = 0;
  lua_pushnil(r->L);
  d.before = lua_gettop(r->L);
  lua_createtable(r->L, 2, 0);
  do {
    if (n) {
      r->at++; /* the comma or semicolon */
      reader_skip_space(r);
    }
    if (!read_declaration(&d)) return false;
    lua_rawseti(r->L, -2, ++n);
  } while (reader_peek(r, 0) == ',' || reader_peek(r, 0) == ';');
  lua_remove(r->L, d.before);
  return true;
}
