--- Functions that exported C calls: name -> source text; `needs`: the functions that they call.
--
-- @module nabla.code.targets.c_helpers

local M = { text = {}, needs = {} }

local function helper(name, text, needs)
  M.text[name] = text
  M.needs[name] = {}
  for other in (needs or ""):gmatch "%S+" do
    table.insert(M.needs[name], other)
  end
end

--- What stands at the head of every file: matrices, the memory of a call, errors.
M.head = [[
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h>
#include <lapacke.h>

/* rows x cols numbers, column after column. */
typedef struct { int rows, cols; double *data; } matrix;

/* The memory of a call, which ends with it, also where it fails. */
typedef struct block { struct block *next; double data[]; } block;
typedef struct { block *blocks; const char *why; jmp_buf out; } workspace;

static inline void release(workspace *work, const block *kept) {
  while (work->blocks != kept) {
    block *b = work->blocks;
    work->blocks = b->next;
    free(b);
  }
}

/* Leaves the function that is exported; it returns why. */
static inline void fail(workspace *work, const char *why) {
  work->why = why;
  longjmp(work->out, 1);
}

static inline const char *done(workspace *work) {
  release(work, NULL);
  return work->why;
}

static inline matrix make(workspace *work, int rows, int cols) {
  block *b = calloc(1, sizeof *b + sizeof(double) * (size_t)rows * (size_t)cols);
  if (!b) fail(work, "not enough memory");
  b->next = work->blocks;
  work->blocks = b;
  return (matrix){ rows, cols, b->data };
}

static inline int count(matrix a) {
  return a.rows * a.cols;
}

static inline void check(workspace *work, int holds, const char *why) {
  if (!holds) fail(work, why);
}

static inline void give(workspace *work, matrix result, matrix a, const char *why) {
  check(work, result.rows == a.rows && result.cols == a.cols, why);
  memcpy(result.data, a.data, sizeof(double) * (size_t)count(a));
}
]]

