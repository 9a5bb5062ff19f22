/* residue.h: arithmetic modulo a prime p, on numbers 0 .. p-1 and on matrices of them, columns
** after columns. The prime is 2^61 - 1, or 2^61 - 31, which has a square root of -1; it is chosen
** for the whole program, and residues of one mean nothing modulo the other. Nothing is allocated
** here; a result never lies in the memory of an argument unless a comment says so. */
#ifndef NABLA_RESIDUE_H
#define NABLA_RESIDUE_H

#include <stddef.h>
#include <stdint.h>

#define RESIDUE_PRIME ((UINT64_C(1) << 61) - 1)

/* From now on modulo 2^61 - 31, or modulo 2^61 - 1. */
void residue_choose(int with_unit);
/* The prime in force. */
uint64_t residue_prime(void);
/* The square root of -1; 0 where the prime has none. */
uint64_t residue_unit(void);
/* of any 64 bits */
uint64_t residue_reduce(uint64_t x);
uint64_t residue_from(int64_t x);
uint64_t residue_add(uint64_t a, uint64_t b);
uint64_t residue_sub(uint64_t a, uint64_t b);
uint64_t residue_mul(uint64_t a, uint64_t b);
/* a^k for k >= 0; 0^0 is 1 */
uint64_t residue_pow(uint64_t a, uint64_t k);
/* 1/a; 0 for 0 */
uint64_t residue_inv(uint64_t a);
/* A number r with r^2 = a, the same for the same a: 1 if there is one, else 0. */
int residue_sqrt(uint64_t a, uint64_t *r);
/* The fraction num/den that a stands for, with |num| and den below 2^20: 1 if there is one, else 0.
** There is at most one, and of 2^20 residues about one stands for a fraction by chance. */
int residue_fraction(uint64_t a, int64_t *num, int64_t *den);

/* c += a*b, c m x n, a m x k, b k x n */
void residue_multiply(uint64_t *c, const uint64_t *a, const uint64_t *b, size_t m, size_t k,
                      size_t n);
/* Gauss-Jordan elimination of the n x n matrix a, which is overwritten, carrying along the n x m
** matrix b: b becomes inv(a)*b, and the determinant of a is returned: 0 if a is singular, b is then
** spoilt. */
uint64_t residue_eliminate(uint64_t *a, uint64_t *b, size_t n, size_t m);
/* The rank of the m x n matrix a, which is overwritten. */
size_t residue_rank(uint64_t *a, size_t m, size_t n);

#endif
