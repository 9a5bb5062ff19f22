/* program.h: a program for given sizes: steps in order, each of which reads and writes places. A
** place is an array of doubles: in the program's own room (one block, laid out by the planner so
** that places whose times do not overlap share it), or an argument, or a result, whose addresses
** the caller sets before a run. A run allocates nothing (but for the steps that need a
** decomposition's workspace) and calls no Lua (but for steps of the kind STEP_CALL).
**
** Matrices are columns after columns without gaps. A program is used by one thread at a time. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "numeric/entry.h"

typedef enum {
  STEP_COPY,       /* to = a, m*n entries */
  STEP_TRANSPOSE,  /* to (n x m) = a' */
  STEP_FILL,       /* to = alpha, m*n entries */
  STEP_EYE,        /* to = I(n) */
  STEP_ENTRIES,    /* entry by entry: see Loop */
  /* to (m x n) = alpha*op(a)*op(b), inner size k; flags TURN_A, TURN_B; x: a place that scales, or
     -1 */
  STEP_MULTIPLY,
  /* to (n x n) = alpha*a'*a, a k x n; with TURN_A alpha*a*a', a n x k; x as above */
  STEP_GRAM,
  STEP_SCALE_ROWS, /* to (m x n) = diag(a)*b */
  STEP_SCALE_COLS, /* to (m x n) = b*diag(a) */
  STEP_SANDWICH,   /* to (n x n) = b'*diag(a)*b, b m x n; c: room of m*n + m */
  STEP_DIAG,       /* to (n x n) = diag(a) */
  STEP_DIAGV,      /* to (n) = the diagonal of a (n x n) */
  STEP_ADD_DIAG,   /* to (n x n) = a + alpha*diag(b); b = -1: alpha*I; FLAG_SCALAR: alpha*b*I */
  STEP_DOT,        /* to = alpha times the sum of a.*b, m*n entries */
  STEP_TRACE_OF,   /* to = tr(a*b), a m x n */
  STEP_SUM, STEP_NORM1, STEP_NORM2, STEP_MAX, STEP_LOGSUMEXP, /* to = .. of a, m*n entries */
  STEP_TRACE,      /* of a (n x n) */
  STEP_ARGMAX, STEP_SOFTMAX, /* to (m*n) = .. of a */
  STEP_LU, STEP_CHOLESKY,    /* to = the factors of a (n x n) */
  STEP_DET, STEP_LOGDET,     /* to = .. from the factors a; FLAG_CHOLESKY */
  STEP_INVERSE,    /* to (n x n) from the factors a; FLAG_CHOLESKY */
  STEP_SOLVE,      /* to (n x k) from the factors a and b; FLAG_CHOLESKY, TURN_A, TURN_B */
  /* to = alpha*kron(a, b), a m x n, b k x x; a or b -1: an identity; flags KRON_ROWS, KRON_COLS:
     with rows or columns in the other order */
  STEP_KRON,
  /* to (m*k x y) = kron(a, b)*c; sizes as above, c n*x x y; a or b -1: an identity; d: room of
     k*n */
  STEP_KRON_TIMES,
  STEP_SWAP_ROWS,  /* to (m*n x k) = K(m,n)*a */
  STEP_SWAP_COLS,  /* to (k x m*n) = a*K(m,n) */
  STEP_K, STEP_UNIT, STEP_DUP, STEP_ELIM, /* to = K(m,n), E(x,y,m,n), Dup(n), Elim(n) */
  STEP_TRIL, STEP_TRIU, /* a triangle of a (m x n) */
  /* to = diagonals(n): the sums of an n x n matrix along its diagonals, from the upper right on */
  STEP_DIAGONALS,
  STEP_DIAGONAL_SUMS, /* to (n x n): each entry the sum of a's diagonal that it is on */
  STEP_VECH,       /* to = vech(a), a n x n */
  STEP_ENTRY,      /* to = a(x,y), a m x n */
  STEP_HAT, STEP_VEE, STEP_CROSS,
  STEP_KHATRIRAO,  /* to (m*k x n), a m x n, b k x n */
  STEP_STACK,      /* to ((m+k) x n): the rows of a (m x n) and then those of b (k x n) */
  STEP_FUNCTION,   /* to (n x n) = a function of a matrix; x: which */
  STEP_FRECHET,    /* to (n x n), b: the direction */
  STEP_FRECHET_MATRIX,
  STEP_POWER,      /* to (n x n) = a^b */
  STEP_PINV,       /* of a (m x n) */
  STEP_ADJ,
  STEP_EIGEN,      /* to = eigenvectors and eigenvalues of a (n x n) */
  STEP_EIGVAL, STEP_EIGVEC, /* of the EIGEN a; the x-th */
  /* a function of the caller's; x: which; args in the program's list from y on, k of them; to m x
     n */
  STEP_CALL,
  STEP_KINDS
} StepKind;

enum { TURN_A = 1, TURN_B = 2, FLAG_CHOLESKY = 4, KRON_ROWS = 8, KRON_COLS = 16, FLAG_SCALAR = 32 };

typedef struct {
  int kind, flags;
  int to, a, b, c, d; /* places; -1: none */
  int m, n, k, x, y;
  int node;          /* the expression's node, for messages */
  double alpha;
} Step;

/* STEP_ENTRIES: a small program for each block of entries. Registers 0 .. registers-1 are blocks;
   an operand -1-i is input i of the loop. The last instruction writes the result (or, with `total`,
   its entries are added up). */
typedef enum { INPUT_ENTRIES, INPUT_SCALAR, INPUT_COLUMN, INPUT_ROW } InputKind;
typedef struct { int place, kind; } LoopInput;
typedef struct { int function, to, a, b; double c; } LoopStep;
typedef struct {
  int rows, cols, total;
  int inputs, input0; /* in Program.input */
  int steps, step0;   /* in Program.loop_step */
  int registers;
} Loop;

typedef enum {
  RUN_OK,
  RUN_SINGULAR,
  RUN_NOT_SPD,
  RUN_NO_PRINCIPAL,
  RUN_NOT_REAL,
  RUN_DIVISION, /* by zero, of entries: also the inverse of a diagonal matrix */
  RUN_DIVERGED,
  RUN_MEMORY,
  RUN_CALL
} RunStatus;

typedef struct Program Program;
struct Program {
  Step *step;
  int steps, setup; /* the first `setup` steps make constants: run once */
  double **place;
  int places;
  Loop *loop;
  LoopInput *input;
  LoopStep *loop_step;
  int *args;        /* of STEP_CALL */
  double *block;    /* registers of the loops */
  int failed;       /* the step that failed */
  bool allow;       /* divisions by zero are no failure */
  bool divided;     /* there was one in the loop that runs */
  /* STEP_CALL: false with a message kept by the caller */
  bool (*call)(Program *p, const Step *step, void *data);
  void *data;
};

enum { LOOP_BLOCK = 256, LOOP_REGISTERS = 24 };

/* Run the steps from `from` on. With `watch`, stop behind the first step that makes a NaN: its
   number is in p->failed and the status is RUN_OK; p->failed is -1 if there is none. */
RunStatus program_run(Program *p, int from, bool watch);
size_t program_step_size(const Step *s, const Program *p); /* entries that a step writes */
/* The number of a matrix function for STEP_FUNCTION, or -1. */
int program_function(const char *name);

#endif
