"""The nine gradients of bench/gradients.lua in SymPy: the median seconds of 5 runs of each; 0 where it has no answer, or
answers zero, or with a derivative still to be taken."""

import statistics
import time

from sympy import Derivative, Determinant, Inverse, MatrixSymbol, Trace, exp, log, symbols
from sympy.core.cache import clear_cache

n = symbols("n", integer=True, positive=True)
A, B, X = (MatrixSymbol(name, n, n) for name in "ABX")
a = MatrixSymbol("a", n, 1)
expressions = [
    lambda: Trace(A * X * B),
    lambda: Trace(X.T * A * X),
    lambda: Trace(X * X * X),
    lambda: Trace(A * Inverse(X) * B),
    lambda: log(Determinant(X)),
    lambda: Trace((A * X - B).T * (A * X - B)),
    lambda: Trace(X.T * A * X * X.T * B * X),
    lambda: exp(Trace(X.T * A * X)),
    lambda: log(Determinant(X)) + a.T * Inverse(X) * a,
]
for make in expressions:
    try:
        taken = []
        for _ in range(5):
            clear_cache()
            f = make()
            start = time.perf_counter()
            g = f.diff(X)
            taken.append(time.perf_counter() - start)
        answered = not g.has(Derivative) and g != 0 and not getattr(g, "is_ZeroMatrix", False)
    except Exception:  # whatever it is: no answer
        answered = False
    print(statistics.median(taken) if answered else 0)
