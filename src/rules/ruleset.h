/* rule.h: rules, matching, and what follows from matching a rule.
**
** A rule's two sides are nodes whose OP_VARIABLE leaves stand for expressions, and whose dimension
** names stand for dimensions. Rules are kept by kind and by head operator, most specific first
** (then by priority). The rules hold references to their nodes. */
#ifndef RULESET_H
#define RULESET_H

#include "algebra/operator.h"
#include "core/store.h"

typedef enum {
  RULE_ALGEBRA,  /* applied when a node is made */
  RULE_SIMPLIFY, /* applied when an expression is simplified: all rules with conditions on attributes */
  RULE_DIFFERENTIAL, /* d(pattern) -> linear in d(variables) */
  RULE_ADJOINT,  /* pattern linear in one variable: the cotangent of that variable */
  RULE_JACOBIAN, /* the Jacobian (vec form) of the pattern from that of the variable */
  RULE_BLOCK,    /* the block form of the pattern: from that of the variable; of a pattern in the tangent itself; of
                    a pattern that is a lone variable, from its Jacobian */
  RULE_FACT,     /* name is the property that the pattern has */
  RULE_KINDS
} RuleKind;

/* What a condition asks: one of the engine's own predicates, or a property, or a predicate from outside. */
typedef enum {
  PRED_OTHER,
  PRED_EQUAL, PRED_DIFFERENT, PRED_LESS, PRED_AT_MOST, PRED_GREATER, PRED_AT_LEAST,
  PRED_CONSTANT, PRED_ZERO, PRED_NUMBER, PRED_INTEGER, PRED_SYMBOL, PRED_SCALAR, PRED_SQUARE, PRED_COMMUTES, PRED_NATURAL
} Predicate;

typedef struct {
  NameId name;
  Predicate predicate; /* follows from the name */
  bool negated;
  NodeId arg[2];
} Condition;

enum { RULE_VARIABLES = 24, RULE_CONDITIONS = 6, NO_VARIABLE = 0xffff };

typedef struct {
  RuleKind kind;
  NameId name, note; /* note: what a refusal says of it; 0: nothing */
  NodeId lhs, rhs;
  uint32_t active;    /* the variable in which the pattern of an adjoint, jacobian or block rule is linear */
  uint32_t cotangent; /* that which stands for what is carried; NO_VARIABLE: the active variable is the tangent itself */
  NameId size[2];     /* of a block rule: the names of the sizes of the tangent */
  int priority;
  uint32_t conditions;
  Condition condition[RULE_CONDITIONS];
  bool gone;
  bool derivation; /* says d(A op B) in the one way that extends to any number of operands */
  uint64_t grants; /* of a fact: the attribute, as a bit */
  uint64_t need[2]; /* operators among the arguments of what it can match, and among theirs: a quick look before matching */
  int8_t attributes; /* its conditions can hold: 0 anywhere, 1 only where symbols have attributes, 2 nowhere yet; -1: to be found out */
  uint32_t serial;
} Rule;

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
  uint32_t late;                       /* shape equations that wait for names */
  DimId late_pattern[8], late_value[8];
  NodeId root, rest_front;             /* what of a sum, or of a product's scalars, was left over; 0: nothing */
  uint32_t from, to;                   /* the links of a product's chain that were matched, */
  bool transposed;                        /* of the transposed chain */
  NodeId ratio;                        /* of a sum's coefficients to the pattern's */
  NodeId (*differential)(Match *, NodeId); /* d(x) inside a right side; NULL: stays */
  void *data;
  const struct Counter *counter;       /* those of the counted sums around what is instantiated */
};

bool ruleset_open(Store *s);
void ruleset_close(Store *s);
void ruleset_forget(Store *s);   /* drop what is remembered of nodes; before ids are reused */
/* Add a rule; its number, or 0 with an error. */
uint32_t ruleset_add(Store *s, const Rule *r);
/* For images: add a rule as ruleset_at has given it in a store with the same names, operators and nodes; false on failure. */
bool ruleset_put(Store *s, const Rule *r);
/* Take the rules of that name and kind away (kind RULE_KINDS: any kind); how many. */
uint32_t ruleset_remove(Store *s, RuleKind kind, NameId name);
uint32_t ruleset_count(const Store *s);
void ruleset_truncate(Store *s, uint32_t count); /* back to the first `count` rules: undoes a file */
void ruleset_restore(Store *s, uint32_t serial, bool gone);
const Rule *ruleset_at(const Store *s, uint32_t serial);
const char *ruleset_name(const Store *s, uint32_t serial);
/* The rules of a kind for a head operator, in the order to try them. */
const uint32_t *ruleset_list(const Store *s, RuleKind kind, uint32_t op, uint32_t *n);

/* Match x against pattern (and the rule's conditions); fills m. */
bool match_rule(Match *m, Store *s, const Rule *r, NodeId pattern, NodeId x, bool part);
/* The right side with the match put in; 0 on failure. */
NodeId instantiate_node(Match *m, NodeId rhs);
bool condition_all_hold(Match *m);
/* The first rule of a kind that applies to x: the result, or x if none does. */
NodeId apply_rules(Store *s, RuleKind kind, NodeId x);
/* Remember of a node that no simplification rule applies to it or to anything in it, until the rules change. */
void ruleset_mark_irreducible(Store *s, NodeId x);
/* Called by the constructors on each node they make: applies the algebra rules. */
NodeId node_normalise(Store *s, NodeId x);

/* Does x have the property: by attribute of a symbol, or by a fact. */
bool property_holds(Store *s, NameId property, NodeId x);
/* The bit of an attribute; registers it. 0 if there are 64 already. */
uint64_t attribute_bit(Store *s, NameId name, bool add);
/* A symbol has these attributes: rules that ask for them are tried from now on. */
void attributes_used(Store *s, uint64_t bits);
/* Say what an attribute implies: a fact that grants it grants these as well. */
void attribute_implies(Store *s, NameId name, uint64_t implied);
/* Let attributes act in the constructors, or not. */
void attribute_mode(Store *s, bool act);
/* Further predicates, from outside; -1 unknown name, 0 false, 1 true. */
typedef int (*PredicateHook)(Store *s, const char *name, const NodeId *args, uint32_t n);
void ruleset_hook(Store *s, PredicateHook hook); /* forgets what was answered */

#endif
