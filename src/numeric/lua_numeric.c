/* lua_numeric.c: the binding, module "nabla.numeric.core": matrices, and programs as functions of a table of values.
**
** A matrix is a userdata that holds its entries, columns after columns: it is one allocation, seen by the collector with
** its true size. A function (F in F{A = .., b = ..}) keeps the program of the last call; as long as sizes repeat a call is
** this file and program.c alone. Else the planner (Lua) is asked for the program of the new sizes. */
#define _GNU_SOURCE /* sysconf(_SC_PHYS_PAGES) */
#include <lauxlib.h>
#include <lua.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cblas.h>

#include "numeric/dense.h"
#include "numeric/program.h"

#define MATRIX "nabla.matrix"
#define PROGRAM "nabla.program"
#define FUNCTION "nabla.function"

/* ------------------------------------------------------------------ matrices */

typedef struct {
  int rows, cols;
  double *v;
} Matrix;

enum { ALIGN = 64 };

static size_t entries(const Matrix *a) { return (size_t)a->rows * (size_t)a->cols; }

/* Many systems grant more memory than there is, and end the process that uses it: no more than half of the machine's. */
static bool too_large(double doubles) {
#if defined(_SC_PHYS_PAGES) && defined(_SC_PAGESIZE)
  double pages = (double)sysconf(_SC_PHYS_PAGES), size = (double)sysconf(_SC_PAGESIZE);
  if (pages > 0 && size > 0 && doubles * sizeof(double) > pages * size / 2) return true;
#endif
  return doubles > 1e13;
}

static Matrix *matrix_push(lua_State *L, lua_Integer rows, lua_Integer cols) {
  if (rows < 1 || cols < 1)
    luaL_error(L, "a matrix of %I x %I cannot be made: it has at least one entry", (LUAI_UACINT)rows, (LUAI_UACINT)cols);
  double wanted = (double)rows * (double)cols;
  if (rows > INT32_MAX || cols > INT32_MAX || (wanted > 1e6 && too_large(wanted)))
    luaL_error(L, "a matrix of %I x %I cannot be made: it does not fit into memory", (LUAI_UACINT)rows, (LUAI_UACINT)cols);
  size_t n = (size_t)rows * (size_t)cols;
  Matrix *a = lua_newuserdata(L, sizeof *a + ALIGN + n * sizeof(double));
  a->rows = (int)rows;
  a->cols = (int)cols;
  a->v = (double *)(((uintptr_t)(a + 1) + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1));
  luaL_setmetatable(L, MATRIX);
  return a;
}

static Matrix *matrix_arg(lua_State *L, int i) { return luaL_checkudata(L, i, MATRIX); }

