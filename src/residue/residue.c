/* residue.c: arithmetic modulo 2^61 - 1. A product of two residues has 122 bits; as 2^61 is 1, its
   halves of 61 bits are added. */
#include "residue/residue.h"

#define P RESIDUE_PRIME

static uint64_t once(uint64_t x) { return x >= P ? x - P : x; }

uint64_t residue_reduce(uint64_t x) { return once((x >> 61) + (x & P)); }

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
  return once((uint64_t)(x >> 61) + ((uint64_t)x & P));
}
#else
/* By halves of 32 bits: 2^64 is 8, and 2^32 times a number of 62 bits is split at bit 29. */
uint64_t residue_mul(uint64_t a, uint64_t b) {
  uint64_t a1 = a >> 32, a0 = a & 0xFFFFFFFF, b1 = b >> 32, b0 = b & 0xFFFFFFFF;
  uint64_t middle = a1 * b0 + a0 * b1;
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

int residue_sqrt(uint64_t a, uint64_t *r) { /* p + 1 is a multiple of 4 */
  *r = residue_pow(a, (P + 1) / 4);
  return residue_mul(*r, *r) == a;
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
