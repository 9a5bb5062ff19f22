/* statement.c: statements of rule files to tables, quickly.

   Invariant: where a statement is given here, the grammar (nabla.rules.grammar, and the actions
   nabla.rules.actions) gives the same, with the same places; of any other text, a mistake among
   them, nothing is given, and the grammar reads it or says what is wrong. So each function here
   follows the rule of its name there.

   The statement that is read is on top of the stack, before and after each function. */
#include <string.h>

#include "read/clause.h"
#include "read/declarations.h"
#include "read/notation.h"
#include "read/statement.h"

/* A name that may be a reserved word. */
static bool free_name(Statement *s, const char *key) {
  size_t bytes = reader_name(&s->r);
  if (bytes == 0) return false;
  reader_take(&s->r, key, bytes);
  reader_skip_space(&s->r);
  return true;
}

/* ---------------------------------------- rules */

static bool arrow(Statement *s) { return sign(s, "->"); }

static bool read_rule(Statement *s) {
  return clause_head(s) && expression(s, "lhs") && arrow(s) && expression(s, "rhs") &&
         clause_tail(s);
}

static bool by_variable(Statement *s) { return !word(s, "by") || name(s, "by"); }

static bool read_adjoint(Statement *s) {
  return clause_head(s) && expression(s, "pattern") && by_variable(s) && name(s, "cotangent") &&
         arrow(s) && expression(s, "rhs") && clause_tail(s);
}

static bool read_coordinates(Statement *s) {
  return clause_head(s) && expression(s, "pattern") && name(s, "cotangent") && arrow(s) &&
         expression(s, "rhs") && clause_tail(s);
}

/* Z(h,w), if it is there */
static bool hole(Statement *s) {
  if (reader_name(&s->r) == 0) return true;
  return name(s, "cotangent") && sign(s, "(") && free_name(s, "hole_rows") && sign(s, ",") &&
         free_name(s, "hole_cols") && sign(s, ")");
}

static bool read_block(Statement *s) {
  return clause_head(s) && expression(s, "pattern") && by_variable(s) && hole(s) && arrow(s) &&
         expression(s, "rhs") && clause_tail(s);
}

/* A property of one expression: its name, its argument, and the list of that. */
static bool property(Statement *s) {
  lua_State *L = s->L;
  size_t bytes = reader_name(&s->r);
  if (bytes == 0 || reader_peek(&s->r, (int)bytes) != '(' || !expression_read(&s->r)) return false;
  lua_getfield(L, -1, "tag");
  bool call = strcmp(lua_tostring(L, -1), "call") == 0;
  lua_pop(L, 1);
  if (!call) return false;
  lua_getfield(L, -1, "name");
  lua_setfield(L, -3, "property");
  lua_getfield(L, -1, "pos");
  lua_setfield(L, -3, "property_pos");
  lua_getfield(L, -1, "args");
  if (lua_rawlen(L, -1) != 1) return false;
  lua_rawgeti(L, -1, 1);
  lua_setfield(L, -4, "arg");
  lua_setfield(L, -3, "args");
  lua_pop(L, 1);
  return true;
}

static bool read_fact(Statement *s) { return clause_head(s) && property(s) && clause_tail(s); }

/* One of some words, to a field. */
static bool one_of(Statement *s, const char *key, const char *const words[], int n) {
  for (int i = 0; i < n; i++)
    if (word(s, words[i])) {
      reader_set_text(s->L, key, words[i]);
      return true;
    }
  return false;
}

/* increasing in x, if it is there */
static bool monotone(Statement *s, const char *way) {
  return !word(s, way) || (word(s, "in") && clause_names(s, way, true));
}

static bool read_curvature(Statement *s) {
  static const char *const shapes[] = {"convex", "concave", "affine", "smooth"};
  if (!clause_head(s) || !expression(s, "lhs")) return false;
  lua_Integer place = reader_place(&s->r, s->r.at);
  bool strictly = word(s, "strictly");
  if (strictly) reader_set_place(s->L, "strictly", place);
  return one_of(s, "shape", shapes, strictly ? 2 : 4) && word(s, "in") &&
         clause_names(s, "variables", true) && monotone(s, "increasing") &&
         monotone(s, "decreasing") && (!word(s, "on") || clause_conditions(s, "on")) &&
         clause_tail(s);
}

