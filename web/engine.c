/* engine.c: one Lua state with LPeg and the engine built in, as WebAssembly. The page asks by lines
** of `nabla batch` and gets lines of answer. */
#include <emscripten.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

int luaopen_lpeg(lua_State *L);
int luaopen_nabla_core(lua_State *L);
int luaopen_nabla_numeric_core(lua_State *L);

static lua_State *L;

/* The folder /nabla holds what build.sh has embedded: lua/, rules/, and beside a stand-in for the
   engine's file the image of the rules. */
static const char boot[] =
    "package.path = '/nabla/lua/?.lua;/nabla/lua/?/init.lua'\n"
    "package.cpath = '/nabla/lib/?.so'\n"
    "worker = require 'web.worker'\n";

static void preload(const char *name, lua_CFunction open) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, open);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

/* Calls a function of web/worker.lua with a text; its text, or what went wrong behind a `!`. It
   lasts until the next call. */
EMSCRIPTEN_KEEPALIVE const char *nabla_call(const char *function, const char *text) {
  if (!L) {
    L = luaL_newstate();
    luaL_openlibs(L);
    preload("lpeg", luaopen_lpeg);
    preload("nabla.core", luaopen_nabla_core);
    preload("nabla.numeric.core", luaopen_nabla_numeric_core);
    if (luaL_dostring(L, boot)) return lua_pushfstring(L, "!%s", luaL_tolstring(L, -1, NULL));
  }
  lua_settop(L, 0);
  lua_getglobal(L, "worker");
  lua_getfield(L, -1, function);
  lua_pushstring(L, text);
  if (lua_pcall(L, 1, 1, 0)) return lua_pushfstring(L, "!%s", luaL_tolstring(L, -1, NULL));
  return luaL_tolstring(L, -1, NULL);
}
