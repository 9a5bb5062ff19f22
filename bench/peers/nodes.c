/* The floor of bench/nodes.lua: a table of nodes with two arguments inside, each found by its hash or made. Prints the bytes of a
** node, slots included, and the median nanoseconds of making one. Argument: nodes. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct { /* as much beside the arguments as an engine wants: hash, operator, flags, shape, count, weight */
  uint32_t a, b, hash, op, rows, cols, refs, weight;
} Node;

enum { RUNS = 11, RECENT = 1000 /* the second argument is one of so many */ };

static Node *node;
static uint32_t *slot, mask, used;

static uint32_t hash(uint32_t op, uint32_t a, uint32_t b) {
  uint64_t h = ((uint64_t)a << 32 | b) * 0x9e3779b97f4a7c15u ^ op;
  h = (h ^ h >> 32) * 0xd6e8feb86659fd93u;
  return (uint32_t)(h ^ h >> 32);
}

static void grow(void) {
  free(slot);
  mask = mask * 2 + 1;
  slot = calloc(mask + 1u, sizeof *slot);
  if (!slot) exit(1);
  for (uint32_t i = 1; i <= used; i++) {
    uint32_t j = node[i].hash & mask;
    while (slot[j]) j = (j + 1) & mask;
    slot[j] = i;
  }
}

static uint32_t make(uint32_t op, uint32_t a, uint32_t b) {
  uint32_t h = hash(op, a, b), j = h & mask;
  for (; slot[j]; j = (j + 1) & mask) {
    const Node *n = &node[slot[j]];
    if (n->hash == h && n->op == op && n->a == a && n->b == b) return slot[j];
  }
  node[++used] = (Node){a, b, h, op, 1, 1, 0, 1};
  slot[j] = used;
  if ((uint64_t)used * 4 > (uint64_t)mask * 3) grow();
  return used;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : 1; }

int main(int argc, char **argv) {
  uint32_t n = argc > 1 ? (uint32_t)atoi(argv[1]) : 1000000;
  double seconds[RUNS];
  uint32_t *made = calloc(n + 1u, sizeof *made);
  if (!made) return 1;
  for (int run = 0; run < RUNS; run++) {
    node = calloc(n + 1u, sizeof *node);
    if (!node) return 1;
    mask = 2047;
    used = 0;
    slot = NULL;
    grow();
    double start = now();
    for (uint32_t i = 1; i <= n; i++) {
      uint32_t back = i < RECENT ? i : RECENT;
      made[i] = make(i % 16, made[i - 1], made[i - 1 - i * 2654435761u % back]);
    }
    seconds[run] = now() - start;
    if (used != n) return 1;
    if (run + 1 < RUNS) free(node);
  }
  qsort(seconds, RUNS, sizeof *seconds, by_value);
  printf("%.2f %.2f\n", (sizeof(Node) * (double)n + sizeof *slot * (mask + 1.0)) / n, seconds[RUNS / 2] / n * 1e9);
  return 0;
}
