#!/usr/bin/env bash
# Installs nabla with LuaRocks in each way that the README names, into trees of their own, for Lua 5.4 and 5.3, and runs what is installed
# from another folder. Needs luarocks and zip, and for 5.3 lua5.3 and liblua5.3-dev (without them 5.3 is left out); the Lua modules
# come from the system's packages, so nothing is fetched. The log of a step that fails is shown; the exit status is then 1.
set -uo pipefail
cd "$(dirname "$0")/.."
checkout=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export XDG_CACHE_HOME=$folder/cache

passed=0
failed=0
check() {
  local title=$1
  shift
  if "$@" >"$folder/log" 2>&1; then
    passed=$((passed + 1))
    echo "ok: $title"
  else
    failed=$((failed + 1))
    echo "FAILED: $title"
    tail -n 20 "$folder/log"
  fi
}

rocks() { luarocks --lua-version "$lua" --tree "$1" "${@:2}"; }

prints() {
  local expected=$1 found
  shift
  found=$(cd / && "$@" 2>&1)
  [ "$found" = "$expected" ] || { echo "expected: $expected"; echo "found: $found"; return 1; }
}

# What a tree holds works: the command, and a script that finds the tree by `luarocks path`.
works() {
  local version expected
  version=$(sed -n 's/^M.version = "\(.*\)"$/\1/p' "$checkout/lua/nabla/init.lua")
  expected="2*A'*(A*x - b)"
  prints "nabla $version" "$1/bin/nabla" --version &&
    prints "$expected" "$1/bin/nabla" diff "norm2(A*x - b)^2" x &&
    prints "$expected" bash -c 'eval "$(luarocks --lua-version "$1" --tree "$2" path)"; "lua$1" -e "$3"' - "$lua" "$1" \
      'print(require "nabla".new():diff("norm2(A*x - b)^2", "x"))'
}

# After the first start there is an image of the rules in the user's cache, which the second takes as it is.
kept() {
  local own=$folder/kept image stamp
  rm -rf "$own"
  XDG_CACHE_HOME=$own prints "A'" "$1/bin/nabla" diff "tr(A*X)" X && image=$(ls "$own"/nabla/*.image) &&
    stamp=$(stat -c %y "$image") && XDG_CACHE_HOME=$own prints "A'" "$1/bin/nabla" diff "tr(A*X)" X &&
    [ "$stamp" = "$(stat -c %y "$own"/nabla/*.image)" ]
}

removed() {
  rocks "$1" remove nabla && [ -z "$(find "$1" -path '*nabla*' -not -name 'manifest*' -type f)" ]
}

documented() {
  rocks "$1" doc nabla --list | tee "$folder/list" && grep -q tutorial.md "$folder/list" && grep -q README.md "$folder/list" &&
    [ -f "$1/lib/luarocks/rocks-$lua/nabla/"*/examples/newton.lua ]
}

# The checkout as someone gets it, without what is built here.
check "make release" make --quiet release
mkdir "$folder/source" && tar -xzf build/rocks/nabla-*.tar.gz -C "$folder/source" --strip-components=1
versions=(5.4)
if [ -f /usr/include/lua5.3/lua.h ] && command -v lua5.3 >/dev/null; then versions+=(5.3); fi

for lua in "${versions[@]}"; do
  cd "$folder/source" || exit 1
  check "$lua: luarocks make" rocks "$folder/made-$lua" make --deps-mode=none
  check "$lua: it works" works "$folder/made-$lua"
  check "$lua: the second start needs no rules" kept "$folder/made-$lua"
  check "$lua: documents and examples are installed" documented "$folder/made-$lua"
  cd "$folder" || exit 1
  check "$lua: luarocks pack" rocks "$folder/made-$lua" pack nabla
  check "$lua: install the packed rock" rocks "$folder/packed-$lua" install --deps-mode=none "$folder"/nabla-*.linux-*.rock
  check "$lua: it works" works "$folder/packed-$lua"
  check "$lua: luarocks remove" removed "$folder/packed-$lua"
  rm -f "$folder"/nabla-*.rock
  find "$folder/source/src" -name '*.o' -delete
done

lua=5.4
check "install from the release folder" rocks "$folder/server" install --deps-mode=none --only-server="$checkout/build/rocks" nabla
check "it works" works "$folder/server"
if [ -f /usr/include/lapacke.h ]; then
  check "install nabla-numeric" rocks "$folder/server" install --deps-mode=none --only-server="$checkout/build/rocks" nabla-numeric
  check "it works" prints 12 bash -c 'eval "$(luarocks --lua-version 5.4 --tree "$1" path)"; lua5.4 -e "$2"' - "$folder/server" \
    'print(require "nabla".new():compile "a*b" { a = 3, b = 4 })'
fi

echo "$passed of $((passed + failed)) steps with LuaRocks"
[ "$failed" -eq 0 ]
