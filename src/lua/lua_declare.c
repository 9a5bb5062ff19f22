/* lua_declare.c: declarations from their text to the letters of a scope at once.

   Most declarations say a kind, a name, sizes that are names or whole numbers, and attributes that
   were declared together before: `matrix X(n,n) symmetric, scalar a`. Invariant: where the function
   here makes letters, the grammar and nabla.language.declare make the same; for any other text, a
   mistake among them, it gives nothing and changes no scope. */
#include <string.h>

#include "algebra/build.h"
#include "core/dim.h"
#include "core/map.h"
#include "core/name.h"
#include "lua/bind.h"

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
  lua_State *L;
  Store *s;
  const char *at, *end;
  Vec letters, sizes; /* sizes: their names */
  bool failed;        /* of the store; else what is read is only not plain */
} Reader;

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static char peek(const Reader *r) { return r->at < r->end ? *r->at : '\0'; }

static void skip_space(Reader *r) {
  while (r->at < r->end && is_space(*r->at)) r->at++;
}

/* Is the next character this one? It and the space behind are passed over then. */
static bool take(Reader *r, char c) {
  if (peek(r) != c) return false;
  r->at++;
  skip_space(r);
  return true;
}

/* Bytes of the name that begins here; 0: there is none in ASCII. */
static size_t name_here(const Reader *r) {
  const char *p = r->at;
  if (p == r->end || !is_letter(*p)) return 0;
  while (p < r->end && (is_letter(*p) || is_digit(*p))) p++;
  return p < r->end && (*p & 0x80) ? 0 : (size_t)(p - r->at);
}

/* Which of the words is the name of some bytes; WORDS: none. */
static int word_of(const Reader *r, size_t bytes) {
  int i = 0;
  while (i < WORDS && (strlen(words[i]) != bytes || memcmp(r->at, words[i], bytes) != 0)) i++;
  return i;
}

/* Append to a list; false, and the reader has failed, without memory. */
static bool push(Reader *r, Vec *v, uint32_t x) {
  bool ok = vec_push(r->s, v, x);
  r->failed |= !ok;
  return ok;
}

/* A size: a name or a whole number from 1 on. 0: something else. */
static DimId read_size(Reader *r) {
  size_t bytes = name_here(r);
  DimId d;
  if (bytes) {
    NameId name = name_intern(r->s, r->at, bytes);
    r->at += bytes;
    d = name ? dim_name(r->s, name) : 0;
    bool known = r->sizes.n && r->sizes.v[r->sizes.n - 1] == name;
    if (d && !known && !push(r, &r->sizes, name)) return 0;
  } else {
    const char *first = r->at;
    int64_t value = 0;
    while (is_digit(peek(r)) && r->at - first < DIGITS) value = 10 * value + (*r->at++ - '0');
    if (value < 1) return 0;
    d = dim_ratio(r->s, value, 1);
  }
  if (!d) r->failed = true;
  else dim_touch(r->s, d);
  skip_space(r);
  return d;
}

/* The sizes in brackets of a letter of the kind; in rows and cols. */
static bool read_sizes(Reader *r, int kind, DimId *rows, DimId *cols) {
  *rows = *cols = DIM_ONE;
  if (kind == 0) return true;
  if (!take(r, '(') || !(*rows = read_size(r))) return false;
  if (kind == 2 && !(take(r, ',') && (*cols = read_size(r)))) return false;
  return take(r, ')');
}

