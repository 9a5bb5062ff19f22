/* program.c: the steps of a program. */
#include "numeric/program.h"

#include <assert.h>
#include <cblas.h>
#include <math.h>
#include <string.h>

#include "numeric/dense.h"

static const struct {
  const char *name;
  MatrixFunction f;
} matrix_functions[] = {{"expm", dense_expm},
                        {"sinm", dense_sinm},
                        {"cosm", dense_cosm},
                        {"sqrtm", dense_sqrtm},
                        {"logm", dense_logm}};

int program_function(const char *name) {
  for (int i = 0; i < (int)(sizeof matrix_functions / sizeof *matrix_functions); i++)
    if (strcmp(matrix_functions[i].name, name) == 0) return i;
  return -1;
}

static size_t count(int a, int b) { return (size_t)a * (size_t)b; }

size_t program_step_size(const Step *s, const Program *p) {
  switch (s->kind) {
    case STEP_EYE:
    case STEP_GRAM:
    case STEP_SANDWICH:
    case STEP_DIAG:
    case STEP_ADD_DIAG:
    case STEP_INVERSE:
    case STEP_FUNCTION:
    case STEP_FRECHET:
    case STEP_POWER:
    case STEP_ADJ:
    case STEP_DIAGONAL_SUMS: return count(s->n, s->n);
    case STEP_ENTRIES:
      return p->loop[s->x].total ? 1 : count(p->loop[s->x].rows, p->loop[s->x].cols);
    case STEP_DIAGV: case STEP_EIGVEC: return (size_t)s->n;
    case STEP_DOT:
    case STEP_TRACE_OF:
    case STEP_SUM:
    case STEP_NORM1:
    case STEP_NORM2:
    case STEP_MAX:
    case STEP_LOGSUMEXP:
    case STEP_TRACE: case STEP_DET: case STEP_LOGDET: case STEP_ENTRY: case STEP_EIGVAL: return 1;
    case STEP_SOLVE: return count(s->n, s->k);
    case STEP_KRON: return count(s->m, s->n) * count(s->k, s->x);
    case STEP_KRON_TIMES: return count(s->m, s->k) * (size_t)s->y;
    case STEP_SWAP_ROWS:
    case STEP_SWAP_COLS:
    case STEP_KHATRIRAO: return count(s->m, s->n) * (size_t)s->k;
    case STEP_STACK: return count(s->m + s->k, s->n);
    case STEP_K:
    case STEP_FRECHET_MATRIX:
    case STEP_DUP:
    case STEP_ELIM:
    case STEP_DIAGONALS:
    case STEP_LU:
    case STEP_CHOLESKY:
    case STEP_EIGEN: return 0;
    case STEP_VECH: return count(s->n, s->n + 1) / 2;
    case STEP_HAT: return 9;
    case STEP_VEE: case STEP_CROSS: return 3;
    default: return count(s->m, s->n);
  }
}

/* ---------------------------------------- loops */

/* One stretch of n entries: pointers of the inputs are in `at`. */
static double stretch(Program *p, const Loop *l, const double *const *at, double *to, size_t n) {
  double total = 0;
  const LoopStep *steps = p->loop_step + l->step0;
  for (size_t begin = 0; begin < n; begin += LOOP_BLOCK) {
    size_t m = n - begin < LOOP_BLOCK ? n - begin : LOOP_BLOCK;
    const LoopInput *in = p->input + l->input0;
#define OPERAND(r)                                                                      \
  ((r) >= 0 ? p->block + (size_t)(r)*LOOP_BLOCK                                         \
   : in[-1 - (r)].kind == INPUT_SCALAR || in[-1 - (r)].kind == INPUT_ROW ? at[-1 - (r)] \
                                                                         : at[-1 - (r)] + begin)
    for (int i = 0; i < l->steps; i++) {
      const LoopStep *q = steps + i;
      double *out = q->to < 0 ? to + begin : p->block + (size_t)q->to * LOOP_BLOCK;
      const EntryFunction *f = entry_functions + q->function;
      if (entry_run(f, out, OPERAND(q->a), OPERAND(q->b), q->c, m)) p->divided = true;
    }
#undef OPERAND
    if (l->total) {
      double four[4] = {0, 0, 0, 0};
      const double *last = p->block + (size_t)steps[l->steps - 1].to * LOOP_BLOCK;
      size_t i = 0;
      for (; i + 4 <= m; i += 4)
        for (size_t j = 0; j < 4; j++) four[j] += last[i + j];
      for (; i < m; i++) four[0] += last[i];
      total += (four[0] + four[1]) + (four[2] + four[3]);
    }
  }
  return total;
}

