/* lua_node.c: the binding of nodes: making them, working on them, looking at them. */
#include <stdlib.h>
#include <string.h>

#include "algebra/build.h"
#include "algebra/operator.h"
#include "calculus/forward.h"
#include "calculus/linear.h"
#include "calculus/step.h"
#include "core/budget.h"
#include "core/name.h"
#include "core/number.h"
#include "core/order.h"
#include "lua/bind.h"
#include "rules/free_names.h"
#include "rules/ruleset.h"
#include "textbook/cost.h"
#include "textbook/expand.h"
#include "textbook/factor.h"
#include "textbook/simplify.h"
#include "textbook/textbook.h"

/* ---------------------------------------- making nodes and working on them */

static int l_number(lua_State *L) {
  Store *s = bind_store(L);
  if (lua_isinteger(L, 2)) return bind_give(L, s, number_int(s, lua_tointeger(L, 2)));
  if (lua_type(L, 2) == LUA_TNUMBER) {
    char text[64];
    lua_Number x = lua_tonumber(L, 2);
    if (x != x || x - x != 0) return luaL_argerror(L, 2, "a finite number expected");
    lua_pushfstring(L, "%f", x < 0 ? -x : x);
    strncpy(text, lua_tostring(L, -1), sizeof text - 1);
    text[sizeof text - 1] = '\0';
    NodeId n = number_parse(s, text);
    return bind_give(L, s, x < 0 ? number_neg(s, n) : n);
  }
  return bind_give(L, s, number_parse(s, luaL_checkstring(L, 2)));
}

static int l_symbol(lua_State *L) {
  Store *s = bind_store(L);
  DimId rows = bind_dim(L, s, 5), cols = bind_dim(L, s, 6);
  return bind_give(L, s,
                   build_symbol(s, bind_name(L, s, 2), (uint32_t)luaL_checkinteger(L, 3),
                                (uint64_t)luaL_checkinteger(L, 4), rows, cols));
}
static int l_variable(lua_State *L) {
  Store *s = bind_store(L);
  lua_Integer i = luaL_checkinteger(L, 4);
  if (i < 0 || i >= RULE_VARIABLES)
    return luaL_error(L, "a rule has at most %d variables", RULE_VARIABLES);
  return bind_give(L, s,
                   build_variable(s, bind_name(L, s, 2), (uint32_t)luaL_checkinteger(L, 3),
                                  (uint32_t)i, bind_dim(L, s, 5), bind_dim(L, s, 6)));
}
static int l_func(lua_State *L) {
  Store *s = bind_store(L);
  return bind_give(L, s,
                   build_function(s, bind_name(L, s, 2), (uint64_t)luaL_checkinteger(L, 3),
                                  bind_node(L, s, 4), bind_dim(L, s, 5), bind_dim(L, s, 6)));
}
static int l_opname(lua_State *L) {
  Store *s = bind_store(L);
  return bind_give(L, s, build_name(s, bind_name(L, s, 2)));
}
static int l_identity(lua_State *L) {
  Store *s = bind_store(L);
  return bind_give(L, s, build_identity(s, bind_dim(L, s, 2)));
}
static int l_ones(lua_State *L) {
  Store *s = bind_store(L);
  return bind_give(L, s, build_ones(s, bind_dim(L, s, 2), bind_dim(L, s, 3)));
}
static int l_zeros(lua_State *L) {
  Store *s = bind_store(L);
  return bind_give(L, s, build_zeros(s, bind_dim(L, s, 2), bind_dim(L, s, 3)));
}
static int l_hole(lua_State *L) {
  Store *s = bind_store(L);
  DimId rows = bind_dim(L, s, 3), cols = bind_dim(L, s, 4);
  return bind_give(L, s, build_tangent(s, bind_name(L, s, 2), rows, cols));
}

#define LIST_MAKER(name, call)                                 \
  static int name(lua_State *L) {                              \
    Store *s = bind_store(L);                                  \
    uint32_t n;                                                \
    NodeId room[BIND_ROOM], *v = bind_list(L, s, 2, room, &n); \
    if (n == 0) return luaL_argerror(L, 2, "an empty list");   \
    return bind_give(L, s, call(s, v, n));                     \
  }
#define UNARY(name, call)                                \
  static int name(lua_State *L) {                        \
    Store *s = bind_store(L);                            \
    return bind_give(L, s, call(s, bind_node(L, s, 2))); \
  }
#define BINARY(name, call)                                                   \
  static int name(lua_State *L) {                                            \
    Store *s = bind_store(L);                                                \
    return bind_give(L, s, call(s, bind_node(L, s, 2), bind_node(L, s, 3))); \
  }
