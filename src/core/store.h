/* store.h: the state of a session: memory and errors.
**
** The parts of a Store belong to the files named beside them. A store is made, collected and freed
** by store_life.h, which knows all of them; what is in core knows nothing above it.
**
** Errors: every function that makes nodes returns id 0 on failure, and given id 0 as an argument it
** returns 0 at once; the first failure is kept in the store (status, message). So a caller may
** build a whole formula and look at the end. On error nothing that existed has changed. */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ids.h"
#include "core/map.h"
#include "core/vec.h"

typedef uint32_t NodeId; /* 0: error */
typedef uint32_t DimId;  /* a dimension: polynomial in names and integers; 0: error */
typedef uint32_t NameId; /* an interned string */

typedef struct Store Store;

enum { DIM_ONE = 1 };

typedef enum {
  STORE_OK,
  STORE_MEMORY,
  STORE_SHAPE,
  STORE_DOMAIN, /* division by zero and the like */
  STORE_RULE,   /* no rule for what was asked */
  STORE_BUDGET,
  STORE_INTERRUPT,
  STORE_LIMIT,
  STORE_USAGE,
  STORE_STATUSES
} Status;

struct Store {
  /* memory and errors: store.c; the budget of the work under way: budget.c */
  Status status;
  char message[600];
  uint64_t bytes, byte_limit;
  uint64_t steps, step_limit;
  uint64_t work; /* pieces that are not yet counted as steps */
  uint32_t node_limit;
  uint32_t nesting_limit; /* rules applied one inside the other: rules/normalise.c */
  double time_limit, time_start;       /* seconds of the processor; limit 0: none */
  double elapsed_limit, elapsed_start; /* the same by the clock on the wall */
  bool held; /* the budgets are those of a longer piece of work, and go on */
  bool pinned; /* ids are in use outside: nothing is collected */
  volatile int interrupted;            /* see budget_interrupt */
  bool (*is_interrupted)(struct Store *); /* asked as well; NULL: nobody to ask */
  long fail_after; /* for tests: the allocation that fails; -1: none */
  /* the names of the rules that fired last, for the message when a budget runs out */
  NameId recent[8];
  uint32_t recent_n;
  Map *spare[8]; /* maps at rest: map.c */
  uint32_t spares;

  struct Names { Ids ids; uint32_t *slot, mask, live, kept; } names; /* name.c */
  struct Dims *dims;                                                 /* dim.c */

  /* nodes and their argument words: node.c, pool.c, garbage.c */
  struct Node **block;
  uint32_t blocks, next, free_head, live;
  uint32_t *slot, slot_mask, slot_ids; /* see node.c */
  struct { DimId rows, cols; uint64_t hash; } shape; /* that of the last node, and its hash */
  uint32_t **pool;
  uint32_t pools, pool_used, pool_size;
  uint64_t words; /* argument words in use */
  uint32_t collect_at;

  /* numbers: number.c */
  NodeId one, zero, minus_one, half;
  NodeId integer[1024]; /* -512 .. 511, those that were needed since the last collection */

  /* of the floors above: core only keeps it */
  struct Operators *ops;                 /* algebra/operator.c */
  Vec keys;                              /* by operator, for hashes: algebra/operator.c */
  NodeId (*normalise)(Store *, NodeId);  /* algebra/build.h */
  Map transposes;                        /* algebra/transpose.c; emptied by a collection */
  Map other_transposes;                  /* those of the other mode of attributes */
  uint32_t counters;                     /* counted sums under way: algebra/counted.c */
  /* the attributes that symbols have, as bits: algebra/leaf.c */
  uint64_t attributes_used;
  /* A mode of the constructors, which it makes give other results, and of two caches:
     attribute_mode (rules/attribute.h) says which and why, and alone sets it. */
  bool attributes_act;
  struct RuleSet *rules;                 /* rules/ruleset.c */
  uint32_t hooks;                        /* under way, one inside the other: rules/hook.h */
  uint32_t images;  /* images under an antilinear operator that are being taken, one in another */
  uint32_t applications;                 /* of rules: the clock is read every few of them */
  uint8_t logging; /* LOG_OFF, .. */
  Vec log;                               /* triples rule, before, after */
  struct Kept *kept;                     /* calculus/forward.c */
  Map costs;                             /* textbook/cost.c; emptied by a collection */
  void *owner;                           /* the binding's */
};

/* The only allocation of the engine: as realloc, size 0 frees. NULL on failure, status set. */
void *store_realloc(Store *s, void *p, size_t old, size_t size);

/* Record a failure (the first one stays); returns 0. */
NodeId store_fail(Store *s, Status status, const char *format, ...);
void store_clear_error(Store *s);
/* The status as a word, such as "shape". */
extern const char *const store_status_names[STORE_STATUSES];
/* While a predicate from outside is asked, `what` (rules, limits) stays as it is: false, with an
   error. */
bool store_may_change(Store *s, const char *what);
#endif
