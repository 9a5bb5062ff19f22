/* lua_process.h: the table of functions on processes, on the stack. */
#ifndef NABLA_LUA_PROCESS_H
#define NABLA_LUA_PROCESS_H

#include <lua.h>

int lua_process_open(lua_State *L);

#endif
