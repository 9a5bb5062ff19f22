/* store.h: hash-consed expression nodes, named by 32-bit ids.
**
** Equal nodes are the same node, so equality is `==` on ids. A node never changes and never moves
** while the engine works: blocks of nodes and of arguments are only added. Collection (store_collect)
** runs between calls, never inside one; it keeps ids, frees the nodes that no reference
** reaches and packs the arguments.
**
** Errors: every function that makes nodes returns id 0 on failure, and given id 0 as an argument it
** returns 0 at once; the first failure is kept in the store (status, message). So a caller
** may build a whole formula and look at the end. On error nothing that existed has changed.
*/
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t NodeId; /* 0: error */
typedef uint32_t DimId;  /* a dimension: polynomial in names and integers; 0: error */
typedef uint32_t NameId; /* an interned string */

typedef struct Store Store;
typedef struct Node Node;

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
  OP_FUNCTION,   /* an unknown function's name: payload name, attribute bits (2 words); declared argument */
  OP_CALL,       /* function, argument */
  OP_DERIVATIVE, /* payload layout name (0: the engine's own form); function or derivative, point */
  OP_DIFF,       /* d(E), not worked out */
  OP_TANGENT,       /* the d(X) in which a differential is linear: payload name */
  OP_COUNTED_SUM,      /* a counted sum: payload name of the counter; first, last, body (see range.c) */
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
  KIND_COUNTER,    /* the counter of a counted sum */
  KIND_OPERATOR    /* rule variables only: the name of an operator */
};

enum { /* node flags */
  FLAG_VARIABLE = 1,   /* holds a rule variable */
  FLAG_TANGENT = 2,       /* holds a tangent */
  FLAG_DERIVATIVE = 4, /* holds D(..) */
  FLAG_ATTRIBUTE = 8,  /* holds a symbol with attributes */
  FLAG_DIFF = 16,      /* holds d(..) */
  FLAG_COUNTER = 32,   /* holds the counter of a counted sum, bound or not */
  FLAG_SUM = 64        /* holds a sum: there may be a common factor to collect */
};

enum { /* node marks */
  MARK_LIVE = 1,      /* reached by the collection under way */
  MARK_CHECKED = 2,   /* the algebra rules have been tried */
  MARK_REDUCIBLE = 4, /* and one of them applied */
  MARK_IRREDUCIBLE = 8     /* no simplification rule applies to it, nor to anything in it: see rewrite.c */
};

struct Node { /* 32 bytes */
  uint16_t op;
  uint8_t flags;
  uint8_t mark;
  uint32_t hash;   /* of the structure, not of ids: the same in every session */
  uint32_t n;      /* words of arguments */
  uint32_t args;   /* where they are: block and offset */
  DimId rows, cols;
  uint32_t refs;   /* from outside; not zero: a root of collection */
  uint32_t weight; /* nodes written out as a tree, saturating */
};

typedef enum {
  STORE_OK,
  STORE_MEMORY,
  STORE_SHAPE,
  STORE_DOMAIN, /* division by zero and the like */
  STORE_RULE,   /* no rule for what was asked */
  STORE_BUDGET,
  STORE_INTERRUPT,
  STORE_LIMIT,
  STORE_USAGE
} Status;

/* A map from ids to ids that empties in constant time. */
typedef struct {
  struct MapSlot { uint32_t key, stamp, value; } *slot;
  uint32_t mask, count, stamp;
} Map;

/* A growing array of words with room for small ones inside. */
typedef struct {
  uint32_t *v;
  uint32_t n, cap;
  uint32_t room[24];
} Vec;

enum { NODE_BITS = 12, ARG_BITS = 20 };

struct Store {
  Node **block;
  uint32_t blocks, next, free_head, live;
  uint32_t **pool;       /* argument words */
  uint32_t pools, pool_used, pool_size;
  uint64_t words;        /* argument words in use */
  uint32_t *slot, slot_mask;
  struct Names { char **text; uint32_t *slot, n, cap, mask; } names;
  struct Dims *dims;
  struct Operators *ops;
  struct RuleSet *rules;
  struct Attributes { NameId name[64]; uint64_t implied[64], used; uint32_t n; } attributes; /* as bits; used: by symbols */
  NodeId one, zero, minus_one, half;
  NodeId integer[1024]; /* -512 .. 511, those that were needed since the last collection */
  Map transposes, costs; /* emptied by a collection */
  struct Kept { Map *memo; NodeId variable[2]; uint32_t rules; } kept; /* see diff.c */
  Map *spare[8];         /* maps at rest, for map_take */
  uint32_t spares;
  Status status;
  char message[600];
  uint64_t steps, step_limit;
  uint32_t node_limit;
  uint64_t bytes, byte_limit;
  double time_limit, time_start; /* seconds; 0: none */
  volatile int interrupted;
  uint32_t collect_at;
  uint32_t counters;     /* of counted sums under way: see counted_fresh */
  long fail_after;       /* for tests: the allocation that fails; -1: none */
  uint32_t recent[8], recent_n; /* the rules that fired last */
  uint32_t applications; /* of rules: the clock is read every few of them */
  bool logging;
  bool attributes_act; /* while simplifying: the transpose of a symmetric leaf is that leaf, at once */
  Vec log;               /* triples rule, before, after */
  void *owner;           /* the binding's */
};

