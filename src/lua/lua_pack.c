/* lua_pack.c: bytes from tables; nabla.session.serialise says what the bytes are. A value is looked
** up by its reference: its place among those of its kind, and above it the number of the kind. The
** counts of the kinds, and so the numbers in the bytes, are known at the end. */
#include "lua/lua_pack.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lua/bind.h"

#define BYTES "nabla.pack"

/* The kinds, in the order of the bytes; 0: a count among the words. */
enum { TEXT = 1, SPECIAL_TEXT, INTEGER, FLOAT, BOOLEAN, TABLE, SORTS };
/* Places on the stack: the arguments, of which the last two say of which texts and tables `special`
   is asked; value -> reference, of a table being packed 0; special text
   -> reference; number -> reference. Then the boxes, so that an error frees them. */
enum { ROOT = 1, SPECIAL, PREFIX, ASKED, KNOWN, SPECIALS, INTEGERS, FLOATS, BOXES };
enum { KIND_SHIFT = 40, DEEPEST = 5000 };

typedef struct {
  char *at;
  size_t n, room;
} Box;

/* The boxes: the values of each kind; the keys of the tables under way; their words; all words. */
enum { KEYS = TABLE, WORDS, OUT, MANY_BOXES };

typedef struct {
  lua_State *L;
  Box *box[MANY_BOXES];
  uint32_t count[SORTS];
  uint64_t truth[2]; /* the references to false and true; 0: none yet */
  int depth;
} Pack;

typedef struct {
  int type;
  size_t n; /* of a string */
  const char *text;
  lua_Number x;
  lua_Integer i;
} Key;

static int box_free(lua_State *L) {
  free(((Box *)lua_touserdata(L, 1))->at);
  return 0;
}

