/* order.c: comparing and sorting nodes. */
#include "core/order.h"

#include <string.h>

#include "core/budget.h"
#include "core/dim.h"
#include "core/name.h"
#include "core/number.h"

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
    if (p->op == OP_TRANSPOSE && q->op == OP_TRANSPOSE) { /* as what is transposed: A', B' */
      a = node_words(s, a)[0];
      b = node_words(s, b)[0];
      continue;
    }
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

/* ---------------------------------------- sorting */

/* What is sorted: a node and its place. Most nodes are told apart by their leads. */
typedef struct {
  uint64_t lead;
  NodeId node;
  uint32_t place : 31;
  uint32_t transposed : 1; /* an OP_TRANSPOSE */
} Item;

/* The parts of a lead: the rank of an operator, and then the first letters of a name, or the weight
   and the first bits of the hash. */
enum { RANK_BITS = 8, LETTERS = 7, HASH_BITS = 25 };

static Item item_of(const Store *s, NodeId id, uint32_t place) {
  const Node *p = node_at(s, id);
  int rank = op_rank(p->op);
  Item item = {(uint64_t)rank << (64 - RANK_BITS), id, place & INT32_MAX, p->op == OP_TRANSPOSE};
  if (rank == 2)
    item.lead |= (uint64_t)p->weight << HASH_BITS | p->hash >> (32 - HASH_BITS);
  if (rank != 1) return item;
  const char *name = name_text(s, node_words(s, id)[0]);
  for (uint32_t i = 0; i < LETTERS && name[i]; i++)
    item.lead |= (uint64_t)(unsigned char)name[i] << (64 - RANK_BITS - 8 * (i + 1));
  return item;
}

/* Is a after b, as order_compare says? The hashes of two transposes do not count there. */
static bool comes_after(const Store *s, const Item *a, const Item *b) {
  uint64_t differ = a->lead ^ b->lead;
  bool by_lead = a->transposed && b->transposed ? differ >> HASH_BITS != 0 : differ != 0;
  return by_lead ? a->lead > b->lead : order_compare(s, a->node, b->node) > 0;
}

static void merge_sort(const Store *s, Item *v, Item *tmp, uint32_t n) {
  if (n < 8) {
    for (uint32_t i = 1; i < n; i++) {
      Item x = v[i];
      uint32_t j = i;
      for (; j > 0 && comes_after(s, &v[j - 1], &x); j--) v[j] = v[j - 1];
      v[j] = x;
    }
    return;
  }
  uint32_t half = n / 2;
  merge_sort(s, v, tmp, half);
  merge_sort(s, v + half, tmp, n - half);
  if (!comes_after(s, &v[half - 1], &v[half])) return; /* in order already, as is often the case */
  memcpy(tmp, v, half * sizeof *v);
  for (uint32_t i = 0, j = half, k = 0; i < half;) {
    bool right = j < n && comes_after(s, &tmp[i], &v[j]);
    v[k++] = right ? v[j++] : tmp[i++];
  }
}

static void sort_few(const Store *s, uint32_t *v, uint32_t n, uint32_t stride, uint32_t key) {
  for (uint32_t i = 1; i < n; i++) {
    uint32_t x[4];
    memcpy(x, v + i * stride, stride * sizeof *v);
    uint32_t j = i;
    for (; j > 0 && order_compare(s, v[(j - 1) * stride + key], x[key]) > 0; j--)
      memcpy(v + j * stride, v + (j - 1) * stride, stride * sizeof *v);
    memcpy(v + j * stride, x, stride * sizeof *v);
  }
}

bool order_sort(Store *s, uint32_t *v, uint32_t n, uint32_t stride, uint32_t key) {
  if (!budget_work(s, n)) return false;
  if (n < 8) {
    sort_few(s, v, n, stride, key);
    return true;
  }
  size_t items = (size_t)n * sizeof(Item), words = (size_t)n * stride * sizeof *v;
  Item *item = store_realloc(s, NULL, 0, 2 * items);
  uint32_t *before = item ? store_realloc(s, NULL, 0, words) : NULL;
  if (before) {
    for (uint32_t i = 0; i < n; i++) item[i] = item_of(s, v[i * stride + key], i);
    merge_sort(s, item, item + n, n);
    memcpy(before, v, words);
    for (uint32_t i = 0; i < n; i++)
      memcpy(v + i * stride, before + item[i].place * stride, stride * sizeof *v);
    store_realloc(s, before, words, 0);
  }
  if (item) store_realloc(s, item, 2 * items, 0);
  return before != NULL;
}
