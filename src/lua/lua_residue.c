/* lua_residue.c: matrices over the integers modulo a prime for Lua, with infinitesimals: table
** "residue" of module "nabla.core".
**
** An entry is a polynomial in e1 .. ek with e1^2 = .. = ek^2 = 0, its coefficients residues; k is
** the order of the matrix. For each set of infinitesimals there is a plane of coefficients: plane S
** belongs to the product of the e_i with bit i-1 in S. So f(X + e1*H) is f(X) + e1*f'(X)H, without
** any limit, and e2 beside it gives second derivatives.
**
** `top` and `bottom` bound the degrees of the numerators and of the common denominator of the
** entries, as polynomials in the random values that went in (degree 1): the theorem of Schwartz and
** Zippel needs them. The table at the end of the file is its index. */
#include "lua/lua_residue.h"

#include <lauxlib.h>
#include <string.h>

#include "residue/residue.h"

#define RESIDUE "nabla.residue"
#define P residue_prime()
#define MOST_ORDER 6
#define MOST_ENTRIES ((size_t)1 << 21)
#define MOST_WORK 1e9 /* multiplications of a matrix product */

typedef struct {
  size_t rows, cols, order;
  double top, bottom;
  uint64_t entries[]; /* planes after planes */
} Residue;

static size_t planes(const Residue *a) { return (size_t)1 << a->order; }
static size_t count(const Residue *a) { return a->rows * a->cols; }
static const uint64_t *plane(const Residue *a, size_t s) { return a->entries + s * count(a); }
static uint64_t *plane_of(Residue *a, size_t s) { return a->entries + s * count(a); }

/* A new matrix of zeros on the stack. */
static Residue *make(lua_State *L, size_t rows, size_t cols, size_t order) {
  if (rows == 0 || cols == 0) luaL_error(L, "a matrix has at least one row and one column");
  if (rows > MOST_ENTRIES || cols > MOST_ENTRIES / rows || order > MOST_ORDER ||
      rows * cols > (MOST_ENTRIES >> order))
    luaL_error(L, "a matrix of residues is too large");
  luaL_checkstack(L, 10, NULL);
  size_t bytes = (rows * cols << order) * sizeof(uint64_t);
  Residue *a = lua_newuserdata(L, sizeof(Residue) + bytes);
  a->rows = rows;
  a->cols = cols;
  a->order = order;
  a->top = a->bottom = 0;
  memset(a->entries, 0, bytes);
  luaL_setmetatable(L, RESIDUE);
  return a;
}

static void same_degrees(Residue *to, const Residue *from) {
  to->top = from->top;
  to->bottom = from->bottom;
}

/* FNV-1a, then SplitMix64's last steps */
static uint64_t random_of_text(const char *text, size_t length) {
  uint64_t h = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < length; i++) h = (h ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
  h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
  return h ^ (h >> 31);
}

/* A matrix: the one at this place of the stack, or the 1 x 1 matrix of a whole number, which
   replaces it there. */
static Residue *matrix_arg(lua_State *L, int at) {
  Residue *a = luaL_testudata(L, at, RESIDUE);
  if (a) return a;
  lua_Integer v = luaL_checkinteger(L, at);
  a = make(L, 1, 1, 0);
  a->entries[0] = residue_from(v);
  lua_replace(L, at);
  return a;
}

static Residue *matrix_at(lua_State *L, int at) { return luaL_checkudata(L, at, RESIDUE); }

static size_t size_arg(lua_State *L, int at, lua_Integer otherwise) {
  lua_Integer n = otherwise ? luaL_optinteger(L, at, otherwise) : luaL_checkinteger(L, at);
  luaL_argcheck(L, n >= 1 && (size_t)n <= MOST_ENTRIES, at, "a size from 1 on was expected");
  return (size_t)n;
}

/* ---- entries that are multiplied: of planes, over all pairs of sets that do not meet */

static double larger(double a, double b) { return a > b ? a : b; }

