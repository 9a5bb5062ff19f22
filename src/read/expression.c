/* expression.c: plain expressions to syntax trees, quickly: `x'*A*x + b`.

   Plain are names and numbers, calls, brackets, + - * / .* ./ ' ^ and .^, entries as (A*B)(i,j),
   counted sums and imaginary numbers, all in ASCII but names in rule files. Invariant: where a
   function here gives a tree, the grammar (nabla.language.expressions) gives the same, with the
   same places; of any other text, a mistake among them, it gives nothing, and the grammar reads it
   or says what is wrong.

   An expression of a rule file ends where its grammar (nabla.rules.grammar) has it end: before a
   word, an arrow, an equals sign or a line that is no part of the statement.

   Expressions are read by precedence: trees wait on the stack of Lua, operators and open brackets
   on a stack of their own, so that depth costs no C stack. */
#include <string.h>

#include "read/expression.h"

enum {
  FILE_DEPTH = 40, /* of brackets in a rule file; the grammar reads what is deeper or longer */
  FILE_BYTES = 4000,
  DEPTH = 10000, /* of brackets, as in the grammar */
  OPERANDS = 4,
  MOST = 100000 /* signs and brackets that wait: with more the grammar has no room either */
};

/* ---------------------------------------- trees */

/* A new tree on top, with room for its fields and for parts. */
static void push_tree(lua_State *L, const char *tag, int parts, int fields) {
  lua_createtable(L, parts, fields);
  reader_set_text(L, "tag", tag);
}

/* In the place of a tree, where none is wanted. */
static void push_none(Reader *r) { lua_pushboolean(r->L, 0); }

/* A leaf of the next bytes. */
static void push_leaf(Reader *r, const char *tag, const char *key, size_t bytes) {
  if (r->skim) {
    push_none(r);
    r->at += bytes;
    return;
  }
  push_tree(r->L, tag, 0, 4);
  lua_pushlstring(r->L, r->at, bytes);
  lua_setfield(r->L, -2, key);
  reader_set_place(r->L, "pos", reader_place(r, r->at));
  r->at += bytes;
}

/* The tree on top begins where that at an index does. */
static void begin_at(lua_State *L, int index) {
  index = lua_absindex(L, index);
  lua_getfield(L, index, "pos");
  lua_setfield(L, -2, "pos");
}

/* A list of one value or, with `more`, two: those on top; with room for the others of most sums and
   products, since a list that grows costs more than all else here. */
static void take_list(lua_State *L, int more) {
  lua_createtable(L, OPERANDS - 1 + more, 0);
  lua_insert(L, -2 - more);
  for (int i = 1 + more; i > 0; i--) lua_rawseti(L, -1 - i, i);
}

/* The two trees on top as one, with the sign w between them; the left one grows, if it is of the
   same kind. */
static void join(Reader *r, const Waiting *w) {
  lua_State *L = r->L;
  if (r->skim) {
    lua_pop(L, 1);
    return;
  }
  bool sum = w->what == WAIT_SUM;
  int n = w->count;
  if (n > 1) {
    reader_append(L, "args", n + 1);
    if (sum) lua_pushinteger(L, *w->sign == '+' ? 1 : -1);
    else lua_pushstring(L, w->sign);
    reader_append(L, sum ? "signs" : "ops", sum ? n + 1 : n);
    lua_pushinteger(L, w->place);
    reader_append(L, "oppos", sum ? n + 1 : n);
    return;
  }
  push_tree(L, sum ? "sum" : "product", 0, 5);
  begin_at(L, -3);
  if (sum) {
    lua_pushinteger(L, 1);
    lua_pushinteger(L, *w->sign == '+' ? 1 : -1);
    take_list(L, 1);
    lua_setfield(L, -2, "signs");
    lua_pushboolean(L, 0);
    lua_pushinteger(L, w->place);
    take_list(L, 1);
  } else {
    lua_pushstring(L, w->sign);
    take_list(L, 0);
    lua_setfield(L, -2, "ops");
    lua_pushinteger(L, w->place);
    take_list(L, 0);
  }
  lua_setfield(L, -2, "oppos");
  lua_insert(L, -3);
  take_list(L, 1);
  lua_setfield(L, -2, "args");
}

static void negate(Reader *r, lua_Integer at) {
  lua_State *L = r->L;
  if (r->skim) return;
  push_tree(L, "neg", 1, 2);
  reader_set_place(L, "pos", at);
  lua_insert(L, -2);
  lua_rawseti(L, -2, 1);
}

static void transpose(Reader *r, lua_Integer at) {
  lua_State *L = r->L;
  if (r->skim) return;
  push_tree(L, "transpose", 1, 4);
  begin_at(L, -2);
  reader_set_place(L, "oppos", at);
  lua_insert(L, -2);
  lua_rawseti(L, -2, 1);
}