/* rows, cols [, fill] */
static int m_new(lua_State *L) {
  double fill = luaL_optnumber(L, 3, 0);
  Matrix *a = matrix_push(L, luaL_checkinteger(L, 1), luaL_optinteger(L, 2, 1));
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

/* A number, a list of numbers (a column), a list of rows, or a matrix (itself). Leaves a matrix. */
static Matrix *matrix_from(lua_State *L, int i) {
  if (lua_type(L, i) == LUA_TNUMBER) {
    double v = lua_tonumber(L, i);
    Matrix *a = matrix_push(L, 1, 1);
    a->v[0] = v;
    return a;
  }
  Matrix *given = luaL_testudata(L, i, MATRIX);
  if (given) {
    lua_pushvalue(L, i);
    return given;
  }
  if (lua_type(L, i) != LUA_TTABLE) luaL_error(L, "a matrix, a number or a table of rows was expected, found a %s", luaL_typename(L, i));
  int rows = (int)lua_rawlen(L, i);
  if (rows == 0) luaL_error(L, "an empty table is no matrix");
  lua_rawgeti(L, i, 1);
  bool nested = lua_istable(L, -1);
  int cols = nested ? (int)lua_rawlen(L, -1) : 1;
  lua_pop(L, 1);
  Matrix *a = matrix_push(L, rows, cols);
  int keys = 0;
  for (lua_pushnil(L); lua_next(L, i); lua_pop(L, 1))
    if (++keys > rows) luaL_error(L, "the table has more keys than the rows 1 to %d", rows);
  for (int r = 0; r < rows; r++) {
    lua_rawgeti(L, i, r + 1);
    if (!nested) {
      a->v[r] = number_at(L, r + 1, 1);
      continue;
    }
    if (!lua_istable(L, -1)) luaL_error(L, "row %d is no table but a %s", r + 1, luaL_typename(L, -1));
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

static int m_from(lua_State *L) {
  luaL_checkany(L, 1);
  matrix_from(L, 1);
  return 1;
}

/* string of doubles, rows, cols */
static int m_frombytes(lua_State *L) {
  size_t size;
  const char *text = luaL_checklstring(L, 1, &size);
  Matrix *a = matrix_push(L, luaL_checkinteger(L, 2), luaL_checkinteger(L, 3));
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
    luaL_error(L, "no entry (%I,%I) in a matrix of %d x %d", (LUAI_UACINT)r, (LUAI_UACINT)c, a->rows, a->cols);
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
  Matrix *a = matrix_arg(L, 1), *b = matrix_push(L, a->rows, a->cols);
  memcpy(b->v, a->v, entries(a) * sizeof *b->v);
  return 1;
}

static int m_reshape(lua_State *L) {
  Matrix *a = matrix_arg(L, 1), *b = matrix_push(L, luaL_checkinteger(L, 2), luaL_checkinteger(L, 3));
  if (entries(a) != entries(b)) return luaL_error(L, "%d x %d entries do not fill %d x %d", a->rows, a->cols, b->rows, b->cols);
  memcpy(b->v, a->v, entries(a) * sizeof *b->v);
  return 1;
}

static int m_transpose(lua_State *L) {
  Matrix *a = matrix_arg(L, 1), *b = matrix_push(L, a->cols, a->rows);
  dense_transpose(b->v, a->v, a->rows, a->cols);
  return 1;
}

static int m_map(lua_State *L) {
  Matrix *a = matrix_arg(L, 1), *b = matrix_push(L, a->rows, a->cols);
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
  for (size_t i = 0, n = entries(a); i < n; i++)
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
  Matrix *a = luaL_testudata(L, i, MATRIX);
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
    return luaL_error(L, "%s of %d x %d and %d x %d: the sizes must be equal", what, a->rows, a->cols, b->rows, b->cols);
  Matrix *c = matrix_push(L, a->rows, a->cols);
  for (size_t i = 0, n = entries(a); i < n; i++) c->v[i] = a->v[i] + sign * b->v[i];
  return 1;
}

static int m_add(lua_State *L) { return entrywise(L, 1, "a sum"); }
static int m_sub(lua_State *L) { return entrywise(L, -1, "a difference"); }

static int scaled(lua_State *L, const Matrix *a, double s) {
  Matrix *c = matrix_push(L, a->rows, a->cols);
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
    return luaL_error(L, "a product of %d x %d and %d x %d: the inner sizes must be equal", a->rows, a->cols, b->rows, b->cols);
  Matrix *c = matrix_push(L, a->rows, b->cols);
  cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, a->rows, b->cols, a->cols, 1, a->v, a->rows, b->v, b->rows, 0, c->v, a->rows);
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
  Matrix *c = matrix_push(L, a->rows, a->cols);
  for (size_t i = 0, n = entries(a); i < n; i++) c->v[i] = a->v[i] / t;
  return 1;
}

static int m_unm(lua_State *L) { return scaled(L, matrix_arg(L, 1), -1); }

static int m_pow(lua_State *L) {
  Matrix *a = matrix_arg(L, 1);
  double p = luaL_checknumber(L, 2);
  if (a->rows != a->cols) return luaL_error(L, "a power of %d x %d: a square matrix was expected", a->rows, a->cols);
  Matrix *c = matrix_push(L, a->rows, a->cols);
  switch (dense_power(c->v, a->v, p, a->rows)) {
    case DENSE_OK: return 1;
    case DENSE_SINGULAR: return luaL_error(L, "the matrix is singular");
    case DENSE_MEMORY: return luaL_error(L, "out of memory");
    default: return luaL_error(L, "the matrix has no principal power of that exponent");
  }
}

static int m_eq(lua_State *L) {
  Matrix *a = luaL_testudata(L, 1, MATRIX), *b = luaL_testudata(L, 2, MATRIX);
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
      snprintf(text, sizeof text, a->cols == 1 && a->rows == 1 ? "%.10g" : c ? "  %10.6g" : "%10.6g", a->v[(size_t)c * (size_t)a->rows + (size_t)r]);
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
  if (i < 1 || (lua_Unsigned)i > entries(a)) return luaL_error(L, "no entry %I in a matrix of %d x %d", (LUAI_UACINT)i, a->rows, a->cols);
  a->v[i - 1] = v;
  return 0;
}

/* A raw file of doubles: path, rows, cols [, bytes to skip]. */
static int m_read(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  lua_Integer rows = luaL_checkinteger(L, 2), cols = luaL_checkinteger(L, 3), skip = luaL_optinteger(L, 4, 0);
  Matrix *a = matrix_push(L, rows, cols);
  FILE *f = fopen(path, "rb");
  size_t got = f && fseek(f, (long)skip, SEEK_SET) == 0 ? fread(a->v, sizeof(double), entries(a), f) : 0;
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
  bool ok = f && fwrite(head, 1, n, f) == n && fwrite(a->v, sizeof(double), entries(a), f) == entries(a);
  if (f) ok = fclose(f) == 0 && ok;
  if (ok) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushnil(L);
  lua_pushfstring(L, "%s cannot be written", path);
  return 2;
}

/* ------------------------------------------------------------------ programs */

typedef enum { VALUE_MATRIX, VALUE_FIXED, VALUE_SIZE } ValueKind; /* FIXED: a scalar whose value the program is made for */

typedef struct {
  int kind, place, rows, cols;
  bool needed;
  double value; /* the number given, or that the program was made for */
} Value;

typedef struct {
  Program p;
  double *room;
  Value *value;
  Value *result;
  int values, results, functions;
  bool busy;
} ProgramBox;

/* The user value of a program: a table with `names` (of the values), `functions`, `report`. */

static int field(lua_State *L, int t, const char *name, int otherwise) {
  lua_getfield(L, t, name);
  int v = lua_isnil(L, -1) ? otherwise : (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return v;
}

static double real_field(lua_State *L, int t, const char *name, double otherwise) {
  lua_getfield(L, t, name);
  double v = lua_isnil(L, -1) ? otherwise : lua_tonumber(L, -1);
  lua_pop(L, 1);
  return v;
}

static void *array(lua_State *L, size_t n, size_t size) {
  void *p = calloc(n ? n : 1, size);
  if (!p) luaL_error(L, "out of memory");
  return p;
}

static int program_close(lua_State *L) {
  ProgramBox *b = luaL_checkudata(L, 1, PROGRAM);
  Program *p = &b->p;
  free(p->step);
  free(p->place);
  free(p->loop);
  free(p->input);
  free(p->loop_step);
  free(p->args);
  free(b->room);
  free(b->value);
  free(b->result);
  memset(b, 0, sizeof *b);
  return 0;
}

/* Leaves t[name], a list; its length. */
static int list_field(lua_State *L, int t, const char *name) {
  lua_getfield(L, t, name);
  luaL_checktype(L, -1, LUA_TTABLE);
  return (int)lua_rawlen(L, -1);
}

static double *aligned(double *p) { return (double *)(((uintptr_t)p + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1)); }

/* An error without the place of the planner, which is no fault of the caller's. */
static int no_room(lua_State *L, double doubles) {
  lua_pushfstring(L, "the values would take %f gigabytes: more than there is", doubles * 8e-9);
  return lua_error(L);
}

/* What the planner made (lua/nabla/compile.lua, function `assemble`) -> program */
static int l_program(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  ProgramBox *b = lua_newuserdata(L, sizeof *b);
  memset(b, 0, sizeof *b);
  luaL_setmetatable(L, PROGRAM);
  lua_pushvalue(L, 1);
  lua_setuservalue(L, 2);
  Program *p = &b->p;

  int n = list_field(L, 1, "steps");
  p->step = array(L, (size_t)n, sizeof *p->step);
  p->steps = n;
  p->setup = field(L, 1, "setup", 0);
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, 3, i + 1);
    Step *s = &p->step[i];
    s->kind = field(L, 4, "kind", 0);
    s->flags = field(L, 4, "flags", 0);
    s->to = field(L, 4, "to", -1);
    s->a = field(L, 4, "a", -1);
    s->b = field(L, 4, "b", -1);
    s->c = field(L, 4, "c", -1);
    s->d = field(L, 4, "d", -1);
    s->m = field(L, 4, "m", 1);
    s->n = field(L, 4, "n", 1);
    s->k = field(L, 4, "k", 1);
    s->x = field(L, 4, "x", -1);
    s->y = field(L, 4, "y", -1);
    s->node = field(L, 4, "node", 0);
    s->alpha = real_field(L, 4, "alpha", 1);
    lua_settop(L, 3);
  }
  lua_settop(L, 2);

  n = list_field(L, 1, "loops");
  p->loop = array(L, (size_t)n, sizeof *p->loop);
  int blocks = 1;
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, 3, i + 1);
    Loop *l = &p->loop[i];
    l->rows = field(L, 4, "rows", 1);
    l->cols = field(L, 4, "cols", 1);
    l->total = field(L, 4, "total", 0);
    l->inputs = field(L, 4, "inputs", 0);
    l->input0 = field(L, 4, "input0", 0);
    l->steps = field(L, 4, "steps", 0);
    l->step0 = field(L, 4, "step0", 0);
    l->registers = field(L, 4, "registers", 0);
    if (l->registers + l->inputs > blocks) blocks = l->registers + l->inputs;
    if (l->inputs > 64) return luaL_error(L, "a loop of too many inputs");
    lua_settop(L, 3);
  }
  lua_settop(L, 2);

  n = list_field(L, 1, "loop_inputs") / 2;
  p->input = array(L, (size_t)n, sizeof *p->input);
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, 3, 2 * i + 1);
    lua_rawgeti(L, 3, 2 * i + 2);
    p->input[i].place = (int)lua_tointeger(L, -2);
    p->input[i].kind = (int)lua_tointeger(L, -1);
    lua_pop(L, 2);
  }
  lua_settop(L, 2);

  n = list_field(L, 1, "loop_steps") / 5;
  p->loop_step = array(L, (size_t)n, sizeof *p->loop_step);
  for (int i = 0; i < n; i++) {
    for (int j = 1; j <= 5; j++) lua_rawgeti(L, 3, 5 * i + j);
    LoopStep *s = &p->loop_step[i];
    s->function = (int)lua_tointeger(L, 4);
    s->to = (int)lua_tointeger(L, 5);
    s->a = (int)lua_tointeger(L, 6);
    s->b = (int)lua_tointeger(L, 7);
    s->c = lua_tonumber(L, 8);
    lua_settop(L, 3);
  }
  lua_settop(L, 2);

  n = list_field(L, 1, "args");
  p->args = array(L, (size_t)n, sizeof *p->args);
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, 3, i + 1);
    p->args[i] = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
  }
  lua_settop(L, 2);

  /* one block: the registers of loops, then the places; offsets count from the places' beginning */
  double room = real_field(L, 1, "room", 0);
  size_t registers = (size_t)blocks * LOOP_BLOCK, total = registers + (size_t)room + 2 * ALIGN;
  if (too_large(room)) return no_room(L, room);
  b->room = malloc(total * sizeof(double));
  if (!b->room) return luaL_error(L, "out of memory: the program needs %f megabytes", room * 8e-6);
  p->block = aligned(b->room);
  double *base = p->block + registers;
  n = list_field(L, 1, "places");
  p->place = array(L, (size_t)n, sizeof *p->place);
  p->places = n;
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, 3, i + 1);
    lua_Integer offset = lua_tointeger(L, -1);
    p->place[i] = offset < 0 ? NULL : base + offset;
    lua_pop(L, 1);
  }
  lua_settop(L, 2);

  for (int which = 0; which < 2; which++) {
    n = list_field(L, 1, which ? "results" : "values");
    Value *v = array(L, (size_t)n, sizeof *v);
    if (which) b->result = v, b->results = n;
    else b->value = v, b->values = n;
    for (int i = 0; i < n; i++) {
      lua_rawgeti(L, 3, i + 1);
      v[i].kind = field(L, 4, "kind", 0);
      v[i].place = field(L, 4, "place", -1);
      v[i].rows = field(L, 4, "rows", 1);
      v[i].cols = field(L, 4, "cols", 1);
      v[i].value = real_field(L, 4, "value", 0);
      lua_getfield(L, 4, "needed");
      v[i].needed = lua_toboolean(L, -1);
      lua_settop(L, 3);
    }
    lua_settop(L, 2);
  }
  for (int i = 0; i < b->results; i++) room += (double)b->result[i].rows * (double)b->result[i].cols;
  if (too_large(room)) return no_room(L, room);
  b->functions = list_field(L, 1, "functions");
  lua_settop(L, 2);

  int steps = p->steps;
  p->steps = p->setup;
  RunStatus status = program_run(p, 0, false);
  p->steps = steps;
  if (status != RUN_OK) return luaL_error(L, "the constants cannot be worked out");
  return 1;
}

