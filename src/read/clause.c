/* clause.c: the clauses of statements to tables; the rules of the grammar (nabla.rules.grammar) and
   its actions (nabla.rules.actions) are of the same names. */
#include <string.h>

#include "read/clause.h"

bool clause_takes(Statement *s, const char *key) {
  bool has = lua_getfield(s->L, -1, key) != LUA_TNIL;
  lua_pop(s->L, 1);
  if (has) return false;
  bool may = lua_getfield(s->L, s->takes, key) != LUA_TNIL;
  lua_pop(s->L, 1);
  return may;
}

bool clause_is_before_text(Statement *s, size_t bytes) {
  const char *at = s->r.at;
  s->r.at += bytes;
  reader_skip_space(&s->r);
  bool is = reader_peek(&s->r, 0) == '"';
  s->r.at = at;
  return is;
}

static bool is_statement_word(Statement *s, size_t bytes) {
  lua_pushlstring(s->L, s->r.at, bytes);
  return reader_is_in(s->L, lua_upvalueindex(CLAUSE_STATEMENTS));
}

/* Append the value on top to the list that is a field, which is made by the first. */
static void add_to(lua_State *L, const char *key) {
  if (lua_getfield(L, -2, key) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_createtable(L, 1, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -4, key);
  }
  lua_insert(L, -2);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  lua_pop(L, 1);
}

/* Names with their places, one after another or separated by commas, to a list. */
bool clause_names(Statement *s, const char *key, bool commas) {
  int n = 0;
  lua_createtable(s->L, 2, 0);
  do {
    lua_createtable(s->L, 0, 2);
    reader_pos(&s->r);
    if (!name(s, "name")) return false;
    lua_rawseti(s->L, -2, ++n);
  } while (commas ? sign(s, ",") : reader_name(&s->r) > 0);
  lua_setfield(s->L, -2, key);
  return true;
}

/* ---------------------------------------- clauses */

/* == != <= >= < >, as the grammar writes it; NULL: there is none. */
static const char *relation(Statement *s) {
  static const char *const written[][2] = {{"==", "=="}, {"!=", "!="}, {"~=", "!="}, {"<=", "<="},
                                           {">=", ">="}, {"<", "<"},   {">", ">"}};
  for (size_t i = 0; i < sizeof written / sizeof *written; i++)
    if (sign(s, written[i][0])) return written[i][1];
  return NULL;
}

/* A call or a comparison, which is pushed. */
static bool push_predicate(Statement *s) {
  lua_State *L = s->L;
  if (!expression_read(&s->r)) return false;
  lua_Integer place = reader_place(&s->r, s->r.at);
  const char *op = relation(s);
  if (s->r.skim) return !op || expression_read(&s->r);
  if (!op) {
    lua_getfield(L, -1, "tag");
    bool call = strcmp(lua_tostring(L, -1), "call") == 0;
    lua_pop(L, 1);
    return call;
  }
  lua_createtable(L, 2, 4);
  reader_set_text(L, "tag", "compare");
  reader_set_text(L, "op", op);
  lua_getfield(L, -2, "pos");
  lua_setfield(L, -2, "pos");
  reader_set_place(L, "oppos", place);
  lua_insert(L, -2);
  lua_rawseti(L, -2, 1);
  if (!expression_read(&s->r)) return false;
  lua_rawseti(L, -2, 2);
  return true;
}

static bool push_condition(Statement *s) {
  lua_Integer place = reader_place(&s->r, s->r.at);
  if (!word(s, "not")) return push_predicate(s);
  lua_createtable(s->L, 1, 2);
  reader_set_text(s->L, "tag", "not");
  reader_set_place(s->L, "pos", place);
  if (!push_predicate(s)) return false;
  lua_rawseti(s->L, -2, 1);
  return true;
}

bool clause_conditions(Statement *s, const char *key) {
  int n = 0;
  lua_createtable(s->L, 1, 0);
  do {
    if (!push_condition(s)) return false;
    lua_rawseti(s->L, -2, ++n);
  } while (word(s, "and") || sign(s, ","));
  lua_setfield(s->L, -2, key);
  return true;
}

/* A name or number as a text, the i-th of the list on top. */
static bool value(Statement *s, int i) {
  size_t bytes = reader_name(&s->r);
  if (bytes > 0 && reader_is_reserved(&s->r, bytes)) return false;
  if (bytes == 0) bytes = reader_number(&s->r);
  if (bytes == 0) return false;
  lua_pushlstring(s->L, s->r.at, bytes);
  lua_rawseti(s->L, -2, i);
  s->r.at += bytes;
  return true;
}