typedef void Product(uint64_t *c, const uint64_t *a, const uint64_t *b, const size_t *sizes);

static void by_planes(Residue *c, const Residue *a, const Residue *b, Product *product,
                      const size_t *sizes) {
  for (size_t s = 0; s < planes(a); s++)
    for (size_t t = 0; t < planes(b); t++)
      if ((s & t) == 0) product(plane_of(c, s | t), plane(a, s), plane(b, t), sizes);
}

static void times(uint64_t *c, const uint64_t *a, const uint64_t *b, const size_t *n) {
  residue_multiply(c, a, b, n[0], n[1], n[2]);
}

/* n[0] entries; one of the two may have a single entry, which meets all of the other's: n[1], n[2]
   are 0 or 1, how far they step */
static void entrywise(uint64_t *c, const uint64_t *a, const uint64_t *b, const size_t *n) {
  for (size_t i = 0; i < n[0]; i++) c[i] = residue_add(c[i], residue_mul(a[i * n[1]], b[i * n[2]]));
}

static void kronecker(uint64_t *c, const uint64_t *a, const uint64_t *b, const size_t *n) {
  size_t m = n[0], k = n[1], p = n[2], q = n[3];
  for (size_t j = 0; j < k; j++)
    for (size_t i = 0; i < m; i++) {
      uint64_t x = a[j * m + i];
      if (x == 0) continue;
      for (size_t l = 0; l < q; l++)
        for (size_t h = 0; h < p; h++) {
          uint64_t *at = c + (j * q + l) * (m * p) + i * p + h;
          *at = residue_add(*at, residue_mul(x, b[l * p + h]));
        }
    }
}

static size_t higher(const Residue *a, const Residue *b) {
  return a->order > b->order ? a->order : b->order;
}

static int is_scalar(const Residue *a) { return count(a) == 1; }

static Residue *product_entries(lua_State *L, const Residue *a, const Residue *b) {
  const Residue *shape = is_scalar(a) ? b : a;
  if (!is_scalar(a) && !is_scalar(b) && (a->rows != b->rows || a->cols != b->cols))
    luaL_error(L, "an elementwise product of %d x %d and %d x %d", (int)a->rows, (int)a->cols,
               (int)b->rows, (int)b->cols);
  Residue *c = make(L, shape->rows, shape->cols, higher(a, b));
  const size_t n[3] = {count(c), !is_scalar(a), !is_scalar(b)};
  by_planes(c, a, b, entrywise, n);
  c->top = a->top + b->top;
  c->bottom = a->bottom + b->bottom;
  return c;
}

static Residue *product(lua_State *L, const Residue *a, const Residue *b) {
  if (a->cols != b->rows)
    luaL_error(L, "a product of %d x %d and %d x %d", (int)a->rows, (int)a->cols, (int)b->rows,
               (int)b->cols);
  if ((double)count(a) * (double)b->cols * (double)planes(a) > MOST_WORK)
    luaL_error(L, "a product of residues is too large");
  Residue *c = make(L, a->rows, b->cols, higher(a, b));
  const size_t n[3] = {a->rows, a->cols, b->cols};
  by_planes(c, a, b, times, n);
  c->top = a->top + b->top;
  c->bottom = a->bottom + b->bottom;
  return c;
}

/* a + f*b */
static Residue *combination(lua_State *L, const Residue *a, const Residue *b, uint64_t f) {
  if (a->rows != b->rows || a->cols != b->cols)
    luaL_error(L, "a sum of %d x %d and %d x %d", (int)a->rows, (int)a->cols, (int)b->rows,
               (int)b->cols);
  Residue *c = make(L, a->rows, a->cols, higher(a, b));
  size_t n = count(a);
  memcpy(c->entries, a->entries, n * planes(a) * sizeof(uint64_t));
  for (size_t i = 0; i < n * planes(b); i++)
    c->entries[i] = residue_add(c->entries[i], residue_mul(f, b->entries[i]));
  c->bottom = a->bottom + b->bottom;
  c->top = larger(a->top + b->bottom, b->top + a->bottom);
  return c;
}