/* Point the places of a program's values into the table at index 2. The index of the first value that does not fit, or -1.
   names: stack index of their list. */
static int bind(lua_State *L, ProgramBox *b, int names) {
  for (int i = 0; i < b->values; i++) {
    Value *v = &b->value[i];
    lua_rawgeti(L, names, i + 1);
    lua_gettable(L, 2);
    bool fits = false;
    if (lua_isnil(L, -1)) {
      fits = !v->needed;
    } else if (lua_type(L, -1) == LUA_TNUMBER) {
      double x = lua_tonumber(L, -1);
      if (v->kind != VALUE_MATRIX) fits = x == v->value;
      else if (v->rows == 1 && v->cols == 1) {
        v->value = x;
        b->p.place[v->place] = &v->value;
        fits = true;
      }
    } else {
      Matrix *a = luaL_testudata(L, -1, MATRIX);
      if (a && v->kind == VALUE_MATRIX) {
        fits = a->rows == v->rows && a->cols == v->cols;
        b->p.place[v->place] = a->v;
      } else if (a) {
        fits = entries(a) == 1 && a->v[0] == v->value;
      }
    }
    lua_pop(L, 1);
    if (!fits) return i;
  }
  return -1;
}

typedef struct {
  lua_State *L;
  int functions; /* stack index of the first */
  int failed;    /* stack index of a message, or 0 */
} CallState;