static void raise_power(Reader *r, const Waiting *w) {
  lua_State *L = r->L;
  if (r->skim) {
    lua_pop(L, 1);
    return;
  }
  push_tree(L, "power", 2, 4);
  begin_at(L, -3);
  reader_set_place(L, "oppos", w->place);
  lua_pushboolean(L, *w->sign == '.');
  lua_setfield(L, -2, "elementwise");
  lua_insert(L, -3);
  lua_rawseti(L, -3, 2);
  lua_rawseti(L, -2, 1);
}

/* The tree on top was in brackets. */
static void bracket(Reader *r, lua_Integer at) {
  lua_State *L = r->L;
  if (r->skim) return;
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "paren");
  lua_getfield(L, -1, "tag");
  const char *tag = lua_tostring(L, -1);
  bool keeps = strcmp(tag, "name") == 0 || strcmp(tag, "number") == 0 || strcmp(tag, "call") == 0;
  lua_pop(L, 1);
  if (!keeps) reader_set_place(L, "pos", at);
}

/* An imaginary number, of some bytes before the i: the unit, or a number times the unit. */
static void push_imaginary(Reader *r, size_t bytes) {
  lua_State *L = r->L;
  lua_Integer at = reader_place(r, r->at);
  if (r->skim) {
    push_none(r);
    r->at += bytes + 1;
    return;
  }
  bool unit = bytes == 1 && *r->at == '1';
  if (!unit) {
    push_tree(L, "product", 0, 5);
    lua_createtable(L, 2, 0);
    push_leaf(r, "number", "text", bytes);
    lua_rawseti(L, -2, 1);
  } else r->at += bytes;
  push_tree(L, "name", 0, 4);
  reader_set_text(L, "name", "imagunit");
  reader_set_place(L, "pos", at);
  r->at++; /* the i */
  if (unit) return;
  lua_rawseti(L, -2, 2);
  lua_setfield(L, -2, "args");
  lua_pushliteral(L, "*");
  take_list(L, 0);
  lua_setfield(L, -2, "ops");
  lua_pushinteger(L, at);
  take_list(L, 0);
  lua_setfield(L, -2, "oppos");
  reader_set_place(L, "pos", at);
  reader_set_true(L, "paren");
}

/* ---------------------------------------- expressions */

static Waiting *top(Reader *r) { return r->n ? &r->waiting[r->n - 1] : NULL; }

/* Let something wait. The userdata that holds what waits lies below all trees. */
static void wait(Reader *r, Waits what, lua_Integer at, const char *sign, int count) {
  if (r->n == r->most) {
    Waiting *more = lua_newuserdata(r->L, (size_t)r->most * 2 * sizeof *more);
    memcpy(more, r->waiting, (size_t)r->n * sizeof *more);
    lua_replace(r->L, r->kept);
    r->waiting = more;
    r->most *= 2;
  }
  r->waiting[r->n++] = (Waiting){what, at, sign, count};
}

/* Work off what binds at least as tightly as `least`; how many operands the sum or product on top
   has, if the last one worked off was `least`, else 1. */
static int work_off(Reader *r, Waits least) {
  int count = 1;
  for (Waiting *w = top(r); w && w->what >= least; w = top(r)) {
    if (w->what == WAIT_SIGN || w->what == WAIT_EXPONENT_SIGN) negate(r, w->place);
    else if (w->what == WAIT_POWER) raise_power(r, w);
    else join(r, w);
    count = w->what == least ? w->count + 1 : 1;
    r->n--;
  }
  return count;
}

static bool open_bracket(Reader *r, Waits what) {
  wait(r, what, reader_place(r, r->at), NULL, 0);
  r->at++;
  return ++r->brackets <= (r->margin ? FILE_DEPTH : DEPTH);
}

/* A counted sum that begins at a place, with a variable of some bytes, as yet without its parts. */
static void push_counted(Reader *r, const char *begin, const char *var, size_t bytes) {
  if (r->skim) {
    push_none(r);
    return;
  }
  push_tree(r->L, "sumover", 0, 6);
  lua_pushlstring(r->L, var, bytes);
  lua_setfield(r->L, -2, "var");
  reader_set_place(r->L, "pos", reader_place(r, begin));
}

/* A call of the name of some bytes, as yet without arguments. */
static void push_call(Reader *r, size_t bytes) {
  push_leaf(r, "call", "name", bytes);
  if (r->skim) return;
  lua_createtable(r->L, 2, 0);
  lua_setfield(r->L, -2, "args");
}

