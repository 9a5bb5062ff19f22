/* lua_rule.c: the binding of operators, rules and attributes. */
#include <string.h>

#include "algebra/operator.h"
#include "core/name.h"
#include "lua/bind.h"
#include "rules/accept.h"
#include "rules/apply.h"
#include "rules/condition.h"
#include "rules/exchange.h"
#include "rules/facts.h"
#include "rules/instance.h"

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

/* {name, params = {{rows, cols [, linear]} | {dimension = name} | {operator = flag} | {index =
   name, rows} | {}}, rows, cols | same, linear, elementwise, ..} */
static int l_operator(lua_State *L) {
  Store *s = bind_store(L);
  Operator o;
  memset(&o, 0, sizeof o);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_getfield(L, 2, "name");
  o.name = bind_name(L, s, lua_gettop(L));
  o.same = boolean_field(L, 2, "same");
  o.rows = integer_field(L, 2, "rows");
  o.cols = integer_field(L, 2, "cols");
  o.gone = boolean_field(L, 2, "gone");
  for (uint32_t i = 0; i < OPERATOR_FLAGS; i++)
    if (boolean_field(L, 2, operator_flag_names[i])) o.flags |= 1u << i;
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
      o.param[i].name = bind_name(L, s, lua_gettop(L));
    }
    lua_getfield(L, p, "index");
    if (lua_isstring(L, -1)) {
      o.param[i].kind = PARAM_INDEX;
      o.param[i].name = bind_name(L, s, lua_gettop(L));
    }
    lua_getfield(L, p, "operator");
    if (lua_isstring(L, -1)) {
      o.param[i].kind = PARAM_OPERATOR;
      for (uint32_t j = 0; j < OPERATOR_FLAGS; j++)
        if (strcmp(operator_flag_names[j], lua_tostring(L, -1)) == 0) o.param[i].flags |= 1u << j;
    }
    bool shaped = o.param[i].kind == PARAM_SHAPE || o.param[i].kind == PARAM_ANY;
    bool all = o.flags & (OPERATOR_LINEAR | OPERATOR_ADDITIVE);
    o.param[i].linear = shaped && (all || boolean_field(L, p, "linear"));
    lua_settop(L, params);
  }
  for (uint32_t i = 0; i < o.n; i++)
    if (o.param[i].linear) o.flags |= OPERATOR_LINEAR;
  uint32_t known = integer_field(L, 2, "number"); /* an operator as it was before: put back */
  uint32_t op = known ? operator_replace(s, known, &o) : operator_define(s, &o);
  if (!op) return bind_raise(L, s);
  lua_pushinteger(L, op);
  return 1;
}

/* The rule that the table at 2 describes, for this call: its conditions know their predicates. */
static void rule_argument(lua_State *L, Store *s, Rule *rule) {
  Rule r;
  memset(&r, 0, sizeof r);
  luaL_checktype(L, 2, LUA_TTABLE);
  r.kind = (RuleKind)integer_field(L, 2, "kind");
  if (r.kind >= RULE_KINDS) luaL_argerror(L, 2, "no such kind of rule");
  r.lhs = integer_field(L, 2, "lhs");
  r.rhs = integer_field(L, 2, "rhs");
  r.active = integer_field(L, 2, "active");
  r.cotangent = boolean_field(L, 2, "of_hole") ? NO_VARIABLE : integer_field(L, 2, "cotangent");
  for (int i = 0; i < 2; i++) {
    lua_getfield(L, 2, i ? "hole_cols" : "hole_rows");
    if (lua_isstring(L, -1)) r.size[i] = bind_name(L, s, lua_gettop(L));
  }
  r.priority = (int)integer_field(L, 2, "priority");
  lua_getfield(L, 2, "name");
  if (lua_isstring(L, -1)) r.name = bind_name(L, s, lua_gettop(L));
  lua_getfield(L, 2, "note");
  if (lua_isstring(L, -1)) r.note = bind_name(L, s, lua_gettop(L));
  lua_getfield(L, 2, "conditions");
  if (lua_istable(L, -1)) {
    int list = lua_gettop(L);
    r.conditions = (uint32_t)lua_rawlen(L, list);
    if (r.conditions > RULE_CONDITIONS)
      luaL_error(L, "a rule has at most %d conditions", RULE_CONDITIONS);
    for (uint32_t i = 0; i < r.conditions; i++) {
      lua_rawgeti(L, list, i + 1);
      int c = lua_gettop(L);
      lua_getfield(L, c, "predicate");
      r.condition[i].name = bind_name(L, s, lua_gettop(L));
      r.condition[i].predicate = condition_predicate(s, r.condition[i].name);
      r.condition[i].negated = boolean_field(L, c, "negated");
      r.condition[i].arg[0] = integer_field(L, c, "a");
      r.condition[i].arg[1] = integer_field(L, c, "b");
      lua_settop(L, list);
    }
  }
  lua_pop(L, 1);
  *rule = r;
}

