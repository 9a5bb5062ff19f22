/* dense.c: the judge's matrices of floating-point numbers, for Lua: the module judge_dense.
 *
 * It shares no code with src/: a mistake there is not repeated here. A matrix has its entries in columns and reads in Lua like a
 * table: a.rows, a.cols, a[k] for k = 1 .. #a. No function changes its arguments, but for put and assignment to a[k]. Shapes are
 * strict: a shape that does not fit is raised as a text without a position, which spec/judge/mistakes.lua tells from an error.
 */
#include <lauxlib.h>
#include <lua.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#define NAME "judge.matrix"

#if LUA_VERSION_NUM < 504
#define lua_newuserdatauv(L, size, values) lua_newuserdata(L, size)
#endif

typedef struct Matrix {
  int rows, cols;
  double at[]; /* entry (i, j) at j * rows + i, from 0 */
} Matrix;

/* ---------------------------------------------------------------------------------------------- matrices and Lua */

static int fail(lua_State *L, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  return lua_error(L);
}

static int count(const Matrix *a) { return a->rows * a->cols; }

static int is_number(const Matrix *a) { return a->rows == 1 && a->cols == 1; }

static Matrix *get(lua_State *L, int index) { return luaL_checkudata(L, index, NAME); }

/* A new matrix on the stack, its entries not set. */
static Matrix *push(lua_State *L, lua_Integer rows, lua_Integer cols) {
  if (rows < 0 || cols < 0 || (cols > 0 && rows > 100000000 / cols)) luaL_error(L, "a matrix of %d x %d", (int)rows, (int)cols);
  Matrix *a = lua_newuserdatauv(L, sizeof *a + (size_t)(rows * cols) * sizeof *a->at, 0);
  a->rows = (int)rows;
  a->cols = (int)cols;
  luaL_setmetatable(L, NAME);
  return a;
}

static Matrix *push_zeros(lua_State *L, lua_Integer rows, lua_Integer cols) {
  Matrix *a = push(L, rows, cols);
  for (int k = 0; k < count(a); k++) a->at[k] = 0.0;
  return a;
}

static int push_number(lua_State *L, double value) {
  push(L, 1, 1)->at[0] = value;
  return 1;
}

static Matrix *get_square(lua_State *L, int index, const char *name) {
  Matrix *a = get(L, index);
  if (a->rows != a->cols) fail(L, "%s of a %d x %d matrix", name, a->rows, a->cols);
  return a;
}

static void check_same_shape(lua_State *L, const Matrix *a, const Matrix *b, const char *sign) {
  if (a->rows != b->rows || a->cols != b->cols)
    fail(L, "%d x %d %s %d x %d does not fit", a->rows, a->cols, sign, b->rows, b->cols);
}

/* a.rows, a.cols, a[k] */
static int l_index(lua_State *L) {
  Matrix *a = lua_touserdata(L, 1);
  if (lua_type(L, 2) == LUA_TSTRING) {
    const char *name = lua_tostring(L, 2);
    if (strcmp(name, "rows") == 0)
      lua_pushinteger(L, a->rows);
    else if (strcmp(name, "cols") == 0)
      lua_pushinteger(L, a->cols);
    else
      lua_pushnil(L);
    return 1;
  }
  lua_Integer k = luaL_checkinteger(L, 2);
  if (k >= 1 && k <= count(a))
    lua_pushnumber(L, a->at[k - 1]);
  else
    lua_pushnil(L);
  return 1;
}

static int l_newindex(lua_State *L) {
  Matrix *a = lua_touserdata(L, 1);
  lua_Integer k = luaL_checkinteger(L, 2);
  luaL_argcheck(L, k >= 1 && k <= count(a), 2, "no such entry");
  a->at[k - 1] = luaL_checknumber(L, 3);
  return 0;
}

static int l_len(lua_State *L) {
  lua_pushinteger(L, count(lua_touserdata(L, 1)));
  return 1;
}

