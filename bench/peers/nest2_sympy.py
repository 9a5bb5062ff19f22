"""The n-th derivative of nest2 (see bench/derivative.lua) in SymPy: the median seconds of 3 runs. Argument: n."""

import statistics
import sys
import time

from sympy import cos, exp, sin, symbols
from sympy.core.cache import clear_cache

n = int(sys.argv[1])
x = symbols("x")
taken = []
for _ in range(3):
    clear_cache()
    f = x
    for _ in range(2):
        f = sin(exp(f + x**2) * cos(3 * f))
    start = time.perf_counter()
    for _ in range(n):
        f = f.diff(x)
    taken.append(time.perf_counter() - start)
print(statistics.median(taken))
