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
