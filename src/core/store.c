/* store.c: the node table, names, maps, collection. The invariant: every live id is in the slot
** table exactly once, and its hash is a function of its structure alone. */
#include "core/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "algebra/operator.h"
#include "calculus/forward.h"
#include "core/dim.h"
#include "core/number.h"
#include "rules/ruleset.h"

enum { BLOCK_NODES = 1 << NODE_BITS, POOL_WORDS = 1 << ARG_BITS, POOL_FIRST = 1 << 14 };

/* ------------------------------------------------------------------ memory and errors */

static const char *recent_rules(Store *s, char *buffer, size_t size) {
  size_t used = 0;
  buffer[0] = '\0';
  for (uint32_t i = 0; i < s->recent_n && i < 4; i++) {
    const char *name = ruleset_name(s, s->recent[(s->recent_n - 1 - i) % 8]);
    int k = snprintf(buffer + used, size - used, "%s\"%s\"", i ? ", " : "; the rules that fired last: ", name);
    if (k < 0 || (size_t)k >= size - used) break;
    used += (size_t)k;
  }
  return buffer;
}

void *store_realloc(Store *s, void *p, size_t old, size_t size) {
  if (size == 0) {
    free(p);
    s->bytes -= old;
    return NULL;
  }
  if (s->fail_after >= 0 && s->fail_after-- == 0) {
    store_fail(s, STORE_MEMORY, "out of memory");
    return NULL;
  }
  if (size > old && s->byte_limit && s->bytes + (size - old) > s->byte_limit) {
    char buffer[300];
    store_fail(s, STORE_BUDGET, "the budget of %llu bytes is used up%s", (unsigned long long)s->byte_limit,
               recent_rules(s, buffer, sizeof buffer));
    return NULL;
  }
  void *q = realloc(p, size);
  if (!q) {
    store_fail(s, STORE_MEMORY, "out of memory");
    return NULL;
  }
  s->bytes += size;
  s->bytes -= old;
  return q;
}

NodeId store_fail(Store *s, Status status, const char *format, ...) {
  if (s->status != STORE_OK) return 0;
  s->status = status;
  va_list ap;
  va_start(ap, format);
  vsnprintf(s->message, sizeof s->message, format, ap);
  va_end(ap);
  return 0;
}

void store_clear_error(Store *s) {
  s->status = STORE_OK;
  s->message[0] = '\0';
}

static double seconds(void) {
  return (double)clock() / CLOCKS_PER_SEC;
}

void store_begin(Store *s) {
  store_clear_error(s);
  s->steps = 0;
  s->interrupted = 0;
  s->recent_n = 0;
  s->attributes_act = false;
  s->time_start = s->time_limit > 0 ? seconds() : 0;
  if (s->live > s->collect_at) store_collect(s);
}

bool store_on_time(Store *s) {
  if (s->interrupted) {
    store_fail(s, STORE_INTERRUPT, "interrupted");
    return false;
  }
  if (s->time_limit > 0 && seconds() - s->time_start > s->time_limit) {
    char buffer[300];
    store_fail(s, STORE_BUDGET, "the budget of %g seconds is used up%s", s->time_limit,
               recent_rules(s, buffer, sizeof buffer));
    return false;
  }
  return true;
}

bool store_step(Store *s) {
  s->steps++;
  if (s->status != STORE_OK) return false;
  if (s->step_limit && s->steps > s->step_limit) {
    char buffer[300];
    store_fail(s, STORE_BUDGET, "the budget of %llu steps is used up%s",
               (unsigned long long)s->step_limit, recent_rules(s, buffer, sizeof buffer));
    return false;
  }
  return (s->steps & 1023) != 0 || store_on_time(s);
}

/* ------------------------------------------------------------------ vectors and maps */

void vec_init(Vec *v) {
  v->v = v->room;
  v->v[0] = 0;
  v->n = 0;
  v->cap = sizeof v->room / sizeof *v->room;
}