/* Values for one variable, to the list on top: those that are followed by no bracket. */
static bool single_values(Statement *s) {
  for (int n = 0;; n++) {
    const char *at = s->r.at;
    lua_createtable(s->L, 1, 0);
    if (!value(s, 1) || reader_peek(&s->r, 0) == '(') {
      s->r.at = at;
      lua_pop(s->L, 1);
      return n > 0;
    }
    reader_skip_space(&s->r);
    lua_rawseti(s->L, -2, n + 1);
  }
}

/* (exp, exp) (sin, cos), values for several variables, to the list on top. */
static bool tuples(Statement *s, int vars) {
  for (int n = 0; n == 0 || reader_peek(&s->r, 0) == '('; n++) {
    if (!sign(s, "(")) return false;
    lua_createtable(s->L, vars, 0);
    for (int i = 1; i <= vars; i++) {
      if (!value(s, i)) return false;
      reader_skip_space(&s->r);
      if (!sign(s, i < vars ? "," : ")")) return false;
    }
    lua_rawseti(s->L, -2, n + 1);
  }
  return true;
}

/* Behind `for`, which is at a place. */
bool clause_loop(Statement *s, lua_Integer place) {
  lua_State *L = s->L;
  int vars = 0;
  lua_createtable(L, 0, 3);
  reader_set_place(L, "pos", place);
  lua_createtable(L, 1, 0);
  do {
    size_t bytes = reader_name(&s->r);
    if (bytes == 0 || reader_is_reserved(&s->r, bytes)) return false;
    lua_pushlstring(L, s->r.at, bytes);
    lua_rawseti(L, -2, ++vars);
    s->r.at += bytes;
    reader_skip_space(&s->r);
  } while (sign(s, ","));
  lua_setfield(L, -2, "vars");
  if (!word(s, "in")) return false;
  lua_createtable(L, 4, 0);
  if (vars == 1 ? !single_values(s) : !tuples(s, vars)) return false;
  lua_setfield(L, -2, "values");
  add_to(L, "loops");
  return true;
}

static bool priority(Statement *s) {
  bool negative = reader_peek(&s->r, 0) == '-';
  lua_Integer n = 0;
  if (negative) s->r.at++;
  const char *first = s->r.at;
  for (; reader_is_digit(reader_peek(&s->r, 0)) && s->r.at - first < 9; s->r.at++)
    n = 10 * n + (*s->r.at - '0');
  char c = reader_peek(&s->r, 0);
  if (s->r.at == first || reader_is_digit(c) || reader_is_letter(c) || c == '.') return false;
  reader_set_place(s->L, "priority", negative ? -n : n);
  reader_skip_space(&s->r);
  return true;
}

/* The code of a language, which is on top of the statement, and the title behind it. */
static bool title_in_language(Statement *s) {
  lua_State *L = s->L;
  lua_pushvalue(L, -1);
  if (!reader_is_in(L, lua_upvalueindex(CLAUSE_LANGUAGES))) return false;
  lua_insert(L, -2); /* the code, below the statement */
  bool may = lua_getfield(L, s->takes, "zh") != LUA_TNIL;
  if (lua_getfield(L, -2, "titles") == LUA_TNIL) {
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, -5, "titles");
    lua_replace(L, -2);
  }
  lua_pushvalue(L, -4);
  if (!may || lua_rawget(L, -2) != LUA_TNIL) return false; /* it is there twice */
  lua_pushvalue(L, -5);
  s->r.at += lua_rawlen(L, -1);
  reader_skip_space(&s->r);
  if (!reader_push_text(&s->r)) return false;
  lua_rawset(L, -4);
  lua_pop(L, 3);
  lua_remove(L, -2);
  return true;
}

/* The word of some bytes and the string behind it. */
static bool option(Statement *s, size_t bytes) {
  lua_State *L = s->L;
  lua_pushlstring(L, s->r.at, bytes);
  lua_pushvalue(L, -1);
  if (!reader_is_in(L, lua_upvalueindex(CLAUSE_OPTIONS))) return title_in_language(s);
  lua_insert(L, -2); /* the key, below the statement */
  if (!clause_takes(s, lua_tostring(L, -2))) return false;
  lua_insert(L, -2);
  s->r.at += bytes;
  reader_skip_space(&s->r);
  if (!reader_push_text(&s->r)) return false;
  lua_rawset(L, -3);
  return true;
}

