/* main.c: nabla as one executable: Lua, LPeg, the engine and, as data behind it, all modules and
** rules. boot.lua gives Lua's functions what is inside. */
#include <stdio.h>
#include <string.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

int luaopen_lpeg(lua_State *L);
int luaopen_nabla_core(lua_State *L);
int luaopen_nabla_numeric_core(lua_State *L);

/* bundle.lua has written it. */
__asm__(
    ".section .rodata\n"
    ".global nabla_bundle\n"
    ".global nabla_bundle_end\n"
    "nabla_bundle: .incbin \"" BUNDLE
    "\"\n"
    "nabla_bundle_end:\n"
    ".byte 0\n"
    ".section .text\n");
extern const char nabla_bundle[], nabla_bundle_end[];

static void preload(lua_State *L, const char *name, lua_CFunction open) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, open);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

/* first, last -> the bytes of the bundle between these places */
static int bytes(lua_State *L) {
  lua_Integer first = luaL_checkinteger(L, 1), last = luaL_checkinteger(L, 2);
  luaL_argcheck(L, 1 <= first && last <= nabla_bundle_end - nabla_bundle, 1, "no part of the bundle");
  lua_pushlstring(L, nabla_bundle + first - 1, last < first ? 0 : (size_t)(last - first + 1));
  return 1;
}

/* The bundle begins with the length of boot.lua in four bytes, the lowest first, and boot.lua. */
static int run(lua_State *L) {
  const unsigned char *head = (const unsigned char *)nabla_bundle;
  size_t size = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
  luaL_openlibs(L);
  preload(L, "lpeg", luaopen_lpeg);
  preload(L, "nabla.core", luaopen_nabla_core);
  preload(L, "nabla.numeric.core", luaopen_nabla_numeric_core);
  lua_pushvalue(L, 1);
  lua_setglobal(L, "arg");
  if (luaL_loadbuffer(L, nabla_bundle + 4, size, "=boot.lua")) return lua_error(L);
  lua_pushcfunction(L, bytes);
  lua_pushinteger(L, (lua_Integer)size + 5); /* the place behind it */
  lua_call(L, 2, 1);
  return 1;
}

int main(int argc, char **argv) {
  lua_State *L = luaL_newstate();
  if (!L) {
    fputs("nabla: out of memory\n", stderr);
    return 2;
  }
  lua_pushcfunction(L, run);
  lua_createtable(L, argc, 1);
  for (int i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i);
  }
  if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
    fprintf(stderr, "nabla: %s\n", luaL_tolstring(L, -1, NULL));
    return 2;
  }
  int status = (int)lua_tointeger(L, -1);
  lua_close(L);
  return status;
}
