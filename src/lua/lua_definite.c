/* lua_definite.c: the least pivot of a symmetric matrix, which says whether it is definite. Lua
** gives the entries as a string of doubles: those of a numeric matrix, or of small fractions where
** there is no numeric module. */
#include "lua/lua_definite.h"

#include <lauxlib.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ZERO_PIVOT 1e-9
#define ZERO_REST 1e-7

static void swap(double *x, double *y) {
  double t = *x;
  *x = *y;
  *y = t;
}

/* Are all entries from row and column c on next to zero? */
static bool rest_vanishes(const double *w, size_t n, size_t c) {
  for (size_t i = c; i < n; i++)
    for (size_t j = c; j < n; j++)
      if (fabs(w[j * n + i]) > ZERO_REST) return false;
  return true;
}

/* Symmetric elimination in the order of the diagonal's size; a semidefinite rest behind a pivot
   that is zero is zero, else the answer is -1. */
static double least_pivot(double *w, size_t n) {
  double least = INFINITY;
  for (size_t c = 0; c < n; c++) {
    size_t p = c;
    for (size_t i = c + 1; i < n; i++)
      if (w[i * n + i] > w[p * n + p]) p = i;
    for (size_t j = 0; j < n; j++) swap(&w[j * n + c], &w[j * n + p]);
    for (size_t i = 0; i < n; i++) swap(&w[c * n + i], &w[p * n + i]);
    double pivot = w[c * n + c];
    if (pivot < least) least = pivot;
    if (fabs(pivot) < ZERO_PIVOT) return rest_vanishes(w, n, c) ? least : -1;
    if (pivot < 0) return pivot;
    for (size_t j = c + 1; j < n; j++)
      for (size_t i = c + 1; i < n; i++) w[j * n + i] -= w[c * n + i] * w[j * n + c] / pivot;
  }
  return least;
}

/* entries as a string of doubles, columns after columns; n -> the least pivot */
int lua_definite_pivot(lua_State *L) {
  size_t size, n = (size_t)luaL_checkinteger(L, 2);
  const char *entries = luaL_checklstring(L, 1, &size);
  if (n > UINT32_MAX / sizeof(double) || size != n * n * sizeof(double))
    return luaL_error(L, "no square matrix");
  double *w = lua_newuserdata(L, size ? size : 1);
  memcpy(w, entries, size);
  lua_pushnumber(L, least_pivot(w, n));
  return 1;
}
