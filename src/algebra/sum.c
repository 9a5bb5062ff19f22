/* sum.c: sums in normal form: terms of coefficient one in order, equal ones added up. */
#include "algebra/sum.h"

#include "algebra/build.h"
#include "algebra/joint.h"
#include "algebra/product.h"
#include "core/budget.h"
#include "core/dim.h"
#include "core/number.h"
#include "core/order.h"

bool sum_add(Store *s, Vec *pairs, NodeId number, NodeId a) {
  if (!number || !a || !budget_work(s, 1)) return false;
  const Node *p = node_at(s, a);
  if (p->op == OP_SUM) {
    const NodeId *c = node_children(s, a);
    if (!budget_work(s, p->n)) return false;
    for (uint32_t i = 0; i < p->n; i += 2)
      if (!vec_push(s, pairs, number_mul(s, number, c[i])) || !vec_push(s, pairs, c[i + 1]))
        return false;
    return true;
  }
  if (node_zero(s, a)) return true;
  if (p->op == OP_NUMBER)
    return vec_push(s, pairs, number_mul(s, number, a)) && vec_push(s, pairs, s->one);
  if (p->op == OP_PRODUCT) {
    const NodeId *f = node_words(s, a);
    NodeId c = f[0], unit = p->n == 2 ? f[1] : product_unit(s, a);
    return vec_push(s, pairs, number_mul(s, number, c)) && vec_push(s, pairs, unit);
  }
  return vec_push(s, pairs, number) && vec_push(s, pairs, a);
}

/* A coefficient under way: while it is a small integer, no node is made of it. */
typedef struct {
  int64_t value;
  bool small, changed;
} Total;

enum { SMALL = INT32_MAX };

static bool small_int(const Store *s, NodeId number, int64_t *v) {
  return number_get_int(s, number, v) && *v <= SMALL && *v >= -SMALL;
}

/* Add the coefficients of equal terms among n pairs; how many are left. UINT32_MAX: failed. */
static uint32_t add_equal(Store *s, uint32_t *v, uint32_t n) {
  uint32_t k = 0;
  int64_t c;
  Map *at = map_take(s);
  Total *total = store_realloc(s, NULL, 0, n * sizeof *total);
  bool ok = at && total;
  for (uint32_t i = 0; ok && i < n; i++) {
    uint32_t j = map_get(at, v[2 * i + 1]);
    Total *t = j ? &total[j - 1] : NULL;
    bool small = small_int(s, v[2 * i], &c);
    if (t && t->small && small) { /* 2^32 terms at most: the sum does not overflow */
      t->value += c;
      t->changed = true;
    } else if (t) {
      if (t->changed) v[2 * j - 2] = number_int(s, t->value);
      t->small = t->changed = false;
      v[2 * j - 2] = number_add(s, v[2 * j - 2], v[2 * i]);
    } else {
      total[k] = (Total){small ? c : 0, small, false};
      v[2 * k] = v[2 * i];
      v[2 * k + 1] = v[2 * i + 1];
      ok = map_put(s, at, v[2 * i + 1], ++k);
    }
  }
  for (uint32_t i = 0; ok && i < k; i++)
    if (total[i].changed) v[2 * i] = number_int(s, total[i].value);
  store_realloc(s, total, total ? n * sizeof *total : 0, 0);
  map_give(s, at);
  return ok ? k : UINT32_MAX;
}

NodeId sum_finish(Store *s, Vec *pairs, DimId rows, DimId cols) {
  uint32_t n = pairs->n / 2, k = 0, *v = pairs->v;
  for (uint32_t i = 0; i < 2 * n; i++)
    if (!v[i]) return 0;
  if (n > 16 && (n = add_equal(s, v, n)) == UINT32_MAX) return 0; /* before sorting */
  if (!order_sort(s, v, n, 2, 1)) return 0;
  for (uint32_t i = 0; i < n; i++) {
    if (k && v[2 * k - 1] == v[2 * i + 1]) v[2 * k - 2] = number_add(s, v[2 * k - 2], v[2 * i]);
    else {
      v[2 * k] = v[2 * i];
      v[2 * k + 1] = v[2 * i + 1];
      k++;
    }
    if (!v[2 * k - 2]) return 0;
    if (v[2 * k - 2] == s->zero && (i + 1 == n || v[2 * i + 3] != v[2 * k - 1])) k--;
  }
  bool joint = false;
  for (uint32_t i = 0; i < k; i++)
    joint = joint || (is_joint(s, v[2 * i + 1]) && (k > 1 || v[0] != s->one));
  if (joint) {
    uint32_t left = joint_merge(s, v, k);
    if (left == UINT32_MAX) return 0;
    Vec parts; /* what was merged may be a sum, or zero */
    vec_init(&parts);
    bool ok = true, changed = left < k;
    for (uint32_t i = 0; ok && changed && i < left; i++)
      ok = sum_add(s, &parts, v[2 * i], v[2 * i + 1]);
    NodeId r = ok && changed ? sum_finish(s, &parts, rows, cols) : 0;
    vec_done(s, &parts);
    if (changed) return r;
    if (!order_sort(s, v, k, 2, 1)) return 0;
  }
  if (k == 0) return build_zeros(s, rows, cols);
  if (k == 1) return v[1] == s->one ? v[0] : build_scale(s, v[0], v[1]);
  return node_normalise(s, node_intern(s, OP_SUM, v, 2 * k, rows, cols));
}

