/* delta.c: the Kronecker delta in counted sums. entry(I(n), i, k) is 1 where i = k, else 0, and
** both indices are in 1 .. n. So a sum over i = 1..n of it times f(i) is f(k). Over another range
** it is f(k) where k is in that range: such a sum is kept, for f(k) need not be defined elsewhere.
** But of two nested sums, as over the pairs i < j, the outer one can be restricted to where k is in
** the range of the inner one. */
#include "algebra/delta.h"

#include "algebra/build.h"
#include "algebra/counted.h"
#include "algebra/operator.h"
#include "algebra/size.h"
#include "core/number.h"

/* Is x a delta of the counter and something without it? Then *other is that, and *n the size. */
static bool is_delta(Store *s, NodeId x, NameId counter, NodeId *other, DimId *n) {
  if (!s->ops->entry || node_op(s, x) != s->ops->entry) return false;
  if (node_op(s, node_child(s, x, 0)) != OP_IDENTITY) return false;
  NodeId symbol = counted_counter(s, counter), i = node_child(s, x, 1), j = node_child(s, x, 2);
  *other = i == symbol ? j : i;
  *n = node_rows(s, node_child(s, x, 0));
  return (i == symbol || j == symbol) && !counted_holds(s, *other, counter);
}

/* The place of a delta of the counter among the factors of a product, or the number of factors. */
static uint32_t place_of_delta(Store *s, NodeId x, NameId counter, NodeId *other, DimId *n) {
  uint32_t count = node_arity(s, x), i = 0;
  while (i < count && !is_delta(s, node_child(s, x, i), counter, other, n)) i++;
  return i;
}

/* A product without its factor i, which is replaced by `instead`. */
static NodeId with_factor(Store *s, NodeId x, uint32_t i, NodeId instead) {
  Vec factors;
  vec_init(&factors);
  bool ok = true;
  for (uint32_t k = 0; ok && k < node_arity(s, x); k++)
    ok = vec_push(s, &factors, k == i ? instead : node_child(s, x, k));
  NodeId r = ok && instead ? build_product(s, factors.v, factors.n) : 0;
  vec_done(s, &factors);
  return r;
}

/* What is beside the delta of the counter in x; 0: there is none. */
static NodeId beside_delta(Store *s, NodeId x, NameId counter, NodeId *other, DimId *n) {
  if (is_delta(s, x, counter, other, n)) return s->one;
  if (node_op(s, x) != OP_PRODUCT) return 0;
  uint32_t i = place_of_delta(s, x, counter, other, n);
  return i < node_arity(s, x) ? with_factor(s, x, i, s->one) : 0;
}

static bool is_counted_over_delta(Store *s, NodeId x) {
  NodeId other;
  DimId n;
  if (node_op(s, x) != OP_COUNTED_SUM) return false;
  NodeId body = node_child(s, x, 2);
  NameId counter = node_words(s, x)[0];
  return is_delta(s, body, counter, &other, &n) ||
         (node_op(s, body) == OP_PRODUCT &&
          place_of_delta(s, body, counter, &other, &n) < node_arity(s, body));
}

/* Has a term of a sum, or one of its factors, a delta of the counter? */
static bool has_delta(Store *s, NodeId x, NameId counter) {
  NodeId other;
  DimId n;
  if (is_delta(s, x, counter, &other, &n) || is_counted_over_delta(s, x)) return true;
  if (node_op(s, x) != OP_PRODUCT) return false;
  for (uint32_t i = 0; i < node_arity(s, x); i++) {
    NodeId f = node_child(s, x, i);
    if (is_delta(s, f, counter, &other, &n) || is_counted_over_delta(s, f)) return true;
  }
  return false;
}

static bool sum_has_delta(Store *s, NodeId x, NameId counter) {
  bool found = false;
  if (node_op(s, x) != OP_SUM || !counted_holds(s, x, counter)) return false;
  for (uint32_t i = 0; !found && i < node_arity(s, x); i += 2)
    found = has_delta(s, node_child(s, x, i + 1), counter);
  return found;
}

