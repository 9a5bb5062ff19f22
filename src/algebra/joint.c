/* joint.c: multiples and sums of operators that are linear in all their arguments together. */
#include "algebra/joint.h"

#include <string.h>

#include "algebra/build.h"
#include "core/number.h"

enum { MOST_NESTED = 500 };

NodeId joint_scale(Store *s, NodeId scalar, NodeId x) {
  NodeId args[PARAM_MAX];
  uint32_t n = node_arity(s, x), op = node_op(s, x);
  if (!scalar || scalar == s->one) return scalar ? x : 0;
  if (s->images >= MOST_NESTED) {
    bool number = node_number(s, scalar);
    NodeId words[3] = {number ? scalar : s->one, number ? x : scalar, x};
    return node_intern(s, OP_PRODUCT, words, number ? 2 : 3, node_rows(s, x), node_cols(s, x));
  }
  memcpy(args, node_children(s, x), n * sizeof *args);
  s->images++;
  bool ok = true;
  for (uint32_t i = 0; ok && i < n; i++)
    if (operator_at(s, op)->param[i].kind == PARAM_SHAPE)
      ok = (args[i] = build_mul(s, scalar, args[i])) != 0;
  NodeId r = ok ? build_operator(s, op, args, n) : 0;
  s->images--;
  return r;
}

bool joint_negative(Store *s, NodeId x) {
  uint32_t nested = 0;
  while (is_joint(s, x) && nested++ < MOST_NESTED) {
    uint32_t n = node_arity(s, x), i = 0;
    while (i + 1 < n && node_zero(s, node_child(s, x, i))) i++;
    x = node_child(s, x, i);
  }
  if (node_op(s, x) == OP_NUMBER) return number_sign(s, x) < 0;
  if (node_op(s, x) == OP_PRODUCT) return number_sign(s, node_child(s, x, 0)) < 0;
  if (node_op(s, x) != OP_SUM) return false;
  NodeId primitive, content = build_content(s, x, &primitive);
  return content && number_sign(s, content) < 0;
}

/* Have a and b the same operator and arguments of the same shapes, and the same sizes where
   arguments are no matrices? */
static bool alike(const Store *s, NodeId a, NodeId b) {
  uint32_t n = node_arity(s, a), op = node_op(s, a);
  if (op != node_op(s, b) || n != node_arity(s, b)) return false;
  for (uint32_t i = 0; i < n; i++) {
    NodeId x = node_child(s, a, i), y = node_child(s, b, i);
    if (operator_at(s, op)->param[i].kind != PARAM_SHAPE) {
      if (x != y) return false;
    } else if (node_rows(s, x) != node_rows(s, y) || node_cols(s, x) != node_cols(s, y)) {
      return false;
    }
  }
  return true;
}

static NodeId joint_add(Store *s, NodeId a, NodeId b) {
  NodeId args[PARAM_MAX];
  uint32_t n = node_arity(s, a), op = node_op(s, a);
  for (uint32_t i = 0; i < n; i++) {
    args[i] = node_child(s, a, i);
    if (operator_at(s, op)->param[i].kind != PARAM_SHAPE) continue;
    NodeId both[2] = {args[i], node_child(s, b, i)};
    if (!(args[i] = build_sum(s, both, 2))) return 0;
  }
  return build_operator(s, op, args, n);
}

uint32_t joint_merge(Store *s, NodeId *pairs, uint32_t n) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < n; i++) {
    NodeId number = pairs[2 * i], x = pairs[2 * i + 1];
    uint32_t j = kept;
    if (is_joint(s, x) && s->images < MOST_NESTED) {
      if (!(x = joint_scale(s, number, x))) return UINT32_MAX;
      number = s->one;
      for (j = 0; j < kept && !(is_joint(s, pairs[2 * j + 1]) && alike(s, pairs[2 * j + 1], x));)
        j++;
      if (j < kept) {
        s->images++;
        x = joint_add(s, pairs[2 * j + 1], x);
        s->images--;
        if (!x) return UINT32_MAX;
      }
    }
    pairs[2 * j] = number;
    pairs[2 * j + 1] = x;
    kept += j == kept;
  }
  return kept;
}