static Box *box_new(lua_State *L) {
  Box *b = lua_newuserdata(L, sizeof *b);
  memset(b, 0, sizeof *b);
  if (luaL_newmetatable(L, BYTES)) {
    lua_pushcfunction(L, box_free);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return b;
}

/* n more bytes at the end of a box. */
static char *box_more(lua_State *L, Box *b, size_t n) {
  if (b->room - b->n < n) {
    size_t room = b->room * 2 > b->n + n ? b->room * 2 : b->n + n + 64;
    char *at = realloc(b->at, room);
    if (!at) luaL_error(L, "not enough memory");
    b->at = at;
    b->room = room;
  }
  b->n += n;
  return b->at + b->n - n;
}

static void add_bytes(lua_State *L, Box *b, const void *from, size_t n) {
  char *to = box_more(L, b, n);
  if (n > 0) memcpy(to, from, n);
}

static void add_number(lua_State *L, Box *b, uint64_t x, int bytes) {
  char *to = box_more(L, b, (size_t)bytes);
  for (int k = 0; k < bytes; k++) to[k] = (char)(x >> 8 * k & 255);
}

static void add_word(Pack *p, uint64_t x) { add_bytes(p->L, p->box[WORDS], &x, sizeof x); }

static uint64_t fresh(Pack *p, int kind) {
  return (uint64_t)kind << KIND_SHIFT | ++p->count[kind];
}

/* The reference that a table at a place on the stack has for the value on top, which stays; -1:
   none. */
static int64_t known(lua_State *L, int place) {
  lua_pushvalue(L, -1);
  lua_rawget(L, place);
  int64_t reference = lua_isnil(L, -1) ? -1 : (int64_t)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return reference;
}

/* Let a table at a place on the stack know the value on top, which stays. */
static void learn(lua_State *L, int place, uint64_t reference) {
  lua_pushvalue(L, -1);
  lua_pushinteger(L, (lua_Integer)reference);
  lua_rawset(L, place);
}

static void add_text(Pack *p, int kind) {
  size_t n;
  const char *text = lua_tolstring(p->L, -1, &n);
  if (n > UINT32_MAX) luaL_error(p->L, "a text is too long");
  add_number(p->L, p->box[kind], n, 4);
  add_bytes(p->L, p->box[kind], text, n);
}

static uint64_t pack_number(Pack *p) {
  lua_State *L = p->L;
  bool whole = lua_isinteger(L, -1);
  int place = whole ? INTEGERS : FLOATS, kind = whole ? INTEGER : FLOAT;
  int64_t at = known(L, place);
  if (at >= 0) return (uint64_t)at;
  uint64_t bits;
  if (whole) {
    bits = (uint64_t)lua_tointeger(L, -1);
  } else {
    double x = lua_tonumber(L, -1);
    memcpy(&bits, &x, sizeof bits);
  }
  add_number(L, p->box[kind], bits, 8);
  uint64_t reference = fresh(p, kind);
  learn(L, place, reference);
  return reference;
}

static uint64_t pack_boolean(Pack *p) {
  int truth = lua_toboolean(p->L, -1);
  if (p->truth[truth] == 0) {
    add_number(p->L, p->box[BOOLEAN], (uint64_t)truth, 1);
    p->truth[truth] = fresh(p, BOOLEAN);
  }
  return p->truth[truth];
}

/* Is `special` to be asked of the value on top? Of a text that begins with the prefix, a table of a
   set, and what there are no bytes for. */
static bool is_asked(lua_State *L) {
  int type = lua_type(L, -1);
  if (type == LUA_TSTRING && lua_isstring(L, PREFIX)) {
    size_t n, m;
    const char *text = lua_tolstring(L, -1, &n), *prefix = lua_tolstring(L, PREFIX, &m);
    return n >= m && memcmp(text, prefix, m) == 0;
  }
  if (type != LUA_TTABLE || !lua_istable(L, ASKED)) return true;
  lua_pushvalue(L, -1);
  bool asked = lua_rawget(L, ASKED) != LUA_TNIL;
  lua_pop(L, 1);
  return asked;
}

/* The reference to what `special` says of the value on top, which stays; 0: it says nothing. */
static uint64_t pack_special(Pack *p) {
  lua_State *L = p->L;
  if (!is_asked(L)) return 0;
  lua_pushvalue(L, SPECIAL);
  lua_pushvalue(L, -2);
  lua_call(L, 1, 1);
  uint64_t reference = 0;
  if (lua_type(L, -1) == LUA_TSTRING) {
    int64_t at = known(L, SPECIALS);
    if (at < 0) {
      add_text(p, SPECIAL_TEXT);
      at = (int64_t)fresh(p, SPECIAL_TEXT);
      learn(L, SPECIALS, (uint64_t)at);
    }
    reference = (uint64_t)at;
  }
  lua_pop(L, 1);
  return reference;
}

static int compare_numbers(const Key *x, const Key *y) {
  if (x->type != y->type) return x->type < y->type ? -1 : 1;
  if (x->x < y->x || x->x > y->x) return x->x < y->x ? -1 : 1;
  return (x->i > y->i) - (x->i < y->i);
}

/* Keys by their types; strings by their bytes. */
static int compare_keys(const void *a, const void *b) {
  const Key *x = a, *y = b;
  if (x->type != LUA_TSTRING || y->type != LUA_TSTRING) return compare_numbers(x, y);
  int order = memcmp(x->text, y->text, x->n < y->n ? x->n : y->n);
  return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

/* The keys of the table on top behind its first `items`, in order, at the end of the box: how
   many. */
static size_t add_keys(Pack *p, lua_Integer items) {
  lua_State *L = p->L;
  size_t first = p->box[KEYS]->n, many = 0;
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pop(L, 1);
    Key key = {.type = lua_type(L, -1)};
    if (key.type == LUA_TSTRING) {
      key.text = lua_tolstring(L, -1, &key.n);
    } else if (key.type == LUA_TNUMBER) {
      key.i = lua_tointeger(L, -1);
      if (lua_isinteger(L, -1) && key.i >= 1 && key.i <= items) continue;
      key.x = lua_tonumber(L, -1);
      if (!lua_isinteger(L, -1)) key.i = 0;
    } else if (key.type == LUA_TBOOLEAN) {
      key.i = lua_toboolean(L, -1);
    } else {
      luaL_error(L, "there are no bytes for a key that is a %s", luaL_typename(L, -1));
    }
    add_bytes(L, p->box[KEYS], &key, sizeof key);
    many++;
  }
  if (many > 1) qsort(p->box[KEYS]->at + first, many, sizeof(Key), compare_keys);
  return many;
}

static void push_key(lua_State *L, const Key *key, bool whole) {
  if (key->type == LUA_TSTRING) lua_pushlstring(L, key->text, key->n);
  else if (key->type == LUA_TBOOLEAN) lua_pushboolean(L, (int)key->i);
  else if (whole) lua_pushinteger(L, key->i);
  else lua_pushnumber(L, key->x);
}

static uint64_t refer(Pack *p);

/* Add the words of the pairs of the table on top whose keys begin at a place of the box. */
static void add_pairs(Pack *p, size_t first, size_t many) {
  lua_State *L = p->L;
  for (size_t k = 0; k < many; k++) {
    Key key; /* the box may move */
    memcpy(&key, p->box[KEYS]->at + first + k * sizeof key, sizeof key);
    bool whole = (lua_Number)key.i == key.x; /* Lua makes a whole float an integer, as a key */
    push_key(L, &key, whole);
    lua_pushvalue(L, -1);
    add_word(p, refer(p));
    lua_rawget(L, -2);
    add_word(p, refer(p));
  }
}

/* The reference to the table on top, which stays. Its words wait in a box while those of the tables
   in it are written. */
static uint64_t pack_table(Pack *p) {
  lua_State *L = p->L;
  if (lua_getmetatable(L, -1))
    luaL_error(L, "there are no bytes for a table with a metatable");
  if (++p->depth > DEEPEST || !lua_checkstack(L, 8)) luaL_error(L, "tables nest too deeply");
  learn(L, KNOWN, 0);
  Box *words = p->box[WORDS], *keys = p->box[KEYS];
  size_t first = words->n, first_key = keys->n;
  lua_Integer items = 0;
  while (lua_rawgeti(L, -1, items + 1) != LUA_TNIL) { /* not its length: it may have holes */
    lua_pop(L, 1);
    items++;
  }
  lua_pop(L, 1);
  size_t many = add_keys(p, items);
  add_word(p, (uint64_t)items);
  add_word(p, many);
  for (lua_Integer i = 1; i <= items; i++) {
    lua_rawgeti(L, -1, i);
    add_word(p, refer(p));
  }
  add_pairs(p, first_key, many);
  add_bytes(L, p->box[OUT], words->at + first, words->n - first);
  words->n = first;
  keys->n = first_key;
  p->depth--;
  uint64_t reference = fresh(p, TABLE);
  learn(L, KNOWN, reference);
  return reference;
}

/* The reference to the value on top, which is popped. */
static uint64_t refer(Pack *p) {
  lua_State *L = p->L;
  int type = lua_type(L, -1);
  uint64_t reference;
  if (type == LUA_TNUMBER) {
    reference = pack_number(p);
  } else if (type == LUA_TBOOLEAN) {
    reference = pack_boolean(p);
  } else {
    int64_t at = known(L, KNOWN);
    if (at == 0) luaL_error(L, "there are no bytes for a table that holds itself");
    reference = at > 0 ? (uint64_t)at : pack_special(p);
    if (reference == 0) {
      if (type == LUA_TTABLE) {
        reference = pack_table(p);
      } else if (type == LUA_TSTRING) {
        add_text(p, TEXT);
        reference = fresh(p, TEXT);
      } else {
        luaL_error(L, "there are no bytes for a %s", luaL_typename(L, -1));
      }
    }
    if (at < 0) learn(L, KNOWN, reference);
  }
  lua_pop(L, 1);
  return reference;
}

/* A word of the bytes: a count as it is; a reference as the number of its value among all. */
static uint32_t resolved(const uint64_t *first, uint64_t word) {
  return (uint32_t)(first[word >> KIND_SHIFT] + (word & (((uint64_t)1 << KIND_SHIFT) - 1)));
}

/* root, special [, prefix, asked] -> bytes. `special` gives the text of a value that stands for
   something else when it is read, or nil; it is asked of strings (with the prefix), tables (those
   that are keys of `asked`) and what cannot be packed. */
int lua_pack_table(lua_State *L) {
  luaL_checktype(L, ROOT, LUA_TTABLE);
  luaL_checktype(L, SPECIAL, LUA_TFUNCTION);
  lua_settop(L, ASKED);
  for (int place = KNOWN; place < BOXES; place++) lua_newtable(L);
  Pack p = {.L = L};
  for (int k = 0; k < MANY_BOXES; k++) p.box[k] = box_new(L);
  lua_pushvalue(L, ROOT);
  refer(&p);
  Box *bytes = p.box[WORDS], *out = p.box[OUT];
  uint32_t words = (uint32_t)(out->n / sizeof(uint64_t));
  uint64_t first[SORTS] = {0}; /* by kind: how many values are before its first */
  for (int k = TEXT; k < SORTS; k++) {
    first[k] = first[k - 1] + p.count[k - 1];
    add_number(L, bytes, p.count[k], 4);
  }
  add_number(L, bytes, words, 4);
  for (int k = TEXT; k < TABLE; k++) add_bytes(L, bytes, p.box[k]->at, p.box[k]->n);
  for (uint32_t k = 0; k < words; k++) {
    uint64_t word;
    memcpy(&word, out->at + k * sizeof word, sizeof word);
    add_number(L, bytes, resolved(first, word), 4);
  }
  lua_pushlstring(L, bytes->at, bytes->n);
  return 1;
}
