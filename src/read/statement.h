/* statement.h: statements of rule files, as the grammar has them (nabla.rules.grammar). */
#ifndef NABLA_READ_STATEMENT_H
#define NABLA_READ_STATEMENT_H

#include <lua.h>

/* set of reserved words, set of the words that begin statements, set of options, kind -> set of the
   options and clauses that a statement takes, kinds of names and signs that a notation prints, its
   types, codes of languages, kinds of statements that may be removed -> the function that reads a
   statement:

   text, place behind the statement before, its line, margin, outline -> the statement, the place
   behind it, its line; nothing: there is none, or it is not plain. `outline`: of an identity only
   the head and the place of the body. */
int statement_reader(lua_State *L);

#endif
