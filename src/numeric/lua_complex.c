/* lua_complex.c: the binding of complex matrices. In Lua a complex matrix is two matrices of
** doubles, its real and its imaginary part, and a function takes and gives the two, one behind the
** other. */
#include "numeric/lua_complex.h"

#include <complex.h>
#undef I
#include <math.h>
#include <string.h>

#include "numeric/zdense.h"

/* Room on the stack, which Lua collects. */
static void *room(lua_State *L, size_t n, size_t size) {
  if (lua_matrix_too_large((double)n * (double)size / sizeof(double)))
    luaL_error(L, "not enough memory");
  return lua_newuserdata(L, (n ? n : 1) * size);
}

/* The complex matrix whose parts are at i and i + 1, in room of its own. */
static Complex *taken(lua_State *L, int i, int *rows, int *cols) {
  const Matrix *re = luaL_checkudata(L, i, LUA_MATRIX), *im = luaL_checkudata(L, i + 1, LUA_MATRIX);
  if (re->rows != im->rows || re->cols != im->cols)
    luaL_argerror(L, i + 1, "the two parts differ in size");
  size_t n = entries(re);
  Complex *a = room(L, n, sizeof *a);
  double *v = (double *)a;
  for (size_t k = 0; k < n; k++) {
    v[2 * k] = re->v[k];
    v[2 * k + 1] = im->v[k];
  }
  *rows = re->rows;
  *cols = re->cols;
  return a;
}

static Complex *square(lua_State *L, int i, int *n) {
  int cols;
  Complex *a = taken(L, i, n, &cols);
  if (*n != cols) luaL_error(L, "a matrix of %d x %d is not square", *n, cols);
  return a;
}

/* Push the two parts. */
static int give(lua_State *L, const Complex *a, int rows, int cols) {
  Matrix *re = lua_matrix_push(L, rows, cols), *im = lua_matrix_push(L, rows, cols);
  const double *v = (const double *)a;
  for (size_t k = 0; k < entries(re); k++) {
    re->v[k] = v[2 * k];
    im->v[k] = v[2 * k + 1];
  }
  return 2;
}

static void give_reals(lua_State *L, const double *v, int n) {
  Matrix *a = lua_matrix_push(L, n, 1);
  memcpy(a->v, v, (size_t)n * sizeof *v);
}

static int failed(lua_State *L, DenseStatus status) {
  if (status == DENSE_MEMORY) return luaL_error(L, "not enough memory");
  lua_pushnil(L);
  return 1;
}

static int z_times(lua_State *L) { /* a, b -> a*b */
  int m, k, l, n;
  const Complex *a = taken(L, 1, &m, &k), *b = taken(L, 3, &l, &n);
  if (k != l) return luaL_error(L, "a product of %d x %d and %d x %d", m, k, l, n);
  Complex *x = room(L, (size_t)m * (size_t)n, sizeof *x);
  zdense_times(x, a, b, m, k, n);
  return give(L, x, m, n);
}

static int z_solve(lua_State *L) { /* a, b -> a^-1*b, or nil */
  int n, rows, k;
  Complex *a = square(L, 1, &n), *b = taken(L, 3, &rows, &k);
  if (rows != n) return luaL_error(L, "%d equations, and %d right sides", n, rows);
  DenseStatus status = zdense_solve(a, b, n, k);
  return status == DENSE_OK ? give(L, b, n, k) : failed(L, status);
}

static int z_det(lua_State *L) { /* a -> two numbers */
  int n;
  Complex det, *a = square(L, 1, &n);
  DenseStatus status = zdense_det(&det, a, n);
  if (status != DENSE_OK) return failed(L, status);
  lua_pushnumber(L, creal(det));
  lua_pushnumber(L, cimag(det));
  return 2;
}

static int z_cholesky(lua_State *L) { /* a -> its lower factor, or nil */
  int n;
  Complex *a = square(L, 1, &n);
  DenseStatus status = zdense_cholesky(a, n);
  return status == DENSE_OK ? give(L, a, n, n) : failed(L, status);
}

static int z_hermitian_eigen(lua_State *L) { /* a -> eigenvalues, real; eigenvectors; or nil */
  int n;
  Complex *a = square(L, 1, &n);
  double *w = room(L, (size_t)n, sizeof *w);
  DenseStatus status = zdense_hermitian_eigen(w, a, n);
  if (status != DENSE_OK) return failed(L, status);
  give_reals(L, w, n);
  return 1 + give(L, a, n, n);
}

static int z_eigen(lua_State *L) { /* a -> eigenvalues, eigenvectors; or nil */
  int n;
  Complex *a = square(L, 1, &n);
  Complex *w = room(L, (size_t)n, sizeof *w), *v = room(L, (size_t)n * (size_t)n, sizeof *v);
  DenseStatus status = zdense_eigen(w, v, a, n);
  if (status != DENSE_OK) return failed(L, status);
  return give(L, w, n, 1) + give(L, v, n, n);
}

static int z_svd(lua_State *L) { /* a -> u, the singular values, v^H; or nil */
  int m, n;
  Complex *a = taken(L, 1, &m, &n);
  int r = m < n ? m : n;
  Complex *u = room(L, (size_t)m * (size_t)r, sizeof *u),
          *vh = room(L, (size_t)r * (size_t)n, sizeof *vh);
  double *s = room(L, (size_t)r, sizeof *s);
  DenseStatus status = zdense_svd(u, s, vh, a, m, n);
  if (status != DENSE_OK) return failed(L, status);
  give(L, u, m, r);
  give_reals(L, s, r);
  return 3 + give(L, vh, r, n);
}

static int z_as_real(lua_State *L) { /* a -> [Re, -Im; Im, Re] */
  int m, n;
  const Complex *a = taken(L, 1, &m, &n);
  Matrix *b = lua_matrix_push(L, 2 * (lua_Integer)m, 2 * (lua_Integer)n);
  size_t M = (size_t)m, N = (size_t)n;
  for (size_t j = 0; j < N; j++) {
    double *left = b->v + 2 * M * j, *right = b->v + 2 * M * (N + j);
    for (size_t i = 0; i < M; i++) {
      left[i] = right[M + i] = creal(a[j * M + i]);
      left[M + i] = cimag(a[j * M + i]);
      right[i] = -left[M + i];
    }
  }
  return 1;
}

static int z_magnitude(lua_State *L) { /* a -> the largest magnitude, or NaN if there is one */
  const Matrix *re = luaL_checkudata(L, 1, LUA_MATRIX), *im = luaL_checkudata(L, 2, LUA_MATRIX);
  double most = 0;
  if (entries(re) != entries(im)) return luaL_argerror(L, 2, "the two parts differ in size");
  for (size_t k = 0, n = entries(re); k < n && most == most; k++) {
    double v = sqrt(re->v[k] * re->v[k] + im->v[k] * im->v[k]);
    if (!(v <= most)) most = v;
  }
  lua_pushnumber(L, most);
  return 1;
}

const luaL_Reg lua_complex_functions[] = {{"times", z_times},
                                          {"as_real", z_as_real},
                                          {"magnitude", z_magnitude},
                                          {"solve", z_solve},
                                          {"det", z_det},
                                          {"cholesky", z_cholesky},
                                          {"hermitian_eigen", z_hermitian_eigen},
                                          {"eigen", z_eigen},
                                          {"svd", z_svd},
                                          {NULL, NULL}};
