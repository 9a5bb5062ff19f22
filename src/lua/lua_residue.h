/* lua_residue.h: the table of functions on matrices of residues, on the stack. */
#ifndef NABLA_LUA_RESIDUE_H
#define NABLA_LUA_RESIDUE_H

#include <lua.h>

int lua_residue_open(lua_State *L);

#endif
