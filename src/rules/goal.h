/* goal.h: what is left to match, as a list of goals. A goal that can be met in several ways tries
** them in turn, each with all that follows it, so that what fails later leads back to the next way.
** Each way undoes what it has done if it fails. A goal lives on the stack of the call that made it;
** every kind of goal begins with this structure. */
#ifndef GOAL_H
#define GOAL_H

#include "core/budget.h"
#include "rules/match.h"

struct Goal {
  bool (*solve)(Match *m, const Goal *g); /* this goal and those that follow it */
  const Goal *next;
};

/* Of so many matches of one pattern and one node none was accepted: the search is given up. */
enum { GOAL_REFUSED = 10000 };

static inline bool goal_solve(Match *m, const Goal *g) {
  return m->refused < GOAL_REFUSED && budget_work(m->s, 1) && g->solve(m, g);
}

/* The goal that a node matches a pattern. */
typedef struct {
  Goal goal;
  NodeId pattern, node;
} GoalPair;

static inline bool goal_solve_pair(Match *m, const Goal *g) {
  const GoalPair *pair = (const GoalPair *)g;
  return match_node(m, pair->pattern, pair->node, false, g->next);
}

static inline GoalPair goal_pair(NodeId pattern, NodeId node, const Goal *next) {
  return (GoalPair){{goal_solve_pair, next}, pattern, node};
}

#endif
