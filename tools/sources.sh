#!/usr/bin/env bash
# The sources that a build without a system's Lua and GMP needs: build/sources/lua, lpeg, mini-gmp. From Debian's source packages,
# with a list of sources of its own, so that the system's settings stay as they are.
set -euo pipefail
cd "$(dirname "$0")/.."

place=$PWD/build/sources
[ -f "$place/.complete" ] && exit 0
mkdir -p "$place/lists/partial"
cd "$place"

. /etc/os-release
echo "deb-src http://deb.debian.org/debian ${VERSION_CODENAME:-bookworm} main" >sources.list
own=(-o "Dir::Etc::SourceList=$place/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$place/lists"
  -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache= -o APT::Sandbox::User=root)
apt-get "${own[@]}" -qq update
apt-get "${own[@]}" -qq source --download-only lua5.4 lua-lpeg gmp

# The folder `name` from the archive of a package.
unpack() {
  local name=$1
  rm -rf "$name" && mkdir "$name"
  tar xf "$2" -C "$name" --strip-components=1
}
unpack lua lua5.4_*.orig.tar.*
unpack lpeg lua-lpeg_*.orig.tar.*
unpack gmp gmp_*.orig.tar.*
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
touch .complete
