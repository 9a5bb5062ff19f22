/* lua_derivative.c: what the Lua layer asks for one derivative, each question in one call. */
#include <string.h>

#include "algebra/build.h"
#include "calculus/forward.h"
#include "calculus/linear.h"
#include "core/name.h"
#include "core/number.h"
#include "lua/bind.h"
#include "textbook/textbook.h"

/* f, name -> the symbol in f, no size, that has the name: of several the last; nil where there is
   none */
static int l_symbol_named(lua_State *L) {
  Store *s = bind_store(L);
  NodeId f = bind_node(L, s, 2), found = 0;
  NameId name = bind_name(L, s, 3);
  Vec v;
  vec_init(&v);
  bool ok = node_find_all(s, f, OP_SYMBOL, &v);
  for (uint32_t i = v.n; ok && !found && i > 0; i--) {
    const uint32_t *w = node_words(s, v.v[i - 1]);
    if (w[0] == name && w[1] != KIND_DIMENSION) found = v.v[i - 1];
  }
  vec_done(s, &v);
  if (!ok) return bind_raise(L, s);
  if (!found) return 0;
  lua_pushinteger(L, found);
  return 1;
}

/* Shapes, for layouts. */
enum { SCALAR, COLUMN, ROW, MATRIX, SHAPES };

static int shape_of(const Store *s, NodeId a) {
  bool row = node_rows(s, a) == DIM_ONE, column = node_cols(s, a) == DIM_ONE;
  return row && column ? SCALAR : column ? COLUMN : row ? ROW : MATRIX;
}

/* f, x -> the shapes of f and of x as one number, 4*f + x, each 0 for 1 x 1, 1 for a column, 2 for
   a row, 3 for a matrix; and the attributes of x. Nothing where x is no symbol, or a size, or where
   D(..) or d(..) is in f: such a derivative is not read off a differential alone. */
static int l_shapes_of_derivative(lua_State *L) {
  Store *s = bind_store(L);
  NodeId f = bind_node(L, s, 2), x = bind_node(L, s, 3);
  const uint32_t *w = node_words(s, x);
  if (node_op(s, x) != OP_SYMBOL || w[1] == KIND_DIMENSION) return 0;
  if (node_flags(s, f) & (FLAG_DERIVATIVE | FLAG_DIFF)) return 0;
  lua_pushinteger(L, SHAPES * shape_of(s, f) + shape_of(s, x));
  lua_pushinteger(L, (lua_Integer)(w[2] | (uint64_t)w[3] << 32));
  return 2;
}

typedef enum { VALUE, GRADIENT, JACOBIAN } Reading;

/* f, x, how ("value", "gradient", "jacobian"), transposed?, is the textbook's form wanted? -> the
   derivative of f by the symbol x that is read in this way off its differential; the differential
   and the tangent in which it is linear (nil for a value). A form that holds D(..) is left as it is
   read. */
static int l_read_derivative(lua_State *L) {
  static const char *const readings[] = {"value", "gradient", "jacobian", NULL};
  Store *s = bind_store(L);
  NodeId f = bind_node(L, s, 2), x = bind_node(L, s, 3);
  Reading how = (Reading)luaL_checkoption(L, 4, NULL, readings);
  luaL_argcheck(L, node_op(s, x) == OP_SYMBOL, 3, "a symbol expected");
  NodeId change = s->one;
  NameId name = node_words(s, x)[0];
  if (how != VALUE) change = build_tangent(s, name, node_rows(s, x), node_cols(s, x));
  NodeId linear = change ? forward_differential(s, f, x, change) : 0;
  NodeId read = !linear           ? 0
                : how == VALUE    ? linear
                : how == GRADIENT ? linear_pull(s, linear, change, s->one)
                                  : linear_jacobian(s, linear, change);
  if (read && lua_toboolean(L, 5)) read = build_transpose(s, read);
  if (read && lua_toboolean(L, 6) && !(node_flags(s, read) & FLAG_DERIVATIVE))
    read = textbook_form(s, read, f);
  bind_give(L, s, read);
  if (how == VALUE) return 1;
  lua_pushinteger(L, linear);
  lua_pushinteger(L, change);
  return 3;
}

/* node -> the list of the matrices larger than 1 x 1 of which it holds negative powers; nil: there
   are none */
static int l_inverted(lua_State *L) {
  Store *s = bind_store(L);
  Vec v;
  vec_init(&v);
  bool ok = node_find_all(s, bind_node(L, s, 2), OP_POWER, &v);
  lua_pushnil(L);
  for (uint32_t i = 0; ok && i < v.n; i++) {
    NodeId base = node_child(s, v.v[i], 0), exponent = node_child(s, v.v[i], 1);
    int64_t k;
    if (!node_number(s, exponent) || !number_get_int(s, exponent, &k) || k >= 0) continue;
    if (node_rows(s, base) == DIM_ONE) continue;
    if (lua_isnil(L, -1)) {
      lua_createtable(L, 1, 0);
      lua_replace(L, -2);
    }
    lua_pushinteger(L, base);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  }
  vec_done(s, &v);
  return ok ? 1 : bind_raise(L, s);
}

const luaL_Reg lua_derivative_methods[] = {{"symbol_named", l_symbol_named},
                                           {"shapes_of_derivative", l_shapes_of_derivative},
                                           {"read_derivative", l_read_derivative},
                                           {"inverted", l_inverted},
                                           {NULL, NULL}};
