/* lua_matrix.c: matrices. A matrix is a userdata that holds its entries: it is one allocation, seen
** by the collector with its true size. */
#define _GNU_SOURCE /* sysconf(_SC_PHYS_PAGES) */
#include "numeric/lua_matrix.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cblas.h>

#include "numeric/dense.h"

bool lua_matrix_too_large(double doubles) {
#if defined(_SC_PHYS_PAGES) && defined(_SC_PAGESIZE)
  double pages = (double)sysconf(_SC_PHYS_PAGES), size = (double)sysconf(_SC_PAGESIZE);
  if (pages > 0 && size > 0 && doubles * sizeof(double) > pages * size / 2) return true;
#endif
  return doubles > 1e13;
}

Matrix *lua_matrix_push(lua_State *L, lua_Integer rows, lua_Integer cols) {
  if (rows < 1 || cols < 1)
    luaL_error(L, "a matrix of %I x %I cannot be made: it has at least one entry",
               (LUAI_UACINT)rows, (LUAI_UACINT)cols);
  double wanted = (double)rows * (double)cols;
  if (rows > INT32_MAX || cols > INT32_MAX || (wanted > 1e6 && lua_matrix_too_large(wanted)))
    luaL_error(L, "a matrix of %I x %I cannot be made: it does not fit into memory",
               (LUAI_UACINT)rows, (LUAI_UACINT)cols);
  size_t n = (size_t)rows * (size_t)cols;
  Matrix *a = lua_newuserdata(L, sizeof *a + ALIGN + n * sizeof(double));
  a->rows = (int)rows;
  a->cols = (int)cols;
  a->v = (double *)(((uintptr_t)(a + 1) + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1));
  luaL_setmetatable(L, LUA_MATRIX);
  return a;
}

static Matrix *matrix_arg(lua_State *L, int i) { return luaL_checkudata(L, i, LUA_MATRIX); }

/* rows, cols [, fill] */
static int m_new(lua_State *L) {
  double fill = luaL_optnumber(L, 3, 0);
  Matrix *a = lua_matrix_push(L, luaL_checkinteger(L, 1), luaL_optinteger(L, 2, 1));
  for (size_t i = 0, n = entries(a); i < n; i++) a->v[i] = fill;
  return 1;
}

static double number_at(lua_State *L, int row, int col) {
  int is = 0;
  double v = lua_tonumberx(L, -1, &is);
  if (!is) luaL_error(L, "entry (%d,%d) is no number but a %s", row, col, luaL_typename(L, -1));
  lua_pop(L, 1);
  return v;
}

Matrix *lua_matrix_from(lua_State *L, int i) {
  if (lua_type(L, i) == LUA_TNUMBER) {
    double v = lua_tonumber(L, i);
    Matrix *a = lua_matrix_push(L, 1, 1);
    a->v[0] = v;
    return a;
  }
  Matrix *given = luaL_testudata(L, i, LUA_MATRIX);
  if (given) {
    lua_pushvalue(L, i);
    return given;
  }
  if (lua_type(L, i) != LUA_TTABLE)
    luaL_error(L, "a matrix, a number or a table of rows was expected, found a %s",
               luaL_typename(L, i));
  int rows = (int)lua_rawlen(L, i);
  if (rows == 0) luaL_error(L, "an empty table is no matrix");
  lua_rawgeti(L, i, 1);
  bool nested = lua_istable(L, -1);
  int cols = nested ? (int)lua_rawlen(L, -1) : 1;
  lua_pop(L, 1);
  Matrix *a = lua_matrix_push(L, rows, cols);
  int keys = 0;
  for (lua_pushnil(L); lua_next(L, i); lua_pop(L, 1))
    if (++keys > rows) luaL_error(L, "the table has more keys than the rows 1 to %d", rows);
  for (int r = 0; r < rows; r++) {
    lua_rawgeti(L, i, r + 1);
    if (!nested) {
      a->v[r] = number_at(L, r + 1, 1);
      continue;
    }
    if (!lua_istable(L, -1))
      luaL_error(L, "row %d is no table but a %s", r + 1, luaL_typename(L, -1));
    if ((int)lua_rawlen(L, -1) != cols)
      luaL_error(L, "row %d has %d entries, the first one %d", r + 1, (int)lua_rawlen(L, -1), cols);
    for (int c = 0; c < cols; c++) {
      lua_rawgeti(L, -1, c + 1);
      a->v[(size_t)c * (size_t)rows + (size_t)r] = number_at(L, r + 1, c + 1);
    }
    lua_pop(L, 1);
  }
  return a;
}

