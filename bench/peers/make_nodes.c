/* The engine beside the floor nodes.c: as many nodes with two arguments, found by hash or made, through node_intern; then through
** the constructor, which shapes them and tries rules, of which there are none. Prints the median nanoseconds of both. Argument:
** nodes. Linked with build/libnabla.a. */
#include "nabla.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RUNS = 11, OPERATORS = 16, RECENT = 1000 /* the second argument is one of so many */ };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/* The store with so many operators of two scalars, op[0] and following. */
static Store *open_store(uint32_t *op) {
  Store *s = store_new();
  for (int i = 0; s && i < OPERATORS; i++) {
    char name[8];
    int length = snprintf(name, sizeof name, "f%d", i);
    Operator o = {.name = name_intern(s, name, (size_t)length), .n = 2, .rows = DIM_ONE, .cols = DIM_ONE};
    for (int k = 0; k < 2; k++) o.param[k] = (Param){.kind = PARAM_SHAPE, .rows = DIM_ONE, .cols = DIM_ONE};
    op[i] = operator_define(s, &o);
  }
  return s;
}

static double nanoseconds(uint32_t n, bool constructor, NodeId *node) {
  uint32_t op[OPERATORS];
  Store *s = open_store(op);
  if (!s) exit(1);
  node[0] = build_symbol(s, name_intern(s, "x", 1), KIND_SCALAR, 0, DIM_ONE, DIM_ONE);
  store_begin(s);
  double start = now();
  for (uint32_t i = 1; i <= n; i++) {
    uint32_t back = i < RECENT ? i : RECENT;
    NodeId pair[2] = {node[i - 1], node[i - 1 - i * 2654435761u % back]};
    node[i] = constructor ? build_operator(s, op[i % OPERATORS], pair, 2)
                          : node_intern(s, op[i % OPERATORS], pair, 2, DIM_ONE, DIM_ONE);
  }
  double taken = now() - start;
  if (!node[n]) {
    fprintf(stderr, "%s\n", s->message);
    exit(1);
  }
  store_free(s);
  return taken / n * 1e9;
}

int main(int argc, char **argv) {
  uint32_t n = argc > 1 ? (uint32_t)atoi(argv[1]) : 1000000;
  NodeId *node = malloc((n + 1u) * sizeof *node);
  if (!node || !n) return 1;
  for (int constructor = 0; constructor < 2; constructor++) {
    double each[RUNS];
    for (int run = 0; run < RUNS; run++) each[run] = nanoseconds(n, constructor, node);
    qsort(each, RUNS, sizeof *each, by_value);
    printf("%.2f ", each[RUNS / 2]);
  }
  printf("\n");
  return 0;
}
