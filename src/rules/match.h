/* match.h: matching a pattern, the left side of a rule. */
#ifndef MATCH_H
#define MATCH_H

#include "core/dimenv.h"
#include "rules/ruleset.h"

/* What the counter of a counted sum stands for. */
struct Counter {
  NameId name;
  NodeId value;
  const struct Counter *outer;
};

/* A match: what the variables and dimensions of a pattern stand for. */
typedef struct Match Match;
struct Match {
  Store *s;
  const Rule *rule;
  NodeId var[RULE_VARIABLES];
  DimEnv dims;
  uint32_t late; /* shape equations that wait for names */
  DimId late_pattern[8], late_value[8];
  bool (*accept)(Match *); /* asked last; NULL: any match will do */
  uint32_t refused;        /* how often it said no */
  /* the terms of a sum, or the scalars of a product, that are left over; 0: none */
  NodeId root, rest_front;
  uint32_t from, to; /* the links of a product's chain that were matched, */
  bool transposed;   /* of the transposed chain, */
  bool split;        /* of the chain with its powers split: match_chain_split */
  NodeId ratio;      /* of a sum's coefficients to the pattern's */
  NodeId (*differential)(Match *, NodeId); /* d(x) inside a right side; NULL: stays */
  void *data;
  const struct Counter *counter; /* those of the counted sums around what is instantiated */
};

/* What is left to match: goal.h. */
typedef struct Goal Goal;

/* A match with nothing bound yet, of x by rule r. */
void match_begin(Match *m, Store *s, const Rule *r, NodeId x);
/* Match x against the pattern so that `accept` (if not NULL) says yes; fills m. With `part` the
   pattern may match some of the terms or factors of x. */
bool match_pattern(Match *m, Store *s, const Rule *r, NodeId pattern, NodeId x, bool part,
                   bool (*accept)(Match *));
/* Match the pattern of r, a product of matrices, with links that follow each other round the end of
   the chain c of n links, which is in the cyclic operator x: the links from .. to of the chain
   and its repetition. */
bool match_cyclic(Match *m, Store *s, const Rule *r, NodeId x, const NodeId *c, uint32_t n,
                  bool (*accept)(Match *));

/* For match_chain.c and match_unordered.c. Match a node, then what follows. */
bool match_node(Match *m, NodeId pattern, NodeId x, bool part, const Goal *next);
/* Let the variable stand for x, if it may, then what follows. */
bool match_bind(Match *m, NodeId variable, NodeId x, const Goal *next);
/* May a variable of the kind stand for x? */
bool match_kind_fits(const Match *m, uint32_t kind, NodeId x);
/* Is the pattern a variable that stands for nothing yet? */
bool match_is_bare(const Match *m, NodeId pattern);

#endif
