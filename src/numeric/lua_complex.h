/* lua_complex.h: functions of complex matrices, each a real and an imaginary part. */
#ifndef LUA_COMPLEX_H
#define LUA_COMPLEX_H

#include "numeric/lua_matrix.h"

extern const luaL_Reg lua_complex_functions[];

#endif
