#!/usr/bin/env bash
# The page of web/: built, measured, its answers compared with those of the command, and driven in Chromium and Firefox. Installs what it needs.
# The last line is `N passed, N failed`.
set -euo pipefail
cd "$(dirname "$0")/.."
. bin/setup

need chromium firefox-esr fonts-wqy-microhei gzip
web/build.sh

page=build/web/nabla.html
size=$(gzip -9 <"$page" | wc -c)
echo "the page has $(wc -c <"$page") bytes, $size of them compressed"
[ "$size" -lt 1500000 ] || { echo "the page is too large" >&2; exit 1; }

# Each request of the seeds, also with its answer compared with finite differences: the engine of the page and the command give
# the same bytes.
make --quiet all
requests=$(mktemp -d)
trap 'rm -rf "$requests"' EXIT
lua5.4 tools/web_requests.lua >"$requests/plain"
sed 's/}$/,"verify":true}/' "$requests/plain" | cat "$requests/plain" - >"$requests/requests"
bin/nabla batch <"$requests/requests" >"$requests/native"
node web/answers.cjs build/web/engine.js <"$requests/requests" >"$requests/page"
cmp "$requests/native" "$requests/page"
echo "$(wc -l <"$requests/native") answers are those of the command"

mkdir -p build/web/pictures
node web/test-firefox.mjs "$page" build/web/packages build/web/pictures
node web/test.mjs "$page" build/web/packages build/web/pictures