/* new(rows, cols[, entry]): zeros, or entry(i, j) */
static int l_new(lua_State *L) {
  lua_settop(L, 3);
  Matrix *a = push_zeros(L, luaL_checkinteger(L, 1), luaL_checkinteger(L, 2));
  if (lua_isnil(L, 3)) return 1;
  for (int j = 0; j < a->cols; j++)
    for (int i = 0; i < a->rows; i++) {
      lua_pushvalue(L, 3);
      lua_pushinteger(L, i + 1);
      lua_pushinteger(L, j + 1);
      lua_call(L, 2, 1);
      a->at[j * a->rows + i] = luaL_checknumber(L, -1);
      lua_pop(L, 1);
    }
  return 1;
}

/* map(a, f): f(entry) of each entry */
static int l_map(lua_State *L) {
  lua_settop(L, 2);
  Matrix *a = get(L, 1), *b = push(L, a->rows, a->cols);
  for (int k = 0; k < count(a); k++) {
    lua_pushvalue(L, 2);
    lua_pushnumber(L, a->at[k]);
    lua_call(L, 1, 1);
    b->at[k] = luaL_checknumber(L, -1);
    lua_pop(L, 1);
  }
  return 1;
}

/* reshape(a, rows, cols): the same entries in the same order */
static int l_reshape(lua_State *L) {
  Matrix *a = get(L, 1);
  lua_Integer rows = luaL_checkinteger(L, 2), cols = luaL_checkinteger(L, 3);
  luaL_argcheck(L, rows * cols == count(a), 2, "another number of entries");
  memcpy(push(L, rows, cols)->at, a->at, (size_t)count(a) * sizeof *a->at);
  return 1;
}

/* ---------------------------------------------------------------------------------------------- entry by entry */

/* x^p, by products for a small whole p, so that a negative x has its sign. */
static double number_power(double x, double p) {
  if (p == floor(p) && fabs(p) <= 64) {
    double r = 1.0;
    for (int k = (int)fabs(p); k > 0; k--) r *= x;
    return p < 0 ? 1 / r : r;
  }
  return pow(x, p);
}

static double plus(double x, double y) { return x + y; }
static double minus(double x, double y) { return x - y; }
static double times(double x, double y) { return x * y; }
static double over(double x, double y) { return x / y; }

static int zip(lua_State *L, double (*f)(double, double), const char *sign) {
  Matrix *a = get(L, 1), *b = get(L, 2);
  check_same_shape(L, a, b, sign);
  Matrix *c = push(L, a->rows, a->cols);
  for (int k = 0; k < count(a); k++) c->at[k] = f(a->at[k], b->at[k]);
  return 1;
}

/* As zip, but a scalar meets every entry of the other operand. */
static int spread(lua_State *L, double (*f)(double, double), const char *sign) {
  Matrix *a = get(L, 1), *b = get(L, 2);
  if (is_number(b)) {
    Matrix *c = push(L, a->rows, a->cols);
    for (int k = 0; k < count(a); k++) c->at[k] = f(a->at[k], b->at[0]);
    return 1;
  }
  if (is_number(a)) {
    Matrix *c = push(L, b->rows, b->cols);
    for (int k = 0; k < count(b); k++) c->at[k] = f(a->at[0], b->at[k]);
    return 1;
  }
  return zip(L, f, sign);
}

static int l_add(lua_State *L) { return zip(L, plus, "+"); }
static int l_subtract(lua_State *L) { return zip(L, minus, "-"); }
static int l_times(lua_State *L) { return spread(L, times, ".*"); }
static int l_over(lua_State *L) { return spread(L, over, "./"); }
static int l_powers(lua_State *L) { return spread(L, number_power, ".^"); }

