/* lua_write.h: display trees as plain text, the function nabla.core.write_text. */
#ifndef NABLA_LUA_WRITE_H
#define NABLA_LUA_WRITE_H

#include <lua.h>

int lua_write_open(lua_State *L);

#endif
