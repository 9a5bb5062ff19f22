#!/usr/bin/env bash
# The one executable, in an empty root folder and beside the command; the Debian package, unpacked. `tools/try_portable.sh debian` also
# installs the package in a fresh Debian of its own (debootstrap), which takes a minute more. Needs root for the root folders.
# The last line is `N passed, N failed`.
set -euo pipefail
cd "$(dirname "$0")/.."
. bin/setup

tools/portable/build.sh
tools/portable/deb.sh >/dev/null
nabla=$PWD/build/portable/nabla
echo "the executable has $(wc -c <"$nabla") bytes"

passed=0
failed=0
# A title, what is expected, what is found.
equal() {
  if [ "$2" = "$3" ]; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    printf 'FAILED %s: expected\n%s\nfound\n%s\n' "$1" "$2" "$3"
  fi
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

equal "it is static" "" "$(ldd "$nabla" 2>/dev/null | grep '=>' || true)"

# An empty root folder: no Lua, no library, no shell, no /etc.
mkdir "$work/root"
cp "$nabla" "$work/root/"
cat >"$work/root/own.rules" <<'END'
function twice(x(n)): vector (n) = 2*x
END
inside() { chroot "$work/root" /nabla "$@" 2>&1 || true; }
if [ "$(id -u)" -eq 0 ]; then
  equal "a derivative" "2*A'*(A*x - b)" "$(inside diff 'norm2(A*x - b)^2' x)"
  equal "a rule file from the disk" "2*ones(n)" "$(inside diff 'sum(twice(x))' x --rules /own.rules)"
  equal "a rule file that is read later" "Vector by scalar" "$(inside table vector-by-scalar | grep -o '^Vector by scalar')"
  equal "an equation" "X = lyapunov(A, Q)" "$(inside solve "A*X + X*A' = Q" --for X | grep X)"
  equal "an answer that is verified" "2*x" "$(inside diff "x'*x" x --verify)"
  equal "a formula from a page" "right under a condition" "$(inside identify "d(x'*A*x)/dx = 2*A*x" | head -n 1)"
  printf 'let matrix A(n,n)\ncheck "gain" tr(2*A) == 2*tr(A)\n' >"$work/root/check.rules"
  equal "a rule file that is proved" "/check.rules: 1 proved (1 check), all modulo 2^61-1" "$(inside check /check.rules)"
  equal "an error" "nabla: 1:3: this \`(\` is never closed" "$(inside diff 'tr(X' X | head -n 1)"
else
  echo "the empty root folder is not tried: it needs root"
fi

make --quiet all
lua5.4 tools/web_requests.lua >"$work/plain"
sed 's/}$/,"verify":true}/' "$work/plain" | cat "$work/plain" - >"$work/requests"
bin/nabla batch <"$work/requests" >"$work/expected"
"$nabla" batch <"$work/requests" >"$work/found"
equal "the answers to the cases of the documents" "$(cksum <"$work/expected")" "$(cksum <"$work/found")"

# The numeric module with the LAPACK that is inside passes the specs of the one with OpenBLAS.
need lua-busted liblua5.4-dev
make --quiet tested
other=build/with-lapack-in-c
mkdir -p "$other/nabla/numeric" && cp build/nabla/core.so "$other/nabla/" && cp build/judge_dense.so "$other/"
${CC:-cc} -w -O2 -fPIC -shared -fvisibility=hidden -DIEEE_COMPLEX_DIVIDE -Isrc -Itools/lapack $(pkg-config --cflags lua5.4) \
  src/numeric/*.c build/sources/lapack/*.c -o "$other/nabla/numeric/core.so" -lm
equal "the specs of the numeric module" "0 failed" "$(busted --cpath="./$other/?.so" spec/unit/numeric | tail -n 1 | sed 's/.*, //')"

# A folder of rule files takes the place of those inside.
cp -r rules "$work/rules"
echo 'function inside_out(x(n)): vector (n) = 3*x' >>"$work/rules/functions/elementwise.rules"
equal "rule files in place of those inside" "3*ones(n)" "$(NABLA_RULES="$work/rules" "$nabla" diff 'sum(inside_out(x))' x)"

# The Debian package, without its dependencies.
dpkg-deb -x build/deb/nabla_*.deb "$work/package"
lib=$(echo "$work"/package/usr/lib/*/lua/5.4)
packaged() {
  LUA_PATH="$work/package/usr/share/lua/5.4/?.lua;$work/package/usr/share/lua/5.4/?/init.lua;;" LUA_CPATH="$lib/?.so;;" \
    "$work/package/usr/bin/nabla" "$@"
}
equal "the unpacked package" "inv(X)'" "$(cd / && packaged diff 'logdet(X)' X)"

equal "the unpacked package: files for TeX and Jupyter" "kernel.json nabla-in-tex.lua nabla.sty nabla_kernel.py" \
  "$(cd "$work/package/usr/share" && find texmf jupyter -type f -printf '%f\n' | sort | tr '\n' ' ' | sed 's/ $//')"

if [ "${1:-}" = debian ]; then
  need debootstrap
  debootstrap --variant=minbase bookworm "$work/debian" http://deb.debian.org/debian >/dev/null
  cp build/deb/nabla_*.deb "$work/debian/tmp/"
  chroot "$work/debian" sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends /tmp/nabla_*.deb' >/dev/null 2>&1
  equal "the installed package" "inv(X)'" "$(chroot "$work/debian" nabla diff 'logdet(X)' X)"
  equal "the installed package with numbers" "2*x" "$(chroot "$work/debian" nabla diff "x'*x" x --verify)"
  chroot "$work/debian" apt-get remove -y -qq nabla >/dev/null 2>&1
  equal "the package, taken away" "" "$(find "$work/debian/usr" -path '*nabla*' -print)"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
