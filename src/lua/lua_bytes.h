/* lua_bytes.h: the bytes of a file as a value of Lua that is no string: its parts are used where
** they are. Methods as those of a string: #bytes, bytes:sub(first, last), bytes:find(plain text,
** from); and bytes:load(first, last, name), the function of a piece of bytecode. */
#ifndef NABLA_LUA_BYTES_H
#define NABLA_LUA_BYTES_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* Push the first `size` bytes of an open file; false, with nothing pushed, if that fails. They
   begin at an address that fits any type. */
bool lua_bytes_push(lua_State *L, int fd, size_t size);
/* The bytes at a stack index, of such a value or of a string; or an error. */
const char *lua_bytes_at(lua_State *L, int i, size_t *size);
/* Give the memory of such a value back, before the collector does. */
void lua_bytes_close(lua_State *L, int i);

#endif
