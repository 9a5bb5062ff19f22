/* counted.c: counted sums. Factors without the counter are moved out, in front of the sum or behind
** it. The counter does not keep the name that a reader gave it: its name is the number of sums
** nested in the sum. So equal sums are one node, a counter never has the name of another around it,
** and the printer can choose a letter that the expression does not use. */
#include "algebra/counted.h"

#include <stdio.h>
#include <string.h>

#include "algebra/build.h"
#include "algebra/delta.h"
#include "algebra/operator.h"
#include "algebra/rebuild.h"
#include "algebra/size.h"
#include "algebra/vectorise.h"
#include "core/dim.h"
#include "core/name.h"
#include "core/number.h"

enum { COUNTED_TERMS = 10000, COUNTED_NESTED = 50 };

NodeId counted_counter(Store *s, NameId counter) {
  return build_symbol(s, counter, KIND_COUNTER, 0, DIM_ONE, DIM_ONE);
}

static NameId numbered(Store *s, char mark, uint32_t i) {
  char text[20];
  snprintf(text, sizeof text, "%c%lu", mark, (unsigned long)i);
  return name_intern(s, text, strlen(text));
}

NameId counted_fresh(Store *s) { return numbered(s, '?', ++s->counters); }
void counted_release(Store *s) { s->counters--; }

bool counted_holds(Store *s, NodeId a, NameId counter) {
  if (!(node_flags(s, a) & FLAG_COUNTER)) return false;
  Map *seen = map_take(s);
  Vec stack;
  vec_init(&stack);
  bool ok = seen && vec_push(s, &stack, a), found = false;
  while (ok && !found && stack.n) {
    NodeId x = stack.v[--stack.n];
    if (!(node_flags(s, x) & FLAG_COUNTER) || map_get(seen, x)) continue;
    ok = map_put(s, seen, x, 1);
    if (node_op(s, x) == OP_SYMBOL) found = node_words(s, x)[0] == counter;
    uint32_t n = node_arity(s, x);
    /* the bounds only */
    if (node_op(s, x) == OP_COUNTED_SUM && node_words(s, x)[0] == counter) n = 2;
    for (uint32_t i = 0; ok && i < n; i++) ok = vec_push(s, &stack, node_child(s, x, i));
  }
  vec_done(s, &stack);
  map_give(s, seen);
  return found;
}

static bool no_counter(const Store *s, NodeId x, void *data) {
  (void)data;
  return !(node_flags(s, x) & FLAG_COUNTER);
}

/* One more than the largest number of a sum inside body. */
static uint32_t height(Store *s, NodeId body) {
  Vec order;
  vec_init(&order);
  uint32_t h = 0;
  if (node_postorder(s, body, &order, no_counter, NULL))
    for (uint32_t i = 0; i < order.n; i++)
      if (node_op(s, order.v[i]) == OP_COUNTED_SUM) {
        unsigned long k = 0;
        if (sscanf(name_text(s, node_words(s, order.v[i])[0]), "#%lu", &k) == 1 && k > h)
          h = (uint32_t)k;
      }
  vec_done(s, &order);
  return h + 1;
}

static bool binds_counter(const Store *s, NodeId x, NameId counter) {
  return node_op(s, x) == OP_COUNTED_SUM && node_words(s, x)[0] == counter;
}

static bool binds(const Store *s, NodeId x, void *data) {
  return !(node_flags(s, x) & FLAG_COUNTER) || binds_counter(s, x, *(NameId *)data);
}

/* A sum inside that has the same counter keeps it in its body. */
NodeId counted_at(Store *s, NodeId a, NameId counter, NodeId to) {
  if (binds_counter(s, a, counter)) {
    NodeId first = counted_at(s, node_child(s, a, 0), counter, to),
           last = counted_at(s, node_child(s, a, 1), counter, to);
    return build_counted(s, counter, first, last, node_child(s, a, 2));
  }
  NodeId symbol = counted_counter(s, counter);
  Map *memo = map_take(s);
  Vec order;
  vec_init(&order);
  bool ok = symbol && to && memo && node_postorder(s, a, &order, binds, &counter) &&
            map_put(s, memo, symbol, to);
  for (uint32_t i = 0; ok && i < order.n; i++) {
    NodeId x = order.v[i];
    if (x == symbol) continue;
    for (uint32_t j = 0; ok && j < node_arity(s, x); j++) {
      NodeId c = node_child(s, x, j);
      if (!binds_counter(s, c, counter) || map_get(memo, c)) continue;
      NodeId inner = counted_at(s, c, counter, to);
      ok = inner && map_put(s, memo, c, inner);
    }
    NodeId y = ok ? rebuild_node(s, x, memo, false) : 0;
    ok = y && (y == x || map_put(s, memo, x, y));
  }
  NodeId r = ok ? map_get(memo, a) : 0;
  vec_done(s, &order);
  map_give(s, memo);
  return r || !ok ? r : a;
}