static void run_loop(Program *p, const Loop *l, double *to) {
  const LoopInput *in = p->input + l->input0;
  const double *at[64];
  double total = 0;
  size_t n = count(l->rows, l->cols), spread = n < LOOP_BLOCK ? n : LOOP_BLOCK;
  /* scalars are spread over a block each */
  double *next = p->block + (size_t)l->registers * LOOP_BLOCK;
  bool columns = false;
  for (int i = 0; i < l->inputs; i++) {
    at[i] = p->place[in[i].place];
    if (in[i].kind == INPUT_SCALAR) {
      double v = *at[i];
      for (size_t k = 0; k < spread; k++) next[k] = v;
      at[i] = next;
      next += LOOP_BLOCK;
    } else if (in[i].kind != INPUT_ENTRIES) {
      columns = true;
    }
  }
  if (!columns) {
    total = stretch(p, l, at, to, n);
  } else {
    double *rows = next;
    spread = l->rows < LOOP_BLOCK ? (size_t)l->rows : LOOP_BLOCK;
    for (int j = 0; j < l->cols; j++) {
      next = rows;
      for (int i = 0; i < l->inputs; i++) {
        const double *base = p->place[in[i].place];
        if (in[i].kind == INPUT_ENTRIES) at[i] = base + count(j, l->rows);
        else if (in[i].kind == INPUT_ROW) {
          for (size_t k = 0; k < spread; k++) next[k] = base[j];
          at[i] = next;
          next += LOOP_BLOCK;
        }
      }
      total += stretch(p, l, at, l->total ? to : to + count(j, l->rows), (size_t)l->rows);
    }
  }
  if (l->total) *to = total;
}

/* ---------------------------------------- products */

static void multiply(const Program *p, const Step *s, double *to, const double *a,
                     const double *b) {
  double alpha = s->x >= 0 ? s->alpha * *p->place[s->x] : s->alpha;
  int ta = s->flags & TURN_A, tb = s->flags & TURN_B, m = s->m, n = s->n, k = s->k;
  if (k == 1) { /* an outer product */
    for (int j = 0; j < n; j++) {
      double v = alpha * b[j];
      for (int i = 0; i < m; i++) to[count(j, m) + (size_t)i] = a[i] * v;
    }
  } else if (m == 1 && n == 1) {
    *to = alpha * cblas_ddot(k, a, 1, b, 1);
  } else if (n == 1) {
    if (ta) cblas_dgemv(CblasColMajor, CblasTrans, k, m, alpha, a, k, b, 1, 0, to, 1);
    else cblas_dgemv(CblasColMajor, CblasNoTrans, m, k, alpha, a, m, b, 1, 0, to, 1);
  } else if (m == 1) {
    if (tb) cblas_dgemv(CblasColMajor, CblasNoTrans, n, k, alpha, b, n, a, 1, 0, to, 1);
    else cblas_dgemv(CblasColMajor, CblasTrans, k, n, alpha, b, k, a, 1, 0, to, 1);
  } else {
    cblas_dgemm(CblasColMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, m, n,
                k, alpha, a, ta ? k : m, b, tb ? n : k, 0, to, m);
  }
}

