#!/usr/bin/env bash
# The LaTeX package of latex/: the example article with three engines, in two passes, and with LuaLaTeX in one; the manual; and
# errors at their lines. Installs LaTeX (about 400 MB) if it is missing; takes a minute without that.
# The last line is `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")/.."
. bin/setup

need texlive-latex-base texlive-latex-recommended texlive-latex-extra texlive-luatex texlive-xetex lmodern poppler-utils latexmk \
  lua5.3 liblua5.3-dev || exit 1
make --quiet all || exit 1

root=$PWD
folder=$root/build/latex/trial
rm -rf "$folder" && mkdir -p "$folder" && cd "$folder" || exit 1
export TEXINPUTS=$root/latex: LUAINPUTS=$root/latex:
passed=0 failed=0

expect() { # title, then a command that has to succeed
  local title=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "failed: $title" >&2
  fi
}

run() { # an engine, its options, a document
  "$1" -interaction=nonstopmode "${@:2}" >"$1.out" 2>&1
}

# Is a text on the pages? Spaces do not count.
shows() {
  pdftotext "$1" - | tr -d ' \n' | grep -qF "$(tr -d ' ' <<<"$2")"
}

lacks() {
  [ -s "$1" ] && ! shows "$@"
}

expect "the derivations of all cases, in English and Chinese" make --quiet -C "$root" latex
for engine in pdflatex xelatex lualatex; do
  cp "$root/examples/article.tex" "$engine.tex"
  expect "$engine, first pass" run "$engine" "$engine.tex"
  expect "$engine: there are no answers yet" shows "$engine.pdf" "??"
  expect "$engine: the warning" grep -q "nabla latex" "$engine.log"
  expect "$engine: answers" "$root/bin/nabla" latex "$engine"
  expect "$engine, second pass" run "$engine" -halt-on-error "$engine.tex"
  run "$engine" -halt-on-error "$engine.tex" # column widths of the table
  expect "$engine: every answer is there" lacks "$engine.pdf" "??"
  expect "$engine: two pages" grep -q "Output written on .* (2 pages" "$engine.log"
  expect "$engine: nothing is too wide" bash -c "! grep -q 'Overfull .hbox' $engine.log"
done
expect "a reason of a derivation" shows pdflatex.pdf "squared norm (Matrix Cookbook (132))"
expect "a table" shows pdflatex.pdf "sum of scalars, by a matrix"
expect "a second call computes nothing" bash -c "'$root/bin/nabla' latex pdflatex | grep -q ' 0 of them new, 0 errors'"
expect "fresh answers are the same" bash -c \
  "cp pdflatex.nabla-answers before; '$root/bin/nabla' latex pdflatex --fresh >fresh.out; cmp before pdflatex.nabla-answers"

# in the same run
(cd "$root" && make --quiet engine BUILD=build/lua53-latex LUA=lua5.3 LUA_INCDIR=/usr/include/lua5.3) || exit 1
mkdir -p engine/build && ln -sfn "$root/build/lua53-latex" engine/build/lua53 && ln -sfn "$root/lua" engine/lua &&
  ln -sfn "$root/rules" engine/rules
sed 's/\\usepackage{nabla}/\\usepackage[inprocess,path=engine]{nabla}/' "$root/examples/article.tex" >same_run.tex
expect "LuaLaTeX in one run" run lualatex --shell-escape -halt-on-error same_run.tex
expect "LuaLaTeX in one run: every answer is there" lacks same_run.pdf "??"
expect "LuaLaTeX in one run: a reason" shows same_run.pdf "squared norm"
expect "LuaLaTeX in one run: no requests" test ! -e same_run.nabla
run lualatex same_run.tex
expect "LuaLaTeX without --shell-escape: a warning" grep -q "only under --shell-escape" same_run.log
expect "LuaLaTeX without --shell-escape: requests" test -s same_run.nabla

# nabla called by LaTeX
mkdir -p path && ln -sfn "$root/bin/nabla" path/nabla
sed 's/\\usepackage{nabla}/\\usepackage[run]{nabla}/' "$root/examples/article.tex" >by_itself.tex
expect "the option run" env PATH="$folder/path:$PATH" pdflatex -shell-escape -interaction=batchmode by_itself.tex
expect "the option run: answers" test -s by_itself.nabla-answers

# latexmk, by itself; slides
mkdir -p latexmk && cp "$root/latex/latexmkrc" latexmk/.latexmkrc && cp "$root/examples/article.tex" "$root/examples/slides.tex" latexmk/
mk() {
  (cd latexmk && PATH="$folder/path:$PATH" latexmk -pdf -interaction=batchmode "$1.tex" >"$1.said" 2>&1)
}
for document in article slides; do
  expect "latexmk $document.tex" mk "$document"
  expect "latexmk: every answer of $document is there" lacks "latexmk/$document.pdf" "??"
done
expect "slides: one for each step" grep -q "Output written on .* (5 pages" latexmk/slides.log
sed -i 's/norm2(A/2*norm2(A/' latexmk/slides.tex
expect "latexmk after a change" mk slides
expect "latexmk after a change: the new answer" shows latexmk/slides.pdf "4A"
expect "latexmk: nothing is left to do" bash -c "cd latexmk && PATH='$folder/path:$PATH' latexmk -pdf slides.tex | grep -q 'up-to-date'"

# errors
cat >wrong.tex <<'END'
\documentclass{article}
\usepackage{nabla}
\begin{document}
$\nabladiff{tr(A*B}{A}$

\nablacheck{d(x'*A*x)/dx = 2*A*x}
\begin{align} a &= \nabladiff[layout=nominator]{x}{x} \end{align}
\nabladiff{"\back}{x}
\nabladiff[bogus=1]{x}{x}
\end{document}
END
run pdflatex wrong.tex
"$root/bin/nabla" latex wrong >wrong.answers 2>wrong.errors
expect "the exit status of a document with errors" test $? -eq 1
run pdflatex wrong.tex
error_at() { # a line of the document, a message
  grep -A 9 -F "! Package nabla Error: $2" wrong.log | grep -q "^l\.$1 "
}
expect "a mistake in an expression" error_at 4 'this `(` is never closed'
expect "a wrong claim" error_at 6 'the claimed formula is not right'
expect "an unknown layout" error_at 7 "unknown layout 'nominator'; did you mean denominator?"
expect "quotes and backslashes" error_at 8 ""
expect "an unknown option" error_at 9 'There is no option `bogus'
expect "the line in what nabla says" grep -q "^wrong.tex:6: the claimed formula is not right" wrong.errors

# Chinese
cat >chinese.tex <<'END'
\documentclass{article}
\usepackage[lang=zh,notation=course_notes]{nabla}
\begin{document}
\nabladerive{norm2(A*x - b)^2}{x}
\end{document}
END
run xelatex chinese.tex
expect "Chinese reasons" bash -c "'$root/bin/nabla' latex chinese >chinese.answers && grep -q 范数平方的微分 chinese.nabla-answers"
expect "a page with them" run xelatex chinese.tex

expect "the manual" make --quiet -C "$root" latex-manual
expect "the manual: every answer is there" bash -c "[ \$(pdftotext '$root/build/latex/nabla-manual.pdf' - | grep -c '??') -eq 1 ]"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
