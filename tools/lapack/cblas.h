/* cblas.h: the functions of CBLAS that src/numeric calls, on the reference BLAS as f2c translates
** it. For programs that cannot be linked with OpenBLAS. Matrices are columns after columns only. */
#ifndef CBLAS_H
#define CBLAS_H

enum { CblasColMajor = 102 };
enum { CblasNoTrans = 'N', CblasTrans = 'T', CblasConjTrans = 'C' };
enum { CblasUpper = 'U', CblasLower = 'L' };
enum { CblasLeft = 'L', CblasRight = 'R' };
enum { CblasUnit = 'U', CblasNonUnit = 'N' };

typedef const int *In; /* Fortran takes numbers by address, and the lengths of texts at the end */
typedef const double *Reals;

double dasum_(In n, Reals x, In step);
double ddot_(In n, Reals x, In xstep, Reals y, In ystep);
double dnrm2_(In n, Reals x, In step);
int dscal_(In n, Reals alpha, double *x, In step);
int dswap_(In n, double *x, In xstep, double *y, In ystep);
int dgemv_(const char *trans, In m, In n, Reals alpha, Reals a, In lda, Reals x, In xstep,
           Reals beta, double *y, In ystep, int);
int dgemm_(const char *ta, const char *tb, In m, In n, In k, Reals alpha, Reals a, In lda, Reals b,
           In ldb, Reals beta, double *c, In ldc, int, int);
int dsyrk_(const char *uplo, const char *trans, In n, In k, Reals alpha, Reals a, In lda,
           Reals beta, double *c, In ldc, int, int);
int zgemm_(const char *ta, const char *tb, In m, In n, In k, const void *alpha, const void *a,
           In lda, const void *b, In ldb, const void *beta, void *c, In ldc, int, int);
int zswap_(In n, void *x, In xstep, void *y, In ystep);
int ztrsm_(const char *side, const char *uplo, const char *trans, const char *diag, In m, In n,
           const void *alpha, const void *a, In lda, void *b, In ldb, int, int, int, int);

static inline double cblas_dasum(int n, Reals x, int step) { return dasum_(&n, x, &step); }
static inline double cblas_ddot(int n, Reals x, int xstep, Reals y, int ystep) {
  return ddot_(&n, x, &xstep, y, &ystep);
}
static inline double cblas_dnrm2(int n, Reals x, int step) { return dnrm2_(&n, x, &step); }
static inline void cblas_dscal(int n, double alpha, double *x, int step) {
  dscal_(&n, &alpha, x, &step);
}
static inline void cblas_dswap(int n, double *x, int xstep, double *y, int ystep) {
  dswap_(&n, x, &xstep, y, &ystep);
}
static inline void cblas_dgemv(int order, int trans, int m, int n, double alpha, Reals a, int lda,
                               Reals x, int xstep, double beta, double *y, int ystep) {
  (void)order;
  dgemv_(&(char){(char)trans}, &m, &n, &alpha, a, &lda, x, &xstep, &beta, y, &ystep, 1);
}
static inline void cblas_dgemm(int order, int ta, int tb, int m, int n, int k, double alpha,
                               Reals a, int lda, Reals b, int ldb, double beta, double *c,
                               int ldc) {
  (void)order;
  dgemm_(&(char){(char)ta}, &(char){(char)tb}, &m, &n, &k, &alpha, a, &lda, b, &ldb, &beta, c, &ldc,
         1, 1);
}
static inline void cblas_dsyrk(int order, int uplo, int trans, int n, int k, double alpha, Reals a,
                               int lda, double beta, double *c, int ldc) {
  (void)order;
  dsyrk_(&(char){(char)uplo}, &(char){(char)trans}, &n, &k, &alpha, a, &lda, &beta, c, &ldc, 1, 1);
}
static inline void cblas_zgemm(int order, int ta, int tb, int m, int n, int k, const void *alpha,
                               const void *a, int lda, const void *b, int ldb, const void *beta,
                               void *c, int ldc) {
  (void)order;
  zgemm_(&(char){(char)ta}, &(char){(char)tb}, &m, &n, &k, alpha, a, &lda, b, &ldb, beta, c, &ldc,
         1, 1);
}
static inline void cblas_zswap(int n, void *x, int xstep, void *y, int ystep) {
  zswap_(&n, x, &xstep, y, &ystep);
}
static inline void cblas_ztrsm(int order, int side, int uplo, int trans, int diag, int m, int n,
                               const void *alpha, const void *a, int lda, void *b, int ldb) {
  (void)order;
  ztrsm_(&(char){(char)side}, &(char){(char)uplo}, &(char){(char)trans}, &(char){(char)diag}, &m,
         &n, alpha, a, &lda, b, &ldb, 1, 1, 1, 1);
}

#endif