/* f(entry, number) of each entry, for the number at the second place */
static int with_number(lua_State *L, double (*f)(double, double)) {
  Matrix *a = get(L, 1);
  double number = luaL_checknumber(L, 2);
  Matrix *b = push(L, a->rows, a->cols);
  for (int k = 0; k < count(a); k++) b->at[k] = f(a->at[k], number);
  return 1;
}

static int l_scale(lua_State *L) { return with_number(L, times); }
static int l_divide(lua_State *L) { return with_number(L, over); }
static int l_shift(lua_State *L) { return with_number(L, plus); }

static double sign(double x) { return x != x ? x : x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0; }
static double sinh_(double x) { return (exp(x) - exp(-x)) / 2; }
static double cosh_(double x) { return (exp(x) + exp(-x)) / 2; }
static double tanh_(double x) {
  double e = exp(-2 * fabs(x));
  return sign(x) * (1 - e) / (1 + e);
}
static double sec(double x) { return 1 / cos(x); }
static double sech(double x) { return 1 / cosh_(x); }
static double atan_(double x) { return atan2(x, 1.0); }
static double relu(double x) { return x > 0 ? x : 0.0 * x; }
static double step(double x) { return (1 + sign(x)) / 2; }
static double sigmoid(double x) { return 1 / (1 + exp(-x)); }
static double softplus(double x) { return log(1 + exp(-fabs(x))) + (x > 0 ? x : 0.0); }

static double sinc(double x) { return x == 0 ? 1.0 : sin(x) / x; }
static double cot(double x) { return 1 / tan(x); }
static double csc(double x) { return 1 / sin(x); }
static double logit(double x) { return log(x / (1 - x)); }
static double normpdf(double x) { return 0.3989422804014327 * exp(-x * x / 2); }
static double normcdf(double x) { return (1 + erf(x / 1.4142135623730951)) / 2; }
static double silu(double x) { return x / (1 + exp(-x)); }
static double gelu(double x) { return x * normcdf(x); }
static double elu(double x) { return x > 0 ? x : exp(x) - 1; }
static double leakyrelu(double x) { return x > 0 ? x : 0.01 * x; }
static double softsign(double x) { return x / (1 + fabs(x)); }
static double huber(double x) { return fabs(x) < 1 ? x * x / 2 : fabs(x) - 0.5; }
/* From 30 on by the first terms of the asymptotic series. */
static double digamma(double x) {
  double s = 0;
  for (; x < 30; x++) s -= 1 / x;
  return s + log(x) - 1 / (2 * x) - 1 / (12 * x * x) + 1 / (120 * pow(x, 4)) - 1 / (252 * pow(x, 6));
}
static double trigamma(double x) {
  double s = 0;
  for (; x < 30; x++) s += 1 / (x * x);
  return s + 1 / x + 1 / (2 * x * x) + 1 / (6 * pow(x, 3)) - 1 / (30 * pow(x, 5)) + 1 / (42 * pow(x, 7));
}

static const struct {
  const char *name;
  double (*f)(double);
} elementwise[] = {{"exp", exp},     {"log", log},     {"sqrt", sqrt},   {"sin", sin},   {"cos", cos},
                   {"tan", tan},     {"sec", sec},     {"sinh", sinh_},  {"cosh", cosh_}, {"tanh", tanh_},
                   {"sech", sech},   {"asin", asin},   {"acos", acos},   {"atan", atan_}, {"abs", fabs},
                   {"sign", sign},   {"relu", relu},   {"step", step},   {"sigmoid", sigmoid},
                   {"softplus", softplus}, {"sinc", sinc},   {"cot", cot},   {"csc", csc},
                   {"logit", logit}, {"normpdf", normpdf}, {"normcdf", normcdf}, {"silu", silu},
                   {"gelu", gelu},   {"elu", elu},     {"leakyrelu", leakyrelu}, {"softsign", softsign},
                   {"huber", huber}, {"digamma", digamma}, {"trigamma", trigamma}, {"erf", erf},
                   {"erfc", erfc},   {"expm1", expm1}, {"log1p", log1p}, {"lgamma", lgamma},
                   {"asinh", asinh}, {"acosh", acosh}, {"atanh", atanh}};

