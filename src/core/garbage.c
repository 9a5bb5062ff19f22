/* garbage.c: mark, pack, sweep. */
#include "core/garbage.h"

#include <string.h>

#include "core/pool.h"

enum { COLLECT_LEAST = 1 << 16 };

/* Mark what a reference reaches; false without memory. */
static bool mark(Store *s, Vec *stack) {
  for (NodeId id = 1; id < s->next; id++) {
    Node *p = node_at(s, id);
    if (p->op == OP_FREE || !p->refs || p->mark & MARK_LIVE) continue;
    p->mark |= MARK_LIVE;
    if (!vec_push(s, stack, id)) return false;
    while (stack->n) {
      NodeId top = stack->v[--stack->n];
      uint32_t n = node_arity(s, top);
      NodeId *c = node_children(s, top);
      for (uint32_t i = 0; i < n; i++) {
        Node *q = node_at(s, c[i]);
        if (q->mark & MARK_LIVE) continue;
        q->mark |= MARK_LIVE;
        if (!vec_push(s, stack, c[i])) return false;
      }
    }
  }
  return true;
}

/* Copy the arguments of what lives into new blocks; *moved: where they are now. Without memory the
   old blocks stay. */
static bool pack(Store *s, Vec *moved) {
  uint32_t **old_pool = s->pool, old_pools = s->pools, old_used = s->pool_used,
           old_size = s->pool_size;
  s->pool = NULL;
  s->pools = 0;
  bool packed = true;
  for (NodeId id = 1; packed && id < s->next; id++) {
    Node *p = node_at(s, id);
    if (!(p->mark & MARK_LIVE) || !p->n) continue;
    uint32_t where, *from = &old_pool[p->args >> ARG_BITS][p->args & ((1u << ARG_BITS) - 1)];
    uint32_t *to = pool_take(s, p->n, &where);
    packed = to && vec_push(s, moved, where);
    if (packed) memcpy(to, from, p->n * sizeof *to);
  }
  if (packed) {
    pool_give(s, old_pool, old_pools);
    return true;
  }
  pool_give(s, s->pool, s->pools);
  s->pool = old_pool;
  s->pools = old_pools;
  s->pool_used = old_used;
  s->pool_size = old_size;
  return false;
}

/* Make what is not marked free, and the tables again from what is. */
static void sweep(Store *s, const Vec *moved, bool packed) {
  uint32_t k = 0;
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
    if (packed && p->n) p->args = moved->v[k++];
    node_enter(s, id);
  }
  s->collect_at = s->live * 2 > COLLECT_LEAST ? s->live * 2 : COLLECT_LEAST;
}

void garbage_collect(Store *s) {
  Vec stack, moved;
  vec_init(&stack);
  vec_init(&moved);
  Status before = s->status;
  if (mark(s, &stack)) {
    bool packed = pack(s, &moved);
    sweep(s, &moved, packed);
  } else {
    node_unmark(s, MARK_LIVE);
  }
  vec_done(s, &moved);
  vec_done(s, &stack);
  if (before == STORE_OK) store_clear_error(s);
}