static int call_inside(lua_State *L) { /* function, matrices .. -> matrix */
  lua_call(L, lua_gettop(L) - 1, 1);
  matrix_from(L, 1);
  return 1;
}

static bool call_step(Program *p, const Step *s, void *data) {
  CallState *c = data;
  lua_State *L = c->L;
  int top = lua_gettop(L);
  if (!lua_checkstack(L, s->k + 8)) return false;
  lua_pushcfunction(L, call_inside);
  lua_pushvalue(L, c->functions + s->x);
  for (int i = 0; i < s->k; i++) { /* place, rows, cols */
    const int *arg = p->args + s->y + 3 * i;
    if (arg[1] == 1 && arg[2] == 1) {
      lua_pushnumber(L, *p->place[arg[0]]);
      continue;
    }
    Matrix *a = matrix_push(L, arg[1], arg[2]);
    memcpy(a->v, p->place[arg[0]], entries(a) * sizeof *a->v);
  }
  if (lua_pcall(L, s->k + 1, 1, 0) != LUA_OK) {
    c->failed = top + 1;
    return false;
  }
  Matrix *r = luaL_testudata(L, -1, MATRIX);
  if (r->rows != s->m || r->cols != s->n) {
    lua_pushfstring(L, "it gives %d x %d, not %d x %d", r->rows, r->cols, s->m, s->n);
    lua_replace(L, top + 1);
    lua_settop(L, top + 1);
    c->failed = top + 1;
    return false;
  }
  memcpy(p->place[s->to], r->v, entries(r) * sizeof *r->v);
  lua_settop(L, top);
  return true;
}

