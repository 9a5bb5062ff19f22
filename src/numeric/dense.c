/* dense.c: decompositions by LAPACK, and functions of a square matrix on top of them: the
** exponential by scaling and squaring (Higham 2005), square root and logarithm on the complex Schur
** form (Bjorck and Hammarling 1983; Kenney and Laub 1989), sine and cosine as blocks of an
** exponential, a Frechet derivative as a block of the function of a block matrix (Higham, Functions
** of Matrices, 3.16). The `_work` forms of LAPACKE spare a search for NaN on every call. */
#include "numeric/dense.h"

#include <cblas.h>
#include <complex.h>
#undef I
#include <math.h>
#include <stdlib.h>
#include <string.h>
#define lapack_complex_double double _Complex
#define lapack_complex_float float _Complex
#include <lapacke.h>

static double *room(size_t n) { return malloc((n ? n : 1) * sizeof(double)); }

void dense_transpose(double *x, const double *a, int m, int n) {
  enum { TILE = 16 };
  if (m == 1 || n == 1) {
    memcpy(x, a, (size_t)m * (size_t)n * sizeof *x);
    return;
  }
  for (int jj = 0; jj < n; jj += TILE)
    for (int ii = 0; ii < m; ii += TILE)
      for (int j = jj; j < n && j < jj + TILE; j++)
        for (int i = ii; i < m && i < ii + TILE; i++)
          x[(size_t)i * (size_t)n + (size_t)j] = a[(size_t)j * (size_t)m + (size_t)i];
}

/* ---------------------------------------- factors */

DenseStatus dense_lu(double *f, const double *a, int n) {
  size_t nn = (size_t)n * (size_t)n;
  memcpy(f, a, nn * sizeof *f);
  lapack_int info =
      LAPACKE_dgetrf_work(LAPACK_COL_MAJOR, n, n, f, n, (lapack_int *)(void *)(f + nn));
  f[nn + (size_t)n] = (double)info;
  return DENSE_OK;
}

DenseStatus dense_cholesky(double *f, const double *a, int n) {
  size_t nn = (size_t)n * (size_t)n;
  memcpy(f, a, nn * sizeof *f);
  lapack_int info = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', n, f, n);
  f[nn + (size_t)n] = 0;
  return info ? DENSE_NOT_SPD : DENSE_OK;
}

double dense_det(const double *f, int n, bool cholesky, bool logarithm) {
  const lapack_int *pivot = (const lapack_int *)(const void *)(f + (size_t)n * (size_t)n);
  double product = 1, sum = 0;
  for (int i = 0; i < n; i++) {
    double d = f[(size_t)i * (size_t)n + (size_t)i];
    if (cholesky) d *= d;
    else if (pivot[i] != i + 1) d = -d;
    if (logarithm) sum += log(fabs(d));
    else product *= d;
  }
  return logarithm ? sum : product;
}

DenseStatus dense_solve(double *x, const double *f, const double *b, int n, int k, int flags) {
  size_t nn = (size_t)n * (size_t)n;
  if (f[nn + (size_t)n] != 0) return DENSE_SINGULAR;
  if (flags & DENSE_FROM_TRANSPOSE) dense_transpose(x, b, k, n);
  else memcpy(x, b, (size_t)n * (size_t)k * sizeof *x);
  if (flags & DENSE_BY_CHOLESKY) LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'L', n, k, f, n, x, n);
  else
    LAPACKE_dgetrs_work(LAPACK_COL_MAJOR, flags & DENSE_OF_TRANSPOSE ? 'T' : 'N', n, k, f, n,
                        (const lapack_int *)(const void *)(f + nn), x, n);
  return DENSE_OK;
}

DenseStatus dense_inverse(double *x, const double *f, int n, bool cholesky) {
  size_t nn = (size_t)n * (size_t)n;
  if (f[nn + (size_t)n] != 0) return DENSE_SINGULAR;
  memcpy(x, f, nn * sizeof *x);
  if (cholesky) {
    LAPACKE_dpotri_work(LAPACK_COL_MAJOR, 'L', n, x, n);
    for (int j = 1; j < n; j++)
      for (int i = 0; i < j; i++)
        x[(size_t)j * (size_t)n + (size_t)i] = x[(size_t)i * (size_t)n + (size_t)j];
    return DENSE_OK;
  }
  lapack_int lwork = n < 16 ? n : n * 64;
  double small[256], *work = lwork <= 256 ? small : room((size_t)lwork);
  if (!work) return DENSE_MEMORY;
  lapack_int info = LAPACKE_dgetri_work(LAPACK_COL_MAJOR, n, x, n,
                                        (const lapack_int *)(const void *)(f + nn), work, lwork);
  if (work != small) free(work);
  return info ? DENSE_SINGULAR : DENSE_OK;
}