#define TERNARY(name, call)                                                                      \
  static int name(lua_State *L) {                                                                \
    Store *s = bind_store(L);                                                                    \
    return bind_give(L, s, call(s, bind_node(L, s, 2), bind_node(L, s, 3), bind_node(L, s, 4))); \
  }
LIST_MAKER(l_sum, build_sum)
LIST_MAKER(l_product, build_product)
LIST_MAKER(l_hadamard, build_hadamard)
UNARY(l_neg, build_neg)
UNARY(l_inv, build_inv)
UNARY(l_transpose, build_transpose)
UNARY(l_diffnode, build_diff)
UNARY(l_simplify, simplify_node)
UNARY(l_expand, expand_by_rules)
BINARY(l_power, build_power)
BINARY(l_elpower, build_elpower)
BINARY(l_div, build_div)
BINARY(l_call, build_call)
BINARY(l_jacobian, linear_jacobian)
BINARY(l_block, linear_block)
BINARY(l_block_by_jacobian, linear_block_by_jacobian)
TERNARY(l_forward, forward_differential)
TERNARY(l_pull, linear_pull)

/* node, variable, its differential, may identities be used? -> the number of the rule that gives
   d(node) (nil: none is needed), does it go operand by operand, and the nodes of its variables, 0
   for none */
static int l_step_rule(lua_State *L) {
  Store *s = bind_store(L);
  NodeId e = bind_node(L, s, 2);
  StepBy by = {bind_node(L, s, 3), bind_node(L, s, 4), lua_toboolean(L, 5)};
  Vec bound;
  uint32_t serial;
  bool each;
  vec_init(&bound);
  bool ok = step_rule(s, e, &by, &serial, &each, &bound);
  if (ok && serial) {
    lua_pushinteger(L, serial);
    lua_pushboolean(L, each);
    bind_push_words(L, &bound);
  }
  vec_done(s, &bound);
  return !ok ? bind_raise(L, s) : serial ? 3 : 0;
}

/* node, variable, its differential, may identities be used?, the nodes of the rule's variables ->
   d(node) by that rule */
static int l_step(lua_State *L) {
  Store *s = bind_store(L);
  NodeId e = bind_node(L, s, 2);
  StepBy by = {bind_node(L, s, 3), bind_node(L, s, 4), lua_toboolean(L, 5)};
  NodeId bound[RULE_VARIABLES];
  luaL_checktype(L, 6, LUA_TTABLE);
  for (uint32_t i = 0; i < RULE_VARIABLES; i++) {
    lua_rawgeti(L, 6, (lua_Integer)i + 1);
    lua_Integer id = lua_tointeger(L, -1);
    bound[i] = id > 0 ? bind_node(L, s, -1) : 0;
    lua_pop(L, 1);
  }
  return bind_give(L, s, step_apply(s, e, &by, bound));
}

/* operator (its number or its name), list of arguments or the arguments */
static int l_apply(lua_State *L) {
  Store *s = bind_store(L);
  uint32_t n;
  NodeId room[BIND_ROOM], *v = bind_list(L, s, 3, room, &n);
  uint32_t op =
      lua_isinteger(L, 2) ? (uint32_t)lua_tointeger(L, 2) : operator_find(s, bind_name(L, s, 2));
  if (op < OP_FIRST_USER || op >= s->ops->n)
    return luaL_error(L, "unknown operator %s", lua_tostring(L, 2));
  return bind_give(L, s, build_operator(s, op, v, n));
}

/* f, point [, layout, rows, cols] */
static int l_derivative(lua_State *L) {
  Store *s = bind_store(L);
  if (lua_isnoneornil(L, 4))
    return bind_give(L, s, build_derivative(s, bind_node(L, s, 2), bind_node(L, s, 3), 0, 0, 0));
  return bind_give(L, s,
                   build_derivative(s, bind_node(L, s, 2), bind_node(L, s, 3), bind_name(L, s, 4),
                                    bind_dim(L, s, 5), bind_dim(L, s, 6)));
}

static int l_range(lua_State *L) {
  Store *s = bind_store(L);
  return bind_give(L, s,
                   build_counted(s, bind_name(L, s, 2), bind_node(L, s, 3), bind_node(L, s, 4),
                                 bind_node(L, s, 5)));
}

