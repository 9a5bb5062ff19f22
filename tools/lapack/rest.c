/* rest.c: what the translated LAPACK calls and f2c cannot translate, since it is written in a
** later Fortran: norms, sums of squares, plane rotations (`.f90` in LAPACK 3.11), the choice of
** block sizes, the report of errors. */
#include <complex.h>
#undef I
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

typedef double _Complex Complex;

/* scale^2 * sum becomes itself plus the sum of squares of x, without overflow. */
static void add_square(double x, double *scale, double *sum) {
  double a = fabs(x);
  if (a == 0) return;
  if (!(a <= *scale)) { /* larger, or NaN */
    *sum = 1 + *sum * (*scale / a) * (*scale / a);
    *scale = a;
  } else {
    *sum += (a / *scale) * (a / *scale);
  }
}

int dlassq_(const int *n, const double *x, const int *step, double *scale, double *sum) {
  for (int i = 0; i < *n; i++) add_square(x[i * *step], scale, sum);
  return 0;
}

int zlassq_(const int *n, const double *x, const int *step, double *scale, double *sum) {
  for (int i = 0; i < *n; i++) {
    add_square(x[2 * i * *step], scale, sum);
    add_square(x[2 * i * *step + 1], scale, sum);
  }
  return 0;
}

double dnrm2_(const int *n, const double *x, const int *step) {
  double scale = 0, sum = 1;
  dlassq_(n, x, step, &scale, &sum);
  return scale * sqrt(sum);
}

double dznrm2_(const int *n, const double *x, const int *step) {
  double scale = 0, sum = 1;
  zlassq_(n, x, step, &scale, &sum);
  return scale * sqrt(sum);
}

/* [c s; -s c]*[f; g] = [r; 0] */
int dlartg_(const double *f, const double *g, double *c, double *s, double *r) {
  if (*g == 0) {
    *c = 1;
    *s = 0;
    *r = *f;
  } else {
    double length = hypot(*f, *g);
    *r = *f == 0 ? length : copysign(length, *f);
    *c = *f == 0 ? 0 : fabs(*f) / length;
    *s = *f == 0 ? copysign(1, *g) : *g / *r;
    if (*f == 0) *r = fabs(*g);
  }
  return 0;
}

/* [c s; -conj(s) c]*[f; g] = [r; 0], c is real */
int zlartg_(const Complex *f, const Complex *g, double *c, Complex *s, Complex *r) {
  double first = cabs(*f), second = cabs(*g);
  if (second == 0) {
    *c = 1;
    *s = 0;
    *r = *f;
  } else if (first == 0) {
    *c = 0;
    *s = conj(*g) / second;
    *r = second;
  } else {
    double length = hypot(first, second);
    Complex direction = *f / first;
    *c = first / length;
    *s = direction * (conj(*g) / length);
    *r = direction * length;
  }
  return 0;
}

int disnan_(const double *x) { return isnan(*x); }

/* Properties of the numbers, by the first letter. */
double dlamch_(const char *what, int length) {
  (void)length;
  switch (*what) {
    case 'E': return DBL_EPSILON / 2;
    case 'P': return DBL_EPSILON;
    case 'B': return FLT_RADIX;
    case 'N': return DBL_MANT_DIG;
    case 'R': return 1;
    case 'S': case 'U': return DBL_MIN;
    case 'M': return DBL_MIN_EXP;
    case 'L': return DBL_MAX_EXP;
    case 'O': return DBL_MAX;
    default: return 0;
  }
}

/* Puts texts together. Only options for ilaenv_ are, which does not read them. */
int s_cat(char *to, char *texts[], const int *lengths, const int *count, int room) {
  (void)to, (void)texts, (void)lengths, (void)count, (void)room;
  return 0;
}

/* Blocks of one column: no routine takes the way by blocks, so that what that way calls is left out
   (below). From this many columns on, the QR algorithm takes another way, and a singular value
   decomposition begins by QR: never. */
int ilaenv_(const int *what, const char *routine, const char *options, const int *n1, const int *n2,
            const int *n3, const int *n4, int length, int options_length) {
  enum { BLOCK_SIZE = 1, SMALLEST_BLOCK = 2, CROSSOVER = 3 };
  (void)routine, (void)options, (void)n1, (void)n2, (void)n3, (void)n4, (void)length;
  (void)options_length;
  switch (*what) {
    case BLOCK_SIZE: return 1;
    case SMALLEST_BLOCK: return 2;
    case CROSSOVER: return 0;
    default: return INT_MAX / 4;
  }
}

/* A routine has found a wrong argument: its `info` says so, too. */
int xerbla_(const char *routine, const int *which, int length) {
  (void)routine, (void)which, (void)length;
  return 0;
}

/* Parameters by their number. WebAssembly wants the same number where a function is called. */
#define P9 void *, void *, void *, void *, void *, void *, void *, void *, void *
#define P10 P9, void *
#define P12 P10, void *, void *
#define P13 P12, void *
#define P15 P13, void *, void *
#define P16 P15, void *

/* The other way of the QR algorithm, which is also tried where the first finds no eigenvalues: it
   leaves `info` as it is, and there are none. */
int dlaqr0_(P16) { return 0; }
int zlaqr0_(P15) { return 0; }

