/* display.h: display trees as records (nabla.print.display has them as tables): how they are made
   and how they become tables of Lua. */
#ifndef NABLA_LUA_DISPLAY_H
#define NABLA_LUA_DISPLAY_H

#include <lua.h>

#include "core/node.h"

typedef uint32_t Tree; /* the number of a tree among those of a Display; 0: none */

typedef enum {
  TREE_NUMBER,
  TREE_NAME,
  TREE_DIMENSION,
  TREE_NEG,
  TREE_SUM, /* behind its parts: by part 1, or 0 for one with a minus */
  TREE_PRODUCT,
  TREE_QUOTIENT,
  TREE_HADAMARD,
  TREE_ELDIV,
  TREE_POWER,
  TREE_ELPOWER,
  TREE_TRANSPOSE,
  TREE_CALL,
  TREE_DERIVATIVE
} TreeTag;

enum { /* what a call knows of its argument; a field that is known may be false */
  CALL_KNOWS_MATRIX = 1,
  CALL_MATRIX = 2,
  CALL_KNOWS_SCALAR = 4,
  CALL_SCALAR = 8,
  CALL_KNOWS_FLAT = 16,
  CALL_FLAT = 32,
  CALL_TURNED = 64
};

enum { DERIVATIVE_AT = 1 }; /* its point is not the variable */

typedef struct {
  uint64_t cost;
  union {
    int64_t value;    /* of a number */
    const char *name; /* of a call */
  } as;
  uint32_t first, n; /* its parts */
  NodeId id;         /* of a name or call, or 0; of a dimension its number */
  Tree beside;       /* the function of a call, the variable of a derivative; or 0 */
  uint32_t place;    /* among the tables */
  uint8_t tag, bits;
} TreeRecord;

enum { DISPLAY_TREES = 96, DISPLAY_WORDS = 640 };

typedef struct {
  uint32_t *v, n, most;
} Words;

/* Its arrays begin on the C stack; larger ones are userdata at the indices kept .. kept + 2. */
typedef struct {
  lua_State *L;
  Store *s;
  int kept;
  TreeRecord *tree;
  uint32_t n, most;
  Words parts; /* of all trees */
  Words work;  /* lists under way: see display_room */
  TreeRecord tree_room[DISPLAY_TREES];
  uint32_t parts_room[DISPLAY_WORDS], work_room[DISPLAY_WORDS];
} Display;

/* A list of trees: so many words of `work` from a place on. */
typedef struct {
  uint32_t at, n;
} Trees;

void display_open(Display *d, lua_State *L, Store *s, int kept);
/* Room for n words in `work`, at the place that is returned. The room is free again when `work.n`
   is what it was. */
uint32_t display_room(Display *d, uint32_t n);
static inline void display_add(Display *d, Trees *list, Tree t) {
  d->work.v[list->at + list->n++] = t;
}
static inline const TreeRecord *display_at(const Display *d, Tree t) { return &d->tree[t]; }
static inline uint64_t display_cost(const Display *d, Tree t) { return d->tree[t].cost; }
static inline Tree display_part(const Display *d, Tree t, uint32_t i) {
  return d->parts.v[d->tree[t].first + i];
}

/* The constructors of nabla.print.display, by their names there. Lists are read, not taken over. */
Tree display_number(Display *d, int64_t value);
/* The name of a symbol or function; `kind`: KIND_SCALAR, KIND_VECTOR or KIND_MATRIX. */
Tree display_name(Display *d, NodeId symbol, uint32_t kind);
Tree display_dimension(Display *d, DimId dim);
Tree display_call(Display *d, const char *name, Trees args, NodeId id, uint8_t bits);
Tree display_call_of(Display *d, const char *name, Tree arg, NodeId id, uint8_t bits);
/* The value of an unknown function whose name is the tree fn. */
Tree display_value(Display *d, Tree fn, Tree arg, NodeId id);
/* by: the variable as a name, or 0; at: the point is not that variable. */
Tree display_derivative(Display *d, Tree f, Tree point, Tree by, bool at, NodeId id);
Tree display_transpose(Display *d, Tree a);
Tree display_neg(Display *d, Tree a);
Tree display_sum(Display *d, Trees items, uint32_t signs);
Tree display_product(Display *d, Trees items);
Tree display_hadamard(Display *d, Trees items);
Tree display_binary(Display *d, TreeTag tag, Tree a, Tree b);
Tree display_prefix(Display *d, Trees factors, Tree t);
Tree display_over(Display *d, Tree t, Trees below);
/* num/den times a tree that has no number in front. */
Tree display_scaled(Display *d, Tree t, int64_t num, int64_t den);
/* Is it the number 1? */
bool display_is_one(const Display *d, Tree t);

/* Push a tree as a table. The table at index `numbers` has those of small numbers. */
void display_push(Display *d, Tree root, int numbers);

#endif
