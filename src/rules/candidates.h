/* candidates.h: which rules of a head operator can match a node.
**
** Each rule of a short list is noted at one of the operators that its pattern needs, or as one that
** needs none; a node is asked for the rules at the operators that it has.
**
** A rule of many is filed under one thing that its pattern asks for: an operator among the factors
** or terms, or an operator or a number at some place of one of them (or of the node itself). A node
** is asked for all such things that it has; the rules filed under these, and those that ask for
** nothing of the kind, are its candidates, in the order of the whole list. Invariant: a rule that
** matches is among them. */
#ifndef CANDIDATES_H
#define CANDIDATES_H

#include "rules/ruleset.h"

/* A short list has no more rules than there are bits in so many words. */
enum { CANDIDATE_KEYS = 48, CANDIDATE_WORDS = 2 };

typedef struct {
  Store *s;
  RuleKind kind;
  uint32_t op;
  uint64_t have; /* the operators below the node: a rule that needs others is no candidate */
  bool plain;    /* all of the list: it is short, or the node has too many things */
  uint32_t at; /* in the list */
  bool noted;    /* of a short list: the places of those that are left, as bits */
  uint64_t left[CANDIDATE_WORDS];
  uint32_t n;
  /* files of rules, and how far each was read */
  struct { uint32_t file, at; } from[CANDIDATE_KEYS];
} Candidates;

/* The candidates among the rules of a kind for head x (of a differential, what is below the d).
   `have`: see pattern_ops; all bits where that is not known. On failure the status says so. */
Candidates candidates_of(Store *s, RuleKind kind, NodeId x, uint64_t have);
uint32_t candidates_next(Candidates *c); /* the number of a rule; 0: no more */

/* For the table of rules: a rule was put into a list, or is about to be taken out. */
void candidates_enter(Store *s, struct RuleIndex *l, uint32_t serial);
void candidates_leave(Store *s, struct RuleIndex *l, uint32_t serial);
void candidates_free(Store *s, struct RuleIndex *l);

#endif
