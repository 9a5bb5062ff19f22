/* bind.c: what every method of the binding does: take stores and nodes from Lua's stack, give nodes
** back, and raise a store's failure as an error. */

#include "core/dim.h"
#include "core/name.h"
#include "lua/bind.h"
#include "lua/lua_bytes.h"

bool bind_is_own(lua_State *L) {
  bool own = lua_getmetatable(L, 1);
  if (own) {
    own = lua_rawequal(L, -1, lua_upvalueindex(1));
    lua_pop(L, 1);
  }
  return own;
}

StoreBox *bind_box(lua_State *L) {
  /* luaL_checkudata raises the error */
  StoreBox *b = bind_is_own(L) ? lua_touserdata(L, 1) : luaL_checkudata(L, 1, BIND_STORE);
  if (!b->s) luaL_error(L, "this store is closed");
  b->L = L;
  return b;
}

Store *bind_store(lua_State *L) { return bind_box(L)->s; }

int bind_raise(lua_State *L, Store *s) {
  lua_createtable(L, 0, 2);
  lua_pushstring(L, store_status_names[s->status]);
  lua_setfield(L, -2, "status");
  lua_pushstring(L, s->message);
  lua_setfield(L, -2, "message");
  luaL_getmetatable(L, BIND_FAILURE);
  lua_setmetatable(L, -2);
  store_clear_error(s);
  return lua_error(L);
}

int bind_give(lua_State *L, Store *s, NodeId id) {
  if (!id || s->status != STORE_OK) {
    if (s->status == STORE_OK) store_fail(s, STORE_USAGE, "an argument is no node");
    return bind_raise(L, s);
  }
  lua_pushinteger(L, id);
  return 1;
}

NodeId bind_node(lua_State *L, Store *s, int i) {
  lua_Integer id = luaL_checkinteger(L, i);
  if (id <= 0 || id >= s->next || node_op(s, (NodeId)id) == OP_FREE)
    luaL_argerror(L, i, "not a node of this store");
  return (NodeId)id;
}

NodeId bind_optional_node(lua_State *L, Store *s, int i) {
  return lua_isnoneornil(L, i) ? 0 : bind_node(L, s, i);
}

DimId bind_dim(lua_State *L, Store *s, int i) {
  lua_Integer d = luaL_checkinteger(L, i);
  if (d <= 0 || d > 0xffffffff || !dim_known(s, (DimId)d)) luaL_argerror(L, i, "not a dimension");
  dim_touch(s, (DimId)d);
  return (DimId)d;
}

int bind_give_dim(lua_State *L, Store *s, DimId d) {
  if (!d) return bind_raise(L, s);
  dim_touch(s, d);
  lua_pushinteger(L, d);
  return 1;
}

NameId bind_name(lua_State *L, Store *s, int i) {
  size_t n;
  const char *text = luaL_checklstring(L, i, &n);
  NameId name = name_intern(s, text, n);
  if (!name) bind_raise(L, s);
  return name;
}

void bind_push_handle(lua_State *L, StoreBox *b, NodeId id) {
  lua_getuservalue(L, 1);
  if (lua_rawgeti(L, -1, id) != LUA_TUSERDATA) {
    lua_pop(L, 1);
    NodeBox *n = lua_newuserdata(L, sizeof *n);
    n->box = b;
    n->id = id;
    luaL_setmetatable(L, BIND_NODE);
    node_ref(b->s, id);
    lua_pushvalue(L, 1);
    lua_setuservalue(L, -2); /* a handle keeps its store alive */
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, id);
  }
  lua_remove(L, -2);
}

void bind_push_words(lua_State *L, const Vec *v) {
  lua_createtable(L, (int)v->n, 0);
  for (uint32_t i = 0; i < v->n; i++) {
    lua_pushinteger(L, v->v[i]);
    lua_rawseti(L, -2, i + 1);
  }
}

/* So many elements of a list stay on Lua's stack until they are dropped together. */
enum { AT_ONCE = 8 };

/* The ids in the list at stack index i. */
NodeId *bind_list(lua_State *L, Store *s, int i, NodeId room[BIND_ROOM], uint32_t *n) {
  if (lua_isinteger(L, i)) { /* the ids themselves */
    int last = lua_gettop(L);
    *n = (uint32_t)(last - i + 1);
    NodeId *ids = *n <= BIND_ROOM ? room : lua_newuserdata(L, *n * sizeof *ids);
    for (int k = i; k <= last; k++) ids[k - i] = bind_node(L, s, k);
    return ids;
  }
  luaL_checktype(L, i, LUA_TTABLE);
  *n = (uint32_t)lua_rawlen(L, i);
  NodeId *v = *n <= BIND_ROOM ? room : lua_newuserdata(L, *n * sizeof *v);
  int top = lua_gettop(L);
  for (uint32_t k = 0; k < *n; k++) {
    if (k % AT_ONCE == 0) lua_settop(L, top);
    lua_rawgeti(L, i, k + 1);
    lua_Integer id = lua_tointeger(L, -1);
    if (id <= 0 || id >= s->next || node_op(s, (NodeId)id) == OP_FREE)
      luaL_error(L, "element %d of the list is not a node of this store", (int)k + 1);
    v[k] = (NodeId)id;
  }
  lua_settop(L, top);
  return v;
}

const char *bind_part(lua_State *L, int text, int place, size_t *size) {
  size_t n;
  const char *s = lua_bytes_at(L, text, &n);
  lua_Integer first = luaL_optinteger(L, place, 1);
  lua_Integer last = luaL_optinteger(L, place + 1, (lua_Integer)n);
  bool is_part = 1 <= first && first <= last + 1 && last <= (lua_Integer)n;
  luaL_argcheck(L, is_part, place, "no part of the text");
  *size = (size_t)(last - first + 1);
  return s + first - 1;
}