/* Go on behind `sum(i =`, if the call begins so, and let the counted sum wait. */
static bool begin_counted(Reader *r) {
  const char *begin = r->at;
  r->at += 4; /* sum( */
  reader_skip_space(r);
  const char *var = r->at;
  size_t bytes = reader_name(r);
  if (bytes > 0 && !reader_is_reserved(r, bytes)) {
    r->at += bytes;
    reader_skip_space(r);
    if (reader_peek(r, 0) == '=' && reader_peek(r, 1) != '=') {
      push_counted(r, begin, var, bytes);
      return true;
    }
  }
  r->at = begin;
  return false;
}

/* Is the number of some bytes at the place imaginary? */
static bool is_imaginary(const Reader *r, size_t bytes) {
  char c = reader_peek(r, (int)bytes + 1);
  return reader_peek(r, (int)bytes) == 'i' && !reader_is_letter(c) && !reader_is_digit(c) &&
         !(c & 0x80);
}

/* What may begin where an operand is expected; *operand: it is there. */
static bool read_operand(Reader *r, bool *operand) {
  const Waiting *w = top(r);
  char c = reader_peek(r, 0);
  size_t bytes;
  *operand = false;
  if (c == '-' && reader_peek(r, 1) != '>') {
    bool raised = w && w->what >= WAIT_POWER;
    wait(r, raised ? WAIT_EXPONENT_SIGN : WAIT_SIGN, reader_place(r, r->at++), NULL, 0);
  } else if (c == '+') r->at++;
  else if (c == '(') return open_bracket(r, WAIT_BRACKET);
  else if ((bytes = reader_name(r)) > 0) {
    if (reader_is_reserved(r, bytes)) return false;
    if (reader_peek(r, (int)bytes) == '(') {
      if (reader_is_word(r, bytes, "sum") && begin_counted(r)) return open_bracket(r, WAIT_COUNTED);
      push_call(r, bytes);
      return open_bracket(r, WAIT_CALL);
    }
    push_leaf(r, "name", "name", bytes);
    *operand = true;
  } else if ((bytes = reader_number(r)) > 0) {
    char behind = reader_peek(r, (int)bytes);
    if (is_imaginary(r, bytes)) push_imaginary(r, bytes);
    else if (behind == 'i' || (behind & 0x80)) return false;
    else push_leaf(r, "number", "text", bytes);
    *operand = true;
  } else return false;
  return true;
}

/* The sum or product that goes on with a sign of some bytes. */
static void go_on(Reader *r, Waits what, const char *sign, size_t bytes) {
  int count = work_off(r, what);
  wait(r, what, reader_place(r, r->at), sign, count);
  r->at += bytes;
}

typedef enum { IS_OPERAND, NEEDS_OPERAND, ENDS, FAILS } State;

/* The innermost bracket goes on at a comma, or ends. */
static State in_bracket(Reader *r, bool comma) {
  work_off(r, WAIT_SUM);
  Waiting *w = top(r);
  if (!w) return ENDS;
  if (w->what == WAIT_COUNTED ? w->count != (comma ? 1 : 2) : comma && w->what == WAIT_BRACKET)
    return FAILS;
  r->at++;
  w->count++;
  if (w->what == WAIT_BRACKET) bracket(r, w->place);
  else if (r->skim) lua_pop(r->L, 1);
  else if (w->what == WAIT_COUNTED) lua_setfield(r->L, -2, comma ? "hi" : "body");
  else reader_append(r->L, "args", w->count);
  if (comma) return NEEDS_OPERAND;
  r->n--;
  r->brackets--;
  return IS_OPERAND;
}

/* Does an expression of a rule file end here? */
static bool ends_in_file(const Reader *r) {
  char c = reader_peek(r, 0);
  if (!r->margin) return false;
  return reader_is_letter(c) || (c & 0x80 && reader_letter(r, r->at)) ||
         (c && strchr("\n\"=<>!~", c)) || (c == '-' && reader_peek(r, 1) == '>');
}

/* `..` behind the first value of the index of a counted sum. */
static State count_up(Reader *r) {
  work_off(r, WAIT_SUM);
  Waiting *w = top(r);
  if (!w || w->what != WAIT_COUNTED || w->count != 0) return FAILS;
  if (r->skim) lua_pop(r->L, 1);
  else lua_setfield(r->L, -2, "lo");
  w->count = 1;
  r->at += 2;
  return NEEDS_OPERAND;
}

/* The byte behind the bracket that closes the one at p; NULL: it is not closed. */
static const char *behind_bracket(const char *p, const char *end) {
  int depth = 0;
  for (; p < end; p++) {
    if (*p == '(') depth++;
    else if (*p == ')' && --depth == 0) return p + 1;
  }
  return NULL;
}

