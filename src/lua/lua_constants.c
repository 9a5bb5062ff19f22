/* lua_constants.c: the engine's constants as a Lua table, from the tables of the engine, so that
   none is copied by hand. */
#include "algebra/operator.h"
#include "lua/bind.h"
#include "rules/condition.h"
#include "rules/ruleset.h"

/* name = number, counted from `first`; with `bits` the numbers are 1, 2, 4, .. */
static void push_numbers(lua_State *L, const char *field, const char *const *names, int n,
                         int bits) {
  lua_createtable(L, 0, n);
  for (int i = 0; i < n; i++) {
    lua_pushinteger(L, bits ? (lua_Integer)1 << i : i);
    lua_setfield(L, -2, names[i]);
  }
  lua_setfield(L, -2, field);
}

static void push_names(lua_State *L, const char *field, const char *const *names, int n) {
  lua_createtable(L, n, 0);
  for (int i = 0; i < n; i++) {
    lua_pushstring(L, names[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, field);
}

static void push_number(lua_State *L, const char *field, lua_Integer v) {
  lua_pushinteger(L, v);
  lua_setfield(L, -2, field);
}

/* {one: the dimension 1; kinds: of symbols and rule variables; rule_kinds, node_flags,
   operator_flags: name -> number; statuses, operator_flag_names, predicates (the engine's own):
   lists of names; variables, conditions: of a rule at most; parameters: of an operator; attributes:
   at most in a store} */
void lua_constants_push(lua_State *L) {
  lua_newtable(L);
  push_number(L, "one", DIM_ONE);
  push_numbers(L, "kinds", node_kind_names, KINDS, 0);
  push_numbers(L, "rule_kinds", ruleset_kind_names, RULE_KINDS, 0);
  push_numbers(L, "node_flags", node_flag_names, NODE_FLAGS, 1);
  push_numbers(L, "operator_flags", operator_flag_names, OPERATOR_FLAGS, 1);
  push_names(L, "operator_flag_names", operator_flag_names, OPERATOR_FLAGS);
  push_names(L, "predicates", condition_predicate_names + 1, PREDICATES - 1);
  push_names(L, "statuses", store_status_names, STORE_STATUSES);
  push_number(L, "variables", RULE_VARIABLES);
  push_number(L, "conditions", RULE_CONDITIONS);
  push_number(L, "parameters", PARAM_MAX);
  push_number(L, "attributes", ATTRIBUTES);
}
