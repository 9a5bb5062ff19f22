/* lua_plain.c: plain texts to syntax trees, quickly: `x'*A*x + b`, `matrix A(m,n) symmetric`.

   Plain are names and numbers in ASCII, calls, brackets, + - * / .* ./ ' ^ and .^, and declarations
   of scalars, vectors and matrices with sizes and attributes. Invariant: where a function here
   gives trees, the grammar (nabla.language.syntax) gives the same, with the same places; of any
   other text, a mistake among them, it gives nothing, and the grammar reads it or says what is
   wrong.

   An expression of a rule file ends where its grammar (nabla.rules.grammar) has it end: before a
   word, an arrow, an equals sign or a line that is no part of the statement.

   Expressions are read by precedence: trees wait on the stack of Lua, operators and open brackets
   on a stack of their own, so that depth costs no C stack. */
#include <stdbool.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/lua_plain.h"

enum {
  ROOM = 64,
  FILE_DEPTH = 40, /* of brackets in a rule file; the grammar reads what is deeper or longer */
  FILE_BYTES = 4000,
  DEPTH = 10000, /* of brackets, as in the grammar */
  MOST = 100000  /* signs and brackets that wait: with more the grammar has no room either */
};

/* What waits for its right operand or its end; those that bind more tightly have larger numbers. */
typedef enum { BRACKET, CALL, SUM, PRODUCT, SIGN, POWER, EXPONENT_SIGN } Waits;

typedef struct {
  Waits what;
  lua_Integer place; /* of its sign */
  const char *sign;  /* of a sum or product */
  int count;         /* of a call: its arguments; of a sum or product: operands before this sign */
} Waiting;

typedef struct {
  lua_State *L;
  const char *text, *at, *end;
  int brackets;
  Waiting room[ROOM], *waiting; /* waiting: room, or a userdata at index `kept` */
  int n, most, kept;
  /* of a rule file: the margin of its statements, and the index of the set of words that are no
     names; NULL: of another text */
  const char *margin;
  size_t margin_bytes;
  int reserved;
} Reader;

static lua_Integer place(const Reader *r, const char *at) { return at - r->text + 1; }