void vec_done(Store *s, Vec *v) {
  if (v->v != v->room) store_realloc(s, v->v, v->cap * sizeof *v->v, 0);
  vec_init(v);
}

bool vec_reserve(Store *s, Vec *v, uint32_t n) {
  if (n <= v->cap) return true;
  uint32_t cap = v->cap * 2 > n ? v->cap * 2 : n;
  bool inside = v->v == v->room;
  uint32_t *w = store_realloc(s, inside ? NULL : v->v, inside ? 0 : v->cap * sizeof *w, cap * sizeof *w);
  if (!w) return false;
  if (inside) memcpy(w, v->room, v->n * sizeof *w);
  v->v = w;
  v->cap = cap;
  return true;
}

static uint32_t mix(uint32_t h) {
  h ^= h >> 16;
  h *= 0x7feb352du;
  h ^= h >> 15;
  h *= 0x846ca68bu;
  return h ^ h >> 16;
}

Map *map_take(Store *s) {
  Map *m;
  if (s->spares > 0) {
    m = s->spare[--s->spares];
    map_clear(m);
    return m;
  }
  m = store_realloc(s, NULL, 0, sizeof *m);
  if (m) memset(m, 0, sizeof *m);
  if (m) m->stamp = 1;
  return m;
}

void map_give(Store *s, Map *m) {
  if (!m) return;
  if (s->spares < 8 && m->mask < 1u << 16) {
    s->spare[s->spares++] = m;
    return;
  }
  map_free(s, m);
  store_realloc(s, m, sizeof *m, 0);
}

void map_free(Store *s, Map *m) {
  if (m->slot) store_realloc(s, m->slot, (m->mask + 1) * sizeof *m->slot, 0);
  memset(m, 0, sizeof *m);
  m->stamp = 1;
}

void map_clear(Map *m) {
  m->count = 0;
  if (++m->stamp == 0) { /* wrapped: old stamps could come alive */
    if (m->slot) memset(m->slot, 0, (m->mask + 1) * sizeof *m->slot);
    m->stamp = 1;
  }
}

uint32_t map_get(const Map *m, uint32_t key) {
  if (!m->count) return 0;
  for (uint32_t i = mix(key) & m->mask; m->slot[i].stamp == m->stamp; i = (i + 1) & m->mask)
    if (m->slot[i].key == key) return m->slot[i].value;
  return 0;
}

bool map_put(Store *s, Map *m, uint32_t key, uint32_t value) {
  if (!m->slot || m->count * 3 >= m->mask * 2) {
    uint32_t cap = m->slot ? (m->mask + 1) * 2 : 64;
    struct MapSlot *old = m->slot, *fresh = store_realloc(s, NULL, 0, cap * sizeof *fresh);
    if (!fresh) return false;
    memset(fresh, 0, cap * sizeof *fresh);
    uint32_t old_cap = old ? m->mask + 1 : 0, stamp = m->stamp;
    m->slot = fresh;
    m->mask = cap - 1;
    m->count = 0;
    for (uint32_t i = 0; i < old_cap; i++)
      if (old[i].stamp == stamp) map_put(s, m, old[i].key, old[i].value);
    if (old) store_realloc(s, old, old_cap * sizeof *old, 0);
  }
  uint32_t i = mix(key) & m->mask;
  for (; m->slot[i].stamp == m->stamp; i = (i + 1) & m->mask)
    if (m->slot[i].key == key) {
      m->slot[i].value = value;
      return true;
    }
  m->slot[i].key = key;
  m->slot[i].stamp = m->stamp;
  m->slot[i].value = value;
  m->count++;
  return true;
}

/* ------------------------------------------------------------------ names */

static uint32_t text_hash(const char *t, size_t n) {
  uint32_t h = 2166136261u;
  for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)t[i]) * 16777619u;
  return mix(h);
}

