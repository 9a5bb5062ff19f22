/* lua_bytes.c: the memory comes from the system in one piece whose pages are there from the start,
** where it can: a program that starts would else be stopped at each page of a file. */
#define _DEFAULT_SOURCE
#include "lua/lua_bytes.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#define BYTES "nabla.bytes"

typedef struct {
  char *at;
  size_t size;
} Bytes;

#ifdef MAP_POPULATE
static char *allocate(size_t size) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE;
  void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
  return at == MAP_FAILED ? NULL : at;
}
static void release(Bytes *b) { munmap(b->at, b->size + 1); }
#else
static char *allocate(size_t size) { return malloc(size); }
static void release(Bytes *b) { free(b->at); }
#endif

static int l_gc(lua_State *L) {
  Bytes *b = luaL_checkudata(L, 1, BYTES);
  if (b->at) release(b);
  b->at = NULL;
  b->size = 0;
  return 0;
}

static int l_len(lua_State *L) {
  const Bytes *b = luaL_checkudata(L, 1, BYTES);
  lua_pushinteger(L, (lua_Integer)b->size);
  return 1;
}

/* bytes, first [, last] -> the string between these places, both counted from 1 */
static int l_sub(lua_State *L) {
  const Bytes *b = luaL_checkudata(L, 1, BYTES);
  lua_Integer n = (lua_Integer)b->size;
  lua_Integer first = luaL_checkinteger(L, 2), last = luaL_optinteger(L, 3, n);
  if (first < 1) first = 1;
  if (last > n) last = n;
  if (first > last) lua_pushliteral(L, "");
  else lua_pushlstring(L, b->at + first - 1, (size_t)(last - first + 1));
  return 1;
}

/* bytes, text [, from] -> the place where the text begins first; nil if it is not there */
static int l_find(lua_State *L) {
  const Bytes *b = luaL_checkudata(L, 1, BYTES);
  size_t n;
  const char *text = luaL_checklstring(L, 2, &n);
  lua_Integer from = luaL_optinteger(L, 3, 1);
  luaL_argcheck(L, n > 0 && from >= 1, 2, "nothing to look for");
  const char *p = b->at, *end = p + b->size;
  for (p += (size_t)from <= b->size ? (size_t)from - 1 : b->size; (size_t)(end - p) >= n; p++) {
    p = memchr(p, text[0], (size_t)(end - p) - n + 1);
    if (!p) return 0;
    if (!memcmp(p, text, n)) {
      lua_pushinteger(L, p - b->at + 1);
      return 1;
    }
  }
  return 0;
}

static const luaL_Reg methods[] = {{"__gc", l_gc}, {"__len", l_len}, {"sub", l_sub},
                                   {"find", l_find}, {NULL, NULL}};

char *lua_bytes_push(lua_State *L, size_t size) {
  Bytes *b = lua_newuserdata(L, sizeof *b);
  b->at = allocate(size + 1);
  b->size = b->at ? size : 0;
  if (!b->at) {
    lua_pop(L, 1);
    return NULL;
  }
  if (luaL_newmetatable(L, BYTES)) {
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
  }
  lua_setmetatable(L, -2);
  return b->at;
}

const char *lua_bytes_at(lua_State *L, int i, size_t *size) {
  const Bytes *b = luaL_testudata(L, i, BYTES);
  if (!b) return luaL_checklstring(L, i, size);
  *size = b->size;
  return b->at;
}
