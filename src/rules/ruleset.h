/* ruleset.h: rules, and the table of them.
**
** A rule's two sides are nodes whose OP_VARIABLE leaves stand for expressions, and whose dimension
** names stand for dimensions. Rules are kept by kind and by head operator, most specific first
** (then by priority). The rules hold references to their nodes. */
#ifndef RULESET_H
#define RULESET_H

#include "core/keymap.h"
#include "core/node.h"
#include "rules/attribute.h"

typedef enum {
  RULE_ALGEBRA,      /* applied when a node is made */
  RULE_SIMPLIFY,     /* applied in simplification; all rules with conditions on attributes */
  RULE_EXPAND,       /* applied when products are distributed over sums because a user asks */
  RULE_DIFFERENTIAL, /* d(pattern) -> linear in d(variables) */
  RULE_STEP,         /* the same, for the steps of a derivation only */
  RULE_IDENTITY,     /* the same, for steps that may use what identities state */
  RULE_ADJOINT,      /* pattern linear in one variable: the cotangent of that variable */
  RULE_JACOBIAN,     /* the Jacobian (vec form) of the pattern from that of the variable */
  /* the block form of the pattern: from that of the variable; of a pattern in the tangent itself;
     of a pattern that is a lone variable, from its Jacobian */
  RULE_BLOCK,
  RULE_FACT,         /* name is the property that the pattern has */
  RULE_CURVATURE,    /* the pattern is convex or concave in some variables: it rewrites nothing */
  RULE_KINDS
} RuleKind;
extern const char *const ruleset_kind_names[RULE_KINDS];

/* What a condition asks: one of the engine's own predicates, or a property, or a predicate from
   outside. */
typedef enum {
  PRED_OTHER,
  PRED_EQUAL,
  PRED_DIFFERENT,
  PRED_LESS,
  PRED_AT_MOST,
  PRED_GREATER,
  PRED_AT_LEAST,
  PRED_CONSTANT,
  PRED_ZERO,
  PRED_NUMBER,
  PRED_INTEGER,
  PRED_SYMBOL,
  PRED_SCALAR,
  PRED_SQUARE,
  PRED_COMMUTES,
  PRED_NATURAL,
  PRED_FREE,
  PREDICATES
} Predicate;

typedef struct {
  NameId name;
  Predicate predicate; /* follows from the name */
  bool negated;
  NodeId arg[2];
} Condition;

/* So many nodes are known by number until all are to be tried again; if there are more, a walk over
   all nodes costs no more. */
enum { RULES_TRIED = 1 << 12 };
/* So many rules are applied one inside the other on the C stack. */
enum { RULES_NESTED = 150 };
/* And so many, with those that wait for them, unless nesting_limit says otherwise. */
enum { RULES_WAITING = 250000 };
/* So many letters, of kinds, shapes and attributes of their own, have answers that serve others. */
enum { LETTERS_KEPT = 64 };
enum { RULE_VARIABLES = 24, RULE_CONDITIONS = 6, NO_VARIABLE = 0xffff };

typedef struct {
  RuleKind kind;
  NameId name, note; /* note: what a refusal says of it; 0: nothing */
  NodeId lhs, rhs;
  /* the variable in which the pattern of an adjoint, jacobian or block rule is linear */
  uint32_t active;
  /* the variable for the cotangent, Jacobian or block; NO_VARIABLE: the active variable is the
     tangent itself */
  uint32_t cotangent;
  NameId size[2];     /* of a block rule: the names of the sizes of the tangent */
  int priority;
  uint32_t conditions;
  Condition condition[RULE_CONDITIONS];
  bool gone;
  bool derivation; /* the rule for d(A op B), in the form that extends to any number of operands */
  uint64_t grants; /* of a fact: the attribute, as a bit */
  /* the operators that the pattern needs, see pattern_ops and pattern_inner_ops: a filter before
     matching */
  uint64_t need[2];
  /* its conditions can hold: 0 anywhere, 1 only where symbols have attributes, 2 nowhere yet; -1:
     not known yet */
  int8_t attributes;
  uint32_t serial;
} Rule;

/* Further predicates, from outside; -1 unknown name, 0 false, 1 true, or undecided: an argument
   holds variables of a rule, which stand for anything. See hook.h for what the hook may do. */
enum { HOOK_UNDECIDED = 2 };
typedef int (*PredicateHook)(Store *s, const char *name, const NodeId *args, uint32_t n);

/* What an answer for a property rests on: the node and the rules alone, the questions around it as
   well, or the hook. */
enum { REST_NODE, REST_QUESTION, REST_HOOK };

