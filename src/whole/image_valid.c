/* image_valid.c: may an image be loaded? Its words may come from a damaged or a forged file. It may
** if every name, dimension and node that a word refers to is there, the counts fit, and what a
** node holds is of the kind that its operator's functions expect: then nothing reads outside the
** store. */
#include "whole/image_valid.h"

#include <string.h>

#include "core/name.h"
#include "core/number.h"

/* ---------------------------------------- the pieces */

static bool is_name(const Store *s, NameId name) { return name_known(s, name); }
static bool is_name_or_none(const Store *s, NameId name) { return !name || name_known(s, name); }
static bool is_dim(const Store *s, DimId d) { return d >= 1 && d <= dim_count(s); }

/* A bool of a structure that was copied from a file may hold any byte. */
static bool is_bool(const bool *b) {
  unsigned char byte;
  memcpy(&byte, b, 1);
  return byte <= 1;
}

static bool is_scalar(DimId rows, DimId cols) { return rows == DIM_ONE && cols == DIM_ONE; }

static bool has_shape(const Store *s, NodeId x, DimId rows, DimId cols) {
  return node_rows(s, x) == rows && node_cols(s, x) == cols;
}

bool image_valid_term(const Store *s, const DimTerm *t) {
  if (t->over < 1 || t->coefficient < -INT64_MAX || t->n > DIM_NAMES) return false;
  for (uint32_t i = 0; i < t->n; i++)
    if (!is_name(s, t->name[i])) return false;
  return true;
}

bool image_valid_bits(const Store *s, uint64_t bits) {
  uint32_t n = s->rules->attributes.n;
  return n >= ATTRIBUTES || bits >> n == 0;
}

bool image_valid_attributes(const Store *s, const Attributes *a) {
  if (a->n > ATTRIBUTES) return false;
  for (uint32_t i = 0; i < a->n; i++)
    if (!is_name(s, a->name[i]) || !image_valid_bits(s, a->implied[i])) return false;
  return true;
}

static uint64_t bits_of(const uint32_t *words) {
  uint64_t bits;
  memcpy(&bits, words, sizeof bits);
  return bits;
}

/* ---------------------------------------- operators */

static bool valid_param(const Store *s, const Param *p) {
  bool shaped = p->kind == PARAM_SHAPE;
  return p->kind <= PARAM_INDEX && is_bool(&p->linear) && is_name_or_none(s, p->name) &&
         p->rows <= dim_count(s) && p->cols <= dim_count(s) && (!shaped || (p->rows && p->cols)) &&
         (p->kind != PARAM_DIMENSION || p->name);
}

bool image_valid_operator(const Store *s, const Operator *o) {
  enum {
    OF_ONE = OPERATOR_ELEMENTWISE | OPERATOR_CYCLIC | OPERATOR_MATRIX_FUNCTION |
             OPERATOR_SUM_OF_ENTRIES | OPERATOR_TRANSPOSE_INVARIANT | OPERATOR_ODD | OPERATOR_EVEN,
    OF_TWO = OPERATOR_COMMUTATIVE | OPERATOR_ASSOCIATIVE
  };
  if (!is_name(s, o->name) || o->n > PARAM_MAX || !is_bool(&o->same) || !is_bool(&o->gone))
    return false;
  for (uint32_t i = 0; i < o->n; i++)
    if (!valid_param(s, &o->param[i])) return false;
  if (o->same ? o->n < 1 : !is_dim(s, o->rows) || !is_dim(s, o->cols)) return false;
  return (!(o->flags & OF_ONE) || o->n == 1) && (!(o->flags & OF_TWO) || o->n == 2) &&
         (!(o->flags & OPERATOR_ENTRY) || o->n == 3) &&
         (!(o->flags & OPERATOR_UNIT_MATRIX) || o->n == 4) &&
         (!(o->flags & (OPERATOR_MEMBER | OPERATOR_LONE_MEMBER)) || o->n == 7);
}

/* ---------------------------------------- nodes */

static bool valid_sum(const Store *s, const NodeId *c, uint32_t n, DimId rows, DimId cols) {
  for (uint32_t i = 0; i < n; i += 2)
    if (!node_number(s, c[i]) || i + 1 >= n || !has_shape(s, c[i + 1], rows, cols)) return false;
  return n >= 2;
}

/* A coefficient, scalars, and a chain whose inner sizes fit. */
static bool valid_product(const Store *s, const NodeId *c, uint32_t n, DimId rows, DimId cols) {
  if (n < 2 || !node_number(s, c[0])) return false;
  uint32_t i = 1;
  while (i < n && node_scalar(s, c[i])) i++;
  if (i == n) return is_scalar(rows, cols);
  if (node_rows(s, c[i]) != rows || node_cols(s, c[n - 1]) != cols) return false;
  for (; i + 1 < n; i++)
    if (node_cols(s, c[i]) != node_rows(s, c[i + 1])) return false;
  return true;
}