/* ---------------------------------------- the exponential and what follows from it */

static double norm1(const double *a, int n) {
  double norm = 0;
  for (int j = 0; j < n; j++) {
    double s = cblas_dasum(n, a + (size_t)j * (size_t)n, 1);
    if (!(s <= norm)) norm = s;
  }
  return norm;
}

static void mul(double *c, const double *a, const double *b, int n) {
  cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a, n, b, n, 0, c, n);
}

DenseStatus dense_expm(double *x, const double *a, int n) {
  static const double c[] = {64764752532480000,
                             32382376266240000,
                             7771770303897600,
                             1187353796428800,
                             129060195264000,
                             10559470521600,
                             670442572800,
                             33522128640,
                             1323241920,
                             40840800,
                             960960,
                             16380,
                             182,
                             1};
  size_t nn = (size_t)n * (size_t)n;
  double norm = norm1(a, n);
  /* each squaring doubles the error: no digits would be left */
  if (!(norm < 1e8)) return DENSE_DIVERGED;
  int squarings = 0;
  while (norm > 5.371920351148152) {
    norm /= 2;
    squarings++;
  }
  double *w = room(7 * nn);
  lapack_int *pivot = malloc((size_t)(n ? n : 1) * sizeof *pivot);
  DenseStatus status = w && pivot ? DENSE_OK : DENSE_MEMORY;
  if (status == DENSE_OK) {
    double *b = w, *b2 = w + nn, *b4 = w + 2 * nn, *b6 = w + 3 * nn, *u = w + 4 * nn,
           *v = w + 5 * nn, *t = w + 6 * nn;
    double scale = ldexp(1, -squarings);
    for (size_t i = 0; i < nn; i++) b[i] = a[i] * scale;
    mul(b2, b, b, n);
    mul(b4, b2, b2, n);
    mul(b6, b4, b2, n);
    for (size_t i = 0; i < nn; i++) t[i] = c[13] * b6[i] + c[11] * b4[i] + c[9] * b2[i];
    mul(u, b6, t, n);
    for (size_t i = 0; i < nn; i++) u[i] += c[7] * b6[i] + c[5] * b4[i] + c[3] * b2[i];
    for (int i = 0; i < n; i++) u[(size_t)i * (size_t)(n + 1)] += c[1];
    mul(t, b, u, n);
    memcpy(u, t, nn * sizeof *u);
    for (size_t i = 0; i < nn; i++) t[i] = c[12] * b6[i] + c[10] * b4[i] + c[8] * b2[i];
    mul(v, b6, t, n);
    for (size_t i = 0; i < nn; i++) v[i] += c[6] * b6[i] + c[4] * b4[i] + c[2] * b2[i];
    for (int i = 0; i < n; i++) v[(size_t)i * (size_t)(n + 1)] += c[0];
    for (size_t i = 0; i < nn; i++) {
      t[i] = v[i] - u[i];
      x[i] = v[i] + u[i];
    }
    if (LAPACKE_dgesv_work(LAPACK_COL_MAJOR, n, n, t, n, pivot, x, n)) status = DENSE_DIVERGED;
    for (; status == DENSE_OK && squarings > 0; squarings--) {
      mul(t, x, x, n);
      memcpy(x, t, nn * sizeof *x);
    }
  }
  free(w);
  free(pivot);
  return status;
}

/* exp([0 -A; A 0]) = [cos A, -sin A; sin A, cos A] */
static DenseStatus rotation(double *x, const double *a, int n, bool sine) {
  size_t two = 2 * (size_t)n, all = two * two;
  double *w = room(2 * all);
  if (!w) return DENSE_MEMORY;
  memset(w, 0, all * sizeof *w);
  for (size_t j = 0; j < (size_t)n; j++)
    for (size_t i = 0; i < (size_t)n; i++) {
      double v = a[j * (size_t)n + i];
      w[j * two + (size_t)n + i] = v;
      w[(j + (size_t)n) * two + i] = -v;
    }
  DenseStatus status = dense_expm(w + all, w, 2 * n);
  for (size_t j = 0; status == DENSE_OK && j < (size_t)n; j++)
    memcpy(x + j * (size_t)n, w + all + j * two + (sine ? (size_t)n : 0), (size_t)n * sizeof *x);
  free(w);
  return status;
}