static Residue *identity(lua_State *L, size_t n) {
  Residue *a = make(L, n, n, 0);
  for (size_t i = 0; i < n; i++) a->entries[i * n + i] = 1;
  return a;
}

/* The matrix at the top of the stack, alone above the place `base`. */
static Residue *only(lua_State *L, int base, Residue *a) {
  lua_insert(L, base + 1);
  lua_settop(L, base + 1);
  return a;
}

/* The inverse, or NULL (and nothing on the stack). The plane without infinitesimals is inverted; a
** step of Newton's doubles the number of infinitesimals up to which X is right: X*(2*I - A*X). */
static Residue *inverse(lua_State *L, const Residue *a) {
  int base = lua_gettop(L);
  size_t n = a->rows;
  if (a->cols != n)
    luaL_error(L, "the inverse of a matrix that is %d x %d", (int)a->rows, (int)a->cols);
  Residue *work = make(L, n, n, 0);
  memcpy(work->entries, a->entries, n * n * sizeof(uint64_t));
  Residue *x = identity(L, n);
  if (!residue_eliminate(work->entries, x->entries, n, n)) {
    lua_settop(L, base);
    return NULL;
  }
  for (size_t right = 1; right <= a->order; right *= 2) {
    Residue *ax = product(L, a, x), *one = identity(L, n);
    Residue *correction = combination(L, one, combination(L, one, ax, P - 1), 1);
    x = product(L, x, correction);
  }
  x->top = a->bottom + (double)(n - 1) * a->top;
  x->bottom = (double)n * a->top;
  return only(L, base, x);
}

/* ---- making and reading */

static int r_new(lua_State *L) { /* new(rows, cols [, value]) */
  size_t rows = size_arg(L, 1, 0), cols = size_arg(L, 2, 1);
  uint64_t v = residue_from(luaL_optinteger(L, 3, 0));
  Residue *a = make(L, rows, cols, 0);
  if (v)
    for (size_t i = 0; i < count(a); i++) a->entries[i] = v;
  return 1;
}

static int r_identity(lua_State *L) {
  identity(L, size_arg(L, 1, 0));
  return 1;
}

/* decimal(digits): of a whole number with any number of digits */
static int r_decimal(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  uint64_t v = 0;
  size_t i = text[0] == '-';
  luaL_argcheck(L, i < length, 1, "digits were expected");
  for (; i < length; i++) {
    luaL_argcheck(L, text[i] >= '0' && text[i] <= '9', 1, "digits were expected");
    v = residue_add(residue_mul(v, 10), (uint64_t)(text[i] - '0'));
  }
  make(L, 1, 1, 0)->entries[0] = text[0] == '-' ? residue_sub(0, v) : v;
  return 1;
}

