/* exchange.c: a loop over the operators that have a property states one rule for each. The sides of
** the second follow from those of the first, as long as no constructor treats the two operators
** differently. */
#include "rules/exchange.h"

#include <string.h>

#include "algebra/build.h"
#include "algebra/operator.h"
#include "core/map.h"

/* Have two operators the same shapes, and keep their arguments in the order in which they are
   given? */
static bool are_alike(const Operator *a, const Operator *b) {
  if ((a->flags | b->flags) & OPERATOR_COMMUTATIVE) return false;
  if (a->n != b->n || a->rows != b->rows || a->cols != b->cols || a->same != b->same) return false;
  for (uint32_t i = 0; i < a->n; i++) {
    const Param *p = &a->param[i], *q = &b->param[i];
    if (p->kind != q->kind || p->name != q->name) return false;
    if (p->rows != q->rows || p->cols != q->cols) return false;
  }
  return true;
}

/* The calls of an operator below x, inner ones first. False on failure, or where one is inside
   another, or where the operator's name is an argument, or that of another operator. */
static bool lone_calls(Store *s, NodeId x, uint32_t op, Vec *calls) {
  NameId name = operator_at(s, op)->name;
  Vec order;
  vec_init(&order);
  Map *above = map_take(s); /* nodes that hold a call */
  bool ok = above && node_postorder(s, x, &order, NULL, NULL);
  for (uint32_t i = 0; ok && i < order.n; i++) {
    NodeId y = order.v[i];
    uint32_t n = node_arity(s, y), its = node_op(s, y);
    bool holds = false;
    for (uint32_t k = 0; k < n && !holds; k++) holds = map_get(above, node_child(s, y, k)) != 0;
    if (its == op) {
      ok = !holds && vec_push(s, calls, y);
      holds = true;
    } else if (its == OP_NAME) {
      ok = node_words(s, y)[0] != name;
    } else if (its >= OP_FIRST_USER) {
      ok = operator_at(s, its)->name != name;
    }
    if (ok && holds) ok = map_put(s, above, y, 1);
  }
  map_give(s, above);
  vec_done(s, &order);
  return ok;
}

NodeId exchange_operator(Store *s, NodeId x, uint32_t from, uint32_t to) {
  if (!are_alike(operator_at(s, from), operator_at(s, to))) return 0;
  Vec calls, others, after;
  vec_init(&calls);
  vec_init(&others);
  vec_init(&after);
  bool ok = lone_calls(s, x, from, &calls);
  for (uint32_t i = 0; ok && i < calls.n; i++) {
    NodeId args[PARAM_MAX];
    uint32_t n = node_arity(s, calls.v[i]);
    ok = n <= PARAM_MAX;
    if (ok) memcpy(args, node_children(s, calls.v[i]), n * sizeof *args);
    NodeId other = ok ? build_operator(s, to, args, n) : 0;
    ok = other && vec_push(s, &others, other);
  }
  NodeId made = ok ? build_replace(s, x, calls.v, others.v, calls.n) : 0;
  ok = made && node_at(s, made)->weight == node_at(s, x)->weight &&
       node_find_all(s, made, to, &after) && after.n == calls.n;
  vec_done(s, &calls);
  vec_done(s, &others);
  vec_done(s, &after);
  return ok ? made : 0;
}
