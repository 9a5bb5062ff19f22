/* pattern.c: the forms of patterns, and the quick look before matching. */
#include "rules/pattern.h"

#include "core/view.h"

bool pattern_power_or_once(const Store *s, NodeId pattern) {
  if (node_op(s, pattern) != OP_POWER && node_op(s, pattern) != OP_ELPOWER) return false;
  NodeId e = node_child(s, pattern, 1);
  return node_op(s, e) == OP_VARIABLE && node_words(s, e)[1] == KIND_NUMBER;
}

bool pattern_multiple(const Store *s, NodeId pattern) {
  return node_op(s, pattern) == OP_PRODUCT && node_arity(s, pattern) == 2 &&
         node_op(s, node_child(s, pattern, 1)) == OP_VARIABLE;
}

bool pattern_number_times(const Store *s, NodeId pattern) {
  if (node_op(s, pattern) != OP_PRODUCT || node_arity(s, pattern) != 3) return false;
  const NodeId *c = node_children(s, pattern);
  return c[0] == s->one && node_op(s, c[1]) == OP_VARIABLE && node_op(s, c[2]) == OP_VARIABLE &&
         node_words(s, c[1])[1] == KIND_NUMBER;
}

/* A bit for an operator: those of the engine have one of their own, those of rule files share the
   rest. */
static uint64_t operator_bit(uint32_t op) {
  return 1ull << (op < OP_FIRST_USER ? op
                                     : OP_FIRST_USER + (op - OP_FIRST_USER) % (64 - OP_FIRST_USER));
}

/* No argument is OP_FREE, no factor OP_NUMBER: their bits say that a product has scalar factors,
   and a chain of matrices. */
enum { SCALARS_BIT = 1 << OP_FREE, CHAIN_BIT = 1 << OP_NUMBER };

/* Does a product need scalar factors to match this one? A last bare variable would take the
   coefficient alone. */
static bool needs_scalars(const Store *s, NodeId pattern) {
  NodeId self;
  ProductView p = view_product(s, pattern, &self);
  return p.scalar != &self &&
         (p.scalars > 1 || (p.scalars == 1 && node_op(s, p.scalar[0]) != OP_VARIABLE));
}

NodeId pattern_transposed(const Store *s, NodeId p) {
  NodeId a = node_op(s, p) == OP_TRANSPOSE ? node_child(s, p, 0) : 0;
  return a && node_op(s, a) == OP_VARIABLE ? a : 0;
}

bool pattern_begins_freely(const Store *s, const NodeId *p, uint32_t n) {
  NodeId a = pattern_transposed(s, p[0]);
  return node_op(s, p[0]) == OP_VARIABLE || (a && node_among(p + 1, n - 1, a));
}

bool pattern_any_link(const Store *s, const NodeId *p, uint32_t n, uint32_t i) {
  return pattern_begins_freely(s, p + i, n - i) || node_among(p, i, pattern_transposed(s, p[i]));
}

/* The bits of a node that is no pattern. */
static uint64_t node_ops(const Store *s, NodeId x) {
  const Node *node = node_at(s, x);
  uint32_t op = node->op, n = node->n, i = 0, step = 1;
  const NodeId *c = node_words(s, x);
  uint64_t bits = 0;
  bool transposes = false;
  if (op == OP_SUM) {
    i = 1;
    step = 2;
  } else if (op == OP_PRODUCT) {
    i = 1;
    if (node_scalar(s, c[1])) bits |= SCALARS_BIT;
    if (!node_scalar(s, c[n - 1])) {
      bits |= CHAIN_BIT;
      transposes = node->rows == DIM_ONE && node->cols == DIM_ONE;
      if (transposes) bits |= 1ull << OP_TRANSPOSE;
    }
  } else {
    i = op_payload(op, n);
  }
  for (; i < n; i += step) {
    const Node *child = node_at(s, c[i]);
    uint32_t k = child->op;
    bits |= operator_bit(k);
    if (k == OP_POWER || k == OP_ELPOWER || (transposes && k == OP_TRANSPOSE))
      bits |= operator_bit(node_op(s, node_words(s, c[i])[0]));
  }
  return bits;
}

uint64_t pattern_ops(const Store *s, NodeId x, bool pattern) {
  if (!pattern) return node_ops(s, x);
  uint64_t bits = 0;
  uint32_t op = node_op(s, x), n = node_arity(s, x);
  const NodeId *c = node_children(s, x);
  bool transposes = op == OP_PRODUCT && node_scalar(s, x) && !node_scalar(s, c[n - 1]);
  if (op == OP_PRODUCT && needs_scalars(s, x)) bits |= SCALARS_BIT;
  if (op == OP_PRODUCT && !node_scalar(s, c[n - 1])) bits |= CHAIN_BIT;
  for (uint32_t i = op == OP_SUM || op == OP_PRODUCT ? 1 : 0; i < n; i += op == OP_SUM ? 2 : 1) {
    uint32_t k = node_op(s, c[i]),
             base = k == OP_POWER || k == OP_ELPOWER ? node_op(s, node_child(s, c[i], 0)) : k;
    if ((op == OP_PRODUCT || op == OP_HADAMARD) && pattern_power_or_once(s, c[i])) k = base;
    if (op == OP_PRODUCT && pattern_any_link(s, c, n, i)) continue;
    if (transposes && k == OP_TRANSPOSE) k = node_op(s, node_child(s, c[i], 0));
    if (transposes ? k >= OP_FIRST_USER
                   : k != OP_VARIABLE && k != OP_NUMBER && k != OP_SYMBOL && k != OP_PRODUCT)
      bits |= operator_bit(k);
    if (!transposes && base >= OP_FIRST_USER) bits |= operator_bit(base);
  }
  return bits;
}

/* The bits of the arguments of a node that is no pattern. */
static uint64_t node_inner_ops(const Store *s, NodeId x) {
  const Node *node = node_at(s, x);
  uint32_t op = node->op, n = node->n, step = op == OP_SUM ? 2 : 1;
  const NodeId *c = node_words(s, x);
  uint64_t bits = 0;
  if (op == OP_PRODUCT && node_scalar(s, x) && !node_scalar(s, c[n - 1])) return UINT64_MAX;
  for (uint32_t i = op == OP_SUM || op == OP_PRODUCT ? 1 : op_payload(op, n); i < n; i += step) {
    uint32_t k = node_op(s, c[i]);
    bits |= node_ops(s, c[i]);
    if (k == OP_POWER || k == OP_ELPOWER) bits |= node_ops(s, node_words(s, c[i])[0]);
  }
  return bits;
}

uint64_t pattern_inner_ops(const Store *s, NodeId x, bool pattern) {
  if (!pattern) return node_inner_ops(s, x);
  uint64_t bits = 0;
  uint32_t op = node_op(s, x), n = node_arity(s, x);
  const NodeId *c = node_children(s, x);
  if (op == OP_PRODUCT && node_scalar(s, x) && !node_scalar(s, c[n - 1])) return 0;
  for (uint32_t i = op == OP_SUM || op == OP_PRODUCT ? 1 : 0; i < n; i += op == OP_SUM ? 2 : 1) {
    uint32_t k = node_op(s, c[i]);
    NodeId base = k == OP_POWER || k == OP_ELPOWER ? node_child(s, c[i], 0) : c[i];
    if (!(pattern_number_times(s, base) || pattern_multiple(s, base)))
      bits |= pattern_ops(s, base, true);
  }
  return bits;
}
