#!/usr/bin/env bash
# One executable with everything inside: build/portable/nabla, static, for Linux on this kind of processor. It needs no Lua, no GMP,
# no OpenBLAS, no files.
set -euo pipefail
cd "$(dirname "$0")/../.."
. bin/setup

need musl-tools lua5.4 lua-argparse lua-dkjson
tools/sources.sh
out=build/portable
mkdir -p "$out"
make --quiet -j"$(nproc)" -f tools/standalone.mk BUILD="$out" CC=musl-gcc CPPFLAGS=-DLUA_USE_POSIX

lua5.4 tools/shortened.lua "$out/lua" lua $(cd lua && find . -name '*.lua' -printf '%P ')
inside=(lua/argparse.lua=/usr/share/lua/5.4/argparse.lua lua/dkjson.lua=/usr/share/lua/5.4/dkjson.lua)
for file in $(find lua -name '*.lua' | sort); do inside+=("$file=$out/$file"); done
for file in $(find rules -name '*.rules' | sort); do inside+=("$file=$file"); done

link() {
  lua5.4 tools/portable/bundle.lua "$out/bundle" "$@"
  musl-gcc -O2 -static -s -Ibuild/sources/lua/src "-DBUNDLE=\"$out/bundle\"" -o "$out/nabla" tools/portable/main.c \
    "$out/libstandalone.a" -lm
}
link "${inside[@]}"
"$out/nabla" --write-inside "$out/rules.image" # by the engine that reads it
link "${inside[@]}" rules.image="$out/rules.image"
