/* Another floor of bench/derivative.lua: the n-th derivative of nest2 in a normal form like nabla's. A sum is a list of terms with
** whole coefficients, a product a list of bases with exponents, both flat, in order, like ones put together; nodes are found
** again by hash, derivatives are kept beside them, the rules are C. Prints the median seconds of 21 runs and the number of nodes of
** the result. Argument: n. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The words of a node: of a sum pairs coefficient, term; of a product pairs base, exponent; of a function its argument. The term of
   a constant is `one`, the product of nothing. */
enum { VARIABLE = 1, SUM, PRODUCT, SIN, COS, EXP };
enum { LIMIT = 1 << 16, WORDS = 1 << 20, SLOTS = 1 << 17, LONGEST = 4096 };

typedef struct {
  uint32_t op, n, at, hash;
} Node;
typedef struct {
  int32_t count;
  uint32_t what;
} Pair; /* the count first */

static Node node[LIMIT];
static uint32_t word[WORDS], slot[SLOTS], derivative[LIMIT], used, words, zero, one, x;

static uint32_t make(uint32_t op, const uint32_t *w, uint32_t n) {
  uint64_t h = op;
  for (uint32_t i = 0; i < n; i++) {
    h = (h ^ w[i]) * 0xd6e8feb86659fd93u;
    h ^= h >> 32;
  }
  uint32_t hash = (uint32_t)h, j = hash & (SLOTS - 1);
  for (; slot[j]; j = (j + 1) & (SLOTS - 1)) {
    const Node *p = &node[slot[j]];
    if (p->hash == hash && p->op == op && p->n == n && !memcmp(word + p->at, w, n * sizeof *w)) return slot[j];
  }
  if (++used == LIMIT || words + n > WORDS) exit(1);
  node[used] = (Node){op, n, words, hash};
  memcpy(word + words, w, n * sizeof *w);
  words += n;
  derivative[used] = 0;
  return slot[j] = used;
}

static uint32_t function(uint32_t op, uint32_t a) { return make(op, &a, 1); }

static void sort(Pair *p, uint32_t n) {
  if (n < 12) {
    for (uint32_t i = 1; i < n; i++) {
      Pair q = p[i];
      uint32_t j = i;
      for (; j && p[j - 1].what > q.what; j--) p[j] = p[j - 1];
      p[j] = q;
    }
    return;
  }
  Pair before[LONGEST];
  uint32_t half = n / 2, i = 0, j = half, k = 0;
  sort(p, half);
  sort(p + half, n - half);
  if (p[half - 1].what <= p[half].what) return;
  memcpy(before, p, half * sizeof *p);
  while (i < half) p[k++] = j < n && p[j].what < before[i].what ? p[j++] : before[i++];
}

/* Pairs in order, those of one thing put together; how many. */
static uint32_t gather(Pair *p, uint32_t n) {
  uint32_t k = 0;
  sort(p, n);
  for (uint32_t i = 0; i < n; i++) {
    if (k && p[k - 1].what == p[i].what) p[k - 1].count += p[i].count;
    else p[k++] = p[i];
    if (!p[k - 1].count) k--;
  }
  return k;
}

static uint32_t from_pairs(uint32_t op, Pair *p, uint32_t n) {
  n = gather(p, n);
  if (n == 1 && p->count == 1) return p->what;
  return make(op, (const uint32_t *)p, 2 * n);
}

static uint32_t add_to(Pair *p, int32_t c, uint32_t f) { /* c*f into the terms of a sum */
  const Pair *q = (const Pair *)(word + node[f].at);
  if (node[f].op != SUM) {
    *p = (Pair){c, f};
    return 1;
  }
  for (uint32_t i = 0; i < node[f].n / 2; i++) p[i] = (Pair){c * q[i].count, q[i].what};
  return node[f].n / 2;
}