/* Take the number on top of the stack. */
static bool take_number(lua_State *L, double *v) {
  int is = 0;
  *v = lua_tonumberx(L, -1, &is);
  lua_pop(L, 1);
  return is;
}

/* The same for the row on top. */
static bool take_row(lua_State *L, int rows, int cols, double *v) {
  bool fits = lua_istable(L, -1) && lua_rawlen(L, -1) == (size_t)cols;
  for (int c = 0; fits && c < cols; c++) {
    lua_rawgeti(L, -1, c + 1);
    fits = take_number(L, v + (size_t)c * (size_t)rows);
  }
  lua_pop(L, 1);
  return fits;
}

bool lua_matrix_read(lua_State *L, int i, int rows, int cols, double *v) {
  i = lua_absindex(L, i);
  if (lua_rawlen(L, i) != (size_t)rows) return false;
  int keys = 0;
  for (lua_pushnil(L); lua_next(L, i); lua_pop(L, 1)) keys++;
  lua_rawgeti(L, i, 1);
  bool nested = lua_istable(L, -1), fits = keys == rows && (nested || cols == 1);
  lua_pop(L, 1);
  for (int r = 0; fits && r < rows; r++) {
    lua_rawgeti(L, i, r + 1);
    fits = nested ? take_row(L, rows, cols, v + r) : take_number(L, v + r);
  }
  return fits;
}

static int m_from(lua_State *L) {
  luaL_checkany(L, 1);
  lua_matrix_from(L, 1);
  return 1;
}

/* string of doubles, rows, cols */
static int m_frombytes(lua_State *L) {
  size_t size;
  const char *text = luaL_checklstring(L, 1, &size);
  Matrix *a = lua_matrix_push(L, luaL_checkinteger(L, 2), luaL_checkinteger(L, 3));
  if (size != entries(a) * sizeof(double))
    return luaL_error(L, "%d bytes for %d x %d doubles", (int)size, a->rows, a->cols);
  memcpy(a->v, text, size);
  return 1;
}

static int m_bytes(lua_State *L) {
  Matrix *a = matrix_arg(L, 1);
  lua_pushlstring(L, (const char *)a->v, entries(a) * sizeof(double));
  return 1;
}

static int m_table(lua_State *L) {
  Matrix *a = matrix_arg(L, 1);
  lua_createtable(L, a->rows, 0);
  for (int r = 0; r < a->rows; r++) {
    lua_createtable(L, a->cols, 0);
    for (int c = 0; c < a->cols; c++) {
      lua_pushnumber(L, a->v[(size_t)c * (size_t)a->rows + (size_t)r]);
      lua_rawseti(L, -2, c + 1);
    }
    lua_rawseti(L, -2, r + 1);
  }
  return 1;
}

static double *place_of(lua_State *L, Matrix *a, int i) {
  lua_Integer r = luaL_checkinteger(L, i), c = luaL_optinteger(L, i + 1, 1);
  if (lua_isnoneornil(L, i + 1) && a->rows == 1) {
    c = r;
    r = 1;
  }
  if (r < 1 || c < 1 || r > a->rows || c > a->cols)
    luaL_error(L, "no entry (%I,%I) in a matrix of %d x %d", (LUAI_UACINT)r, (LUAI_UACINT)c,
               a->rows, a->cols);
  return a->v + (size_t)(c - 1) * (size_t)a->rows + (size_t)(r - 1);
}