/* The character at a place; 0 behind the end. */
static char peek(const Reader *r, int ahead) {
  return r->end - r->at > ahead ? r->at[ahead] : '\0';
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/* The next byte that is no blank and not in a comment. */
static const char *behind_blanks(const Reader *r, const char *p) {
  while (p < r->end && is_blank(*p)) p++;
  if (p < r->end && *p == '#')
    while (p < r->end && *p != '\n') p++;
  return p;
}

/* In a rule file the end of a line is space if the next line that is not empty is indented more
   than statements are. */
static void skip_space_of_file(Reader *r) {
  for (;;) {
    const char *p = behind_blanks(r, r->at), *line = p;
    r->at = p;
    while (p < r->end && *p == '\n') {
      line = p + 1;
      p = behind_blanks(r, line);
    }
    if (line == r->at) return;
    if (p < r->end && (*p & 0x80)) { /* perhaps a blank of Unicode, which the grammar knows */
      r->at = p;
      return;
    }
    size_t left = (size_t)(r->end - line), n = r->margin_bytes;
    if (left <= n || memcmp(line, r->margin, n) != 0 || !is_blank(line[n])) return;
    r->at = line + n;
  }
}

static void skip_space(Reader *r) {
  if (r->margin) {
    skip_space_of_file(r);
    return;
  }
  while (r->at < r->end && strchr(" \t\r\n", *r->at) && *r->at) r->at++;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Bytes of the name at the place; 0: there is none, or it has other characters than plain ones. */
static size_t name_here(const Reader *r) {
  const char *p = r->at;
  if (p == r->end || !is_letter(*p)) return 0;
  while (p < r->end && (is_letter(*p) || is_digit(*p))) p++;
  return p < r->end && (*p & 0x80) ? 0 : (size_t)(p - r->at);
}

/* Bytes of the number at the place; 0: there is none, or the imaginary unit follows. In 1.*x and
   1.' the point is part of the sign. */
static size_t number_here(const Reader *r) {
  const char *p = r->at, *end = r->end;
  while (p < end && is_digit(*p)) p++;
  bool whole = p > r->at;
  if (p < end && *p == '.' && p + 1 < end && is_digit(p[1])) {
    p++;
    while (p < end && is_digit(*p)) p++;
  } else if (!whole) return 0;
  else if (p < end && *p == '.' && !(p + 1 < end && strchr("*/^'.", p[1]) && p[1])) p++;
  if (p < end && (*p == 'e' || *p == 'E')) {
    const char *q = p + 1;
    if (q < end && (*q == '+' || *q == '-')) q++;
    if (q < end && is_digit(*q)) {
      p = q;
      while (p < end && is_digit(*p)) p++;
    }
  }
  return p < end && (*p == 'i' || (*p & 0x80)) ? 0 : (size_t)(p - r->at);
}

/* ---------------------------------------- trees */

static void set_text(lua_State *L, const char *key, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, key);
}

static void set_place(lua_State *L, const char *key, lua_Integer at) {
  lua_pushinteger(L, at);
  lua_setfield(L, -2, key);
}

/* A new tree on top, with room for its fields and for parts. */
static void push_tree(lua_State *L, const char *tag, int parts, int fields) {
  lua_createtable(L, parts, fields);
  set_text(L, "tag", tag);
}

/* A leaf of the next bytes. */
static void push_leaf(Reader *r, const char *tag, const char *key, size_t bytes) {
  push_tree(r->L, tag, 0, 4);
  lua_pushlstring(r->L, r->at, bytes);
  lua_setfield(r->L, -2, key);
  set_place(r->L, "pos", place(r, r->at));
  r->at += bytes;
}

/* The tree on top begins where that at an index does. */
static void begin_at(lua_State *L, int index) {
  index = lua_absindex(L, index);
  lua_getfield(L, index, "pos");
  lua_setfield(L, -2, "pos");
}

/* A list of one value or, with `more`, two: those on top. */
static void take_list(lua_State *L, int more) {
  lua_createtable(L, 1 + more, 0);
  lua_insert(L, -2 - more);
  for (int i = 1 + more; i > 0; i--) lua_rawseti(L, -1 - i, i);
}

/* Append the value on top to the list `key` of the tree below it, as its i-th. */
static void append(lua_State *L, const char *key, int i) {
  lua_getfield(L, -2, key);
  lua_insert(L, -2);
  lua_rawseti(L, -2, i);
  lua_pop(L, 1);
}

/* The two trees on top as one, with the sign w between them; the left one grows, if it is of the
   same kind. */
static void join(lua_State *L, const Waiting *w) {
  bool sum = w->what == SUM;
  int n = w->count;
  if (n > 1) {
    append(L, "args", n + 1);
    if (sum) lua_pushinteger(L, *w->sign == '+' ? 1 : -1);
    else lua_pushstring(L, w->sign);
    append(L, sum ? "signs" : "ops", sum ? n + 1 : n);
    lua_pushinteger(L, w->place);
    append(L, "oppos", sum ? n + 1 : n);
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

static void negate(lua_State *L, lua_Integer at) {
  push_tree(L, "neg", 1, 2);
  set_place(L, "pos", at);
  lua_insert(L, -2);
  lua_rawseti(L, -2, 1);
}

static void transpose(lua_State *L, lua_Integer at) {
  push_tree(L, "transpose", 1, 4);
  begin_at(L, -2);
  set_place(L, "oppos", at);
  lua_insert(L, -2);
  lua_rawseti(L, -2, 1);
}

static void raise_power(lua_State *L, const Waiting *w) {
  push_tree(L, "power", 2, 4);
  begin_at(L, -3);
  set_place(L, "oppos", w->place);
  lua_pushboolean(L, *w->sign == '.');
  lua_setfield(L, -2, "elementwise");
  lua_insert(L, -3);
  lua_rawseti(L, -3, 2);
  lua_rawseti(L, -2, 1);
}

/* The tree on top was in brackets. */
static void bracket(lua_State *L, lua_Integer at) {
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "paren");
  lua_getfield(L, -1, "tag");
  const char *tag = lua_tostring(L, -1);
  bool keeps = strcmp(tag, "name") == 0 || strcmp(tag, "number") == 0 || strcmp(tag, "call") == 0;
  lua_pop(L, 1);
  if (!keeps) set_place(L, "pos", at);
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
    if (w->what == SIGN || w->what == EXPONENT_SIGN) negate(r->L, w->place);
    else if (w->what == POWER) raise_power(r->L, w);
    else join(r->L, w);
    count = w->what == least ? w->count + 1 : 1;
    r->n--;
  }
  return count;
}

static bool open_bracket(Reader *r, Waits what) {
  wait(r, what, place(r, r->at), NULL, 0);
  r->at++;
  return ++r->brackets <= (r->margin ? FILE_DEPTH : DEPTH);
}

/* Is the name of some bytes a word of rule files? */
static bool is_reserved(const Reader *r, size_t bytes) {
  if (!r->margin) return false;
  lua_pushlstring(r->L, r->at, bytes);
  bool reserved = lua_rawget(r->L, r->reserved) != LUA_TNIL;
  lua_pop(r->L, 1);
  return reserved;
}

/* What may begin where an operand is expected; *operand: it is there. */
static bool read_operand(Reader *r, bool *operand) {
  const Waiting *w = top(r);
  char c = peek(r, 0);
  size_t bytes;
  *operand = false;
  if (c == '-' && peek(r, 1) != '>') {
    bool raised = w && w->what >= POWER;
    wait(r, raised ? EXPONENT_SIGN : SIGN, place(r, r->at++), NULL, 0);
  } else if (c == '+') r->at++;
  else if (c == '(') return open_bracket(r, BRACKET);
  else if ((bytes = name_here(r)) > 0) {
    if (is_reserved(r, bytes)) return false;
    if (peek(r, (int)bytes) == '(') {
      push_leaf(r, "call", "name", bytes);
      lua_createtable(r->L, 2, 0);
      lua_setfield(r->L, -2, "args");
      return open_bracket(r, CALL);
    }
    push_leaf(r, "name", "name", bytes);
    *operand = true;
  } else if ((bytes = number_here(r)) > 0) {
    push_leaf(r, "number", "text", bytes);
    *operand = true;
  } else return false;
  return true;
}

/* The sum or product that goes on with a sign of some bytes. */
static void go_on(Reader *r, Waits what, const char *sign, size_t bytes) {
  int count = work_off(r, what);
  wait(r, what, place(r, r->at), sign, count);
  r->at += bytes;
}

typedef enum { IS_OPERAND, NEEDS_OPERAND, ENDS, FAILS } State;

/* The innermost bracket goes on at a comma, or ends. */
static State in_bracket(Reader *r, bool comma) {
  work_off(r, SUM);
  Waiting *w = top(r);
  if (!w) return ENDS;
  if (comma && w->what != CALL) return FAILS;
  r->at++;
  if (w->what == CALL) append(r->L, "args", ++w->count);
  else bracket(r->L, w->place);
  if (comma) return NEEDS_OPERAND;
  r->n--;
  r->brackets--;
  return IS_OPERAND;
}

/* Does an expression of a rule file end here? */
static bool ends_in_file(const Reader *r) {
  char c = peek(r, 0);
  if (!r->margin) return false;
  return is_letter(c) || (c && strchr("\n\"=<>!", c)) || (c == '-' && peek(r, 1) == '>');
}

static State end_all(Reader *r) {
  work_off(r, SUM);
  return r->n ? FAILS : ENDS;
}

/* What may follow an operand. A bracket that does is of an entry, or a mistake. */
static State read_behind(Reader *r) {
  if (ends_in_file(r)) return end_all(r);
  bool dot = peek(r, 0) == '.';
  char c = peek(r, dot);
  lua_Integer here = place(r, r->at);
  switch (c) {
    case '\'':
      r->at += 1 + dot;
      transpose(r->L, here);
      return IS_OPERAND;
    case '^':
      wait(r, POWER, here, dot ? ".^" : "^", 0);
      r->at += 1 + dot;
      return NEEDS_OPERAND;
    case '*':
      if (peek(r, dot + 1) == '*') return FAILS;
      go_on(r, PRODUCT, dot ? ".*" : "*", 1u + dot);
      return NEEDS_OPERAND;
    case '/': go_on(r, PRODUCT, dot ? "./" : "/", 1u + dot); return NEEDS_OPERAND;
    case '+':
    case '-':
      if (dot || (c == '-' && peek(r, 1) == '>')) return FAILS;
      go_on(r, SUM, c == '+' ? "+" : "-", 1);
      return NEEDS_OPERAND;
    case ',': return dot ? FAILS : in_bracket(r, true);
    case ')': return dot ? FAILS : in_bracket(r, false);
    case '\0': return dot || r->at < r->end ? FAILS : end_all(r);
    default: return FAILS;
  }
}

/* An expression, up to the end or to a comma or bracket that is not its own; its tree is pushed. */
static bool read_expression(Reader *r) {
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
      char c = peek(r, 0);
      state = read_behind(r);
      primary = state == IS_OPERAND && c == ')';
    }
    if (primary) work_off(r, POWER); /* an exponent has no more than this */
    skip_space(r);
  }
  return state == ENDS;
}