static bool any_nan(const double *v, size_t n) {
  double sum = 0;
  size_t i = 0;
  double s[8] = {0};
  for (; i + 8 <= n; i += 8)
    for (size_t j = 0; j < 8; j++) s[j] += v[i + j] * 0.0; /* infinite entries give NaN here too: looked at again below */
  for (; i < n; i++) sum += v[i] * 0.0;
  for (size_t j = 0; j < 8; j++) sum += s[j];
  if (sum == 0) return false;
  for (i = 0; i < n; i++)
    if (v[i] != v[i]) return true;
  return false;
}

/* Raise what program's report says: report(what, node or name [, detail]) */
static int complain(lua_State *L, int user, const char *what, int node, const char *name, int detail) {
  luaL_where(L, 1);
  lua_getfield(L, user, "report");
  lua_pushstring(L, what);
  if (name) lua_pushstring(L, name);
  else lua_pushinteger(L, node);
  if (detail) lua_pushvalue(L, detail);
  else lua_pushnil(L);
  lua_call(L, 3, 1);
  lua_concat(L, 2);
  return lua_error(L);
}

static int run(lua_State *L, ProgramBox *b, int user, int names, bool allow_nan) {
  static const char *const status_text[] = {"ok", "singular", "notspd", "noprincipal", "notreal", "division",
                                            "diverged", "memory", "call"};
  Program *p = &b->p;
  luaL_checkstack(L, b->functions + b->results + 16, "too many results");
  CallState calls = {L, lua_gettop(L) + 1, 0};
  if (b->functions) {
    lua_getfield(L, user, "functions");
    int list = lua_gettop(L);
    for (int i = 0; i < b->functions; i++) { /* a function, or the path of one in the values */
      lua_rawgeti(L, list, i + 1);
      if (lua_istable(L, -1)) {
        int path = lua_gettop(L);
        lua_pushvalue(L, 2);
        for (int k = 1; k <= (int)lua_rawlen(L, path) && lua_istable(L, -1); k++) {
          lua_rawgeti(L, path, k);
          lua_gettable(L, -2);
          lua_remove(L, -2);
        }
        lua_remove(L, path);
      }
    }
    lua_remove(L, list);
  }
  int first = lua_gettop(L) + 1;
  bool aliased = false;
  for (int i = 0; i < b->results; i++) {
    Value *r = &b->result[i];
    Matrix *given = NULL;
    if (!lua_isnoneornil(L, 3)) {
      given = luaL_testudata(L, 3, MATRIX);
      if (given) {
        if (i == 0) lua_pushvalue(L, 3);
        else given = NULL;
      } else if (lua_istable(L, 3)) {
        lua_rawgeti(L, 3, i + 1);
        given = luaL_testudata(L, -1, MATRIX);
        if (!given) lua_pop(L, 1);
      } else {
        return luaL_error(L, "the second argument is a matrix, or a list of matrices, for the results");
      }
      if (given && (given->rows != r->rows || given->cols != r->cols))
        return luaL_error(L, "result %d is %d x %d; the matrix given for it is %d x %d", i + 1, r->rows, r->cols, given->rows, given->cols);
      for (int k = 0; given && k < b->values; k++)
        if (b->value[k].kind == VALUE_MATRIX && p->place[b->value[k].place] == given->v) aliased = true;
      for (int k = 0; given && k < i; k++)
        if (p->place[b->result[k].place] == given->v) return luaL_error(L, "two results in one matrix");
    }
    Matrix *to = given;
    if (!given) to = matrix_push(L, r->rows, r->cols);
    p->place[r->place] = to->v;
  }
  double **kept = NULL;
  if (aliased) { /* a result over an argument: worked out beside it */
    kept = lua_newuserdata(L, (size_t)b->results * sizeof *kept);
    for (int i = 0; i < b->results; i++) {
      kept[i] = p->place[b->result[i].place];
      p->place[b->result[i].place] = lua_newuserdata(L, (size_t)b->result[i].rows * (size_t)b->result[i].cols * sizeof(double));
      luaL_checkstack(L, 4, NULL);
    }
  }
  if (b->busy) return luaL_error(L, "this function is running already");
  b->busy = true;
  p->call = call_step;
  p->data = &calls;
  p->allow = allow_nan;
  RunStatus status = program_run(p, p->setup, false);
  b->busy = false;
  if (status != RUN_OK) return complain(L, user, status_text[status], p->step[p->failed].node, NULL, calls.failed);
  for (int i = 0; i < b->results && !allow_nan; i++) {
    Value *r = &b->result[i];
    if (!any_nan(p->place[r->place], (size_t)r->rows * (size_t)r->cols)) continue;
    for (int k = 0; k < b->values; k++) {
      Value *v = &b->value[k];
      if (v->kind != VALUE_MATRIX || !any_nan(p->place[v->place], (size_t)v->rows * (size_t)v->cols)) continue;
      lua_rawgeti(L, names, k + 1);
      return complain(L, user, "nanvalue", 0, lua_tostring(L, -1), 0);
    }
    b->busy = true;
    status = program_run(p, p->setup, true);
    b->busy = false;
    return complain(L, user, "nan", p->failed < 0 ? 0 : p->step[p->failed].node, NULL, 0);
  }
  for (int i = 0; i < b->results && aliased; i++)
    memcpy(kept[i], p->place[b->result[i].place], (size_t)b->result[i].rows * (size_t)b->result[i].cols * sizeof(double));
  lua_settop(L, first + b->results - 1);
  return b->results;
}

