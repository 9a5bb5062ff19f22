/* lua_room.c: memory that a program is soon to fill, asked of the system at once. It is for a
** program that is nabla's own, as it sets how the allocator of the whole process works. */
#define _DEFAULT_SOURCE
#include "lua/lua_room.h"

#include <lauxlib.h>
#include <stdint.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#endif

/* bytes: have the allocator get so much from the system, in large pages where the system has them.
   Else a program is stopped at each small page that it comes to, which takes a new process longer
   than to fill it. Nothing is used before it is written to; where there is no such memory nothing
   happens. */
int lua_room(lua_State *L) {
  lua_Integer bytes = luaL_checkinteger(L, 1);
  luaL_argcheck(L, 0 < bytes && bytes <= INT32_MAX / 4, 1, "a number of bytes");
#if defined(__GLIBC__) && defined(MADV_HUGEPAGE)
  enum { PAGE = 4096 };
  int n = (int)bytes;
  mallopt(M_MMAP_THRESHOLD, 2 * n); /* in the heap, */
  mallopt(M_TRIM_THRESHOLD, 2 * n); /* and kept there */
  char *p = malloc((size_t)n);
  if (!p) return 0;
  uintptr_t first = ((uintptr_t)p + PAGE - 1) / PAGE * PAGE;
  uintptr_t end = ((uintptr_t)p + (size_t)n) / PAGE * PAGE;
  madvise((void *)first, end - first, MADV_HUGEPAGE);
  free(p);
#endif
  return 0;
}
