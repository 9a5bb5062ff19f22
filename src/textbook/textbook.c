/* textbook.c: the choice among the forms that simplification, collection and expansion give. */
#include "textbook/textbook.h"

#include "core/view.h"
#include "rules/attribute.h"
#include "textbook/cost.h"
#include "textbook/expand.h"
#include "textbook/factor.h"
#include "textbook/simplify.h"

enum { EXPAND_COST = 600 };

/* The search for sums skips nodes without sums, and the sums of the input. */
static bool is_kept(const Store *s, NodeId id, void *data) {
  return !(node_flags(s, id) & FLAG_SUM) || node_op(s, id) == OP_FUNCTION || map_get(data, id) != 0;
}

/* Does x hold a sum below a product or linear operator, so that expansion may give another form?
   Not if the input holds every sum of x: those stay as written. */
static bool worth_expanding(Store *s, NodeId x, Map *kept) {
  Vec order;
  vec_init(&order);
  bool ok = node_postorder(s, x, &order, is_kept, kept), inner = false, other = false;
  for (uint32_t i = 0; ok && i < order.n; i++) {
    NodeId y = order.v[i];
    uint32_t op = node_op(s, y);
    if (op == OP_SUM) {
      other = true;
      for (uint32_t j = 1; j < node_arity(s, y); j += 2)
        inner = inner || map_get(kept, node_child(s, y, j));
      continue;
    }
    if (op < OP_PRODUCT || op == OP_TRANSPOSE) continue;
    for (uint32_t j = 0; j < node_arity(s, y); j++)
      inner = inner || node_op(s, power_base(s, node_child(s, y, j))) == OP_SUM;
  }
  vec_done(s, &order);
  return ok && inner && other;
}

static NodeId collect_and_simplify(Store *s, NodeId x, const Map *kept) {
  NodeId y = factor_collect(s, x, kept);
  for (int again = 0; y && again < 3; again++) {
    NodeId z = simplify_node(s, y);
    if (z == y) break;
    y = z ? factor_collect(s, z, kept) : 0;
  }
  return y;
}

/* The shortest form of x, which is simplified and holds a sum. */
static NodeId collected(Store *s, NodeId x, Map *kept) {
  NodeId best = collect_and_simplify(s, x, kept);
  if (!best) return 0;
  uint32_t cost = cost_node(s, best);
  if (cost_node(s, x) < cost) {
    best = x;
    cost = cost_node(s, x);
  }
  if (cost > EXPAND_COST) return best;
  if (!worth_expanding(s, x, kept)) return s->status == STORE_OK ? best : 0;
  NodeId open = expand_node(s, x);
  if (open && open != x) open = simplify_node(s, open);
  if (open && open != x) open = collect_and_simplify(s, open, kept);
  if (!open) return 0;
  return cost_node(s, open) < cost ? open : best;
}

static NodeId textbook(Store *s, NodeId x, NodeId input) {
  x = simplify_node(s, x);
  if (!x || !(node_flags(s, x) & FLAG_SUM)) return x; /* nothing to collect, nothing to expand */
  Map *kept = factor_sums(s, input);
  NodeId r = kept ? collected(s, x, kept) : 0;
  map_give(s, kept);
  return r;
}

NodeId textbook_form(Store *s, NodeId x, NodeId input) {
  if (!x) return 0;
  attribute_mode(s, node_flags(s, x) & FLAG_ATTRIBUTE);
  NodeId r = textbook(s, x, input);
  attribute_mode(s, false);
  return r;
}
