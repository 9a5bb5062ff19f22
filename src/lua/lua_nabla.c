/* lua_nabla.c: the binding, module "nabla.core". A store is a userdata; within one call to the Lua layer
** nodes are plain integers (ids), and between calls they are held as handles (userdata that
** count as roots of collection; one handle per node, so that equal nodes are equal keys).
** store:begin() is the only place where a collection can happen. A failure of the engine is raised as a table
** {status =, message =}. The table at the end of the file is its index. */
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "algebra/build.h"
#include "algebra/operator.h"
#include "algebra/size.h"
#include "calculus/forward.h"
#include "calculus/linear.h"
#include "core/dim.h"
#include "core/name.h"
#include "core/number.h"
#include "core/order.h"
#include "engine.h"
#include "image.h"
#include "lua/lua_file.h"
#include "lua/lua_residue.h"
#include "rules/apply.h"
#include "rules/free_names.h"
#include "rules/property.h"
#include "textbook/cost.h"
#include "textbook/expand.h"
#include "textbook/factor.h"
#include "textbook/simplify.h"
#include "textbook/textbook.h"

#define STORE "nabla.store"
#define NODE "nabla.node"

typedef struct {
  Store *s;
  lua_State *L; /* of the call under way, for predicates */
  int hook;     /* registry reference of the predicate function */
} StoreBox;

typedef struct {
  StoreBox *box;
  NodeId id;
} NodeBox;

/* Is the value at index 1 a userdata with the metatable that the function has as its upvalue? To look that up by name, as
   luaL_checkudata does, would take longer than most methods. */
static bool is_own(lua_State *L) {
  bool own = lua_getmetatable(L, 1);
  if (own) {
    own = lua_rawequal(L, -1, lua_upvalueindex(1));
    lua_pop(L, 1);
  }
  return own;
}

static StoreBox *box_of(lua_State *L) {
  StoreBox *b = is_own(L) ? lua_touserdata(L, 1) : luaL_checkudata(L, 1, STORE); /* which raises the error */
  if (!b->s) luaL_error(L, "this store is closed");
  b->L = L;
  return b;
}

static Store *store_of(lua_State *L) { return box_of(L)->s; }

static int raise(lua_State *L, Store *s) {
  lua_createtable(L, 0, 2);
  lua_pushstring(L, store_status_names[s->status]);
  lua_setfield(L, -2, "status");
  lua_pushstring(L, s->message);
  lua_setfield(L, -2, "message");
  luaL_getmetatable(L, "nabla.failure");
  lua_setmetatable(L, -2);
  store_clear_error(s);
  return lua_error(L);
}

static int give(lua_State *L, Store *s, NodeId id) {
  if (!id || s->status != STORE_OK) {
    if (s->status == STORE_OK) store_fail(s, STORE_USAGE, "an argument is no node");
    return raise(L, s);
  }
  lua_pushinteger(L, id);
  return 1;
}

static NodeId node_arg(lua_State *L, Store *s, int i) {
  lua_Integer id = luaL_checkinteger(L, i);
  if (id <= 0 || id >= s->next || node_op(s, (NodeId)id) == OP_FREE) luaL_argerror(L, i, "not a node of this store");
  return (NodeId)id;
}

static NodeId optional_node(lua_State *L, Store *s, int i) { return lua_isnoneornil(L, i) ? 0 : node_arg(L, s, i); }

static DimId dim_arg(lua_State *L, int i) {
  lua_Integer d = luaL_checkinteger(L, i);
  if (d <= 0 || d > 0xffffffff) luaL_argerror(L, i, "not a dimension");
  return (DimId)d;
}

static NameId name_arg(lua_State *L, Store *s, int i) {
  size_t n;
  const char *text = luaL_checklstring(L, i, &n);
  NameId name = name_intern(s, text, n);
  if (!name) raise(L, s);
  return name;
}

/* Push the words as a list. */
static void push_words(lua_State *L, const Vec *v) {
  lua_createtable(L, (int)v->n, 0);
  for (uint32_t i = 0; i < v->n; i++) {
    lua_pushinteger(L, v->v[i]);
    lua_rawseti(L, -2, i + 1);
  }
}

/* The ids in the list at stack index i. */
static NodeId *list_arg(lua_State *L, Store *s, int i, uint32_t *n) {
  luaL_checktype(L, i, LUA_TTABLE);
  *n = (uint32_t)lua_rawlen(L, i);
  NodeId *v = lua_newuserdata(L, (*n + 1) * sizeof *v);
  for (uint32_t k = 0; k < *n; k++) {
    lua_rawgeti(L, i, k + 1);
    lua_Integer id = lua_tointeger(L, -1);
    if (id <= 0 || id >= s->next || node_op(s, (NodeId)id) == OP_FREE)
      luaL_error(L, "element %d of the list is not a node of this store", (int)k + 1);
    v[k] = (NodeId)id;
    lua_pop(L, 1);
  }
  return v;
}

/* ------------------------------------------------------------------ stores and handles */