static inline Node *node_at(const Store *s, NodeId id) {
  return &s->block[id >> NODE_BITS][id & ((1u << NODE_BITS) - 1)];
}
static inline uint32_t *node_words(const Store *s, NodeId id) {
  uint32_t a = node_at(s, id)->args;
  return &s->pool[a >> ARG_BITS][a & ((1u << ARG_BITS) - 1)];
}
static inline uint32_t node_op(const Store *s, NodeId id) { return node_at(s, id)->op; }
static inline DimId node_rows(const Store *s, NodeId id) { return node_at(s, id)->rows; }
static inline DimId node_cols(const Store *s, NodeId id) { return node_at(s, id)->cols; }
static inline uint8_t node_flags(const Store *s, NodeId id) { return node_at(s, id)->flags; }

enum { DIM_ONE = 1 };
static inline bool node_scalar(const Store *s, NodeId id) {
  const Node *p = node_at(s, id);
  return p->rows == DIM_ONE && p->cols == DIM_ONE;
}

/* Payload words before the children of an operator's node. */
static inline uint32_t op_payload(uint32_t op, uint32_t n) {
  switch (op) {
    case OP_NUMBER: case OP_SYMBOL: case OP_VARIABLE: case OP_TANGENT: case OP_NAME: return n;
    case OP_FUNCTION: return 3;
    case OP_DERIVATIVE: case OP_COUNTED_SUM: return 1;
    default: return 0;
  }
}
static inline uint32_t node_arity(const Store *s, NodeId id) {
  const Node *p = node_at(s, id);
  return p->n - op_payload(p->op, p->n);
}
static inline NodeId *node_children(const Store *s, NodeId id) {
  const Node *p = node_at(s, id);
  return node_words(s, id) + op_payload(p->op, p->n);
}
static inline NodeId node_child(const Store *s, NodeId id, uint32_t i) {
  return node_children(s, id)[i];
}

Store *store_new(void);
void store_free(Store *s);
/* The only allocation of the engine: as realloc, size 0 frees. NULL on failure, status set. */
void *store_realloc(Store *s, void *p, size_t old, size_t size);

/* Record a failure (the first one stays); returns 0. */
NodeId store_fail(Store *s, Status status, const char *format, ...);
void store_clear_error(Store *s);
/* Count one step of work; false when the budget has run out. */
bool store_step(Store *s);
/* Is there time left, and was there no interrupt? Reads the clock. */
bool store_on_time(Store *s);
/* Begin a piece of work under the store's budget; collects before it when enough is garbage. */
void store_begin(Store *s);

NodeId node_intern(Store *s, uint32_t op, const uint32_t *words, uint32_t n, DimId rows, DimId cols);
/* A total order that depends on structure only. */
int order_compare(const Store *s, NodeId a, NodeId b);

NameId name_intern(Store *s, const char *text, size_t length);
static inline const char *name_text(const Store *s, NameId name) { return s->names.text[name]; }

void node_ref(Store *s, NodeId id);
void node_unref(Store *s, NodeId id);
void store_collect(Store *s);
/* Walk the whole store; NULL, or what is wrong with it. */
const char *store_check(Store *s);

Map *map_take(Store *s);               /* an empty map; NULL on failure */
void map_give(Store *s, Map *m);
uint32_t map_get(const Map *m, uint32_t key); /* 0: absent */
bool map_put(Store *s, Map *m, uint32_t key, uint32_t value);
void map_clear(Map *m);
void map_free(Store *s, Map *m);

void vec_init(Vec *v);
void vec_done(Store *s, Vec *v);
bool vec_reserve(Store *s, Vec *v, uint32_t n);
static inline bool vec_push(Store *s, Vec *v, uint32_t x) {
  if (v->n == v->cap && !vec_reserve(s, v, v->n + 1)) return false;
  v->v[v->n++] = x;
  return true;
}

/* For node_postorder: what is below the name of an unknown function is no part of an expression. */
bool node_is_function(const Store *s, NodeId id, void *data);
/* Nodes below root (root last), children before parents, each once; walks an explicit stack.
   Skips what `skip` (if given) says true of. */
bool node_postorder(Store *s, NodeId root, Vec *out, bool (*skip)(const Store *, NodeId, void *), void *data);

#endif