/* random(text, rows, cols): entries that follow from a text, of degree 1 */
static int r_random(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  uint64_t state = random_of_text(text, length);
  Residue *a = make(L, size_arg(L, 2, 1), size_arg(L, 3, 1), 0);
  for (size_t i = 0; i < count(a);) { /* SplitMix64 */
    uint64_t z = (state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z = (z ^ (z >> 31)) >> 3;
    if (z < P) a->entries[i++] = z;
  }
  a->top = 1;
  return 1;
}

static int r_infinitesimal(lua_State *L) { /* infinitesimal(k): e_k */
  lua_Integer k = luaL_checkinteger(L, 1);
  luaL_argcheck(L, k >= 1 && k <= MOST_ORDER, 1, "too many derivatives within each other");
  Residue *a = make(L, 1, 1, (size_t)k);
  a->entries[(size_t)1 << (k - 1)] = 1;
  return 1;
}

static int r_coefficient(lua_State *L) { /* coefficient(a, k): of e_k, where no later one is in a */
  Residue *a = matrix_arg(L, 1);
  lua_Integer k = luaL_checkinteger(L, 2);
  luaL_argcheck(L, k >= 1 && k >= (lua_Integer)a->order, 2, "there are later infinitesimals");
  Residue *c = make(L, a->rows, a->cols, (size_t)k - 1);
  if (a->order == (size_t)k)
    memcpy(c->entries, plane(a, planes(c)), count(a) * planes(c) * sizeof(uint64_t));
  same_degrees(c, a);
  c->bottom *= 2;
  c->top += a->bottom;
  return 1;
}

static int r_part(lua_State *L) { /* part(a, s): the plane s alone */
  Residue *a = matrix_arg(L, 1);
  size_t s = (size_t)luaL_checkinteger(L, 2);
  Residue *c = make(L, a->rows, a->cols, 0);
  if (s < planes(a)) memcpy(c->entries, plane(a, s), count(a) * sizeof(uint64_t));
  same_degrees(c, a);
  return 1;
}

/* placed(a, s, order): a without infinitesimals, as plane s of a matrix of that order */
static int r_placed(lua_State *L) {
  Residue *a = matrix_arg(L, 1);
  size_t s = (size_t)luaL_checkinteger(L, 2), order = (size_t)luaL_checkinteger(L, 3);
  Residue *c = make(L, a->rows, a->cols, order);
  luaL_argcheck(L, a->order == 0 && s < planes(c), 2, "there is no such plane");
  memcpy(plane_of(c, s), a->entries, count(a) * sizeof(uint64_t));
  same_degrees(c, a);
  return 1;
}

/* the entries as a string: equal for equal matrices of equal order */
static int r_bytes(lua_State *L) {
  Residue *a = matrix_arg(L, 1);
  lua_pushlstring(L, (const char *)a->entries, count(a) * planes(a) * sizeof(uint64_t));
  return 1;
}

/* fraction(a): num, den of a 1 x 1 matrix that stands for a small fraction, else nil */
static int r_fraction(lua_State *L) {
  Residue *a = matrix_arg(L, 1);
  int64_t num, den;
  if (!is_scalar(a) || !residue_fraction(a->entries[0], &num, &den)) return 0;
  lua_pushinteger(L, num);
  lua_pushinteger(L, den);
  return 2;
}

/* sqrt(a): a square root of a 1 x 1 matrix without infinitesimals, or nil */
static int r_sqrt(lua_State *L) {
  Residue *a = matrix_arg(L, 1);
  uint64_t r;
  luaL_argcheck(L, is_scalar(a) && a->order == 0, 1,
                "a matrix that is 1 x 1 without infinitesimals was expected");
  if (!residue_sqrt(a->entries[0], &r)) return 0;
  Residue *c = make(L, 1, 1, 0);
  c->entries[0] = r;
  c->top = a->top + a->bottom; /* of sqrt(n/d) = sqrt(n*d)/d, at most */
  c->bottom = a->bottom;
  return 1;
}

static int r_value(lua_State *L) { /* value(a): the number 0 .. p-1 of a 1 x 1 matrix */
  Residue *a = matrix_arg(L, 1);
  luaL_argcheck(L, is_scalar(a), 1, "a matrix that is 1 x 1 was expected");
  lua_pushinteger(L, (lua_Integer)a->entries[0]);
  return 1;
}

static int r_equal(lua_State *L) {
  Residue *a = matrix_arg(L, 1), *b = matrix_arg(L, 2);
  int equal = a->rows == b->rows && a->cols == b->cols;
  size_t n = count(a), all = n << higher(a, b);
  for (size_t i = 0; equal && i < all; i++)
    equal = (i < n * planes(a) ? a->entries[i] : 0) == (i < n * planes(b) ? b->entries[i] : 0);
  lua_pushboolean(L, equal);
  return 1;
}

static int r_is(lua_State *L) {
  lua_pushboolean(L, luaL_testudata(L, 1, RESIDUE) != NULL);
  return 1;
}

static int r_zero(lua_State *L) {
  Residue *a = matrix_arg(L, 1);
  int zero = 1;
  for (size_t i = 0; zero && i < count(a) * planes(a); i++) zero = a->entries[i] == 0;
  lua_pushboolean(L, zero);
  return 1;
}

static int r_degrees(lua_State *L) { /* degrees(a [, top, bottom]): the bounds, or new ones */
  Residue *a = matrix_arg(L, 1);
  if (lua_gettop(L) > 1) {
    a->top = luaL_checknumber(L, 2);
    a->bottom = luaL_checknumber(L, 3);
  }
  lua_pushnumber(L, a->top);
  lua_pushnumber(L, a->bottom);
  return 2;
}

/* ---- entries in other places */

/* gather(a, rows, cols, places): entry k is that of a at places[k], 0 for the place 0 */
static int r_gather(lua_State *L) {
  Residue *a = matrix_arg(L, 1);
  size_t rows = size_arg(L, 2, 0), cols = size_arg(L, 3, 0), n = count(a);
  luaL_checktype(L, 4, LUA_TTABLE);
  Residue *c = make(L, rows, cols, a->order);
  for (size_t i = 0; i < rows * cols; i++) {
    lua_rawgeti(L, 4, (lua_Integer)i + 1);
    lua_Integer at = luaL_checkinteger(L, -1);
    lua_pop(L, 1);
    luaL_argcheck(L, at >= 0 && (size_t)at <= n, 4, "there is no entry at a place");
    if (at)
      for (size_t s = 0; s < planes(a); s++) plane_of(c, s)[i] = plane(a, s)[at - 1];
  }
  same_degrees(c, a);
  return 1;
}

static int r_reshape(lua_State *L) { /* reshape(a, rows, cols): the same entries */
  Residue *a = matrix_arg(L, 1);
  size_t rows = size_arg(L, 2, 0), cols = size_arg(L, 3, 0);
  luaL_argcheck(L, rows * cols == count(a), 2, "as many entries were expected");
  Residue *c = make(L, rows, cols, a->order);
  memcpy(c->entries, a->entries, count(a) * planes(a) * sizeof(uint64_t));
  same_degrees(c, a);
  return 1;
}

static int r_transpose(lua_State *L) {
  Residue *a = matrix_arg(L, 1);
  Residue *c = make(L, a->cols, a->rows, a->order);
  for (size_t s = 0; s < planes(a); s++)
    for (size_t j = 0; j < a->cols; j++)
      for (size_t i = 0; i < a->rows; i++)
        plane_of(c, s)[i * a->cols + j] = plane(a, s)[j * a->rows + i];
  same_degrees(c, a);
  return 1;
}

/* assemble(list, rows, cols): from 1 x 1 matrices and whole numbers, columns after columns */
static int r_assemble(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  size_t rows = size_arg(L, 2, 0), cols = size_arg(L, 3, 1), order = 0;
  double top = 0, bottom = 0;
  for (int pass = 0; pass < 2; pass++) { /* the order and the degrees; the entries */
    Residue *c = pass ? make(L, rows, cols, order) : NULL;
    for (size_t i = 0; i < rows * cols; i++) {
      lua_rawgeti(L, 1, (lua_Integer)i + 1);
      Residue *a = luaL_testudata(L, -1, RESIDUE);
      luaL_argcheck(L, a ? is_scalar(a) : lua_isinteger(L, -1), 1,
                    "entries are residues or whole numbers");
      if (!c && a) {
        order = a->order > order ? a->order : order;
        bottom += a->bottom;
        top = larger(top, a->top);
      } else if (c && a)
        for (size_t s = 0; s < planes(a); s++) plane_of(c, s)[i] = a->entries[s];
      else if (c)
        c->entries[i] = residue_from(lua_tointeger(L, -1));
      lua_pop(L, 1);
    }
    if (c) { /* over one denominator: the product of all */
      c->bottom = bottom;
      c->top = top + bottom;
    }
  }
  return 1;
}

/* ---- arithmetic */

static int r_add(lua_State *L) {
  Residue *a = matrix_arg(L, 1), *b = matrix_arg(L, 2);
  combination(L, a, b, 1);
  return 1;
}

static int r_sub(lua_State *L) {
  Residue *a = matrix_arg(L, 1), *b = matrix_arg(L, 2);
  combination(L, a, b, P - 1);
  return 1;
}

static int r_unm(lua_State *L) {
  Residue *a = matrix_arg(L, 1);
  Residue *c = make(L, a->rows, a->cols, a->order);
  for (size_t i = 0; i < count(a) * planes(a); i++) c->entries[i] = residue_sub(0, a->entries[i]);
  same_degrees(c, a);
  return 1;
}

static int r_mul(lua_State *L) { /* the matrix product; a 1 x 1 matrix scales */
  Residue *a = matrix_arg(L, 1), *b = matrix_arg(L, 2);
  if (is_scalar(a) || is_scalar(b))
    product_entries(L, a, b);
  else
    product(L, a, b);
  return 1;
}

static int r_hadamard(lua_State *L) {
  Residue *a = matrix_arg(L, 1), *b = matrix_arg(L, 2);
  product_entries(L, a, b);
  return 1;
}

static int r_kron(lua_State *L) {
  Residue *a = matrix_arg(L, 1), *b = matrix_arg(L, 2);
  Residue *c = make(L, a->rows * b->rows, a->cols * b->cols, higher(a, b));
  const size_t n[4] = {a->rows, a->cols, b->rows, b->cols};
  by_planes(c, a, b, kronecker, n);
  c->top = a->top + b->top;
  c->bottom = a->bottom + b->bottom;
  return 1;
}

/* 1/a entry by entry, on the stack; NULL if an entry has none. (a + n)^-1 = 1/a - n/a^2 + .., by
   Newton's steps as above. */
static Residue *reciprocal(lua_State *L, const Residue *a) {
  int base = lua_gettop(L);
  Residue *x = make(L, a->rows, a->cols, 0);
  for (size_t i = 0; i < count(a); i++) {
    if (a->entries[i] == 0) {
      lua_settop(L, base);
      return NULL;
    }
    x->entries[i] = residue_inv(a->entries[i]);
  }
  for (size_t right = 1; right <= a->order; right *= 2) {
    Residue *ax = product_entries(L, a, x);
    Residue *two = make(L, a->rows, a->cols, 0);
    for (size_t i = 0; i < count(a); i++) two->entries[i] = 2;
    x = product_entries(L, x, combination(L, two, ax, P - 1));
  }
  double n = (double)count(a); /* over one denominator */
  x->top = a->bottom + (n - 1) * a->top;
  x->bottom = n * a->top;
  return only(L, base, x);
}

static int r_recip(lua_State *L) {
  if (!reciprocal(L, matrix_arg(L, 1))) return luaL_error(L, "a division by zero");
  return 1;
}

static int r_div(lua_State *L) {
  Residue *a = matrix_arg(L, 1), *b = matrix_arg(L, 2);
  luaL_argcheck(L, is_scalar(b), 2, "a division by a matrix");
  Residue *x = reciprocal(L, b);
  if (!x) return luaL_error(L, "a division by zero");
  product_entries(L, a, x);
  return 1;
}

static int r_pow(lua_State *L) {
  Residue *a = matrix_arg(L, 1);
  lua_Integer k = luaL_checkinteger(L, 2);
  if (a->rows != a->cols)
    return luaL_error(L, "a power of a matrix that is %d x %d", (int)a->rows, (int)a->cols);
  if (k < 0) {
    a = inverse(L, a);
    if (!a) return luaL_error(L, "the matrix is singular");
    lua_replace(L, 1);
  }
  uint64_t m = k < 0 ? UINT64_C(0) - (uint64_t)k : (uint64_t)k;
  Residue *r = identity(L, a->rows);
  for (lua_settop(L, 3); m; m >>= 1) { /* the power at place 1, the result at place 3 */
    if (m & 1) {
      r = product(L, r, a);
      lua_replace(L, 3);
    }
    if (m > 1) {
      a = product(L, a, a);
      lua_replace(L, 1);
    }
  }
  lua_settop(L, 3);
  return 1;
}

/* det(a): the determinant; of a matrix with infinitesimals nil where it is singular without them */
static int r_det(lua_State *L) {
  Residue *a = matrix_arg(L, 1);
  size_t n = a->rows;
  if (a->cols != n)
    return luaL_error(L, "the determinant of a matrix that is %d x %d", (int)a->rows, (int)a->cols);
  Residue *work = make(L, n, n, 0), *none = make(L, 1, 1, 0);
  memcpy(work->entries, a->entries, n * n * sizeof(uint64_t));
  uint64_t d = residue_eliminate(work->entries, none->entries, n, 0);
  if (a->order && d == 0) return 0;
  /* det(A + N) = det(A)*exp(tr(log(I + M))), M = inv(A)*N: M has more infinitesimals at each
     power */
  Residue *det = make(L, 1, 1, 0);
  det->entries[0] = d;
  if (a->order) {
    Residue *start = make(L, n, n, 0);
    memcpy(start->entries, a->entries, n * n * sizeof(uint64_t));
    Residue *one = identity(L, n);
    Residue *m = combination(L, product(L, inverse(L, start), a), one, P - 1), *power = m;
    Residue *log = make(L, 1, 1, a->order);
    for (size_t k = 1; k <= a->order; k++) {
      uint64_t f = residue_inv(k);
      for (size_t s = 0; s < planes(power); s++)
        for (size_t i = 0; i < n; i++) {
          uint64_t x = residue_mul(f, plane(power, s)[i * n + i]);
          log->entries[s] =
              k % 2 ? residue_add(log->entries[s], x) : residue_sub(log->entries[s], x);
        }
      if (k < a->order) power = product(L, power, m);
    }
    Residue *term = det;
    for (size_t k = 1; k <= a->order; k++) {
      term = product(L, term, log);
      for (size_t s = 0; s < planes(term); s++)
        term->entries[s] = residue_mul(residue_inv(k), term->entries[s]);
      det = combination(L, det, term, 1);
    }
  }
  det->top = (double)n * a->top;
  det->bottom = (double)n * a->bottom;
  return 1;
}

static int r_inverse(lua_State *L) { /* inverse(a): nil where there is none */
  return inverse(L, matrix_arg(L, 1)) ? 1 : 0;
}

static int r_rank(lua_State *L) {
  Residue *a = matrix_arg(L, 1);
  Residue *work = make(L, a->rows, a->cols, 0);
  memcpy(work->entries, a->entries, count(a) * sizeof(uint64_t));
  lua_pushinteger(L, (lua_Integer)residue_rank(work->entries, a->rows, a->cols));
  return 1;
}

/* ---- as an object */

static size_t place(lua_State *L, const Residue *a, lua_Integer k) {
  if (k < 1 || (size_t)k > count(a))
    luaL_error(L, "entry %d of a matrix that has %d", (int)k, (int)count(a));
  return (size_t)k - 1;
}

static size_t place_at(lua_State *L, const Residue *a, lua_Integer i, lua_Integer j) {
  if (i < 1 || j < 1 || (size_t)i > a->rows || (size_t)j > a->cols)
    luaL_error(L, "entry (%d,%d) of a matrix that is %d x %d", (int)i, (int)j, (int)a->rows,
               (int)a->cols);
  return (size_t)(j - 1) * a->rows + (size_t)i - 1;
}

static int entry(lua_State *L, const Residue *a, size_t at) {
  Residue *c = make(L, 1, 1, a->order);
  for (size_t s = 0; s < planes(a); s++) c->entries[s] = plane(a, s)[at];
  same_degrees(c, a);
  return 1;
}

static int r_index(lua_State *L) {
  Residue *a = matrix_at(L, 1);
  if (lua_isinteger(L, 2)) return entry(L, a, place(L, a, lua_tointeger(L, 2)));
  const char *name = luaL_checkstring(L, 2);
  if (strcmp(name, "rows") == 0)
    lua_pushinteger(L, (lua_Integer)a->rows);
  else if (strcmp(name, "cols") == 0)
    lua_pushinteger(L, (lua_Integer)a->cols);
  else if (strcmp(name, "order") == 0)
    lua_pushinteger(L, (lua_Integer)a->order);
  else if (strcmp(name, "T") == 0) {
    lua_settop(L, 1);
    return r_transpose(L);
  } else if (strcmp(name, "reshape") == 0)
    lua_pushcfunction(L, r_reshape);
  else
    return 0;
  return 1;
}

static int r_newindex(lua_State *L) { /* a[k] = v, v without more infinitesimals than a */
  Residue *a = matrix_at(L, 1), *v = matrix_arg(L, 3);
  size_t at = place(L, a, luaL_checkinteger(L, 2));
  luaL_argcheck(L, is_scalar(v) && v->order <= a->order, 3, "an entry of this matrix was expected");
  for (size_t s = 0; s < planes(a); s++) plane_of(a, s)[at] = s < planes(v) ? v->entries[s] : 0;
  a->top = larger(a->top + v->bottom, v->top + a->bottom);
  a->bottom += v->bottom;
  return 0;
}

static int r_call(lua_State *L) {
  Residue *a = matrix_at(L, 1);
  return entry(L, a, place_at(L, a, luaL_checkinteger(L, 2), luaL_optinteger(L, 3, 1)));
}

static int r_len(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)count(matrix_at(L, 1)));
  return 1;
}