DenseStatus dense_sinm(double *x, const double *a, int n) { return rotation(x, a, n, true); }
DenseStatus dense_cosm(double *x, const double *a, int n) { return rotation(x, a, n, false); }

/* ---------------------------------------- square root and logarithm on the Schur form */

typedef double _Complex Complex;

/* a = q*t*q^H; q and t are n*n, in one block. */
static DenseStatus schur(Complex *q, Complex *t, const double *a, int n) {
  size_t nn = (size_t)n * (size_t)n;
  for (size_t i = 0; i < nn; i++) {
    if (!(fabs(a[i]) < 1e300)) return DENSE_DIVERGED;
    t[i] = a[i];
  }
  lapack_int sdim = 0, lwork = 4 * n + 64;
  Complex *w = malloc(((size_t)n + (size_t)lwork) * sizeof *w);
  double *rwork = room((size_t)n);
  lapack_int info = 1;
  if (w && rwork)
    info = LAPACKE_zgees_work(LAPACK_COL_MAJOR, 'V', 'N', NULL, n, t, n, &sdim, w, q, n, w + n,
                              lwork, rwork, NULL);
  bool memory = w && rwork;
  free(w);
  free(rwork);
  return !memory ? DENSE_MEMORY : info ? DENSE_DIVERGED : DENSE_OK;
}

/* r = the principal square root of the upper triangular t. */
static DenseStatus root_triangle(Complex *r, const Complex *t, int n) {
  size_t N = (size_t)n;
  memset(r, 0, N * N * sizeof *r);
  double largest = 0;
  for (size_t j = 0; j < N; j++)
    if (cabs(t[j * N + j]) > largest) largest = cabs(t[j * N + j]);
  for (size_t j = 0; j < N; j++) {
    Complex d = t[j * N + j];
    if (creal(d) <= 0 && fabs(cimag(d)) <= 1e-13 * largest) return DENSE_NO_PRINCIPAL;
    r[j * N + j] = csqrt(d);
    for (size_t i = j; i-- > 0;) {
      Complex s = t[j * N + i];
      for (size_t k = i + 1; k < j; k++) s -= r[k * N + i] * r[j * N + k];
      r[j * N + i] = s / (r[i * N + i] + r[j * N + j]);
    }
  }
  return DENSE_OK;
}

/* x = the real part of q*t*q^H. */
static DenseStatus unschur(double *x, const Complex *q, const Complex *t, int n, Complex *w) {
  size_t nn = (size_t)n * (size_t)n;
  const Complex one = 1, zero = 0;
  cblas_zgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, n, n, &one, q, n, t, n, &zero, w, n);
  Complex *y = w + nn;
  cblas_zgemm(CblasColMajor, CblasNoTrans, CblasConjTrans, n, n, n, &one, w, n, q, n, &zero, y, n);
  double large = 0, imaginary = 0;
  for (size_t i = 0; i < nn; i++) {
    x[i] = creal(y[i]);
    if (!(fabs(x[i]) <= large)) large = fabs(x[i]);
    if (!(fabs(cimag(y[i])) <= imaginary)) imaginary = fabs(cimag(y[i]));
  }
  return imaginary <= 1e-6 * large || imaginary == 0 ? DENSE_OK : DENSE_NO_PRINCIPAL;
}

DenseStatus dense_sqrtm(double *x, const double *a, int n) {
  size_t nn = (size_t)n * (size_t)n;
  Complex *w = malloc((5 * nn + 1) * sizeof *w);
  if (!w) return DENSE_MEMORY;
  DenseStatus status = schur(w, w + nn, a, n);
  if (status == DENSE_OK) status = root_triangle(w + 2 * nn, w + nn, n);
  if (status == DENSE_OK) status = unschur(x, w, w + 2 * nn, n, w + 3 * nn);
  free(w);
  return status;
}

