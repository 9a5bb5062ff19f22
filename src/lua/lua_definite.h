/* lua_definite.h: is a symmetric matrix of doubles definite? */
#ifndef NABLA_LUA_DEFINITE_H
#define NABLA_LUA_DEFINITE_H

#include <lua.h>

int lua_definite_pivot(lua_State *L);

#endif
