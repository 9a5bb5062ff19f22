/* lua_tree.c: nodes from syntax trees, where every name in them is known. The trees are those of
** nabla.language.postfix. What is no plain algebra, and each name and call that is not known here,
** is the business of a function in Lua; what it finds out of them it may put into the tables of
** calls and letters, so that it is not asked again. */
#include <stdlib.h>
#include <string.h>

#include "algebra/build.h"
#include "algebra/operator.h"
#include "algebra/size.h"
#include "core/dim.h"
#include "core/number.h"
#include "lua/bind.h"
#include "rules/ruleset.h"

/* Arguments of the method, see l_tree; DEEPEST: levels of a tree, each of which takes C stack;
   LONGEST: terms of a sum that is noted. */
enum {
  TREE = 2,
  VARIABLES,
  OTHERS,
  STATE,
  CALLS,
  LETTERS,
  SCOPE,
  DEEPEST = 500,
  SLOTS = 8,
  LONGEST = 40
};

/* What the table of calls says of a name: the number of its operator * CALL_ARGUMENTS + that of its
   arguments, or one of the engine's constants (build_pattern.lua has the same numbers). */
enum { CALL_ARGUMENTS = 64, CONSTANT_I = -1, CONSTANT_ONES = -2, UNKNOWN = -4 };

typedef struct {
  lua_State *L;
  Store *s;
  int depth;
  bool notes;
  int at; /* index of the tree whose node is made */
} Builder;

/* Nodes that are collected for a constructor. */
typedef struct {
  uint32_t n;
  NodeId *v;
} List;

static NodeId make(Builder *b);

/* A node that has been made, or the failure is raised; `at` of the state says of which tree. */
static NodeId made(Builder *b, NodeId id) {
  if (id && b->s->status == STORE_OK) return id;
  if (b->notes) {
    lua_pushvalue(b->L, b->at);
    lua_setfield(b->L, STATE, "at");
  }
  bind_raise(b->L, b->s);
  return 0;
}

/* Append the table on top to a list of the state, which is made by the first. */
static void note(lua_State *L, const char *list) {
  lua_pushstring(L, list);
  if (lua_rawget(L, STATE) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_createtable(L, 1, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, STATE, list);
  }
  lua_insert(L, -2);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  lua_pop(L, 1);
}

/* The node on a new table, which is pushed, as its `id`. */
static void push_noted(lua_State *L, NodeId id) {
  lua_createtable(L, 0, 2);
  lua_pushinteger(L, id);
  lua_setfield(L, -2, "id");
}

