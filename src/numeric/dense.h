/* dense.h: functions of whole matrices that need room to work: decompositions and functions of a
** square matrix. Matrices are columns after columns without gaps. A function returns a DenseStatus;
** workspace is its own. */
#ifndef DENSE_H
#define DENSE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
  DENSE_OK,
  DENSE_SINGULAR,
  DENSE_NOT_SPD,      /* a matrix declared positive definite is not */
  DENSE_NO_PRINCIPAL, /* no principal square root or logarithm */
  DENSE_NOT_REAL,     /* eigenvalues that are not real */
  DENSE_DIVERGED,     /* LAPACK found no eigenvalues, or the matrix holds NaN */
  DENSE_MEMORY
} DenseStatus;

/* The factors of A, kept in n*n + n + 1 doubles: the factors, the pivots, and LAPACK's info. */
static inline size_t factor_size(size_t n) { return n * n + n + 1; }
DenseStatus dense_lu(double *f, const double *a, int n);
DenseStatus dense_cholesky(double *f, const double *a, int n);
double dense_det(const double *f, int n, bool cholesky, bool logarithm);
/* x = A^-1 * b, n x k, from the factors of A, DENSE_BY_CHOLESKY or not; DENSE_OF_TRANSPOSE: A'^-1 *
   b; DENSE_FROM_TRANSPOSE: b is given as its transpose, k x n. x and b are different places. */
enum { DENSE_BY_CHOLESKY = 1, DENSE_OF_TRANSPOSE = 2, DENSE_FROM_TRANSPOSE = 4 };
DenseStatus dense_solve(double *x, const double *f, const double *b, int n, int k, int flags);
DenseStatus dense_inverse(double *x, const double *f, int n, bool cholesky);

DenseStatus dense_expm(double *x, const double *a, int n);
DenseStatus dense_sinm(double *x, const double *a, int n);
DenseStatus dense_cosm(double *x, const double *a, int n);
DenseStatus dense_sqrtm(double *x, const double *a, int n);
DenseStatus dense_logm(double *x, const double *a, int n);
/* a^p for a square a: by products for a whole p, else expm(p*logm(a)). */
DenseStatus dense_power(double *x, const double *a, double p, int n);
typedef DenseStatus (*MatrixFunction)(double *, const double *, int);
/* The Frechet derivative of f at a in the direction h: a block of f([a h; 0 a]). */
DenseStatus dense_frechet(double *x, MatrixFunction f, const double *a, const double *h, int n);
/* Its Kronecker form, n^2 x n^2. */
DenseStatus dense_frechet_matrix(double *x, MatrixFunction f, const double *a, int n);
DenseStatus dense_pinv(double *x, const double *a, int m, int n);
DenseStatus dense_adj(double *x, const double *a, int n);
/* Eigenvalues (descending) behind the n*n of the eigenvectors, which have length one. They must be
   real, as those of a symmetric matrix are. */
DenseStatus dense_eigen(double *vw, const double *a, int n);

void dense_transpose(double *x, const double *a, int m, int n); /* a is m x n, x becomes n x m */

#endif