static bool read_domain(Statement *s) {
  static const char *const shapes[] = {"subspace", "convex", "upward"};
  return one_of(s, "shape", shapes, 3) && clause_names(s, "names", false);
}

static bool read_isolate(Statement *s) {
  if (!clause_head(s) || !expression(s, "lhs")) return false;
  if (!word(s, "for") && !(equals(s) && expression(s, "rhs") && word(s, "for"))) return false;
  return name(s, "unknown") && (!sign(s, ",") || name(s, "second")) && word(s, "gives") &&
         expression(s, "gives") && (!sign(s, ",") || expression(s, "gives_second")) &&
         (!word(s, "free") || name(s, "free")) && clause_tail(s);
}

static bool read_check(Statement *s) {
  return clause_head(s) && expression(s, "lhs") && sign(s, "==") && expression(s, "rhs") &&
         clause_tail(s);
}

static bool read_prefer(Statement *s) {
  if (reader_peek(&s->r, 0) == '"' && !text(s, "name")) return false;
  return expression(s, "lhs") && word(s, "over") && expression(s, "rhs") && clause_options(s);
}

/* ---------------------------------------- operators and functions */

/* (m,n), of the table on top, if it is there: how many; -1: it is not plain. */
static int sizes(Statement *s) {
  static const char *const keys[] = {"rows", "cols"};
  int n = 0;
  if (!sign(s, "(")) return 0;
  do {
    if (n == 2 || !expression(s, keys[n++])) return -1;
  } while (sign(s, ","));
  return sign(s, ")") ? n : -1;
}

static const char *const shapes[] = {"scalar", "vector", "matrix"};

/* The kind of a parameter, by a word before its name: index, variable, the number of its sizes, or
   an operator with a property; *kind: what is said, else NULL. */
static bool parameter_kind(Statement *s, const char **kind) {
  Reader *r = &s->r;
  const char *first = r->at;
  size_t bytes = reader_name(r);
  *kind = NULL;
  if (bytes == 0) return false;
  r->at += bytes;
  reader_skip_space(r);
  size_t next = reader_name(r);
  bool reserved = next > 0 && reader_is_reserved(r, next);
  const char *behind = r->at;
  r->at = first;
  if (next == 0) return true;
  if (reserved) return false;
  if (reader_is_word(r, bytes, "index")) *kind = "index";
  else if (reader_is_word(r, bytes, "variable")) reader_set_true(s->L, "variable");
  else {
    for (int i = 0; i < 3 && !*kind; i++)
      if (reader_is_word(r, bytes, shapes[i])) *kind = shapes[i];
    if (!*kind) {
      if (!clause_is_flag(r, bytes)) return true; /* `X linear` */
      reader_take(r, "of", bytes);
    }
  }
  r->at = behind;
  return true;
}

static bool push_parameter(Statement *s) {
  const char *kind;
  lua_createtable(s->L, 0, 8);
  reader_pos(&s->r);
  if (!parameter_kind(s, &kind) || !name(s, "name")) return false;
  int n = sizes(s);
  if (n < 0) return false;
  if (word(s, "linear")) reader_set_true(s->L, "linear");
  if (kind && strcmp(kind, "index") == 0) {
    if (n > 1) return false;
  } else {
    const char *counted = n > 0 ? shapes[n] : NULL;
    if (kind && strcmp(kind, counted ? counted : "scalar") != 0) return false;
    kind = counted ? counted : kind ? kind : "any";
  }
  reader_set_text(s->L, "kind", kind);
  return true;
}

