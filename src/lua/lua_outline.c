/* lua_outline.c: what the printer asks of all nodes of a text at once. */
#include <string.h>

#include "algebra/operator.h"
#include "core/budget.h"
#include "lua/bind.h"

/* Is it a function of a user's or a rule file's that is called like the engine's sum? */
static bool is_function_sum(const Store *s, NodeId a) {
  uint32_t op = node_op(s, a);
  return op >= OP_FIRST_USER && node_arity(s, a) == 1 && strcmp(operator_name(s, op), "sum") == 0;
}

/* Has the table at an index, false or nil for none, something of a node? */
static bool has_of(lua_State *L, int table, NodeId id) {
  if (!lua_istable(L, table)) return false;
  bool has = lua_rawgeti(L, table, id) != LUA_TNIL;
  lua_pop(L, 1);
  return has;
}

/* The nodes of which a text is made, parts before wholes, each once, without those of which the
   table at index 3 has something; *operands: how many operands they have in all. Coefficients are
   no parts, since they may be 1. */
static bool outline(lua_State *L, Store *s, NodeId root, Vec *out, lua_Integer *operands) {
  enum { MANY = 4096 }; /* after so many the clock is read */
  Map *seen = map_take(s);
  Vec stack;
  vec_init(&stack);
  bool ok = seen && vec_push(s, &stack, root);
  while (ok && stack.n) {
    NodeId id = stack.v[--stack.n];
    if (id == 0) { /* all below the node under this mark is done */
      ok = vec_push(s, out, stack.v[--stack.n]);
      continue;
    }
    if (map_get(seen, id) || has_of(L, 3, id)) continue;
    uint32_t op = node_op(s, id), n = op == OP_FUNCTION ? 0 : node_arity(s, id);
    uint32_t first = op == OP_SUM || op == OP_PRODUCT, step = op == OP_SUM ? 2 : 1;
    const NodeId *c = node_children(s, id);
    ok = map_put(s, seen, id, 1) && vec_push(s, &stack, id) && vec_push(s, &stack, 0) &&
         (seen->count % MANY || budget_on_time(s));
    for (uint32_t i = n; ok && i > first; i -= step)
      if (!map_get(seen, c[i - 1])) ok = vec_push(s, &stack, c[i - 1]);
    *operands += n;
  }
  vec_done(s, &stack);
  map_give(s, seen);
  return ok;
}

/* node [, table by node] -> the list of the nodes of its text that are not in the table; by node
   the name of its operator, and is it a scalar?; four empty tables with room for something of each;
   how many nodes and operands there are. */
static int l_outline(lua_State *L) {
  Store *s = bind_store(L);
  NodeId a = bind_node(L, s, 2);
  lua_Integer operands = 0;
  Vec v;
  vec_init(&v);
  bool ok = outline(L, s, a, &v, &operands);
  if (ok) {
    bind_push_words(L, &v);
    for (int i = 0; i < 6; i++) lua_createtable(L, 0, (int)v.n);
    int ops = lua_gettop(L) - 5;
    for (uint32_t i = 0; i < v.n; i++) {
      bool function_sum = is_function_sum(s, v.v[i]);
      lua_pushstring(L, function_sum ? "sum()" : operator_name(s, node_op(s, v.v[i])));
      lua_rawseti(L, ops, v.v[i]);
      lua_pushboolean(L, node_scalar(s, v.v[i]));
      lua_rawseti(L, ops + 1, v.v[i]);
    }
    lua_pushinteger(L, (lua_Integer)v.n + operands);
  }
  vec_done(s, &v);
  return ok ? 8 : bind_raise(L, s);
}

/* The least cost of the text of a node, whose parts have theirs: the names, numbers and binary
   operators. An exponent -1 is not written, a stretch of factors that repeats is written once: of
   powers and of products of few factors the largest part counts. */
static uint64_t least_of(const Store *s, NodeId id, const Map *places, const uint64_t *cost,
                         uint32_t few) {
  uint32_t op = node_op(s, id), n = op == OP_FUNCTION ? 0 : node_arity(s, id);
  uint32_t first = op == OP_SUM || op == OP_PRODUCT, step = op == OP_SUM ? 2 : 1, count = 0;
  const NodeId *c = node_children(s, id);
  uint64_t sum = 0, most = 0;
  for (uint32_t i = first; i < n; i += step, count++) {
    uint64_t part = cost[map_get(places, c[i]) - 1];
    sum += part;
    if (part > most) most = part;
  }
  if (op == OP_POWER || op == OP_ELPOWER || (op == OP_PRODUCT && count <= few)) sum = most;
  else if (count && (op == OP_SUM || op == OP_PRODUCT || op == OP_HADAMARD)) sum += count - 1;
  return sum;
}

/* node, how many factors are few, the largest cost -> the least cost that a text of the node can
   have */
static int l_least_cost(lua_State *L) {
  Store *s = bind_store(L);
  NodeId a = bind_node(L, s, 2);
  uint32_t few = (uint32_t)luaL_checkinteger(L, 3);
  uint64_t largest = (uint64_t)luaL_checkinteger(L, 4);
  lua_Integer operands = 0;
  Vec v;
  vec_init(&v);
  Map *places = map_take(s);
  bool ok = places && outline(L, s, a, &v, &operands);
  uint64_t *cost = ok ? lua_newuserdata(L, v.n * sizeof *cost) : NULL;
  for (uint32_t i = 0; ok && i < v.n; i++) {
    cost[i] = least_of(s, v.v[i], places, cost, few);
    if (cost[i] < 1) cost[i] = 1;
    if (cost[i] > largest) cost[i] = largest;
    ok = map_put(s, places, v.v[i], i + 1);
  }
  if (ok) lua_pushinteger(L, (lua_Integer)cost[v.n - 1]);
  map_give(s, places);
  vec_done(s, &v);
  return ok ? 1 : bind_raise(L, s);
}

const luaL_Reg lua_outline_methods[] = {
    {"outline", l_outline}, {"least_cost", l_least_cost}, {NULL, NULL}};