/* An index, as i, k_1 or 2, and the space behind it. */
static bool skip_index(Reader *r) {
  char c = reader_peek(r, 0);
  if (reader_is_digit(c)) {
    while (reader_is_digit(reader_peek(r, 0))) r->at++;
  } else if ((c >= 'i' && c <= 'n') || (c >= 'p' && c <= 's')) {
    r->at++;
    if (reader_peek(r, 0) == '_') r->at++;
    while (reader_is_digit(reader_peek(r, 0))) r->at++;
  } else return false;
  c = reader_peek(r, 0);
  if (reader_is_letter(c) || (c & 0x80)) return false;
  reader_skip_space(r);
  return true;
}

/* Are in the brackets at the place indices, as in (A*B)(i,j): several, or one that is a letter or a
   number? (a)(b) is more likely a product. */
static bool looks_indexed(const Reader *reader) {
  Reader r = *reader;
  const char *first;
  r.at++;
  reader_skip_space(&r);
  first = r.at;
  while (skip_index(&r)) {
    char c = reader_peek(&r, 0);
    if (c == ')') return true;
    if (!c || !strchr("+-*", c)) break;
    r.at++;
    reader_skip_space(&r);
  }
  for (r.at = first; r.at < r.end && *r.at != ')';) {
    if (*r.at == ',') return r.at > first;
    const char *p = *r.at == '(' ? behind_bracket(r.at, r.end) : r.at + 1;
    if (!p) return false;
    r.at = p;
  }
  return false;
}

/* A bracket close behind an operand: of an entry, or a mistake. */
static State begin_entry(Reader *r) {
  char before = r->at[-1]; /* there is an operand */
  if ((before != ')' && before != '\'' && before != ']') || !looks_indexed(r)) return FAILS;
  if (r->skim) return open_bracket(r, WAIT_ENTRY) ? NEEDS_OPERAND : FAILS;
  push_tree(r->L, "entry", 1, 4);
  begin_at(r->L, -2);
  reader_set_place(r->L, "oppos", reader_place(r, r->at));
  lua_insert(r->L, -2);
  lua_rawseti(r->L, -2, 1);
  lua_createtable(r->L, 2, 0);
  lua_setfield(r->L, -2, "args");
  return open_bracket(r, WAIT_ENTRY) ? NEEDS_OPERAND : FAILS;
}

static State end_all(Reader *r) {
  work_off(r, WAIT_SUM);
  return r->n ? FAILS : ENDS;
}

/* What may follow an operand. */
static State read_behind(Reader *r) {
  if (ends_in_file(r)) return end_all(r);
  bool dot = reader_peek(r, 0) == '.';
  char c = reader_peek(r, dot);
  lua_Integer here = reader_place(r, r->at);
  switch (c) {
    case '\'':
      r->at += 1 + dot;
      transpose(r, here);
      return IS_OPERAND;
    case '^':
      wait(r, WAIT_POWER, here, dot ? ".^" : "^", 0);
      r->at += 1 + dot;
      return NEEDS_OPERAND;
    case '*':
      if (reader_peek(r, dot + 1) == '*') return FAILS;
      go_on(r, WAIT_PRODUCT, dot ? ".*" : "*", 1u + dot);
      return NEEDS_OPERAND;
    case '/': go_on(r, WAIT_PRODUCT, dot ? "./" : "/", 1u + dot); return NEEDS_OPERAND;
    case '+':
    case '-':
      if (dot || (c == '-' && reader_peek(r, 1) == '>')) return FAILS;
      go_on(r, WAIT_SUM, c == '+' ? "+" : "-", 1);
      return NEEDS_OPERAND;
    case '(': return dot ? FAILS : begin_entry(r);
    case '.': return dot ? count_up(r) : FAILS;
    case ',': return dot ? FAILS : in_bracket(r, true);
    case ')': return dot ? FAILS : in_bracket(r, false);
    case '\0': return dot || r->at < r->end ? FAILS : end_all(r);
    default: return FAILS;
  }
}

bool expression_read(Reader *r) {
  const char *first = r->at;
  State state = NEEDS_OPERAND;
  r->n = 0;
  r->brackets = 0;
  while (state == NEEDS_OPERAND || state == IS_OPERAND) {
    bool primary = false;
    if (r->n > MOST || !lua_checkstack(r->L, 12)) return false;
    if (state == NEEDS_OPERAND) {
      if (!read_operand(r, &primary)) return false;
      if (primary) state = IS_OPERAND;
    } else {
      char c = reader_peek(r, 0);
      state = read_behind(r);
      primary = state == IS_OPERAND && c == ')';
    }
    if (primary) work_off(r, WAIT_POWER); /* an exponent has no more than this */
    reader_skip_space(r);
  }
  return state == ENDS && (!r->margin || r->at - first <= FILE_BYTES);
}
