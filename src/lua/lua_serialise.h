/* lua_serialise.h: tables from bytes, the function nabla.core.unpack. */
#ifndef NABLA_LUA_SERIALISE_H
#define NABLA_LUA_SERIALISE_H

#include <lua.h>

int lua_serialise_unpack(lua_State *L);

#endif