helper("vector", [[
/* A column, or a row, of a vector that is given as either. */
static matrix vector(workspace *work, matrix x, int is_row, const char *why) {
  check(work, x.rows == 1 || x.cols == 1, why);
  return (matrix){ is_row ? 1 : count(x), is_row ? count(x) : 1, x.data };
}
]])
helper("filled", [[
static matrix filled(workspace *work, double s, int rows, int cols) {
  matrix r = make(work, rows, cols);
  for (int k = 0; k < count(r); ++k) r.data[k] = s;
  return r;
}
]])
helper("scaled", [[
static matrix scaled(workspace *work, double s, matrix a) {
  matrix r = make(work, a.rows, a.cols);
  cblas_daxpy(count(a), s, a.data, 1, r.data, 1);
  return r;
}
]])
helper("plus", [[
/* s*a + t*b */
static matrix plus(workspace *work, double s, matrix a, double t, matrix b) {
  matrix r = scaled(work, s, a);
  cblas_daxpy(count(b), t, b.data, 1, r.data, 1);
  return r;
}
]], "scaled")
helper("add_to", [[
/* Adds a to a sum, and forgets what has been computed since the sum began. */
static void add_to(workspace *work, matrix sum, matrix a) {
  cblas_daxpy(count(a), 1.0, a.data, 1, sum.data, 1);
  while (work->blocks->data != sum.data) release(work, work->blocks->next);
}
]])
helper("product", [[
/* The product; 'T': of the transpose. */
static matrix product(workspace *work, char of_a, matrix a, char of_b, matrix b) {
  const int m = of_a == 'T' ? a.cols : a.rows, k = of_a == 'T' ? a.rows : a.cols;
  const int n = of_b == 'T' ? b.rows : b.cols;
  matrix r = make(work, m, n);
  if (m > 0 && n > 0 && k > 0)
    cblas_dgemm(CblasColMajor, of_a == 'T' ? CblasTrans : CblasNoTrans, of_b == 'T' ? CblasTrans : CblasNoTrans,
                m, n, k, 1.0, a.data, a.rows, b.data, b.rows, 0.0, r.data, m);
  return r;
}
]])
helper("dot", [[
static double dot(matrix a, matrix b) {
  return cblas_ddot(count(a), a.data, 1, b.data, 1);
}
]])
helper("hadamard", [[
static matrix hadamard(workspace *work, matrix a, matrix b) {
  matrix r = make(work, a.rows, a.cols);
  for (int k = 0; k < count(a); ++k) r.data[k] = a.data[k] * b.data[k];
  return r;
}
]])
helper("map", [[
static matrix map(workspace *work, double (*f)(double), matrix a) {
  matrix r = make(work, a.rows, a.cols);
  for (int k = 0; k < count(a); ++k) r.data[k] = f(a.data[k]);
  return r;
}
]])
helper("powers", [[
/* Each entry of a to the power p. */
static matrix powers(workspace *work, matrix a, double p) {
  matrix r = make(work, a.rows, a.cols);
  for (int k = 0; k < count(a); ++k) r.data[k] = pow(a.data[k], p);
  return r;
}
]])
helper("powers_by", [[
/* Each entry of a to the power of that of p. */
static matrix powers_by(workspace *work, matrix a, matrix p) {
  matrix r = make(work, a.rows, a.cols);
  for (int k = 0; k < count(a); ++k) r.data[k] = pow(a.data[k], p.data[k]);
  return r;
}
]])
helper("transposed", [[
static matrix transposed(workspace *work, matrix a) {
  matrix r = make(work, a.cols, a.rows);
  for (int j = 0; j < a.cols; ++j)
    for (int i = 0; i < a.rows; ++i) r.data[j + i * a.cols] = a.data[i + j * a.rows];
  return r;
}
]])
helper("identity", [[
static matrix identity(workspace *work, int n) {
  matrix r = make(work, n, n);
  for (int i = 0; i < n; ++i) r.data[i + i * n] = 1.0;
  return r;
}
]])
helper("copy", [[
static matrix copy(workspace *work, matrix a) {
  matrix r = make(work, a.rows, a.cols);
  memcpy(r.data, a.data, sizeof(double) * (size_t)count(a));
  return r;
}
]])
helper("factors", [[
/* The factors L and U of a matrix, and the swaps of its rows. */
static matrix factors(workspace *work, matrix a, lapack_int **swaps) {
  matrix lu = copy(work, a);
  *swaps = (lapack_int *)make(work, a.rows + 1, 1).data;
  if (a.rows > 0) LAPACKE_dgetrf(LAPACK_COL_MAJOR, a.rows, a.rows, lu.data, a.rows, *swaps);
  return lu;
}
]], "copy")
helper("solve", [[
static matrix solve(workspace *work, matrix a, matrix b) {
  lapack_int *swaps;
  matrix lu = factors(work, a, &swaps), r = copy(work, b);
  for (int i = 0; i < a.rows; ++i) check(work, lu.data[i + i * a.rows] != 0.0, "a matrix is singular");
  if (count(b) > 0) LAPACKE_dgetrs(LAPACK_COL_MAJOR, 'N', a.rows, b.cols, lu.data, a.rows, swaps, r.data, b.rows);
  return r;
}
]], "copy factors")
helper("cholesky", [[
static matrix cholesky(workspace *work, matrix a) {
  matrix l = copy(work, a);
  if (a.rows > 0)
    check(work, LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'L', a.rows, l.data, a.rows) == 0, "a matrix is not positive definite");
  return l;
}
]], "copy")
helper("solve_spd", [[
static matrix solve_spd(workspace *work, matrix a, matrix b) {
  matrix l = cholesky(work, a), r = copy(work, b);
  if (count(b) > 0) LAPACKE_dpotrs(LAPACK_COL_MAJOR, 'L', a.rows, b.cols, l.data, a.rows, r.data, b.rows);
  return r;
}
]], "copy cholesky")
helper("matrix_power", [[
static matrix matrix_power(workspace *work, matrix a, int k) {
  matrix r = identity(work, a.rows), f = k < 0 ? solve(work, a, r) : a;
  for (int i = 0; i < abs(k); ++i) r = product(work, 'N', r, 'N', f);
  return r;
}
]], "identity solve product")
helper("total", [[
static double total(matrix a) {
  double r = 0.0;
  for (int k = 0; k < count(a); ++k) r += a.data[k];
  return r;
}
]])
helper("largest", [[
static double largest(matrix a) {
  double r = a.data[0];
  for (int k = 1; k < count(a); ++k) r = fmax(r, a.data[k]);
  return r;
}
]])
helper("norm", [[
static double norm(matrix a) {
  return cblas_dnrm2(count(a), a.data, 1);
}
]])
helper("norm1", [[
static double norm1(matrix a) {
  return cblas_dasum(count(a), a.data, 1);
}
]])
helper("trace", [[
static double trace(matrix a) {
  double r = 0.0;
  for (int i = 0; i < a.rows; ++i) r += a.data[i + i * a.rows];
  return r;
}
]])
helper("determinant", [[
static double determinant(workspace *work, matrix a) {
  lapack_int *swaps;
  matrix lu = factors(work, a, &swaps);
  double r = 1.0;
  for (int i = 0; i < a.rows; ++i) r *= swaps[i] != i + 1 ? -lu.data[i + i * a.rows] : lu.data[i + i * a.rows];
  return r;
}
]], "factors")
helper("log_abs_det", [[
static double log_abs_det(workspace *work, matrix a) {
  lapack_int *swaps;
  matrix lu = factors(work, a, &swaps);
  double r = 0.0;
  for (int i = 0; i < a.rows; ++i) r += log(fabs(lu.data[i + i * a.rows]));
  return r;
}
]], "factors")
helper("log_det_spd", [[
static double log_det_spd(workspace *work, matrix a) {
  matrix l = cholesky(work, a);
  double r = 0.0;
  for (int i = 0; i < a.rows; ++i) r += 2.0 * log(l.data[i + i * a.rows]);
  return r;
}
]], "cholesky")
helper("number", [[
static matrix number(workspace *work, double s) {
  matrix r = make(work, 1, 1);
  r.data[0] = s;
  return r;
}
]])
helper("reshaped", [[
static matrix reshaped(matrix a, int rows, int cols) {
  return (matrix){ rows, cols, a.data };
}
]])
helper("entry", [[
static double entry(workspace *work, matrix a, int i, int j) {
  check(work, i >= 1 && i <= a.rows && j >= 1 && j <= a.cols, "an entry outside its matrix");
  return a.data[(i - 1) + (j - 1) * a.rows];
}
]])
helper("unit", [[
static matrix unit(workspace *work, int i, int j, int m, int n) {
  matrix r = make(work, m, n);
  check(work, i >= 1 && i <= m && j >= 1 && j <= n, "an entry outside its matrix");
  r.data[(i - 1) + (j - 1) * m] = 1.0;
  return r;
}
]])
helper("diagonal", [[
static matrix diagonal(workspace *work, matrix x) {
  const int n = count(x);
  matrix r = make(work, n, n);
  for (int i = 0; i < n; ++i) r.data[i + i * n] = x.data[i];
  return r;
}
]])
helper("diagonal_of", [[
static matrix diagonal_of(workspace *work, matrix a) {
  matrix r = make(work, a.rows, 1);
  for (int i = 0; i < a.rows; ++i) r.data[i] = a.data[i + i * a.rows];
  return r;
}
]])
helper("triangle", [[
/* The entries below the diagonal (side 1) or above it (side -1), with the diagonal. */
static matrix triangle(workspace *work, int side, matrix a) {
  matrix r = make(work, a.rows, a.cols);
  for (int j = 0; j < a.cols; ++j)
    for (int i = 0; i < a.rows; ++i) r.data[i + j * a.rows] = side * (i - j) >= 0 ? a.data[i + j * a.rows] : 0.0;
  return r;
}
]])
helper("vech", [[
static matrix vech(workspace *work, matrix a) {
  const int n = a.rows;
  matrix r = make(work, n * (n + 1) / 2, 1);
  for (int j = 0, k = 0; j < n; ++j)
    for (int i = j; i < n; ++i) r.data[k++] = a.data[i + j * n];
  return r;
}
]])
helper("kron", [[
static matrix kron(workspace *work, matrix a, matrix b) {
  matrix r = make(work, a.rows * b.rows, a.cols * b.cols);
  for (int j = 0; j < r.cols; ++j)
    for (int i = 0; i < r.rows; ++i)
      r.data[i + j * r.rows] = a.data[i / b.rows + j / b.cols * a.rows] * b.data[i % b.rows + j % b.cols * b.rows];
  return r;
}
]])
helper("khatrirao", [[
static matrix khatrirao(workspace *work, matrix a, matrix b) {
  matrix r = make(work, a.rows * b.rows, a.cols);
  for (int j = 0; j < r.cols; ++j)
    for (int i = 0; i < r.rows; ++i)
      r.data[i + j * r.rows] = a.data[i / b.rows + j * a.rows] * b.data[i % b.rows + j * b.rows];
  return r;
}
]])
helper("softmax", [[
static matrix softmax(workspace *work, matrix x) {
  matrix r = make(work, count(x), 1);
  const double most = largest(x);
  for (int k = 0; k < count(x); ++k) r.data[k] = exp(x.data[k] - most);
  return scaled(work, 1.0 / total(r), r);
}
]], "largest total scaled")
helper("logsumexp", [[
static double logsumexp(matrix x) {
  double r = 0.0, most = largest(x);
  for (int k = 0; k < count(x); ++k) r += exp(x.data[k] - most);
  return most + log(r);
}
]], "largest")
helper("argmax_unit", [[
static matrix argmax_unit(workspace *work, matrix x) {
  matrix r = make(work, count(x), 1);
  int most = 0;
  for (int k = 1; k < count(x); ++k) most = x.data[k] > x.data[most] ? k : most;
  r.data[most] = 1.0;
  return r;
}
]])
helper("hat", [[
static matrix hat(workspace *work, matrix x) {
  matrix r = make(work, 3, 3);
  const double e[] = { 0, x.data[2], -x.data[1], -x.data[2], 0, x.data[0], x.data[1], -x.data[0], 0 };
  memcpy(r.data, e, sizeof e);
  return r;
}
]])
helper("vee", [[
static matrix vee(workspace *work, matrix a) {
  matrix r = make(work, 3, 1);
  const double *e = a.data;
  r.data[0] = (e[5] - e[7]) / 2;
  r.data[1] = (e[6] - e[2]) / 2;
  r.data[2] = (e[1] - e[3]) / 2;
  return r;
}
]])
helper("cross", [[
static matrix cross(workspace *work, matrix a, matrix b) {
  matrix r = make(work, 3, 1);
  const double *x = a.data, *y = b.data;
  r.data[0] = x[1] * y[2] - x[2] * y[1];
  r.data[1] = x[2] * y[0] - x[0] * y[2];
  r.data[2] = x[0] * y[1] - x[1] * y[0];
  return r;
}
]])
helper("adjugate", [[
static matrix adjugate(workspace *work, matrix a) {
  return scaled(work, determinant(work, a), solve(work, a, identity(work, a.rows)));
}
]], "scaled determinant solve identity")
helper("commutation", [[
static matrix commutation(workspace *work, int m, int n) {
  matrix r = make(work, m * n, m * n);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) r.data[i * n + j + (j * m + i) * m * n] = 1.0;
  return r;
}
]])
helper("duplication", [[
static matrix duplication(workspace *work, int n) {
  matrix r = make(work, n * n, n * (n + 1) / 2);
  for (int j = 0, k = 0; j < n; ++j)
    for (int i = j; i < n; ++i, ++k) r.data[i + j * n + k * n * n] = r.data[j + i * n + k * n * n] = 1.0;
  return r;
}
]])
helper("elimination", [[
static matrix elimination(workspace *work, int n) {
  matrix r = make(work, n * (n + 1) / 2, n * n);
  for (int j = 0, k = 0; j < n; ++j)
    for (int i = j; i < n; ++i, ++k) r.data[k + (i + j * n) * r.rows] = 1.0;
  return r;
}
]])
helper("eigenvectors", [[
/* The eigenvectors of the symmetric part, of the smallest eigenvalue first, and the eigenvalues. */
static matrix eigenvectors(workspace *work, matrix a, matrix *values) {
  matrix v = plus(work, 0.5, a, 0.5, transposed(work, a));
  *values = make(work, a.rows, 1);
  check(work, LAPACKE_dsyev(LAPACK_COL_MAJOR, 'V', 'L', a.rows, v.data, a.rows, values->data) == 0,
        "the eigenvalues of a matrix are not found");
  return v;
}
]], "plus transposed")
helper("eigval", [[
static double eigval(workspace *work, matrix a, int k) {
  matrix values;
  check(work, k >= 1 && k <= a.rows, "an eigenvalue that a matrix does not have");
  eigenvectors(work, a, &values);
  return values.data[a.rows - k];
}
]], "eigenvectors")
helper("eigvec", [[
static matrix eigvec(workspace *work, matrix a, int k) {
  matrix values, v = eigenvectors(work, a, &values);
  check(work, k >= 1 && k <= a.rows, "an eigenvector that a matrix does not have");
  return (matrix){ a.rows, 1, v.data + (a.rows - k) * a.rows };
}
]], "eigenvectors")
helper("pseudo_inverse", [[
static matrix pseudo_inverse(workspace *work, matrix a) {
  const int n = a.rows < a.cols ? a.rows : a.cols, larger = a.rows > a.cols ? a.rows : a.cols;
  matrix c = copy(work, a), s = make(work, n, 1), u = make(work, a.rows, n), v = make(work, n, a.cols);
  matrix rest = make(work, n + 1, 1), r = make(work, a.cols, a.rows);
  check(work, LAPACKE_dgesvd(LAPACK_COL_MAJOR, 'S', 'S', a.rows, a.cols, c.data, a.rows, s.data, u.data, a.rows,
                             v.data, n, rest.data) == 0, "the singular values of a matrix are not found");
  for (int k = 0; k < n; ++k)
    if (s.data[k] > larger * 2.2e-16 * s.data[0])
      cblas_dger(CblasColMajor, a.cols, a.rows, 1.0 / s.data[k], v.data + k, n, u.data + k * a.rows, 1, r.data, a.cols);
  return r;
}
]], "copy")

-- Functions of a number.
for name, body in pairs {
  sec = "1.0 / cos(x)",
  sign_of = "(x > 0) - (x < 0)",
  step_of = "0.5 * (1 + (x > 0) - (x < 0))",
  relu = "x > 0 ? x : 0.0",
  sigmoid = "0.5 * (1 + tanh(0.5 * x))",
  softplus = "fmax(x, 0.0) + log1p(exp(-fabs(x)))",
} do
  helper(name, ("static double %s(double x) {\n  return %s;\n}\n"):format(name, body))
end

return M