static bool parameters(Statement *s) {
  int n = 0;
  lua_createtable(s->L, 2, 0);
  if (sign(s, "(")) {
    do {
      if (!push_parameter(s)) return false;
      lua_rawseti(s->L, -2, ++n);
    } while (sign(s, ","));
    if (!sign(s, ")")) return false;
  }
  lua_setfield(s->L, -2, "params");
  return true;
}

static bool result(Statement *s) {
  static const char *const kinds[] = {"scalar", "vector", "matrix", "same"};
  lua_createtable(s->L, 0, 4);
  reader_pos(&s->r);
  for (int i = 0; i < 4; i++)
    if (word(s, kinds[i])) {
      reader_set_text(s->L, "kind", kinds[i]);
      if (sizes(s) != (i < 3 ? i : 0)) return false;
      lua_setfield(s->L, -2, "result");
      return true;
    }
  return false;
}

static bool read_operator(Statement *s) {
  Taken taken = TAKEN;
  if (!name(s, "name") || !parameters(s) || !sign(s, ":") || !result(s)) return false;
  while (taken == TAKEN) {
    size_t bytes = reader_name(&s->r);
    if (reader_is_word(&s->r, bytes, "value") && !clause_is_before_text(s, bytes)) {
      if (!clause_takes(s, "body") || !word(s, "value") || !expression(s, "body")) return false;
    } else taken = clause_option_or_flag(s);
  }
  if (taken == WRONG) return false;
  clause_finish(s);
  return true;
}

static bool has(Statement *s, const char *key) {
  bool is = lua_getfield(s->L, -1, key) != LUA_TNIL;
  lua_pop(s->L, 1);
  return is;
}

/* derivative 2*x   derivative y, x */
static bool derivative(Statement *s) {
  int n = 0;
  if (!clause_takes(s, "derivative") || !expression(s, "derivative")) return false;
  if (reader_peek(&s->r, 0) != ',') return true;
  if (!clause_takes(s, "derivatives")) return false;
  lua_createtable(s->L, 1, 0);
  while (sign(s, ",")) {
    if (!expression_read(&s->r)) return false;
    lua_rawseti(s->L, -2, ++n);
  }
  lua_setfield(s->L, -2, "derivatives");
  return true;
}

/* d(f(x)) = .. */
static bool differential(Statement *s) {
  if (!clause_takes(s, "differential")) return false;
  lua_createtable(s->L, 0, 3);
  reader_pos(&s->r);
  if (!expression(s, "lhs") || !equals(s) || !expression(s, "rhs")) return false;
  lua_setfield(s->L, -2, "differential");
  return true;
}

static Taken clause_of_function(Statement *s) {
  Reader *r = &s->r;
  if (sign(s, ":")) {
    if (!clause_takes(s, "result") || !result(s)) return WRONG;
    return reader_peek(r, 0) == '"' ? taken(!has(s, "title") && title(s)) : TAKEN;
  }
  if (equals(s)) return taken(clause_takes(s, "body") && expression(s, "body"));
  size_t bytes = reader_name(r);
  if (bytes == 0) return NONE;
  if (!clause_is_before_text(s, bytes)) {
    if (reader_is_word(r, bytes, "derivative"))
      return taken(word(s, "derivative") && derivative(s));
    if (bytes == 1 && *r->at == 'd' && reader_peek(r, 1) == '(') return taken(differential(s));
    if (has(s, "body")) return WRONG; /* a flag is before it */
  }
  return clause_option_or_flag(s);
}

static bool read_function(Statement *s) {
  Taken taken;
  if (!name(s, "name") || !parameters(s) || !title(s)) return false;
  while ((taken = clause_of_function(s)) == TAKEN) continue;
  if (taken == WRONG) return false;
  clause_finish(s);
  lua_getfield(s->L, -1, "flags");
  lua_getfield(s->L, -1, "elementwise");
  bool elementwise = lua_toboolean(s->L, -1);
  lua_pop(s->L, 2);
  lua_pushboolean(s->L, elementwise);
  lua_setfield(s->L, -2, "elementwise");
  return true;
}

