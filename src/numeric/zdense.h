/* zdense.h: matrices of complex numbers, columns after columns without gaps, by the z-routines of
** BLAS and LAPACK. A function returns a DenseStatus; workspace is its own. Matrices that are not
** const are written over, as LAPACK does. */
#ifndef ZDENSE_H
#define ZDENSE_H

#include "numeric/dense.h"

typedef double _Complex Complex;

/* x = a*b, m x n; a is m x k. */
void zdense_times(Complex *x, const Complex *a, const Complex *b, int m, int k, int n);
/* b becomes a^-1 * b, n x k; a its factors. */
DenseStatus zdense_solve(Complex *a, Complex *b, int n, int k);
/* The determinant; a becomes its factors. */
DenseStatus zdense_det(Complex *det, Complex *a, int n);
/* a becomes its lower Cholesky factor; DENSE_NOT_SPD where it is not positive definite. */
DenseStatus zdense_cholesky(Complex *a, int n);
/* Eigenvalues of a Hermitian matrix, descending, and its eigenvectors, of length one, in place of
   it. The entries below the diagonal are read. */
DenseStatus zdense_hermitian_eigen(double *w, Complex *a, int n);
/* Eigenvalues of any square matrix and its eigenvectors v, of length one; a is lost. */
DenseStatus zdense_eigen(Complex *w, Complex *v, Complex *a, int n);
/* a = u*diag(s)*vh, r = min(m, n) singular values, descending: u is m x r, vh r x n; a is lost. */
DenseStatus zdense_svd(Complex *u, double *s, Complex *vh, Complex *a, int m, int n);

#endif