static void start(Reader *r, lua_State *L) {
  size_t size;
  r->L = L;
  r->text = r->at = luaL_checklstring(L, 1, &size);
  r->end = r->text + size;
  r->waiting = r->room;
  r->most = ROOM;
  r->n = 0;
  r->brackets = 0;
  r->margin = NULL;
  lua_settop(L, 1);
  lua_pushnil(L);
  r->kept = 2;
  skip_space(r);
}

/* text -> its tree; nil: it is not plain */
static int l_expression(lua_State *L) {
  Reader r;
  start(&r, L);
  if (!read_expression(&r) || r.at < r.end) lua_pushnil(L);
  return 1;
}

/* text of a rule file, the place behind the first byte of an expression, margin, set of words that
   are no names -> the place behind the expression and the space that follows, and its tree;
   nothing: it is not plain. As LPeg calls a function at the time of a match. */
static int l_in_file(lua_State *L) {
  Reader r = {.L = L, .waiting = NULL, .most = ROOM, .kept = 5, .reserved = 4};
  size_t size;
  r.text = luaL_checklstring(L, 1, &size);
  r.end = r.text + size;
  r.at = r.text + luaL_checkinteger(L, 2) - 2;
  luaL_argcheck(L, r.at >= r.text && r.at < r.end, 2, "no place in the text");
  r.margin = luaL_checklstring(L, 3, &r.margin_bytes);
  luaL_checktype(L, 4, LUA_TTABLE);
  r.waiting = r.room;
  lua_settop(L, 4);
  lua_pushnil(L);
  const char *first = r.at;
  if (!read_expression(&r) || r.at - first > FILE_BYTES) return 0;
  lua_pushinteger(L, place(&r, r.at));
  lua_insert(L, -2);
  return 2;
}

