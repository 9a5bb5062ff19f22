/* clause.h: what statements of rule files share: names, expressions and strings as fields, and the
   clauses at the end.

   The statement, or a row of it, is on top of the stack, before and after each function. */
#ifndef NABLA_READ_CLAUSE_H
#define NABLA_READ_CLAUSE_H

#include "read/expression.h"
#include "read/reader.h"

/* The upvalues of the function that reads (statement.h). */
enum {
  CLAUSE_RESERVED = 1,
  CLAUSE_STATEMENTS,
  CLAUSE_OPTIONS,
  CLAUSE_TAKES,
  CLAUSE_KINDS,
  CLAUSE_SIGNS,
  CLAUSE_TYPES,
  CLAUSE_LANGUAGES,
  CLAUSE_REMOVABLE,
  CLAUSE_NO_ATTRIBUTES
};

typedef struct {
  Reader r;
  lua_State *L;
  int takes; /* index of the set of clauses and options that the statement takes */
} Statement;

static inline bool word(Statement *s, const char *text) { return reader_word(&s->r, text); }
static inline bool sign(Statement *s, const char *text) { return reader_sign(&s->r, text); }
static inline bool text(Statement *s, const char *key) { return reader_take_text(&s->r, key); }
static inline bool name(Statement *s, const char *key) { return reader_take_name(&s->r, key); }
static inline bool equals(Statement *s) { return reader_peek(&s->r, 1) != '=' && sign(s, "="); }

static inline bool expression(Statement *s, const char *key) {
  if (!expression_read(&s->r)) return false;
  lua_setfield(s->L, -2, key);
  return true;
}

/* A title, if it is there. */
static inline bool title(Statement *s) { return reader_peek(&s->r, 0) != '"' || text(s, "title"); }

/* Was something there, and was it plain? */
typedef enum { NONE, TAKEN, WRONG } Taken;

static inline Taken taken(bool is) { return is ? TAKEN : WRONG; }

/* Does the statement take a clause, and has it none yet? */
bool clause_takes(Statement *s, const char *key);
/* Does a string follow the name of some bytes? */
bool clause_is_before_text(Statement *s, size_t bytes);
/* Can the name of some bytes be a flag? */
bool clause_is_flag(const Reader *r, size_t bytes);

/* Names with their places, one after another or separated by commas, to a list. */
bool clause_names(Statement *s, const char *key, bool commas);
/* What holds: calls and comparisons, to a list. */
bool clause_conditions(Statement *s, const char *key);
/* A loop behind `for`, which is at a place, to the list of loops. */
bool clause_loop(Statement *s, lua_Integer place);
/* An option, or a word that is a flag. */
Taken clause_option_or_flag(Statement *s);
Taken clause_option(Statement *s);
/* Any number of options. */
bool clause_options(Statement *s);

/* Loops and the name of a statement. */
bool clause_head(Statement *s);
/* All clauses that are there. */
bool clause_tail(Statement *s);
/* Lists of what the statement may have and has not: flags, conditions. */
void clause_finish(Statement *s);

#endif
