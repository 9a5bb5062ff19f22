/* free_names.c: walks over a node, collecting names. */
#include "rules/free_names.h"

#include "core/dim.h"

typedef struct {
  Store *s;
  const Vec *bound; /* names that do not count */
  Vec *names;
  bool ok;
} Search;

static bool listed(const Vec *names, uint32_t kind, NameId name) {
  for (uint32_t i = 0; i < names->n; i += 2)
    if (names->v[i] == kind && names->v[i + 1] == name) return true;
  return false;
}

static void add_name(Search *f, uint32_t kind, NameId name) {
  if (!f->ok || listed(f->names, kind, name) || (f->bound && listed(f->bound, kind, name))) return;
  f->ok = vec_push(f->s, f->names, kind) && vec_push(f->s, f->names, name);
}

static void add_size(NameId name, void *data) { add_name(data, FREE_SIZE, name); }

static bool names_of(Store *s, NodeId a, const Vec *bound, Vec *names) {
  Search f = {s, bound, names, true};
  Vec order;
  vec_init(&order);
  f.ok = node_postorder(s, a, &order, NULL, NULL);
  for (uint32_t i = 0; f.ok && i < order.n; i++) {
    NodeId x = order.v[i];
    uint32_t op = node_op(s, x), *w = node_words(s, x);
    if (op == OP_VARIABLE) add_name(&f, FREE_VARIABLE, w[0]);
    if (op == OP_SYMBOL && w[1] == KIND_DIMENSION) add_name(&f, FREE_SIZE, w[0]);
    if (op == OP_VARIABLE || op == OP_IDENTITY || op == OP_ONES || op == OP_ZEROS) {
      dim_names(s, node_rows(s, x), add_size, &f);
      dim_names(s, node_cols(s, x), add_size, &f);
    }
  }
  vec_done(s, &order);
  return f.ok;
}

bool free_names(Store *s, NodeId a, NodeId bound, Vec *out) {
  Vec known;
  vec_init(&known);
  bool ok = (!bound || names_of(s, bound, NULL, &known)) && names_of(s, a, &known, out);
  vec_done(s, &known);
  return ok;
}