/* The product of f and g, numbers in front of a term being those of the sums that hold it. */
static uint32_t multiply(uint32_t f, uint32_t g) {
  Pair p[LONGEST];
  uint32_t part[2] = {f, g}, n = 0;
  int32_t c = 1;
  for (int i = 0; i < 2; i++) {
    uint32_t y = part[i];
    const Node *q = &node[y];
    if (y == zero) return zero;
    if (q->op == SUM && q->n == 2) { /* a number times a term */
      c *= (int32_t)word[q->at];
      y = word[q->at + 1];
      q = &node[y];
    }
    if (q->op == PRODUCT) {
      memcpy(p + n, word + q->at, q->n * sizeof *word);
      n += q->n / 2;
    } else {
      p[n++] = (Pair){1, y};
    }
  }
  uint32_t term = from_pairs(PRODUCT, p, n);
  if (c == 1) return term;
  Pair scaled = {c, term};
  return make(SUM, (const uint32_t *)&scaled, 2);
}

static uint32_t power(uint32_t f, int32_t k) {
  Pair p = {k, f};
  return k == 1 ? f : make(PRODUCT, (const uint32_t *)&p, 2);
}

static uint32_t number(int32_t v) {
  Pair p = {v, one};
  return v == 1 ? one : make(SUM, (const uint32_t *)&p, 2);
}

static uint32_t d(uint32_t f) {
  if (derivative[f]) return derivative[f];
  Pair p[LONGEST];
  uint32_t n = 0, count = node[f].n / 2, a = word[node[f].at], r = zero;
  switch (node[f].op) {
    case VARIABLE: r = one; break;
    case SUM:
      for (uint32_t i = 0; i < count; i++) {
        Pair q = ((const Pair *)(word + node[f].at))[i];
        n += add_to(p + n, q.count, d(q.what));
      }
      r = from_pairs(SUM, p, n);
      break;
    case PRODUCT:
      for (uint32_t i = 0; i < count; i++) { /* k*base^(k-1)*d(base) times the others */
        Pair rest[LONGEST];
        memcpy(rest, word + node[f].at, node[f].n * sizeof *word);
        Pair q = rest[i];
        rest[i].count--;
        n += add_to(p + n, q.count, multiply(from_pairs(PRODUCT, rest, count), d(q.what)));
      }
      r = from_pairs(SUM, p, n);
      break;
    case SIN: r = multiply(function(COS, a), d(a)); break;
    case COS: r = multiply(number(-1), multiply(function(SIN, a), d(a))); break;
    case EXP: r = multiply(f, d(a)); break;
  }
  return derivative[f] = r;
}

/* The nodes of f that were not counted before. */
static uint32_t nodes_of(uint32_t f, char *seen) {
  uint32_t n = 1, pairs = node[f].op == SUM || node[f].op == PRODUCT;
  if (seen[f]) return 0;
  seen[f] = 1;
  for (uint32_t i = pairs; i < node[f].n; i += 1 + pairs) n += nodes_of(word[node[f].at + i], seen);
  return n;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : 1; }

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 7;
  double seconds[21];
  uint32_t f = 0;
  for (int run = 0; run < 21; run++) {
    memset(slot, 0, sizeof slot);
    used = words = 0;
    zero = make(SUM, NULL, 0);
    one = make(PRODUCT, NULL, 0);
    x = make(VARIABLE, NULL, 0);
    f = x;
    for (int k = 0; k < 2; k++) {
      Pair inner[2] = {{1, f}, {1, power(x, 2)}};
      f = function(SIN, multiply(function(EXP, from_pairs(SUM, inner, 2)), function(COS, multiply(number(3), f))));
    }
    double start = now();
    for (int i = 0; i < n; i++) f = d(f);
    seconds[run] = now() - start;
  }
  qsort(seconds, 21, sizeof *seconds, by_value);
  static char seen[LIMIT];
  printf("%.9f %u\n", seconds[10], nodes_of(f, seen));
  return 0;
}
