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

static void merge_sort(Store *s, uint32_t *v, uint32_t *tmp, uint32_t n, uint32_t stride,
                       uint32_t key) {
  if (n < 8) {
    for (uint32_t i = 1; i < n; i++) {
      uint32_t x[4];
      memcpy(x, v + i * stride, stride * sizeof *v);
      uint32_t j = i;
      for (; j > 0 && order_compare(s, v[(j - 1) * stride + key], x[key]) > 0; j--)
        memcpy(v + j * stride, v + (j - 1) * stride, stride * sizeof *v);
      memcpy(v + j * stride, x, stride * sizeof *v);
    }
    return;
  }
  uint32_t half = n / 2;
  merge_sort(s, v, tmp, half, stride, key);
  merge_sort(s, v + half * stride, tmp, n - half, stride, key);
  memcpy(tmp, v, half * stride * sizeof *v);
  uint32_t i = 0, j = half, k = 0;
  while (i < half) {
    bool right = j < n && order_compare(s, v[j * stride + key], tmp[i * stride + key]) < 0;
    memcpy(v + k++ * stride, right ? v + j++ * stride : tmp + i++ * stride, stride * sizeof *v);
  }
}

bool order_sort(Store *s, uint32_t *v, uint32_t n, uint32_t stride, uint32_t key) {
  if (!budget_work(s, n)) return false;
  if (n < 8) {
    merge_sort(s, v, NULL, n, stride, key);
    return true;
  }
  uint32_t *tmp = store_realloc(s, NULL, 0, (size_t)n * stride * sizeof *tmp);
  if (!tmp) return false;
  merge_sort(s, v, tmp, n, stride, key);
  store_realloc(s, tmp, (size_t)n * stride * sizeof *tmp, 0);
  return true;
}