static int l_rule(lua_State *L) {
  Store *s = bind_store(L);
  Rule r;
  rule_argument(L, s, &r);
  uint32_t serial = ruleset_add(s, &r);
  if (!serial) return bind_raise(L, s);
  lua_pushinteger(L, serial);
  return 1;
}

static int l_rule_count(lua_State *L) {
  lua_pushinteger(L, ruleset_count(bind_store(L)));
  return 1;
}

static int l_rule_truncate(lua_State *L) {
  Store *s = bind_store(L);
  ruleset_truncate(s, (uint32_t)luaL_checkinteger(L, 2));
  return s->status == STORE_OK ? 0 : bind_raise(L, s);
}

static int l_rule_restore(lua_State *L) {
  Store *s = bind_store(L);
  lua_Integer serial = luaL_checkinteger(L, 2);
  if (serial < 1 || serial > ruleset_count(s)) return luaL_argerror(L, 2, "no such rule");
  ruleset_restore(s, (uint32_t)serial, lua_toboolean(L, 3));
  return s->status == STORE_OK ? 0 : bind_raise(L, s);
}

static int l_rule_gone(lua_State *L) {
  Store *s = bind_store(L);
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

/* A rule of the store by its number, or one that a table describes; the other way round if the
   argument i is true. */
static Rule any_rule(lua_State *L, Store *s, int i) {
  Rule r;
  if (lua_isinteger(L, 2)) {
    lua_Integer serial = lua_tointeger(L, 2);
    if (serial < 1 || serial > ruleset_count(s)) luaL_argerror(L, 2, "no such rule");
    r = *ruleset_at(s, (uint32_t)serial);
  } else {
    rule_argument(L, s, &r);
  }
  if (lua_toboolean(L, i)) {
    NodeId lhs = r.lhs;
    r.lhs = r.rhs;
    r.rhs = lhs;
  }
  return r;
}

/* rule (its number or a table), node [, from right to left] -> the node rewritten by it, or the
   node itself */
static int l_rewrite(lua_State *L) {
  Store *s = bind_store(L);
  Rule r = any_rule(L, s, 4);
  return bind_give(L, s, apply_rule(s, &r, bind_node(L, s, 3)));
}

/* rule (its number or a table), node [, part] -> what the variables of the left side stand for
   where it matches the node, or with `part` some of its terms or factors: a list, 0 for none; or
   nil */
static int l_match(lua_State *L) {
  Store *s = bind_store(L);
  Match m;
  Rule r = any_rule(L, s, 5);
  NodeId x = bind_node(L, s, 3);
  bool found = condition_match(&m, s, &r, r.lhs, x, lua_toboolean(L, 4));
  if (s->status != STORE_OK) return bind_raise(L, s);
  if (!found) return 0;
  lua_createtable(L, RULE_VARIABLES, 0);
  for (int i = 0; i < RULE_VARIABLES; i++) {
    lua_pushinteger(L, m.var[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* kind, node -> the number of the rule that applies to it, if one does */
static int l_rule_applies(lua_State *L) {
  Store *s = bind_store(L);
  uint32_t serial = apply_find(s, kind_arg(L, 2), bind_node(L, s, 3));
  if (!serial) return 0;
  lua_pushinteger(L, serial);
  return 1;
}

/* How often rules have rewritten something. */
static int l_rewrites(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)ruleset_rewrites(bind_store(L)));
  return 1;
}

/* kind, lhs, rhs [, may the right side be large?] -> how many variables the left side has, if
   nothing speaks against the rule (accept.h); else nil */
static int l_accepts(lua_State *L) {
  Store *s = bind_store(L);
  RuleKind kind = kind_arg(L, 2);
  NodeId lhs = bind_node(L, s, 3), rhs = bind_node(L, s, 4);
  uint32_t variables;
  bool accepted = accept_rewrite(s, kind, lhs, rhs, lua_toboolean(L, 5), &variables);
  if (s->status != STORE_OK) return bind_raise(L, s);
  if (!accepted) return 0;
  lua_pushinteger(L, variables);
  return 1;
}

static uint32_t operator_arg(lua_State *L, Store *s, int i) {
  lua_Integer op = luaL_checkinteger(L, i);
  if (op < OP_FIRST_USER || op >= s->ops->n) luaL_argerror(L, i, "no operator of a rule file");
  return (uint32_t)op;
}

/* node, operator, another (their numbers) -> the node with the other one (exchange.h), or nil */
static int l_exchange(lua_State *L) {
  Store *s = bind_store(L);
  NodeId x = bind_node(L, s, 2);
  NodeId made = exchange_operator(s, x, operator_arg(L, s, 3), operator_arg(L, s, 4));
  if (s->status != STORE_OK) return bind_raise(L, s);
  if (!made) return 0;
  lua_pushinteger(L, made);
  return 1;
}

/* kind, node -> the numbers of the rules that apply to the nodes below it, itself included */
static int l_rules_below(lua_State *L) {
  Store *s = bind_store(L);
  RuleKind kind = kind_arg(L, 2);
  NodeId a = bind_node(L, s, 3);
  Vec v;
  vec_init(&v);
  bool ok = apply_find_all(s, kind, a, &v);
  if (ok) bind_push_words(L, &v);
  vec_done(s, &v);
  return ok ? 1 : bind_raise(L, s);
}

/* kind, {[operator] = true, ..} -> the numbers of the rules of that kind, the newest first, for
   these operators and for the engine's own */
static int l_rules_on(lua_State *L) {
  Store *s = bind_store(L);
  RuleKind kind = kind_arg(L, 2);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_settop(L, 3);
  lua_newtable(L);
  lua_Integer n = 0;
  for (uint32_t serial = ruleset_count(s); serial > 0; serial--) {
    const Rule *r = ruleset_at(s, serial);
    if (r->kind != kind || r->gone) continue;
    uint32_t op = node_op(s, r->lhs);
    bool wanted = op < OP_FIRST_USER || lua_rawgeti(L, 3, op) != LUA_TNIL;
    lua_settop(L, 4);
    if (!wanted) continue;
    lua_pushinteger(L, serial);
    lua_rawseti(L, 4, ++n);
  }
  return 1;
}

/* attribute(name, add [, implied]): the bit of an attribute; the bits of those that it implies. */
static int l_attribute(lua_State *L) {
  Store *s = bind_store(L);
  if (lua_isinteger(L, 4)) attribute_implies(s, bind_name(L, s, 2), (uint64_t)lua_tointeger(L, 4));
  lua_pushinteger(L, (lua_Integer)attribute_bit(s, bind_name(L, s, 2), lua_toboolean(L, 3)));
  return s->status == STORE_OK ? 1 : bind_raise(L, s);
}

/* inherit(bits, excluded): from now on expressions inherit the attributes from their letters */
static int l_inherit(lua_State *L) {
  Store *s = bind_store(L);
  s->rules->inherited = (uint64_t)luaL_checkinteger(L, 2);
  s->rules->excluded = (uint64_t)luaL_checkinteger(L, 3);
  s->rules->version++;
  ruleset_forget_attributes(s);
  return 0;
}

static int l_property(lua_State *L) {
  Store *s = bind_store(L);
  lua_pushboolean(L, facts_hold(s, bind_name(L, s, 2), bind_node(L, s, 3)));
  return 1;
}

/* Push a list of instances (instance.h), each a table {serial =, variables = {node or 0, ..},
   conditions = {{name =, negated =, a =, b =}, ..}}. */
static void push_instances(lua_State *L, const Store *s, const Vec *v) {
  lua_createtable(L, (int)(v->n / INSTANCE_WORDS), 0);
  for (uint32_t at = 0; at < v->n; at += INSTANCE_WORDS) {
    const uint32_t *w = v->v + at;
    const Rule *r = ruleset_at(s, w[0]);
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, w[0]);
    lua_setfield(L, -2, "serial");
    lua_createtable(L, RULE_VARIABLES, 0);
    for (uint32_t i = 0; i < RULE_VARIABLES; i++) {
      lua_pushinteger(L, w[1 + i]);
      lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "variables");
    lua_createtable(L, (int)r->conditions, 0);
    for (uint32_t i = 0; i < r->conditions; i++) {
      const uint32_t *arg = w + 1 + RULE_VARIABLES + 2 * i;
      lua_createtable(L, 0, 4);
      lua_pushstring(L, name_text(s, r->condition[i].name));
      lua_setfield(L, -2, "name");
      lua_pushboolean(L, r->condition[i].negated);
      lua_setfield(L, -2, "negated");
      for (int j = 0; j < 2 && arg[j]; j++) {
        lua_pushinteger(L, arg[j]);
        lua_setfield(L, -2, j ? "b" : "a");
      }
      lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "conditions");
    lua_rawseti(L, -2, at / INSTANCE_WORDS + 1);
  }
}

/* kind, node -> all ways in which rules of that kind match the node as a whole */
static int l_instances(lua_State *L) {
  Store *s = bind_store(L);
  RuleKind kind = kind_arg(L, 2);
  NodeId x = bind_node(L, s, 3);
  Vec v;
  vec_init(&v);
  bool ok = instance_all(s, kind, x, &v);
  if (ok) push_instances(L, s, &v);
  vec_done(s, &v);
  return ok ? 1 : bind_raise(L, s);
}

/* property, node -> a list of the instance of the fact that grants it, if one does */
static int l_reason(lua_State *L) {
  Store *s = bind_store(L);
  Vec v;
  vec_init(&v);
  bool ok = facts_reason(s, bind_name(L, s, 2), bind_node(L, s, 3), &v);
  if (ok) push_instances(L, s, &v);
  vec_done(s, &v);
  return ok ? 1 : bind_raise(L, s);
}

/* operator_with(property) -> the name of the one operator that has it, or nil: sum_of_entries,
   cyclic, entry, unit_matrix, member, lone_member */
static int l_operator_with(lua_State *L) {
  Store *s = bind_store(L);
  const char *property = luaL_checkstring(L, 2);
  for (uint32_t i = 0; i < OPERATOR_FLAGS; i++) {
    uint32_t op = strcmp(operator_flag_names[i], property) == 0 ? operator_with(s, 1u << i) : 0;
    if (op) lua_pushstring(L, operator_name(s, op));
    if (op) return 1;
  }
  return 0;
}

const luaL_Reg lua_rule_methods[] = {{"operator", l_operator},
                                     {"operator_with", l_operator_with},
                                     {"rule", l_rule},
                                     {"rule_count", l_rule_count},
                                     {"rule_truncate", l_rule_truncate},
                                     {"rule_restore", l_rule_restore},
                                     {"rule_gone", l_rule_gone},
                                     {"rule_applies", l_rule_applies},
                                     {"rewrite", l_rewrite},
                                     {"match", l_match},
                                     {"rules_below", l_rules_below},
                                     {"rules_on", l_rules_on},
                                     {"rewrites", l_rewrites},
                                     {"accepts", l_accepts},
                                     {"exchange", l_exchange},
                                     {"attribute", l_attribute},
                                     {"inherit", l_inherit},
                                     {"property", l_property},
                                     {"instances", l_instances},
                                     {"reason", l_reason},
                                     {NULL, NULL}};