NameId name_intern(Store *s, const char *text, size_t length) {
  struct Names *t = &s->names;
  if (t->n + 1 >= t->cap) {
    uint32_t cap = t->cap ? t->cap * 2 : 256;
    char **v = store_realloc(s, t->text, t->cap * sizeof *v, cap * sizeof *v);
    if (!v) return 0;
    t->text = v;
    uint32_t *slot = store_realloc(s, NULL, 0, cap * 2 * sizeof *slot);
    if (!slot) return 0;
    memset(slot, 0, cap * 2 * sizeof *slot);
    if (t->slot) store_realloc(s, t->slot, (t->mask + 1) * sizeof *slot, 0);
    t->slot = slot;
    t->mask = cap * 2 - 1;
    t->cap = cap;
    for (uint32_t i = 1; i <= t->n; i++) {
      uint32_t j = text_hash(t->text[i], strlen(t->text[i])) & t->mask;
      while (slot[j]) j = (j + 1) & t->mask;
      slot[j] = i;
    }
  }
  uint32_t j = text_hash(text, length) & t->mask;
  for (; t->slot[j]; j = (j + 1) & t->mask) {
    const char *known = t->text[t->slot[j]];
    if (strlen(known) == length && memcmp(known, text, length) == 0) return t->slot[j];
  }
  char *copy = store_realloc(s, NULL, 0, length + 1);
  if (!copy) return 0;
  memcpy(copy, text, length);
  copy[length] = '\0';
  t->text[++t->n] = copy;
  t->slot[j] = t->n;
  return t->n;
}

/* ------------------------------------------------------------------ nodes */

static uint32_t hash_words(const Store *s, uint32_t op, const uint32_t *w, uint32_t n, DimId rows, DimId cols) {
  uint64_t h = (uint64_t)op * 0x9e3779b97f4a7c15ull + n;
  uint32_t payload = op_payload(op, n);
  bool named = op == OP_SYMBOL || op == OP_VARIABLE || op == OP_FUNCTION || op == OP_TANGENT ||
               op == OP_DERIVATIVE || op == OP_COUNTED_SUM || op == OP_NAME;
  h ^= (uint64_t)dim_hash(s, rows) << 32 | dim_hash(s, cols);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t x = w[i];
    if (i >= payload) x = node_at(s, x)->hash;
    else if (i == 0 && named) x = x ? text_hash(name_text(s, x), strlen(name_text(s, x))) : 0;
    h = (h ^ x) * 0xd6e8feb86659fd93ull;
    h ^= h >> 32;
  }
  return mix((uint32_t)(h ^ h >> 32));
}

static bool grow_slots(Store *s) {
  uint32_t cap = s->slot_mask ? (s->slot_mask + 1) * 2 : 4096;
  uint32_t *fresh = store_realloc(s, NULL, 0, cap * sizeof *fresh);
  if (!fresh) return false;
  memset(fresh, 0, cap * sizeof *fresh);
  for (uint32_t i = 0; s->slot && i <= s->slot_mask; i++) {
    NodeId id = s->slot[i];
    if (!id) continue;
    uint32_t j = node_at(s, id)->hash & (cap - 1);
    while (fresh[j]) j = (j + 1) & (cap - 1);
    fresh[j] = id;
  }
  if (s->slot) store_realloc(s, s->slot, (s->slot_mask + 1) * sizeof *fresh, 0);
  s->slot = fresh;
  s->slot_mask = cap - 1;
  return true;
}

/* Room for n words; sets *where to block and offset. */
static uint32_t *pool_words(Store *s, uint32_t n, uint32_t *where) {
  if (!s->pools || s->pool_used + n > s->pool_size) {
    uint32_t size = s->pools == 0 ? POOL_FIRST : POOL_WORDS;
    if (n > size) size = n;
    if (s->pools >= 4095) {
      store_fail(s, STORE_LIMIT, "too many nodes");
      return NULL;
    }
    uint32_t **table = store_realloc(s, s->pool, s->pools * sizeof *table, (s->pools + 1) * sizeof *table);
    if (!table) return NULL;
    s->pool = table;
    /* the block's size stands in front of it */
    uint32_t *block = store_realloc(s, NULL, 0, (size + 1) * sizeof *block);
    if (!block) return NULL;
    block[0] = size;
    s->pool[s->pools++] = block + 1;
    s->pool_used = 0;
    s->pool_size = size;
  }
  *where = (s->pools - 1) << ARG_BITS | s->pool_used;
  uint32_t *w = s->pool[s->pools - 1] + s->pool_used;
  s->pool_used += n;
  return w;
}

