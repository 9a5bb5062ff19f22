/* lua_bytes.c: where the system can, a file is mapped and not copied, with all its pages there from
** the start: a program that starts would else be stopped at each of them. Elsewhere it is read. The
** files are replaced, not overwritten (lua_file.c), so the bytes stay what they were. */
#define _DEFAULT_SOURCE
#include "lua/lua_bytes.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#define BYTES "nabla.bytes"

typedef struct {
  char *at;
  size_t size;
} Bytes;

#ifdef MAP_POPULATE
static bool fill(Bytes *b, int fd) {
  if (b->size == 0) return true; /* nothing to map */
  void *at = mmap(NULL, b->size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
  if (at == MAP_FAILED) return false;
  b->at = at;
  return true;
}
static void release(Bytes *b) { munmap(b->at, b->size); }
#else
static bool fill(Bytes *b, int fd) {
  b->at = malloc(b->size + 1);
  size_t n = 0;
  while (b->at && n < b->size) {
    ssize_t more = read(fd, b->at + n, b->size - n);
    if (more > 0) n += (size_t)more;
    else if (more == 0 || errno != EINTR) return false;
  }
  return b->at != NULL;
}
static void release(Bytes *b) { free(b->at); }
#endif

void lua_bytes_close(lua_State *L, int i) {
  Bytes *b = luaL_checkudata(L, i, BYTES);
  if (b->at) release(b);
  b->at = NULL;
  b->size = 0;
}

static int l_gc(lua_State *L) {
  lua_bytes_close(L, 1);
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

/* bytes, first, last, name -> the function whose bytecode is between these places; or nil and why
   not */
static int l_load(lua_State *L) {
  const Bytes *b = luaL_checkudata(L, 1, BYTES);
  lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3);
  const char *name = luaL_checkstring(L, 4);
  bool is_part = 1 <= first && first <= last && last <= (lua_Integer)b->size;
  luaL_argcheck(L, is_part, 2, "no part of the bytes");
  size_t size = (size_t)(last - first + 1);
  int status = luaL_loadbufferx(L, b->at + first - 1, size, name, "b");
  if (status == LUA_OK) return 1;
  if (status == LUA_ERRMEM) return lua_error(L); /* the bytes are not to blame */
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

static const luaL_Reg methods[] = {{"__gc", l_gc}, {"__len", l_len}, {"sub", l_sub},
                                   {"find", l_find}, {"load", l_load}, {NULL, NULL}};

bool lua_bytes_push(lua_State *L, int fd, size_t size) {
  Bytes *b = lua_newuserdata(L, sizeof *b);
  b->at = NULL;
  b->size = size;
  if (luaL_newmetatable(L, BYTES)) {
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
  }
  lua_setmetatable(L, -2);
  if (fill(b, fd)) return true;
  lua_pop(L, 1);
  return false;
}

const char *lua_bytes_at(lua_State *L, int i, size_t *size) {
  const Bytes *b = luaL_testudata(L, i, BYTES);
  if (!b) return luaL_checklstring(L, i, size);
  *size = b->size;
  return b->at;
}
