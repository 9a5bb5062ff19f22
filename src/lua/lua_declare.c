/* lua_declare.c: declarations from their text to the letters of a scope at once.

   Most declarations say a kind, a name, sizes that are names or whole numbers, and attributes that
   were declared together before: `matrix X(n,n) symmetric, scalar a`. Invariant: where the function
   here makes letters, the grammar and nabla.language.declare make the same; for any other text, a
   mistake among them, it gives nothing and changes no scope. */
#include "algebra/build.h"
#include "core/dim.h"
#include "core/map.h"
#include "core/name.h"
#include "lua/bind.h"
#include "read/reader.h"

/* The words that are no names of letters. The first three begin a declaration of so many sizes. */
static const char *const words[] = {"scalar",   "vector",   "matrix", "number", "constant",
                                    "variable", "operator", "of",     "for"};
enum { KINDS_READ = 3, WORDS = sizeof words / sizeof *words };
static const uint32_t kinds[KINDS_READ] = {KIND_SCALAR, KIND_VECTOR, KIND_MATRIX};

/* A letter, as so many words of a list. */
enum { L_KIND, L_NAME, L_ROWS, L_COLS, L_BITS, L_BITS_HIGH, L_ID, L_WORDS };

enum { FEW = 8, DIGITS = 9 }; /* letters that are compared in pairs; digits of a size */

/* The arguments of the method. */
enum { AT_VARS = 2, AT_SIZES, AT_BITS, AT_SQUARE, AT_TEXTS };

typedef struct {
  Reader r;
  Store *s;
  Vec letters, sizes; /* sizes: their names */
  bool failed;        /* of the store; else what is read is only not plain */
} Declaring;

/* Is the next character this one? It and the space behind are passed over then. */
static bool take(Reader *r, char c) {
  if (reader_peek(r, 0) != c) return false;
  r->at++;
  reader_skip_space(r);
  return true;
}

/* Which of the words is the name of some bytes; WORDS: none. */
static int word_of(const Reader *r, size_t bytes) {
  int i = 0;
  while (i < WORDS && !reader_is_word(r, bytes, words[i])) i++;
  return i;
}

/* Append to a list; false, and it has failed, without memory. */
static bool push(Declaring *d, Vec *v, uint32_t x) {
  bool ok = vec_push(d->s, v, x);
  d->failed |= !ok;
  return ok;
}

/* A size: a name or a whole number from 1 on. 0: something else. */
static DimId read_size(Declaring *d) {
  Reader *r = &d->r;
  size_t bytes = reader_name(r);
  DimId size;
  if (bytes) {
    NameId name = name_intern(d->s, r->at, bytes);
    r->at += bytes;
    size = name ? dim_name(d->s, name) : 0;
    bool known = d->sizes.n && d->sizes.v[d->sizes.n - 1] == name;
    if (size && !known && !push(d, &d->sizes, name)) return 0;
  } else {
    const char *first = r->at;
    int64_t value = 0;
    while (reader_is_digit(reader_peek(r, 0)) && r->at - first < DIGITS)
      value = 10 * value + (*r->at++ - '0');
    if (value < 1) return 0;
    size = dim_ratio(d->s, value, 1);
  }
  if (!size) d->failed = true;
  else dim_touch(d->s, size);
  reader_skip_space(r);
  return size;
}

/* The sizes in brackets of a letter of the kind; in rows and cols. */
static bool read_sizes(Declaring *d, int kind, DimId *rows, DimId *cols) {
  Reader *r = &d->r;
  *rows = *cols = DIM_ONE;
  if (kind == 0) return true;
  if (!take(r, '(') || !(*rows = read_size(d))) return false;
  if (kind == 2 && !(take(r, ',') && (*cols = read_size(d)))) return false;
  return take(r, ')');
}

/* The attributes, which were declared together before, of a letter of a shape. */
static bool read_attributes(Reader *r, DimId rows, DimId cols, uint64_t *bits) {
  lua_State *L = r->L;
  const char *first = r->at, *last = first;
  size_t bytes;
  *bits = 0;
  while ((bytes = reader_name(r)) > 0) {
    if (word_of(r, bytes) < WORDS) return false;
    last = r->at += bytes;
    reader_skip_space(r);
  }
  if (last == first) return true;
  lua_pushlstring(L, first, (size_t)(last - first));
  lua_pushvalue(L, -1);
  bool known = lua_rawget(L, AT_BITS) == LUA_TNUMBER;
  *bits = (uint64_t)lua_tointeger(L, -1);
  lua_pop(L, 1);
  bool square = lua_rawget(L, AT_SQUARE) != LUA_TNIL;
  lua_pop(L, 1);
  return known && (rows == cols || !square);
}