static int m_at(lua_State *L) {
  lua_pushnumber(L, *place_of(L, matrix_arg(L, 1), 2));
  return 1;
}

static int m_set(lua_State *L) {
  Matrix *a = matrix_arg(L, 1);
  double v = luaL_checknumber(L, 4);
  *place_of(L, a, 2) = v;
  lua_settop(L, 1);
  return 1;
}

static int m_copy(lua_State *L) {
  Matrix *a = matrix_arg(L, 1), *b = lua_matrix_push(L, a->rows, a->cols);
  memcpy(b->v, a->v, entries(a) * sizeof *b->v);
  return 1;
}

static int m_reshape(lua_State *L) {
  Matrix *a = matrix_arg(L, 1),
         *b = lua_matrix_push(L, luaL_checkinteger(L, 2), luaL_checkinteger(L, 3));
  if (entries(a) != entries(b))
    return luaL_error(L, "%d x %d entries do not fill %d x %d", a->rows, a->cols, b->rows, b->cols);
  memcpy(b->v, a->v, entries(a) * sizeof *b->v);
  return 1;
}

static int m_transpose(lua_State *L) {
  Matrix *a = matrix_arg(L, 1), *b = lua_matrix_push(L, a->cols, a->rows);
  dense_transpose(b->v, a->v, a->rows, a->cols);
  return 1;
}

static int m_map(lua_State *L) {
  Matrix *a = matrix_arg(L, 1), *b = lua_matrix_push(L, a->rows, a->cols);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  for (size_t i = 0, n = entries(a); i < n; i++) {
    lua_pushvalue(L, 2);
    lua_pushnumber(L, a->v[i]);
    lua_call(L, 1, 1);
    b->v[i] = number_at(L, (int)(i % (size_t)a->rows) + 1, (int)(i / (size_t)a->rows) + 1);
  }
  return 1;
}

/* The largest magnitude of an entry; NaN if there is one. */
static int m_magnitude(lua_State *L) {
  Matrix *a = matrix_arg(L, 1);
  double v = 0;
  for (size_t i = 0, n = entries(a); i < n && !isnan(v); i++)
    if (!(fabs(a->v[i]) <= v)) v = fabs(a->v[i]);
  lua_pushnumber(L, v);
  return 1;
}

static Matrix *operand(lua_State *L, int i, double *scalar) {
  int is = 0;
  if (lua_type(L, i) == LUA_TNUMBER) {
    *scalar = lua_tonumberx(L, i, &is);
    return NULL;
  }
  Matrix *a = luaL_testudata(L, i, LUA_MATRIX);
  if (!a) luaL_error(L, "a matrix or a number was expected, found a %s", luaL_typename(L, i));
  return a;
}

static int entrywise(lua_State *L, double sign, const char *what) {
  double s = 0, t = 0;
  Matrix *a = operand(L, 1, &s), *b = operand(L, 2, &t);
  if (!a && b && entries(b) == 1) { t = *b->v; lua_pushnumber(L, s + sign * t); return 1; }
  if (!b && a && entries(a) == 1) { s = *a->v; lua_pushnumber(L, s + sign * t); return 1; }
  if (!a || !b) return luaL_error(L, "%s of a matrix and a number: the sizes must be equal", what);
  if (a->rows != b->rows || a->cols != b->cols)
    return luaL_error(L, "%s of %d x %d and %d x %d: the sizes must be equal", what, a->rows,
                      a->cols, b->rows, b->cols);
  Matrix *c = lua_matrix_push(L, a->rows, a->cols);
  for (size_t i = 0, n = entries(a); i < n; i++) c->v[i] = a->v[i] + sign * b->v[i];
  return 1;
}

static int m_add(lua_State *L) { return entrywise(L, 1, "a sum"); }
static int m_sub(lua_State *L) { return entrywise(L, -1, "a difference"); }

