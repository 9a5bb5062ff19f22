/* lua_plain.h: the table of functions that read plain texts, on the stack. */
#ifndef NABLA_LUA_PLAIN_H
#define NABLA_LUA_PLAIN_H

#include <lua.h>

int lua_plain_open(lua_State *L);

#endif