/* Its upvalue is the place in `elementwise`. */
static int l_elementwise(lua_State *L) {
  double (*f)(double) = elementwise[lua_tointeger(L, lua_upvalueindex(1))].f;
  Matrix *a = get(L, 1), *b = push(L, a->rows, a->cols);
  for (int k = 0; k < count(a); k++) b->at[k] = f(a->at[k]);
  return 1;
}

/* ---------------------------------------------------------------------------------------------- products, places */

/* The matrix product; a scalar operand scales. */
static int l_multiply(lua_State *L) {
  Matrix *a = get(L, 1), *b = get(L, 2);
  if (is_number(a) || is_number(b)) return spread(L, times, "*");
  int m = a->rows, n = a->cols, p = b->cols;
  if (n != b->rows) fail(L, "%d x %d * %d x %d does not fit", m, n, b->rows, p);
  Matrix *c = push_zeros(L, m, p);
  for (int j = 0; j < p; j++)
    for (int k = 0; k < n; k++) {
      double v = b->at[j * n + k];
      if (v != 0)
        for (int i = 0; i < m; i++) c->at[j * m + i] += a->at[k * m + i] * v;
    }
  return 1;
}

static int l_transpose(lua_State *L) {
  Matrix *a = get(L, 1), *b = push(L, a->cols, a->rows);
  for (int j = 0; j < a->cols; j++)
    for (int i = 0; i < a->rows; i++) b->at[i * a->cols + j] = a->at[j * a->rows + i];
  return 1;
}

static int l_kron(lua_State *L) {
  Matrix *a = get(L, 1), *b = get(L, 2);
  int p = b->rows, q = b->cols;
  Matrix *c = push(L, (lua_Integer)a->rows * p, (lua_Integer)a->cols * q);
  for (int j = 0; j < c->cols; j++)
    for (int i = 0; i < c->rows; i++) c->at[j * c->rows + i] = a->at[j / q * a->rows + i / p] * b->at[j % q * p + i % p];
  return 1;
}

/* Of each column of a with the same column of b. */
static int l_khatrirao(lua_State *L) {
  Matrix *a = get(L, 1), *b = get(L, 2);
  if (a->cols != b->cols) fail(L, "khatrirao of %d and %d columns", a->cols, b->cols);
  Matrix *c = push(L, (lua_Integer)a->rows * b->rows, a->cols);
  for (int j = 0; j < c->cols; j++)
    for (int i = 0; i < c->rows; i++) c->at[j * c->rows + i] = a->at[j * a->rows + i / b->rows] * b->at[j * b->rows + i % b->rows];
  return 1;
}

static int l_identity(lua_State *L) {
  lua_Integer n = luaL_checkinteger(L, 1);
  Matrix *a = push_zeros(L, n, n);
  for (int i = 0; i < a->rows; i++) a->at[i * a->rows + i] = 1.0;
  return 1;
}

static int l_diag(lua_State *L) {
  Matrix *a = get(L, 1);
  if (a->rows != 1 && a->cols != 1) fail(L, "diag of a %d x %d matrix", a->rows, a->cols);
  int n = count(a);
  Matrix *b = push_zeros(L, n, n);
  for (int i = 0; i < n; i++) b->at[i * n + i] = a->at[i];
  return 1;
}

static int l_diagv(lua_State *L) {
  Matrix *a = get_square(L, 1, "diagv"), *b = push(L, a->rows, 1);
  for (int i = 0; i < a->rows; i++) b->at[i] = a->at[i * a->rows + i];
  return 1;
}