/* Ways by blocks, and eigenvalues in another order: never called. */
#define NEVER(name, ...) \
  int name(__VA_ARGS__) { abort(); }
NEVER(dlarft_, P9, int, int)
NEVER(zlarft_, P9, int, int)
NEVER(dlarfb_, P15, int, int, int, int)
NEVER(zlarfb_, P15, int, int, int, int)
NEVER(dlabrd_, P13)
NEVER(dlatrd_, P9, int)
NEVER(dlahr2_, P10)
NEVER(zlahr2_, P10)
NEVER(dsyr2k_, P12, int, int)
NEVER(ztrsen_, P15, int, int)

/* ---------------------------------------- eigenvalues and singular values of complex matrices, which
** LAPACK computes with routines that f2c cannot translate: here from the Schur form */

extern int zgees_(const char *jobvs, const char *sort, void *select, const int *n, Complex *a,
                  const int *lda, int *sdim, Complex *w, Complex *vs, const int *ldvs,
                  Complex *work, const int *lwork, double *rwork, int *bwork, int *info, int, int);
extern int ztrevc_(const char *side, const char *how, int *select, const int *n, Complex *t,
                   const int *ldt, Complex *vl, const int *ldvl, Complex *vr, const int *ldvr,
                   const int *mm, int *m, Complex *work, double *rwork, int *info, int, int);

/* The eigenvalues w of a, n x n, its Schur vectors v, and the triangular form in place of a. */
static int schur(int n, Complex *a, Complex *w, Complex *v) {
  int count = 0, info = 0, lwork = 4 * n + 1;
  Complex *work = malloc((size_t)lwork * sizeof *work);
  double *reals = malloc((size_t)(n + 1) * sizeof *reals);
  if (!work || !reals) info = -1;
  else
    zgees_("V", "N", NULL, &n, a, &n, &count, w, v, &n, work, &lwork, reals, NULL, &info, 1, 1);
  free(work);
  free(reals);
  return info;
}

/* As LAPACK's zgeev with right eigenvectors, of length one. */
int rest_zgeev(int n, Complex *a, Complex *w, Complex *v) {
  int count = 0, info = schur(n, a, w, v);
  Complex *work = malloc((size_t)(2 * n + 1) * sizeof *work);
  double *reals = malloc((size_t)(n + 1) * sizeof *reals);
  if (!work || !reals) info = -1;
  if (!info)
    ztrevc_("R", "B", NULL, &n, a, &n, NULL, &n, v, &n, &n, &count, work, reals, &info, 1, 1);
  for (int j = 0; !info && j < n; j++) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += creal(v[j * n + i] * conj(v[j * n + i]));
    for (int i = 0; i < n; i++) v[j * n + i] /= sqrt(sum);
  }
  free(work);
  free(reals);
  return info;
}

/* As LAPACK's zheev with eigenvectors in place of a: the Schur form is diagonal. */
int rest_zheev(int n, Complex *a, double *w) {
  size_t N = (size_t)n;
  for (size_t j = 0; j < N; j++) {
    a[j * N + j] = creal(a[j * N + j]);
    for (size_t i = 0; i < j; i++) a[j * N + i] = conj(a[i * N + j]); /* the lower part is read */
  }
  Complex *values = malloc((N + 1) * sizeof *values), *v = malloc((N * N + 1) * sizeof *v);
  int info = values && v ? schur(n, a, values, v) : -1;
  for (size_t k = 0; !info && k < N; k++) { /* ascending */
    size_t least = k;
    for (size_t j = k; j < N; j++)
      if (creal(values[j]) < creal(values[least])) least = j;
    w[k] = creal(values[least]);
    values[least] = values[k];
    for (size_t i = 0; i < N; i++) {
      a[k * N + i] = v[least * N + i];
      v[least * N + i] = v[k * N + i];
    }
  }
  free(values);
  free(v);
  return info;
}

/* As LAPACK's zgesvd with min(m, n) singular vectors: s and -s are the eigenvalues of [0 a; a^H 0]
** beside zeros. A singular value that is zero for rounding has the vector zero. */
int rest_zgesvd(int m, int n, const Complex *a, double *s, Complex *u, Complex *vh) {
  size_t M = (size_t)m, N = (size_t)n, K = M + N, r = M < N ? M : N;
  Complex *h = calloc(K * K + 1, sizeof *h);
  double *w = malloc((K + 1) * sizeof *w);
  int info = h && w ? 0 : -1;
  for (size_t j = 0; !info && j < N; j++)
    for (size_t i = 0; i < M; i++) h[i * K + M + j] = conj(a[j * M + i]);
  if (!info) info = rest_zheev((int)K, h, w);
  for (size_t k = 0; !info && k < r; k++) {
    const Complex *x = h + (K - 1 - k) * K;
    s[k] = w[K - 1 - k] > 0 ? w[K - 1 - k] : 0;
    double scale = s[k] > 1e-14 * w[K - 1] ? sqrt(2) : 0;
    for (size_t i = 0; i < M; i++) u[k * M + i] = scale * x[i];
    for (size_t j = 0; j < N; j++) vh[j * r + k] = scale * conj(x[M + j]);
  }
  free(h);
  free(w);
  return info;
}
