/* lua_serialise.c: tables from bytes that lua_pack.c has packed; nabla.session.serialise says what
** they look like. The bytes are data: whatever they hold, no code runs, and what has no meaning
** raises an error. */
#include "lua/lua_serialise.h"

#include <stdint.h>
#include <string.h>

#include "lua/bind.h"

typedef struct {
  const unsigned char *at, *end;
} Bytes;

enum { SPECIAL = 2, KNOWN = 3 }; /* places on the stack: the function, the values by reference */

static int stop(lua_State *L) { return luaL_error(L, "the bytes hold no tables"); }

/* The next n bytes. */
static const unsigned char *take(lua_State *L, Bytes *b, size_t n) {
  if ((size_t)(b->end - b->at) < n) stop(L);
  const unsigned char *from = b->at;
  b->at += n;
  return from;
}

/* An unsigned number of n bytes, the lowest first. */
static uint64_t number(lua_State *L, Bytes *b, int n) {
  const unsigned char *p = take(L, b, (size_t)n);
  uint64_t x = 0;
  while (n-- > 0) x = x << 8 | p[n];
  return x;
}

static uint32_t word(lua_State *L, Bytes *b) { return (uint32_t)number(L, b, 4); }

static void push_text(lua_State *L, Bytes *b) {
  uint32_t n = word(L, b);
  lua_pushlstring(L, (const char *)take(L, b, n), n);
}

static void push_special(lua_State *L, Bytes *b) {
  lua_pushvalue(L, SPECIAL);
  push_text(L, b);
  lua_call(L, 1, 1);
}

static void push_integer(lua_State *L, Bytes *b) {
  lua_pushinteger(L, (lua_Integer)number(L, b, 8));
}

static void push_float(lua_State *L, Bytes *b) {
  uint64_t bits = number(L, b, 8);
  double x;
  memcpy(&x, &bits, sizeof x);
  lua_pushnumber(L, x);
}

static void push_boolean(lua_State *L, Bytes *b) { lua_pushboolean(L, *take(L, b, 1) == 1); }

static void (*const push_value[])(lua_State *, Bytes *) = {push_text, push_special, push_integer,
                                                           push_float, push_boolean};
enum { VALUES = sizeof push_value / sizeof *push_value };

/* Push the value of a reference. */
static void push_known(lua_State *L, Bytes *b) { lua_rawgeti(L, KNOWN, word(L, b)); }

static void push_table(lua_State *L, Bytes *b) {
  uint32_t items = word(L, b), pairs = word(L, b);
  if ((size_t)(b->end - b->at) / 4 < (size_t)items + 2 * (size_t)pairs) stop(L);
  lua_createtable(L, (int)items, (int)pairs);
  for (uint32_t i = 1; i <= items; i++) {
    push_known(L, b);
    lua_rawseti(L, -2, i);
  }
  for (uint32_t i = 0; i < pairs; i++) {
    push_known(L, b);
    if (lua_isnil(L, -1)) stop(L);
    push_known(L, b);
    lua_rawset(L, -3);
  }
}

/* bytes, special [, first, last] -> the root table. `special` gives the value that a special text
   means. `first` and `last`: the places in the bytes between which they are. */
int lua_serialise_unpack(lua_State *L) {
  size_t size;
  const char *text = bind_part(L, 1, 3, &size);
  luaL_checktype(L, SPECIAL, LUA_TFUNCTION);
  lua_settop(L, SPECIAL);
  Bytes b = {(const unsigned char *)text, (const unsigned char *)text + size};
  uint32_t counts[VALUES + 2];
  for (int k = 0; k < VALUES + 2; k++) counts[k] = word(L, &b);
  uint32_t tables = counts[VALUES];
  if (tables == 0 || tables > size / 8) stop(L);
  uint64_t known = tables;
  for (int k = 0; k < VALUES; k++) known += counts[k];
  if (known > size) stop(L); /* each takes a byte or more */
  lua_createtable(L, (int)known, 0);
  lua_Integer n = 0;
  for (int k = 0; k < VALUES; k++)
    for (uint32_t i = 0; i < counts[k]; i++) {
      push_value[k](L, &b);
      lua_rawseti(L, KNOWN, ++n);
    }
  for (uint32_t i = 0; i < tables; i++) {
    push_table(L, &b);
    lua_rawseti(L, KNOWN, ++n);
  }
  lua_rawgeti(L, KNOWN, n);
  return 1;
}