/* ------------------------------------------------------------------ functions */

typedef struct { bool allow_nan; } FunctionBox;

/* planner [, allow NaN] -> function; planner(values) gives the program for them, and perhaps a table to take in their place */
static int l_function(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  FunctionBox *f = lua_newuserdata(L, sizeof *f);
  f->allow_nan = lua_toboolean(L, 2);
  luaL_setmetatable(L, FUNCTION);
  lua_createtable(L, 2, 0);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, 1);
  lua_setuservalue(L, -2);
  return 1;
}

/* F(values [, results]) */
static int f_call(lua_State *L) {
  FunctionBox *f = luaL_checkudata(L, 1, FUNCTION);
  if (lua_isnoneornil(L, 2)) {
    lua_settop(L, 3);
    lua_newtable(L);
    lua_replace(L, 2);
  } else if (!lua_istable(L, 2)) {
    return luaL_error(L, "a table of values was expected, such as F{ A = A, x = x }, found a %s", luaL_typename(L, 2));
  }
  lua_settop(L, 3);
  lua_getuservalue(L, 1);                     /* 4 */
  lua_rawgeti(L, 4, 2);                       /* 5: the program of the last call */
  ProgramBox *b = lua_touserdata(L, 5);
  if (b) {
    lua_getuservalue(L, 5);                   /* 6 */
    lua_getfield(L, 6, "names");              /* 7 */
    if (b->room && bind(L, b, 7) < 0) return run(L, b, 6, 7, f->allow_nan);
  }
  lua_settop(L, 4);
  lua_rawgeti(L, 4, 1);
  lua_pushvalue(L, 2);
  lua_call(L, 1, 2);                          /* 5: program or nil, 6: values or message */
  b = luaL_testudata(L, 5, PROGRAM);
  if (!b) {
    luaL_where(L, 1);
    lua_insert(L, 6);
    lua_concat(L, 2);
    return lua_error(L);
  }
  if (lua_istable(L, 6)) lua_replace(L, 2);
  lua_settop(L, 5);
  lua_pushvalue(L, 5);
  lua_rawseti(L, 4, 2);
  lua_getuservalue(L, 5);
  lua_getfield(L, 6, "names");
  int bad = bind(L, b, 7);
  if (bad >= 0) {
    lua_rawgeti(L, 7, bad + 1);
    return luaL_error(L, "the value of %s does not fit", lua_tostring(L, -1));
  }
  return run(L, b, 6, 7, f->allow_nan);
}

