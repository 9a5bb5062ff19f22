/* lua_sample.h: what checks by numbers do with many small matrices: draw and compare them. */
#ifndef LUA_SAMPLE_H
#define LUA_SAMPLE_H

#include "numeric/lua_matrix.h"

/* Functions of the module. */
extern const luaL_Reg lua_sample_functions[];

#endif