/* choose(true): modulo 2^61 - 31, where the unit has a value; choose(false): modulo 2^61 - 1. */
static int r_choose(lua_State *L) {
  residue_choose(lua_toboolean(L, 1));
  return 0;
}

/* The square root of -1, or nil. */
static int r_unit(lua_State *L) {
  uint64_t unit = residue_unit();
  if (unit == 0) return 0;
  make(L, 1, 1, 0)->entries[0] = unit;
  return 1;
}

static const luaL_Reg metamethods[] = {
    {"__add", r_add},   {"__sub", r_sub}, {"__unm", r_unm},     {"__mul", r_mul},
    {"__div", r_div},   {"__pow", r_pow}, {"__index", r_index}, {"__newindex", r_newindex},
    {"__call", r_call}, {"__len", r_len}, {NULL, NULL}};

static const luaL_Reg functions[] = {
    /* making */
    {"new", r_new},
    {"identity", r_identity},
    {"choose", r_choose},
    {"unit", r_unit},
    {"decimal", r_decimal},
    {"random", r_random},
    {"assemble", r_assemble},
    {"infinitesimal", r_infinitesimal},
    {"placed", r_placed},
    /* reading */
    {"coefficient", r_coefficient},
    {"part", r_part},
    {"bytes", r_bytes},
    {"fraction", r_fraction},
    {"sqrt", r_sqrt},
    {"value", r_value},
    {"equal", r_equal},
    {"is", r_is},
    {"zero", r_zero},
    {"degrees", r_degrees},
    /* arithmetic */
    {"gather", r_gather},
    {"reshape", r_reshape},
    {"hadamard", r_hadamard},
    {"recip", r_recip},
    {"kron", r_kron},
    {"det", r_det},
    {"inverse", r_inverse},
    {"rank", r_rank},
    {NULL, NULL}};

int lua_residue_open(lua_State *L) {
  luaL_newmetatable(L, RESIDUE);
  luaL_setfuncs(L, metamethods, 0);
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
