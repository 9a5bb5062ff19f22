/* notation.c: the rows of a notation to tables, quickly. Invariant: as of other statements; the
   rules are those of nabla.rules.grammar_of_notations. */
#include <string.h>

#include "read/notation.h"

typedef struct {
  Reader *r;
  lua_State *L;
  int kinds, signs, types; /* indices of sets */
} Rows;

static bool word(Rows *w, const char *text) { return reader_word(w->r, text); }

static bool set_true(Rows *w, const char *key) {
  reader_set_true(w->L, key);
  return true;
}

/* ---------------------------------------- names and signs, as they are printed */

static const char *const formats[] = {"text", "unicode", "latex"};

static const char *format_here(Rows *w) {
  size_t bytes = reader_name(w->r);
  for (size_t i = 0; bytes > 0 && i < sizeof formats / sizeof *formats; i++)
    if (reader_is_word(w->r, bytes, formats[i])) return formats[i];
  return NULL;
}

static bool type_here(Rows *w) {
  size_t bytes = reader_name(w->r);
  if (bytes == 0) return false;
  lua_pushlstring(w->L, w->r->at, bytes);
  return reader_is_in(w->L, w->types);
}

/* latex ".." unicode "..", or a type such as bold: what there is, to the list `forms`. */
static bool forms(Rows *w) {
  lua_State *L = w->L;
  const char *format;
  int n = 0;
  lua_createtable(L, 2, 0);
  while ((format = format_here(w)) || type_here(w)) {
    lua_createtable(L, 0, 4);
    reader_pos(w->r);
    if (format) {
      reader_set_text(L, "format", format);
      if (!word(w, format) || !reader_take_text(w->r, "form")) return false;
    } else {
      reader_take(w->r, "type", reader_name(w->r));
      reader_skip_space(w->r);
    }
    lua_rawseti(L, -2, ++n);
  }
  lua_setfield(L, -2, "forms");
  return n > 0;
}

enum { MOST_WORDS = 3 };

/* The longest phrase of a set, as `inverse transpose`, which is pushed. */
static bool push_phrase(Rows *w, int set) {
  lua_State *L = w->L;
  const char *first = w->r->at, *behind[MOST_WORDS];
  int n = 0;
  luaL_checkstack(L, 2 * MOST_WORDS, NULL);
  for (size_t bytes; n < MOST_WORDS && (bytes = reader_name(w->r)) > 0; n++) {
    if (n > 0) {
      lua_pushvalue(L, -1);
      lua_pushliteral(L, " ");
      lua_pushlstring(L, w->r->at, bytes);
      lua_concat(L, 3);
    } else lua_pushlstring(L, w->r->at, bytes);
    w->r->at += bytes;
    reader_skip_space(w->r);
    behind[n] = w->r->at;
  }
  for (; n > 0; n--) {
    lua_pushvalue(L, -1);
    if (reader_is_in(L, set)) {
      lua_insert(L, -n);
      lua_pop(L, n - 1);
      w->r->at = behind[n - 1];
      return true;
    }
    lua_pop(L, 1);
  }
  w->r->at = first;
  return false;
}

static bool phrase(Rows *w, int set, const char *what) {
  if (!push_phrase(w, set)) return false;
  lua_setfield(w->L, -2, "name");
  reader_set_text(w->L, "what", what);
  return true;
}

/* A name behind a word, `name x`: false, and nothing is read, if it is not there. */
static bool named(Rows *w, const char *before, const char *what) {
  const char *at = w->r->at;
  if (word(w, before) && reader_take_name(w->r, "name")) {
    reader_set_text(w->L, "what", what);
    return true;
  }
  w->r->at = at;
  return false;
}

/* What a row is about, to the row on top. */
static bool subject(Rows *w) {
  if (named(w, "name", "names") || named(w, "operator", "ops")) return true;
  if (phrase(w, w->kinds, "kinds") || phrase(w, w->signs, "signs")) return true;
  reader_set_text(w->L, "what", "ops");
  return reader_take_name(w->r, "name");
}

/* ---------------------------------------- how a program writes */

static const char *const kinds[] = {"scalar", "column", "row", "vector", "matrix"};

/* scalar %1, for the list on top */
static bool push_condition(Rows *w) {
  Reader *r = w->r;
  size_t i = 0;
  lua_createtable(w->L, 0, 3);
  reader_pos(r);
  while (i < sizeof kinds / sizeof *kinds && !word(w, kinds[i])) i++;
  char digit = reader_peek(r, 1);
  if (i == sizeof kinds / sizeof *kinds || reader_peek(r, 0) != '%' || digit < '1' || digit > '9')
    return false;
  reader_set_text(w->L, "kind", kinds[i]);
  reader_set_place(w->L, "argument", digit - '0');
  r->at += 2;
  reader_skip_space(r);
  return true;
}

