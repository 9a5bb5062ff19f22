/* lua_program.h: programs for given sizes as Lua values. The user value of one is the planner's
** table: `names` (of the values), `functions`, `report`. */
#ifndef LUA_PROGRAM_H
#define LUA_PROGRAM_H

#include "numeric/lua_matrix.h"
#include "numeric/program.h"

#define LUA_PROGRAM "nabla.program"

/* FIXED: a scalar whose value the program is made for */
typedef enum { VALUE_MATRIX, VALUE_FIXED, VALUE_SIZE } ValueKind;

typedef struct {
  int kind, place, rows, cols;
  bool needed;
  double value; /* the number given, or that the program was made for */
  double *own;  /* room for the entries of a table; NULL: none was given yet */
} Value;

typedef struct {
  Program p;
  double *room;
  Value *value;
  Value *result;
  int values, results, functions;
  bool busy;
} ProgramBox;

/* What the planner made (lua/nabla/numeric/compile.lua, function `assemble`) -> program */
int lua_program_new(lua_State *L);
int lua_program_close(lua_State *L);
/* Point the places of a program's values into the table at index 2. The index of the first value
   that does not fit, or -1. names: stack index of their list. */
int lua_program_bind(lua_State *L, ProgramBox *b, int names);
/* Run it, for the values at index 2, into the results at index 3 (if given); leaves the results,
   returns how many. `user` and `names` are the stack indices of the user value and of the list in
   it. */
int lua_program_run(lua_State *L, ProgramBox *b, int user, int names, bool allow_nan);

#endif