/* The sums of the terms of `sum`, each within the product `round` in the place of factor i (round
   0: alone). */
static NodeId term_by_term(Store *s, NameId counter, NodeId first, NodeId last, NodeId sum,
                           NodeId round, uint32_t i) {
  Vec terms;
  vec_init(&terms);
  bool ok = true;
  for (uint32_t k = 0; ok && k < node_arity(s, sum); k += 2) {
    NodeId t = build_scale(s, node_child(s, sum, k), node_child(s, sum, k + 1));
    NodeId body = round ? with_factor(s, round, i, t) : t;
    NodeId c = build_counted(s, counter, first, last, body);
    ok = c && vec_push(s, &terms, c);
  }
  NodeId r = ok ? build_sum(s, terms.v, terms.n) : 0;
  vec_done(s, &terms);
  return r;
}

/* Is a - b a number of at least 0? */
static bool at_least(Store *s, NodeId a, NodeId b) {
  NodeId d = build_sub(s, a, b);
  return d && node_number(s, d) && number_sign(s, d) >= 0;
}

/* The number c with x = counter + c; false: x is none. */
static bool is_shifted(Store *s, NodeId x, NameId counter, NodeId *c) {
  *c = build_sub(s, x, counted_counter(s, counter));
  return *c && node_number(s, *c);
}

/* Is every index in x that holds the counter the counter itself? Then x is defined where that
   is. */
static bool indexed_plainly(Store *s, NodeId x, NameId counter) {
  NodeId symbol = counted_counter(s, counter);
  Vec order;
  vec_init(&order);
  bool ok = node_postorder(s, x, &order, NULL, NULL);
  for (uint32_t i = 0; ok && i < order.n; i++) {
    uint32_t op = node_op(s, order.v[i]), from = 1;
    if (op < OP_FIRST_USER) continue;
    if (op == s->ops->unit_matrix) from = 0;
    else if (op != s->ops->entry && op != s->ops->member && op != s->ops->lone_member) continue;
    for (uint32_t k = from; ok && k < from + 2; k++) {
      NodeId index = node_child(s, order.v[i], k);
      ok = index == symbol || !counted_holds(s, index, counter);
    }
  }
  vec_done(s, &order);
  return ok;
}

/* Is x a delta of the counter plus a number c, entry(I(n), i + c, k)? Then *other is k - c. */
static bool is_shifted_delta(Store *s, NodeId x, NameId counter, NodeId *other, NodeId *c,
                             DimId *n) {
  if (node_op(s, x) != s->ops->entry) return false;
  if (node_op(s, node_child(s, x, 0)) != OP_IDENTITY) return false;
  for (uint32_t k = 1; k <= 2; k++) {
    NodeId rest = node_child(s, x, 3 - k);
    if (counted_holds(s, rest, counter)) continue;
    if (!is_shifted(s, node_child(s, x, k), counter, c)) continue;
    *other = build_sub(s, rest, *c);
    *n = node_rows(s, node_child(s, x, 0));
    return *other != 0;
  }
  return false;
}

/* The sum over a shifted delta times the rest of body, where i + c is all of 1 .. n; 0: no such. */
static NodeId over_shifted(Store *s, NameId counter, NodeId first, NodeId last, NodeId body) {
  bool product = node_op(s, body) == OP_PRODUCT;
  uint32_t i = 0, count = product ? node_arity(s, body) : 1;
  NodeId k = 0, c = 0;
  DimId n = DIM_ONE;
  while (i < count &&
         !is_shifted_delta(s, product ? node_child(s, body, i) : body, counter, &k, &c, &n))
    i++;
  if (i == count) return 0;
  if (build_add(s, first, c) != s->one || build_add(s, last, c) != size_node(s, n)) return 0;
  return product ? counted_at(s, with_factor(s, body, i, s->one), counter, k) : s->one;
}

