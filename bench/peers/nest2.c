/* The floor of bench/derivative.lua: the n-th derivative of nest2 with nothing but what it takes. Nodes are pairs in one
** table, found again by hash, derivatives are kept beside them, and the rules are C. Binary sums and products, no order of
** terms and no like terms. Prints the median seconds of 21 runs. Argument: n. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NUMBER = 1, VARIABLE, ADD, MULTIPLY, POWER, SIN, COS, EXP, NEGATE };
enum { LIMIT = 1 << 20 };

static struct { uint32_t op, a, b; } node[LIMIT];
static uint32_t derivative[LIMIT], slot[2 * LIMIT], used, zero, one;

static uint32_t make(uint32_t op, uint32_t a, uint32_t b) {
  uint64_t h = ((uint64_t)a << 32 | b) * 0x9e3779b97f4a7c15u ^ op * 0xd6e8feb86659fd93u;
  uint32_t i = (uint32_t)(h >> 32 ^ h) & (2 * LIMIT - 1);
  for (; slot[i]; i = (i + 1) & (2 * LIMIT - 1))
    if (node[slot[i]].op == op && node[slot[i]].a == a && node[slot[i]].b == b) return slot[i];
  if (++used == LIMIT) exit(1);
  node[used].op = op;
  node[used].a = a;
  node[used].b = b;
  derivative[used] = 0;
  return slot[i] = used;
}

static uint32_t number(uint32_t v) { return make(NUMBER, v, 0); }
static uint32_t add(uint32_t f, uint32_t g) { return f == zero ? g : g == zero ? f : make(ADD, f, g); }
static uint32_t multiply(uint32_t f, uint32_t g) {
  if (f == zero || g == zero) return zero;
  return f == one ? g : g == one ? f : make(MULTIPLY, f, g);
}
static uint32_t power(uint32_t f, uint32_t n) { return n == 0 ? one : n == 1 ? f : make(POWER, f, n); }
static uint32_t negate(uint32_t f) { return f == zero ? zero : make(NEGATE, f, 0); }

static uint32_t d(uint32_t f) {
  if (derivative[f]) return derivative[f];
  uint32_t a = node[f].a, b = node[f].b, r = zero;
  switch (node[f].op) {
    case NUMBER: break;
    case VARIABLE: r = one; break;
    case ADD: r = add(d(a), d(b)); break;
    case MULTIPLY: r = add(multiply(d(a), b), multiply(a, d(b))); break;
    case POWER: r = multiply(multiply(number(b), power(a, b - 1)), d(a)); break;
    case SIN: r = multiply(make(COS, a, 0), d(a)); break;
    case COS: r = negate(multiply(make(SIN, a, 0), d(a))); break;
    case EXP: r = multiply(f, d(a)); break;
    case NEGATE: r = negate(d(a)); break;
  }
  return derivative[f] = r;
}

static int by_value(const void *a, const void *b) { return *(const double *)a < *(const double *)b ? -1 : 1; }

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 7;
  double seconds[21];
  for (int run = 0; run < 21; run++) {
    memset(slot, 0, sizeof slot);
    used = 0;
    zero = number(0);
    one = number(1);
    uint32_t x = make(VARIABLE, 0, 0), f = x;
    for (int k = 0; k < 2; k++)
      f = make(SIN, multiply(make(EXP, add(f, power(x, 2)), 0), make(COS, multiply(number(3), f), 0)), 0);
    struct timespec a, b;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    for (int i = 0; i < n; i++) f = d(f);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    seconds[run] = (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec);
  }
  qsort(seconds, 21, sizeof *seconds, by_value);
  printf("%.9f\n", seconds[10]);
  return 0;
}
