/* node.c: the table of nodes. The invariant: every live id is in the slot table exactly once, and
** its hash is a function of its structure alone. */
#include "core/node.h"

#include <string.h>

#include "core/budget.h"
#include "core/dim.h"
#include "core/hash.h"
#include "core/name.h"
#include "core/pool.h"

enum { BLOCK_NODES = 1 << NODE_BITS, AHEAD = 16 };

const char *const node_kind_names[KINDS] = {
    [KIND_SCALAR] = "scalar",       [KIND_VECTOR] = "vector",     [KIND_MATRIX] = "matrix",
    [KIND_DIMENSION] = "dimension", [KIND_NUMBER] = "number",     [KIND_CONSTANT] = "constant",
    [KIND_SYMBOL] = "variable",     [KIND_FUNCTION] = "function", [KIND_COUNTER] = "counter",
    [KIND_OPERATOR] = "operator",   [KIND_FAMILY] = "family"};

const char *const node_flag_names[NODE_FLAGS] = {"variable", "hole",    "derivative", "attribute",
                                                 "diff",     "counter", "sum"};

/* ---------------------------------------- making */

/* Is the first word of such a node a name? */
static bool is_named(uint32_t op) {
  return op == OP_SYMBOL || op == OP_VARIABLE || op == OP_FUNCTION || op == OP_TANGENT ||
         op == OP_DERIVATIVE || op == OP_COUNTED_SUM || op == OP_NAME;
}

/* What a node has from its parts. */
typedef struct {
  uint32_t hash, weight;
  uint8_t flags;
} Summary;

static INLINE uint64_t shape_hash(Store *s, DimId rows, DimId cols) {
  if (s->shape.rows != rows || s->shape.cols != cols) {
    s->shape.rows = rows;
    s->shape.cols = cols;
    s->shape.hash = (uint64_t)dim_hash(s, rows) << 32 | dim_hash(s, cols);
  }
  return s->shape.hash;
}

static INLINE Summary summary_of(Store *s, uint32_t op, const uint32_t *w, uint32_t n,
                                 DimId rows, DimId cols) {
  uint32_t key = op < s->keys.n ? s->keys.v[op] : op, payload = op_payload(op, n), i = 0;
  uint64_t h = (uint64_t)key * 0x9e3779b97f4a7c15ull + n, weight = 1;
  uint8_t flags = 0;
  h ^= shape_hash(s, rows, cols);
#define MIX(x) (h = (h ^ (x)) * 0xd6e8feb86659fd93ull, h ^= h >> 32)
  if (n && is_named(op)) {
    i = 1;
    MIX(w[0] ? hash_text(name_text(s, w[0]), strlen(name_text(s, w[0]))) : 0);
  }
  for (; i < payload; i++) MIX(w[i]);
  for (; i < n; i++) {
    const Node *c = node_at(s, w[i]);
    MIX(c->hash);
    flags |= c->flags;
    weight += c->weight;
  }
#undef MIX
  return (Summary){hash_mix((uint32_t)(h ^ h >> 32)),
                   weight > 0x7fffffff ? 0x7fffffff : (uint32_t)weight, flags};
}

/* The flags that a node has for itself. */
static uint8_t own_flags(uint32_t op, const uint32_t *w) {
  switch (op) {
    case OP_VARIABLE: return FLAG_VARIABLE;
    case OP_TANGENT: return FLAG_TANGENT;
    case OP_DERIVATIVE: return FLAG_DERIVATIVE;
    case OP_DIFF: return FLAG_DIFF;
    case OP_SUM: return FLAG_SUM;
    case OP_SYMBOL:
      return (uint8_t)((w[1] == KIND_COUNTER ? FLAG_COUNTER : 0) |
                       (w[2] | w[3] ? FLAG_ATTRIBUTE : 0));
    case OP_FUNCTION: return w[1] | w[2] ? FLAG_ATTRIBUTE : 0;
    default: return 0;
  }
}

/* A slot of the table holds an id, and in the bits that no id needs those of the node's hash: most
   slots are told apart without a look at their nodes. */
static uint32_t slot_of(const Store *s, NodeId id, uint32_t hash) {
  return id | (hash & ~s->slot_ids);
}

static void put_slot(Store *s, NodeId id) {
  uint32_t hash = node_at(s, id)->hash, j = hash & s->slot_mask;
  while (s->slot[j]) j = (j + 1) & s->slot_mask;
  s->slot[j] = slot_of(s, id, hash);
}

/* Have the place brought near where a hash is soon looked for, where the compiler knows how. */
static void fetch(const Store *s, uint32_t hash) {
#ifdef __GNUC__
  __builtin_prefetch(&s->slot[hash & s->slot_mask]);
#else
  (void)s;
  (void)hash;
#endif
}

