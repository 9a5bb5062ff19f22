/* lua_matrix.h: matrices of doubles as Lua values. */
#ifndef LUA_MATRIX_H
#define LUA_MATRIX_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#define LUA_MATRIX "nabla.matrix"

typedef struct {
  int rows, cols;
  double *v; /* columns after columns */
} Matrix;

enum { ALIGN = 64 };

static inline size_t entries(const Matrix *a) { return (size_t)a->rows * (size_t)a->cols; }

/* Would so many doubles take more than half of the machine's memory? Many systems grant more memory
   than there is, and end the process that uses it. */
bool lua_matrix_too_large(double doubles);
/* A new matrix on the stack; its entries are not set. */
Matrix *lua_matrix_push(lua_State *L, lua_Integer rows, lua_Integer cols);
/* A number, a list of numbers (a column), a list of rows, or a matrix (itself), at index i. Leaves
   a matrix. */
Matrix *lua_matrix_from(lua_State *L, int i);
/* The entries of the table at index i, a list or a list of rows, if it is a matrix of this size.
   Where it is none, false: lua_matrix_from says why. */
bool lua_matrix_read(lua_State *L, int i, int rows, int cols, double *v);
/* Make the metatable; leaves the table of methods. */
void lua_matrix_open(lua_State *L);
/* Functions of the module. */
extern const luaL_Reg lua_matrix_functions[];

#endif