static void note_sum(Builder *b, NodeId id, const List *terms) {
  lua_State *L = b->L;
  if (terms->n > LONGEST) return;
  push_noted(L, id);
  lua_createtable(L, (int)terms->n, 0);
  for (uint32_t i = 0; i < terms->n; i++) {
    lua_pushinteger(L, terms->v[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "terms");
  note(L, "sums");
}

/* The chain of some links, if the store has it as its transpose; 0: it is as it was written. */
static NodeId turned_chain(Store *s, const NodeId *links, uint32_t n) {
  NodeId chain = build_product(s, links, n), first = links[0];
  if (!chain) return 0;
  if (node_op(s, first) == OP_PRODUCT) first = node_child(s, first, 1);
  if (node_op(s, chain) != OP_PRODUCT) return 0;
  NodeId last = node_child(s, chain, node_arity(s, chain) - 1);
  if (node_scalar(s, last) || node_scalar(s, first) || node_child(s, chain, 1) == first) return 0;
  return build_transpose(s, last) == first ? chain : 0;
}

/* Note each scalar chain in a run of factors, as w'*x, that the store keeps as its transpose. */
static void note_chains(Builder *b, const List *run) {
  Store *s = b->s;
  NodeId room[BIND_ROOM], *links = room;
  uint32_t n = 0;
  if (run->n > BIND_ROOM) links = lua_newuserdata(b->L, run->n * sizeof *links);
  for (uint32_t i = 0; i < run->n; i++) {
    NodeId id = run->v[i];
    if (!node_scalar(s, id)) links[n++] = id;
    if (node_cols(s, id) != DIM_ONE || n < 2 || node_rows(s, links[0]) != DIM_ONE) continue;
    NodeId chain = turned_chain(s, links, n);
    if (s->status != STORE_OK) made(b, 0);
    if (chain) {
      push_noted(b->L, chain);
      note(b->L, "chains");
    }
    n = 0;
  }
  if (run->n > BIND_ROOM) lua_pop(b->L, 1);
}

/* A field of the tree on top, pushed. */
static void field(Builder *b, const char *name) { lua_getfield(b->L, -1, name); }

/* The node of an element of the table on top, which stays. */
static NodeId element(Builder *b, lua_Integer i) {
  lua_rawgeti(b->L, -1, i);
  NodeId id = make(b);
  lua_pop(b->L, 1);
  return id;
}

/* What the function says of the tree on top, which stays: a node; or 0, and *op: the operator whose
   call it is, with its arguments in their order, 0 for the differential. It raises an error where
   there is no node. */
static NodeId ask(Builder *b, lua_Integer *op) {
  lua_State *L = b->L;
  lua_pushvalue(L, OTHERS);
  lua_pushvalue(L, STATE);
  lua_pushvalue(L, -3);
  lua_call(L, 2, 2);
  NodeId id = lua_isinteger(L, -2) ? bind_node(L, b->s, -2) : 0;
  *op = lua_tointeger(L, -1);
  lua_pop(L, 2);
  return id;
}

static NodeId others(Builder *b) {
  lua_Integer op;
  NodeId id = ask(b, &op);
  if (!id) luaL_error(b->L, "a node expected");
  return id;
}

/* Room for as many nodes as the table on top, which stays, has elements. */
static List room_for(Builder *b, NodeId room[BIND_ROOM]) {
  List list = {(uint32_t)lua_rawlen(b->L, -1), room};
  if (list.n > BIND_ROOM) {
    list.v = lua_newuserdata(b->L, list.n * sizeof *list.v);
    lua_insert(b->L, -2);
  }
  return list;
}

/* An integer field of a table. */
static lua_Integer integer(lua_State *L, int t, const char *name) {
  lua_getfield(L, t, name);
  lua_Integer v = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return v;
}

/* A letter is met for the first time, whose name is on top: the node of a new variable of the rule,
   as its letter describes it; 0 where there is no such letter. The name goes. */
static NodeId meet(Builder *b) {
  lua_State *L = b->L;
  int name = lua_gettop(L), letter = name + 1, var = name + 2;
  lua_pushvalue(L, name);
  lua_Integer index = integer(L, SCOPE, "count");
  if (lua_rawget(L, LETTERS) != LUA_TTABLE || index >= RULE_VARIABLES) {
    lua_settop(L, name - 1);
    return 0;
  }
  lua_createtable(L, 0, 2);
  lua_getfield(L, letter, "rows");
  lua_getfield(L, letter, "cols");
  NodeId id = made(b, build_variable(b->s, bind_name(L, b->s, name),
                                     (uint32_t)integer(L, letter, "symbol"), (uint32_t)index,
                                     bind_dim(L, b->s, var + 1), bind_dim(L, b->s, var + 2)));
  lua_settop(L, var);
  lua_pushinteger(L, id);
  lua_setfield(L, var, "id");
  lua_pushinteger(L, index);
  lua_setfield(L, var, "index");
  lua_pushvalue(L, letter); /* which is its metatable, and has the other fields */
  lua_setmetatable(L, var);
  lua_pushvalue(L, name);
  lua_insert(L, -2);
  lua_rawset(L, VARIABLES);
  lua_pushinteger(L, index + 1);
  lua_setfield(L, SCOPE, "count");
  lua_settop(L, name - 1);
  return id;
}

static NodeId name(Builder *b) {
  lua_State *L = b->L;
  field(b, "name");
  lua_pushvalue(L, -1);
  lua_rawget(L, VARIABLES);
  if (lua_isnil(L, -1) && lua_istable(L, LETTERS)) {
    lua_pop(L, 1);
    NodeId met = meet(b);
    return met ? met : others(b);
  }
  lua_remove(L, -2);
  NodeId id = 0;
  if (lua_istable(L, -1)) {
    field(b, "func");
    bool function = lua_toboolean(L, -1);
    lua_pop(L, 1);
    field(b, "id");
    if (!function && lua_isinteger(L, -1)) id = bind_node(L, b->s, lua_gettop(L));
    lua_pop(L, 1);
    if (id && b->notes) { /* a family is none */
      field(b, "family");
      if (!lua_isnil(L, -1)) id = 0;
      lua_pop(L, 1);
    }
  }
  lua_pop(L, 1);
  return id ? id : others(b);
}

/* The operator of the call on top, as it has been found out, or a CONSTANT, or UNKNOWN. */
static lua_Integer called(Builder *b) {
  lua_State *L = b->L;
  int top = lua_gettop(L);
  lua_Integer op = UNKNOWN;
  field(b, "name");
  lua_pushvalue(L, -1);
  if (lua_istable(L, CALLS) && lua_rawget(L, VARIABLES) == LUA_TNIL) {
    lua_pop(L, 1);
    if (lua_rawget(L, CALLS) == LUA_TNUMBER) {
      lua_Integer known = lua_tointeger(L, -1);
      lua_getfield(L, top, "args");
      lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
      if (known < 0) op = known;
      else if (n == known % CALL_ARGUMENTS) op = known / CALL_ARGUMENTS;
    }
  }
  lua_settop(L, top);
  return op;
}

/* The size that the i-th element of the table on top is: a name, or a number from 1 on. 0 for
   another tree, which is for the function in Lua. */
static DimId size(Builder *b, lua_Integer i) {
  lua_State *L = b->L;
  int top = lua_gettop(L);
  DimId d = 0;
  lua_rawgeti(L, top, i);
  field(b, "tag");
  const char *tag = lua_tostring(L, -1);
  bool number = tag && strcmp(tag, "number") == 0;
  if (number || (tag && strcmp(tag, "name") == 0)) {
    lua_getfield(L, top + 1, number ? "text" : "name");
    const char *text = luaL_checkstring(L, -1);
    if (!number) d = dim_name(b->s, bind_name(L, b->s, lua_gettop(L)));
    else if (strspn(text, "0123456789") == strlen(text) && strlen(text) < 9 && *text != '0')
      d = dim_int(b->s, strtol(text, NULL, 10));
  }
  if (d) dim_touch(b->s, d);
  if (b->s->status != STORE_OK) bind_raise(L, b->s);
  lua_settop(L, top);
  return d;
}

/* I, ones or zeros of the sizes in the table on top, which stays; 0: for the function in Lua. */
static NodeId constant(Builder *b, lua_Integer which) {
  Store *s = b->s;
  lua_Integer n = (lua_Integer)lua_rawlen(b->L, -1);
  DimId rows = n > 0 ? size(b, 1) : 0, cols = n > 1 ? size(b, 2) : DIM_ONE;
  if (!rows || !cols || n > 2 || (which == CONSTANT_I && n > 1)) return 0;
  return made(b, which == CONSTANT_I      ? build_identity(s, rows)
                 : which == CONSTANT_ONES ? build_ones(s, rows, cols)
                                          : build_zeros(s, rows, cols));
}

/* Is the i-th argument of an operator a size, or an index? These come first: variables are numbered
   as they are met. */
static bool comes_first(const Builder *b, lua_Integer op, uint32_t i) {
  if (op == 0) return false;
  uint32_t kind = operator_at(b->s, (uint32_t)op)->param[i].kind;
  return kind == PARAM_DIMENSION || kind == PARAM_INDEX;
}

/* The nodes of the elements of the table on top, which stays, as arguments of an operator; false:
   for the function in Lua. */
static bool arguments(Builder *b, lua_Integer op, const List *list) {
  for (int first = 1; first >= 0; first--)
    for (uint32_t i = 0; i < list->n; i++) {
      if (comes_first(b, op, i) != first) continue;
      bool is_size = first && operator_at(b->s, (uint32_t)op)->param[i].kind == PARAM_DIMENSION;
      DimId d = is_size ? size(b, (lua_Integer)i + 1) : 0;
      if (is_size && !d) return false;
      list->v[i] = is_size ? made(b, size_node(b->s, d)) : element(b, (lua_Integer)i + 1);
    }
  return true;
}

static NodeId call(Builder *b) {
  lua_State *L = b->L;
  int top = lua_gettop(L);
  lua_Integer op = called(b);
  NodeId id = 0, room[BIND_ROOM];
  if (op == UNKNOWN) id = ask(b, &op);
  if (id) return id;
  field(b, "args");
  if (op < 0) {
    id = constant(b, op);
    lua_settop(L, top);
    return id ? id : others(b);
  }
  if (op != 0 && (op < OP_FIRST_USER || op >= b->s->ops->n)) luaL_error(L, "unknown operator");
  List list = room_for(b, room);
  bool done = arguments(b, op, &list);
  lua_settop(L, top);
  if (!done) return others(b);
  if (op == 0 && list.n == 1) return made(b, build_diff(b->s, list.v[0]));
  return made(b, build_operator(b->s, (uint32_t)op, list.v, list.n));
}

static NodeId sum(Builder *b) {
  lua_State *L = b->L;
  NodeId room[BIND_ROOM];
  int top = lua_gettop(L);
  field(b, "signs");
  int signs = lua_gettop(L);
  lua_getfield(L, top, "args");
  List list = room_for(b, room);
  for (uint32_t i = 0; i < list.n; i++) {
    NodeId id = element(b, (lua_Integer)i + 1);
    lua_rawgeti(L, signs, (lua_Integer)i + 1);
    list.v[i] = lua_tointeger(L, -1) < 0 ? made(b, build_neg(b->s, id)) : id;
    lua_pop(L, 1);
  }
  NodeId id = made(b, build_sum(b->s, list.v, list.n));
  if (b->notes) note_sum(b, id, &list);
  lua_settop(L, top);
  return id;
}

static bool is_scalar(Builder *b, NodeId id) { return node_scalar(b->s, id); }

/* That of each entry. */
static NodeId reciprocal(Builder *b, NodeId id) {
  NodeId minus_one = number_int(b->s, -1);
  return made(b, is_scalar(b, id) ? build_power(b->s, id, minus_one)
                                  : build_elpower(b->s, id, minus_one));
}

/* A run of * is one product: the constructor sees all factors at once. */
static NodeId product(Builder *b) {
  lua_State *L = b->L;
  Store *s = b->s;
  NodeId room[BIND_ROOM];
  int top = lua_gettop(L);
  field(b, "ops");
  int ops = lua_gettop(L);
  lua_getfield(L, top, "args");
  List list = room_for(b, room);
  uint32_t n = 0, all = list.n;
  for (uint32_t i = 0; i < all; i++) {
    NodeId right = element(b, (lua_Integer)i + 1);
    if (i == 0) {
      list.v[n++] = right;
      continue;
    }
    lua_rawgeti(L, ops, (lua_Integer)i);
    const char *op = lua_tostring(L, -1);
    lua_pop(L, 1);
    if (op && strcmp(op, "*") == 0) {
      list.v[n++] = right;
    } else if (op && (strcmp(op, ".*") == 0 || (b->notes && strcmp(op, "./") == 0))) {
      if (op[1] == '/') right = reciprocal(b, right);
      NodeId pair[2] = {n > 1 ? made(b, build_product(s, list.v, n)) : list.v[0], right};
      list.v[0] = made(b, build_hadamard(s, pair, 2));
      n = 1;
    } else if (op && strcmp(op, "/") == 0 && is_scalar(b, right)) {
      list.v[n++] = made(b, build_power(s, right, number_int(s, -1)));
    } else {
      lua_settop(L, top);
      return others(b);
    }
  }
  list.n = n;
  if (b->notes && n > 1) note_chains(b, &list);
  NodeId id = n > 1 ? made(b, build_product(s, list.v, n)) : list.v[0];
  lua_settop(L, top);
  return id;
}

/* Is the exponent of the tree on top, a power, T or H, as on a page: x^T, x^-T? */
static bool is_raised_letter(Builder *b) {
  lua_State *L = b->L;
  int top = lua_gettop(L);
  lua_rawgeti(L, -1, 2);
  field(b, "tag");
  if (strcmp(lua_tostring(L, -1), "neg") == 0) {
    lua_rawgeti(L, -2, 1);
    field(b, "tag");
  }
  bool name = strcmp(lua_tostring(L, -1), "name") == 0;
  if (name) {
    lua_getfield(L, -2, "name");
    const char *letter = lua_tostring(L, -1);
    name = strcmp(letter, "T") == 0 || strcmp(letter, "H") == 0;
  }
  lua_settop(L, top);
  return name;
}

/* Is the part of the tree on top a number? 1' may be a row of ones. */
static bool is_of_number(Builder *b) {
  lua_rawgeti(b->L, -1, 1);
  field(b, "tag");
  bool number = strcmp(lua_tostring(b->L, -1), "number") == 0;
  lua_pop(b->L, 2);
  return number;
}

/* The number of the tree on top; one with decimals is noted by the function. */
static NodeId number(Builder *b) {
  field(b, "text");
  const char *text = luaL_checkstring(b->L, -1);
  bool decimals = b->notes && strpbrk(text, ".eE");
  NodeId id = decimals ? 0 : made(b, number_parse(b->s, text));
  lua_pop(b->L, 1);
  return decimals ? others(b) : id;
}

static NodeId power(Builder *b) {
  if (b->notes && is_raised_letter(b)) return others(b);
  NodeId base = element(b, 1), exponent = element(b, 2);
  if (!is_scalar(b, exponent)) return others(b);
  field(b, "elementwise");
  bool elementwise = lua_toboolean(b->L, -1);
  lua_pop(b->L, 1);
  return made(b, elementwise ? build_elpower(b->s, base, exponent)
                             : build_power(b->s, base, exponent));
}

/* The node of the tree on top, which stays. */
static NodeId make(Builder *b) {
  lua_State *L = b->L;
  luaL_checktype(L, -1, LUA_TTABLE);
  luaL_checkstack(L, SLOTS * 4, "a tree");
  if (++b->depth > DEEPEST) luaL_error(L, "stack overflow");
  int above = b->at;
  b->at = lua_gettop(L);
  field(b, "tag");
  const char *tag = lua_tostring(L, -1);
  lua_pop(L, 1); /* the tree holds the text */
  NodeId id;
  if (!tag) {
    id = others(b);
  } else if (strcmp(tag, "name") == 0) {
    id = name(b);
  } else if (strcmp(tag, "call") == 0) {
    id = call(b);
  } else if (strcmp(tag, "product") == 0) {
    id = product(b);
  } else if (strcmp(tag, "sum") == 0) {
    id = sum(b);
  } else if (strcmp(tag, "number") == 0) {
    id = number(b);
  } else if (strcmp(tag, "transpose") == 0) {
    id = b->notes && is_of_number(b) ? others(b) : made(b, build_transpose(b->s, element(b, 1)));
  } else if (strcmp(tag, "power") == 0) {
    id = power(b);
  } else if (strcmp(tag, "neg") == 0) {
    id = made(b, build_neg(b->s, element(b, 1)));
  } else {
    id = others(b);
  }
  b->depth--;
  b->at = above;
  return id;
}

/* The node of the tree that is an argument, pushed; 1. */
static int give_tree(lua_State *L, bool notes) {
  Builder b = {L, bind_store(L), 0, notes, 0};
  luaL_checktype(L, VARIABLES, LUA_TTABLE);
  if (notes) luaL_checktype(L, STATE, LUA_TTABLE);
  lua_settop(L, SCOPE);
  lua_pushvalue(L, TREE);
  lua_pushinteger(L, make(&b));
  return 1;
}

/* tree(tree, variables, others, state [, calls, letters, scope]) -> its node. `variables`: name
   -> { id =, func = }; others(state, tree) -> a node, or nil and the number of the operator
   whose call it is (0: d). `calls`: name -> what is known of its calls, see CALL_ARGUMENTS;
   `letters`: name -> { symbol =, rows =, cols =, .. }, the metatable of a variable of that name;
   `scope.count`: how many variables there are. */
static int l_tree(lua_State *L) { return give_tree(L, false); }

/* tree_of_text(tree, variables, others, state [, calls]) -> its node, as `tree`.
   Variables may have `family`; they have no node. The state, a table, gets the lists `sums`, how
   sums are written, { id =, terms = }, and `chains`, the scalar chains that the store keeps as
   their transposes, { id = }; and where there is no node the tree at which it is so, `at`. */
static int l_tree_of_text(lua_State *L) {
  lua_settop(L, CALLS);
  return give_tree(L, true);
}

const luaL_Reg lua_tree_methods[] = {
    {"tree", l_tree}, {"tree_of_text", l_tree_of_text}, {NULL, NULL}};
