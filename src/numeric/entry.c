/* entry.c: the loops over entries. exp, tanh, sigmoid and softplus are worked out by polynomials
** (the coefficients of Cephes, S. L. Moshier), to about one unit in the last place, since the
** mathematical library takes one number at a time. */
#include "numeric/entry.h"

#include <fenv.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* Of several forms of a function the dynamic linker of glibc chooses. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__) && \
    !defined(__SANITIZE_ADDRESS__)
#define VECTORS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VECTORS
#endif
#if defined(__GNUC__) && !defined(__clang__)
/* out may be a or b itself, but never overlap them otherwise */
#define IN_PLACE _Pragma("GCC ivdep")
#else
#define IN_PLACE
#endif
#if defined(__GNUC__)
#define INSIDE inline __attribute__((always_inline))
#else
#define INSIDE inline
#endif

/* 2^k for a whole number k in -1022 .. 1023. */
static INSIDE double two_to(double k) {
  union { double d; uint64_t u; } shift = {.d = k + 6755399441055744.0 + 1023.0};
  shift.u <<= 52;
  return shift.d;
}

/* exp(x): 2^k times exp of the rest, |rest| <= log(2)/2. Without a branch, so that the loop over it
   can be vectorised: beyond the range of doubles the factors overflow, or vanish, by themselves. */
static INSIDE double exp_entry(double x) {
  double y = x > 720.0 ? 720.0 : x;
  y = y < -760.0 ? -760.0 : y;
  double k = (y * 1.4426950408889634 + 6755399441055744.0) - 6755399441055744.0;
  double r = (y - k * 6.93145751953125e-1) - k * 1.42860682030941723212e-6;
  double z = r * r;
  double p = r * ((1.26177193074810590878e-4 * z + 3.02994407707441961300e-2) * z +
                  9.99999999999999999910e-1);
  double q = ((3.00198505138664455042e-6 * z + 2.52448340349684104192e-3) * z +
              2.27265548208155028766e-1) *
                 z +
             2.0;
  /* in two steps: 2^k alone may be no number */
  double half = (k * 0.5 + 6755399441055744.0) - 6755399441055744.0;
  return (1.0 + 2.0 * (p / (q - p))) * two_to(half) * two_to(k - half);
}

static INSIDE double tanh_entry(double x) {
  double a = fabs(x), z = x * x, f = a > 0.625 ? a : 0.625;
  double p =
      (-9.64399179425052238628e-1 * z - 9.92877231001918586564e1) * z - 1.61468768441708447952e3;
  double q = ((z + 1.12811678491632931402e2) * z + 2.23548839060100448583e3) * z +
             4.84406305325125486048e3;
  double small = x + x * z * (p / q), large = copysign(1.0 - 2.0 / (exp_entry(2.0 * f) + 1.0), x);
  return a > 0.625 ? large : small;
}

static INSIDE double sigmoid_entry(double x) {
  double e = exp_entry(-fabs(x)), top = x < 0 ? e : 1.0;
  return top / (1.0 + e);
}

/* The derivatives of log Gamma, by recurrence up to 10 and the asymptotic series there; below zero
   by reflection (Abramowitz and Stegun 6.3.5 to 6.3.18, 6.4.6 to 6.4.12). */
static double digamma_entry(double x) {
  const double pi = 3.14159265358979323846;
  if (x <= 0)
    return x == floor(x) ? NAN : digamma_entry(1.0 - x) - pi / tan(pi * x);
  double sum = 0;
  for (; x < 10.0; x += 1.0) sum -= 1.0 / x;
  double z = 1.0 / (x * x);
  double series = z * (1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z *
                  (1.0 / 132 - z * (691.0 / 32760 - z / 12))))));
  return sum + log(x) - 0.5 / x - series;
}

