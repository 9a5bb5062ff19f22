/* condition.c: what conditions ask. The engine answers its own predicates by the form of an
** expression, then the hook is asked, then the attributes and facts (property.h), whose conditions
** are asked in turn. */
#include "rules/condition.h"

#include <string.h>

#include "algebra/exponent.h"
#include "algebra/operator.h"
#include "core/name.h"
#include "core/number.h"
#include "rules/attribute.h"
#include "rules/commute.h"
#include "rules/hook.h"
#include "rules/instantiate.h"
#include "rules/facts.h"

const char *const condition_predicate_names[PREDICATES] = {
    [PRED_OTHER] = "",         [PRED_EQUAL] = "==",          [PRED_DIFFERENT] = "!=",
    [PRED_LESS] = "<",         [PRED_AT_MOST] = "<=",        [PRED_GREATER] = ">",
    [PRED_AT_LEAST] = ">=",    [PRED_CONSTANT] = "constant", [PRED_ZERO] = "zero",
    [PRED_NUMBER] = "number",  [PRED_INTEGER] = "integer",   [PRED_SYMBOL] = "symbol",
    [PRED_SCALAR] = "scalar",  [PRED_SQUARE] = "square",     [PRED_COMMUTES] = "commutes",
    [PRED_NATURAL] = "natural", [PRED_FREE] = "free"};

/* A condition that nothing decides holds neither as it is nor negated. */
typedef enum { NO, YES, UNDECIDED } Answer;

/* The mean of something is no longer one of the letters in it. */
static bool is_mean(const Store *s, NodeId x, void *data) {
  (void)data;
  return node_op(s, x) >= OP_FIRST_USER &&
         operator_at(s, node_op(s, x))->flags & OPERATOR_EXPECTATION;
}

/* Has a letter the attribute, or by a fact an operator without arguments, which is like one? */
static bool letter_has(Store *s, NodeId x, NodeId attribute, uint64_t bits) {
  if (attribute_declared(s, x) & bits) return true;
  return bits && node_op(s, x) >= OP_FIRST_USER && node_arity(s, x) == 0 &&
         facts_hold(s, node_words(s, attribute)[0], x);
}

/* Has no letter in x the attribute that the node names? A variable of a rule may stand for any, but
   for none with an inherited attribute: a rule's letters are real. */
static Answer free_of(Store *s, NodeId x, NodeId attribute) {
  uint64_t bits = node_op(s, attribute) == OP_NAME
                      ? attribute_implying(s, node_words(s, attribute)[0])
                      : 0;
  Vec order;
  vec_init(&order);
  bool is_free = node_postorder(s, x, &order, is_mean, NULL), open = false;
  for (uint32_t i = 0; is_free && i < order.n; i++) {
    open = open || (node_op(s, order.v[i]) == OP_VARIABLE && !(bits & s->rules->inherited));
    is_free = !letter_has(s, order.v[i], attribute, bits);
  }
  vec_done(s, &order);
  return !is_free ? NO : open ? UNDECIDED : YES;
}

/* Does a comparison of two numbers hold? */
static bool comparison_holds(const Store *s, Predicate predicate, NodeId a, NodeId b) {
  int k = number_compare(s, a, b);
  if (k == 0) return predicate == PRED_AT_MOST || predicate == PRED_AT_LEAST;
  return (k < 0) == (predicate == PRED_LESS || predicate == PRED_AT_MOST);
}

static bool is_comparison(Predicate p) { return PRED_LESS <= p && p <= PRED_AT_LEAST; }

/* The number that an argument of a condition is or stands for; 0: not known yet, or another. */
static NodeId number_of(const Match *m, NodeId argument) {
  const Store *s = m->s;
  if (argument && node_op(s, argument) == OP_VARIABLE &&
      node_words(s, argument)[1] == KIND_NUMBER)
    argument = m->var[node_words(s, argument)[2]];
  return argument && node_number(s, argument) ? argument : 0;
}

bool condition_refuses_numbers(const Match *m) {
  if (m->accept != condition_all_hold) return false;
  for (uint32_t i = 0; i < m->rule->conditions; i++) {
    const Condition *c = &m->rule->condition[i];
    int64_t value;
    NodeId a = is_comparison(c->predicate) || c->predicate == PRED_INTEGER
                   ? number_of(m, c->arg[0])
                   : 0;
    NodeId b = a && is_comparison(c->predicate) ? number_of(m, c->arg[1]) : 0;
    if (!a || (!b && c->predicate != PRED_INTEGER)) continue;
    bool holds = b ? comparison_holds(m->s, c->predicate, a, b) : number_get_int(m->s, a, &value);
    if (holds == c->negated) return true;
  }
  return false;
}

static Answer answer_to(Match *m, const Condition *c) {
  Store *s = m->s;
  NodeId a[2] = {instantiate_node(m, c->arg[0]), c->arg[1] ? instantiate_node(m, c->arg[1]) : 0};
  if (!a[0]) return false;
  int64_t u;
  switch (c->predicate) {
    case PRED_EQUAL: return a[0] == a[1];
    case PRED_DIFFERENT: return a[0] != a[1];
    case PRED_LESS: case PRED_AT_MOST: case PRED_GREATER: case PRED_AT_LEAST: {
      if (!a[1] || !node_number(s, a[0]) || !node_number(s, a[1])) return false;
      return comparison_holds(s, c->predicate, a[0], a[1]);
    }
    case PRED_CONSTANT:
      return !(node_flags(s, a[0]) & (FLAG_TANGENT | FLAG_DIFF)) || node_zero(s, a[0]);
    case PRED_ZERO: return node_zero(s, a[0]);
    case PRED_NUMBER: return node_number(s, a[0]);
    case PRED_INTEGER: return node_number(s, a[0]) && number_get_int(s, a[0], &u);
    case PRED_SYMBOL: return node_op(s, a[0]) == OP_SYMBOL;
    case PRED_SCALAR: return node_scalar(s, a[0]);
    case PRED_NATURAL: return exponent_natural(s, a[0]);
    case PRED_FREE: return a[1] ? free_of(s, a[0], a[1]) : NO;
    case PRED_SQUARE: return node_rows(s, a[0]) == node_cols(s, a[0]);
    case PRED_COMMUTES: return a[1] && commute_matrices(s, a[0], a[1]);
    case PRED_OTHER: case PREDICATES: break;
  }
  int answer = hook_ask(s, c->name, a, a[1] ? 2 : 1);
  if (answer == HOOK_UNDECIDED) return UNDECIDED;
  return answer < 0 ? facts_hold(s, c->name, a[0]) : answer > 0;
}

bool condition_all_hold(Match *m) {
  for (uint32_t i = 0; i < m->rule->conditions; i++) {
    const Condition *c = &m->rule->condition[i];
    if (m->differential == NULL && ruleset_of_differentials(m->rule->kind) &&
        ((node_flags(m->s, c->arg[0]) | (c->arg[1] ? node_flags(m->s, c->arg[1]) : 0)) & FLAG_DIFF))
      continue; /* needs d(..): asked again when it is known */
    if (answer_to(m, c) != (c->negated ? NO : YES)) return false;
  }
  return true;
}

bool condition_match(Match *m, Store *s, const Rule *r, NodeId pattern, NodeId x, bool part) {
  return match_pattern(m, s, r, pattern, x, part, r->conditions ? condition_all_hold : NULL);
}

Predicate condition_predicate(const Store *s, NameId name) {
  for (int q = PRED_OTHER + 1; q < PREDICATES; q++)
    if (strcmp(name_text(s, name), condition_predicate_names[q]) == 0) return (Predicate)q;
  return PRED_OTHER;
}
