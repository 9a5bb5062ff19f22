/* lua_numeric.c: the binding, module "nabla.numeric.core": matrices, programs, and functions of a
** table of values.
**
** A function (F in F{A = .., b = ..}) keeps the program of the last call; as long as sizes repeat a
** call is this file, lua_program.c and program.c alone. Else the planner (Lua) is asked for the
** program of the new sizes. */
#include "numeric/lua_complex.h"
#include "numeric/lua_program.h"
#include "numeric/lua_sample.h"

#define FUNCTION "nabla.function"

typedef struct { bool allow_nan; } FunctionBox;

/* planner [, allow NaN] -> function; planner(values) gives the program for them, and perhaps a
   table to take in their place */
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
    return luaL_error(L, "a table of values was expected, such as F{ A = A, x = x }, found a %s",
                      luaL_typename(L, 2));
  }
  lua_settop(L, 3);
  lua_getuservalue(L, 1);                     /* 4 */
  lua_rawgeti(L, 4, 2);                       /* 5: the program of the last call */
  ProgramBox *b = lua_touserdata(L, 5);
  if (b) {
    lua_getuservalue(L, 5);                   /* 6 */
    lua_getfield(L, 6, "names");              /* 7 */
    /* while it runs its places are its own: a call inside of it may be for other sizes */
    if (b->room && !b->busy && lua_program_bind(L, b, 7) < 0)
      return lua_program_run(L, b, 6, 7, f->allow_nan);
  }
  lua_settop(L, 4);
  lua_rawgeti(L, 4, 1);
  lua_pushvalue(L, 2);
  lua_call(L, 1, 2);                          /* 5: program or nil, 6: values or message */
  b = luaL_testudata(L, 5, LUA_PROGRAM);
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
  if (b->busy) return luaL_error(L, "this function is running already");
  int bad = lua_program_bind(L, b, 7);
  if (bad >= 0) {
    lua_rawgeti(L, 7, bad + 1);
    return luaL_error(L, "the value of %s does not fit", lua_tostring(L, -1));
  }
  return lua_program_run(L, b, 6, 7, f->allow_nan);
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
  ProgramBox *b = luaL_checkudata(L, 1, LUA_PROGRAM);
  lua_pushinteger(L, b->p.steps);
  lua_pushinteger(L, b->p.setup);
  return 2;
}

static const char *const step_names[STEP_KINDS] = {
    "copy",          "transpose", "fill",       "eye",        "entries",
    "multiply",      "gram",      "scale_rows", "scale_cols", "sandwich",
    "diag",          "diagv",     "add_diag",   "dot",        "trace_of",
    "sum",           "norm1",     "norm2",      "max",        "logsumexp",
    "trace",         "argmax",    "softmax",    "lu",         "cholesky",
    "det",           "logdet",    "inverse",    "solve",      "kron",
    "kron_times",    "swap_rows", "swap_cols",  "K",          "unit",
    "dup",           "elim",      "tril",       "triu",       "diagonals",
    "diagonal_sums", "vech",      "entry",      "hat",        "vee",
    "cross",         "khatrirao", "stack",      "function",   "frechet",
    "frechet_matrix", "power",    "pinv",       "adj",        "eigen",
    "eigval",        "eigvec",    "call"};

static const luaL_Reg module_functions[] = {{"program", lua_program_new},
                                            {"program_size", program_size},
                                            {"func", l_function},
                                            {"entry_functions", l_entry_functions},
                                            {"matrix_function", l_matrix_function},
                                            {NULL, NULL}};

#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
int luaopen_nabla_numeric_core(lua_State *L);

int luaopen_nabla_numeric_core(lua_State *L) {
  lua_matrix_open(L);
  int methods = lua_gettop(L);
  luaL_newmetatable(L, LUA_PROGRAM);
  lua_pushcfunction(L, lua_program_close);
  lua_setfield(L, -2, "__gc");
  luaL_newmetatable(L, FUNCTION);
  lua_pushcfunction(L, f_call);
  lua_setfield(L, -2, "__call");
  luaL_newlib(L, module_functions);
  luaL_setfuncs(L, lua_matrix_functions, 0);
  luaL_setfuncs(L, lua_sample_functions, 0);
  lua_pushvalue(L, methods);
  lua_setfield(L, -2, "methods"); /* of matrices: Lua adds to them */
  lua_newtable(L);
  luaL_setfuncs(L, lua_complex_functions, 0);
  lua_setfield(L, -2, "complex");
  lua_createtable(L, 0, STEP_KINDS);
  for (int i = 0; i < STEP_KINDS; i++) {
    lua_pushinteger(L, i);
    lua_setfield(L, -2, step_names[i]);
  }
  lua_setfield(L, -2, "kinds");
  return 1;
}
