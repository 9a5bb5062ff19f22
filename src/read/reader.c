/* reader.c: tokens of a text, and fields of tables. */
#include <string.h>

#include "read/reader.h"

void reader_start(Reader *r, lua_State *L, int text) {
  size_t size;
  r->L = L;
  r->text = r->at = luaL_checklstring(L, text, &size);
  r->end = r->text + size;
  r->waiting = r->room;
  r->most = READER_ROOM;
  r->n = 0;
  r->brackets = 0;
  r->skim = false;
  r->margin = NULL;
  lua_pushnil(L);
  r->kept = lua_gettop(L);
}

const char *reader_behind_blanks(const Reader *r, const char *p) {
  while (p < r->end && reader_is_blank(*p)) p++;
  if (p < r->end && *p == '#') {
    p = memchr(p, '\n', (size_t)(r->end - p));
    if (!p) p = r->end;
  }
  return p;
}

/* Is the character at p, whose first byte is not of ASCII, one of the signs? They are whole blocks
   of Unicode; subscripts and letter-like symbols are let in again (nabla.language.characters). */
static bool is_sign(const unsigned char *p, const unsigned char *end) {
  unsigned char first = p[0], next = end - p > 1 ? p[1] : 0, third = end - p > 2 ? p[2] : 0;
  switch (first) {
    case 0xC2: return next != 0xAA && next != 0xB5 && next != 0xBA;
    case 0xC3: return next == 0x97 || next == 0xB7;
    case 0xCA: return next >= 0xB0;
    case 0xCB: return true; /* raised letters, as in the blocks before and behind */
    case 0xE1:
      return (next == 0xB4 && third >= 0xAC) || (next == 0xB5 && third <= 0xA1) ||
             (next == 0xB6 && third >= 0x9B);
    case 0xE2:
      if (next == 0x82) return third > 0x9C;
      if (next == 0x85) return third > 0x8F;
      return next != 0x84 && next <= 0xAF;
    case 0xE3: return next == 0x80;
    case 0xEE:
    case 0xEF: return true;
    case 0xF0: return next == 0x9F;
    default: return false;
  }
}

size_t reader_letter(const Reader *r, const char *p) {
  const unsigned char *at = (const unsigned char *)p, *end = (const unsigned char *)r->end;
  size_t n = 1;
  if (reader_is_letter(*p)) return 1;
  if (!r->margin || *at < 0xC2 || *at > 0xF4 || is_sign(at, end)) return 0;
  while (at + n < end && (at[n] & 0xC0) == 0x80) n++;
  return n > 1 ? n : 0;
}

static void skip_space_of_file(Reader *r) {
  for (;;) {
    const char *p = reader_behind_blanks(r, r->at), *line = p;
    r->at = p;
    while (p < r->end && *p == '\n') {
      line = p + 1;
      p = reader_behind_blanks(r, line);
    }
    if (line == r->at) return;
    if (p < r->end && (*p & 0x80) &&
        !reader_letter(r, p)) { /* perhaps a blank of Unicode, which the grammar knows */
      r->at = p;
      return;
    }
    size_t left = (size_t)(r->end - line), n = r->margin_bytes;
    if (left <= n || memcmp(line, r->margin, n) != 0 || !reader_is_blank(line[n])) return;
    r->at = line + n;
  }
}

void reader_skip_space(Reader *r) {
  if (r->margin) {
    skip_space_of_file(r);
    return;
  }
  while (r->at < r->end && strchr(" \t\r\n", *r->at) && *r->at) r->at++;
}

size_t reader_name(const Reader *r) {
  const char *p = r->at;
  if (p == r->end || reader_is_digit(*p)) return 0;
  for (;;) {
    while (p < r->end && (reader_is_letter(*p) || reader_is_digit(*p))) p++;
    if (p == r->end || !(*p & 0x80)) return (size_t)(p - r->at);
    size_t letter = reader_letter(r, p);
    if (letter == 0) return 0;
    p += letter;
  }
}

