/* node.h: hash-consed expression nodes, named by 32-bit ids.
**
** Equal nodes are the same node, so equality is `==` on ids. A node never changes and never moves
** while the engine works: blocks of nodes and of arguments are only added. Collection (garbage.h)
** runs between calls, never inside one; it keeps ids, frees the nodes that no reference
** reaches and packs the arguments. */
#ifndef NODE_H
#define NODE_H

#include "core/store.h"

/* Operators of the engine; those of rule files follow from OP_FIRST_USER on.
   payload: leading argument words that are no children. */
enum {
  OP_FREE,       /* an unused id */
  OP_NUMBER,     /* all words payload: see number.c */
  OP_SYMBOL,     /* payload name, kind, attribute bits (2 words) */
  OP_VARIABLE,   /* a rule's variable: payload name, kind, index */
  OP_SUM,        /* c1, t1, c2, t2, ..: numbers and terms of coefficient one, in order */
  OP_PRODUCT,    /* coefficient, scalar factors in order, chain of matrices */
  OP_POWER,      /* base (scalar or square matrix), exponent (scalar) */
  OP_HADAMARD,   /* factors of one shape, in order */
  OP_ELPOWER,    /* base (not scalar), exponent (scalar): elementwise */
  OP_TRANSPOSE,  /* of a leaf or of an operator that does not say how it transposes */
  OP_IDENTITY,   /* no arguments; the shape says it all */
  OP_ONES,
  OP_ZEROS,
  /* an unknown function's name: payload name, attribute bits (2 words); declared argument */
  OP_FUNCTION,
  OP_CALL,       /* function, argument */
  OP_DERIVATIVE, /* payload layout name (0: the engine's own form); function or derivative, point */
  OP_DIFF,       /* d(E), not worked out */
  OP_TANGENT,       /* the d(X) in which a differential is linear: payload name */
  /* a counted sum: payload name of the counter; first, last, body (see counted.c) */
  OP_COUNTED_SUM,
  OP_NAME,       /* the name of an operator, as an argument of another: payload name */
  OP_FIRST_USER
};

/* Kinds of symbols and of rule variables. */
enum {
  KIND_SCALAR,
  KIND_VECTOR,
  KIND_MATRIX,
  KIND_DIMENSION, /* a dimension's name used as a scalar */
  KIND_NUMBER,    /* rule variables only, from here on: a rational number */
  KIND_CONSTANT,  /* free of the variable of differentiation */
  KIND_SYMBOL,    /* a symbol */
  KIND_FUNCTION,  /* an unknown function's name */
  KIND_COUNTER,   /* the counter of a counted sum */
  KIND_OPERATOR,  /* rule variables only: the name of an operator */
  KIND_FAMILY,    /* a matrix of equal blocks, whose attributes are those of each block */
  KINDS
};
extern const char *const node_kind_names[KINDS];

enum { /* node flags */
  FLAG_VARIABLE = 1,   /* holds a rule variable */
  FLAG_TANGENT = 2,       /* holds a tangent */
  FLAG_DERIVATIVE = 4, /* holds D(..) */
  FLAG_ATTRIBUTE = 8,  /* holds a symbol with attributes */
  FLAG_DIFF = 16,      /* holds d(..) */
  FLAG_COUNTER = 32,   /* holds the counter of a counted sum, bound or not */
  FLAG_SUM = 64,       /* holds a sum: there may be a common factor to collect */
  NODE_FLAGS = 7       /* how many there are */
};
extern const char *const node_flag_names[NODE_FLAGS]; /* in the order of the bits */

enum { /* node marks */
  MARK_LIVE = 1,      /* reached by the collection under way */
  MARK_CHECKED = 2,   /* the algebra rules have been tried */
  MARK_REDUCIBLE = 4, /* and one of them applied */
  /* no simplification rule applies to it, nor to anything in it: see textbook/simplify.c */
  MARK_IRREDUCIBLE = 8
};

typedef struct Node { /* 32 bytes */
  uint16_t op;
  uint8_t flags;
  uint8_t mark;
  uint32_t hash;   /* of the structure, not of ids: the same in every session */
  uint32_t n;      /* words of arguments */
  uint32_t args;   /* where they are: block and offset */
  DimId rows, cols;
  uint32_t refs;   /* from outside; not zero: a root of collection */
  uint32_t weight; /* nodes written out as a tree, saturating */
} Node;