/* Make the table anew, for so many slots and for ids up to that. */
static bool make_slots(Store *s, uint32_t cap, uint32_t ids) {
  uint32_t *fresh = store_realloc(s, NULL, 0, cap * sizeof *fresh);
  if (!fresh) return false;
  memset(fresh, 0, cap * sizeof *fresh);
  uint32_t *old = s->slot, old_cap = old ? s->slot_mask + 1 : 0;
  s->slot = fresh;
  s->slot_mask = cap - 1;
  s->slot_ids = ids;
  for (NodeId id = 1; id < s->next; id++) { /* all live nodes are in the table */
    if (id + AHEAD < s->next) fetch(s, node_at(s, id + AHEAD)->hash);
    if (node_op(s, id) != OP_FREE) put_slot(s, id);
  }
  if (old) store_realloc(s, old, old_cap * sizeof *old, 0);
  return true;
}

static bool grow_slots(Store *s) {
  uint32_t cap = s->slot ? s->slot_mask + 1 : 4096, ids = s->slot ? s->slot_ids : cap - 1;
  if ((uint64_t)s->live * 2 >= cap - 1) {
    if (cap > UINT32_MAX / 2) return store_fail(s, STORE_LIMIT, "too many nodes");
    cap *= 2;
  }
  while (ids < cap - 1 || ids < s->next) ids = ids * 2 + 1;
  if (s->slot && cap == s->slot_mask + 1 && ids == s->slot_ids) return true;
  return make_slots(s, cap, ids);
}

/* Room for one more node, whose id may be a new one: no more than half of the slots are in use, so
   that a search is short. */
static INLINE bool slots_ready(Store *s) {
  bool ready = s->slot && s->live < s->slot_mask / 2 && s->next <= s->slot_ids;
  return ready || grow_slots(s);
}

bool node_reserve(Store *s, uint32_t more) {
  uint32_t cap = s->slot ? s->slot_mask + 1 : 4096;
  while (((uint64_t)s->live + more) * 2 >= cap - 1) {
    if (cap > UINT32_MAX / 4) return true; /* it grows when it has to */
    cap *= 2;
  }
  uint32_t ids = s->slot ? s->slot_ids : cap - 1;
  while (ids < cap - 1) ids = ids * 2 + 1;
  return (s->slot && cap == s->slot_mask + 1) || make_slots(s, cap, ids);
}

/* Room for one more node with a new id. */
static bool block_ready(Store *s) {
  if (s->next >> NODE_BITS < s->blocks) return true;
  if (s->next >= 0xfffff000u) return store_fail(s, STORE_LIMIT, "too many nodes");
  Node **table =
      store_realloc(s, s->block, s->blocks * sizeof *table, (s->blocks + 1) * sizeof *table);
  if (!table) return false;
  s->block = table;
  Node *block = store_realloc(s, NULL, 0, BLOCK_NODES * sizeof *block);
  if (!block) return false;
  if (s->blocks == 0) memset(block, 0, sizeof *block); /* there is no node 0 */
  s->block[s->blocks++] = block;
  return true;
}

bool node_restore(Store *s, const Node *nodes, uint32_t n, const uint32_t *words, size_t count) {
  if (!node_reserve(s, n)) return false;
  for (uint32_t i = 0; i < n; i++) {
    const Node *from = &nodes[i];
    const uint32_t *w = words;
    if (from->n > count) return false;
    words += from->n;
    count -= from->n;
    if (i + 1 < s->next) {
      if (node_at(s, i + 1)->hash != from->hash) return false;
      continue;
    }
    uint32_t where = 0, *to = NULL;
    if (!block_ready(s) || (from->n && !(to = pool_take(s, from->n, &where)))) return false;
    for (uint32_t k = 0; k < from->n; k++) to[k] = w[k];
    Node *p = node_at(s, s->next);
    *p = *from;
    p->args = where;
    p->refs = 0;
    p->mark = 0;
    node_enter(s, s->next++);
  }
  return true;
}

/* Are the n words of a node those of w? Most have two or three. */
static bool has_words(const Store *s, NodeId id, const uint32_t *w, uint32_t n) {
  const uint32_t *own = node_words(s, id);
  for (uint32_t i = 0; i < n; i++)
    if (own[i] != w[i]) return false;
  return true;
}

NodeId node_intern(Store *s, uint32_t op, const uint32_t *w, uint32_t n, DimId rows, DimId cols) {
  if (!rows || !cols) return 0;
  uint32_t payload = op_payload(op, n);
  for (uint32_t i = payload; i < n; i++)
    if (!w[i]) return 0;
  if (!budget_step(s) || !budget_work(s, n)) return 0;
  Summary summary = summary_of(s, op, w, n, rows, cols);
  uint32_t hash = summary.hash;
  if (!slots_ready(s)) return 0;
  uint32_t j = hash & s->slot_mask;
  for (; s->slot[j]; j = (j + 1) & s->slot_mask) {
    if ((s->slot[j] ^ hash) & ~s->slot_ids) continue;
    NodeId known = s->slot[j] & s->slot_ids;
    const Node *p = node_at(s, known);
    if (p->hash == hash && p->op == op && p->n == n && p->rows == rows && p->cols == cols &&
        (n == 0 || has_words(s, known, w, n)))
      return known;
  }
  if (s->node_limit && s->live >= s->node_limit) {
    return budget_fail(s, "the budget of %lu nodes is used up", (unsigned long)s->node_limit);
  }
  NodeId id = s->free_head;
  if (!id && !block_ready(s)) return 0;
  uint32_t where = 0;
  if (n) {
    uint32_t *words = pool_take(s, n, &where);
    if (!words) return 0;
    for (uint32_t i = 0; i < n; i++) words[i] = w[i];
  }
  if (id) s->free_head = node_at(s, id)->args;
  else id = s->next++;
  Node *p = node_at(s, id);
  p->op = (uint16_t)op;
  p->mark = 0;
  p->hash = hash;
  p->n = n;
  p->args = where;
  p->rows = rows;
  p->cols = cols;
  p->refs = 0;
  p->flags = summary.flags | own_flags(op, w);
  p->weight = summary.weight;
  s->slot[j] = slot_of(s, id, hash);
  s->live++;
  s->words += n;
  return id;
}

