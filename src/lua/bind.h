/* bind.h: what the files of the binding share: the userdata, arguments from the stack, results and
   failures on it. */
#ifndef BIND_H
#define BIND_H

#include <lauxlib.h>
#include <lua.h>

#include "core/node.h"

#define BIND_STORE "nabla.store"
#define BIND_NODE "nabla.node"
#define BIND_FAILURE "nabla.failure"

typedef struct {
  Store *s;
  lua_State *L; /* of the call under way, for predicates */
  int hook;     /* registry reference of the predicate function */
  lua_State *main;
  lua_Hook debug_hook; /* of the main thread when the work began: see is_interrupted */
} StoreBox;

typedef struct {
  StoreBox *box;
  NodeId id;
} NodeBox;

/* Is the value at index 1 a userdata with the metatable that the function has as its upvalue? To
   look that up by name, as luaL_checkudata does, would take longer than most methods. */
bool bind_is_own(lua_State *L);
/* The store at index 1, the value of a method. */
StoreBox *bind_box(lua_State *L);
Store *bind_store(lua_State *L);
/* Raise the store's failure as a table {status =, message =}. */
int bind_raise(lua_State *L, Store *s);
/* Push a node, or raise why there is none; 1. */
int bind_give(lua_State *L, Store *s, NodeId id);

/* The argument at index i, or an error. */
NodeId bind_node(lua_State *L, Store *s, int i);
NodeId bind_optional_node(lua_State *L, Store *s, int i); /* 0: none */
DimId bind_dim(lua_State *L, Store *s, int i);
/* Push a dimension; raise the failure if it is 0. */
int bind_give_dim(lua_State *L, Store *s, DimId d);
NameId bind_name(lua_State *L, Store *s, int i);
enum { BIND_ROOM = 16 };
/* The ids of the list at index i, or from there on: in `room`, if they fit there. */
NodeId *bind_list(lua_State *L, Store *s, int i, NodeId room[BIND_ROOM], uint32_t *n);
/* The text (or bytes: lua_bytes.h) at index `text`, from the byte whose number is at index `place`
   to that at the next index, both optional; its size. */
const char *bind_part(lua_State *L, int text, int place, size_t *size);
/* Push the one handle of a node of the store at index 1. */
void bind_push_handle(lua_State *L, StoreBox *b, NodeId id);
/* Push the words as a list. */
void bind_push_words(lua_State *L, const Vec *v);

/* The methods of a store, by file. */
extern const luaL_Reg lua_store_methods[], lua_dim_methods[], lua_node_methods[],
    lua_rule_methods[], lua_tree_methods[], lua_outline_methods[], lua_derivative_methods[],
    lua_declare_methods[], lua_written_sums_methods[], lua_forms_methods[];
/* Push the table of the engine's constants. */
void lua_constants_push(lua_State *L);

#endif
