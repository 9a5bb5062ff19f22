/* lapacke.h: the functions of LAPACKE that src/numeric calls, on the reference LAPACK as f2c
** translates it; see cblas.h. Where LAPACK has a quicker and a shorter routine for one thing, it is
** the shorter. */
#ifndef LAPACKE_H
#define LAPACKE_H

#include "cblas.h"

typedef int lapack_int;
enum { LAPACK_COL_MAJOR = 102 };

int dgetf2_(In m, In n, double *a, In lda, int *pivot, int *info);
int dgetrs_(const char *trans, In n, In k, Reals a, In lda, In pivot, double *b, In ldb, int *info,
            int);
int dgetri_(In n, double *a, In lda, In pivot, double *work, In lwork, int *info);
int dpotf2_(const char *uplo, In n, double *a, In lda, int *info, int);
int dpotrs_(const char *uplo, In n, In k, Reals a, In lda, double *b, In ldb, int *info, int);
int dpotri_(const char *uplo, In n, double *a, In lda, int *info, int);
int dgesvd_(const char *jobu, const char *jobvt, In m, In n, double *a, In lda, double *s,
            double *u, In ldu, double *vt, In ldvt, double *work, In lwork, int *info, int, int);
int dsyev_(const char *jobz, const char *uplo, In n, double *a, In lda, double *w, double *work,
           In lwork, int *info, int, int);
int dgeev_(const char *left, const char *right, In n, double *a, In lda, double *wr, double *wi,
           double *vl, In ldvl, double *vr, In ldvr, double *work, In lwork, int *info, int, int);
int zgees_(const char *jobvs, const char *sort, void *select, In n, void *a, In lda, int *sdim,
           void *w, void *vs, In ldvs, void *work, In lwork, double *rwork, int *bwork, int *info,
           int, int);
int zgetf2_(In m, In n, void *a, In lda, int *pivot, int *info);
int zgetrs_(const char *trans, In n, In k, const void *a, In lda, In pivot, void *b, In ldb,
            int *info, int);
int zpotf2_(const char *uplo, In n, void *a, In lda, int *info, int);
int rest_zheev(int n, void *a, double *w); /* these are in rest.c */
int rest_zgeev(int n, void *a, void *w, void *v);
int rest_zgesvd(int m, int n, const void *a, double *s, void *u, void *vh);