static int l_entry_functions(lua_State *L) { /* name -> number, operands */
  lua_createtable(L, 0, entry_count);
  for (int i = 0; i < entry_count; i++) {
    lua_pushinteger(L, i);
    lua_setfield(L, -2, entry_functions[i].name);
  }
  return 1;
}

static int l_matrix_function(lua_State *L) {
  int i = program_function(luaL_checkstring(L, 1));
  if (i < 0) return 0;
  lua_pushinteger(L, i);
  return 1;
}

/* What a program is: steps, constants' steps, loops, bytes of its room. */
static int program_size(lua_State *L) {
  ProgramBox *b = luaL_checkudata(L, 1, PROGRAM);
  lua_pushinteger(L, b->p.steps);
  lua_pushinteger(L, b->p.setup);
  return 2;
}

static const char *const step_names[STEP_KINDS] = {
    "copy", "transpose", "fill", "eye", "entries", "multiply", "gram", "scale_rows", "scale_cols", "sandwich", "diag", "diagv", "add_diag",
    "dot", "trace_of", "sum", "norm1", "norm2", "max", "logsumexp", "trace", "argmax", "softmax", "lu", "cholesky", "det", "logdet",
    "inverse", "solve", "kron", "kron_times", "swap_rows", "swap_cols", "K", "unit", "dup", "elim", "tril", "triu", "diagonals", "diagonal_sums", "vech", "entry", "hat", "vee", "cross",
    "khatrirao", "function", "frechet", "frechet_matrix", "power", "pinv", "adj", "eigen", "eigval", "eigvec", "call"};

