#!/usr/bin/env bash
# Runs the functions that nabla exports in the languages that can be installed here, on problems of spec/data/corpus, and compares what
# they give with nabla's own values: value and gradient, and of every third function of a scalar what its check_gradient finds, of
# another third the Hessian and its product with a vector. The formulas for Typst are set by its compiler, from npm.
# Arguments: the languages (default all). Installs what they need; PyTorch, which is large, is run where it is there. JAX and Julia
# are in no Debian package: their texts are not run (tools/code/syntax.py looks at JAX's). The exit status is 1 after a wrong value,
# and where a language has fewer than 60 problems.
set -uo pipefail
cd "$(dirname "$0")/.."
. bin/setup
export LUA_PATH="./lua/?.lua;./lua/?/init.lua;./?.lua;;" LUA_CPATH="./build/?.so;;"

LEAST=60
status=0
python=/usr/bin/python3
wanted=" ${*:-numpy torch jax octave r lua fortran c cpp typst} "

# Every EACH-th problem, in a language that is there where a command succeeds.
try() {
  local language=$1 each=$2 there=$3
  shift 3
  case $wanted in *" $language "*) ;; *) return ;; esac
  if ! sh -c "$there" >/dev/null 2>&1; then
    echo "$language: not there, left out"
    return
  fi
  local said right
  said=$(lua5.4 tools/code/problems.lua "$language" "$each" 2>/dev/null | "$@" | tail -n 5) || status=1
  echo "$language: $said"
  right=$(printf '%s\n' "$said" | sed -n 's/^\([0-9]*\) right.*/\1/p')
  if [ "${right:-0}" -lt "$LEAST" ]; then
    echo "$language: fewer than $LEAST problems are right"
    status=1
  fi
}

install() {
  local languages=$1
  shift
  for language in $languages; do
    case $wanted in *" $language "*) need "$@" || status=1; return ;; esac
  done
}

install "numpy" python3-numpy python3-scipy
install "octave" octave
install "r" r-base-core
install "fortran" gfortran liblapack-dev libopenblas-dev
install "c" gcc pkg-config liblapacke-dev libopenblas-dev
install "cpp" g++ libeigen3-dev

try numpy 43 "$python -c 'import numpy, scipy'" $python tools/code/run_python.py
try torch 47 "$python -c 'import torch'" $python tools/code/run_python.py
try jax 43 "$python --version" $python tools/code/syntax.py
try octave 43 "octave --version" lua5.4 tools/code/run.lua octave
try r 43 "Rscript --version" lua5.4 tools/code/run.lua r
try lua 43 "true" lua5.4 tools/code/run.lua lua
try fortran 47 "gfortran --version" lua5.4 tools/code/run.lua fortran
try c 55 "test -f /usr/include/lapacke.h" lua5.4 tools/code/run.lua c
try cpp 53 "test -d /usr/include/eigen3" lua5.4 tools/code/run.lua cpp
try typst 43 "mkdir -p build/typst && npm install --silent --no-audit --no-fund --prefix build/typst \
  @myriaddreamin/typst-ts-node-compiler@0.7.0" node tools/code/typst.mjs build/typst
exit $status
