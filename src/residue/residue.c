/* residue.c: arithmetic modulo 2^61 - 1 or 2^61 - 31. A product of two residues has 122 bits; as
   2^61 is 1, or 31, its upper half of 61 bits is added to the lower one, times that. */
#include "residue/residue.h"

#define LOW RESIDUE_PRIME             /* the lower 61 bits */
#define OTHER (RESIDUE_PRIME - 30)    /* 2^61 - 31: p - 1 is 32 times an odd number */
#define UNIT UINT64_C(583529827753931384) /* its square is -1 modulo OTHER */

static uint64_t P = RESIDUE_PRIME;
static uint64_t fold = 1; /* 2^61 modulo P */

void residue_choose(int with_unit) {
  P = with_unit ? OTHER : RESIDUE_PRIME;
  fold = with_unit ? 31 : 1;
}

uint64_t residue_prime(void) { return P; }

uint64_t residue_unit(void) { return fold == 1 ? 0 : UNIT; }

static uint64_t once(uint64_t x) { return x >= P ? x - P : x; }

uint64_t residue_reduce(uint64_t x) { return once((x >> 61) * fold + (x & LOW)); }

uint64_t residue_from(int64_t x) {
  uint64_t r = residue_reduce(x < 0 ? UINT64_C(0) - (uint64_t)x : (uint64_t)x);
  return x < 0 && r ? P - r : r;
}

uint64_t residue_add(uint64_t a, uint64_t b) { return once(a + b); }

uint64_t residue_sub(uint64_t a, uint64_t b) { return a >= b ? a - b : a + P - b; }

#if defined(__SIZEOF_INT128__) && !defined(NABLA_NO_INT128)
__extension__ typedef unsigned __int128 Wide;

uint64_t residue_mul(uint64_t a, uint64_t b) {
  Wide x = (Wide)a * b;
  if (fold == 1) return once((uint64_t)(x >> 61) + ((uint64_t)x & LOW));
  x = (x >> 61) * fold + ((uint64_t)x & LOW); /* 66 bits */
  return once((uint64_t)(x >> 61) * fold + ((uint64_t)x & LOW));
}
#else
/* By halves of 32 bits: 2^61 is 1, so 2^64 is 8, and 2^32 times a number of 62 bits is split at bit
   29. Modulo the other prime bit by bit. */
uint64_t residue_mul(uint64_t a, uint64_t b) {
  uint64_t a1 = a >> 32, a0 = a & 0xFFFFFFFF, b1 = b >> 32, b0 = b & 0xFFFFFFFF;
  uint64_t middle = a1 * b0 + a0 * b1;
  if (fold != 1) {
    uint64_t r = 0;
    for (; b; b >>= 1) {
      if (b & 1) r = residue_add(r, a);
      a = residue_add(a, a);
    }
    return r;
  }
  uint64_t sum =
      residue_reduce(a0 * b0) + 8 * a1 * b1 + (middle >> 29) + ((middle & ((1u << 29) - 1)) << 32);
  return residue_reduce(sum);
}
#endif

uint64_t residue_pow(uint64_t a, uint64_t k) {
  uint64_t r = 1;
  for (; k; k >>= 1) {
    if (k & 1) r = residue_mul(r, a);
    a = residue_mul(a, a);
  }
  return r;
}

uint64_t residue_inv(uint64_t a) { return residue_pow(a, P - 2); }

/* p - 1 is 2^s times an odd number q: a^((q+1)/2) is a root, but for a root of unity of order
   2^s, a power of 7^q, which is found bit by bit (Tonelli and Shanks). Modulo 2^61 - 1, s is 1. */
int residue_sqrt(uint64_t a, uint64_t *r) {
  const int s = fold == 1 ? 1 : 5;
  const uint64_t q = (P - 1) >> s;
  uint64_t root = residue_pow(a, (q + 1) / 2), rest = residue_pow(a, q);
  uint64_t z = fold == 1 ? P - 1 : residue_pow(7, q); /* 7 is no square modulo the other prime */
  for (int k = s - 1; k > 0; k--) { /* rest has an order that divides 2^k */
    uint64_t t = rest;
    for (int i = 1; i < k; i++) t = residue_mul(t, t);
    if (t == P - 1) {
      root = residue_mul(root, z);
      rest = residue_mul(rest, residue_mul(z, z));
    }
    z = residue_mul(z, z);
  }
  *r = root;
  return residue_mul(root, root) == a;
}

