/* lua_sample.c: the binding of what checks by numbers do with many small matrices: random entries,
** comparisons up to rounding, the rank. */
#include "numeric/lua_sample.h"

#include <cblas.h>
#include <math.h>
#include <stdint.h>

#include "numeric/dense.h"

static Matrix *matrix_arg(lua_State *L, int i) { return luaL_checkudata(L, i, LUA_MATRIX); }

/* ---------------------------------------- random entries */

/* Uniform in [0, 1): xorshift64*. nabla.compare.random_matrix draws single numbers from the same
   sequence. */
static double next_unit(uint64_t *state) {
  uint64_t x = *state;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  *state = x;
  return (double)((x * 0x2545F4914F6CDD1Du) >> 11) * 0x1p-53;
}

/* state, rows, cols, low, width [, signed] -> a matrix of entries in [low, low + width), with a
   random sign if wanted; the next state */
static int s_draw(lua_State *L) {
  uint64_t state = (uint64_t)luaL_checkinteger(L, 1);
  double low = luaL_checknumber(L, 4), width = luaL_checknumber(L, 5);
  bool with_sign = lua_toboolean(L, 6);
  Matrix *a = lua_matrix_push(L, luaL_checkinteger(L, 2), luaL_checkinteger(L, 3));
  for (size_t k = 0, n = entries(a); k < n; k++) {
    double v = low + width * next_unit(&state);
    a->v[k] = with_sign && next_unit(&state) >= 0.5 ? -v : v;
  }
  lua_pushinteger(L, (lua_Integer)state);
  return 2;
}

/* ---------------------------------------- comparisons */

/* a, b, near -> do they differ by at most `near` of the largest entry, or of 1? */
static int s_close(lua_State *L) {
  const Matrix *a = matrix_arg(L, 1), *b = matrix_arg(L, 2);
  double near = luaL_checknumber(L, 3), size = 1, most = 0;
  bool comparable = a->rows == b->rows && a->cols == b->cols;
  for (size_t k = 0, n = entries(a); comparable && k < n; k++) {
    double x = a->v[k], y = b->v[k], gap = fabs(x - y);
    size = fmax(size, fmax(fabs(x), fabs(y)));
    most = fmax(most, gap);
    comparable = !isnan(gap);
  }
  lua_pushboolean(L, comparable && most <= near * size);
  return 1;
}

/* a -> its least entry */
static int s_least(lua_State *L) {
  const Matrix *a = matrix_arg(L, 1);
  double least = INFINITY;
  for (size_t k = 0, n = entries(a); k < n; k++)
    if (a->v[k] < least) least = a->v[k];
  lua_pushnumber(L, least);
  return 1;
}

static void swap(double *x, double *y) {
  double t = *x;
  *x = *y;
  *y = t;
}

/* a, least pivot -> its rank, by elimination with full pivoting */
static int s_rank(lua_State *L) {
  const Matrix *a = matrix_arg(L, 1);
  double least = luaL_checknumber(L, 2);
  size_t m = (size_t)a->rows, n = (size_t)a->cols, rank = 0;
  Matrix *copy = lua_matrix_push(L, a->rows, a->cols);
  double *w = copy->v;
  for (size_t k = 0; k < m * n; k++) w[k] = a->v[k];
  for (; rank < m && rank < n; rank++) {
    size_t p = rank, q = rank;
    double most = 0;
    for (size_t i = rank; i < m; i++)
      for (size_t j = rank; j < n; j++)
        if (fabs(w[j * m + i]) > most) {
          p = i;
          q = j;
          most = fabs(w[j * m + i]);
        }
    if (!(most >= least)) break;
    for (size_t j = 0; j < n; j++) swap(&w[j * m + rank], &w[j * m + p]);
    for (size_t i = 0; i < m; i++) swap(&w[rank * m + i], &w[q * m + i]);
    for (size_t i = rank + 1; i < m; i++) {
      double f = w[rank * m + i] / w[rank * m + rank];
      for (size_t j = rank; j < n; j++) w[j * m + i] -= f * w[j * m + rank];
    }
  }
  lua_pushinteger(L, (lua_Integer)rank);
  return 1;
}

/* a, b -> a^-1*b; nil where a is singular */
static int s_solve(lua_State *L) {
  const Matrix *a = matrix_arg(L, 1), *b = matrix_arg(L, 2);
  if (a->rows != a->cols || a->rows != b->rows)
    return luaL_error(L, "equations of %d x %d and right sides of %d x %d", a->rows, a->cols,
                      b->rows, b->cols);
  size_t n = (size_t)a->rows;
  double *f = lua_newuserdata(L, factor_size(n) * sizeof *f);
  Matrix *x = lua_matrix_push(L, b->rows, b->cols);
  dense_lu(f, a->v, a->rows);
  if (dense_solve(x->v, f, b->v, a->rows, b->cols, 0) != DENSE_OK) lua_pushnil(L);
  return 1;
}

/* ---------------------------------------- threads */

/* count -> OpenBLAS computes with so many threads; another BLAS with as many as it likes */
static int s_threads(lua_State *L) {
  int count = (int)luaL_checkinteger(L, 1);
#ifdef OPENBLAS_VERSION
  openblas_set_num_threads(count);
#else
  (void)count;
#endif
  return 0;
}

const luaL_Reg lua_sample_functions[] = {{"draw", s_draw},       {"close", s_close},
                                         {"least", s_least},     {"rank", s_rank},
                                         {"solve", s_solve},     {"threads", s_threads},
                                         {NULL, NULL}};
