/* match_unordered.h: matching factors and terms in any order. */
#ifndef MATCH_UNORDERED_H
#define MATCH_UNORDERED_H

#include "rules/goal.h"

enum { PATTERN_TERMS = 12 }; /* a pattern has at most so many */
/* Which of them are taken, as bits: in `few`, or in memory of their own. */
typedef struct {
  uint64_t *bits, few[4];
} Taking;

/* Unordered matching of n pattern elements against k elements, with what is left given to the last
   bare variable, or kept as the rest, or refused. */
typedef struct {
  const NodeId *p;
  uint32_t n;
  const NodeId *x;
  uint32_t k;
  Taking taken;
  NodeId (*join)(Store *, const NodeId *, uint32_t);
  NodeId *rest; /* where the rest goes; NULL: there may be none */
  NodeId extra; /* a factor that the rest carries along (a coefficient), 0: none */
  const Goal *next;
  /* by element of the pattern: only elements of these places may match it */
  uint32_t from[PATTERN_TERMS], to[PATTERN_TERMS];
} Unordered;

/* The elements of the pattern from i on. */
typedef struct {
  Goal goal;
  Unordered *unordered;
  uint32_t i;
} UnorderedFrom;

/* Before b is matched: none is taken, and it is set where the elements can be that each element of
   the pattern may match. False where one has no place, or without memory; else match_unordered_end
   follows. */
bool match_unordered_begin(Store *s, Unordered *b);
void match_unordered_end(Store *s, Unordered *b);
/* The goal that the elements of an UnorderedFrom match. */
bool match_unordered_solve(Match *m, const Goal *g);
/* Put bare variables last, so that they take what is left: n elements p of a pattern, to out. */
uint32_t match_unordered_bare_last(const Match *m, const NodeId *p, uint32_t n, NodeId *out);

/* Match a Hadamard product or a sum, then what follows; `part` as for match_pattern. */
bool match_unordered_hadamard(Match *m, NodeId pattern, NodeId node, bool part, const Goal *next);
bool match_unordered_sum(Match *m, NodeId pattern, NodeId node, bool part, const Goal *next);

#endif
