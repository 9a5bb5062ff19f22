"""a'*tanh(W1*tanh(W2*..*x)) by x in SymPy: the median seconds of 3 runs. Argument: the depth."""

import statistics
import sys
import time

from sympy import MatrixSymbol, symbols, tanh
from sympy.core.cache import clear_cache

depth = int(sys.argv[1])
n = symbols("n", integer=True, positive=True)
x, a = MatrixSymbol("x", n, 1), MatrixSymbol("a", n, 1)
taken = []
for _ in range(3):
    clear_cache()
    f = x
    for i in range(depth):
        f = (MatrixSymbol(f"W{i}", n, n) * f).applyfunc(tanh)
    start = time.perf_counter()
    (a.T * f).diff(x)
    taken.append(time.perf_counter() - start)
print(statistics.median(taken))
