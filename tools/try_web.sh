#!/usr/bin/env bash
# The page of web/: built, measured, its answers compared with those of the command, and driven in Chromium. Installs what it needs.
# The last line is `N passed, N failed`.
set -euo pipefail
cd "$(dirname "$0")/.."
. bin/setup

need chromium fonts-wqy-microhei gzip
web/build.sh

page=build/web/nabla.html
size=$(gzip -9 <"$page" | wc -c)
echo "the page has $(wc -c <"$page") bytes, $size of them compressed"
[ "$size" -lt 1500000 ] || { echo "the page is too large" >&2; exit 1; }

# each request of the seeds: the engine of the page and the command give the same bytes
make --quiet all
requests=$(mktemp -d)
trap 'rm -rf "$requests"' EXIT
lua5.4 tools/web_requests.lua >"$requests/requests"
bin/nabla batch <"$requests/requests" >"$requests/native"
node web/answers.cjs build/web/engine.js <"$requests/requests" >"$requests/page"
cmp "$requests/native" "$requests/page"
echo "$(wc -l <"$requests/native") answers are those of the command"

mkdir -p build/web/pictures
node web/test.mjs "$page" build/web/packages build/web/pictures