static int hook_predicate(Store *s, const char *name, const NodeId *args, uint32_t n) {
  StoreBox *b = s->owner;
  lua_State *L = b->L;
  if (b->hook == LUA_NOREF) return -1;
  int top = lua_gettop(L);
  if (!lua_checkstack(L, 8)) return -1;
  lua_rawgeti(L, LUA_REGISTRYINDEX, b->hook);
  lua_pushstring(L, name);
  for (uint32_t i = 0; i < n; i++) lua_pushinteger(L, args[i]);
  int answer = -1;
  if (lua_pcall(L, (int)n + 1, 1, 0) == LUA_OK) {
    if (!lua_isnil(L, -1)) answer = lua_toboolean(L, -1);
  } else {
    store_fail(s, STORE_RULE, "the predicate %s failed: %s", name, lua_isstring(L, -1) ? lua_tostring(L, -1) : "error");
  }
  lua_settop(L, top);
  return answer;
}

/* [image] -> a store: a new one, or what the image was made of */
static int l_new(lua_State *L) {
  size_t size;
  const char *image = luaL_optlstring(L, 1, NULL, &size);
  StoreBox *b = lua_newuserdata(L, sizeof *b);
  b->s = NULL;
  b->hook = LUA_NOREF;
  luaL_setmetatable(L, STORE);
  b->s = store_new();
  if (!b->s) return luaL_error(L, "out of memory");
  if (image) { /* a copy, for its words to be aligned */
    uint32_t *words = memcpy(lua_newuserdata(L, size + 1), image, size);
    if (!image_load(b->s, words, size / sizeof *words)) return raise(L, b->s);
    lua_pop(L, 1);
  }
  b->s->owner = b;
  ruleset_hook(b->s, hook_predicate);
  lua_newtable(L); /* handles by id, weak */
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_setuservalue(L, -2);
  return 1;
}

/* -> the store as a string, for `new` */
static int l_image(lua_State *L) {
  Store *s = store_of(L);
  Vec words;
  vec_init(&words);
  bool ok = image_save(s, &words);
  if (ok) lua_pushlstring(L, (const char *)words.v, words.n * sizeof *words.v);
  vec_done(s, &words);
  return ok ? 1 : raise(L, s);
}

/* text -> an integer that changes when the text does */
static int l_digest(lua_State *L) {
  size_t size;
  const char *text = luaL_checklstring(L, 1, &size);
  lua_pushinteger(L, (lua_Integer)image_digest(text, size));
  return 1;
}

static int l_close(lua_State *L) {
  StoreBox *b = luaL_checkudata(L, 1, STORE);
  store_free(b->s);
  b->s = NULL;
  if (b->hook != LUA_NOREF) luaL_unref(L, LUA_REGISTRYINDEX, b->hook);
  b->hook = LUA_NOREF;
  return 0;
}

static int l_handle(lua_State *L) {
  StoreBox *b = box_of(L);
  NodeId id = node_arg(L, b->s, 2);
  lua_getuservalue(L, 1);
  if (lua_rawgeti(L, -1, id) == LUA_TUSERDATA) return 1;
  lua_pop(L, 1);
  NodeBox *n = lua_newuserdata(L, sizeof *n);
  n->box = b;
  n->id = id;
  luaL_setmetatable(L, NODE);
  node_ref(b->s, id);
  lua_pushvalue(L, 1);
  lua_setuservalue(L, -2); /* a handle keeps its store alive */
  lua_pushvalue(L, -1);
  lua_rawseti(L, -3, id);
  return 1;
}

static int node_gc(lua_State *L) {
  NodeBox *n = luaL_checkudata(L, 1, NODE);
  if (n->box->s) node_unref(n->box->s, n->id);
  n->box = NULL;
  return 0;
}

/* handle -> store, id; nothing if it is no handle */
static int l_unwrap(lua_State *L) {
  NodeBox *n = is_own(L) ? lua_touserdata(L, 1) : NULL;
  if (!n || !n->box) return 0;
  lua_getuservalue(L, 1);
  lua_pushinteger(L, n->id);
  return 2;
}

static int l_node_metatable(lua_State *L) {
  luaL_getmetatable(L, NODE);
  return 1;
}

static int l_failure_metatable(lua_State *L) {
  luaL_getmetatable(L, "nabla.failure");
  return 1;
}

static int l_begin(lua_State *L) {
  store_begin(store_of(L));
  return 0;
}

static int l_collect(lua_State *L) {
  store_collect(store_of(L));
  return 0;
}

static int l_check(lua_State *L) {
  const char *wrong = store_check(store_of(L));
  if (wrong) lua_pushstring(L, wrong);
  else lua_pushnil(L);
  return 1;
}

static void field(lua_State *L, const char *name, double v) {
  lua_pushnumber(L, v);
  lua_setfield(L, -2, name);
}