/* Nodes and weights of Gauss and Legendre on 0 .. 1. */
enum { NODES = 8 };
static void legendre(double *node, double *weight) {
  for (int i = 0; i < NODES; i++) {
    double z = cos(3.14159265358979323846 * (i + 0.75) / (NODES + 0.5)), derivative = 1;
    for (int step = 0; step < 60; step++) {
      double p = 1, before = 0;
      for (int k = 1; k <= NODES; k++) {
        double next = ((2 * k - 1) * z * p - (k - 1) * before) / k;
        before = p;
        p = next;
      }
      derivative = NODES * (z * p - before) / (z * z - 1);
      double change = p / derivative;
      z -= change;
      if (fabs(change) < 1e-16) break;
    }
    node[i] = (1 + z) / 2;
    weight[i] = 1 / ((1 - z * z) * derivative * derivative);
  }
}

DenseStatus dense_logm(double *x, const double *a, int n) {
  size_t N = (size_t)n, nn = N * N;
  Complex *w = malloc((7 * nn + N + 1) * sizeof *w);
  if (!w) return DENSE_MEMORY;
  Complex *q = w, *t = w + nn, *r = w + 2 * nn, *l = w + 3 * nn, *y = w + 4 * nn,
          *diagonal = w + 7 * nn;
  DenseStatus status = schur(q, t, a, n);
  int roots = 0;
  for (size_t j = 0; status == DENSE_OK && j < N; j++) {
    if (t[j * N + j] == 0) status = DENSE_NO_PRINCIPAL;
    else diagonal[j] = clog(t[j * N + j]);
  }
  for (; status == DENSE_OK; roots++) {
    double far = 0;
    for (size_t j = 0; j < N; j++) {
      double s = 0;
      for (size_t i = 0; i <= j; i++) s += cabs(t[j * N + i] - (i == j));
      if (!(s <= far)) far = s;
    }
    if (far < 0.25) break;
    if (roots == 100) status = DENSE_NO_PRINCIPAL;
    else status = root_triangle(r, t, n);
    if (status == DENSE_OK) memcpy(t, r, nn * sizeof *t);
  }
  if (status == DENSE_OK) { /* log(I + T) = the integral of T*inv(I + z*T) over z = 0 .. 1 */
    double node[NODES], weight[NODES];
    legendre(node, weight);
    for (size_t j = 0; j < N; j++) t[j * N + j] -= 1;
    memset(l, 0, nn * sizeof *l);
    for (int k = 0; k < NODES; k++) {
      const Complex one = 1;
      for (size_t i = 0; i < nn; i++) r[i] = node[k] * t[i];
      for (size_t j = 0; j < N; j++) r[j * N + j] += 1;
      memcpy(y, t, nn * sizeof *y);
      cblas_ztrsm(CblasColMajor, CblasLeft, CblasUpper, CblasNoTrans, CblasNonUnit, n, n, &one, r,
                  n, y, n);
      for (size_t i = 0; i < nn; i++) l[i] += weight[k] * y[i];
    }
    for (size_t i = 0; i < nn; i++) l[i] *= ldexp(1, roots);
    for (size_t j = 0; j < N; j++) {
      l[j * N + j] = diagonal[j];
      memset(l + j * N + j + 1, 0, (N - j - 1) * sizeof *l);
    }
    status = unschur(x, q, l, n, y);
  }
  free(w);
  return status;
}

DenseStatus dense_power(double *x, const double *a, double p, int n) {
  size_t N = (size_t)n, nn = N * N;
  double *w = room(factor_size(N) + 2 * nn);
  if (!w) return DENSE_MEMORY;
  double *base = w + factor_size(N), *t = base + nn;
  DenseStatus status = DENSE_OK;
  if (p == floor(p) && fabs(p) < 1e9) {
    memcpy(base, a, nn * sizeof *base);
    if (p < 0) {
      status = dense_lu(w, a, n);
      if (status == DENSE_OK) status = dense_inverse(base, w, n, false);
    }
    long k = (long)fabs(p);
    memset(x, 0, nn * sizeof *x);
    for (size_t i = 0; i < N; i++) x[i * (N + 1)] = 1;
    for (bool first = true; status == DENSE_OK && k > 0; k >>= 1) {
      if (k & 1) {
        if (first) memcpy(x, base, nn * sizeof *x);
        else {
          mul(t, x, base, n);
          memcpy(x, t, nn * sizeof *x);
        }
        first = false;
      }
      if (k > 1) {
        mul(t, base, base, n);
        memcpy(base, t, nn * sizeof *base);
      }
    }
  } else if (p == 0.5) {
    status = dense_sqrtm(x, a, n);
  } else {
    status = dense_logm(base, a, n);
    for (size_t i = 0; i < nn; i++) base[i] *= p;
    if (status == DENSE_OK) status = dense_expm(x, base, n);
  }
  free(w);
  return status;
}