static int l_replace(lua_State *L) {
  Store *s = bind_store(L);
  uint32_t n, k;
  NodeId a = bind_node(L, s, 2), room[2][BIND_ROOM];
  NodeId *from = bind_list(L, s, 3, room[0], &n), *to = bind_list(L, s, 4, room[1], &k);
  if (n != k) return luaL_error(L, "two lists of one length expected");
  return bind_give(L, s, build_replace(s, a, from, to, n));
}

static int l_again(lua_State *L) {
  Store *s = bind_store(L);
  uint32_t n;
  NodeId a = bind_node(L, s, 2), room[BIND_ROOM], *v = bind_list(L, s, 3, room, &n);
  if (n != node_arity(s, a)) return luaL_error(L, "a wrong number of arguments");
  return bind_give(L, s, build_with_children(s, a, v));
}

static int l_factor(lua_State *L) {
  Store *s = bind_store(L);
  NodeId x = bind_node(L, s, 2);
  Map *kept = factor_sums(s, bind_optional_node(L, s, 3));
  NodeId r = kept ? factor_collect(s, x, kept) : 0;
  map_give(s, kept);
  return bind_give(L, s, r);
}
static int l_textbook(lua_State *L) {
  Store *s = bind_store(L);
  return bind_give(L, s, textbook_form(s, bind_node(L, s, 2), bind_optional_node(L, s, 3)));
}

static int l_cost(lua_State *L) {
  Store *s = bind_store(L);
  lua_pushinteger(L, cost_node(s, bind_node(L, s, 2)));
  return 1;
}

/* ---------------------------------------- looking at nodes */

static int l_op(lua_State *L) {
  Store *s = bind_store(L);
  uint32_t op = node_op(s, bind_node(L, s, 2));
  lua_pushstring(L, operator_name(s, op));
  lua_pushboolean(L, op < OP_FIRST_USER);
  return 2;
}

