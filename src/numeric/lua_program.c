/* lua_program.c: programs read from what the planner made, bound to values, and run. */
#include "numeric/lua_program.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

int lua_program_close(lua_State *L) {
  ProgramBox *b = luaL_checkudata(L, 1, LUA_PROGRAM);
  Program *p = &b->p;
  free(p->step);
  free(p->place);
  free(p->loop);
  free(p->input);
  free(p->loop_step);
  free(p->args);
  free(b->room);
  for (int i = 0; i < b->values; i++) free(b->value[i].own);
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

static double *aligned(double *p) {
  return (double *)(((uintptr_t)p + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1));
}

/* An error without the place of the planner, which is no fault of the caller's. */
static int no_room(lua_State *L, double doubles) {
  lua_pushfstring(L, "the values would take %f gigabytes: more than there is", doubles * 8e-9);
  return lua_error(L);
}

static void read_step(lua_State *L, int t, Step *s) {
  s->kind = field(L, t, "kind", 0);
  s->flags = field(L, t, "flags", 0);
  s->to = field(L, t, "to", -1);
  s->a = field(L, t, "a", -1);
  s->b = field(L, t, "b", -1);
  s->c = field(L, t, "c", -1);
  s->d = field(L, t, "d", -1);
  s->m = field(L, t, "m", 1);
  s->n = field(L, t, "n", 1);
  s->k = field(L, t, "k", 1);
  s->x = field(L, t, "x", -1);
  s->y = field(L, t, "y", -1);
  s->node = field(L, t, "node", 0);
  s->alpha = real_field(L, t, "alpha", 1);
}

static void read_steps(lua_State *L, Program *p) {
  int n = list_field(L, 1, "steps");
  p->step = array(L, (size_t)n, sizeof *p->step);
  p->steps = n;
  p->setup = field(L, 1, "setup", 0);
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, 3, i + 1);
    read_step(L, 4, &p->step[i]);
    lua_settop(L, 3);
  }
  lua_settop(L, 2);
}

/* The number of blocks of registers that the loops need. */
static int read_loops(lua_State *L, Program *p) {
  int n = list_field(L, 1, "loops"), blocks = 1;
  p->loop = array(L, (size_t)n, sizeof *p->loop);
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
    if (l->inputs > 64) luaL_error(L, "a loop of too many inputs");
    lua_settop(L, 3);
  }
  lua_settop(L, 2);
  return blocks;
}

static void read_loop_inputs(lua_State *L, Program *p) {
  int n = list_field(L, 1, "loop_inputs") / 2;
  p->input = array(L, (size_t)n, sizeof *p->input);
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, 3, 2 * i + 1);
    lua_rawgeti(L, 3, 2 * i + 2);
    p->input[i].place = (int)lua_tointeger(L, -2);
    p->input[i].kind = (int)lua_tointeger(L, -1);
    lua_pop(L, 2);
  }
  lua_settop(L, 2);
}

static void read_loop_steps(lua_State *L, Program *p) {
  int n = list_field(L, 1, "loop_steps") / 5;
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
}

static void read_args(lua_State *L, Program *p) {
  int n = list_field(L, 1, "args");
  p->args = array(L, (size_t)n, sizeof *p->args);
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, 3, i + 1);
    p->args[i] = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
  }
  lua_settop(L, 2);
}

/* One block of memory: the registers of loops, then the places; offsets count from the places'
   beginning. Returns the room of the places, in doubles. */
static double read_places(lua_State *L, ProgramBox *b, int blocks) {
  Program *p = &b->p;
  double room = real_field(L, 1, "room", 0);
  size_t registers = (size_t)blocks * LOOP_BLOCK, total = registers + (size_t)room + 2 * ALIGN;
  if (lua_matrix_too_large(room)) no_room(L, room);
  b->room = malloc(total * sizeof(double));
  if (!b->room) luaL_error(L, "out of memory: the program needs %f megabytes", room * 8e-6);
  p->block = aligned(b->room);
  double *base = p->block + registers;
  int n = list_field(L, 1, "places");
  p->place = array(L, (size_t)n, sizeof *p->place);
  p->places = n;
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, 3, i + 1);
    lua_Integer offset = lua_tointeger(L, -1);
    p->place[i] = offset < 0 ? NULL : base + offset;
    lua_pop(L, 1);
  }
  lua_settop(L, 2);
  return room;
}