/* ---------------------------------------- declarations */

static bool is_word(const Reader *r, size_t bytes, const char *word) {
  return strlen(word) == bytes && memcmp(r->at, word, bytes) == 0;
}

/* The words that begin a declaration, or a part of one. The first three have as many sizes as their
   number says; the others are read by the grammar. */
static const char *const words[] = {"scalar",   "vector",   "matrix", "number", "constant",
                                    "variable", "operator", "of",     "for"};
enum { KINDS_READ = 3, WORDS = sizeof words / sizeof *words };

static int word_here(const Reader *r, size_t bytes) {
  int i = 0;
  while (i < WORDS && !is_word(r, bytes, words[i])) i++;
  return i;
}

/* The sizes in brackets, for the declaration on top. */
static bool read_sizes(Reader *r, int kind) {
  lua_State *L = r->L;
  for (int i = 0; i < kind; i++) {
    r->at++; /* the bracket, or a comma */
    skip_space(r);
    if (!read_expression(r) || peek(r, 0) != (i + 1 < kind ? ',' : ')')) return false;
    lua_setfield(L, -2, i == 0 ? "rows" : "cols");
  }
  if (kind == 0) return false;
  r->at++;
  skip_space(r);
  return true;
}

/* The attributes, for the declaration on top. How many there are, or -1. Declarations without any
   share a list. */
