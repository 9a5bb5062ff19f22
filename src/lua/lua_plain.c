/* lua_plain.c: the functions of Lua that read plain texts: nabla.core.plain. */
#include <stdint.h>
#include <string.h>

#include "lua/lua_plain.h"
#include "read/declarations.h"
#include "read/expression.h"
#include "read/statement.h"

/* text -> its tree; nil: it is not plain */
static int l_expression(lua_State *L) {
  Reader r;
  lua_settop(L, 1);
  reader_start(&r, L, 1);
  reader_skip_space(&r);
  if (!expression_read(&r) || r.at < r.end) lua_pushnil(L);
  return 1;
}

/* text -> the list of its declarations; nil: it is not plain */
static int l_declarations(lua_State *L) {
  Reader r;
  lua_settop(L, 1);
  reader_start(&r, L, 1);
  reader_skip_space(&r);
  if (!declarations_read(&r, false, lua_upvalueindex(1)) || r.at < r.end) lua_pushnil(L);
  return 1;
}

/* Texts to be looked for: each ends with a zero. `begin` has a bit for each two bytes with which
   one of them begins; of a single byte, that and any other. */
typedef struct {
  unsigned char begin[65536 / 8];
  size_t bytes;
  char texts[];
} Wanted;

static unsigned pair_at(const char *p) {
  return (unsigned)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

static void add_wanted(Wanted *w, const char *text) {
  size_t n = strlen(text) + 1;
  unsigned pair = pair_at(text), last = n == 2 ? pair | 255 : pair;
  memcpy(w->texts + w->bytes, text, n);
  w->bytes += n;
  for (; pair <= last; pair++) w->begin[pair / 8] |= (unsigned char)(1 << pair % 8);
}

static bool is_any_at(const Wanted *w, const char *p) {
  for (const char *text = w->texts; text < w->texts + w->bytes; text += strlen(text) + 1)
    if (strncmp(p, text, strlen(text)) == 0) return true;
  return false;
}

/* text -> is one of the wanted texts in it? */
static int l_has_any(lua_State *L) {
  const Wanted *w = lua_touserdata(L, lua_upvalueindex(1));
  const char *p = luaL_checkstring(L, 1);
  bool has = false;
  for (; *p && !has; p++) {
    unsigned pair = pair_at(p);
    has = w->begin[pair / 8] >> pair % 8 & 1 && is_any_at(w, p);
  }
  lua_pushboolean(L, has);
  return 1;
}

/* list of texts, none of them empty -> the function that looks for them in a text */
static int l_finder(lua_State *L) {
  size_t bytes = 0;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  for (lua_Integer i = 1; lua_rawgeti(L, 1, i) == LUA_TSTRING; i++) {
    size_t n = strlen(lua_tostring(L, -1));
    luaL_argcheck(L, n > 0, 1, "an empty text");
    bytes += n + 1;
    lua_pop(L, 1);
  }
  Wanted *w = lua_newuserdata(L, sizeof *w + bytes);
  memset(w, 0, sizeof *w);
  for (lua_Integer i = 1; lua_rawgeti(L, 1, i) == LUA_TSTRING; i++) {
    add_wanted(w, lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  lua_pushcclosure(L, l_has_any, 1);
  return 1;
}

/* Bytes of the character of UTF-8 at p; 0: there is none. Of more than one byte. */
static int character(const unsigned char *p, const unsigned char *end) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  int n = *p >= 0xF0 ? 4 : *p >= 0xE0 ? 3 : 2;
  uint32_t code = *p & (0x7Fu >> n);
  if (*p < 0xC0 || *p > 0xF4 || end - p < n) return 0;
  for (int i = 1; i < n; i++) {
    if ((p[i] & 0xC0) != 0x80) return 0;
    code = code << 6 | (p[i] & 0x3F);
  }
  bool half = code >= 0xD800 && code < 0xE000;
  return code < least[n] || code > 0x10FFFF || half ? 0 : n;
}

/* text -> is it UTF-8? */
static int l_is_utf8(lua_State *L) {
  size_t size;
  const unsigned char *p = (const unsigned char *)luaL_checklstring(L, 1, &size), *end = p + size;
  int n = 1;
  for (; n && p < end; p += n) n = *p < 0x80 ? 1 : character(p, end);
  lua_pushboolean(L, n != 0);
  return 1;
}

/* text of a rule file -> the most digits that a decimal in it has behind its point, without zeros
   at the end; strings and comments are none */
static int l_decimals(lua_State *L) {
  size_t size;
  const char *text = luaL_checklstring(L, 1, &size), *end = text + size, *p = text;
  lua_Integer most = 0;
  while (p < end) {
    const char *line_end = memchr(p, '\n', (size_t)(end - p));
    if (!line_end) line_end = end;
    const char *closing = *p == '"' ? memchr(p + 1, '"', (size_t)(line_end - p - 1)) : NULL;
    if (closing) p = closing;
    else if (*p == '#') p = line_end;
    else if (*p == '.' && p > text && reader_is_digit(p[-1])) {
      const char *first = p + 1, *last = p;
      for (p = first; p < line_end && reader_is_digit(*p); p++)
        if (*p != '0') last = p;
      if (last - first + 1 > most) most = last - first + 1;
      continue;
    }
    p++;
  }
  lua_pushinteger(L, most);
  return 1;
}

int lua_plain_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"expression", l_expression},
                                       {"declarations", l_declarations},
                                       {"finder", l_finder},
                                       {"is_utf8", l_is_utf8},
                                       {"decimals", l_decimals},
                                       {"statements", statement_reader},
                                       {NULL, NULL}};
  luaL_newlibtable(L, functions);
  lua_newtable(L); /* no attributes; it stays empty */
  luaL_setfuncs(L, functions, 1);
  return 1;
}
