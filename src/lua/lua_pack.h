/* lua_pack.h: bytes from tables, the function nabla.core.pack. */
#ifndef NABLA_LUA_PACK_H
#define NABLA_LUA_PACK_H

#include <lua.h>

int lua_pack_table(lua_State *L);

#endif