DenseStatus dense_frechet(double *x, MatrixFunction f, const double *a, const double *h, int n) {
  size_t N = (size_t)n, two = 2 * N, all = two * two;
  double *w = room(2 * all);
  if (!w) return DENSE_MEMORY;
  memset(w, 0, all * sizeof *w);
  /* linear in h: kept of the size of a */
  double big = norm1(h, n), scale = big > 0 ? (norm1(a, n) + 1e-3) / big : 1;
  for (size_t j = 0; j < N; j++)
    for (size_t i = 0; i < N; i++) {
      w[j * two + i] = w[(j + N) * two + N + i] = a[j * N + i];
      w[(j + N) * two + i] = h[j * N + i] * scale;
    }
  DenseStatus status = f(w + all, w, 2 * n);
  for (size_t j = 0; status == DENSE_OK && j < N; j++)
    for (size_t i = 0; i < N; i++) x[j * N + i] = w[all + (j + N) * two + i] / scale;
  free(w);
  return status;
}

DenseStatus dense_frechet_matrix(double *x, MatrixFunction f, const double *a, int n) {
  size_t nn = (size_t)n * (size_t)n;
  double *e = room(nn);
  DenseStatus status = e ? DENSE_OK : DENSE_MEMORY;
  for (size_t i = 0; status == DENSE_OK && i < nn; i++) {
    memset(e, 0, nn * sizeof *e);
    e[i] = 1;
    status = dense_frechet(x + i * nn, f, a, e, n);
  }
  free(e);
  return status;
}

/* ---------------------------------------- singular values, eigenvalues */

/* a = u*diag(s)*vt; u is m x r, vt r x n, r = min(m,n). */
static DenseStatus svd(double *u, double *s, double *vt, const double *a, int m, int n) {
  int r = m < n ? m : n, big = m < n ? n : m;
  lapack_int lwork = r * (6 + 4 * r) + big + 64 * big;
  double *copy = room((size_t)m * (size_t)n), *work = room((size_t)lwork);
  lapack_int *iwork = malloc((size_t)(8 * r + 1) * sizeof *iwork), info = 1;
  bool memory = copy && work && iwork;
  if (memory) {
    memcpy(copy, a, (size_t)m * (size_t)n * sizeof *copy);
    info = LAPACKE_dgesdd_work(LAPACK_COL_MAJOR, 'S', m, n, copy, m, s, u, m, vt, r, work, lwork,
                               iwork);
  }
  free(copy);
  free(work);
  free(iwork);
  return !memory ? DENSE_MEMORY : info ? DENSE_DIVERGED : DENSE_OK;
}

static bool has_nan(const double *a, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!(fabs(a[i]) <= 1.7976931348623157e308)) return true;
  return false;
}

DenseStatus dense_pinv(double *x, const double *a, int m, int n) {
  int r = m < n ? m : n;
  size_t M = (size_t)m, N = (size_t)n, R = (size_t)r;
  if (has_nan(a, M * N)) return DENSE_DIVERGED;
  double *u = room(M * R + R + R * N);
  if (!u) return DENSE_MEMORY;
  double *s = u + M * R, *vt = s + R;
  DenseStatus status = svd(u, s, vt, a, m, n);
  if (status == DENSE_OK) {
    double least = s[0] * (double)(m > n ? m : n) * 2.220446049250313e-16;
    for (size_t k = 0; k < R; k++) cblas_dscal(m, s[k] > least ? 1 / s[k] : 0, u + k * M, 1);
    cblas_dgemm(CblasColMajor, CblasTrans, CblasTrans, n, m, r, 1, vt, r, u, m, 0, x, n);
  }
  free(u);
  return status;
}