size_t reader_number(const Reader *r) {
  const char *p = r->at, *end = r->end;
  while (p < end && reader_is_digit(*p)) p++;
  bool whole = p > r->at;
  if (p < end && *p == '.' && p + 1 < end && reader_is_digit(p[1])) {
    p++;
    while (p < end && reader_is_digit(*p)) p++;
  } else if (!whole) return 0;
  else if (p < end && *p == '.' && !(p + 1 < end && strchr("*/^'.", p[1]) && p[1])) p++;
  if (p < end && (*p == 'e' || *p == 'E')) {
    const char *q = p + 1;
    if (q < end && (*q == '+' || *q == '-')) q++;
    if (q < end && reader_is_digit(*q)) {
      p = q;
      while (p < end && reader_is_digit(*p)) p++;
    }
  }
  return (size_t)(p - r->at);
}

bool reader_is_reserved(const Reader *r, size_t bytes) {
  if (!r->margin || bytes == 1) return false;
  lua_pushlstring(r->L, r->at, bytes);
  bool reserved = lua_rawget(r->L, r->reserved) != LUA_TNIL;
  lua_pop(r->L, 1);
  return reserved;
}

bool reader_is_word(const Reader *r, size_t bytes, const char *word) {
  return strlen(word) == bytes && memcmp(r->at, word, bytes) == 0;
}

void reader_set_text(lua_State *L, const char *key, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, key);
}

void reader_set_place(lua_State *L, const char *key, lua_Integer at) {
  lua_pushinteger(L, at);
  lua_setfield(L, -2, key);
}

void reader_set_true(lua_State *L, const char *key) {
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, key);
}

void reader_take(Reader *r, const char *key, size_t bytes) {
  lua_pushlstring(r->L, r->at, bytes);
  lua_setfield(r->L, -2, key);
  r->at += bytes;
}

void reader_append(lua_State *L, const char *key, int i) {
  lua_getfield(L, -2, key);
  lua_insert(L, -2);
  lua_rawseti(L, -2, i);
  lua_pop(L, 1);
}

bool reader_word(Reader *r, const char *word) {
  if (!reader_is_word(r, reader_name(r), word)) return false;
  r->at += strlen(word);
  reader_skip_space(r);
  return true;
}

bool reader_sign(Reader *r, const char *sign) {
  size_t n = strlen(sign);
  if ((size_t)(r->end - r->at) < n || memcmp(r->at, sign, n) != 0) return false;
  r->at += n;
  reader_skip_space(r);
  return true;
}

/* A string in which \" and \\ are one character; any other backslash is itself. */
static void push_escaped(lua_State *L, const char *p, const char *end) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (; p < end; p++) {
    if (*p == '\\' && p + 1 < end && (p[1] == '"' || p[1] == '\\')) p++;
    luaL_addchar(&b, *p);
  }
  luaL_pushresult(&b);
}

bool reader_push_text(Reader *r) {
  const char *p = r->at + 1, *end = r->end;
  bool escaped = false;
  if (reader_peek(r, 0) != '"') return false;
  for (; p < end && *p != '"' && *p != '\n'; p++)
    if (*p == '\\') {
      escaped = true;
      if (p + 1 < end && (p[1] == '"' || p[1] == '\\')) p++;
    }
  if (p >= end || *p != '"') return false;
  if (escaped) push_escaped(r->L, r->at + 1, p);
  else lua_pushlstring(r->L, r->at + 1, (size_t)(p - r->at) - 1);
  r->at = p + 1;
  reader_skip_space(r);
  return true;
}

bool reader_take_text(Reader *r, const char *key) {
  if (!reader_push_text(r)) return false;
  lua_setfield(r->L, -2, key);
  return true;
}

bool reader_take_name(Reader *r, const char *key) {
  size_t bytes = reader_name(r);
  if (bytes == 0 || reader_is_reserved(r, bytes)) return false;
  reader_take(r, key, bytes);
  reader_skip_space(r);
  return true;
}

void reader_pos(Reader *r) { reader_set_place(r->L, "pos", reader_place(r, r->at)); }

bool reader_is_in(lua_State *L, int table) {
  bool is = lua_rawget(L, table) != LUA_TNIL;
  lua_pop(L, 1);
  return is;
}