static int read_attributes(Reader *r) {
  lua_State *L = r->L;
  int n = 0;
  size_t bytes;
  lua_pushvalue(L, lua_upvalueindex(1));
  while ((bytes = name_here(r)) > 0) {
    if (word_here(r, bytes) < WORDS || peek(r, (int)bytes) == '(') return -1;
    if (n == 0) {
      lua_createtable(L, 1, 0);
      lua_replace(L, -2);
    }
    lua_createtable(L, 0, 2);
    set_place(L, "pos", place(r, r->at));
    lua_pushlstring(L, r->at, bytes);
    lua_setfield(L, -2, "name");
    lua_rawseti(L, -2, ++n);
    r->at += bytes;
    skip_space(r);
  }
  lua_setfield(L, -2, "attributes");
  return n;
}

/* One declaration, of the kind of the one before where it says none (-1: there is none). */
static bool read_declaration(Reader *r, int *kind) {
  lua_State *L = r->L;
  size_t bytes = name_here(r);
  int word = word_here(r, bytes);
  bool bare = true;
  lua_createtable(L, 0, 8);
  set_place(L, "pos", place(r, r->at));
  if (bytes && word < KINDS_READ) {
    *kind = word;
    bare = false;
    r->at += bytes;
    skip_space(r);
    bytes = name_here(r);
    word = word_here(r, bytes);
  }
  /* `of` is no name; `for` is one */
  if (*kind < 0 || bytes == 0 || word < WORDS) return false;
  set_text(L, "kind", words[*kind]);
  set_place(L, "namepos", place(r, r->at));
  lua_pushlstring(L, r->at, bytes);
  lua_setfield(L, -2, "name");
  r->at += bytes;
  skip_space(r);
  if (peek(r, 0) == '(') {
    if (!read_sizes(r, *kind)) return false;
    bare = false;
  }
  int attributes = read_attributes(r);
  if (bare && attributes == 0) {
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, "bare");
  }
  return attributes >= 0;
}

/* text -> the list of its declarations; nil: it is not plain */
static int l_declarations(lua_State *L) {
  Reader r;
  int n = 0, kind = -1;
  start(&r, L);
  lua_createtable(L, 2, 0);
  do {
    if (n) {
      r.at++; /* the comma or semicolon */
      skip_space(&r);
    }
    if (!read_declaration(&r, &kind)) {
      lua_pushnil(L);
      return 1;
    }
    lua_rawseti(L, -2, ++n);
  } while (peek(&r, 0) == ',' || peek(&r, 0) == ';');
  if (r.at < r.end) lua_pushnil(L);
  return 1;
}

/* text, list of texts -> is one of them in the text? */
static int l_has_any(lua_State *L) {
  const char *text = luaL_checkstring(L, 1);
  bool has = false;
  luaL_checktype(L, 2, LUA_TTABLE);
  for (lua_Integer i = 1; !has && lua_rawgeti(L, 2, i) == LUA_TSTRING; i++) {
    has = strstr(text, lua_tostring(L, -1)) != NULL;
    lua_pop(L, 1);
  }
  lua_pushboolean(L, has);
  return 1;
}

int lua_plain_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"expression", l_expression},
                                       {"in_file", l_in_file},
                                       {"declarations", l_declarations},
                                       {"has_any", l_has_any},
                                       {NULL, NULL}};
  luaL_newlibtable(L, functions);
  lua_newtable(L); /* no attributes; it stays empty */
  luaL_setfuncs(L, functions, 1);
  return 1;
}