static int l_args(lua_State *L) {
  Store *s = bind_store(L);
  NodeId a = bind_node(L, s, 2);
  uint32_t n = node_arity(s, a);
  lua_createtable(L, (int)n, 0);
  for (uint32_t i = 0; i < n; i++) {
    lua_pushinteger(L, node_child(s, a, i));
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

static int l_numbertext(lua_State *L) {
  Store *s = bind_store(L);
  NodeId a = bind_node(L, s, 2);
  char *num, *den;
  if (!node_number(s, a)) return luaL_argerror(L, 2, "not a number");
  if (!number_text(s, a, &num, &den)) return luaL_error(L, "out of memory");
  lua_pushstring(L, num);
  lua_pushstring(L, den);
  free(num);
  free(den);
  return 2;
}

/* The name of a symbol, variable, function or hole; of a derivative its layout's ("" its own form);
   of a counted sum its counter's; of an operator's name that name. */
static int l_name(lua_State *L) {
  Store *s = bind_store(L);
  NodeId a = bind_node(L, s, 2);
  switch (node_op(s, a)) {
    case OP_SYMBOL:
    case OP_VARIABLE:
    case OP_FUNCTION:
    case OP_TANGENT:
    case OP_DERIVATIVE:
    case OP_COUNTED_SUM:
    case OP_NAME: {
      NameId name = node_words(s, a)[0];
      lua_pushstring(L, name ? name_text(s, name) : "");
      return 1;
    }
    default: return 0;
  }
}

static int l_kind(lua_State *L) {
  Store *s = bind_store(L);
  NodeId a = bind_node(L, s, 2);
  uint32_t op = node_op(s, a);
  if (op == OP_FUNCTION) lua_pushliteral(L, "function");
  else if (op == OP_SYMBOL || op == OP_VARIABLE)
    lua_pushstring(L, node_kind_names[node_words(s, a)[1]]);
  else return 0;
  return 1;
}

static int l_attributes(lua_State *L) {
  Store *s = bind_store(L);
  NodeId a = bind_node(L, s, 2);
  uint32_t *w = node_words(s, a), op = node_op(s, a);
  uint64_t bits = op == OP_SYMBOL     ? w[2] | (uint64_t)w[3] << 32
                  : op == OP_FUNCTION ? w[1] | (uint64_t)w[2] << 32
                                      : 0;
  lua_pushinteger(L, (lua_Integer)bits);
  return 1;
}

static int l_rows(lua_State *L) {
  Store *s = bind_store(L);
  return bind_give_dim(L, s, node_rows(s, bind_node(L, s, 2)));
}
static int l_cols(lua_State *L) {
  Store *s = bind_store(L);
  return bind_give_dim(L, s, node_cols(s, bind_node(L, s, 2)));
}

static int l_argument(lua_State *L) {
  Store *s = bind_store(L);
  NodeId a = bind_node(L, s, 2);
  if (node_op(s, a) != OP_FUNCTION) return 0;
  lua_pushinteger(L, node_child(s, a, 0));
  return 1;
}

static int l_flags(lua_State *L) {
  Store *s = bind_store(L);
  lua_pushinteger(L, node_flags(s, bind_node(L, s, 2)));
  return 1;
}

static int l_weight(lua_State *L) {
  Store *s = bind_store(L);
  lua_pushinteger(L, node_at(s, bind_node(L, s, 2))->weight);
  return 1;
}

static int l_order(lua_State *L) {
  Store *s = bind_store(L);
  lua_pushinteger(L, order_compare(s, bind_node(L, s, 2), bind_node(L, s, 3)));
  return 1;
}

static int l_postorder(lua_State *L) {
  Store *s = bind_store(L);
  NodeId a = bind_node(L, s, 2);
  Vec v;
  vec_init(&v);
  bool ok = node_postorder(s, a, &v, NULL, NULL);
  if (ok) bind_push_words(L, &v);
  vec_done(s, &v);
  return ok ? 1 : bind_raise(L, s);
}

/* node, name -> the nodes below it, itself included, whose operator is the engine's of that name */
static int l_below(lua_State *L) {
  Store *s = bind_store(L);
  NodeId a = bind_node(L, s, 2);
  uint32_t op = operator_builtin(luaL_checkstring(L, 3));
  if (!op) return luaL_argerror(L, 3, "no operator of the engine");
  Vec v;
  vec_init(&v);
  bool ok = node_find_all(s, a, op, &v);
  if (ok) bind_push_words(L, &v);
  vec_done(s, &v);
  return ok ? 1 : bind_raise(L, s);
}

/* node [, bound] -> the set of the names of its rule variables, and the set of the sizes that are
   in it; without those of the node `bound`. nil for an empty set. */
static int l_opennames(lua_State *L) {
  Store *s = bind_store(L);
  NodeId a = bind_node(L, s, 2), bound = bind_optional_node(L, s, 3);
  Vec names;
  vec_init(&names);
  bool ok = free_names(s, a, bound, &names);
  lua_settop(L, 0);
  lua_pushnil(L);
  lua_pushnil(L);
  for (uint32_t i = 0; ok && i < names.n; i += 2) {
    int set = names.v[i] == FREE_VARIABLE ? 1 : 2;
    if (lua_isnil(L, set)) {
      lua_createtable(L, 0, 4); /* room for most */
      lua_replace(L, set);
    }
    lua_pushboolean(L, 1);
    lua_setfield(L, set, name_text(s, names.v[i + 1]));
  }
  vec_done(s, &names);
  return ok ? 2 : bind_raise(L, s);
}

const luaL_Reg lua_node_methods[] = {
    /* making nodes */
    {"rational", l_number},
    {"symbol", l_symbol},
    {"variable", l_variable},
    {"func", l_func},
    {"opname", l_opname},
    {"identity", l_identity},
    {"ones", l_ones},
    {"zeros", l_zeros},
    {"hole", l_hole},
    {"sum", l_sum},
    {"product", l_product},
    {"hadamard", l_hadamard},
    {"neg", l_neg},
    {"inv", l_inv},
    {"transpose", l_transpose},
    {"diffnode", l_diffnode},
    {"power", l_power},
    {"elpower", l_elpower},
    {"div", l_div},
    {"call", l_call},
    {"apply", l_apply},
    {"derivative", l_derivative},
    {"range", l_range},
    {"replace", l_replace},
    {"again", l_again},
    /* working on nodes */
    {"forward", l_forward},
    {"step_rule", l_step_rule},
    {"step", l_step},
    {"pull", l_pull},
    {"jacobian", l_jacobian},
    {"block", l_block},
    {"block_by_jacobian", l_block_by_jacobian},
    {"simplify", l_simplify},
    {"expand", l_expand},
    {"factor", l_factor},
    {"textbook", l_textbook},
    {"cost", l_cost},
    /* looking at nodes */
    {"op", l_op},
    {"args", l_args},
    {"number", l_numbertext},
    {"name", l_name},
    {"kind", l_kind},
    {"attributes", l_attributes},
    {"rows", l_rows},
    {"cols", l_cols},
    {"declared_argument", l_argument},
    {"flags", l_flags},
    {"weight", l_weight},
    {"order", l_order},
    {"postorder", l_postorder},
    {"below", l_below},
    {"opennames", l_opennames},
    {NULL, NULL}};
