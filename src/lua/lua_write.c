/* lua_write.c: display trees (nabla.print.display) as plain text, quickly.

   It writes what most expressions are made of. Invariant: what is written here is what the writers
   of nabla.print.plain write in the format `text`; where a tree has anything else (blocks, a member
   of a family, the conjugate of a letter, an operator with a form of its own), nothing is given,
   and they do it.

   The trees that are not complete wait on the stack of Lua, one slot each, so that depth costs no C
   stack. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/lua_write.h"

/* How tightly a tree holds together, as nabla.print.writing has it. */
typedef enum { NO_LEVEL, SUM, INFIX, TERM, FACTOR, POSTFIX, ATOM } Level;

typedef enum {
  IS_LEAF,     /* its text */
  IS_CALL,     /* a name, arguments in brackets */
  IS_ROW,      /* parts with something between them */
  IS_SUM,      /* the same, by signs */
  IS_NEGATIVE, /* a sign before one part */
  IS_TURNED,   /* a sign behind one part */
  IS_POWER,
  IS_ENTRY,
  IS_DERIVATIVE,
  IS_COUNTED
} Shape;

typedef struct {
  const char *tag;
  Shape shape;
  Level level;
  const char *between; /* the parts of a row or power */
} Kind;

static const Kind kinds[] = {
    {"name", IS_LEAF, ATOM, NULL},          {"number", IS_LEAF, ATOM, NULL},
    {"operator", IS_LEAF, ATOM, NULL},      {"dimension", IS_LEAF, ATOM, NULL},
    {"call", IS_CALL, ATOM, NULL},          {"sum", IS_SUM, SUM, NULL},
    {"product", IS_ROW, TERM, "*"},         {"quotient", IS_ROW, TERM, "/"},
    {"hadamard", IS_ROW, TERM, ".*"},       {"eldiv", IS_ROW, TERM, "./"},
    {"neg", IS_NEGATIVE, SUM, NULL},        {"transpose", IS_TURNED, POSTFIX, NULL},
    {"power", IS_POWER, POSTFIX, "^"},      {"elpower", IS_POWER, POSTFIX, ".^"},
    {"entry", IS_ENTRY, ATOM, NULL},        {"derivative", IS_DERIVATIVE, ATOM, NULL},
    {"counted", IS_COUNTED, ATOM, NULL},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

typedef struct {
  const Kind *kind;
  int parts, next; /* how many there are, and which is the next */
  bool brackets;   /* round it */
} Pending;

enum {
  TREE = 1,
  FORMATS,
  ON_TIME,
  OTHERS,
  NUMBERS, /* tag -> its place among the kinds, and 1 */
  TEXT,    /* a userdata, once the room is too small */
  STACK,   /* of what is pending, the same */
  ROOM = 2048,
  DEEP = 32,
  PIECES = 2000 /* after so many trees the clock is asked */
};

typedef struct {
  lua_State *L;
  char *text, room[ROOM];
  size_t size, most;
  Pending *pending, few[DEEP];
  int depth, deepest;
} Writer;

static void *more_room(lua_State *L, int index, const void *old, size_t used, size_t size) {
  void *more = lua_newuserdata(L, size);
  memcpy(more, old, used);
  lua_replace(L, index);
  return more;
}

static void put(Writer *w, const char *text, size_t size) {
  if (size > w->most - w->size) {
    size_t most = 2 * w->most + size;
    w->text = more_room(w->L, TEXT, w->text, w->size, most);
    w->most = most;
  }
  memcpy(w->text + w->size, text, size);
  w->size += size;
}

static void put_string(Writer *w, const char *text) { put(w, text, strlen(text)); }

/* Put the text that is a field of the tree on top. */
static bool put_field(Writer *w, const char *field) {
  size_t size;
  lua_getfield(w->L, -1, field);
  const char *text = lua_tolstring(w->L, -1, &size);
  if (text) put(w, text, size);
  lua_pop(w->L, 1);
  return text != NULL;
}

static bool has_field(lua_State *L, const char *field) {
  bool has = lua_getfield(L, -1, field) != LUA_TNIL && lua_toboolean(L, -1);
  lua_pop(L, 1);
  return has;
}

/* The kind of the tree on top, or NULL. */
static const Kind *kind_on_top(lua_State *L) {
  if (!lua_istable(L, -1)) return NULL;
  lua_getfield(L, -1, "tag");
  lua_rawget(L, NUMBERS);
  lua_Integer number = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return number > 0 ? &kinds[number - 1] : NULL;
}

/* The name of the call on top: that by which it is typed, if operators share it. */
static bool put_name(Writer *w) {
  lua_State *L = w->L;
  lua_getfield(L, -1, "name");
  if (lua_type(L, -1) != LUA_TSTRING) return false;
  lua_pushvalue(L, -1);
  bool other = lua_rawget(L, OTHERS) != LUA_TNIL;
  lua_pop(L, 1);
  if (other) return false;
  if (lua_istable(L, FORMATS)) {
    lua_pushvalue(L, -1);
    if (lua_gettable(L, FORMATS) == LUA_TTABLE) {
      if (has_field(L, "text")) return false;
      lua_getfield(L, -1, "shown");
      lua_remove(L, -2);
    }
    if (lua_type(L, -1) == LUA_TSTRING) lua_replace(L, -2);
    else lua_pop(L, 1);
  }
  size_t size;
  const char *name = lua_tolstring(L, -1, &size);
  put(w, name, size);
  lua_pop(L, 1);
  return true;
}

/* What is written between the parts of the tree on top, before the next one; the level that this
   one must have. */
static Level before_part(Writer *w, const Pending *p, const Kind *part) {
  int i = p->next;
  switch (p->kind->shape) {
    case IS_ROW:
      if (i > 1) put_string(w, p->kind->between);
      return i > 1 ? FACTOR : TERM;
    case IS_NEGATIVE: put_string(w, "-"); return INFIX;
    case IS_TURNED: return ATOM;
    case IS_POWER:
      if (i == 1) return strcmp(part->tag, "transpose") == 0 ? POSTFIX : ATOM;
      put_string(w, p->kind->between);
      return NO_LEVEL;
    case IS_CALL:
      if (i > 1) put_string(w, ", ");
      return NO_LEVEL;
    case IS_ENTRY:
      if (i > 1) put_string(w, i == 2 ? "(" : ",");
      return i == 1 ? ATOM : NO_LEVEL;
    case IS_DERIVATIVE: put_string(w, i == 1 ? "D(" : ", "); return NO_LEVEL;
    case IS_COUNTED:
      if (i > 1) put_string(w, i == 2 ? ".." : ", ");
      return NO_LEVEL;
    default: return NO_LEVEL;
  }
}

/* The sign before the next term of the sum on top. */
static void put_sign(Writer *w, int i) {
  lua_State *L = w->L;
  lua_getfield(L, -1, "signs");
  lua_rawgeti(L, -1, i);
  bool minus = lua_tonumber(L, -1) < 0;
  lua_pop(L, 2);
  if (i > 1 || minus) put_string(w, i == 1 ? "-" : minus ? " - " : " + ");
}

/* Is the part on top, an exponent, a name or a number, which may have a sign? */
static bool is_bare_exponent(lua_State *L, const Kind *kind) {
  if (strcmp(kind->tag, "name") == 0 || strcmp(kind->tag, "number") == 0) return true;
  if (kind->shape != IS_NEGATIVE) return false;
  lua_rawgeti(L, -1, 1);
  const Kind *inner = kind_on_top(L);
  lua_pop(L, 1);
  return inner && strcmp(inner->tag, "number") == 0;
}

/* Begin the tree on top, which is a leaf or becomes pending; false: it is not written here. */
static bool begin(Writer *w, const Kind *kind, bool brackets) {
  lua_State *L = w->L;
  if (brackets) put_string(w, "(");
  if (kind->shape == IS_LEAF) {
    if (has_field(L, "letter") || !put_field(w, "text")) return false;
    if (brackets) put_string(w, ")");
    lua_pop(L, 1);
    return true;
  }
  int parts = (int)lua_rawlen(L, -1);
  if (kind->shape == IS_CALL) {
    if (!put_name(w)) return false;
    if (parts) put_string(w, "(");
  } else if (kind->shape == IS_COUNTED) {
    put_string(w, "sum(");
    lua_getfield(L, -1, "counter");
    bool named = lua_istable(L, -1) && !has_field(L, "letter") && put_field(w, "text");
    lua_pop(L, 1);
    if (!named) return false;
    put_string(w, " = ");
  } else if (kind->shape == IS_TURNED) {
    lua_rawgeti(L, -1, 1);
    bool conjugate = has_field(L, "conjugate");
    lua_pop(L, 1);
    if (conjugate) return false;
  }
  if (w->depth == w->deepest) {
    size_t used = (size_t)w->depth * sizeof *w->pending;
    w->pending = more_room(L, STACK, w->pending, used, 2 * used);
    w->deepest *= 2;
  }
  w->pending[w->depth++] = (Pending){kind, parts, 1, brackets};
  return lua_checkstack(L, 10);
}

/* Complete the tree on top. */
static void end(Writer *w) {
  const Pending *p = &w->pending[--w->depth];
  Shape shape = p->kind->shape;
  if (shape == IS_TURNED) put_string(w, "'");
  else if (shape == IS_DERIVATIVE || shape == IS_COUNTED || shape == IS_ENTRY ||
           (shape == IS_CALL && p->parts))
    put_string(w, ")");
  if (p->brackets) put_string(w, ")");
  lua_pop(w->L, 1);
}

/* Write the next part of the tree on top. */
static bool next_part(Writer *w) {
  lua_State *L = w->L;
  Pending *p = &w->pending[w->depth - 1];
  Level least;
  if (p->kind->shape == IS_SUM) {
    put_sign(w, p->next);
    least = INFIX;
    lua_rawgeti(L, -1, p->next);
  } else {
    lua_rawgeti(L, -1, p->next);
    const Kind *part = kind_on_top(L);
    if (!part) return false;
    least = before_part(w, p, part);
  }
  const Kind *kind = kind_on_top(L);
  if (!kind) return false;
  bool exponent = p->kind->shape == IS_POWER && p->next == 2;
  bool brackets = exponent ? !is_bare_exponent(L, kind) : kind->level < least;
  p->next++;
  return begin(w, kind, brackets);
}

/* tree, the forms of operators by name, function that is called now and then, set of names of which
   calls are written otherwise -> text; nil: so is the tree */
static int l_write_text(lua_State *L) {
  Writer w = {.L = L, .most = ROOM, .deepest = DEEP};
  int written = 0;
  w.text = w.room;
  w.pending = w.few;
  luaL_checktype(L, TREE, LUA_TTABLE);
  luaL_checktype(L, OTHERS, LUA_TTABLE);
  lua_settop(L, OTHERS);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushnil(L);
  lua_pushnil(L);
  lua_pushvalue(L, TREE);
  const Kind *kind = kind_on_top(L);
  bool ok = kind && begin(&w, kind, false);
  while (ok && w.depth) {
    const Pending *p = &w.pending[w.depth - 1];
    if (p->next > p->parts) {
      end(&w);
      continue;
    }
    if (++written % PIECES == 0 && lua_isfunction(L, ON_TIME)) {
      lua_pushvalue(L, ON_TIME);
      lua_call(L, 0, 0);
    }
    ok = next_part(&w);
  }
  if (ok) lua_pushlstring(L, w.text, w.size);
  else lua_pushnil(L);
  return 1;
}

int lua_write_open(lua_State *L) {
  lua_createtable(L, 0, KINDS);
  for (int i = 0; i < KINDS; i++) {
    lua_pushinteger(L, i + 1);
    lua_setfield(L, -2, kinds[i].tag);
  }
  lua_pushcclosure(L, l_write_text, 1);
  return 1;
}
