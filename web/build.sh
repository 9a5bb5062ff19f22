#!/usr/bin/env bash
# The page: build/web/nabla.html, one file that needs no server; beside it engine.js, the engine alone.
# Installs emscripten from Debian and the packages of package.json from npm.
set -euo pipefail
cd "$(dirname "$0")/.."
. bin/setup

need emscripten lua-argparse lua-dkjson lua5.4 zstd
command -v npm >/dev/null || need nodejs npm
tools/sources.sh
export NODE_PATH=/usr/share/nodejs # emscripten's optimiser looks for acorn there

out=build/web
library=build/wasm/libstandalone.a
packages=$out/packages
mkdir -p "$packages"
cp web/package.json web/package-lock.json "$packages/"
(cd "$packages" && npm ci --silent --no-audit --no-fund)
make --quiet -j"$(nproc)" -f tools/standalone.mk BUILD=build/wasm CC=emcc AR=emar CFLAGS=-Os

# ---------------------------------------------------------------------------------------------- the files in the engine

files=$out/nabla
rm -rf "$files" && mkdir -p "$files/lib/nabla" "$files/lua/web"
lua5.4 tools/shortened.lua "$files/lua" lua $(cd lua && find . -name '*.lua' -printf '%P ') # without comments: half the size
lua5.4 tools/shortened.lua "$files/lua/web" web worker.lua
cp /usr/share/lua/5.4/dkjson.lua "$files/lua/"
cp -r rules "$files/"
sha256sum <"$library" >"$files/lib/nabla/core.so" # its digest is in the image

emcc -Os -Ibuild/sources/lua/src web/engine.c "$library" -s MODULARIZE=1 -s EXPORT_NAME=NablaEngine -s ALLOW_MEMORY_GROWTH=1 \
  -s EXPORTED_RUNTIME_METHODS='["cwrap","FS"]' -s FORCE_FILESYSTEM=1 -s TOTAL_STACK=1048576 \
  -s ENVIRONMENT=web,worker,node -o "$out/core.js"
node web/pack.mjs "$out/core" "$files" "$packages" "$out/engine.js"
node web/image.cjs "$out/engine.js" "$files/lib/nabla/rules.image" # by the engine that reads it, as the last of its files
node web/pack.mjs "$out/core" "$files" "$packages" "$out/engine.js"

# ---------------------------------------------------------------------------------------------- the page

node web/page.mjs "$out" "$packages"