static bool read_let(Statement *s) {
  if (!declarations_read(&s->r, false, lua_upvalueindex(CLAUSE_NO_ATTRIBUTES))) return false;
  lua_setfield(s->L, -2, "decls");
  return true;
}

/* ---------------------------------------- layouts, conventions, attributes */

static bool is_row(Statement *s) {
  const char *at = s->r.at;
  size_t bytes = reader_name(&s->r);
  s->r.at += bytes;
  reader_skip_space(&s->r);
  bool is = bytes > 0 && reader_is_word(&s->r, reader_name(&s->r), "by");
  s->r.at = at;
  return is;
}

/* The set of what a statement of a kind takes, at s->takes. */
static void set_takes(Statement *s, const char *kind) {
  lua_getfield(s->L, lua_upvalueindex(CLAUSE_TAKES), kind);
  lua_replace(s->L, s->takes);
}

/* scalar by matrix  d(y) = tr(G'*d(X))  gives  G  "gradient" */
static bool push_row(Statement *s) {
  lua_createtable(s->L, 0, 8);
  reader_pos(&s->r);
  return name(s, "of") && word(s, "by") && name(s, "by") && expression(s, "lhs") && equals(s) &&
         expression(s, "form") && word(s, "gives") && expression(s, "gives") && title(s) &&
         clause_options(s);
}

static bool read_layout(Statement *s) {
  Taken taken = TAKEN;
  int n = 0;
  if (!name(s, "name") || !title(s)) return false;
  while (taken == TAKEN && !is_row(s)) {
    if (reader_is_word(&s->r, reader_name(&s->r), "like"))
      taken = clause_takes(s, "like") && word(s, "like") && !is_row(s) && name(s, "like") ? TAKEN
                                                                                          : WRONG;
    else taken = clause_option_or_flag(s);
  }
  if (taken == WRONG) return false;
  clause_finish(s);
  set_takes(s, "row");
  lua_createtable(s->L, 8, 0);
  for (; is_row(s); lua_rawseti(s->L, -2, ++n))
    if (!push_row(s)) return false;
  lua_setfield(s->L, -2, "rows");
  return true;
}

/* symmetric  G -> G + G' - G.*I(n)    orthogonal  refused ".." */
static bool push_structure(Statement *s) {
  Reader *r = &s->r;
  int n = 0;
  lua_createtable(s->L, 0, 7);
  reader_pos(r);
  lua_createtable(s->L, 1, 0);
  for (;;) {
    if (n > 0 && word(s, "refused")) {
      lua_setfield(s->L, -2, "attributes");
      return text(s, "refused") && title(s) && clause_options(s);
    }
    lua_createtable(s->L, 0, 2);
    reader_pos(r);
    if (!name(s, "name")) return false;
    if (reader_peek(r, 0) == '-') { /* it is the gradient */
      if (n == 0) return false;
      lua_getfield(s->L, -1, "name");
      lua_setfield(s->L, -4, "gradient");
      lua_pop(s->L, 1);
      lua_setfield(s->L, -2, "attributes");
      return arrow(s) && expression(s, "rhs") && title(s) && clause_options(s);
    }
    lua_rawseti(s->L, -2, ++n);
  }
}

static bool read_convention(Statement *s) {
  int n = 0;
  if (!name(s, "name") || !title(s) || !clause_options(s)) return false;
  set_takes(s, "row");
  lua_createtable(s->L, 4, 0);
  for (; reader_name(&s->r) > 0; lua_rawseti(s->L, -2, ++n))
    if (!push_structure(s)) return false;
  lua_setfield(s->L, -2, "rows");
  return true;
}