/* Does the range first .. last with what is beside a delta reach from 1 to n? A value at the end
   may be left out where what is beside it is zero there. */
static bool reaches_all(Store *s, NameId counter, NodeId first, NodeId last, NodeId rest, DimId n) {
  NodeId size = size_node(s, n), two = number_int(s, 2);
  if (!size) return false;
  if (first == s->one && last == size) return true;
  if (!indexed_plainly(s, rest, counter)) return false;
  NodeId before = build_sub(s, size, s->one);
  if (first != s->one && !(first == two && node_zero(s, counted_at(s, rest, counter, s->one))))
    return false;
  return last == size || (last == before && node_zero(s, counted_at(s, rest, counter, size)));
}

/* The range of the outer counter i in first .. last for which k, one of 1 .. n, is in the inner
   range lo .. hi; false: it cannot be told. */
static bool restrict_range(Store *s, NameId counter, NodeId *first, NodeId *last, NodeId lo,
                           NodeId hi, NodeId k, DimId n) {
  NodeId size = size_node(s, n), c, a = *first, b = *last;
  if (!size) return false;
  if (counted_holds(s, lo, counter)) { /* i + c <= k */
    if (!is_shifted(s, lo, counter, &c)) return false;
    if (!at_least(s, build_add(s, b, c), size)) return false;
    if (!at_least(s, number_int(s, 2), build_add(s, a, c))) return false;
    *last = build_sub(s, k, c);
  } else if (lo != s->one) {
    return false;
  }
  if (counted_holds(s, hi, counter)) { /* k <= i + c */
    if (!is_shifted(s, hi, counter, &c) || *last != b) return false;
    if (!at_least(s, s->one, build_add(s, a, c))) return false;
    if (!at_least(s, build_add(s, build_add(s, b, c), s->one), size)) return false;
    *first = build_sub(s, k, c);
  } else if (hi != size) {
    return false;
  }
  return s->status == STORE_OK;
}

/* body has a sum over a delta of its own counter as a factor. */
static NodeId over_inner(Store *s, NameId counter, NodeId first, NodeId last, NodeId body) {
  bool product = node_op(s, body) == OP_PRODUCT;
  uint32_t i = 0, count = product ? node_arity(s, body) : 0;
  while (i < count && !is_counted_over_delta(s, node_child(s, body, i))) i++;
  NodeId inner = product ? (i < count ? node_child(s, body, i) : 0) : body, k;
  if (!inner || !is_counted_over_delta(s, inner)) return 0;
  DimId n;
  NameId own = node_words(s, inner)[0];
  NodeId rest = beside_delta(s, node_child(s, inner, 2), own, &k, &n);
  if (!rest || counted_holds(s, k, counter)) return 0;
  if (!restrict_range(s, counter, &first, &last, node_child(s, inner, 0), node_child(s, inner, 1),
                      k, n))
    return 0;
  rest = counted_at(s, rest, own, k);
  return build_counted(s, counter, first, last, product ? with_factor(s, body, i, rest) : rest);
}

NodeId delta_counted(Store *s, NameId counter, NodeId first, NodeId last, NodeId body) {
  if (!s->ops->entry) return 0;
  if (sum_has_delta(s, body, counter)) return term_by_term(s, counter, first, last, body, 0, 0);
  for (uint32_t i = 0; node_op(s, body) == OP_PRODUCT && i < node_arity(s, body); i++)
    if (sum_has_delta(s, node_child(s, body, i), counter))
      return term_by_term(s, counter, first, last, node_child(s, body, i), body, i);
  NodeId k;
  DimId n;
  NodeId rest = beside_delta(s, body, counter, &k, &n);
  if (rest && reaches_all(s, counter, first, last, rest, n)) return counted_at(s, rest, counter, k);
  if (rest) return 0;
  NodeId shifted = over_shifted(s, counter, first, last, body);
  return shifted ? shifted : over_inner(s, counter, first, last, body);
}