static double trigamma_entry(double x) {
  const double pi = 3.14159265358979323846;
  if (x <= 0) {
    double s = sin(pi * x);
    return x == floor(x) ? INFINITY : pi * pi / (s * s) - trigamma_entry(1.0 - x);
  }
  double sum = 0;
  for (; x < 10.0; x += 1.0) sum += 1.0 / (x * x);
  double z = 1.0 / (x * x);
  double series = z * (1.0 / 6 - z * (1.0 / 30 - z * (1.0 / 42 - z * (1.0 / 30 - z *
                  (5.0 / 66 - z * (691.0 / 2730 - z * 7.0 / 6))))));
  return sum + 1.0 / x + z / 2 + series / x;
}

#define LOOP1(name, expression)                                                                 \
  VECTORS static void name(double *out, const double *a, const double *b, double c, size_t n) { \
    (void)b;                                                                                    \
    (void)c;                                                                                    \
    IN_PLACE for (size_t i = 0; i < n; i++) {                                                   \
      double x = a[i];                                                                          \
      out[i] = (expression);                                                                    \
    }                                                                                           \
  }
#define LOOP2(name, expression)                                                                 \
  VECTORS static void name(double *out, const double *a, const double *b, double c, size_t n) { \
    (void)c;                                                                                    \
    IN_PLACE for (size_t i = 0; i < n; i++) {                                                   \
      double x = a[i], y = b[i];                                                                \
      out[i] = (expression);                                                                    \
    }                                                                                           \
  }
/* One number after another: by the mathematical library. */
#define PLAIN1(name, expression)                                                        \
  static void name(double *out, const double *a, const double *b, double c, size_t n) { \
    (void)b;                                                                            \
    (void)c;                                                                            \
    IN_PLACE for (size_t i = 0; i < n; i++) {                                           \
      double x = a[i];                                                                  \
      out[i] = (expression);                                                            \
    }                                                                                   \
  }
#define PLAIN2(name, expression)                                                        \
  static void name(double *out, const double *a, const double *b, double c, size_t n) { \
    (void)c;                                                                            \
    IN_PLACE for (size_t i = 0; i < n; i++) {                                           \
      double x = a[i], y = b[i];                                                        \
      out[i] = (expression);                                                            \
    }                                                                                   \
  }

VECTORS static void f_const(double *out, const double *a, const double *b, double c, size_t n) {
  (void)a; (void)b;
  for (size_t i = 0; i < n; i++) out[i] = c;
}
LOOP1(f_copy, x)
LOOP2(f_add, x + y)
LOOP2(f_sub, x - y)
LOOP2(f_mul, x * y)
LOOP2(f_div, x / y)
LOOP2(f_axpy, c * x + y)
LOOP1(f_scale, c * x)
LOOP1(f_shift, c + x)
LOOP1(f_neg, -x)
LOOP1(f_recip, 1.0 / x)
LOOP1(f_square, x * x)
LOOP1(f_cube, x * x * x)
LOOP1(f_sqrt, sqrt(x))
LOOP1(f_abs, fabs(x))
LOOP1(f_exp, exp_entry(x))
LOOP1(f_tanh, tanh_entry(x))
LOOP1(f_sigmoid, sigmoid_entry(x))
LOOP1(f_sign, x != x ? x : (double)((x > 0) - (x < 0)))
LOOP1(f_step, x != x ? x : 0.5 * (double)(1 + (x > 0) - (x < 0)))
LOOP1(f_relu, x != x ? x : x > 0 ? x : 0.0)
PLAIN1(f_softplus, log1p(exp(-fabs(x))) + (x > 0 ? x : 0.0 * x))
PLAIN1(f_log, log(x))
PLAIN1(f_sin, sin(x))
PLAIN1(f_cos, cos(x))
PLAIN1(f_tan, tan(x))
PLAIN1(f_sec, 1.0 / cos(x))
PLAIN1(f_csc, 1.0 / sin(x))
PLAIN1(f_cot, 1.0 / tan(x))
PLAIN1(f_sinh, sinh(x))
PLAIN1(f_cosh, cosh(x))
PLAIN1(f_sech, 1.0 / cosh(x))
PLAIN1(f_asin, asin(x))
PLAIN1(f_acos, acos(x))
PLAIN1(f_atan, atan(x))
PLAIN1(f_asinh, asinh(x))
PLAIN1(f_acosh, acosh(x))
PLAIN1(f_atanh, atanh(x))
PLAIN1(f_erf, erf(x))
PLAIN1(f_erfc, erfc(x))
PLAIN1(f_expm1, expm1(x))
PLAIN1(f_log1p, log1p(x))
PLAIN1(f_lgamma, lgamma(x))
PLAIN1(f_sinc, x == 0 ? 1.0 : sin(x) / x)
PLAIN1(f_digamma, digamma_entry(x))
PLAIN1(f_trigamma, trigamma_entry(x))
PLAIN2(f_pow, pow(x, y))