/* if matrix %1, row %2: the conditions, if there are some */
static bool conditions(Rows *w) {
  int n = 0;
  if (!word(w, "if")) return true;
  lua_createtable(w->L, 1, 0);
  do {
    if (n > 0) {
      w->r->at++; /* the comma */
      reader_skip_space(w->r);
    }
    if (!push_condition(w)) return false;
    lua_rawseti(w->L, -2, ++n);
  } while (reader_peek(w->r, 0) == ',');
  lua_setfield(w->L, -2, "when");
  return true;
}

/* vectors as rows  from left  note ".."  if matrix %1 */
static bool extras(Rows *w) {
  for (;;) {
    bool is;
    if (word(w, "vectors")) is = word(w, "as") && word(w, "rows") && set_true(w, "vectors_as_rows");
    else if (word(w, "from")) is = word(w, "left") && set_true(w, "from_left");
    else if (word(w, "note")) is = reader_take_text(w->r, "note");
    else if (reader_is_word(w->r, reader_name(w->r), "if")) is = conditions(w);
    else return true;
    if (!is) return false;
  }
}

/* "%1 @ %2" as "%1*%2", behind its first word */
static bool form_and_meaning(Rows *w, const char *joint) {
  return reader_take_text(w->r, "form") && word(w, joint) && reader_take_text(w->r, "meaning") &&
         extras(w);
}

/* Strings, in which a backslash is itself, to a list, which is pushed. */
static bool push_literals(Rows *w) {
  Reader *r = w->r;
  int n = 0;
  lua_createtable(w->L, 4, 0);
  while (reader_peek(r, 0) == '"') {
    const char *first = ++r->at;
    while (r->at < r->end && *r->at != '"' && *r->at != '\n') r->at++;
    if (reader_peek(r, 0) != '"' || r->at == first) return false;
    lua_pushlstring(w->L, first, (size_t)(r->at - first));
    lua_rawseti(w->L, -2, ++n);
    r->at++;
    reader_skip_space(r);
  }
  return n > 0;
}

static bool literals(Rows *w, const char *key) {
  if (!push_literals(w)) return false;
  lua_setfield(w->L, -2, key);
  return true;
}

/* "[" "]" */
static bool brackets(Rows *w, const char *key) {
  lua_createtable(w->L, 2, 0);
  for (int i = 1; i <= 2; i++) {
    if (!reader_push_text(w->r)) return false;
    lua_rawseti(w->L, -2, i);
  }
  lua_setfield(w->L, -2, key);
  return true;
}

/* "[" "]" from 0 members "{" "}" */
static bool indices(Rows *w) {
  lua_createtable(w->L, 0, 3);
  if (!brackets(w, "brackets") || !word(w, "from")) return false;
  char from = reader_peek(w->r, 0);
  if (from != '0' && from != '1') return false;
  reader_set_place(w->L, "from", from - '0');
  w->r->at++;
  reader_skip_space(w->r);
  if (word(w, "members") && !brackets(w, "members")) return false;
  lua_setfield(w->L, -2, "indices");
  return true;
}

static bool sums(Rows *w) {
  lua_createtable(w->L, 0, 2);
  if (!reader_take_text(w->r, "form") || !conditions(w)) return false;
  lua_setfield(w->L, -2, "sums");
  return true;
}

/* scalars spread by ".+" ".-" */
static bool spreads(Rows *w) {
  if (!word(w, "spread")) return false;
  if (word(w, "by")) return literals(w, "spreads");
  lua_createtable(w->L, 2, 0);
  lua_pushliteral(w->L, "+");
  lua_rawseti(w->L, -2, 1);
  lua_pushliteral(w->L, "-");
  lua_rawseti(w->L, -2, 2);
  lua_setfield(w->L, -2, "spreads");
  return true;
}

static const char *const beginnings[] = {"reads",  "writes",  "same", "recognised", "tried",
                                         "prefix", "indices", "sums", "scalars"};

/* Does the next name end the list behind `same`: the begin of another row, or what follows? */
static bool ends_same(Rows *w) {
  Reader *r = w->r;
  const char *at = r->at;
  size_t bytes = reader_name(r);
  if (bytes == 0 || reader_is_word(r, bytes, "if") || reader_is_word(r, bytes, "otherwise"))
    return true;
  for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
    if (reader_is_word(r, bytes, beginnings[i])) return true;
  lua_createtable(w->L, 0, 2);
  bool row = subject(w) && (format_here(w) || type_here(w));
  lua_pop(w->L, 1);
  r->at = at;
  return row;
}

