/* leaf.c: what has no parts, and the names, calls and derivatives of unknown functions. */
#include "algebra/build.h"
#include "core/dim.h"
#include "core/name.h"

NodeId build_symbol(Store *s, NameId name, uint32_t kind, uint64_t attributes, DimId rows,
                    DimId cols) {
  uint32_t w[4] = {name, kind, (uint32_t)attributes, (uint32_t)(attributes >> 32)};
  s->attributes_used |= attributes;
  return node_intern(s, OP_SYMBOL, w, 4, rows, cols);
}

NodeId build_variable(Store *s, NameId name, uint32_t kind, uint32_t index, DimId rows,
                      DimId cols) {
  uint32_t w[3] = {name, kind, index};
  return node_intern(s, OP_VARIABLE, w, 3, rows, cols);
}

NodeId build_function(Store *s, NameId name, uint64_t attributes, NodeId argument, DimId rows,
                      DimId cols) {
  uint32_t w[4] = {name, (uint32_t)attributes, (uint32_t)(attributes >> 32), argument};
  s->attributes_used |= attributes;
  return node_intern(s, OP_FUNCTION, w, 4, rows, cols);
}

NodeId build_name(Store *s, NameId name) {
  return node_intern(s, OP_NAME, &name, 1, DIM_ONE, DIM_ONE);
}

NodeId build_identity(Store *s, DimId n) {
  return n == DIM_ONE ? s->one : node_intern(s, OP_IDENTITY, NULL, 0, n, n);
}

NodeId build_ones(Store *s, DimId rows, DimId cols) {
  return rows == DIM_ONE && cols == DIM_ONE ? s->one : node_intern(s, OP_ONES, NULL, 0, rows, cols);
}

NodeId build_zeros(Store *s, DimId rows, DimId cols) {
  return rows == DIM_ONE && cols == DIM_ONE ? s->zero
                                            : node_intern(s, OP_ZEROS, NULL, 0, rows, cols);
}

NodeId build_tangent(Store *s, NameId name, DimId rows, DimId cols) {
  return node_intern(s, OP_TANGENT, &name, 1, rows, cols);
}

NodeId build_diff(Store *s, NodeId a) {
  return a ? node_intern(s, OP_DIFF, &a, 1, node_rows(s, a), node_cols(s, a)) : 0;
}

NodeId build_call(Store *s, NodeId function, NodeId argument) {
  NodeId w[2] = {function, argument};
  if (!function || !argument) return 0;
  if (node_op(s, function) == OP_FUNCTION) {
    NodeId declared = node_child(s, function, 0);
    if (node_rows(s, declared) != node_rows(s, argument) ||
        node_cols(s, declared) != node_cols(s, argument)) {
      char r[4][60];
      return store_fail(s, STORE_SHAPE, "the argument of %s is %s x %s, declared %s x %s",
                        name_text(s, node_words(s, function)[0]),
                        dim_text(s, node_rows(s, argument), r[0], 60),
                        dim_text(s, node_cols(s, argument), r[1], 60),
                        dim_text(s, node_rows(s, declared), r[2], 60),
                        dim_text(s, node_cols(s, declared), r[3], 60));
    }
  }
  return node_intern(s, OP_CALL, w, 2, node_rows(s, function), node_cols(s, function));
}

NodeId build_derivative(Store *s, NodeId f, NodeId point, NameId layout, DimId rows, DimId cols) {
  if (!f || !point) return 0;
  if (!layout) {
    DimId fr = node_rows(s, f), fc = node_cols(s, f), pr = node_rows(s, point),
          pc = node_cols(s, point);
    if (pr == DIM_ONE && pc == DIM_ONE) {
      rows = fr;
      cols = fc;
    } else if (fr == DIM_ONE && fc == DIM_ONE) {
      rows = pc;
      cols = pr;
    } else {
      rows = dim_mul(s, fr, fc);
      cols = dim_mul(s, pr, pc);
    }
  }
  uint32_t w[3] = {layout, f, point};
  return node_intern(s, OP_DERIVATIVE, w, 3, rows, cols);
}