/* One declaration, of the kind of the one before where it says none (-1: there is none). */
static bool read_declaration(Declaring *d, int *kind) {
  Reader *r = &d->r;
  size_t bytes = reader_name(r);
  int word = word_of(r, bytes);
  DimId rows, cols;
  uint64_t bits;
  if (bytes && word < KINDS_READ) {
    *kind = word;
    r->at += bytes;
    reader_skip_space(r);
    bytes = reader_name(r);
    word = word_of(r, bytes);
  }
  if (*kind < 0 || bytes == 0 || word < WORDS) return false;
  NameId name = name_intern(d->s, r->at, bytes);
  d->failed |= !name;
  r->at += bytes;
  reader_skip_space(r);
  if (!name || !read_sizes(d, *kind, &rows, &cols)) return false;
  if (!read_attributes(r, rows, cols, &bits)) return false;
  return push(d, &d->letters, (uint32_t)*kind) && push(d, &d->letters, name) &&
         push(d, &d->letters, rows) && push(d, &d->letters, cols) &&
         push(d, &d->letters, (uint32_t)bits) && push(d, &d->letters, (uint32_t)(bits >> 32)) &&
         push(d, &d->letters, 0);
}

static bool read_text(Declaring *d, lua_State *L, int index) {
  int kind = -1, top = lua_gettop(L);
  if (lua_type(L, index) != LUA_TSTRING) return false;
  reader_start(&d->r, L, index);
  reader_skip_space(&d->r);
  bool plain;
  do plain = read_declaration(d, &kind);
  while (plain && (take(&d->r, ',') || take(&d->r, ';')));
  lua_settop(L, top);
  return plain && d->r.at == d->r.end;
}

/* Is no name declared twice? */
static bool are_different(Declaring *d) {
  const Vec *v = &d->letters;
  bool different = true;
  if (v->n <= FEW * L_WORDS) {
    for (uint32_t i = L_WORDS; i < v->n; i += L_WORDS)
      for (uint32_t k = 0; k < i; k += L_WORDS)
        different = different && v->v[i + L_NAME] != v->v[k + L_NAME];
    return different;
  }
  Map *seen = map_take(d->s);
  d->failed |= !seen;
  for (uint32_t i = 0; i < v->n && different && !d->failed; i += L_WORDS) {
    different = !map_get(seen, v->v[i + L_NAME]);
    d->failed |= !map_put(d->s, seen, v->v[i + L_NAME], 1);
  }
  map_give(d->s, seen);
  return different && !d->failed;
}

/* Make the symbols of the letters. */
static bool make_symbols(Declaring *d) {
  for (uint32_t i = 0; i < d->letters.n && !d->failed; i += L_WORDS) {
    uint32_t *w = d->letters.v + i;
    uint64_t bits = w[L_BITS] | (uint64_t)w[L_BITS_HIGH] << 32;
    w[L_ID] = build_symbol(d->s, w[L_NAME], kinds[w[L_KIND]], bits, w[L_ROWS], w[L_COLS]);
    d->failed = !w[L_ID];
  }
  return !d->failed;
}

/* What a scope knows of a letter (nabla.language.scope), from its words; its handle is left on top.
 */
static void declare_letter(lua_State *L, StoreBox *b, const uint32_t *w) {
  lua_pushstring(L, name_text(b->s, w[L_NAME]));
  lua_createtable(L, 0, 6);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, words[w[L_KIND]]);
  lua_setfield(L, -2, "kind");
  lua_pushinteger(L, w[L_ROWS]);
  lua_setfield(L, -2, "rows");
  lua_pushinteger(L, w[L_COLS]);
  lua_setfield(L, -2, "cols");
  lua_pushinteger(L, w[L_ID]);
  lua_setfield(L, -2, "id");
  bind_push_handle(L, b, w[L_ID]);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "handle"); /* declared names stay alive with the session */
  lua_insert(L, -3);
  lua_rawset(L, AT_VARS);
}

/* Put what was read into the scope: the list of the handles is pushed. */
static void declare_all(lua_State *L, StoreBox *b, const Declaring *d) {
  const Vec *v = &d->letters;
  lua_createtable(L, (int)(v->n / L_WORDS), 0);
  for (uint32_t i = 0; i < v->n; i += L_WORDS) {
    declare_letter(L, b, v->v + i);
    lua_rawseti(L, -2, (lua_Integer)(i / L_WORDS) + 1);
  }
  for (uint32_t i = 0; i < d->sizes.n; i++) {
    lua_pushstring(L, name_text(b->s, d->sizes.v[i]));
    lua_pushboolean(L, 1);
    lua_rawset(L, AT_SIZES);
  }
}

/* letters and sizes of a scope; of the attributes that were declared together, as `symmetric
   invertible`, the bits, and the set of those of square matrices only; texts of declarations -> the
   handles of the letters, which are then in the scope; nil: a text is not plain */
static int l_declare(lua_State *L) {
  StoreBox *b = bind_box(L);
  Declaring d;
  int top = lua_gettop(L);
  for (int i = AT_VARS; i < AT_TEXTS; i++) luaL_checktype(L, i, LUA_TTABLE);
  d.s = b->s;
  d.failed = false;
  vec_init(&d.letters);
  vec_init(&d.sizes);
  bool plain = top >= AT_TEXTS;
  for (int i = AT_TEXTS; plain && i <= top; i++) plain = read_text(&d, L, i);
  plain = plain && are_different(&d) && make_symbols(&d);
  if (plain) declare_all(L, b, &d);
  vec_done(b->s, &d.letters);
  vec_done(b->s, &d.sizes);
  if (d.failed) return bind_raise(L, b->s);
  if (!plain) lua_pushnil(L);
  return 1;
}

const luaL_Reg lua_declare_methods[] = {{"declare", l_declare}, {NULL, NULL}};
