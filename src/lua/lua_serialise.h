/* lua_serialise.h: tables as bytes and back, the functions nabla.core.pack and nabla.core.unpack. */
#ifndef NABLA_LUA_SERIALISE_H
#define NABLA_LUA_SERIALISE_H

#include <lua.h>

int lua_pack(lua_State *L);
int lua_unpack(lua_State *L);

#endif
