/* lua_bytes.h: the bytes of a large file as a value of Lua that is no string: they are read once,
** to where they stay, and parts of them are used in place. Methods as those of a string: #bytes,
** bytes:sub(first, last), bytes:find(plain text, from). */
#ifndef NABLA_LUA_BYTES_H
#define NABLA_LUA_BYTES_H

#include <lua.h>
#include <stddef.h>

/* Push room for `size` bytes, and give it to be filled; NULL, with nothing pushed, if there is no
   memory. It begins at an address that fits any type. */
char *lua_bytes_push(lua_State *L, size_t size);
/* The bytes at a stack index, of such a value or of a string; or an error. */
const char *lua_bytes_at(lua_State *L, int i, size_t *size);

#endif
