/* operator.h: the table of operators. The first entries are the engine's own algebra; the others
** are filled from rule files: name, parameters with their shapes, shape of the result, flags. */
#ifndef OPERATOR_H
#define OPERATOR_H

#include "core/node.h"

enum { /* operator flags */
  OPF_LINEAR = 1,      /* in some arguments (see Param): scalars come out, zero gives zero */
  OPF_ELEMENTWISE = 2, /* of one argument, entry by entry: commutes with the transpose */
  OPF_CYCLIC = 4,      /* a trace: invariant under rotation and transposition of its argument */
  OPF_MATRIXFUNCTION = 8, /* a power series of its argument: commutes with what commutes with it */
  OPF_TOTAL = 16,      /* the sum of all entries */
  OPF_AVOID = 32,      /* a form without it reads better, even a longer one */
  OPF_COMM = 64,       /* of two arguments, in either order: kept in node order */
  OPF_ASSOC = 128,     /* of two arguments: nested to the right */
  OPF_TRANSPOSES = 256, /* its transpose is itself of the transposed arguments */
  OPF_MIRROR = 512,    /* of one argument: the same of its transpose */
  OPF_ODD = 1024,      /* of one argument: f(-X) is -f(X); kept of the one without a minus */
  OPF_EVEN = 2048,     /* of one argument: f(-X) is f(X); the same */
  OPF_ENTRY = 4096,    /* of a matrix, a row and a column: the entry there */
  /* of a row, a column and two sizes: the matrix with a one there, else zeros */
  OPF_UNIT = 8192,
  /* of one argument: of sums term by term; scalars come out as their images */
  OPF_ANTILINEAR = 16384,
  OPERATOR_FLAGS = 15  /* how many there are */
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
} Operator;

struct Operators {
  Operator *v;
  uint32_t n, cap;
  uint32_t total, cyclic, entry, unit; /* the operators with these flags; 0: none */
};

bool operator_open(Store *s);
void operator_close(Store *s);
/* Add (or define anew) an operator; its number, or 0. */
uint32_t operator_define(Store *s, const Operator *o);
/* Put o in the place of operator i. */
uint32_t operator_replace(Store *s, uint32_t i, const Operator *o);
uint32_t operator_find(const Store *s, NameId name); /* 0: unknown */
static inline const Operator *operator_at(const Store *s, uint32_t op) { return &s->ops->v[op]; }
/* The operator with a flag that one operator may have (total, cyclic, entry, unit); 0: none. */
uint32_t operator_with(const Store *s, uint32_t flag);
const char *operator_name(const Store *s, uint32_t op);
uint32_t operator_builtin(const char *name); /* one of the engine's own; 0: none */
/* The shape of the operator applied to args; false with an error if they do not fit. */
bool operator_shape(Store *s, uint32_t op, const NodeId *args, uint32_t n, DimId *rows,
                    DimId *cols);

#endif