static bool is_function(const Store *s, NodeId x) {
  uint32_t op = node_op(s, x);
  return op == OP_FUNCTION || op == OP_DERIVATIVE || op == OP_VARIABLE;
}

/* Of the engine's own operators; the n children exist. */
static bool valid_children(const Store *s, uint32_t op, const NodeId *c, uint32_t n, DimId rows,
                           DimId cols) {
  switch (op) {
    case OP_SUM: return valid_sum(s, c, n, rows, cols);
    case OP_PRODUCT: return valid_product(s, c, n, rows, cols);
    case OP_POWER:
      return n == 2 && rows == cols && has_shape(s, c[0], rows, cols) && node_scalar(s, c[1]);
    case OP_ELPOWER: return n == 2 && has_shape(s, c[0], rows, cols) && node_scalar(s, c[1]);
    case OP_HADAMARD:
      for (uint32_t i = 0; i < n; i++)
        if (!has_shape(s, c[i], rows, cols)) return false;
      return n >= 2;
    case OP_TRANSPOSE: return n == 1 && has_shape(s, c[0], cols, rows);
    case OP_DIFF: return n == 1 && has_shape(s, c[0], rows, cols);
    case OP_IDENTITY: return n == 0 && rows == cols;
    case OP_ONES:
    case OP_ZEROS: return n == 0;
    case OP_FUNCTION: return n == 1;
    case OP_CALL: return n == 2 && is_function(s, c[0]) && has_shape(s, c[0], rows, cols);
    case OP_DERIVATIVE: return n == 2 && is_function(s, c[0]);
    case OP_COUNTED_SUM:
      return n == 3 && node_scalar(s, c[0]) && node_scalar(s, c[1]) &&
             has_shape(s, c[2], rows, cols);
    default: return true;
  }
}

static bool valid_payload(const Store *s, uint32_t op, const uint32_t *w, uint32_t n, DimId rows,
                          DimId cols) {
  switch (op) {
    case OP_NUMBER: return is_scalar(rows, cols) && number_valid(w, n);
    case OP_SYMBOL:
      return n == 4 && is_name(s, w[0]) && w[1] < KINDS && image_valid_bits(s, bits_of(w + 2));
    case OP_VARIABLE: return n == 3 && is_name(s, w[0]) && w[1] < KINDS && w[2] < RULE_VARIABLES;
    case OP_TANGENT: return n == 1 && is_name(s, w[0]);
    case OP_NAME: return n == 1 && is_name(s, w[0]) && is_scalar(rows, cols);
    case OP_FUNCTION: return n >= 3 && is_name(s, w[0]) && image_valid_bits(s, bits_of(w + 1));
    case OP_DERIVATIVE: return n >= 1 && is_name_or_none(s, w[0]);
    case OP_COUNTED_SUM: return n >= 1 && is_name(s, w[0]);
    default: return true;
  }
}

bool image_valid_node(const Store *s, NodeId id, uint32_t op, const uint32_t *words, uint32_t n,
                      DimId rows, DimId cols) {
  if (op == OP_FREE || op >= s->ops->n || !is_dim(s, rows) || !is_dim(s, cols)) return false;
  if (!valid_payload(s, op, words, n, rows, cols)) return false;
  uint32_t payload = op_payload(op, n);
  for (uint32_t i = payload; i < n; i++)
    if (words[i] < 1 || words[i] >= id) return false;
  if (op >= OP_FIRST_USER) return n == operator_at(s, op)->n;
  return valid_children(s, op, words + payload, n - payload, rows, cols);
}

/* ---------------------------------------- rules */

static bool is_node(const Store *s, NodeId x) { return x >= 1 && x < s->next; }

static bool valid_condition(const Store *s, const Condition *c) {
  return is_name(s, c->name) && (uint32_t)c->predicate < PREDICATES && is_bool(&c->negated) &&
         is_node(s, c->arg[0]) && c->arg[1] < s->next;
}

bool image_valid_rule(const Store *s, const Rule *r) {
  bool ok = (uint32_t)r->kind < RULE_KINDS && is_name_or_none(s, r->name) &&
            is_name_or_none(s, r->note) && is_node(s, r->lhs) &&
            (is_node(s, r->rhs) || (ruleset_one_sided(r->kind) && r->rhs == 0)) &&
            (r->active < RULE_VARIABLES || r->active == NO_VARIABLE) &&
            (r->cotangent < RULE_VARIABLES || r->cotangent == NO_VARIABLE) &&
            is_name_or_none(s, r->size[0]) && is_name_or_none(s, r->size[1]) &&
            r->conditions <= RULE_CONDITIONS && is_bool(&r->gone) && is_bool(&r->derivation) &&
            image_valid_bits(s, r->grants);
  for (uint32_t i = 0; ok && i < r->conditions; i++) ok = valid_condition(s, &r->condition[i]);
  return ok && ruleset_is_small(s, r) && r->serial == ruleset_count(s) + 1;
}
