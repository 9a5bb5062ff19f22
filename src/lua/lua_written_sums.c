/* lua_written_sums.c: how the sums of a text were written, remembered for the printer, which writes
   a sum in the order that its reader knows. */
#include "algebra/build.h"
#include "core/dim.h"
#include "core/name.h"
#include "lua/bind.h"

/* The arguments of the method, and what it has on the stack above them. */
enum { AT_SUMS = 2, AT_KEEP, AT_ID, AT_TERMS, AT_LIST, AT_TURNED };

/* The terms as pairs of a coefficient and what it is of. */
static bool read_terms(Store *s, const NodeId *ids, uint32_t n, Vec *out) {
  bool ok = true;
  for (uint32_t k = 0; ok && k < n; k++) {
    NodeId id = ids[k], coefficient = s->one, of = id;
    uint32_t op = node_op(s, id);
    if (op == OP_SUM) {
      for (uint32_t i = 0; ok && i < node_arity(s, id); i++)
        ok = vec_push(s, out, node_child(s, id, i));
      continue;
    }
    if (op == OP_NUMBER) {
      coefficient = id;
      of = s->one;
    } else if (op == OP_PRODUCT && node_child(s, id, 0) != s->one) {
      coefficient = node_child(s, id, 0);
      of = build_div(s, id, coefficient);
    }
    ok = of && vec_push(s, out, coefficient) && vec_push(s, out, of);
  }
  return ok;
}

/* Push the pairs as a list of lists of two, the second of each transposed if so wanted. */
static bool push_pairs(lua_State *L, Store *s, const Vec *pairs, bool transposed) {
  lua_createtable(L, (int)(pairs->n / 2), 0);
  for (uint32_t i = 0; i < pairs->n; i += 2) {
    NodeId of = pairs->v[i + 1];
    if (transposed && !(of = build_transpose(s, of))) return false;
    lua_createtable(L, 2, 0);
    lua_pushinteger(L, pairs->v[i]);
    lua_rawseti(L, -2, 1);
    lua_pushinteger(L, of);
    lua_rawseti(L, -2, 2);
    lua_rawseti(L, -2, (lua_Integer)(i / 2) + 1);
  }
  return true;
}

/* Remember that a node, if it is a sum and nothing is known of it, has the terms at an index of the
   stack, or minus them. */
static void note_sum(lua_State *L, StoreBox *b, NodeId id, int terms, int sign) {
  if (node_op(b->s, id) != OP_SUM) return;
  bool known = lua_rawgeti(L, AT_SUMS, id) != LUA_TNIL;
  lua_pop(L, 1);
  if (known) return;
  lua_createtable(L, 0, 2);
  lua_pushinteger(L, sign);
  lua_setfield(L, -2, "sign");
  lua_pushvalue(L, terms);
  lua_setfield(L, -2, "terms");
  lua_rawseti(L, AT_SUMS, id);
  bind_push_handle(L, b, id);
  lua_rawseti(L, AT_KEEP, (lua_Integer)lua_rawlen(L, AT_KEEP) + 1);
}

/* The same of a node, of its negative, and of the transposes of both. */
static bool note_signs(lua_State *L, StoreBox *b, NodeId id) {
  Store *s = b->s;
  NodeId transposed = build_transpose(s, id), negative = build_neg(s, id);
  NodeId both = transposed ? build_neg(s, transposed) : 0;
  if (!negative || !both) return false;
  note_sum(L, b, id, AT_LIST, 1);
  note_sum(L, b, negative, AT_LIST, -1);
  note_sum(L, b, transposed, AT_TURNED, 1);
  note_sum(L, b, both, AT_TURNED, -1);
  return true;
}

/* A scalar factor takes the common number out of a sum: the same of what is left. */
static bool note_primitive(lua_State *L, StoreBox *b, NodeId id) {
  Store *s = b->s;
  if (node_op(s, id) != OP_SUM) return true;
  NameId name = name_intern(s, "?", 1);
  NodeId factor = name ? build_symbol(s, name, KIND_SCALAR, 0, DIM_ONE, DIM_ONE) : 0;
  NodeId pair[2] = {id, factor}, product = factor ? build_product(s, pair, 2) : 0;
  if (!product) return false;
  uint32_t n = node_arity(s, product);
  NodeId parts[2] = {n ? node_child(s, product, n - 1) : 0, n > 1 ? node_child(s, product, 1) : 0};
  bool ok = true;
  for (int i = 0; ok && i < 2 && parts[i]; i++) {
    NodeId part = parts[i];
    bool same = node_rows(s, part) == node_rows(s, id) && node_cols(s, part) == node_cols(s, id);
    if (part != id && same) ok = note_signs(L, b, part);
  }
  return ok;
}

/* table of what is known of sums, list of handles, sum, list of its terms as they were written:
   puts { sign =, terms = { { coefficient, node }, .. } } into the table at the sum, at its negative
   and at their transposes, also without a common number; their handles into the list */
static int l_note_sum(lua_State *L) {
  StoreBox *b = bind_box(L);
  Store *s = b->s;
  luaL_checktype(L, AT_SUMS, LUA_TTABLE);
  luaL_checktype(L, AT_KEEP, LUA_TTABLE);
  NodeId id = bind_node(L, s, AT_ID), room[BIND_ROOM];
  uint32_t n;
  luaL_checktype(L, AT_TERMS, LUA_TTABLE);
  lua_settop(L, AT_TERMS);
  const NodeId *ids = bind_list(L, s, AT_TERMS, room, &n);
  if (ids != room) lua_replace(L, AT_TERMS); /* the room of many terms */
  Vec pairs;
  vec_init(&pairs);
  bool ok = read_terms(s, ids, n, &pairs) && push_pairs(L, s, &pairs, false) &&
            push_pairs(L, s, &pairs, true) && note_signs(L, b, id) && note_primitive(L, b, id);
  vec_done(s, &pairs);
  return ok ? 0 : bind_raise(L, s);
}

const luaL_Reg lua_written_sums_methods[] = {{"note_sum", l_note_sum}, {NULL, NULL}};
