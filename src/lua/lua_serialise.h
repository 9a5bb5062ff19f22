/* lua_serialise.h: the function nabla.core.unpack, tables from bytes, on the stack. */
#ifndef NABLA_LUA_SERIALISE_H
#define NABLA_LUA_SERIALISE_H

#include <lua.h>

int lua_serialise_open(lua_State *L);

#endif
