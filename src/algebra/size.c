/* size.c: dimensions as nodes. */
#include "algebra/size.h"

#include "algebra/build.h"
#include "core/dim.h"
#include "core/number.h"

static NodeId times_names(Store *s, NodeId factor, const DimTerm *t) {
  for (uint32_t j = 0; j < t->n; j++) {
    uint32_t w[4] = {t->name[j], KIND_DIMENSION, 0, 0};
    factor = build_mul(s, factor, node_intern(s, OP_SYMBOL, w, 4, DIM_ONE, DIM_ONE));
  }
  return factor;
}

NodeId size_node(Store *s, DimId d) {
  if (!d) return 0;
  uint32_t n;
  const DimTerm *term = dim_terms(s, d, &n);
  NodeId sum = s->zero;
  DimTerm shared;
  int64_t over = dim_common(s, d, &shared);
  for (uint32_t i = 0; i < n; i++) {
    DimTerm t = dim_without(&term[i], &shared);
    NodeId c = number_mul(s, number_int(s, t.coefficient), number_int(s, over / t.over));
    sum = build_add(s, sum, times_names(s, c, &t));
  }
  sum = times_names(s, sum, &shared);
  return over == 1 ? sum : build_scale(s, number_pow(s, number_int(s, over), -1), sum);
}

/* A number with a small numerator and denominator as a dimension; 0 for another number. */
static DimId of_number(Store *s, NodeId id) {
  for (int64_t over = 1; over <= 64; over++) { /* a size divides by little more than 2 */
    int64_t v;
    if (number_get_int(s, over == 1 ? id : number_mul(s, id, number_int(s, over)), &v))
      return dim_ratio(s, v, over);
  }
  return 0;
}

DimId size_of_node(Store *s, NodeId id) {
  if (!id || node_at(s, id)->weight > 500) return 0; /* bounds the recursion */
  uint32_t n = node_arity(s, id);
  int64_t v;
  NodeId *c = node_children(s, id);
  switch (node_op(s, id)) {
    case OP_NUMBER: return of_number(s, id);
    case OP_SYMBOL:
      return node_words(s, id)[1] == KIND_DIMENSION ? dim_name(s, node_words(s, id)[0]) : 0;
    case OP_SUM: {
      DimId sum = dim_int(s, 0);
      for (uint32_t i = 0; sum && i < n; i += 2) {
        DimId k = size_of_node(s, c[i]), t = k ? size_of_node(s, c[i + 1]) : 0;
        sum = t ? dim_add(s, sum, dim_mul(s, k, t)) : 0;
      }
      return sum;
    }
    case OP_PRODUCT: {
      DimId product = DIM_ONE;
      for (uint32_t i = 0; product && i < n; i++) {
        DimId f = size_of_node(s, c[i]);
        product = f ? dim_mul(s, product, f) : 0;
      }
      return product;
    }
    case OP_POWER: {
      if (!number_get_int(s, c[1], &v) || v < 0 || v > DIM_NAMES) return 0;
      DimId base = size_of_node(s, c[0]), power = DIM_ONE;
      for (; base && power && v > 0; v--) power = dim_mul(s, power, base);
      return base ? power : 0;
    }
    default: return 0;
  }
}
