/* zdense.c: products, equations and decompositions of complex matrices. The `_work` forms of
** LAPACKE are called, as in dense.c. */
#include <complex.h>
#undef I
#define lapack_complex_double double _Complex
#define lapack_complex_float float _Complex
#include "numeric/zdense.h"

#include <cblas.h>
#include <lapacke.h>
#include <stdlib.h>

static void *room(size_t n, size_t size) { return malloc((n ? n : 1) * size); }

/* LAPACK may loop forever on NaN. */
static bool has_nan(const Complex *a, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (creal(a[i]) != creal(a[i]) || cimag(a[i]) != cimag(a[i])) return true;
  return false;
}

void zdense_times(Complex *x, const Complex *a, const Complex *b, int m, int k, int n) {
  static const double one[2] = {1, 0}, zero[2] = {0, 0};
  cblas_zgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, m, n, k, one, a, m, b, k, zero, x, m);
}

DenseStatus zdense_solve(Complex *a, Complex *b, int n, int k) {
  lapack_int *pivot = room((size_t)n, sizeof *pivot);
  if (!pivot) return DENSE_MEMORY;
  lapack_int info = LAPACKE_zgesv_work(LAPACK_COL_MAJOR, n, k, a, n, pivot, b, n);
  free(pivot);
  return info ? DENSE_SINGULAR : DENSE_OK;
}

DenseStatus zdense_det(Complex *det, Complex *a, int n) {
  lapack_int *pivot = room((size_t)n, sizeof *pivot);
  if (!pivot) return DENSE_MEMORY;
  LAPACKE_zgetrf_work(LAPACK_COL_MAJOR, n, n, a, n, pivot);
  *det = 1;
  for (int i = 0; i < n; i++) {
    *det *= a[(size_t)i * (size_t)n + (size_t)i];
    if (pivot[i] != i + 1) *det = -*det;
  }
  free(pivot);
  return DENSE_OK;
}

DenseStatus zdense_cholesky(Complex *a, int n) {
  size_t N = (size_t)n;
  if (LAPACKE_zpotrf_work(LAPACK_COL_MAJOR, 'L', n, a, n)) return DENSE_NOT_SPD;
  for (size_t j = 1; j < N; j++)
    for (size_t i = 0; i < j; i++) a[j * N + i] = 0;
  return DENSE_OK;
}

DenseStatus zdense_hermitian_eigen(double *w, Complex *a, int n) {
  size_t N = (size_t)n;
  if (has_nan(a, N * N)) return DENSE_DIVERGED;
  lapack_int lwork = 34 * n;
  Complex *work = room((size_t)lwork, sizeof *work);
  double *reals = room(3 * N, sizeof *reals);
  DenseStatus status = work && reals ? DENSE_OK : DENSE_MEMORY;
  if (status == DENSE_OK &&
      LAPACKE_zheev_work(LAPACK_COL_MAJOR, 'V', 'L', n, a, n, w, work, lwork, reals))
    status = DENSE_DIVERGED;
  for (size_t j = 0; status == DENSE_OK && j < N / 2; j++) { /* LAPACK's are ascending */
    double t = w[j];
    w[j] = w[N - 1 - j];
    w[N - 1 - j] = t;
    cblas_zswap(n, a + j * N, 1, a + (N - 1 - j) * N, 1);
  }
  free(work);
  free(reals);
  return status;
}

DenseStatus zdense_eigen(Complex *w, Complex *v, Complex *a, int n) {
  size_t N = (size_t)n;
  if (has_nan(a, N * N)) return DENSE_DIVERGED;
  lapack_int lwork = 34 * n;
  Complex *work = room((size_t)lwork, sizeof *work);
  double *reals = room(2 * N, sizeof *reals);
  DenseStatus status = work && reals ? DENSE_OK : DENSE_MEMORY;
  if (status == DENSE_OK && LAPACKE_zgeev_work(LAPACK_COL_MAJOR, 'N', 'V', n, a, n, w, NULL, 1, v,
                                               n, work, lwork, reals))
    status = DENSE_DIVERGED;
  free(work);
  free(reals);
  return status;
}

DenseStatus zdense_svd(Complex *u, double *s, Complex *vh, Complex *a, int m, int n) {
  size_t M = (size_t)m, N = (size_t)n, least = M < N ? M : N;
  if (has_nan(a, M * N)) return DENSE_DIVERGED;
  lapack_int lwork = 64 * (m + n), r = (lapack_int)least;
  Complex *work = room((size_t)lwork, sizeof *work);
  double *reals = room(5 * least, sizeof *reals);
  DenseStatus status = work && reals ? DENSE_OK : DENSE_MEMORY;
  if (status == DENSE_OK && LAPACKE_zgesvd_work(LAPACK_COL_MAJOR, 'S', 'S', m, n, a, m, s, u, m, vh,
                                                r, work, lwork, reals))
    status = DENSE_DIVERGED;
  free(work);
  free(reals);
  return status;
}