/* part(a, i, j, rows, cols): the block whose first entry is (i, j), counted from 1 */
static int l_part(lua_State *L) {
  Matrix *a = get(L, 1);
  lua_Integer i0 = luaL_checkinteger(L, 2) - 1, j0 = luaL_checkinteger(L, 3) - 1;
  lua_Integer rows = luaL_checkinteger(L, 4), cols = luaL_checkinteger(L, 5);
  luaL_argcheck(L, i0 >= 0 && j0 >= 0 && i0 + rows <= a->rows && j0 + cols <= a->cols, 2, "no such block");
  Matrix *b = push(L, rows, cols);
  for (int j = 0; j < b->cols; j++)
    for (int i = 0; i < b->rows; i++) b->at[j * b->rows + i] = a->at[(j0 + j) * a->rows + i0 + i];
  return 1;
}

/* put(a, b, i, j[, weight]): the block of a whose first entry is (i, j) becomes weight * b */
static int l_put(lua_State *L) {
  Matrix *a = get(L, 1), *b = get(L, 2);
  lua_Integer i0 = luaL_checkinteger(L, 3) - 1, j0 = luaL_checkinteger(L, 4) - 1;
  double weight = luaL_optnumber(L, 5, 1.0);
  luaL_argcheck(L, i0 >= 0 && j0 >= 0 && i0 + b->rows <= a->rows && j0 + b->cols <= a->cols, 3, "no such block");
  for (int j = 0; j < b->cols; j++)
    for (int i = 0; i < b->rows; i++) a->at[(j0 + j) * a->rows + i0 + i] = weight * b->at[j * b->rows + i];
  return 0;
}

/* triangle(a, upper): zeros below the diagonal, or above it */
static int l_triangle(lua_State *L) {
  Matrix *a = get(L, 1);
  int upper = lua_toboolean(L, 2);
  Matrix *b = push_zeros(L, a->rows, a->cols);
  for (int j = 0; j < a->cols; j++)
    for (int i = 0; i < a->rows; i++)
      if (upper ? i <= j : i >= j) b->at[j * a->rows + i] = a->at[j * a->rows + i];
  return 1;
}

/* ---------------------------------------------------------------------------------------------- numbers of a matrix */

/* Largest magnitude of an entry; infinite where one is no number. */
static int l_magnitude(lua_State *L) {
  Matrix *a = get(L, 1);
  double largest = 0.0;
  for (int k = 0; k < count(a); k++) {
    double v = fabs(a->at[k]);
    if (v != v) {
      largest = HUGE_VAL;
      break;
    }
    if (v > largest) largest = v;
  }
  lua_pushnumber(L, largest);
  return 1;
}

static int l_largest(lua_State *L) {
  Matrix *a = get(L, 1);
  luaL_argcheck(L, count(a) > 0, 1, "empty");
  double largest = a->at[0];
  for (int k = 1; k < count(a); k++)
    if (a->at[k] > largest) largest = a->at[k];
  return push_number(L, largest);
}

static int l_sum(lua_State *L) {
  Matrix *a = get(L, 1);
  double s = 0.0;
  for (int k = 0; k < count(a); k++) s += a->at[k];
  return push_number(L, s);
}

static int l_trace(lua_State *L) {
  Matrix *a = get_square(L, 1, "trace");
  double s = 0.0;
  for (int i = 0; i < a->rows; i++) s += a->at[i * a->rows + i];
  return push_number(L, s);
}

/* The root of the sum of squares. */
static int l_norm2(lua_State *L) {
  Matrix *a = get(L, 1);
  double s = 0.0;
  for (int k = 0; k < count(a); k++) s += a->at[k] * a->at[k];
  return push_number(L, sqrt(s));
}

/* Largest sum of the magnitudes of a column. */
static int l_column_norm(lua_State *L) {
  Matrix *a = get(L, 1);
  double norm = 0.0;
  for (int j = 0; j < a->cols; j++) {
    double s = 0.0;
    for (int i = 0; i < a->rows; i++) s += fabs(a->at[j * a->rows + i]);
    if (s > norm) norm = s;
  }
  lua_pushnumber(L, norm);
  return 1;
}