/* The list `name` of values or results; *n: how many. It is in the box at once: an error must not
   lose it. */
static void read_values(lua_State *L, const char *name, Value **list, int *n) {
  int length = list_field(L, 1, name);
  Value *v = *list = array(L, (size_t)length, sizeof *v);
  *n = length;
  for (int i = 0; i < length; i++) {
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

int lua_program_new(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  ProgramBox *b = lua_newuserdata(L, sizeof *b);
  memset(b, 0, sizeof *b);
  luaL_setmetatable(L, LUA_PROGRAM);
  lua_pushvalue(L, 1);
  lua_setuservalue(L, 2);
  Program *p = &b->p;
  read_steps(L, p);
  int blocks = read_loops(L, p);
  read_loop_inputs(L, p);
  read_loop_steps(L, p);
  read_args(L, p);
  double room = read_places(L, b, blocks);
  read_values(L, "values", &b->value, &b->values);
  read_values(L, "results", &b->result, &b->results);
  for (int i = 0; i < b->results; i++)
    room += (double)b->result[i].rows * (double)b->result[i].cols;
  if (lua_matrix_too_large(room)) return no_room(L, room);
  b->functions = list_field(L, 1, "functions");
  lua_settop(L, 2);

  int steps = p->steps;
  p->steps = p->setup;
  RunStatus status = program_run(p, 0, false);
  p->steps = steps;
  if (status != RUN_OK) return luaL_error(L, "the constants cannot be worked out");
  return 1;
}

static size_t value_entries(const Value *v) { return (size_t)v->rows * (size_t)v->cols; }

/* The entries of the table on top of the stack, in room of the value's own. */
static bool bind_table(lua_State *L, ProgramBox *b, Value *v) {
  if (v->kind != VALUE_MATRIX) return false;
  if (!v->own) v->own = malloc(value_entries(v) * sizeof(double));
  if (!v->own || !lua_matrix_read(L, -1, v->rows, v->cols, v->own)) return false;
  b->p.place[v->place] = v->own;
  return true;
}

int lua_program_bind(lua_State *L, ProgramBox *b, int names) {
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
    } else if (lua_istable(L, -1)) {
      fits = bind_table(L, b, v);
    } else {
      Matrix *a = luaL_testudata(L, -1, LUA_MATRIX);
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
  lua_matrix_from(L, 1);
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
    Matrix *a = lua_matrix_push(L, arg[1], arg[2]);
    memcpy(a->v, p->place[arg[0]], entries(a) * sizeof *a->v);
  }
  if (lua_pcall(L, s->k + 1, 1, 0) != LUA_OK) {
    c->failed = top + 1;
    return false;
  }
  Matrix *r = luaL_testudata(L, -1, LUA_MATRIX);
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
    /* infinite entries give NaN here too: looked at again below */
    for (size_t j = 0; j < 8; j++) s[j] += v[i + j] * 0.0;
  for (; i < n; i++) sum += v[i] * 0.0;
  for (size_t j = 0; j < 8; j++) sum += s[j];
  if (sum == 0) return false;
  for (i = 0; i < n; i++)
    if (v[i] != v[i]) return true;
  return false;
}

/* Raise what program's report says: report(what, node or name [, detail]) */
static int complain(lua_State *L, int user, const char *what, int node, const char *name,
                    int detail) {
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

/* Push the functions that the program calls: each is a function, or the path of one in the values
   at index 2. */
static void push_functions(lua_State *L, const ProgramBox *b, int user) {
  if (!b->functions) return;
  lua_getfield(L, user, "functions");
  int list = lua_gettop(L);
  for (int i = 0; i < b->functions; i++) {
    lua_rawgeti(L, list, i + 1);
    if (!lua_istable(L, -1)) continue;
    int path = lua_gettop(L);
    lua_pushvalue(L, 2);
    for (int k = 1; k <= (int)lua_rawlen(L, path) && lua_istable(L, -1); k++) {
      lua_rawgeti(L, path, k);
      lua_gettable(L, -2);
      lua_remove(L, -2);
    }
    lua_remove(L, path);
  }
  lua_remove(L, list);
}

/* Push the matrix at index 3 that is given for result i, if there is one; NULL: none. */
static Matrix *push_given(lua_State *L, int i) {
  if (lua_isnoneornil(L, 3)) return NULL;
  Matrix *given = luaL_testudata(L, 3, LUA_MATRIX);
  if (given) {
    if (i > 0) return NULL;
    lua_pushvalue(L, 3);
    return given;
  }
  if (!lua_istable(L, 3))
    luaL_error(L, "the second argument is a matrix, or a list of matrices, for the results");
  lua_rawgeti(L, 3, i + 1);
  given = luaL_testudata(L, -1, LUA_MATRIX);
  if (!given) lua_pop(L, 1);
  return given;
}

/* Push the results and point their places at them. Is one of them also an argument? */
static bool push_results(lua_State *L, ProgramBox *b) {
  Program *p = &b->p;
  bool aliased = false;
  for (int i = 0; i < b->results; i++) {
    Value *r = &b->result[i];
    Matrix *given = push_given(L, i);
    if (given && (given->rows != r->rows || given->cols != r->cols))
      luaL_error(L, "result %d is %d x %d; the matrix given for it is %d x %d", i + 1, r->rows,
                 r->cols, given->rows, given->cols);
    for (int k = 0; given && k < b->values; k++)
      if (b->value[k].kind == VALUE_MATRIX && p->place[b->value[k].place] == given->v)
        aliased = true;
    for (int k = 0; given && k < i; k++)
      if (p->place[b->result[k].place] == given->v) luaL_error(L, "two results in one matrix");
    Matrix *to = given ? given : lua_matrix_push(L, r->rows, r->cols);
    p->place[r->place] = to->v;
  }
  return aliased;
}


/* Point the places of the results beside them, into new memory; where they were. */
static double **move_aside(lua_State *L, ProgramBox *b) {
  double **kept = lua_newuserdata(L, (size_t)b->results * sizeof *kept);
  for (int i = 0; i < b->results; i++) {
    double **place = &b->p.place[b->result[i].place];
    kept[i] = *place;
    *place = lua_newuserdata(L, value_entries(&b->result[i]) * sizeof(double));
    luaL_checkstack(L, 4, NULL);
  }
  return kept;
}

/* Raise an error if a result is NaN: by the value that holds a NaN, or else by the step that has
   made the first. */
static void check_nan(lua_State *L, ProgramBox *b, int user, int names) {
  Program *p = &b->p;
  bool found = false;
  for (int i = 0; i < b->results && !found; i++)
    found = any_nan(p->place[b->result[i].place], value_entries(&b->result[i]));
  if (!found) return;
  for (int k = 0; k < b->values; k++) {
    Value *v = &b->value[k];
    if (v->kind != VALUE_MATRIX || !any_nan(p->place[v->place], value_entries(v))) continue;
    lua_rawgeti(L, names, k + 1);
    complain(L, user, "nanvalue", 0, lua_tostring(L, -1), 0);
  }
  b->busy = true;
  program_run(p, p->setup, true);
  b->busy = false;
  complain(L, user, "nan", p->failed < 0 ? 0 : p->step[p->failed].node, NULL, 0);
}

int lua_program_run(lua_State *L, ProgramBox *b, int user, int names, bool allow_nan) {
  static const char *const status_text[] = {"ok",          "singular", "notspd",
                                            "noprincipal", "notreal",  "division",
                                            "diverged",    "memory",   "call"};
  Program *p = &b->p;
  luaL_checkstack(L, b->functions + b->results + 16, "too many results");
  CallState calls = {L, lua_gettop(L) + 1, 0};
  push_functions(L, b, user);
  int first = lua_gettop(L) + 1;
  bool aliased = push_results(L, b);
  /* a result over an argument: worked out beside it */
  double **kept = aliased ? move_aside(L, b) : NULL;
  b->busy = true;
  p->call = call_step;
  p->data = &calls;
  p->allow = allow_nan;
  RunStatus status = program_run(p, p->setup, false);
  b->busy = false;
  if (status != RUN_OK)
    return complain(L, user, status_text[status], p->step[p->failed].node, NULL, calls.failed);
  if (!allow_nan) check_nan(L, b, user, names);
  for (int i = 0; i < b->results && aliased; i++)
    memcpy(kept[i], p->place[b->result[i].place], value_entries(&b->result[i]) * sizeof(double));
  lua_settop(L, first + b->results - 1);
  return b->results;
}
