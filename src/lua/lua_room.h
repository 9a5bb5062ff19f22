/* lua_room.h: memory that a program is soon to fill. */
#ifndef NABLA_LUA_ROOM_H
#define NABLA_LUA_ROOM_H

#include <lua.h>

/* bytes: nabla.core.room */
int lua_room(lua_State *L);

#endif
