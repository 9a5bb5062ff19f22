#!/usr/bin/env bash
# The notebook kernel of jupyter/: the notebook of the tutorial is executed, and a front end asks the kernel. Installs Debian's
# ipykernel and nbconvert if they are missing. The last line is `N passed, N failed`.
set -euo pipefail
cd "$(dirname "$0")/.."
. bin/setup

need python3-ipykernel python3-nbconvert python3-jupyter-client
make --quiet all

folder=$PWD/build/jupyter
rm -rf "$folder" && mkdir -p "$folder/kernels"
ln -s "$PWD/jupyter/nabla" "$folder/kernels/nabla"
export JUPYTER_PATH=$folder NABLA=$PWD/bin/nabla PYDEVD_DISABLE_FILE_VALIDATION=1 PYTHONDONTWRITEBYTECODE=1

# Debian's Python, which has Debian's packages
/usr/bin/python3 -m nbconvert --log-level WARN --to notebook --execute --output-dir "$folder" jupyter/tutorial.ipynb
/usr/bin/python3 -m nbconvert --log-level WARN --to html --output-dir "$folder" "$folder/tutorial.ipynb"
/usr/bin/python3 tools/try_jupyter.py "$folder/tutorial.ipynb"