void node_ref(Store *s, NodeId id) { if (id) node_at(s, id)->refs++; }
void node_unref(Store *s, NodeId id) { if (id && node_at(s, id)->refs) node_at(s, id)->refs--; }

void node_enter(Store *s, NodeId id) {
  put_slot(s, id);
  s->live++;
  s->words += node_at(s, id)->n;
}

void node_unmark(Store *s, int marks) {
  for (NodeId id = 1; id < s->next; id++) node_at(s, id)->mark &= (uint8_t)~marks;
}

/* ---------------------------------------- walking */

bool node_among(const NodeId *list, uint32_t n, NodeId x) {
  for (uint32_t i = 0; i < n; i++)
    if (list[i] == x) return true;
  return false;
}

bool node_is_function(const Store *s, NodeId id, void *data) {
  (void)data;
  return node_op(s, id) == OP_FUNCTION;
}

bool node_postorder(Store *s, NodeId root, Vec *out, bool (*skip)(const Store *, NodeId, void *),
                    void *data) {
  Map *seen = map_take(s);
  Vec stack;
  vec_init(&stack);
  bool ok = seen && vec_push(s, &stack, root);
  while (ok && stack.n) {
    NodeId id = stack.v[--stack.n];
    if (id == 0) { /* all below the node under this mark is done */
      ok = vec_push(s, out, stack.v[--stack.n]);
      continue;
    }
    if (map_get(seen, id) || (skip && skip(s, id, data))) continue;
    ok = map_put(s, seen, id, 1);
    uint32_t n = node_arity(s, id);
    if (n == 0) {
      ok = ok && vec_push(s, out, id);
      continue;
    }
    ok = ok && vec_push(s, &stack, id) && vec_push(s, &stack, 0);
    const NodeId *c = node_children(s, id);
    for (uint32_t i = n; ok && i-- > 0;)
      if (!map_get(seen, c[i])) ok = vec_push(s, &stack, c[i]);
  }
  vec_done(s, &stack);
  map_give(s, seen);
  return ok;
}

bool node_find_all(Store *s, NodeId root, uint32_t op, Vec *out) {
  if (op == OP_DIFF && !(node_flags(s, root) & FLAG_DIFF)) return true;
  Vec all;
  vec_init(&all);
  bool ok = node_postorder(s, root, &all, NULL, NULL);
  for (uint32_t i = 0; ok && i < all.n; i++)
    if (node_op(s, all.v[i]) == op) ok = vec_push(s, out, all.v[i]);
  vec_done(s, &all);
  return ok;
}

void node_mark_names(Store *s) {
  for (NodeId id = 1; id < s->next; id++) {
    const Node *p = node_at(s, id);
    if (p->op == OP_FREE) continue;
    dim_mark(s, p->rows);
    dim_mark(s, p->cols);
    if (is_named(p->op)) name_mark(s, node_words(s, id)[0]);
  }
}

const char *node_check(Store *s) {
  uint32_t live = 0, found = 0;
  for (NodeId id = 1; id < s->next; id++) {
    Node *p = node_at(s, id);
    if (p->op == OP_FREE) continue;
    live++;
    if (!p->rows || !p->cols) return "a node without a shape";
    if (p->hash != summary_of(s, p->op, node_words(s, id), p->n, p->rows, p->cols).hash)
      return "a wrong hash";
    uint32_t n = node_arity(s, id);
    for (uint32_t i = 0; i < n; i++) {
      NodeId c = node_child(s, id, i);
      if (c == 0 || c >= s->next || node_at(s, c)->op == OP_FREE) return "a dangling argument";
    }
    uint32_t j = p->hash & s->slot_mask;
    while (s->slot[j] && s->slot[j] != slot_of(s, id, p->hash)) j = (j + 1) & s->slot_mask;
    if (!s->slot[j]) return "a node that is not in the table";
  }
  for (uint32_t i = 0; i <= s->slot_mask; i++) found += s->slot[i] != 0;
  if (live != s->live || found != live) return "a wrong count of nodes";
  return NULL;
}
