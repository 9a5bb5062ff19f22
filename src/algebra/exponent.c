/* exponent.c: exponents as polynomials in names and counters. */
#include "algebra/exponent.h"

#include "core/number.h"

enum { EXPONENT_DEPTH = 20 };

/* The sign of an exponent: 0 if e is no polynomial with integer coefficients in names and counters,
   -1 if each of its terms but a number is negative, else 1. */
static int exponent_sign(const Store *s, NodeId e, uint32_t depth) {
  uint32_t op = node_op(s, e), n = node_arity(s, e);
  int64_t k;
  if (op == OP_NUMBER) return !number_get_int(s, e, &k) ? 0 : k < 0 ? -1 : 1;
  if (op == OP_SYMBOL) return node_scalar(s, e) ? 1 : 0;
  if (depth == 0) return 0;
  if (op == OP_POWER) {
    if (!number_get_int(s, node_child(s, e, 1), &k) || k < 0) return 0;
    int sign = exponent_sign(s, node_child(s, e, 0), depth - 1);
    return k % 2 ? sign : sign * sign;
  }
  int sign = 1;
  if (op == OP_PRODUCT) {
    for (uint32_t i = 0; sign && i < n; i++)
      sign *= exponent_sign(s, node_child(s, e, i), depth - 1);
    return sign;
  }
  if (op != OP_SUM) return 0;
  bool up = false;
  for (uint32_t i = 0; sign && i < n; i += 2) {
    NodeId t = node_child(s, e, i + 1);
    sign = exponent_sign(s, node_child(s, e, i), depth - 1) * exponent_sign(s, t, depth - 1);
    up = up || (sign > 0 && node_op(s, t) != OP_NUMBER);
  }
  return !sign ? 0 : up ? 1 : -1;
}

bool exponent_whole(const Store *s, NodeId e) { return exponent_sign(s, e, EXPONENT_DEPTH) != 0; }
bool exponent_natural(const Store *s, NodeId e) { return exponent_sign(s, e, EXPONENT_DEPTH) > 0; }

bool exponent_multiplies(const Store *s, NodeId k, NodeId e) {
  int64_t num, den, other;
  if (number_get_int(s, e, &other)) return true;
  if (!number_get(s, k, &num, &den)) return false;
  return den != 1 || (num & 1);
}