static const luaL_Reg matrix_methods[] = {
    {"table", m_table}, {"bytes", m_bytes}, {"at", m_at}, {"set", m_set}, {"copy", m_copy}, {"reshape", m_reshape},
    {"map", m_map}, {"magnitude", m_magnitude}, {NULL, NULL}};

static const luaL_Reg matrix_meta[] = {
    {"__add", m_add}, {"__sub", m_sub}, {"__mul", m_mul}, {"__div", m_div}, {"__unm", m_unm}, {"__pow", m_pow}, {"__eq", m_eq},
    {"__len", m_len}, {"__tostring", m_tostring}, {"__call", m_at}, {"__newindex", m_newindex}, {NULL, NULL}};

static const luaL_Reg module_functions[] = {
    {"new", m_new}, {"from", m_from}, {"frombytes", m_frombytes}, {"read", m_read}, {"write", m_write},
    {"program", l_program}, {"program_size", program_size}, {"func", l_function}, {"entry_functions", l_entry_functions},
    {"matrix_function", l_matrix_function}, {NULL, NULL}};

#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
int luaopen_nabla_numeric_core(lua_State *L);

int luaopen_nabla_numeric_core(lua_State *L) {
  luaL_newmetatable(L, MATRIX);
  luaL_setfuncs(L, matrix_meta, 0);
  luaL_newlib(L, matrix_methods);
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, m_index, 1);
  lua_setfield(L, -3, "__index");
  int methods = lua_gettop(L);
  luaL_newmetatable(L, PROGRAM);
  lua_pushcfunction(L, program_close);
  lua_setfield(L, -2, "__gc");
  luaL_newmetatable(L, FUNCTION);
  lua_pushcfunction(L, f_call);
  lua_setfield(L, -2, "__call");
  luaL_newlib(L, module_functions);
  lua_pushvalue(L, methods);
  lua_setfield(L, -2, "methods"); /* of matrices: Lua adds to them */
  lua_createtable(L, 0, STEP_KINDS);
  for (int i = 0; i < STEP_KINDS; i++) {
    lua_pushinteger(L, i);
    lua_setfield(L, -2, step_names[i]);
  }
  lua_setfield(L, -2, "kinds");
  return 1;
}