/* The attributes, which were declared together before, of a letter of a shape. */
static bool read_attributes(Reader *r, DimId rows, DimId cols, uint64_t *bits) {
  lua_State *L = r->L;
  const char *first = r->at, *last = first;
  size_t bytes;
  *bits = 0;
  while ((bytes = name_here(r)) > 0) {
    if (word_of(r, bytes) < WORDS) return false;
    last = r->at += bytes;
    skip_space(r);
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
static bool read_declaration(Reader *r, int *kind) {
  size_t bytes = name_here(r);
  int word = word_of(r, bytes);
  DimId rows, cols;
  uint64_t bits;
  if (bytes && word < KINDS_READ) {
    *kind = word;
    r->at += bytes;
    skip_space(r);
    bytes = name_here(r);
    word = word_of(r, bytes);
  }
  if (*kind < 0 || bytes == 0 || word < WORDS) return false;
  NameId name = name_intern(r->s, r->at, bytes);
  r->failed |= !name;
  r->at += bytes;
  skip_space(r);
  if (!name || !read_sizes(r, *kind, &rows, &cols)) return false;
  if (!read_attributes(r, rows, cols, &bits)) return false;
  return push(r, &r->letters, (uint32_t)*kind) && push(r, &r->letters, name) &&
         push(r, &r->letters, rows) && push(r, &r->letters, cols) &&
         push(r, &r->letters, (uint32_t)bits) && push(r, &r->letters, (uint32_t)(bits >> 32)) &&
         push(r, &r->letters, 0);
}

static bool read_text(Reader *r, int index) {
  size_t size;
  int kind = -1;
  if (lua_type(r->L, index) != LUA_TSTRING) return false;
  r->at = lua_tolstring(r->L, index, &size);
  r->end = r->at + size;
  skip_space(r);
  do
    if (!read_declaration(r, &kind)) return false;
  while (take(r, ',') || take(r, ';'));
  return r->at == r->end;
}

/* Is no name declared twice? */
static bool are_different(Reader *r) {
  const Vec *v = &r->letters;
  bool different = true;
  if (v->n <= FEW * L_WORDS) {
    for (uint32_t i = L_WORDS; i < v->n; i += L_WORDS)
      for (uint32_t k = 0; k < i; k += L_WORDS)
        different = different && v->v[i + L_NAME] != v->v[k + L_NAME];
    return different;
  }
  Map *seen = map_take(r->s);
  r->failed |= !seen;
  for (uint32_t i = 0; i < v->n && different && !r->failed; i += L_WORDS) {
    different = !map_get(seen, v->v[i + L_NAME]);
    r->failed |= !map_put(r->s, seen, v->v[i + L_NAME], 1);
  }
  map_give(r->s, seen);
  return different && !r->failed;
}

/* Make the symbols of the letters. */
static bool make_symbols(Reader *r) {
  for (uint32_t i = 0; i < r->letters.n && !r->failed; i += L_WORDS) {
    uint32_t *w = r->letters.v + i;
    uint64_t bits = w[L_BITS] | (uint64_t)w[L_BITS_HIGH] << 32;
    w[L_ID] = build_symbol(r->s, w[L_NAME], kinds[w[L_KIND]], bits, w[L_ROWS], w[L_COLS]);
    r->failed = !w[L_ID];
  }
  return !r->failed;
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
static void declare_all(lua_State *L, StoreBox *b, const Reader *r) {
  const Vec *v = &r->letters;
  lua_createtable(L, (int)(v->n / L_WORDS), 0);
  for (uint32_t i = 0; i < v->n; i += L_WORDS) {
    declare_letter(L, b, v->v + i);
    lua_rawseti(L, -2, (lua_Integer)(i / L_WORDS) + 1);
  }
  for (uint32_t i = 0; i < r->sizes.n; i++) {
    lua_pushstring(L, name_text(b->s, r->sizes.v[i]));
    lua_pushboolean(L, 1);
    lua_rawset(L, AT_SIZES);
  }
}

/* letters and sizes of a scope; of the attributes that were declared together, as `symmetric
   invertible`, the bits, and the set of those of square matrices only; texts of declarations -> the
   handles of the letters, which are then in the scope; nil: a text is not plain */
static int l_declare(lua_State *L) {
  StoreBox *b = bind_box(L);
  Reader r = {.L = L, .s = b->s};
  int top = lua_gettop(L);
  for (int i = AT_VARS; i < AT_TEXTS; i++) luaL_checktype(L, i, LUA_TTABLE);
  vec_init(&r.letters);
  vec_init(&r.sizes);
  bool plain = top >= AT_TEXTS;
  for (int i = AT_TEXTS; plain && i <= top; i++) plain = read_text(&r, i);
  plain = plain && are_different(&r) && make_symbols(&r);
  if (plain) declare_all(L, b, &r);
  vec_done(b->s, &r.letters);
  vec_done(b->s, &r.sizes);
  if (r.failed) return bind_raise(L, b->s);
  if (!plain) lua_pushnil(L);
  return 1;
}

const luaL_Reg lua_declare_methods[] = {{"declare", l_declare}, {NULL, NULL}};