/* same exp log sin  if scalar %1  otherwise "%0.(%1)" */
static bool same(Rows *w) {
  int n = 0;
  lua_createtable(w->L, 16, 0);
  while (!ends_same(w)) {
    size_t bytes = reader_name(w->r);
    if (reader_is_reserved(w->r, bytes)) return false;
    lua_pushlstring(w->L, w->r->at, bytes);
    lua_rawseti(w->L, -2, ++n);
    w->r->at += bytes;
    reader_skip_space(w->r);
  }
  if (n == 0) return false;
  lua_setfield(w->L, -2, "same");
  return conditions(w) && (!word(w, "otherwise") || reader_take_text(w->r, "otherwise"));
}

/* ---------------------------------------- rows */

static bool push_row(Rows *w) {
  lua_createtable(w->L, 0, 8);
  reader_pos(w->r);
  if (word(w, "reads")) {
    if (word(w, "and"))
      return word(w, "writes") && set_true(w, "reads") && set_true(w, "writes") &&
             form_and_meaning(w, "as");
    return set_true(w, "reads") && form_and_meaning(w, "as");
  }
  if (word(w, "writes")) return set_true(w, "writes") && form_and_meaning(w, "for");
  if (word(w, "same")) return same(w);
  if (word(w, "recognised")) return word(w, "by") && literals(w, "told");
  if (word(w, "tried")) return word(w, "by") && literals(w, "tried");
  if (word(w, "prefix"))
    return reader_take_text(w->r, "prefix") && word(w, "also") && literals(w, "also");
  if (word(w, "indices")) return indices(w);
  if (word(w, "sums")) return sums(w);
  if (word(w, "scalars")) return spreads(w);
  return subject(w) && forms(w);
}

/* zh ".." cite "..", or the title in another language, as the i-th of the statement on top */
static bool option(Rows *w, int i) {
  static const char *const keys[] = {"cite", "zh", "note"};
  Reader *r = w->r;
  size_t bytes = reader_name(r), k = 0;
  while (k < 3 && !reader_is_word(r, bytes, keys[k])) k++;
  if (k == 3 && (bytes < 2 || bytes > 3)) return false;
  for (size_t j = 0; j < bytes; j++)
    if (r->at[j] < 'a' || r->at[j] > 'z') return false;
  lua_createtable(w->L, 0, 4);
  if (k < 3) {
    reader_pos(r);
    reader_set_true(w->L, "option");
  }
  reader_take(r, "key", bytes);
  reader_skip_space(r);
  if (!reader_take_text(r, "value")) return false;
  lua_rawseti(w->L, -2, i);
  return true;
}

/* The options of the statement on top, and the notation that it is like. */
static bool options(Rows *w) {
  Reader *r = w->r;
  int n = 0;
  for (;;) {
    const char *at = r->at;
    size_t bytes = reader_name(r);
    if (word(w, "like")) {
      if (!reader_take_name(r, "like")) return false;
      continue;
    }
    r->at += bytes;
    reader_skip_space(r);
    bool text = reader_peek(r, 0) == '"';
    r->at = at;
    bool row = bytes > 4 || reader_is_word(r, bytes, "sums"); /* as `reads ".."` */
    if (bytes == 0 || !text || row) return true;
    if (!option(w, ++n)) return false;
  }
}

/* The first row, to a list, which is pushed, if there is one and no name of a notation. */
static bool push_only_row(Rows *w) {
  const char *at = w->r->at;
  lua_createtable(w->L, 1, 0);
  lua_createtable(w->L, 0, 4);
  reader_pos(w->r);
  if (subject(w) && forms(w)) {
    lua_rawseti(w->L, -2, 1);
    return true;
  }
  w->r->at = at;
  return false;
}

bool notation_read(Reader *r, int kinds_set, int signs, int types) {
  Rows w = {r, r->L, kinds_set, signs, types};
  int n = 0, above = lua_gettop(r->L);
  if (push_only_row(&w)) {
    lua_setfield(r->L, -2, "rows");
    return true;
  }
  lua_settop(r->L, above);
  if (!reader_take_name(r, "name")) return false;
  if (reader_peek(r, 0) == '"' && !reader_take_text(r, "title")) return false;
  if (!options(&w)) return false;
  lua_createtable(r->L, 64, 0);
  while (reader_name(r) > 0) {
    if (!push_row(&w)) return false;
    lua_rawseti(r->L, -2, ++n);
  }
  lua_setfield(r->L, -2, "rows");
  return true;
}