static int scaled(lua_State *L, const Matrix *a, double s) {
  Matrix *c = lua_matrix_push(L, a->rows, a->cols);
  for (size_t i = 0, n = entries(a); i < n; i++) c->v[i] = a->v[i] * s;
  return 1;
}

static int m_mul(lua_State *L) {
  double s = 0, t = 0;
  Matrix *a = operand(L, 1, &s), *b = operand(L, 2, &t);
  if (!a) return scaled(L, b, s);
  if (!b) return scaled(L, a, t);
  if (entries(a) == 1) return scaled(L, b, *a->v);
  if (entries(b) == 1) return scaled(L, a, *b->v);
  if (a->cols != b->rows)
    return luaL_error(L, "a product of %d x %d and %d x %d: the inner sizes must be equal", a->rows,
                      a->cols, b->rows, b->cols);
  Matrix *c = lua_matrix_push(L, a->rows, b->cols);
  cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, a->rows, b->cols, a->cols, 1, a->v,
              a->rows, b->v, b->rows, 0, c->v, a->rows);
  return 1;
}

static int m_div(lua_State *L) {
  double s = 0, t = 0;
  Matrix *a = operand(L, 1, &s), *b = operand(L, 2, &t);
  if (b && entries(b) == 1) {
    t = *b->v;
    b = NULL;
  }
  if (b) return luaL_error(L, "a division by a matrix: multiply by B^-1");
  if (!a) { lua_pushnumber(L, s / t); return 1; }
  Matrix *c = lua_matrix_push(L, a->rows, a->cols);
  for (size_t i = 0, n = entries(a); i < n; i++) c->v[i] = a->v[i] / t;
  return 1;
}

static int m_unm(lua_State *L) { return scaled(L, matrix_arg(L, 1), -1); }

static int m_pow(lua_State *L) {
  Matrix *a = matrix_arg(L, 1);
  double p = luaL_checknumber(L, 2);
  if (a->rows != a->cols)
    return luaL_error(L, "a power of %d x %d: a square matrix was expected", a->rows, a->cols);
  Matrix *c = lua_matrix_push(L, a->rows, a->cols);
  switch (dense_power(c->v, a->v, p, a->rows)) {
    case DENSE_OK: return 1;
    case DENSE_SINGULAR: return luaL_error(L, "the matrix is singular");
    case DENSE_MEMORY: return luaL_error(L, "out of memory");
    default: return luaL_error(L, "the matrix has no principal power of that exponent");
  }
}

static int m_eq(lua_State *L) {
  Matrix *a = luaL_testudata(L, 1, LUA_MATRIX), *b = luaL_testudata(L, 2, LUA_MATRIX);
  bool same = a && b && a->rows == b->rows && a->cols == b->cols;
  for (size_t i = 0, n = same ? entries(a) : 0; i < n && same; i++) same = a->v[i] == b->v[i];
  lua_pushboolean(L, same);
  return 1;
}

static int m_len(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)entries(matrix_arg(L, 1)));
  return 1;
}

static int m_tostring(lua_State *L) {
  Matrix *a = matrix_arg(L, 1);
  enum { SHOWN = 12 };
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (int r = 0; r < a->rows; r++) {
    if (r == SHOWN && a->rows > SHOWN + 1) {
      luaL_addstring(&b, "\n...");
      break;
    }
    luaL_addstring(&b, r ? "\n" : "");
    for (int c = 0; c < a->cols; c++) {
      char text[48];
      if (c == SHOWN && a->cols > SHOWN + 1) {
        luaL_addstring(&b, "  ...");
        break;
      }
      snprintf(text, sizeof text,
               a->cols == 1 && a->rows == 1 ? "%.10g"
               : c                          ? "  %10.6g"
                                            : "%10.6g",
               a->v[(size_t)c * (size_t)a->rows + (size_t)r]);
      luaL_addstring(&b, text);
    }
  }
  if (a->rows > SHOWN + 1 || a->cols > SHOWN + 1) {
    char text[60];
    snprintf(text, sizeof text, "\n(%d x %d)", a->rows, a->cols);
    luaL_addstring(&b, text);
  }
  luaL_pushresult(&b);
  return 1;
}

