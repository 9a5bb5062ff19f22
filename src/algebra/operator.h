/* operator.h: the table of operators. The first entries are the engine's own algebra; the others
** are filled from rule files: name, parameters with their shapes, shape of the result, flags. */
#ifndef OPERATOR_H
#define OPERATOR_H

#include "core/node.h"

enum { /* the properties that rule files give to operators */
       /* in some arguments (see Param): scalars come out, zero gives zero */
       OPERATOR_LINEAR = 1 << 0,
       /* of one argument, entry by entry: commutes with the transpose */
       OPERATOR_ELEMENTWISE = 1 << 1,
       /* a trace: invariant under rotation and transposition of its argument */
       OPERATOR_CYCLIC = 1 << 2,
       /* a power series of its argument: commutes with what commutes with it */
       OPERATOR_MATRIX_FUNCTION = 1 << 3,
       OPERATOR_SUM_OF_ENTRIES = 1 << 4,
       /* a form without it reads better, even a longer one */
       OPERATOR_AVOID = 1 << 5,
       /* of two arguments, in either order: kept in node order */
       OPERATOR_COMMUTATIVE = 1 << 6,
       /* of two arguments: nested to the right */
       OPERATOR_ASSOCIATIVE = 1 << 7,
       /* its transpose is itself of the transposed arguments */
       OPERATOR_TRANSPOSE_EQUIVARIANT = 1 << 8,
       /* of one argument: the same of its transpose */
       OPERATOR_TRANSPOSE_INVARIANT = 1 << 9,
       /* of one argument: f(-X) is -f(X), or f(X); kept of the argument without a minus */
       OPERATOR_ODD = 1 << 10,
       OPERATOR_EVEN = 1 << 11,
       /* of a matrix, a row and a column: the entry there */
       OPERATOR_ENTRY = 1 << 12,
       /* of a row, a column and two sizes: the matrix with a one there, else zeros */
       OPERATOR_UNIT_MATRIX = 1 << 13,
       /* of one argument: of sums term by term; scalars come out as their images */
       OPERATOR_ANTILINEAR = 1 << 14,
       /* linear, but of scalars only numbers come out */
       OPERATOR_ADDITIVE = 1 << 15,
       /* a mean over letters of its argument, which it holds no longer */
       OPERATOR_EXPECTATION = 1 << 16,
       /* linear in all arguments together: f(A, B) + f(C, D) is f(A + C, B + D) */
       OPERATOR_JOINTLY_LINEAR = 1 << 17,
       /* of a matrix of equal blocks, a row and a column of blocks, how many there are of each, and
          the sizes of a block: the block there, a member of a family */
       OPERATOR_MEMBER = 1 << 18,
       /* of a block, and what a member takes behind its matrix: the matrix with this block, else
          zeros */
       OPERATOR_LONE_MEMBER = 1 << 19,
       OPERATOR_FLAGS = 20 /* how many there are */
};
extern const char *const operator_flag_names[OPERATOR_FLAGS]; /* in the order of the bits */

enum {
  PARAM_SHAPE,
  PARAM_DIMENSION,
  PARAM_ANY,
  PARAM_OPERATOR,
  PARAM_INDEX /* a scalar that counts: 1 up to rows, if that is given */
};
enum { PARAM_MAX = 8 };

typedef struct {
  uint32_t kind;
  NameId name;      /* of a dimension or index parameter */
  uint32_t flags;   /* of a parameter that names an operator: the flags that this one has */
  bool linear;      /* the operator is linear in this argument */
  DimId rows, cols; /* of a shaped one, in the names of the operator's dimensions */
} Param;

typedef struct {
  NameId name;
  uint32_t n, flags;
  Param param[PARAM_MAX];
  bool same;        /* the result has the shape of the first argument */
  DimId rows, cols;
  bool gone;        /* taken away by `without` */
  /* its shapes name no dimension: each argument is a scalar or anything, the result a scalar or
     like the first; set by operator_replace */
  bool nameless;
} Operator;

struct Operators {
  Operator *v;
  uint32_t n, cap;
  Vec by_name; /* by NameId: the newest operator that was defined by the name; 0: none */
  Vec any_order; /* the operators of scalars that are or were associative and commutative */
  uint32_t version; /* changes when they do */
  /* the operators with these flags; 0: none */
  uint32_t sum_of_entries, cyclic, entry, unit_matrix, member, lone_member;
};

bool operator_open(Store *s);
void operator_close(Store *s);
/* Add (or define anew) an operator; its number, or 0. */
uint32_t operator_define(Store *s, const Operator *o);
/* Put o in the place of operator i. */
uint32_t operator_replace(Store *s, uint32_t i, const Operator *o);
uint32_t operator_find(const Store *s, NameId name); /* 0: unknown */
static inline const Operator *operator_at(const Store *s, uint32_t op) { return &s->ops->v[op]; }
/* Is it one of scalars that takes its arguments in any order, and has no other property? */
bool operator_any_order(const Store *s, uint32_t op);
/* The operator with a flag that one operator may have (sum of entries, cyclic, entry, unit matrix,
   member, lone member); 0: none. */
uint32_t operator_with(const Store *s, uint32_t flag);
const char *operator_name(const Store *s, uint32_t op);
uint32_t operator_builtin(const char *name); /* one of the engine's own; 0: none */
/* Mark the names and dimensions of the operators, for a collection. */
void operator_mark_names(Store *s);
/* The shape of the operator applied to args; false with an error if they do not fit. */
bool operator_shape(Store *s, uint32_t op, const NodeId *args, uint32_t n, DimId *rows,
                    DimId *cols);

#endif