static inline int LAPACKE_dgetrf_work(int order, int m, int n, double *a, int lda, int *pivot) {
  int info = 0;
  (void)order;
  dgetf2_(&m, &n, a, &lda, pivot, &info);
  return info;
}
static inline int LAPACKE_dgetrs_work(int order, char trans, int n, int k, Reals a, int lda,
                                      In pivot, double *b, int ldb) {
  int info = 0;
  (void)order;
  dgetrs_(&trans, &n, &k, a, &lda, pivot, b, &ldb, &info, 1);
  return info;
}
static inline int LAPACKE_dgesv_work(int order, int n, int k, double *a, int lda, int *pivot,
                                     double *b, int ldb) {
  int info = LAPACKE_dgetrf_work(order, n, n, a, lda, pivot);
  return info ? info : LAPACKE_dgetrs_work(order, 'N', n, k, a, lda, pivot, b, ldb);
}
static inline int LAPACKE_dgetri_work(int order, int n, double *a, int lda, In pivot, double *work,
                                      int lwork) {
  int info = 0;
  (void)order;
  dgetri_(&n, a, &lda, pivot, work, &lwork, &info);
  return info;
}
static inline int LAPACKE_dpotrf_work(int order, char uplo, int n, double *a, int lda) {
  int info = 0;
  (void)order;
  dpotf2_(&uplo, &n, a, &lda, &info, 1);
  return info;
}
static inline int LAPACKE_dpotrs_work(int order, char uplo, int n, int k, Reals a, int lda,
                                      double *b, int ldb) {
  int info = 0;
  (void)order;
  dpotrs_(&uplo, &n, &k, a, &lda, b, &ldb, &info, 1);
  return info;
}
static inline int LAPACKE_dpotri_work(int order, char uplo, int n, double *a, int lda) {
  int info = 0;
  (void)order;
  dpotri_(&uplo, &n, a, &lda, &info, 1);
  return info;
}
static inline int LAPACKE_dgesdd_work(int order, char job, int m, int n, double *a, int lda,
                                      double *s, double *u, int ldu, double *vt, int ldvt,
                                      double *work, int lwork, int *iwork) {
  int info = 0;
  (void)order, (void)iwork;
  dgesvd_(&job, &job, &m, &n, a, &lda, s, u, &ldu, vt, &ldvt, work, &lwork, &info, 1, 1);
  return info;
}
static inline int LAPACKE_dsyevd_work(int order, char job, char uplo, int n, double *a, int lda,
                                      double *w, double *work, int lwork, int *iwork, int liwork) {
  int info = 0;
  (void)order, (void)iwork, (void)liwork;
  dsyev_(&job, &uplo, &n, a, &lda, w, work, &lwork, &info, 1, 1);
  return info;
}
static inline int LAPACKE_dgeev_work(int order, char left, char right, int n, double *a, int lda,
                                     double *wr, double *wi, double *vl, int ldvl, double *vr,
                                     int ldvr, double *work, int lwork) {
  int info = 0;
  (void)order;
  dgeev_(&left, &right, &n, a, &lda, wr, wi, vl, &ldvl, vr, &ldvr, work, &lwork, &info, 1, 1);
  return info;
}
static inline int LAPACKE_zgees_work(int order, char job, char sort, void *select, int n, void *a,
                                     int lda, int *sdim, void *w, void *vs, int ldvs, void *work,
                                     int lwork, double *rwork, int *bwork) {
  int info = 0;
  (void)order;
  zgees_(&job, &sort, select, &n, a, &lda, sdim, w, vs, &ldvs, work, &lwork, rwork, bwork, &info, 1,
         1);
  return info;
}
static inline int LAPACKE_zgetrf_work(int order, int m, int n, void *a, int lda, int *pivot) {
  int info = 0;
  (void)order;
  zgetf2_(&m, &n, a, &lda, pivot, &info);
  return info;
}
static inline int LAPACKE_zgesv_work(int order, int n, int k, void *a, int lda, int *pivot, void *b,
                                     int ldb) {
  int info = LAPACKE_zgetrf_work(order, n, n, a, lda, pivot);
  if (info) return info;
  zgetrs_("N", &n, &k, a, &lda, pivot, b, &ldb, &info, 1);
  return info;
}
static inline int LAPACKE_zpotrf_work(int order, char uplo, int n, void *a, int lda) {
  int info = 0;
  (void)order;
  zpotf2_(&uplo, &n, a, &lda, &info, 1);
  return info;
}
static inline int LAPACKE_zheev_work(int order, char job, char uplo, int n, void *a, int lda,
                                     double *w, void *work, int lwork, double *rwork) {
  (void)order, (void)job, (void)uplo, (void)lda, (void)work, (void)lwork, (void)rwork;
  return rest_zheev(n, a, w);
}
static inline int LAPACKE_zgeev_work(int order, char left, char right, int n, void *a, int lda,
                                     void *w, void *vl, int ldvl, void *vr, int ldvr, void *work,
                                     int lwork, double *rwork) {
  (void)order, (void)left, (void)right, (void)lda, (void)vl, (void)ldvl, (void)ldvr, (void)work;
  (void)lwork, (void)rwork;
  return rest_zgeev(n, a, w, vr);
}
static inline int LAPACKE_zgesvd_work(int order, char jobu, char jobvt, int m, int n, void *a,
                                      int lda, double *s, void *u, int ldu, void *vt, int ldvt,
                                      void *work, int lwork, double *rwork) {
  (void)order, (void)jobu, (void)jobvt, (void)lda, (void)ldu, (void)ldvt, (void)work, (void)lwork;
  (void)rwork;
  return rest_zgesvd(m, n, a, s, u, vt);
}

#endif