/* ---------------------------------------------------------------------------------------------- elimination, eigenvalues */

static void swap_rows(Matrix *a, int p, int q) {
  for (int j = 0; j < a->cols; j++) {
    double x = a->at[j * a->rows + p];
    a->at[j * a->rows + p] = a->at[j * a->rows + q];
    a->at[j * a->rows + q] = x;
  }
}

/* LU elimination of u with row exchanges, carried out on the right sides r as well (may be NULL). The determinant. */
static double eliminate(Matrix *u, Matrix *r) {
  int n = u->rows;
  double d = 1.0;
  for (int k = 0; k < n; k++) {
    int pivot = k;
    for (int i = k + 1; i < n; i++)
      if (fabs(u->at[k * n + i]) > fabs(u->at[k * n + pivot])) pivot = i;
    if (pivot != k) {
      swap_rows(u, k, pivot);
      if (r) swap_rows(r, k, pivot);
      d = -d;
    }
    double top = u->at[k * n + k];
    d = d * top;
    if (top == 0) return 0.0;
    for (int i = k + 1; i < n; i++) {
      double q = u->at[k * n + i] / top;
      if (q == 0) continue;
      for (int j = k; j < n; j++) u->at[j * n + i] = u->at[j * n + i] - q * u->at[j * n + k];
      for (int j = 0; r && j < r->cols; j++) r->at[j * n + i] = r->at[j * n + i] - q * r->at[j * n + k];
    }
  }
  return d;
}

static Matrix *push_copy(lua_State *L, const Matrix *a) {
  Matrix *b = push(L, a->rows, a->cols);
  memcpy(b->at, a->at, (size_t)count(a) * sizeof *a->at);
  return b;
}

static int l_det(lua_State *L) {
  Matrix *a = get_square(L, 1, "determinant");
  return push_number(L, eliminate(push_copy(L, a), NULL));
}

/* solve(a, b): the x of a*x = b */
static int l_solve(lua_State *L) {
  Matrix *a = get_square(L, 1, "solution with"), *b = get(L, 2);
  int n = a->rows;
  if (b->rows != n) fail(L, "right side of %d rows for %d x %d", b->rows, n, n);
  Matrix *u = push_copy(L, a), *x = push_copy(L, b);
  if (eliminate(u, x) == 0) fail(L, "singular matrix");
  for (int j = 0; j < x->cols; j++)
    for (int i = n - 1; i >= 0; i--) {
      double s = x->at[j * n + i];
      for (int k = i + 1; k < n; k++) s = s - u->at[k * n + i] * x->at[j * n + k];
      x->at[j * n + i] = s / u->at[i * n + i];
    }
  return 1;
}

/* Columns p and q become c*p - s*q and s*p + c*q; of the rows the same, where `rows` is set. */
static void rotate(Matrix *a, int p, int q, double c, double s, int rows) {
  int n = a->rows, next = rows ? n : 1;
  double *at_p = a->at + (rows ? p : p * n), *at_q = a->at + (rows ? q : q * n);
  for (int i = 0; i < n; i++) {
    double x = at_p[i * next], y = at_q[i * next];
    at_p[i * next] = c * x - s * y;
    at_q[i * next] = s * x + c * y;
  }
}

static double largest_entry(const Matrix *a) {
  double largest = 0.0;
  for (int k = 0; k < count(a); k++)
    if (fabs(a->at[k]) > largest) largest = fabs(a->at[k]);
  return largest;
}

