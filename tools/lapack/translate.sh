#!/usr/bin/env bash
# translate.sh LAPACK F2C TARGET: the routines of the reference BLAS and LAPACK that src/numeric needs, as C in the folder TARGET, from
# the sources of LAPACK and of libf2c. For programs that cannot be linked with OpenBLAS. rest.c beside this file holds what f2c cannot
# translate.
set -euo pipefail
lapack=$1
libf2c=$2
target=$3

routines="
  dasum daxpy dbdsqr dcabs1 dcopy ddot dgebak dgebal dgebd2 dgebrd dgeev dgehd2 dgehrd dgelq2 dgelqf dgemm dgemv
  dgeqr2 dgeqrf dger dgesvd dgetf2 dgetri dgetrs dhseqr dlabad dlacpy dladiv dlae2 dlaev2 dlahqr dlaln2 dlange dlanst
  dlansy dlanv2 dlapy2 dlapy3 dlarf dlarfg dlas2 dlascl dlaset dlasq1 dlasq2 dlasq3 dlasq4 dlasq5 dlasq6 dlasr dlasrt
  dlasv2 dlaswp dlauu2 dlauum dorg2l dorg2r dorgbr dorghr dorgl2 dorglq dorgql dorgqr dorgtr dorm2r dormbr dorml2
  dormlq dormqr dpotf2 dpotri dpotrs drot dscal dsteqr dsterf dswap dsyev dsymv dsyr2 dsyrk dsytd2 dsytrd dtrevc
  dtrevc3 dtrmm dtrmv dtrsm dtrti2 dtrtri dzasum idamax iladlc iladlr ilazlc ilazlr izamax lsame zaxpy zcopy zdotc
  zdotu zdscal zgebak zgebal zgees zgehd2 zgehrd zgemm zgemv zgerc zgeru zgetf2 zgetrs zhseqr zlacgv zlacpy zladiv
  zlahqr zlange zlarf zlarfg zlascl zlaset zlaswp zlatrs zpotf2 zscal zswap ztrevc ztrmm ztrsm ztrsv zung2r zunghr
  zungqr
"
rm -rf "$target" && mkdir -p "$target"
for name in $routines; do
  if [ -f "$lapack/SRC/$name.f" ]; then cp "$lapack/SRC/$name.f" "$target/"; else cp "$lapack/BLAS/SRC/$name.f" "$target/"; fi
done
(cd "$target" && f2c -a -A -w ./*.f 2>errors || { cat errors >&2; exit 1; })
rm "$target"/*.f "$target/errors"

for name in d_cnjg d_imag d_lg10 d_sign pow_dd pow_di pow_zi z_abs cabs z_div z_sqrt; do cp "$libf2c/$name.c" "$target/"; done
sed 's/long int/int/' "$libf2c/f2c.h0" >"$target/f2c.h" # Fortran's integers have 32 bits
cp "$(dirname "$0")/rest.c" "$target/"