static void f_powc(double *out, const double *a, const double *b, double c, size_t n) {
  (void)b;
  for (size_t i = 0; i < n; i++) out[i] = pow(a[i], c);
}

const EntryFunction entry_functions[] = {
    {"const", 0, f_const, 0},         {"copy", 1, f_copy, 0},
    {"add", 2, f_add, 0},             {"sub", 2, f_sub, 0},
    {"mul", 2, f_mul, 0},             {"div", 2, f_div, 2},
    {"axpy", 2, f_axpy, 0},           {"scale", 1, f_scale, 0},
    {"shift", 1, f_shift, 0},         {"neg", 1, f_neg, 0},
    {"recip", 1, f_recip, 1},         {"square", 1, f_square, 0},
    {"cube", 1, f_cube, 0},           {"pow", 2, f_pow, 1},
    {"powc", 1, f_powc, 1},           {"exp", 1, f_exp, 0},
    {"log", 1, f_log, 0},             {"sin", 1, f_sin, 0},
    {"cos", 1, f_cos, 0},             {"tan", 1, f_tan, 0},
    {"sec", 1, f_sec, 1},             {"csc", 1, f_csc, 1},
    {"cot", 1, f_cot, 1},             {"sinh", 1, f_sinh, 0},
    {"cosh", 1, f_cosh, 0},           {"tanh", 1, f_tanh, 0},
    {"sech", 1, f_sech, 0},           {"asin", 1, f_asin, 0},
    {"acos", 1, f_acos, 0},           {"atan", 1, f_atan, 0},
    {"asinh", 1, f_asinh, 0},         {"acosh", 1, f_acosh, 0},
    {"atanh", 1, f_atanh, 0},         {"sqrt", 1, f_sqrt, 0},
    {"abs", 1, f_abs, 0},             {"sign", 1, f_sign, 0},
    {"step", 1, f_step, 0},           {"relu", 1, f_relu, 0},
    {"sigmoid", 1, f_sigmoid, 0},     {"softplus", 1, f_softplus, 0},
    {"erf", 1, f_erf, 0},             {"erfc", 1, f_erfc, 0},
    {"expm1", 1, f_expm1, 0},         {"log1p", 1, f_log1p, 0},
    {"lgamma", 1, f_lgamma, 0},       {"sinc", 1, f_sinc, 0},
    {"digamma", 1, f_digamma, 0},     {"trigamma", 1, f_trigamma, 0}};
const int entry_count = (int)(sizeof entry_functions / sizeof *entry_functions);

#ifdef FE_DIVBYZERO

/* The processor notes it: looking costs less than one entry. */
static bool noted(void) {
  if (!fetestexcept(FE_DIVBYZERO)) return false;
  feclearexcept(FE_DIVBYZERO);
  return true;
}

bool entry_run(const EntryFunction *f, double *out, const double *a, const double *b, double c,
               size_t n) {
  if (f->divides) noted(); /* what was noted before, as of log(0), is no concern of this one */
  f->loop(out, a, b, c, n);
  return f->divides && noted();
}

#else

/* WebAssembly notes nothing: an infinity, and a zero among the divisors. */
bool entry_run(const EntryFunction *f, double *out, const double *a, const double *b, double c,
               size_t n) {
  const double *divisor = f->divides == 2 ? b : a;
  bool zero = false;
  for (size_t i = 0; f->divides && i < n; i++) zero = zero || divisor[i] == 0;
  f->loop(out, a, b, c, n);
  for (size_t i = 0; zero && i < n; i++)
    if (isinf(out[i])) return true;
  return false;
}

#endif