static int m_index(lua_State *L) {
  Matrix *a = matrix_arg(L, 1);
  if (lua_type(L, 2) == LUA_TNUMBER) {
    lua_Integer i = luaL_checkinteger(L, 2);
    if (i < 1 || (lua_Unsigned)i > entries(a)) lua_pushnil(L);
    else lua_pushnumber(L, a->v[i - 1]);
    return 1;
  }
  const char *key = luaL_checkstring(L, 2);
  if (strcmp(key, "rows") == 0) lua_pushinteger(L, a->rows);
  else if (strcmp(key, "cols") == 0) lua_pushinteger(L, a->cols);
  else if (strcmp(key, "T") == 0) return m_transpose(L);
  else {
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
  }
  return 1;
}

static int m_newindex(lua_State *L) {
  Matrix *a = matrix_arg(L, 1);
  lua_Integer i = luaL_checkinteger(L, 2);
  double v = luaL_checknumber(L, 3);
  if (i < 1 || (lua_Unsigned)i > entries(a))
    return luaL_error(L, "no entry %I in a matrix of %d x %d", (LUAI_UACINT)i, a->rows, a->cols);
  a->v[i - 1] = v;
  return 0;
}

/* A raw file of doubles: path, rows, cols [, bytes to skip]. */
static int m_read(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  lua_Integer rows = luaL_checkinteger(L, 2), cols = luaL_checkinteger(L, 3),
              skip = luaL_optinteger(L, 4, 0);
  Matrix *a = lua_matrix_push(L, rows, cols);
  FILE *f = fopen(path, "rb");
  size_t got =
      f && fseek(f, (long)skip, SEEK_SET) == 0 ? fread(a->v, sizeof(double), entries(a), f) : 0;
  if (f) fclose(f);
  if (got == entries(a)) return 1;
  lua_pushnil(L);
  if (f) lua_pushfstring(L, "%s holds fewer than %d x %d doubles", path, a->rows, a->cols);
  else lua_pushfstring(L, "%s cannot be opened", path);
  return 2;
}

/* path, matrix [, text before the entries] */
static int m_write(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  Matrix *a = matrix_arg(L, 2);
  size_t n = 0;
  const char *head = luaL_optlstring(L, 3, "", &n);
  FILE *f = fopen(path, "wb");
  bool ok =
      f && fwrite(head, 1, n, f) == n && fwrite(a->v, sizeof(double), entries(a), f) == entries(a);
  if (f) ok = fclose(f) == 0 && ok;
  if (ok) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushnil(L);
  lua_pushfstring(L, "%s cannot be written", path);
  return 2;
}

static const luaL_Reg matrix_methods[] = {
    {"table", m_table}, {"bytes", m_bytes},         {"at", m_at},
    {"set", m_set},     {"copy", m_copy},           {"reshape", m_reshape},
    {"map", m_map},     {"magnitude", m_magnitude}, {NULL, NULL}};

static const luaL_Reg matrix_meta[] = {
    {"__add", m_add}, {"__sub", m_sub},           {"__mul", m_mul},
    {"__div", m_div}, {"__unm", m_unm},           {"__pow", m_pow},
    {"__eq", m_eq},   {"__len", m_len},           {"__tostring", m_tostring},
    {"__call", m_at}, {"__newindex", m_newindex}, {NULL, NULL}};

const luaL_Reg lua_matrix_functions[] = {
    {"new", m_new},   {"from", m_from},   {"frombytes", m_frombytes},
    {"read", m_read}, {"write", m_write}, {NULL, NULL}};

void lua_matrix_open(lua_State *L) {
  luaL_newmetatable(L, LUA_MATRIX);
  luaL_setfuncs(L, matrix_meta, 0);
  luaL_newlib(L, matrix_methods);
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, m_index, 1);
  lua_setfield(L, -3, "__index");
  lua_remove(L, -2);
}
