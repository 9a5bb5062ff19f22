#!/usr/bin/env bash
# Packs this checkout into build/rocks: an archive of the sources, the rockspecs, and source rocks that hold both; and makes the folder
# a rocks server. Nothing is fetched. `make release`, or with the public folder where the archive will be:
#
#     make release URL=https://HOST/FOLDER
#
# After that, here or wherever the folder is copied or served:
#
#     luarocks --lua-version 5.4 install --server=$PWD/build/rocks nabla
set -euo pipefail
cd "$(dirname "$0")/.."
url=${1:-}
rocks=build/rocks

fail() {
  echo "release: $*" >&2
  exit 1
}

for program in luarocks luarocks-admin zip; do
  command -v "$program" >/dev/null || fail "$program is missing: apt-get install luarocks zip"
done
version=$(sed -n 's/^M.version = "\(.*\)"$/\1/p' lua/nabla/init.lua)
[ -f "nabla-$version-1.rockspec" ] || fail "there is no nabla-$version-1.rockspec for the version that lua/nabla/init.lua states"

files() {
  if [ -e .git ]; then
    [ -z "$(git status --porcelain)" ] || echo "release: not all changes are committed; they are packed all the same" >&2
    git ls-files
  else
    find . -type f -not -path './build/*' -not -name '*.o' -not -name '*.rock' -printf '%P\n'
  fi
}

rm -rf "$rocks"
mkdir -p "$rocks"
archive=nabla-$version.tar.gz
# The same files give the same bytes.
files | LC_ALL=C sort | tar --create --no-recursion --files-from=- --transform="s,^,nabla-$version/," \
  --owner=0 --group=0 --numeric-owner --mode=go-w --mtime=@0 | gzip -9n >"$rocks/$archive"

for rockspec in nabla-$version-1 nabla-numeric-$version-1; do
  sed "s,url = \"$archive\".*,url = \"${url:+${url%/}/}$archive\"\,," "$(find . rockspecs/others -maxdepth 1 -name "$rockspec.rockspec" | head -n 1)" \
    >"$rocks/$rockspec.rockspec"
  (cd "$rocks" && zip -q "$rockspec.src.rock" "$rockspec.rockspec" "$archive")
done
luarocks-admin --lua-version 5.4 make-manifest "$rocks" >/dev/null # for all versions of Lua
ls "$rocks"