/* Is the name of some bytes a word that goes on with an attribute, or an option? */
static bool ends_attributes(Statement *s, size_t bytes) {
  static const char *const words[] = {"assumed", "square",   "with", "inherited",
                                      "implies", "excludes", "means"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (reader_is_word(&s->r, bytes, words[i])) return true;
  return reader_is_reserved(&s->r, bytes) || clause_is_before_text(s, bytes);
}

/* Names of attributes to a list, which has some. */
static bool attributes(Statement *s, const char *key, bool some) {
  size_t bytes;
  int n = 0;
  lua_createtable(s->L, 2, 0);
  while ((bytes = reader_name(&s->r)) > 0 && !ends_attributes(s, bytes)) {
    lua_pushlstring(s->L, s->r.at, bytes);
    lua_rawseti(s->L, -2, ++n);
    s->r.at += bytes;
    reader_skip_space(&s->r);
  }
  lua_setfield(s->L, -2, key);
  return n > 0 || !some;
}

/* with mean = expect, covariance = Var symmetric */
static bool with_known(Statement *s) {
  int n = 0;
  lua_createtable(s->L, 2, 0);
  do {
    lua_createtable(s->L, 0, 4);
    reader_pos(&s->r);
    if (!name(s, "word") || !equals(s) || !name(s, "operator") ||
        !attributes(s, "attributes", false))
      return false;
    lua_rawseti(s->L, -2, ++n);
  } while (sign(s, ","));
  lua_setfield(s->L, -2, "with");
  return true;
}

static bool read_attribute(Statement *s) {
  static const char *const truths[] = {"assumed", "square", "inherited"};
  if (!name(s, "name") || !title(s)) return false;
  for (bool more = true; more;) {
    int i = 0;
    while (i < 3 && !word(s, truths[i])) i++;
    if (i < 3) reader_set_true(s->L, truths[i]);
    else if (word(s, "with")) more = with_known(s);
    else if (word(s, "implies")) more = attributes(s, "implies", true);
    else if (word(s, "excludes")) more = attributes(s, "excludes", true);
    else if (word(s, "means")) more = clause_conditions(s, "means");
    else {
      Taken taken = clause_option(s);
      if (taken == NONE) return true;
      more = taken == TAKEN;
    }
  }
  return false;
}

/* ---------------------------------------- identities */

/* Is there a word that begins a clause, or the end, and no form? */
static bool is_behind_forms(Statement *s) {
  size_t bytes = reader_name(&s->r);
  if (bytes > 0) return reader_is_reserved(&s->r, bytes) || clause_is_before_text(s, bytes);
  return s->r.at == s->r.end || *s->r.at == '\n';
}

/* Is there the name of a layout: a name with space or a comma behind it? */
static bool is_layout(Statement *s) {
  size_t bytes = reader_name(&s->r);
  char c = reader_peek(&s->r, (int)bytes);
  return bytes > 0 && (!c || strchr(" \t\r\n#,", c)) && !is_behind_forms(s);
}

/* numerator, denominator  I(n): an answer for each of the layouts, to the list on top. */
static bool answer(Statement *s, int *n) {
  int first = *n;
  do {
    if (!is_layout(s)) return false;
    lua_createtable(s->L, 0, 3);
    reader_pos(&s->r);
    if (!name(s, "layout")) return false;
    lua_rawseti(s->L, -2, ++*n);
  } while (sign(s, ","));
  if (!expression_read(&s->r)) return false;
  for (int i = first + 1; i <= *n; i++) {
    lua_rawgeti(s->L, -2, i);
    lua_pushvalue(s->L, -2);
    lua_setfield(s->L, -2, "rhs");
    lua_pop(s->L, 1);
  }
  lua_pop(s->L, 1);
  return true;
}

static bool push_form(Statement *s) {
  int n = 0;
  lua_createtable(s->L, 0, 4);
  reader_pos(&s->r);
  if (!expression(s, "lhs")) return false;
  if (sign(s, "==")) return expression(s, "rhs");
  if (!is_layout(s)) return false;
  lua_createtable(s->L, 2, 0);
  do {
    if (!answer(s, &n)) return false;
  } while (is_layout(s));
  lua_setfield(s->L, -2, "answers");
  return true;
}

/* let vector x(n), matrix A(n,n): all of them to one list */
static bool lets(Statement *s) {
  lua_State *L = s->L;
  int n = 0;
  lua_createtable(L, 2, 0);
  while (word(s, "let")) {
    if (!declarations_read(&s->r, true, lua_upvalueindex(CLAUSE_NO_ATTRIBUTES))) return false;
    lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= count; i++) {
      lua_rawgeti(L, -1, i);
      lua_rawseti(L, -3, ++n);
    }
    lua_pop(L, 1);
    reader_skip_space(&s->r);
  }
  lua_setfield(L, -2, "decls");
  return true;
}