static void mirror(double *to, int n) { /* the lower half from the upper one */
  enum { TILE = 32 };
  size_t N = (size_t)n;
  for (size_t jj = 0; jj < N; jj += TILE)
    for (size_t ii = 0; ii <= jj; ii += TILE)
      for (size_t j = jj; j < N && j < jj + TILE; j++)
        for (size_t i = ii; i < j && i < ii + TILE; i++) to[i * N + j] = to[j * N + i];
}

static void kron(const Step *s, double *to, const double *a, const double *b) {
  size_t m = (size_t)s->m, n = (size_t)s->n, p = (size_t)s->k, q = (size_t)s->x, rows = m * p;
  size_t row_a = s->flags & KRON_ROWS ? 1 : p, row_b = s->flags & KRON_ROWS ? m : 1;
  size_t col_a = s->flags & KRON_COLS ? 1 : q, col_b = s->flags & KRON_COLS ? n : 1;
  if (!a || !b) {
    memset(to, 0, rows * n * q * sizeof *to);
    for (size_t j = 0; j < n; j++)
      for (size_t l = 0; l < q; l++) {
        double *column = to + (j * col_a + l * col_b) * rows;
        if (a)
          for (size_t i = 0; i < m; i++) column[i * row_a + l * row_b] = s->alpha * a[j * m + i];
        else if (b)
          for (size_t k = 0; k < p; k++) column[j * row_a + k * row_b] = s->alpha * b[l * p + k];
        else column[j * row_a + l * row_b] = s->alpha;
      }
    return;
  }
  for (size_t j = 0; j < n; j++)
    for (size_t l = 0; l < q; l++) {
      double *column = to + (j * col_a + l * col_b) * rows;
      const double *bl = b + l * p;
      for (size_t i = 0; i < m; i++) {
        double v = s->alpha * a[j * m + i];
        double *at = column + i * row_a;
        if (row_b == 1) for (size_t k = 0; k < p; k++) at[k] = v * bl[k];
        else for (size_t k = 0; k < p; k++) at[k * row_b] = v * bl[k];
      }
    }
}

/* kron(a,b)*vec(X) = vec(b*X*a') for each column of c. */
static void kron_times(const Program *p, const Step *s, double *to) {
  int m = s->m, n = s->n, k = s->k, q = s->x;
  const double *a = s->a < 0 ? NULL : p->place[s->a], *b = s->b < 0 ? NULL : p->place[s->b],
               *c = p->place[s->c];
  double *w = s->d < 0 ? NULL : p->place[s->d];
  for (int j = 0; j < s->y; j++, c += count(n, q), to += count(m, k)) {
    if (!a)
      cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, k, n, q, 1, b, k, c, q, 0, to, k);
    else if (!b)
      cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, q, m, n, 1, c, q, a, m, 0, to, q);
    else {
      cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, k, n, q, 1, b, k, c, q, 0, w, k);
      cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, k, m, n, 1, w, k, a, m, 0, to, k);
    }
  }
}

/* ---------------------------------------- the steps */

static RunStatus run_status(DenseStatus d) {
  switch (d) {
    case DENSE_OK: return RUN_OK;
    case DENSE_SINGULAR: return RUN_SINGULAR;
    case DENSE_NOT_SPD: return RUN_NOT_SPD;
    case DENSE_NO_PRINCIPAL: return RUN_NO_PRINCIPAL;
    case DENSE_NOT_REAL: return RUN_NOT_REAL;
    case DENSE_DIVERGED: return RUN_DIVERGED;
    default: return RUN_MEMORY;
  }
}

static double largest(const double *a, size_t n) {
  double v = a[0];
  for (size_t i = 1; i < n; i++)
    if (!(a[i] <= v)) v = a[i];
  return v;
}

/* of a_ij, i >= j, in vech */
static size_t half_index(size_t i, size_t j, size_t n) { return j * n - j * (j + 1) / 2 + i; }