NodeId build_sum(Store *s, const NodeId *terms, uint32_t n) {
  Vec pairs;
  vec_init(&pairs);
  NodeId r = 0;
  bool ok = true;
  for (uint32_t i = 0; ok && i < n; i++) {
    ok = terms[i] != 0;
    if (ok && (node_rows(s, terms[i]) != node_rows(s, terms[0]) ||
               node_cols(s, terms[i]) != node_cols(s, terms[0]))) {
      char t[4][60];
      store_fail(s, STORE_SHAPE, "a sum of %s x %s and %s x %s",
                 dim_text(s, node_rows(s, terms[0]), t[0], 60),
                 dim_text(s, node_cols(s, terms[0]), t[1], 60),
                 dim_text(s, node_rows(s, terms[i]), t[2], 60),
                 dim_text(s, node_cols(s, terms[i]), t[3], 60));
      ok = false;
    }
    ok = ok && sum_add(s, &pairs, s->one, terms[i]);
  }
  if (ok) r = sum_finish(s, &pairs, node_rows(s, terms[0]), node_cols(s, terms[0]));
  vec_done(s, &pairs);
  return r;
}

NodeId build_add(Store *s, NodeId a, NodeId b) {
  NodeId t[2] = {a, b};
  if (!a || !b) return 0;
  if (node_zero(s, a) && node_rows(s, a) == node_rows(s, b) && node_cols(s, a) == node_cols(s, b))
    return b;
  return build_sum(s, t, 2);
}

NodeId build_neg(Store *s, NodeId a) { return build_scale(s, s->minus_one, a); }
NodeId build_sub(Store *s, NodeId a, NodeId b) { return build_add(s, a, build_neg(s, b)); }

NodeId build_scale(Store *s, NodeId number, NodeId a) {
  if (!number || !a) return 0;
  if (number == s->one) return a;
  if (number == s->zero) return build_zeros(s, node_rows(s, a), node_cols(s, a));
  if (node_number(s, a)) return number_mul(s, number, a);
  if (node_op(s, a) == OP_ZEROS) return a;
  if (node_op(s, a) == OP_SUM) { /* a number times a sum is a sum, in the same order */
    Vec v;
    vec_init(&v);
    const NodeId *c = node_children(s, a);
    uint32_t n = node_arity(s, a);
    bool ok = true;
    for (uint32_t i = 0; ok && i < n; i += 2)
      ok = vec_push(s, &v, number_mul(s, number, c[i])) && vec_push(s, &v, c[i + 1]);
    NodeId r =
        ok ? node_normalise(s, node_intern(s, OP_SUM, v.v, v.n, node_rows(s, a), node_cols(s, a)))
           : 0;
    vec_done(s, &v);
    return r;
  }
  return product_scale(s, number, a);
}

/* The terms of two sums in order, without their coefficients: do those of a come before those of
   b? */
static bool terms_before(const Store *s, NodeId a, NodeId b) {
  uint32_t n = node_arity(s, a), m = node_arity(s, b);
  for (uint32_t i = 1; i < n && i < m; i += 2) {
    NodeId u = node_child(s, a, i), v = node_child(s, b, i);
    if (u != v) return order_compare(s, u, v) < 0;
  }
  return n < m;
}

/* A sum and its transpose take their sign from the same one of the two, so that S'*S has no sign in
   front for S = P - Q. This function chooses: the column, of a column and a row, otherwise the
   first in the order of terms. Coefficients do not count, for -S has the other sign. A sum with
   attributes takes its own sign: its transpose depends on whether attributes act, and the sum must
   not. */
static NodeId sign_giver(Store *s, NodeId sum) {
  if (node_cols(s, sum) == DIM_ONE || node_flags(s, sum) & FLAG_ATTRIBUTE) return sum;
  NodeId t = build_transpose(s, sum);
  if (!t || node_op(s, t) != OP_SUM) return t ? sum : 0;
  return node_rows(s, sum) == DIM_ONE || terms_before(s, t, sum) ? t : sum;
}

/* Have all terms the same sign? Then the sum has it, whoever gives it. */
static bool is_of_one_sign(const Store *s, NodeId sum) {
  const NodeId *c = node_children(s, sum);
  uint32_t n = node_arity(s, sum);
  int sign = number_sign(s, c[0]);
  for (uint32_t i = 2; i < n; i += 2)
    if (number_sign(s, c[i]) != sign) return false;
  return true;
}

NodeId build_content(Store *s, NodeId sum, NodeId *primitive) {
  *primitive = sum;
  if (node_op(s, sum) != OP_SUM) return s->one;
  NodeId like = is_of_one_sign(s, sum) ? sum : sign_giver(s, sum);
  if (!like) return 0;
  NodeId g = number_content(s, node_children(s, like), node_arity(s, like), 2);
  if (!g) return 0;
  if (g != s->one) *primitive = build_scale(s, number_pow(s, g, -1), sum);
  return g;
}