/* For the files of this folder; others ask by functions. */
struct RuleSet {
  Rule *v;
  uint32_t n, cap;
  /* by head operator */
  struct RuleIndex {
    uint32_t *v;
    uint64_t *need;
    uint32_t n, cap;
    struct RuleBits *bits;   /* both: see candidates.h */
    struct RuleFiles *files;
  } *index[RULE_KINDS];
  uint32_t ops[RULE_KINDS];
  /* the nodes that algebra rules have been tried on since all were to be tried again */
  NodeId tried[RULES_TRIED];
  uint32_t tried_count; /* RULES_TRIED: there were more */
  /* `version` changes with each rule, the others with algebra rules and with those of pairwise.h */
  uint32_t version, algebra_version, pairwise_version;
  Attributes attributes;
  /* as bits: an expression has an attribute of the first as soon as a letter in it has, and then
     none of the second, which are 0 until such a letter is declared */
  uint64_t inherited, excluded;
  Map results; /* of algebra rules, by node */
  /* the same while attributes act, of nodes that hold some: there the transpose of a leaf may be
     that leaf */
  Map acting;
  Map logged; /* as results, of those that the log under way has */
  uint64_t used;         /* the attributes that symbols had when .. */
  uint64_t inferable[2]; /* .. this was worked out: see inferable_attributes */
  bool inferable_known;
  /* to the questions for a property below the one that is asked: see property.c */
  KeyMap answers;
  /* the answers that last, by mode of attributes, and the version of the rules that gave them */
  KeyMap lasting[2];
  uint32_t lasting_version;
  /* Letters whose answers serve all that are like them; see facts.c. */
  NodeId letter[LETTERS_KEPT];
  bool letters_alike; /* no fact is about letters by name */
  uint8_t rest;           /* what the answer under way rests on so far: a Rest */
  uint32_t questions;     /* how many are under way, one inside the other */
  bool irreducible_marks; /* nodes are marked as irreducible */
  uint32_t depth;         /* of rules that are applied, one inside the other, on the C stack */
  /* normalise.c: it is at work; the work under way is given up; and the nodes it was given up on,
     the innermost first, with the modes of attributes; others wait for them */
  bool rewriting, deferring, waiting;
  struct { NodeId node; bool mode; } deferred[RULES_NESTED + 1];
  uint32_t deferred_n, deferred_counters;
  struct Plain *plain; /* plain.c */
  struct Bags *bags;   /* pairwise.c */
  struct Round *rounds;   /* round.c: the scalar products that are rewritten, the innermost first */
  NodeId least;           /* round.c: the least form of the round that is closing; 0: none */
  uint64_t rewrites;      /* see ruleset_rewrites */
  PredicateHook hook;
};

/* Have the rules of a kind no right side? */
static inline bool ruleset_one_sided(RuleKind kind) {
  return kind == RULE_FACT || kind == RULE_CURVATURE;
}

/* Is the left side of rules of a kind a differential d(pattern)? */
static inline bool ruleset_of_differentials(RuleKind kind) {
  return kind == RULE_DIFFERENTIAL || kind == RULE_STEP || kind == RULE_IDENTITY;
}

bool ruleset_open(Store *s);
/* Mark the names of rules and attributes, for a collection. */
void ruleset_mark_names(Store *s);
void ruleset_close(Store *s);
void ruleset_forget(Store *s);   /* forget all that is remembered by node; before ids are reused */
/* Does a rule stand before another in their list? */
bool ruleset_before(const Store *s, uint32_t a, uint32_t b);
/* The algebra rules have been tried on a node. */
void ruleset_mark_tried(Store *s, NodeId x, bool reducible);
/* Add a rule; its number, or 0 with an error. */
uint32_t ruleset_add(Store *s, const Rule *r);
/* Are its sides and conditions small enough for what walks patterns by recursion? ruleset_add
** refuses others. */
bool ruleset_is_small(const Store *s, const Rule *r);
/* Room for so many more rules. */
bool ruleset_reserve(Store *s, uint32_t more);
/* For images: add a rule as ruleset_at has given it in a store with the same names, operators and
   nodes; false on failure. */
bool ruleset_put(Store *s, const Rule *r);
/* Take the rules of that name and kind away (kind RULE_KINDS: any kind); how many. */
uint32_t ruleset_remove(Store *s, RuleKind kind, NameId name);
uint32_t ruleset_count(const Store *s);
/* How often, so far, an algebra rule has made another node of one. */
uint64_t ruleset_rewrites(const Store *s);
/* back to the first `count` rules: undoes a file */
void ruleset_truncate(Store *s, uint32_t count);
void ruleset_restore(Store *s, uint32_t serial, bool gone);
const Rule *ruleset_at(const Store *s, uint32_t serial);
const char *ruleset_name(const Store *s, uint32_t serial);
/* A number that changes when the rules do: results that are kept with another number are out of
   date. */
uint32_t ruleset_version(const Store *s);
/* The rules of a kind for a head operator, in the order to try them. */
const uint32_t *ruleset_list(const Store *s, RuleKind kind, uint32_t op, uint32_t *n);
/* Remember of a node that no simplification rule applies to it or to anything in it, until the
   rules change. */
void ruleset_mark_irreducible(Store *s, NodeId x);
/* What follows from the facts is to be found out anew. */
void ruleset_forget_attributes(Store *s);
/* What is put into Store.log: the rules that are applied; in LOG_ALL also those on ways that lead
   back to where they began, and of nodes that are known to be simple. */
enum { LOG_OFF, LOG_STEPS, LOG_ALL };
void ruleset_log(Store *s, int mode); /* begins a log, or ends it */
void ruleset_hook(Store *s, PredicateHook hook); /* forgets what was answered */

#endif
