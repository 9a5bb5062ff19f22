/* lua_dim.c: the binding of dimensions. */
#include "algebra/size.h"
#include "core/dim.h"
#include "core/name.h"
#include "lua/bind.h"

static int l_dim(lua_State *L) {
  Store *s = bind_store(L);
  if (lua_isinteger(L, 2))
    return bind_give_dim(L, s, dim_ratio(s, lua_tointeger(L, 2), luaL_optinteger(L, 3, 1)));
  return bind_give_dim(L, s, dim_name(s, bind_name(L, s, 2)));
}
static int l_dimadd(lua_State *L) {
  Store *s = bind_store(L);
  return bind_give_dim(L, s, dim_add(s, bind_dim(L, s, 2), bind_dim(L, s, 3)));
}
static int l_dimmul(lua_State *L) {
  Store *s = bind_store(L);
  return bind_give_dim(L, s, dim_mul(s, bind_dim(L, s, 2), bind_dim(L, s, 3)));
}

static int l_dimtext(lua_State *L) {
  char buffer[400];
  Store *s = bind_store(L);
  lua_pushstring(L, dim_text(s, bind_dim(L, s, 2), buffer, sizeof buffer));
  return 1;
}

static int l_dimint(lua_State *L) {
  int64_t v;
  Store *s = bind_store(L);
  if (!dim_get_int(s, bind_dim(L, s, 2), &v)) return 0;
  lua_pushinteger(L, v);
  return 1;
}

static int l_dimname(lua_State *L) {
  Store *s = bind_store(L);
  NameId n = dim_get_name(s, bind_dim(L, s, 2));
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
  Store *s = bind_store(L);
  NameVisit v = {L, s};
  DimId d = bind_dim(L, s, 2);
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
  Store *s = bind_store(L);
  luaL_checktype(L, 3, LUA_TTABLE);
  return bind_give_dim(L, s, dim_map(s, bind_dim(L, s, 2), replaced_name, L));
}

static int l_dimnode(lua_State *L) {
  Store *s = bind_store(L);
  return bind_give(L, s, size_node(s, bind_dim(L, s, 2)));
}

const luaL_Reg lua_dim_methods[] = {{"dim", l_dim},
                                    {"dimadd", l_dimadd},
                                    {"dimmul", l_dimmul},
                                    {"dimtext", l_dimtext},
                                    {"dimint", l_dimint},
                                    {"dimname", l_dimname},
                                    {"dimnames", l_dimnames},
                                    {"dimreplace", l_dimreplace},
                                    {"dimnode", l_dimnode},
                                    {NULL, NULL}};