enum { NODE_BITS = 12, ARG_BITS = 20 };

static INLINE Node *node_at(const Store *s, NodeId id) {
  return &s->block[id >> NODE_BITS][id & ((1u << NODE_BITS) - 1)];
}
static INLINE uint32_t *node_words(const Store *s, NodeId id) {
  uint32_t a = node_at(s, id)->args;
  return &s->pool[a >> ARG_BITS][a & ((1u << ARG_BITS) - 1)];
}
static INLINE uint32_t node_op(const Store *s, NodeId id) { return node_at(s, id)->op; }
static INLINE DimId node_rows(const Store *s, NodeId id) { return node_at(s, id)->rows; }
static INLINE DimId node_cols(const Store *s, NodeId id) { return node_at(s, id)->cols; }
static INLINE uint8_t node_flags(const Store *s, NodeId id) { return node_at(s, id)->flags; }

static INLINE bool node_scalar(const Store *s, NodeId id) {
  const Node *p = node_at(s, id);
  return p->rows == DIM_ONE && p->cols == DIM_ONE;
}

/* Payload words before the children of an operator's node. */
static INLINE uint32_t op_payload(uint32_t op, uint32_t n) {
  enum {
    ALL = 1 << OP_NUMBER | 1 << OP_SYMBOL | 1 << OP_VARIABLE | 1 << OP_TANGENT | 1 << OP_NAME,
    ONE = 1 << OP_DERIVATIVE | 1 << OP_COUNTED_SUM,
    SOME = ALL | ONE | 1 << OP_FUNCTION
  };
  if (op >= OP_FIRST_USER || !(SOME >> op & 1)) return 0; /* most nodes */
  return ALL >> op & 1 ? n : ONE >> op & 1 ? 1 : 3;
}
static INLINE uint32_t node_arity(const Store *s, NodeId id) {
  const Node *p = node_at(s, id);
  return p->n - op_payload(p->op, p->n);
}
static INLINE NodeId *node_children(const Store *s, NodeId id) {
  const Node *p = node_at(s, id);
  return node_words(s, id) + op_payload(p->op, p->n);
}
static INLINE NodeId node_child(const Store *s, NodeId id, uint32_t i) {
  return node_children(s, id)[i];
}
static inline bool node_number(const Store *s, NodeId id) { return node_op(s, id) == OP_NUMBER; }
static inline bool node_zero(const Store *s, NodeId id) {
  return id == s->zero || node_op(s, id) == OP_ZEROS;
}

/* Room for so many more nodes in the table by which they are found, so that it need not grow. */
bool node_reserve(Store *s, uint32_t more);
/* For images: make the nodes 1, 2, .. as they were in a store with the same names, dimensions and
   operators. `nodes`: n of them, whose words follow each other in `words`, `count` in all. Those
   that are there already must be the first. False if they are not, or on failure. */
bool node_restore(Store *s, const Node *nodes, uint32_t n, const uint32_t *words, size_t count);
NodeId node_intern(Store *s, uint32_t op, const uint32_t *words, uint32_t n, DimId rows,
                   DimId cols);
void node_ref(Store *s, NodeId id);
void node_unref(Store *s, NodeId id);

/* Is x one of the n nodes of a list? */
bool node_among(const NodeId *list, uint32_t n, NodeId x);
/* For node_postorder: what is below the name of an unknown function is no part of an expression. */
bool node_is_function(const Store *s, NodeId id, void *data);
/* Nodes below root (root last), children before parents, each once; walks an explicit stack.
   Skips what `skip` (if given) says true of. */
bool node_postorder(Store *s, NodeId root, Vec *out, bool (*skip)(const Store *, NodeId, void *),
                    void *data);
/* The nodes with the operator op among those below root, root included, in postorder. */
bool node_find_all(Store *s, NodeId root, uint32_t op, Vec *out);
/* Take the marks (MARK_..) from all nodes. */
void node_unmark(Store *s, int marks);
/* Put a node that exists into the table of nodes, which has room for it. */
void node_enter(Store *s, NodeId id);
/* Mark the names and dimensions of all nodes. */
void node_mark_names(Store *s);
/* Walk all nodes; NULL, or what is wrong with them. */
const char *node_check(Store *s);

#endif