NodeId node_intern(Store *s, uint32_t op, const uint32_t *w, uint32_t n, DimId rows, DimId cols) {
  if (!rows || !cols) return 0;
  uint32_t payload = op_payload(op, n);
  for (uint32_t i = payload; i < n; i++)
    if (!w[i]) return 0;
  if (!store_step(s)) return 0;
  uint32_t hash = hash_words(s, op, w, n, rows, cols);
  if (!s->slot || (uint64_t)s->live * 4 >= (uint64_t)s->slot_mask * 3)
    if (!grow_slots(s)) return 0;
  uint32_t j = hash & s->slot_mask;
  for (; s->slot[j]; j = (j + 1) & s->slot_mask) {
    const Node *p = node_at(s, s->slot[j]);
    if (p->hash == hash && p->op == op && p->n == n && p->rows == rows && p->cols == cols &&
        (n == 0 || memcmp(node_words(s, s->slot[j]), w, n * sizeof *w) == 0))
      return s->slot[j];
  }
  if (s->node_limit && s->live >= s->node_limit) {
    char buffer[300];
    return store_fail(s, STORE_BUDGET, "the budget of %lu nodes is used up%s", (unsigned long)s->node_limit,
                      recent_rules(s, buffer, sizeof buffer));
  }
  NodeId id = s->free_head;
  if (!id && s->next >> NODE_BITS >= s->blocks) {
    if (s->next >= 0xfffff000u) return store_fail(s, STORE_LIMIT, "too many nodes");
    Node **table = store_realloc(s, s->block, s->blocks * sizeof *table, (s->blocks + 1) * sizeof *table);
    if (!table) return 0;
    s->block = table;
    Node *block = store_realloc(s, NULL, 0, BLOCK_NODES * sizeof *block);
    if (!block) return 0;
    memset(block, 0, BLOCK_NODES * sizeof *block);
    s->block[s->blocks++] = block;
  }
  uint32_t where = 0;
  if (n) {
    uint32_t *words = pool_words(s, n, &where);
    if (!words) return 0;
    memcpy(words, w, n * sizeof *w);
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
  uint8_t flags = 0;
  uint64_t weight = 1;
  for (uint32_t i = payload; i < n; i++) {
    const Node *c = node_at(s, w[i]);
    flags |= c->flags;
    weight += c->weight;
  }
  if (op == OP_VARIABLE) flags |= FLAG_VARIABLE;
  if (op == OP_TANGENT) flags |= FLAG_TANGENT;
  if (op == OP_DERIVATIVE) flags |= FLAG_DERIVATIVE;
  if (op == OP_DIFF) flags |= FLAG_DIFF;
  if (op == OP_SUM) flags |= FLAG_SUM;
  if (op == OP_SYMBOL && w[1] == KIND_COUNTER) flags |= FLAG_COUNTER;
  if ((op == OP_SYMBOL && (w[2] | w[3])) || (op == OP_FUNCTION && (w[1] | w[2]))) flags |= FLAG_ATTRIBUTE;
  p->flags = flags;
  p->weight = weight > 0x7fffffff ? 0x7fffffff : (uint32_t)weight;
  s->slot[j] = id;
  s->live++;
  s->words += n;
  return id;
}

/* Numbers, then symbols by name, then the rest by weight: what is written shorter comes first. */
static int op_rank(uint32_t op) {
  return op == OP_NUMBER ? 0 : op == OP_SYMBOL || op == OP_FUNCTION || op == OP_VARIABLE ? 1 : 2;
}

int order_compare(const Store *s, NodeId a, NodeId b) {
  while (a != b) {
    const Node *p = node_at(s, a), *q = node_at(s, b);
    int rp = op_rank(p->op), rq = op_rank(q->op);
    if (rp != rq) return rp < rq ? -1 : 1;
    if (rp == 0) return number_compare(s, a, b);
    if (rp == 1) {
      int k = strcmp(name_text(s, node_words(s, a)[0]), name_text(s, node_words(s, b)[0]));
      if (k) return k;
    }
    if (p->weight != q->weight) return p->weight < q->weight ? -1 : 1;
    if (p->hash != q->hash) return p->hash < q->hash ? -1 : 1;
    if (p->op != q->op) return p->op < q->op ? -1 : 1;
    if (p->n != q->n) return p->n < q->n ? -1 : 1;
    uint32_t *u = node_words(s, a), *v = node_words(s, b), i = 0;
    while (i < p->n && u[i] == v[i]) i++;
    if (i == p->n) { /* the same words: the shapes differ */
      int k = dim_order(s, p->rows, q->rows);
      return k ? k : dim_order(s, p->cols, q->cols);
    }
    if (i < op_payload(p->op, p->n)) {
      if (i == 0 && u[0] && v[0]) return strcmp(name_text(s, u[0]), name_text(s, v[0]));
      return u[i] < v[i] ? -1 : 1;
    }
    a = u[i];
    b = v[i];
  }
  return 0;
}

bool node_is_function(const Store *s, NodeId id, void *data) {
  (void)data;
  return node_op(s, id) == OP_FUNCTION;
}

bool node_postorder(Store *s, NodeId root, Vec *out, bool (*skip)(const Store *, NodeId, void *), void *data) {
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

/* ------------------------------------------------------------------ life and collection */

Store *store_new(void) {
  Store *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->fail_after = -1;
  s->next = 1;
  s->collect_at = 1u << 16;
  s->transposes.stamp = s->costs.stamp = 1;
  vec_init(&s->log);
  if (!dim_open(s) || !operator_open(s) || !ruleset_open(s) || !number_open(s)) {
    store_free(s);
    return NULL;
  }
  return s;
}

void store_free(Store *s) {
  if (!s) return;
  forward_close(s);
  ruleset_close(s);
  operator_close(s);
  dim_close(s);
  for (uint32_t i = 0; i < s->blocks; i++) free(s->block[i]);
  for (uint32_t i = 0; i < s->pools; i++) free(s->pool[i] - 1);
  for (uint32_t i = 1; i <= s->names.n; i++) free(s->names.text[i]);
  for (uint32_t i = 0; i < s->spares; i++) {
    free(s->spare[i]->slot);
    free(s->spare[i]);
  }
  vec_done(s, &s->log);
  free(s->transposes.slot);
  free(s->costs.slot);
  free(s->names.text);
  free(s->names.slot);
  free(s->block);
  free(s->pool);
  free(s->slot);
  free(s);
}

void node_ref(Store *s, NodeId id) { if (id) node_at(s, id)->refs++; }
void node_unref(Store *s, NodeId id) { if (id && node_at(s, id)->refs) node_at(s, id)->refs--; }

void store_collect(Store *s) {
  forward_forget(s);
  Vec stack;
  vec_init(&stack);
  Status before = s->status;
  for (NodeId id = 1; id < s->next; id++) {
    Node *p = node_at(s, id);
    if (p->op == OP_FREE || !p->refs || p->mark & MARK_LIVE) continue;
    p->mark |= MARK_LIVE;
    if (!vec_push(s, &stack, id)) goto give_up;
    while (stack.n) {
      NodeId top = stack.v[--stack.n];
      uint32_t n = node_arity(s, top);
      NodeId *c = node_children(s, top);
      for (uint32_t i = 0; i < n; i++) {
        Node *q = node_at(s, c[i]);
        if (q->mark & MARK_LIVE) continue;
        q->mark |= MARK_LIVE;
        if (!vec_push(s, &stack, c[i])) goto give_up;
      }
    }
  }
  /* new argument blocks hold what lives; on failure the old ones stay and only ids are freed */
  uint32_t **old_pool = s->pool, old_pools = s->pools, old_used = s->pool_used, old_size = s->pool_size;
  s->pool = NULL;
  s->pools = 0;
  bool packed = true;
  Vec moved;
  vec_init(&moved);
  for (NodeId id = 1; packed && id < s->next; id++) {
    Node *p = node_at(s, id);
    if (!(p->mark & MARK_LIVE) || !p->n) continue;
    uint32_t where, *from = &old_pool[p->args >> ARG_BITS][p->args & (POOL_WORDS - 1)];
    uint32_t *to = pool_words(s, p->n, &where);
    packed = to && vec_push(s, &moved, where);
    if (packed) memcpy(to, from, p->n * sizeof *to);
  }
  uint32_t **drop = packed ? old_pool : s->pool, drops = packed ? old_pools : s->pools, k = 0;
  for (uint32_t i = 0; i < drops; i++)
    store_realloc(s, drop[i] - 1, (drop[i][-1] + 1) * sizeof **drop, 0);
  if (drop) store_realloc(s, drop, drops * sizeof *drop, 0);
  if (!packed) {
    s->pool = old_pool;
    s->pools = old_pools;
    s->pool_used = old_used;
    s->pool_size = old_size;
  }
  memset(s->integer, 0, sizeof s->integer);
  memset(s->slot, 0, (s->slot_mask + 1) * sizeof *s->slot);
  s->live = 0;
  s->words = 0;
  s->free_head = 0;
  for (NodeId id = s->next; id-- > 1;) {
    Node *p = node_at(s, id);
    if (p->mark & MARK_LIVE) continue;
    p->op = OP_FREE;
    p->mark = 0;
    p->args = s->free_head;
    p->n = 0;
    s->free_head = id;
  }
  for (NodeId id = 1; id < s->next; id++) {
    Node *p = node_at(s, id);
    if (!(p->mark & MARK_LIVE)) continue;
    p->mark &= (uint8_t)~MARK_LIVE;
    if (packed && p->n) p->args = moved.v[k++];
    uint32_t j = p->hash & s->slot_mask;
    while (s->slot[j]) j = (j + 1) & s->slot_mask;
    s->slot[j] = id;
    s->live++;
    s->words += p->n;
  }
  vec_done(s, &moved);
  s->collect_at = s->live * 2 > 1u << 16 ? s->live * 2 : 1u << 16;
  goto done;
give_up: /* no memory to mark with: nothing is freed */
  for (NodeId id = 1; id < s->next; id++) node_at(s, id)->mark &= (uint8_t)~MARK_LIVE;
done:
  vec_done(s, &stack);
  map_clear(&s->transposes);
  map_clear(&s->costs);
  s->log.n = 0;
  ruleset_forget(s);
  if (before == STORE_OK) store_clear_error(s);
}

const char *store_check(Store *s) {
  uint32_t live = 0, found = 0;
  for (NodeId id = 1; id < s->next; id++) {
    Node *p = node_at(s, id);
    if (p->op == OP_FREE) continue;
    live++;
    if (!p->rows || !p->cols) return "a node without a shape";
    if (p->hash != hash_words(s, p->op, node_words(s, id), p->n, p->rows, p->cols)) return "a wrong hash";
    uint32_t n = node_arity(s, id);
    for (uint32_t i = 0; i < n; i++) {
      NodeId c = node_child(s, id, i);
      if (c == 0 || c >= s->next || node_at(s, c)->op == OP_FREE) return "a dangling argument";
    }
    uint32_t j = p->hash & s->slot_mask;
    while (s->slot[j] && s->slot[j] != id) j = (j + 1) & s->slot_mask;
    if (s->slot[j] != id) return "a node that is not in the table";
  }
  for (uint32_t i = 0; i <= s->slot_mask; i++) found += s->slot[i] != 0;
  if (live != s->live || found != live) return "a wrong count of nodes";
  return NULL;
}
