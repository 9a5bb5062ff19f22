/* instantiate.c: right sides. The recursion is bounded by the depth that a rule may have. */
#include "rules/instantiate.h"

#include "algebra/build.h"
#include "algebra/counted.h"
#include "algebra/size.h"
#include "core/name.h"
#include "core/number.h"

/* Writes the terms out if the bounds are numbers, and there are not too many. Otherwise the body
   gets a fresh counter, since the expressions bound to the variables may hold any other. */
static NodeId instantiate_counted(Match *m, NodeId r) {
  Store *s = m->s;
  NodeId first = instantiate_node(m, node_child(s, r, 0)),
         last = instantiate_node(m, node_child(s, r, 1));
  int64_t a, b;
  if (!first || !last) return 0;
  NodeId body = node_child(s, r, 2), sum = 0;
  struct Counter counter = {node_words(s, r)[0], 0, m->counter};
  m->counter = &counter;
  if (!counted_bounds(s, first, last, &a, &b)) {
    NameId fresh = counted_fresh(s);
    counter.value = fresh ? counted_counter(s, fresh) : 0;
    NodeId inner = counter.value ? instantiate_node(m, body) : 0;
    sum = inner ? build_counted(s, fresh, first, last, inner) : 0;
    counted_release(s);
  } else {
    Vec terms;
    vec_init(&terms);
    bool ok = true;
    for (int64_t i = a; ok && i <= b; i++) {
      counter.value = number_int(s, i);
      NodeId t = instantiate_node(m, body);
      ok = t && vec_push(s, &terms, t);
    }
    if (ok && terms.n) sum = build_sum(s, terms.v, terms.n);
    else if (ok)
      sum = build_zeros(s, dimenv_apply(s, &m->dims, node_rows(s, body), NULL),
                        dimenv_apply(s, &m->dims, node_cols(s, body), NULL));
    vec_done(s, &terms);
  }
  m->counter = counter.outer;
  return sum;
}

NodeId instantiate_node(Match *m, NodeId r) {
  Store *s = m->s;
  uint32_t op = node_op(s, r), n = node_arity(s, r), *w = node_words(s, r);
  switch (op) {
    case OP_VARIABLE:
      return m->var[w[2]] ? m->var[w[2]]
                          : store_fail(s, STORE_RULE, "the variable %s of rule \"%s\" has no value",
                                       name_text(s, w[0]),
                                       m->rule->name ? name_text(s, m->rule->name) : "?");
    case OP_NUMBER: return r;
    case OP_SYMBOL: {
      if (w[1] == KIND_COUNTER)
        for (const struct Counter *c = m->counter; c; c = c->outer)
          if (c->name == w[0]) return c->value;
      if (w[1] != KIND_DIMENSION) return r;
      DimId d = dimenv_get(&m->dims, w[0]);
      return d ? size_node(s, d) : r;
    }
    case OP_IDENTITY: return build_identity(s, dimenv_apply(s, &m->dims, node_rows(s, r), NULL));
    case OP_ONES:
      return build_ones(s, dimenv_apply(s, &m->dims, node_rows(s, r), NULL),
                        dimenv_apply(s, &m->dims, node_cols(s, r), NULL));
    case OP_ZEROS:
      return build_zeros(s, dimenv_apply(s, &m->dims, node_rows(s, r), NULL),
                         dimenv_apply(s, &m->dims, node_cols(s, r), NULL));
    case OP_COUNTED_SUM: return instantiate_counted(m, r);
    case OP_DIFF: {
      NodeId x = instantiate_node(m, node_child(s, r, 0));
      if (!x) return 0;
      return m->differential ? m->differential(m, x) : build_diff(s, x);
    }
    default: break;
  }
  NodeId c[16];
  if (n > 16) {
    Vec v;
    vec_init(&v);
    bool ok = true;
    for (uint32_t i = 0; ok && i < n; i++) {
      NodeId x = instantiate_node(m, node_child(s, r, i));
      ok = x && vec_push(s, &v, x);
    }
    NodeId made = ok ? build_with_children(s, r, v.v) : 0;
    vec_done(s, &v);
    return made;
  }
  for (uint32_t i = 0; i < n; i++) {
    c[i] = instantiate_node(m, node_child(s, r, i));
    if (!c[i]) return 0;
  }
  return build_with_children(s, r, c);
}