static bool identity_body(Statement *s) {
  int n = 0;
  if (!lets(s)) return false;
  lua_createtable(s->L, 2, 0);
  do {
    if (!push_form(s)) return false;
    lua_rawseti(s->L, -2, ++n);
  } while (!is_behind_forms(s));
  lua_setfield(s->L, -2, "forms");
  return clause_tail(s);
}

static bool identity_head(Statement *s) {
  if (!text(s, "name")) return false;
  for (;;) {
    Taken taken = clause_option(s);
    if (taken == WRONG) return false;
    if (taken == TAKEN) continue;
    lua_Integer place = reader_place(&s->r, s->r.at);
    if (word(s, "for")) {
      if (!clause_loop(s, place)) return false;
    } else if (reader_is_word(&s->r, reader_name(&s->r), "convention")) {
      if (!clause_takes(s, "convention") || !word(s, "convention") || !name(s, "convention"))
        return false;
    } else return !reader_is_word(&s->r, reader_name(&s->r), "in");
  }
}

static bool read_identity(Statement *s) { return identity_head(s) && identity_body(s); }

/* Its head, and where its body is. */
static bool outline_of_identity(Statement *s) {
  lua_State *L = s->L;
  if (!identity_head(s)) return false;
  reader_set_place(L, "body", reader_place(&s->r, s->r.at));
  lua_newtable(L);
  s->r.skim = true;
  if (!identity_body(s)) return false;
  lua_pop(L, 1);
  reader_set_place(L, "stop", reader_place(&s->r, s->r.at));
  clause_finish(s);
  return true;
}

/* ---------------------------------------- the others */

static bool read_table(Statement *s) { return text(s, "title") && clause_options(s); }

static bool read_wording(Statement *s) {
  return free_name(s, "name") && text(s, "text") && clause_options(s);
}

static bool read_use(Statement *s) { return text(s, "path"); }

/* A name, or a string. */
static bool called(Statement *s, const char *key) { return text(s, key) || free_name(s, key); }

static bool read_default(Statement *s) { return name(s, "what") && called(s, "value"); }

/* rule "product": a statement that may be removed. */
static bool removable(Statement *s) {
  size_t bytes = reader_name(&s->r);
  lua_pushlstring(s->L, s->r.at, bytes);
  return reader_is_in(s->L, lua_upvalueindex(CLAUSE_REMOVABLE)) && free_name(s, "what") &&
         called(s, "name");
}

static bool read_rename(Statement *s) {
  return removable(s) && word(s, "as") && called(s, "to") && clause_options(s);
}

static bool read_notation(Statement *s) {
  return notation_read(&s->r, lua_upvalueindex(CLAUSE_KINDS), lua_upvalueindex(CLAUSE_SIGNS),
                       lua_upvalueindex(CLAUSE_TYPES));
}

/* ---------------------------------------- a statement */

typedef struct {
  const char *word, *kind;
  bool (*read)(Statement *s);
  int fields; /* room for so many */
} Kind;