/* The Euclidean algorithm on p and a, stopped halfway (Wang): the remainders are num = den*a modulo
   p. */
int residue_fraction(uint64_t a, int64_t *num, int64_t *den) {
  const int64_t bound = INT64_C(1) << 20;
  int64_t r0 = (int64_t)P, r1 = (int64_t)a, t0 = 0, t1 = 1;
  while (r1 >= bound) {
    int64_t q = r0 / r1, r = r0 - q * r1, t = t0 - q * t1;
    r0 = r1;
    r1 = r;
    t0 = t1;
    t1 = t;
  }
  if (t1 <= -bound || t1 >= bound) return 0;
  *num = t1 < 0 ? -r1 : r1;
  *den = t1 < 0 ? -t1 : t1;
  for (int64_t x = r1, y = *den; y;) { /* in lowest terms? */
    int64_t r = x % y;
    x = y;
    y = r;
    if (!y && x != 1) return 0;
  }
  return 1;
}

void residue_multiply(uint64_t *c, const uint64_t *a, const uint64_t *b, size_t m, size_t k,
                      size_t n) {
  for (size_t j = 0; j < n; j++)
    for (size_t l = 0; l < k; l++) {
      uint64_t x = b[j * k + l];
      if (x == 0) continue;
      for (size_t i = 0; i < m; i++)
        if (a[l * m + i]) c[j * m + i] = residue_add(c[j * m + i], residue_mul(a[l * m + i], x));
    }
}

static void swap_rows(uint64_t *a, size_t rows, size_t cols, size_t i, size_t j) {
  for (size_t c = 0; c < cols; c++) {
    uint64_t x = a[c * rows + i];
    a[c * rows + i] = a[c * rows + j];
    a[c * rows + j] = x;
  }
}

static void scale_row(uint64_t *a, size_t rows, size_t cols, size_t i, uint64_t f) {
  for (size_t c = 0; c < cols; c++) a[c * rows + i] = residue_mul(a[c * rows + i], f);
}

/* row i -= f times row j */
static void subtract_row(uint64_t *a, size_t rows, size_t cols, size_t i, size_t j, uint64_t f) {
  for (size_t c = 0; c < cols; c++)
    a[c * rows + i] = residue_sub(a[c * rows + i], residue_mul(f, a[c * rows + j]));
}

uint64_t residue_eliminate(uint64_t *a, uint64_t *b, size_t n, size_t m) {
  uint64_t det = 1;
  for (size_t c = 0; c < n; c++) {
    size_t p = c;
    while (p < n && a[c * n + p] == 0) p++;
    if (p == n) return 0;
    if (p != c) {
      swap_rows(a, n, n, p, c);
      swap_rows(b, n, m, p, c);
      det = residue_sub(0, det);
    }
    det = residue_mul(det, a[c * n + c]);
    uint64_t inverse = residue_inv(a[c * n + c]);
    scale_row(a, n, n, c, inverse);
    scale_row(b, n, m, c, inverse);
    for (size_t i = 0; i < n; i++) {
      uint64_t f = a[c * n + i];
      if (i == c || f == 0) continue;
      subtract_row(a, n, n, i, c, f);
      subtract_row(b, n, m, i, c, f);
    }
  }
  return det;
}

size_t residue_rank(uint64_t *a, size_t m, size_t n) {
  size_t rank = 0;
  for (size_t c = 0; c < n && rank < m; c++) {
    size_t p = rank;
    while (p < m && a[c * m + p] == 0) p++;
    if (p == m) continue;
    swap_rows(a, m, n, p, rank);
    scale_row(a, m, n, rank, residue_inv(a[c * m + rank]));
    for (size_t i = rank + 1; i < m; i++)
      if (a[c * m + i]) subtract_row(a, m, n, i, rank, a[c * m + i]);
    rank++;
  }
  return rank;
}