static RunStatus run_step(Program *p, const Step *s) {
  double *to = p->place[s->to];
  const double *a = s->a < 0 ? NULL : p->place[s->a], *b = s->b < 0 ? NULL : p->place[s->b];
  size_t m = (size_t)s->m, n = (size_t)s->n, k = (size_t)s->k, mn = m * n;
  bool spd = s->flags & FLAG_CHOLESKY;
  switch (s->kind) {
    case STEP_COPY: memcpy(to, a, mn * sizeof *to); break;
    case STEP_TRANSPOSE: dense_transpose(to, a, s->m, s->n); break;
    case STEP_FILL: for (size_t i = 0; i < mn; i++) to[i] = s->alpha; break;
    case STEP_EYE:
      memset(to, 0, n * n * sizeof *to);
      for (size_t i = 0; i < n; i++) to[i * (n + 1)] = 1;
      break;
    case STEP_ENTRIES:
      p->divided = false;
      run_loop(p, &p->loop[s->x], to);
      if (p->divided && !p->allow) return RUN_DIVISION;
      break;
    case STEP_MULTIPLY: multiply(p, s, to, a, b); break;
    case STEP_GRAM: {
      double alpha = s->x >= 0 ? s->alpha * *p->place[s->x] : s->alpha;
      bool turned = s->flags & TURN_A;
      cblas_dsyrk(CblasColMajor, CblasUpper, turned ? CblasNoTrans : CblasTrans, s->n, s->k, alpha,
                  a, turned ? s->n : s->k, 0, to, s->n);
      mirror(to, s->n);
      break;
    }
    case STEP_SCALE_ROWS:
      for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++) to[j * m + i] = a[i] * b[j * m + i];
      break;
    case STEP_SCALE_COLS:
      for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++) to[j * m + i] = a[j] * b[j * m + i];
      break;
    case STEP_SANDWICH: {
      double *w = p->place[s->c];
      bool positive = true;
      for (size_t i = 0; i < m; i++) positive = positive && a[i] >= 0;
      if (positive) { /* the square roots make it a Gram matrix: half the work */
        double *root = w + mn;
        for (size_t i = 0; i < m; i++) root[i] = sqrt(a[i]);
        for (size_t j = 0; j < n; j++)
          for (size_t i = 0; i < m; i++) w[j * m + i] = root[i] * b[j * m + i];
        cblas_dsyrk(CblasColMajor, CblasUpper, CblasTrans, s->n, s->m, 1, w, s->m, 0, to, s->n);
        mirror(to, s->n);
      } else {
        for (size_t j = 0; j < n; j++)
          for (size_t i = 0; i < m; i++) w[j * m + i] = a[i] * b[j * m + i];
        cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, s->n, s->n, s->m, 1, b, s->m, w, s->m,
                    0, to, s->n);
      }
      break;
    }
    case STEP_DIAG:
      memset(to, 0, n * n * sizeof *to);
      for (size_t i = 0; i < n; i++) to[i * (n + 1)] = a[i];
      break;
    case STEP_DIAGV: for (size_t i = 0; i < n; i++) to[i] = a[i * (n + 1)]; break;
    case STEP_ADD_DIAG:
      if (to != a) memcpy(to, a, n * n * sizeof *to);
      for (size_t i = 0; i < n; i++)
        to[i * (n + 1)] += s->alpha * (!b ? 1 : s->flags & FLAG_SCALAR ? *b : b[i]);
      break;
    case STEP_DOT: *to = s->alpha * cblas_ddot((int)mn, a, 1, b, 1); break;
    case STEP_TRACE_OF: {
      double sum = 0;
      for (size_t j = 0; j < n; j++) sum += cblas_ddot(s->m, a + j * m, 1, b + j, s->n);
      *to = sum;
      break;
    }
    case STEP_SUM: {
      double sum = 0;
      for (size_t i = 0; i < mn; i++) sum += a[i];
      *to = sum;
      break;
    }
    case STEP_NORM1: {
      double sum = 0;
      for (size_t i = 0; i < mn; i++) sum += fabs(a[i]);
      *to = sum;
      break;
    }
    case STEP_NORM2: { /* dnrm2 guards against overflow, and is slow */
      double square = cblas_ddot((int)mn, a, 1, a, 1);
      *to = square > 1e-280 && square < 1e280 ? sqrt(square) : cblas_dnrm2((int)mn, a, 1);
      break;
    }
    case STEP_MAX: *to = largest(a, mn); break;
    case STEP_LOGSUMEXP: {
      double top = largest(a, mn), sum = 0;
      for (size_t i = 0; i < mn; i++) sum += exp(a[i] - top);
      *to = top + log(sum);
      break;
    }
    case STEP_TRACE: {
      double sum = 0;
      for (size_t i = 0; i < n; i++) sum += a[i * (n + 1)];
      *to = sum;
      break;
    }
    case STEP_ARGMAX: {
      double top = largest(a, mn);
      bool found = false;
      for (size_t i = 0; i < mn; i++) {
        to[i] = !found && a[i] == top ? 1 : 0;
        found = found || to[i] == 1;
      }
      break;
    }
    case STEP_SOFTMAX: {
      double top = largest(a, mn), sum = 0;
      for (size_t i = 0; i < mn; i++) sum += to[i] = exp(a[i] - top);
      for (size_t i = 0; i < mn; i++) to[i] /= sum;
      break;
    }
    case STEP_LU: return run_status(dense_lu(to, a, s->n));
    case STEP_CHOLESKY: return run_status(dense_cholesky(to, a, s->n));
    case STEP_DET: *to = dense_det(a, s->n, spd, false); break;
    case STEP_LOGDET:
      *to = dense_det(a, s->n, spd, true);
      if (*to == -HUGE_VAL) return RUN_SINGULAR;
      break;
    case STEP_INVERSE: return run_status(dense_inverse(to, a, s->n, spd));
    case STEP_SOLVE: {
      int flags = (spd ? DENSE_BY_CHOLESKY : 0) | (s->flags & TURN_A ? DENSE_OF_TRANSPOSE : 0) |
                  (s->flags & TURN_B ? DENSE_FROM_TRANSPOSE : 0);
      return run_status(dense_solve(to, a, b, s->n, s->k, flags));
    }
    case STEP_KRON: kron(s, to, a, b); break;
    case STEP_KRON_TIMES: kron_times(p, s, to); break;
    case STEP_SWAP_ROWS:
      for (size_t l = 0; l < k; l++) dense_transpose(to + l * mn, a + l * mn, s->m, s->n);
      break;
    /* column j*m + i of the result... K has its one of that column in row i*n + j */
    case STEP_SWAP_COLS:
      for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++)
          memcpy(to + (j * m + i) * k, a + (i * n + j) * k, k * sizeof *to);
      break;
    case STEP_K:
      memset(to, 0, mn * mn * sizeof *to);
      for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++) to[(j * m + i) * mn + i * n + j] = 1;
      break;
    case STEP_UNIT:
      memset(to, 0, mn * sizeof *to);
      to[(size_t)(s->y - 1) * m + (size_t)(s->x - 1)] = 1;
      break;
    case STEP_DUP:
      memset(to, 0, n * n * (n * (n + 1) / 2) * sizeof *to);
      for (size_t j = 0; j < n; j++)
        for (size_t i = j; i < n; i++) {
          double *column = to + half_index(i, j, n) * n * n;
          column[j * n + i] = column[i * n + j] = 1;
        }
      break;
    case STEP_ELIM: {
      size_t rows = n * (n + 1) / 2;
      memset(to, 0, n * n * rows * sizeof *to);
      for (size_t j = 0; j < n; j++)
        for (size_t i = j; i < n; i++) to[(j * n + i) * rows + half_index(i, j, n)] = 1;
      break;
    }
    case STEP_TRIL: case STEP_TRIU:
      for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++)
          to[j * m + i] = i == j || (i > j) == (s->kind == STEP_TRIL) ? a[j * m + i] : 0;
      break;
    case STEP_DIAGONALS:
      memset(to, 0, (2 * n - 1) * n * n * sizeof *to);
      for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++) to[(j * n + i) * (2 * n - 1) + i + n - 1 - j] = 1;
      break;
    case STEP_DIAGONAL_SUMS:
      for (size_t d = 0; d < 2 * n - 1; d++) { /* i - j = d - (n - 1) */
        double sum = 0;
        for (size_t j = d < n ? n - 1 - d : 0; j < n && d + j < 2 * n - 1; j++)
          sum += a[j * n + (d + j + 1 - n)];
        for (size_t j = d < n ? n - 1 - d : 0; j < n && d + j < 2 * n - 1; j++)
          to[j * n + (d + j + 1 - n)] = sum;
      }
      break;
    case STEP_VECH:
      for (size_t j = 0; j < n; j++)
        for (size_t i = j; i < n; i++) to[half_index(i, j, n)] = a[j * n + i];
      break;
    case STEP_ENTRY: *to = a[(size_t)(s->y - 1) * m + (size_t)(s->x - 1)]; break;
    case STEP_HAT:
      to[0] = to[4] = to[8] = 0;
      to[1] = a[2]; to[2] = -a[1]; to[3] = -a[2]; to[5] = a[0]; to[6] = a[1]; to[7] = -a[0];
      break;
    case STEP_VEE:
      to[0] = (a[5] - a[7]) / 2; to[1] = (a[6] - a[2]) / 2; to[2] = (a[1] - a[3]) / 2;
      break;
    case STEP_CROSS: {
      double x = a[1] * b[2] - a[2] * b[1], y = a[2] * b[0] - a[0] * b[2],
             z = a[0] * b[1] - a[1] * b[0];
      to[0] = x; to[1] = y; to[2] = z;
      break;
    }
    case STEP_KHATRIRAO:
      for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++)
          for (size_t l = 0; l < k; l++) to[j * m * k + i * k + l] = a[j * m + i] * b[j * k + l];
      break;
    case STEP_STACK:
      for (size_t j = 0; j < n; j++) {
        memcpy(to + j * (m + k), a + j * m, m * sizeof *to);
        memcpy(to + j * (m + k) + m, b + j * k, k * sizeof *to);
      }
      break;
    case STEP_FUNCTION: return run_status(matrix_functions[s->x].f(to, a, s->n));
    case STEP_FRECHET: return run_status(dense_frechet(to, matrix_functions[s->x].f, a, b, s->n));
    case STEP_FRECHET_MATRIX:
      return run_status(dense_frechet_matrix(to, matrix_functions[s->x].f, a, s->n));
    case STEP_POWER: return run_status(dense_power(to, a, *b, s->n));
    case STEP_PINV: return run_status(dense_pinv(to, a, s->m, s->n));
    case STEP_ADJ: return run_status(dense_adj(to, a, s->n));
    case STEP_EIGEN: return run_status(dense_eigen(to, a, s->n));
    case STEP_EIGVAL: *to = a[n * n + (size_t)s->x - 1]; break;
    case STEP_EIGVEC: memcpy(to, a + (size_t)(s->x - 1) * n, n * sizeof *to); break;
    case STEP_CALL: return p->call(p, s, p->data) ? RUN_OK : RUN_CALL;
    default: assert(0);
  }
  return RUN_OK;
}

RunStatus program_run(Program *p, int from, bool watch) {
  for (int i = from; i < p->steps; i++) {
    const Step *s = &p->step[i];
    RunStatus status = run_step(p, s);
    if (status != RUN_OK) {
      p->failed = i;
      return status;
    }
    if (!watch) continue;
    const double *to = p->place[s->to];
    for (size_t n = program_step_size(s, p), j = 0; j < n; j++)
      if (to[j] != to[j]) {
        p->failed = i;
        return RUN_OK;
      }
  }
  p->failed = -1;
  return RUN_OK;
}
