#!/usr/bin/env bash
# The grammar of rule files for editors, read by the machinery of VS Code: tools/editors/rules.test states what each word is. Needs
# Node.js, and takes vscode-tmgrammar-test from npm. The last line is `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")/.."
. bin/setup

command -v npm >/dev/null || need nodejs npm || exit 1
make --quiet editors || exit 1
folder=build/editors/test
mkdir -p "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" vscode-tmgrammar-test@0.1.3 >/dev/null || exit 1

grammar=build/editors/nabla-rules/rules.tmLanguage.json
run() {
  node "$folder/node_modules/vscode-tmgrammar-test/dist/unit.js" -g "$grammar" "$1"
}
passed=0 failed=0

cp tools/editors/rules.test "$folder/right.test.rules"
if run "$folder/right.test.rules"; then passed=1; else failed=1; fi

# a wrong expectation fails, so the test above can
sed 's/entity.name.function/constant.numeric/' tools/editors/rules.test >"$folder/wrong.test.rules"
if run "$folder/wrong.test.rules" >/dev/null 2>&1; then failed=$((failed + 1)); else passed=$((passed + 1)); fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
