/* lua_file.h: the table of functions on files that are kept between runs, on the stack. */
#ifndef NABLA_LUA_FILE_H
#define NABLA_LUA_FILE_H

#include <lua.h>

int lua_file_open(lua_State *L);

#endif
