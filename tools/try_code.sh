#!/usr/bin/env bash
# Runs the functions that nabla exports in the languages that can be installed here, on problems of spec/data/corpus, and compares what
# they give with nabla's own values. Needs python3 with NumPy, SciPy and PyTorch, Octave, R, g++ and Eigen; a language that is not
# there is named and left out. Arguments: the languages (default all). The exit status is 1 after a wrong value.
set -uo pipefail
cd "$(dirname "$0")/.."
export LUA_PATH="./lua/?.lua;./lua/?/init.lua;./?.lua;;" LUA_CPATH="./build/?.so;;"

status=0
try() {
  local language=$1 each=$2 there=$3
  shift 3
  if ! sh -c "$there" >/dev/null 2>&1; then
    echo "$language: not there, left out"
    return
  fi
  local said
  said=$(lua5.4 tools/code/problems.lua "$language" "$each" 2>/dev/null | "$@" | tail -n 5) || status=1
  echo "$language: $said"
}

python=/usr/bin/python3
wanted=" ${*:-numpy torch octave r lua fortran c cpp} "
case $wanted in *" numpy "*) try numpy 7 "$python -c 'import numpy, scipy'" $python tools/code/run_python.py ;; esac
case $wanted in *" torch "*) try torch 29 "$python -c 'import torch'" $python tools/code/run_python.py ;; esac
case $wanted in *" octave "*) try octave 13 "octave --version" lua5.4 tools/code/run.lua octave ;; esac
case $wanted in *" r "*) try r 13 "Rscript --version" lua5.4 tools/code/run.lua r ;; esac
case $wanted in *" lua "*) try lua 13 "true" lua5.4 tools/code/run.lua lua ;; esac
case $wanted in *" fortran "*) try fortran 31 "gfortran --version" lua5.4 tools/code/run.lua fortran ;; esac
case $wanted in *" c "*) try c 57 "test -f /usr/include/lapacke.h" lua5.4 tools/code/run.lua c ;; esac
case $wanted in *" cpp "*) try cpp 61 "test -d /usr/include/eigen3" lua5.4 tools/code/run.lua cpp ;; esac
exit $status