bool clause_is_flag(const Reader *r, size_t bytes) {
  if (bytes < 2 || r->at[0] == '_') return false;
  for (size_t i = 0; i < bytes; i++)
    if (!((r->at[i] >= 'a' && r->at[i] <= 'z') || r->at[i] == '_')) return false;
  return reader_peek(r, (int)bytes) != '(';
}

/* The word of some bytes among the flags of the statement, with its place. */
static void add_flag(Statement *s, size_t bytes) {
  lua_State *L = s->L;
  if (lua_getfield(L, -1, "flags") == LUA_TNIL) {
    lua_pop(L, 1);
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "flags");
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, -1);
    lua_setfield(L, -4, "flagpos");
  } else lua_getfield(L, -2, "flagpos");
  lua_pushlstring(L, s->r.at, bytes);
  lua_pushvalue(L, -1);
  lua_pushinteger(L, reader_place(&s->r, s->r.at));
  lua_rawset(L, -4);
  lua_pushboolean(L, 1);
  lua_rawset(L, -4);
  lua_pop(L, 2);
  s->r.at += bytes;
  reader_skip_space(&s->r);
}

/* An option, or a word that is a flag. */
Taken clause_option_or_flag(Statement *s) {
  size_t bytes = reader_name(&s->r);
  if (bytes == 0) return NONE;
  bool zh_or_cite = reader_is_word(&s->r, bytes, "zh") || reader_is_word(&s->r, bytes, "cite");
  if (!zh_or_cite && (reader_is_reserved(&s->r, bytes) || is_statement_word(s, bytes)))
    return clause_is_before_text(s, bytes) ? WRONG : NONE;
  if (clause_is_before_text(s, bytes)) return taken(option(s, bytes));
  if (zh_or_cite) return WRONG;
  if (!clause_is_flag(&s->r, bytes)) return NONE;
  bool may = lua_getfield(s->L, s->takes, "flag") != LUA_TNIL;
  lua_pop(s->L, 1);
  if (!may) return WRONG;
  add_flag(s, bytes);
  return TAKEN;
}

/* An option alone. */
Taken clause_option(Statement *s) {
  size_t bytes = reader_name(&s->r);
  return bytes > 0 && clause_is_before_text(s, bytes) ? clause_option_or_flag(s) : NONE;
}

bool clause_options(Statement *s) {
  Taken taken;
  while ((taken = clause_option(s)) == TAKEN) continue;
  return taken == NONE;
}

static Taken clause(Statement *s) {
  lua_Integer place = reader_place(&s->r, s->r.at);
  if (word(s, "if"))
    return taken(clause_takes(s, "conditions") && clause_conditions(s, "conditions"));
  if (word(s, "for")) {
    bool may = lua_getfield(s->L, s->takes, "loops") != LUA_TNIL;
    lua_pop(s->L, 1);
    return taken(may && clause_loop(s, place));
  }
  if (word(s, "priority")) return taken(clause_takes(s, "priority") && priority(s));
  return clause_option_or_flag(s);
}

/* What the statement may take and has not got: no flags, no conditions. */
void clause_finish(Statement *s) {
  static const char *const lists[][2] = {{"flag", "flags"}, {"conditions", "conditions"}};
  for (int i = 0; i < 2; i++) {
    bool missing = clause_takes(s, lists[i][0]);
    if (missing && i == 0) {
      missing = lua_getfield(s->L, -1, "flags") == LUA_TNIL;
      lua_pop(s->L, 1);
    }
    if (!missing) continue;
    lua_newtable(s->L);
    lua_setfield(s->L, -2, lists[i][1]);
  }
}

bool clause_tail(Statement *s) {
  Taken taken;
  while ((taken = clause(s)) == TAKEN) continue;
  if (taken == WRONG) return false;
  clause_finish(s);
  return true;
}

static bool loops(Statement *s) {
  lua_Integer place = reader_place(&s->r, s->r.at);
  while (word(s, "for")) {
    if (!clause_loop(s, place)) return false;
    place = reader_place(&s->r, s->r.at);
  }
  return true;
}

bool clause_head(Statement *s) {
  return loops(s) && (reader_peek(&s->r, 0) != '"' || text(s, "name")) && loops(s);
}
