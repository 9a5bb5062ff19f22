/* entry.h: functions of one entry, applied to arrays. The loops are written so that the compiler
   vectorises them. */
#ifndef ENTRY_H
#define ENTRY_H

#include <stdbool.h>
#include <stddef.h>

typedef void (*EntryLoop)(double *out, const double *a, const double *b, double c, size_t n);

typedef struct {
  const char *name;
  int operands;   /* 0: out = c; 1: of a; 2: of a and b */
  EntryLoop loop; /* c: a constant of the step */
  int divides;    /* by its first or second operand; 0: it does not */
} EntryFunction;

extern const EntryFunction entry_functions[];
extern const int entry_count;

/* Run the loop of f. True: it divided by zero somewhere, where the function has no value. */
bool entry_run(const EntryFunction *f, double *out, const double *a, const double *b, double c,
               size_t n);

#endif