static const Kind kinds[] = {{"rule", "rule", read_rule, 12},
                             {"fact", "fact", read_fact, 12},
                             {"curvature", "curvature", read_curvature, 12},
                             {"identity", "identity", read_identity, 12},
                             {"let", "let", read_let, 4},
                             {"function", "function", read_function, 16},
                             {"operator", "operator", read_operator, 12},
                             {"use", "use", read_use, 4},
                             {"adjoint", "adjoint", read_adjoint, 12},
                             {"jacobian", "jacobian", read_adjoint, 12},
                             {"block", "block", read_block, 12},
                             {"isolate", "isolate", read_isolate, 12},
                             {"simplify", "rule", read_rule, 12},
                             {"wording", "wording", read_wording, 8},
                             {"attribute", "attribute", read_attribute, 8},
                             {"table", "table", read_table, 8},
                             {"layout", "layout", read_layout, 8},
                             {"notation", "notation", read_notation, 16},
                             {"convention", "convention", read_convention, 8},
                             {"check", "check", read_check, 8},
                             {"fail", "fail", read_check, 8},
                             {"domain", "domain", read_domain, 5},
                             {"coordinates", "coordinates", read_coordinates, 12},
                             {"prefer", "prefer", read_prefer, 8},
                             {"default", "default", read_default, 5},
                             {"without", "without", removable, 5},
                             {"rename", "rename", read_rename, 8},
                             {"declare", "declare", read_let, 4}};
enum { COUNT = sizeof kinds / sizeof *kinds };

/* Go on to the line of the next statement; *line: its number. False: there is none at the margin.
 */
static bool find_statement(Reader *r, lua_Integer *line) {
  for (;;) {
    const char *p = reader_behind_blanks(r, r->at);
    if (p == r->end) return false;
    if (*p != '\n') {
      bool at_margin =
          (size_t)(p - r->at) == r->margin_bytes && memcmp(r->at, r->margin, r->margin_bytes) == 0;
      r->at = p;
      return at_margin;
    }
    r->at = p + 1;
    ++*line;
  }
}

/* The kind of the statement at the place, and go on behind its word; NULL: it is none of these. */
static const Kind *find_kind(Reader *r) {
  size_t bytes = reader_name(r);
  for (int i = 0; bytes > 0 && i < COUNT; i++)
    if (reader_is_word(r, bytes, kinds[i].word)) {
      r->at += bytes;
      reader_skip_space(r);
      return &kinds[i];
    }
  return NULL;
}

/* See statement.h. */
static int l_statement(lua_State *L) {
  Statement s = {.L = L};
  Reader *r = &s.r;
  lua_Integer line = luaL_checkinteger(L, 3), place = luaL_checkinteger(L, 2);
  bool outline = lua_toboolean(L, 5);
  lua_settop(L, 5);
  reader_start(r, L, 1);
  luaL_checkstack(L, 40, NULL);
  luaL_argcheck(L, place >= 1 && place <= r->end - r->text + 1, 2, "no place in the text");
  r->margin = luaL_checklstring(L, 4, &r->margin_bytes);
  r->reserved = lua_upvalueindex(CLAUSE_RESERVED);
  r->at = r->text + place - 1;
  if (!find_statement(r, &line)) return 0;
  const char *first = r->at;
  const Kind *kind = find_kind(r);
  if (!kind) return 0;
  lua_getfield(L, lua_upvalueindex(CLAUSE_TAKES), kind->kind);
  s.takes = lua_gettop(L);
  lua_createtable(L, 0, kind->fields);
  reader_set_text(L, "kind", kind->kind);
  reader_set_place(L, "pos", reader_place(r, first));
  reader_set_place(L, "line", line);
  if (kind->read == read_rule) reader_set_text(L, "set", kind->word);
  outline = outline && kind->read == read_identity;
  if (outline ? !outline_of_identity(&s) : !kind->read(&s)) return 0;
  if (r->at < r->end && *r->at != '\n') return 0;
  lua_pushinteger(L, reader_place(r, r->at));
  while ((first = memchr(first, '\n', (size_t)(r->at - first)))) {
    first++;
    line++;
  }
  lua_pushinteger(L, line);
  return 3;
}

int statement_reader(lua_State *L) {
  for (int i = CLAUSE_RESERVED; i < CLAUSE_NO_ATTRIBUTES; i++) luaL_checktype(L, i, LUA_TTABLE);
  lua_settop(L, CLAUSE_NO_ATTRIBUTES - 1);
  lua_newtable(L); /* no attributes; it stays empty */
  lua_pushcclosure(L, l_statement, CLAUSE_NO_ATTRIBUTES);
  return 1;
}
