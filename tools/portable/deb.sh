#!/usr/bin/env bash
# A Debian package for this kind of processor: build/deb/nabla_VERSION_ARCH.deb.
set -euo pipefail
cd "$(dirname "$0")/../.."
. bin/setup

need_for_build
need dpkg-dev
version=$(bin/nabla --version 2>/dev/null | grep -oE '[0-9.]+' || sed -n 's/^M.version = "\(.*\)"$/\1/p' lua/nabla/init.lua)
arch=$(dpkg --print-architecture)
multiarch=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
root=build/deb/root
rm -rf build/deb && mkdir -p "$root/DEBIAN"

make --quiet all
make --quiet install DESTDIR="$PWD/$root" INST_LUADIR=/usr/share/lua/5.4 INST_LIBDIR="/usr/lib/$multiarch/lua/5.4" INST_BINDIR=/usr/bin \
  INST_DOCDIR=/usr/share/doc/nabla INST_TEXDIR=/usr/share/texmf/tex/latex/nabla INST_KERNELDIR=/usr/share/jupyter/kernels/nabla
rm -f "$root/usr/lib/$multiarch/lua/5.4/nabla/rules.image" # of another place; the postinst makes one
mv "$root/usr/share/doc/nabla/LICENSE" "$root/usr/share/doc/nabla/copyright"
gzip -9n "$root/usr/share/doc/nabla/CHANGELOG.md"

# What the engine and the numeric module are linked with, as packages.
mkdir -p build/deb/debian && touch build/deb/debian/control
needed=$(cd build/deb && dpkg-shlibdeps -O $(find root -name '*.so') 2>/dev/null | sed 's/^shlibs:Depends=//')

cat >"$root/DEBIAN/control" <<END
Package: nabla
Version: $version
Architecture: $arch
Maintainer: The nabla authors <nabla@example.org>
Section: math
Priority: optional
Depends: lua5.4, lua-lpeg, lua-argparse, lua-dkjson${needed:+, $needed}
Suggests: lua-readline, texlive-latex-recommended, python3-ipykernel
Description: computer algebra for matrix calculus, scriptable in Lua
 Derivatives, differentials and Hessians of expressions in vectors and
 matrices, in the layout of your book, with their derivations. Equations,
 convexity, code. All rules of calculus are rule files that can be edited.
END
cat >"$root/DEBIAN/postinst" <<END
#!/bin/sh
# What makes a start quick, made where it is used; the list of TeX's files.
set -e
lua5.4 -e 'require("nabla.session.image").write "/usr/lib/$multiarch/lua/5.4/nabla/rules.image"' || true
lua5.4 -e 'require "nabla" assert(require("nabla.start.compile").again())' || true
if command -v mktexlsr >/dev/null; then mktexlsr /usr/share/texmf >/dev/null 2>&1 || true; fi
END
cat >"$root/DEBIAN/postrm" <<END
#!/bin/sh
set -e
if command -v mktexlsr >/dev/null; then mktexlsr /usr/share/texmf >/dev/null 2>&1 || true; fi
END
cat >"$root/DEBIAN/prerm" <<END
#!/bin/sh
set -e
rm -f "/usr/lib/$multiarch/lua/5.4/nabla/rules.image"
END
chmod 755 "$root/DEBIAN/postinst" "$root/DEBIAN/prerm" "$root/DEBIAN/postrm"
dpkg-deb --root-owner-group --build "$root" "build/deb/nabla_${version}_$arch.deb" >/dev/null
ls -l build/deb/*.deb