/* adj(U*S*V') = det(U)*det(V)*V*adj(S)*U': exists where the inverse does not. */
DenseStatus dense_adj(double *x, const double *a, int n) {
  size_t N = (size_t)n, nn = N * N;
  if (has_nan(a, nn)) return DENSE_DIVERGED;
  double *u = room(2 * nn + 2 * N + factor_size(N));
  if (!u) return DENSE_MEMORY;
  double *s = u + nn, *vt = s + N, *c = vt + nn, *f = c + N;
  DenseStatus status = svd(u, s, vt, a, n, n);
  if (status == DENSE_OK) {
    dense_lu(f, u, n);
    double sign = dense_det(f, n, false, false) < 0 ? -1 : 1;
    dense_lu(f, vt, n);
    if (dense_det(f, n, false, false) < 0) sign = -sign;
    for (size_t k = 0; k < N; k++) {
      c[k] = sign;
      for (size_t j = 0; j < N; j++)
        if (j != k) c[k] *= s[j];
    }
    for (size_t k = 0; k < N; k++) cblas_dscal(n, c[k], u + k * N, 1);
    cblas_dgemm(CblasColMajor, CblasTrans, CblasTrans, n, n, n, 1, vt, n, u, n, 0, x, n);
  }
  free(u);
  return status;
}

/* Is it symmetric, but for rounding? */
static bool is_symmetric(const double *a, size_t n) {
  for (size_t j = 0; j < n; j++)
    for (size_t i = 0; i < j; i++)
      if (fabs(a[j * n + i] - a[i * n + j]) > 1e-13 * (fabs(a[j * n + i]) + fabs(a[i * n + j])))
        return false;
  return true;
}

static DenseStatus eigen_symmetric(double *v, double *w, const double *a, int n) {
  size_t N = (size_t)n;
  lapack_int lwork = 1 + 6 * n + 2 * n * n, liwork = 3 + 5 * n;
  double *work = room((size_t)lwork);
  lapack_int *iwork = malloc((size_t)liwork * sizeof *iwork), info = 1;
  bool memory = work && iwork;
  if (memory) {
    memcpy(v, a, N * N * sizeof *v);
    info = LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, 'V', 'L', n, v, n, w, work, lwork, iwork, liwork);
  }
  free(work);
  free(iwork);
  return !memory ? DENSE_MEMORY : info ? DENSE_DIVERGED : DENSE_OK;
}

/* Of any matrix, as long as they are real. */
static DenseStatus eigen_general(double *v, double *w, const double *a, int n) {
  size_t N = (size_t)n, nn = N * N;
  lapack_int lwork = 34 * n, info = 1;
  double *copy = room(nn + N + (size_t)lwork);
  if (!copy) return DENSE_MEMORY;
  double *imaginary = copy + nn, unused = 0;
  memcpy(copy, a, nn * sizeof *copy);
  info = LAPACKE_dgeev_work(LAPACK_COL_MAJOR, 'N', 'V', n, copy, n, w, imaginary, &unused, 1, v, n,
                            imaginary + N, lwork);
  bool real = true;
  for (size_t k = 0; k < N; k++) real = real && imaginary[k] == 0;
  free(copy);
  return info ? DENSE_DIVERGED : real ? DENSE_OK : DENSE_NOT_REAL;
}

DenseStatus dense_eigen(double *vw, const double *a, int n) {
  size_t N = (size_t)n, nn = N * N;
  double *w = vw + nn;
  if (has_nan(a, nn)) return DENSE_DIVERGED;
  DenseStatus status =
      is_symmetric(a, N) ? eigen_symmetric(vw, w, a, n) : eigen_general(vw, w, a, n);
  if (status != DENSE_OK) return status;
  for (size_t k = 0; k + 1 < N; k++) { /* descending */
    size_t top = k;
    for (size_t j = k + 1; j < N; j++)
      if (w[j] > w[top]) top = j;
    if (top == k) continue;
    cblas_dswap(n, vw + k * N, 1, vw + top * N, 1);
    double t = w[k];
    w[k] = w[top];
    w[top] = t;
  }
  for (size_t k = 0; k < N; k++) { /* the largest entry of each vector is positive */
    double *v = vw + k * N;
    size_t largest = 0;
    for (size_t i = 1; i < N; i++)
      if (fabs(v[i]) > fabs(v[largest]) + 1e-3) largest = i;
    if (v[largest] < 0) cblas_dscal(n, -1, v, 1);
  }
  return DENSE_OK;
}
