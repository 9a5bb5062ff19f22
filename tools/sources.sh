#!/usr/bin/env bash
# The sources that a build without a system's Lua, GMP and OpenBLAS needs: build/sources/lua, lpeg, mini-gmp, lapack. From Debian's
# source packages, with a list of sources of its own, so that the system's settings stay as they are.
set -euo pipefail
cd "$(dirname "$0")/.."

. bin/setup

place=$PWD/build/sources
lapack=$PWD/tools/lapack
made_by=$(cat tools/sources.sh tools/lapack/* | cksum)
[ "$(cat "$place/.complete" 2>/dev/null)" = "$made_by" ] && exit 0
need f2c
mkdir -p "$place/lists/partial"
cd "$place"

. /etc/os-release
echo "deb-src http://deb.debian.org/debian ${VERSION_CODENAME:-bookworm} main" >sources.list
own=(-o "Dir::Etc::SourceList=$place/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$place/lists"
  -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache= -o APT::Sandbox::User=root)
apt-get "${own[@]}" -qq update
apt-get "${own[@]}" -qq source --download-only lua5.4 lua-lpeg gmp lapack libf2c2

# The folder `name` from the archive of a package.
unpack() {
  local name=$1
  rm -rf "$name" && mkdir "$name"
  tar xf "$2" -C "$name" --strip-components=1
}
unpack lua lua5.4_*.orig.tar.*
unpack lpeg lua-lpeg_*.orig.tar.*
unpack gmp gmp_*.orig.tar.*
unpack netlib lapack_*.orig.tar.*
unpack libf2c libf2c2_*.orig.tar.*
"$lapack/translate.sh" netlib libf2c lapack
rm -rf netlib libf2c
rm -rf mini-gmp && mv gmp/mini-gmp mini-gmp && rm -rf gmp

# What mini-gmp has no function for.
cat >mini-gmp/gmp.h <<'END'
#include "mini-gmp.h"
#include "mini-mpq.h"
#include <stdarg.h>
static inline void mpq_inits(mpq_ptr x, ...) {
  va_list more;
  va_start(more, x);
  for (; x; x = va_arg(more, mpq_ptr)) mpq_init(x);
  va_end(more);
}
static inline void mpq_clears(mpq_ptr x, ...) {
  va_list more;
  va_start(more, x);
  for (; x; x = va_arg(more, mpq_ptr)) mpq_clear(x);
  va_end(more);
}
END
echo "$made_by" >.complete