bool counted_bounds(const Store *s, NodeId first, NodeId last, int64_t *a, int64_t *b) {
  return number_get_int(s, first, a) && number_get_int(s, last, b) &&
         (*b < *a || (uint64_t)*b - (uint64_t)*a < COUNTED_TERMS);
}

static NodeId written_out(Store *s, NameId counter, int64_t a, int64_t b, NodeId body) {
  Vec terms;
  vec_init(&terms);
  bool ok = true;
  for (; ok && a <= b; a++) {
    NodeId t = counted_at(s, body, counter, number_int(s, a));
    ok = t && vec_push(s, &terms, t);
  }
  NodeId r = !ok       ? 0
             : terms.n ? build_sum(s, terms.v, terms.n)
                       : build_zeros(s, node_rows(s, body), node_cols(s, body));
  vec_done(s, &terms);
  return r;
}

/* Move the factors without the counter out of body, to the vectors before and behind. */
static NodeId pull_factors(Store *s, NameId counter, NodeId body, Vec *before, Vec *behind) {
  if (node_op(s, body) == OP_SUM) {
    NodeId primitive, content = build_content(s, body, &primitive);
    return content && vec_push(s, before, content) ? primitive : 0;
  }
  if (node_op(s, body) != OP_PRODUCT) return body;
  uint32_t n = node_arity(s, body), from = 1;
  Vec rest;
  vec_init(&rest);
  bool ok = vec_push(s, before, node_child(s, body, 0));
  for (; ok && from < n && node_scalar(s, node_child(s, body, from)); from++) {
    NodeId f = node_child(s, body, from);
    ok = vec_push(s, counted_holds(s, f, counter) ? &rest : before, f);
  }
  uint32_t first = from, last = n;
  for (; ok && first < n && !counted_holds(s, node_child(s, body, first), counter); first++)
    ok = vec_push(s, before, node_child(s, body, first));
  while (ok && last > first && !counted_holds(s, node_child(s, body, last - 1), counter)) last--;
  for (uint32_t i = first; ok && i < last; i++) ok = vec_push(s, &rest, node_child(s, body, i));
  for (uint32_t i = last; ok && i < n; i++) ok = vec_push(s, behind, node_child(s, body, i));
  NodeId inner = ok ? build_product(s, rest.v, rest.n) : 0;
  vec_done(s, &rest);
  return inner;
}

/* The sum with its own counter. With another name the terms of the body may have another order, and
   a sum in it another sign. Then factors are moved out once more. */
static NodeId with_own_counter(Store *s, NameId counter, NodeId first, NodeId last, NodeId body) {
  NameId given = counter;
  for (int again = 0; again < 4; again++) {
    uint32_t h = height(s, body);
    NameId name = numbered(s, '#', h);
    while (name && name != counter && counted_holds(s, body, name)) name = numbered(s, '#', ++h);
    if (!name) return 0;
    if (h > COUNTED_NESTED)
      return store_fail(s, STORE_LIMIT, "counted sums nest more than %d deep", COUNTED_NESTED);
    if (name == counter) break;
    body = counted_at(s, body, counter, counted_counter(s, name));
    counter = name;
    if (!body) return 0;
  }
  if (counter != given && (node_op(s, body) == OP_SUM || node_op(s, body) == OP_PRODUCT))
    return build_counted(s, counter, first, last, body);
  uint32_t w[4] = {counter, first, last, body};
  return node_normalise(
      s, node_intern(s, OP_COUNTED_SUM, w, 4, node_rows(s, body), node_cols(s, body)));
}

/* Can the index lie in 1 .. size for this value of the counter? Fails if it provably does not. */
static bool index_in(Store *s, NodeId index, NameId counter, NodeId value, DimId size) {
  NodeId at = counted_at(s, index, counter, value);
  DimId d = at ? size_of_node(s, at) : 0;
  int64_t v = 1, beyond = 0;
  if (s->status != STORE_OK) return false;
  if (!d) return true;
  dim_get_int(s, d, &v);
  dim_get_int(s, dim_add(s, d, dim_mul(s, dim_int(s, -1), size)), &beyond);
  if (s->status != STORE_OK) return false;
  if (v >= 1 && beyond <= 0) return true;
  char text[80], range[80];
  store_fail(s, STORE_SHAPE, "an index is %s in a term of the counted sum; it counts from 1 to %s",
             dim_text(s, d, text, sizeof text), dim_text(s, size, range, sizeof range));
  return false;
}

