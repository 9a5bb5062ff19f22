/* notation.h: notations of rule files to tables. */
#ifndef NABLA_READ_NOTATION_H
#define NABLA_READ_NOTATION_H

#include "read/reader.h"

/* A notation behind its first word, to the table on top, but for its check
   (nabla.rules.actions_of_notations). The indices are of sets: the phrases for names and for signs,
   the types. */
bool notation_read(Reader *r, int kinds, int signs, int types);

#endif