/* jacobi(a): of the symmetric part of a, a matrix with the eigenvalues on its diagonal, and the eigenvectors as columns. */
static int l_jacobi(lua_State *L) {
  Matrix *a = get_square(L, 1, "eigenvalue");
  int n = a->rows;
  Matrix *s = push(L, n, n), *v = push_zeros(L, n, n);
  for (int j = 0; j < n; j++)
    for (int i = 0; i < n; i++) s->at[j * n + i] = (a->at[j * n + i] + a->at[i * n + j]) * 0.5;
  for (int i = 0; i < n; i++) v->at[i * n + i] = 1.0;
  for (int sweep = 0; sweep < 60; sweep++) {
    double off = 0.0;
    for (int p = 0; p < n - 1; p++)
      for (int q = p + 1; q < n; q++) {
        double apq = s->at[q * n + p];
        if (fabs(apq) > off) off = fabs(apq);
        if (fabs(apq) <= 1e-300) continue;
        double theta = (s->at[q * n + q] - s->at[p * n + p]) / (2 * apq);
        double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
        double c = 1 / sqrt(t * t + 1);
        rotate(s, p, q, c, t * c, 0);
        rotate(s, p, q, c, t * c, 1);
        rotate(v, p, q, c, t * c, 0);
      }
    if (off <= 1e-15 * largest_entry(s)) break;
  }
  return 2;
}

/* ---------------------------------------------------------------------------------------------- differences */

/* romberg(d0, d1, d2): the limit of what was worked out with a step, half of it and a quarter of it; and the doubt, a number. */
static int l_romberg(lua_State *L) {
  Matrix *d0 = get(L, 1), *d1 = get(L, 2), *d2 = get(L, 3);
  check_same_shape(L, d0, d1, "with");
  check_same_shape(L, d0, d2, "with");
  Matrix *value = push(L, d0->rows, d0->cols);
  double doubt = 0.0;
  for (int k = 0; k < count(value); k++) {
    double a1 = (4 * d1->at[k] - d0->at[k]) / 3, a2 = (4 * d2->at[k] - d1->at[k]) / 3;
    double v = (16 * a2 - a1) / 15, difference = fabs(v - a2);
    value->at[k] = v;
    if (!(difference <= doubt)) doubt = difference == difference ? difference : HUGE_VAL;
  }
  lua_pushnumber(L, doubt);
  return 2;
}

static const luaL_Reg methods[] = {{"__index", l_index}, {"__newindex", l_newindex}, {"__len", l_len}, {NULL, NULL}};

static const luaL_Reg functions[] = {
  {"new", l_new},
  {"map", l_map},
  {"reshape", l_reshape},
  {"add", l_add},
  {"subtract", l_subtract},
  {"times", l_times},
  {"over", l_over},
  {"powers", l_powers},
  {"scale", l_scale},
  {"divide", l_divide},
  {"shift", l_shift},
  {"multiply", l_multiply},
  {"transpose", l_transpose},
  {"kron", l_kron},
  {"khatrirao", l_khatrirao},
  {"identity", l_identity},
  {"diag", l_diag},
  {"diagv", l_diagv},
  {"part", l_part},
  {"put", l_put},
  {"triangle", l_triangle},
  {"magnitude", l_magnitude},
  {"largest", l_largest},
  {"sum", l_sum},
  {"trace", l_trace},
  {"norm2", l_norm2},
  {"column_norm", l_column_norm},
  {"det", l_det},
  {"solve", l_solve},
  {"jacobi", l_jacobi},
  {"romberg", l_romberg},
  {NULL, NULL},
};

int luaopen_judge_dense(lua_State *L);

__attribute__((visibility("default"))) int luaopen_judge_dense(lua_State *L) {
  luaL_newmetatable(L, NAME);
  luaL_setfuncs(L, methods, 0);
  luaL_newlib(L, functions);
  lua_newtable(L);
  for (size_t k = 0; k < sizeof elementwise / sizeof *elementwise; k++) {
    lua_pushinteger(L, (lua_Integer)k);
    lua_pushcclosure(L, l_elementwise, 1);
    lua_setfield(L, -2, elementwise[k].name);
  }
  lua_setfield(L, -2, "elementwise");
  return 1;
}