/* Can the indices of a member lie within the family? */
static bool member_in(Store *s, NameId counter, NodeId first, NodeId last, NodeId x) {
  bool ok = true;
  for (uint32_t k = 1; ok && k <= 2; k++) {
    NodeId index = node_child(s, x, k);
    if (!counted_holds(s, index, counter)) continue;
    DimId size = size_of_node(s, node_child(s, x, k + 2));
    ok = !size || (index_in(s, index, counter, first, size) &&
                   index_in(s, index, counter, last, size));
  }
  return ok;
}

/* Can the indices of entries, members and unit matrices lie within their sizes, in the first term
   and in the last? */
static bool indices_in(Store *s, NameId counter, NodeId first, NodeId last, NodeId body) {
  Vec order;
  vec_init(&order);
  bool ok = node_postorder(s, body, &order, binds, &counter); /* not in a sum of the same counter */
  for (uint32_t i = 0; ok && i < order.n; i++) {
    NodeId x = order.v[i];
    if (binds_counter(s, x, counter)) continue;
    bool entry = s->ops->entry && node_op(s, x) == s->ops->entry,
         unit = s->ops->unit_matrix && node_op(s, x) == s->ops->unit_matrix;
    if (s->ops->member && node_op(s, x) == s->ops->member)
      ok = member_in(s, counter, first, last, x);
    for (uint32_t k = 0; ok && (entry || unit) && k < 2; k++) {
      NodeId index = node_child(s, x, entry ? k + 1 : k), of = entry ? node_child(s, x, 0) : x;
      if (!counted_holds(s, index, counter)) continue;
      DimId size = k == 0 ? node_rows(s, of) : node_cols(s, of);
      ok = index_in(s, index, counter, first, size) && index_in(s, index, counter, last, size);
    }
  }
  vec_done(s, &order);
  return ok;
}

NodeId build_counted(Store *s, NameId counter, NodeId first, NodeId last, NodeId body) {
  if (!counter || !first || !last || !body) return 0;
  int64_t a, b;
  if (counted_bounds(s, first, last, &a, &b)) {
    NodeId vectorised = a < b && counted_holds(s, body, counter)
                            ? vectorise_counted(s, counter, first, last, body)
                            : 0;
    return vectorised || s->status != STORE_OK ? vectorised : written_out(s, counter, a, b, body);
  }
  NodeId count = build_add(s, build_sub(s, last, first), s->one);
  if (!count) return 0;
  if (node_zero(s, body) || count == s->zero ||
      (node_number(s, count) && number_sign(s, count) < 0))
    return build_zeros(s, node_rows(s, body), node_cols(s, body));
  if (!counted_holds(s, body, counter)) return build_mul(s, count, body);
  if (first == last && !(node_flags(s, first) & FLAG_COUNTER))
    return counted_at(s, body, counter, first);
  if (!indices_in(s, counter, first, last, body)) return 0;
  NodeId other = delta_counted(s, counter, first, last, body);
  if (other || s->status != STORE_OK) return other;
  other = vectorise_counted(s, counter, first, last, body);
  if (other || s->status != STORE_OK) return other;
  Vec before, behind;
  vec_init(&before);
  vec_init(&behind);
  NodeId inner = pull_factors(s, counter, body, &before, &behind), r = 0;
  if (inner == body) r = with_own_counter(s, counter, first, last, body);
  else if (inner) { /* what is left may be a chain that begins or ends without the counter */
    r = build_counted(s, counter, first, last, inner);
    bool ok = r && vec_push(s, &before, r);
    for (uint32_t i = 0; ok && i < behind.n; i++) ok = vec_push(s, &before, behind.v[i]);
    r = ok ? build_product(s, before.v, before.n) : 0;
  }
  vec_done(s, &before);
  vec_done(s, &behind);
  return s->status == STORE_OK ? r : 0;
}

NodeId counted_with_body(Store *s, NodeId like, NodeId body) {
  return build_counted(s, node_words(s, like)[0], node_child(s, like, 0), node_child(s, like, 1),
                       body);
}

NodeId counted_apply(Store *s, uint32_t op, NodeId like) {
  NodeId body = node_child(s, like, 2);
  return counted_with_body(s, like, build_operator(s, op, &body, 1));
}
