/* The floor of bench/sums.lua: like terms added, pairs of a coefficient and a key. Prints the median seconds of 101 runs by a
** table of the keys (the order that of first appearance), sorted by key first, and by a table with what is left in order. Arguments: terms, keys. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  uint32_t key;
  int64_t coefficient;
} Term;

enum { RUNS = 101 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint32_t by_table(Term *t, uint32_t n, uint32_t *place) {
  uint32_t k = 0;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t p = place[t[i].key];
    if (p < k && t[p].key == t[i].key) t[p].coefficient += t[i].coefficient;
    else place[t[i].key] = k, t[k++] = t[i];
  }
  return k;
}

static int by_key(const void *a, const void *b) {
  uint32_t x = ((const Term *)a)->key, y = ((const Term *)b)->key;
  return x < y ? -1 : x > y;
}

static uint32_t sorted(Term *t, uint32_t n) {
  uint32_t k = 0;
  qsort(t, n, sizeof *t, by_key);
  for (uint32_t i = 0; i < n; i++) {
    if (k && t[k - 1].key == t[i].key) t[k - 1].coefficient += t[i].coefficient;
    else t[k++] = t[i];
  }
  return k;
}

/* As by_table, and then in the order of the keys, as a normal form has it. */
static uint32_t in_order(Term *t, uint32_t n, uint32_t *place) {
  uint32_t k = by_table(t, n, place);
  qsort(t, k, sizeof *t, by_key);
  return k;
}

static int by_value(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : 1; }

int main(int argc, char **argv) {
  uint32_t n = argc > 1 ? (uint32_t)atoi(argv[1]) : 5000, keys = argc > 2 ? (uint32_t)atoi(argv[2]) : 1000;
  Term *given = calloc(n, sizeof *given), *work = calloc(n, sizeof *work);
  uint32_t *place = calloc(keys, sizeof *place);
  if (!given || !work || !place || !keys) return 1;
  for (uint32_t i = 0; i < n; i++) given[i] = (Term){(i + 1) % keys, i + 1};
  for (int way = 0; way < 3; way++) {
    double seconds[RUNS];
    for (int run = 0; run < RUNS; run++) {
      memcpy(work, given, n * sizeof *work);
      double start = now();
      uint32_t left = way == 0 ? by_table(work, n, place) : way == 1 ? sorted(work, n) : in_order(work, n, place);
      seconds[run] = now() - start;
      if (left != keys) return 1;
    }
    qsort(seconds, RUNS, sizeof *seconds, by_value);
    printf("%.9f\n", seconds[RUNS / 2]);
  }
  return 0;
}