static int l_stats(lua_State *L) {
  Store *s = store_of(L);
  lua_newtable(L);
  field(L, "nodes", s->live);
  field(L, "words", (double)s->words);
  field(L, "slots", s->slot_mask + 1.0);
  field(L, "bytes", (double)s->bytes);
  field(L, "steps", (double)s->steps);
  field(L, "rules", ruleset_count(s));
  double used = (s->next - 1.0) * sizeof(Node) + (double)s->words * 4 + (s->slot_mask + 1.0) * 4;
  field(L, "bytes_per_node", s->live ? used / s->live : 0);
  return 1;
}

static uint64_t limit(lua_State *L, const char *name, uint64_t old) {
  lua_getfield(L, 2, name);
  uint64_t v = lua_isnil(L, -1) ? old : (uint64_t)luaL_checknumber(L, -1);
  lua_pop(L, 1);
  return v;
}

/* limits { steps =, nodes =, bytes =, seconds = }: those before. */
static int l_limits(lua_State *L) {
  Store *s = store_of(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_createtable(L, 0, 4);
  field(L, "steps", (double)s->step_limit);
  field(L, "nodes", (double)s->node_limit);
  field(L, "bytes", (double)s->byte_limit);
  field(L, "seconds", s->time_limit);
  s->step_limit = limit(L, "steps", s->step_limit);
  s->node_limit = (uint32_t)limit(L, "nodes", s->node_limit);
  s->byte_limit = limit(L, "bytes", s->byte_limit);
  lua_getfield(L, 2, "seconds");
  if (!lua_isnil(L, -1)) s->time_limit = luaL_checknumber(L, -1);
  lua_getfield(L, 2, "fail_after");
  if (!lua_isnil(L, -1)) s->fail_after = (long)luaL_checkinteger(L, -1);
  lua_pop(L, 2);
  return 1;
}

static int l_hook(lua_State *L) {
  StoreBox *b = box_of(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_pushvalue(L, 2);
  if (b->hook != LUA_NOREF) luaL_unref(L, LUA_REGISTRYINDEX, b->hook);
  b->hook = luaL_ref(L, LUA_REGISTRYINDEX);
  ruleset_hook(b->s, hook_predicate); /* the same again: but it may answer otherwise than before */
  return 0;
}

static int l_log(lua_State *L) {
  Store *s = store_of(L);
  if (!lua_isnone(L, 2)) {
    s->logging = lua_toboolean(L, 2);
    if (s->logging) s->log.n = 0;
    return 0;
  }
  push_words(L, &s->log);
  return 1;
}

/* ------------------------------------------------------------------ dimensions */

static int give_dim(lua_State *L, Store *s, DimId d) {
  if (!d) return raise(L, s);
  lua_pushinteger(L, d);
  return 1;
}

static int l_dim(lua_State *L) {
  Store *s = store_of(L);
  if (lua_isinteger(L, 2)) return give_dim(L, s, dim_ratio(s, lua_tointeger(L, 2), luaL_optinteger(L, 3, 1)));
  return give_dim(L, s, dim_name(s, name_arg(L, s, 2)));
}
static int l_dimadd(lua_State *L) { Store *s = store_of(L); return give_dim(L, s, dim_add(s, dim_arg(L, 2), dim_arg(L, 3))); }
static int l_dimmul(lua_State *L) { Store *s = store_of(L); return give_dim(L, s, dim_mul(s, dim_arg(L, 2), dim_arg(L, 3))); }

static int l_dimtext(lua_State *L) {
  char buffer[400];
  lua_pushstring(L, dim_text(store_of(L), dim_arg(L, 2), buffer, sizeof buffer));
  return 1;
}

static int l_dimint(lua_State *L) {
  int64_t v;
  if (!dim_get_int(store_of(L), dim_arg(L, 2), &v)) return 0;
  lua_pushinteger(L, v);
  return 1;
}

static int l_dimname(lua_State *L) {
  Store *s = store_of(L);
  NameId n = dim_get_name(s, dim_arg(L, 2));
  if (!n) return 0;
  lua_pushstring(L, name_text(s, n));
  return 1;
}

typedef struct {
  lua_State *L;
  Store *s;
} NameVisit;

static void visit_name(NameId name, void *data) {
  NameVisit *v = data;
  lua_pushstring(v->L, name_text(v->s, name));
  lua_rawseti(v->L, -2, (lua_Integer)lua_rawlen(v->L, -2) + 1);
}

static int l_dimnames(lua_State *L) {
  NameVisit v = {L, store_of(L)};
  DimId d = dim_arg(L, 2);
  lua_newtable(L);
  dim_names(v.s, d, visit_name, &v);
  return 1;
}

static DimId replaced_name(Store *s, NameId name, void *data) {
  lua_State *L = data;
  lua_getfield(L, 3, name_text(s, name));
  DimId d = (DimId)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return d;
}

/* dim, {name = dim} -> dim */
static int l_dimreplace(lua_State *L) {
  Store *s = store_of(L);
  luaL_checktype(L, 3, LUA_TTABLE);
  return give_dim(L, s, dim_map(s, dim_arg(L, 2), replaced_name, L));
}

static int l_dimnode(lua_State *L) { Store *s = store_of(L); return give(L, s, size_node(s, dim_arg(L, 2))); }

static int l_dimof(lua_State *L) {
  Store *s = store_of(L);
  DimId d = size_of_node(s, node_arg(L, s, 2));
  if (!d) return 0;
  lua_pushinteger(L, d);
  return 1;
}

/* ------------------------------------------------------------------ making nodes */

static int l_number(lua_State *L) {
  Store *s = store_of(L);
  if (lua_isinteger(L, 2)) return give(L, s, number_int(s, lua_tointeger(L, 2)));
  if (lua_type(L, 2) == LUA_TNUMBER) {
    char text[64];
    lua_Number x = lua_tonumber(L, 2);
    if (x != x || x - x != 0) return luaL_argerror(L, 2, "a finite number expected");
    lua_pushfstring(L, "%f", x < 0 ? -x : x);
    strncpy(text, lua_tostring(L, -1), sizeof text - 1);
    text[sizeof text - 1] = '\0';
    NodeId n = number_parse(s, text);
    return give(L, s, x < 0 ? number_neg(s, n) : n);
  }
  return give(L, s, number_parse(s, luaL_checkstring(L, 2)));
}

static int l_symbol(lua_State *L) {
  Store *s = store_of(L);
  return give(L, s, build_symbol(s, name_arg(L, s, 2), (uint32_t)luaL_checkinteger(L, 3), (uint64_t)luaL_checkinteger(L, 4), dim_arg(L, 5), dim_arg(L, 6)));
}
static int l_variable(lua_State *L) {
  Store *s = store_of(L);
  lua_Integer i = luaL_checkinteger(L, 4);
  if (i < 0 || i >= RULE_VARIABLES) return luaL_error(L, "a rule has at most %d variables", RULE_VARIABLES);
  return give(L, s, build_variable(s, name_arg(L, s, 2), (uint32_t)luaL_checkinteger(L, 3), (uint32_t)i, dim_arg(L, 5), dim_arg(L, 6)));
}
static int l_func(lua_State *L) {
  Store *s = store_of(L);
  return give(L, s, build_function(s, name_arg(L, s, 2), (uint64_t)luaL_checkinteger(L, 3), node_arg(L, s, 4), dim_arg(L, 5), dim_arg(L, 6)));
}
static int l_opname(lua_State *L) { Store *s = store_of(L); return give(L, s, build_name(s, name_arg(L, s, 2))); }
static int l_identity(lua_State *L) { Store *s = store_of(L); return give(L, s, build_identity(s, dim_arg(L, 2))); }
static int l_ones(lua_State *L) { Store *s = store_of(L); return give(L, s, build_ones(s, dim_arg(L, 2), dim_arg(L, 3))); }
static int l_zeros(lua_State *L) { Store *s = store_of(L); return give(L, s, build_zeros(s, dim_arg(L, 2), dim_arg(L, 3))); }
static int l_hole(lua_State *L) { Store *s = store_of(L); return give(L, s, build_tangent(s, name_arg(L, s, 2), dim_arg(L, 3), dim_arg(L, 4))); }

#define LIST_MAKER(name, call)                              \
  static int name(lua_State *L) {                           \
    Store *s = store_of(L);                                 \
    uint32_t n;                                             \
    NodeId *v = list_arg(L, s, 2, &n);                      \
    if (n == 0) return luaL_argerror(L, 2, "an empty list"); \
    return give(L, s, call(s, v, n));                       \
  }
#define UNARY(name, call) \
  static int name(lua_State *L) { Store *s = store_of(L); return give(L, s, call(s, node_arg(L, s, 2))); }
#define BINARY(name, call) \
  static int name(lua_State *L) { Store *s = store_of(L); return give(L, s, call(s, node_arg(L, s, 2), node_arg(L, s, 3))); }
#define TERNARY(name, call)                                                                            \
  static int name(lua_State *L) {                                                                      \
    Store *s = store_of(L);                                                                            \
    return give(L, s, call(s, node_arg(L, s, 2), node_arg(L, s, 3), node_arg(L, s, 4)));                \
  }
LIST_MAKER(l_sum, build_sum)
LIST_MAKER(l_product, build_product)
LIST_MAKER(l_hadamard, build_hadamard)
UNARY(l_neg, build_neg)
UNARY(l_inv, build_inv)
UNARY(l_transpose, build_transpose)
UNARY(l_diffnode, build_diff)
UNARY(l_simplify, simplify_node)
UNARY(l_expand, expand_node)
BINARY(l_power, build_power)
BINARY(l_elpower, build_elpower)
BINARY(l_div, build_div)
BINARY(l_call, build_call)
BINARY(l_jacobian, linear_jacobian)
BINARY(l_block, linear_block)
BINARY(l_block_by_jacobian, linear_block_by_jacobian)
TERNARY(l_forward, forward_differential)
TERNARY(l_pull, linear_pull)

/* operator (its number or its name), list of arguments */
static int l_apply(lua_State *L) {
  Store *s = store_of(L);
  uint32_t n;
  NodeId *v = list_arg(L, s, 3, &n);
  uint32_t op = lua_isinteger(L, 2) ? (uint32_t)lua_tointeger(L, 2) : operator_find(s, name_arg(L, s, 2));
  if (op < OP_FIRST_USER || op >= s->ops->n) return luaL_error(L, "unknown operator %s", lua_tostring(L, 2));
  return give(L, s, build_operator(s, op, v, n));
}

/* f, point [, layout, rows, cols] */
static int l_derivative(lua_State *L) {
  Store *s = store_of(L);
  if (lua_isnoneornil(L, 4)) return give(L, s, build_derivative(s, node_arg(L, s, 2), node_arg(L, s, 3), 0, 0, 0));
  return give(L, s, build_derivative(s, node_arg(L, s, 2), node_arg(L, s, 3), name_arg(L, s, 4), dim_arg(L, 5), dim_arg(L, 6)));
}

static int l_range(lua_State *L) {
  Store *s = store_of(L);
  return give(L, s, build_counted(s, name_arg(L, s, 2), node_arg(L, s, 3), node_arg(L, s, 4), node_arg(L, s, 5)));
}

static int l_replace(lua_State *L) {
  Store *s = store_of(L);
  uint32_t n, k;
  NodeId a = node_arg(L, s, 2), *from = list_arg(L, s, 3, &n), *to = list_arg(L, s, 4, &k);
  if (n != k) return luaL_error(L, "two lists of one length expected");
  return give(L, s, build_replace(s, a, from, to, n));
}

static int l_again(lua_State *L) {
  Store *s = store_of(L);
  uint32_t n;
  NodeId a = node_arg(L, s, 2), *v = list_arg(L, s, 3, &n);
  if (n != node_arity(s, a)) return luaL_error(L, "a wrong number of arguments");
  return give(L, s, build_with_children(s, a, v));
}

static int l_factor(lua_State *L) {
  Store *s = store_of(L);
  NodeId x = node_arg(L, s, 2);
  Map *kept = factor_sums(s, optional_node(L, s, 3));
  NodeId r = kept ? factor_collect(s, x, kept) : 0;
  map_give(s, kept);
  return give(L, s, r);
}
static int l_textbook(lua_State *L) { Store *s = store_of(L); return give(L, s, textbook_form(s, node_arg(L, s, 2), optional_node(L, s, 3))); }

static int l_cost(lua_State *L) {
  Store *s = store_of(L);
  lua_pushinteger(L, cost_node(s, node_arg(L, s, 2)));
  return 1;
}

/* ------------------------------------------------------------------ looking at nodes */

static int l_op(lua_State *L) {
  Store *s = store_of(L);
  uint32_t op = node_op(s, node_arg(L, s, 2));
  lua_pushstring(L, operator_name(s, op));
  lua_pushboolean(L, op < OP_FIRST_USER);
  return 2;
}

static int l_args(lua_State *L) {
  Store *s = store_of(L);
  NodeId a = node_arg(L, s, 2);
  uint32_t n = node_arity(s, a);
  lua_createtable(L, (int)n, 0);
  for (uint32_t i = 0; i < n; i++) {
    lua_pushinteger(L, node_child(s, a, i));
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

static int l_numbertext(lua_State *L) {
  Store *s = store_of(L);
  NodeId a = node_arg(L, s, 2);
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
  Store *s = store_of(L);
  NodeId a = node_arg(L, s, 2);
  switch (node_op(s, a)) {
    case OP_SYMBOL: case OP_VARIABLE: case OP_FUNCTION: case OP_TANGENT: case OP_DERIVATIVE: case OP_COUNTED_SUM: case OP_NAME: {
      NameId name = node_words(s, a)[0];
      lua_pushstring(L, name ? name_text(s, name) : "");
      return 1;
    }
    default: return 0;
  }
}

static int l_kind(lua_State *L) {
  Store *s = store_of(L);
  NodeId a = node_arg(L, s, 2);
  uint32_t op = node_op(s, a);
  if (op == OP_FUNCTION) lua_pushliteral(L, "function");
  else if (op == OP_SYMBOL || op == OP_VARIABLE) lua_pushstring(L, node_kind_names[node_words(s, a)[1]]);
  else return 0;
  return 1;
}

static int l_attributes(lua_State *L) {
  Store *s = store_of(L);
  NodeId a = node_arg(L, s, 2);
  uint32_t *w = node_words(s, a), op = node_op(s, a);
  uint64_t bits = op == OP_SYMBOL ? w[2] | (uint64_t)w[3] << 32 : op == OP_FUNCTION ? w[1] | (uint64_t)w[2] << 32 : 0;
  lua_pushinteger(L, (lua_Integer)bits);
  return 1;
}

static int l_rows(lua_State *L) { Store *s = store_of(L); lua_pushinteger(L, node_rows(s, node_arg(L, s, 2))); return 1; }
static int l_cols(lua_State *L) { Store *s = store_of(L); lua_pushinteger(L, node_cols(s, node_arg(L, s, 2))); return 1; }

static int l_argument(lua_State *L) {
  Store *s = store_of(L);
  NodeId a = node_arg(L, s, 2);
  if (node_op(s, a) != OP_FUNCTION) return 0;
  lua_pushinteger(L, node_child(s, a, 0));
  return 1;
}

static int l_flags(lua_State *L) {
  Store *s = store_of(L);
  lua_pushinteger(L, node_flags(s, node_arg(L, s, 2)));
  return 1;
}

static int l_weight(lua_State *L) {
  Store *s = store_of(L);
  lua_pushinteger(L, node_at(s, node_arg(L, s, 2))->weight);
  return 1;
}

static int l_order(lua_State *L) {
  Store *s = store_of(L);
  lua_pushinteger(L, order_compare(s, node_arg(L, s, 2), node_arg(L, s, 3)));
  return 1;
}

static int l_postorder(lua_State *L) {
  Store *s = store_of(L);
  NodeId a = node_arg(L, s, 2);
  Vec v;
  vec_init(&v);
  bool ok = node_postorder(s, a, &v, NULL, NULL);
  if (ok) push_words(L, &v);
  vec_done(s, &v);
  return ok ? 1 : raise(L, s);
}

/* node, name -> the nodes below it, itself included, whose operator is the engine's of that name */
static int l_below(lua_State *L) {
  Store *s = store_of(L);
  NodeId a = node_arg(L, s, 2);
  uint32_t op = operator_builtin(luaL_checkstring(L, 3));
  if (!op) return luaL_argerror(L, 3, "no operator of the engine");
  Vec v;
  vec_init(&v);
  bool ok = node_find_all(s, a, op, &v);
  if (ok) push_words(L, &v);
  vec_done(s, &v);
  return ok ? 1 : raise(L, s);
}

/* node [, bound] -> the set of the names of its rule variables, and the set of the sizes that stand in it; without those of
   the node `bound`. nil for an empty set. */
static int l_opennames(lua_State *L) {
  Store *s = store_of(L);
  NodeId a = node_arg(L, s, 2), bound = optional_node(L, s, 3);
  Vec names;
  vec_init(&names);
  bool ok = free_names(s, a, bound, &names);
  lua_settop(L, 0);
  lua_pushnil(L);
  lua_pushnil(L);
  for (uint32_t i = 0; ok && i < names.n; i += 2) {
    int set = names.v[i] == FREE_VARIABLE ? 1 : 2;
    if (lua_isnil(L, set)) {
      lua_newtable(L);
      lua_replace(L, set);
    }
    lua_pushboolean(L, 1);
    lua_setfield(L, set, name_text(s, names.v[i + 1]));
  }
  vec_done(s, &names);
  return ok ? 2 : raise(L, s);
}

/* ------------------------------------------------------------------ operators and rules */

static bool boolean_field(lua_State *L, int t, const char *name) {
  lua_getfield(L, t, name);
  bool b = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return b;
}

static uint32_t integer_field(lua_State *L, int t, const char *name) {
  lua_getfield(L, t, name);
  uint32_t v = (uint32_t)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return v;
}

/* By the bits of operator.h. */
enum { FLAGS = 14 };
static const char *const flag_names[FLAGS] = {"linear", "elementwise", "cyclic", "matrixfunction", "total", "avoid", "comm", "assoc", "transposes", "mirror", "odd", "even", "entry", "unit"};

/* {name, params = {{rows, cols [, linear]} | {dimension = name} | {operator = flag} | {index = name, rows} | {}}, rows, cols | same, linear, elementwise, ..} */
static int l_operator(lua_State *L) {
  Store *s = store_of(L);
  Operator o;
  memset(&o, 0, sizeof o);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_getfield(L, 2, "name");
  o.name = name_arg(L, s, lua_gettop(L));
  o.same = boolean_field(L, 2, "same");
  o.rows = integer_field(L, 2, "rows");
  o.cols = integer_field(L, 2, "cols");
  o.gone = boolean_field(L, 2, "gone");
  for (uint32_t i = 0; i < FLAGS; i++)
    if (boolean_field(L, 2, flag_names[i])) o.flags |= 1u << i;
  lua_getfield(L, 2, "params");
  int params = lua_gettop(L);
  o.n = (uint32_t)lua_rawlen(L, params);
  if (o.n > PARAM_MAX) return luaL_error(L, "an operator has at most %d arguments", PARAM_MAX);
  for (uint32_t i = 0; i < o.n; i++) {
    lua_rawgeti(L, params, i + 1);
    int p = lua_gettop(L);
    o.param[i].rows = integer_field(L, p, "rows");
    o.param[i].cols = integer_field(L, p, "cols");
    o.param[i].kind = o.param[i].rows ? PARAM_SHAPE : PARAM_ANY;
    lua_getfield(L, p, "dimension");
    if (lua_isstring(L, -1)) {
      o.param[i].kind = PARAM_DIMENSION;
      o.param[i].name = name_arg(L, s, lua_gettop(L));
    }
    lua_getfield(L, p, "index");
    if (lua_isstring(L, -1)) {
      o.param[i].kind = PARAM_INDEX;
      o.param[i].name = name_arg(L, s, lua_gettop(L));
    }
    lua_getfield(L, p, "operator");
    if (lua_isstring(L, -1)) {
      o.param[i].kind = PARAM_OPERATOR;
      for (uint32_t j = 0; j < FLAGS; j++)
        if (strcmp(flag_names[j], lua_tostring(L, -1)) == 0) o.param[i].flags |= 1u << j;
    }
    bool shaped = o.param[i].kind == PARAM_SHAPE || o.param[i].kind == PARAM_ANY;
    o.param[i].linear = shaped && (o.flags & OPF_LINEAR || boolean_field(L, p, "linear"));
    lua_settop(L, params);
  }
  for (uint32_t i = 0; i < o.n; i++)
    if (o.param[i].linear) o.flags |= OPF_LINEAR;
  uint32_t known = integer_field(L, 2, "number"); /* an operator as it was before: put back */
  uint32_t op = known ? operator_replace(s, known, &o) : operator_define(s, &o);
  if (!op) return raise(L, s);
  lua_pushinteger(L, op);
  return 1;
}

static int l_rule(lua_State *L) {
  Store *s = store_of(L);
  Rule r;
  memset(&r, 0, sizeof r);
  luaL_checktype(L, 2, LUA_TTABLE);
  r.kind = (RuleKind)integer_field(L, 2, "kind");
  if (r.kind >= RULE_KINDS) return luaL_argerror(L, 2, "no such kind of rule");
  r.lhs = integer_field(L, 2, "lhs");
  r.rhs = integer_field(L, 2, "rhs");
  r.active = integer_field(L, 2, "active");
  r.cotangent = boolean_field(L, 2, "of_hole") ? NO_VARIABLE : integer_field(L, 2, "cotangent");
  for (int i = 0; i < 2; i++) {
    lua_getfield(L, 2, i ? "hole_cols" : "hole_rows");
    if (lua_isstring(L, -1)) r.size[i] = name_arg(L, s, lua_gettop(L));
  }
  r.priority = (int)integer_field(L, 2, "priority");
  lua_getfield(L, 2, "name");
  if (lua_isstring(L, -1)) r.name = name_arg(L, s, lua_gettop(L));
  lua_getfield(L, 2, "note");
  if (lua_isstring(L, -1)) r.note = name_arg(L, s, lua_gettop(L));
  lua_getfield(L, 2, "conditions");
  if (lua_istable(L, -1)) {
    int list = lua_gettop(L);
    r.conditions = (uint32_t)lua_rawlen(L, list);
    if (r.conditions > RULE_CONDITIONS) return luaL_error(L, "a rule has at most %d conditions", RULE_CONDITIONS);
    for (uint32_t i = 0; i < r.conditions; i++) {
      lua_rawgeti(L, list, i + 1);
      int c = lua_gettop(L);
      lua_getfield(L, c, "predicate");
      r.condition[i].name = name_arg(L, s, lua_gettop(L));
      r.condition[i].negated = boolean_field(L, c, "negated");
      r.condition[i].arg[0] = integer_field(L, c, "a");
      r.condition[i].arg[1] = integer_field(L, c, "b");
      lua_settop(L, list);
    }
  }
  uint32_t serial = ruleset_add(s, &r);
  if (!serial) return raise(L, s);
  lua_pushinteger(L, serial);
  return 1;
}

static int l_rule_count(lua_State *L) {
  lua_pushinteger(L, ruleset_count(store_of(L)));
  return 1;
}

static int l_rule_truncate(lua_State *L) {
  Store *s = store_of(L);
  ruleset_truncate(s, (uint32_t)luaL_checkinteger(L, 2));
  return 0;
}

static int l_rule_restore(lua_State *L) {
  Store *s = store_of(L);
  lua_Integer serial = luaL_checkinteger(L, 2);
  if (serial < 1 || serial > ruleset_count(s)) return luaL_argerror(L, 2, "no such rule");
  ruleset_restore(s, (uint32_t)serial, lua_toboolean(L, 3));
  return 0;
}

static int l_rule_gone(lua_State *L) {
  Store *s = store_of(L);
  lua_Integer serial = luaL_checkinteger(L, 2);
  if (serial < 1 || serial > ruleset_count(s)) return luaL_argerror(L, 2, "no such rule");
  lua_pushboolean(L, ruleset_at(s, (uint32_t)serial)->gone);
  return 1;
}

static RuleKind kind_arg(lua_State *L, int i) {
  RuleKind kind = (RuleKind)luaL_checkinteger(L, i);
  if (kind >= RULE_KINDS) luaL_argerror(L, i, "no such kind of rule");
  return kind;
}

/* kind, node -> the number of the rule that applies to it, if one does */
static int l_rule_applies(lua_State *L) {
  Store *s = store_of(L);
  uint32_t serial = apply_find(s, kind_arg(L, 2), node_arg(L, s, 3));
  if (!serial) return 0;
  lua_pushinteger(L, serial);
  return 1;
}

/* kind, node -> the numbers of the rules that apply to the nodes below it, itself included */
static int l_rules_below(lua_State *L) {
  Store *s = store_of(L);
  RuleKind kind = kind_arg(L, 2);
  NodeId a = node_arg(L, s, 3);
  Vec v;
  vec_init(&v);
  bool ok = apply_find_all(s, kind, a, &v);
  if (ok) push_words(L, &v);
  vec_done(s, &v);
  return ok ? 1 : raise(L, s);
}

/* attribute(name, add [, implied]): the bit of an attribute; the bits of those that it implies. */
static int l_attribute(lua_State *L) {
  Store *s = store_of(L);
  if (lua_isinteger(L, 4)) attribute_implies(s, name_arg(L, s, 2), (uint64_t)lua_tointeger(L, 4));
  lua_pushinteger(L, (lua_Integer)attribute_bit(s, name_arg(L, s, 2), lua_toboolean(L, 3)));
  return 1;
}

static int l_property(lua_State *L) {
  Store *s = store_of(L);
  lua_pushboolean(L, property_holds(s, name_arg(L, s, 2), node_arg(L, s, 3)));
  return 1;
}

static const luaL_Reg store_methods[] = {
    /* life */
    {"begin", l_begin}, {"collect", l_collect}, {"check", l_check}, {"stats", l_stats}, {"limits", l_limits},
    {"handle", l_handle}, {"hook", l_hook}, {"log", l_log}, {"close", l_close}, {"image", l_image},
    /* dimensions */
    {"dim", l_dim}, {"dimadd", l_dimadd}, {"dimmul", l_dimmul}, {"dimtext", l_dimtext}, {"dimint", l_dimint},
    {"dimname", l_dimname}, {"dimnames", l_dimnames}, {"dimreplace", l_dimreplace}, {"dimnode", l_dimnode}, {"dimof", l_dimof},
    /* making nodes */
    {"rational", l_number}, {"symbol", l_symbol}, {"variable", l_variable}, {"func", l_func}, {"opname", l_opname}, {"identity", l_identity},
    {"ones", l_ones}, {"zeros", l_zeros}, {"hole", l_hole}, {"sum", l_sum}, {"product", l_product},
    {"hadamard", l_hadamard}, {"neg", l_neg}, {"inv", l_inv}, {"transpose", l_transpose}, {"diffnode", l_diffnode},
    {"power", l_power}, {"elpower", l_elpower}, {"div", l_div}, {"call", l_call}, {"apply", l_apply},
    {"derivative", l_derivative}, {"range", l_range}, {"replace", l_replace}, {"again", l_again},
    /* working on nodes */
    {"forward", l_forward}, {"pull", l_pull}, {"jacobian", l_jacobian}, {"block", l_block}, {"block_by_jacobian", l_block_by_jacobian}, {"simplify", l_simplify}, {"expand", l_expand},
    {"factor", l_factor}, {"textbook", l_textbook}, {"cost", l_cost},
    /* looking at nodes */
    {"op", l_op}, {"args", l_args}, {"number", l_numbertext}, {"name", l_name}, {"kind", l_kind},
    {"attributes", l_attributes}, {"rows", l_rows}, {"cols", l_cols}, {"declared_argument", l_argument},
    {"flags", l_flags}, {"weight", l_weight}, {"order", l_order}, {"postorder", l_postorder}, {"below", l_below}, {"opennames", l_opennames},
    /* operators and rules */
    {"operator", l_operator}, {"rule", l_rule}, {"rule_count", l_rule_count}, {"rule_truncate", l_rule_truncate},
    {"rule_restore", l_rule_restore}, {"rule_gone", l_rule_gone}, {"rule_applies", l_rule_applies}, {"rules_below", l_rules_below},
    {"attribute", l_attribute}, {"property", l_property},
    {NULL, NULL}};

static const luaL_Reg module_functions[] = {
    {"new", l_new}, {"unwrap", l_unwrap}, {"digest", l_digest}, {"node_metatable", l_node_metatable},
    {"failure_metatable", l_failure_metatable}, {NULL, NULL}};

#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
int luaopen_nabla_core(lua_State *L);

int luaopen_nabla_core(lua_State *L) {
  luaL_newmetatable(L, STORE);
  luaL_newlibtable(L, store_methods);
  lua_pushvalue(L, -2);
  luaL_setfuncs(L, store_methods, 1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, l_close);
  lua_setfield(L, -2, "__gc");
  luaL_newmetatable(L, NODE);
  lua_pushcfunction(L, node_gc);
  lua_setfield(L, -2, "__gc");
  luaL_newmetatable(L, "nabla.failure");
  luaL_newlibtable(L, module_functions);
  luaL_getmetatable(L, NODE);
  luaL_setfuncs(L, module_functions, 1);
  lua_residue_open(L);
  lua_setfield(L, -2, "residue");
  lua_file_open(L);
  lua_setfield(L, -2, "file");
  return 1;
}
