/* lua_plain.c: the functions of Lua that read plain texts: nabla.core.plain. */
#include <string.h>

#include "lua/lua_plain.h"
#include "read/declarations.h"
#include "read/expression.h"
#include "read/statement.h"

/* text -> its tree; nil: it is not plain */
static int l_expression(lua_State *L) {
  Reader r;
  lua_settop(L, 1);
  reader_start(&r, L, 1);
  reader_skip_space(&r);
  if (!expression_read(&r) || r.at < r.end) lua_pushnil(L);
  return 1;
}

/* text -> the list of its declarations; nil: it is not plain */
static int l_declarations(lua_State *L) {
  Reader r;
  lua_settop(L, 1);
  reader_start(&r, L, 1);
  reader_skip_space(&r);
  if (!declarations_read(&r, false, lua_upvalueindex(1)) || r.at < r.end) lua_pushnil(L);
  return 1;
}

/* text, list of texts -> is one of them in the text? */
static int l_has_any(lua_State *L) {
  const char *text = luaL_checkstring(L, 1);
  bool has = false;
  luaL_checktype(L, 2, LUA_TTABLE);
  for (lua_Integer i = 1; !has && lua_rawgeti(L, 2, i) == LUA_TSTRING; i++) {
    has = strstr(text, lua_tostring(L, -1)) != NULL;
    lua_pop(L, 1);
  }
  lua_pushboolean(L, has);
  return 1;
}

int lua_plain_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"expression", l_expression},
                                       {"declarations", l_declarations},
                                       {"has_any", l_has_any},
                                       {"statements", statement_reader},
                                       {NULL, NULL}};
  luaL_newlibtable(L, functions);
  lua_newtable(L); /* no attributes; it stays empty */
  luaL_setfuncs(L, functions, 1);
  return 1;
}
