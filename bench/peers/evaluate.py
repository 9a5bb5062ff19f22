"""Gradients and Hessians written by hand in NumPy, or by PyTorch's autograd: evaluate.py PEER CASE FOLDER

Reads the values and nabla's results (.npy) from the folder. Prints seconds a call, the peak of memory in kilobytes, and the
largest difference from nabla's results, as a share of the largest entry."""
import os
import resource
import sys
import time

import numpy as np

peer, case, folder = sys.argv[1:4]


class Values:
    def __getattr__(self, name):
        a = np.load(os.path.join(folder, name + ".npy"))
        if name in ("x", "b", "y", "c", "v", "mu"):
            a = a.ravel()
        else:
            a = np.ascontiguousarray(a)  # as NumPy and PyTorch lay matrices out
        setattr(self, name, a)
        return a


V = Values()

# ------------------------------------------------------------------ NumPy


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def np_least_squares(A, b, x):
    return [2 * (A.T @ (A @ x - b))]


def np_logistic(A, y, x):
    return [A.T @ (sigmoid(A @ x) - y)]


def np_gaussian(X, mu, S):
    D = X - mu
    P = np.linalg.inv(S)
    return [P @ D.sum(0), (P @ (D.T @ D) @ P - X.shape[0] * P) / 2]


def np_factorisation(X, U, W):
    R = U @ W.T - X
    return [2 * R @ W, 2 * R.T @ U]


def np_network(X, W, c, v, y):
    T = np.tanh(X @ W.T + c)
    r = T @ v - y
    G = (1 - T * T) * np.outer(2 * r, v)
    return [G.T @ X, G.sum(0), T.T @ (2 * r)]


def np_logistic_hessian(A, y, x):
    s = sigmoid(A @ x)
    return [A.T @ ((s * (1 - s))[:, None] * A)]


def np_logdet_hessian(P):
    n = P.shape[0]
    Q = np.linalg.inv(P)
    return [-np.einsum("jk,li->jilk", Q, Q).reshape(n * n, n * n)]  # d2/dP_ij dP_kl = -Q_jk*Q_li, columns first


def np_factorisation_hessian(X, U, W):
    return [2 * np.kron(W.T @ W, np.eye(U.shape[0]))]


def np_quartic_hessian(P, x):
    B = P + P.T
    g = B @ x
    return [2 * ((x @ P @ x) * B + np.outer(g, g))]


# ------------------------------------------------------------------ PyTorch


def t_least_squares(A, b, x):
    return ((A @ x - b) ** 2).sum()


def t_logistic(A, y, x):
    z = A @ x
    return torch.nn.functional.softplus(z, threshold=100).sum() - y @ z


def t_gaussian(X, mu, S):
    D = X - mu
    L = torch.linalg.cholesky(S)
    Z = torch.linalg.solve_triangular(L, D.T, upper=False)
    return -X.shape[0] * torch.log(torch.diagonal(L)).sum() - (Z * Z).sum() / 2


def t_factorisation(X, U, W):
    return ((X - U @ W.T) ** 2).sum()


def t_network(X, W, c, v, y):
    return ((y - torch.tanh(X @ W.T + c) @ v) ** 2).sum()


def t_logdet(P):
    return torch.linalg.slogdet(P)[1]


def t_quartic(P, x):
    return (x @ P @ x) ** 2


# case: NumPy's function, PyTorch's, its arguments, those it is differentiated by, is it a Hessian
cases = {
    "least squares": (np_least_squares, t_least_squares, "A b x", "x", False),
    "logistic regression": (np_logistic, t_logistic, "A y x", "x", False),
    "Gaussian": (np_gaussian, t_gaussian, "X mu S", "mu S", False),
    "factorisation": (np_factorisation, t_factorisation, "X U V", "U V", False),
    "network": (np_network, t_network, "X W c v y", "W c v", False),
    "Hessian of logistic regression": (np_logistic_hessian, t_logistic, "A y x", "x", True),
    "Hessian of logdet": (np_logdet_hessian, t_logdet, "P", "P", True),
    "Hessian of factorisation": (np_factorisation_hessian, t_factorisation, "X U V", "U", True),
    "Hessian of a quartic form": (np_quartic_hessian, t_quartic, "P x", "x", True),
}
by_hand, function, names, by, hessian = cases[case]
names, by = names.split(), by.split()
arguments = [getattr(V, name) for name in names]

if peer == "numpy":

    def run():
        return by_hand(*arguments)

else:
    import torch

    torch.set_num_threads(1)
    tensors = [torch.from_numpy(np.array(a)) for a in arguments]
    active = [names.index(name) for name in by]

    if hessian:
        at = active[0]
        size = tensors[at].numel()

        def of_one(t):
            return function(*[t if i == at else a for i, a in enumerate(tensors)])

        def hessian_by(vectorize):
            h = torch.autograd.functional.hessian(of_one, tensors[at], vectorize=vectorize)
            if tensors[at].dim() == 2:  # columns first
                h = h.permute(1, 0, 3, 2)
            return [h.reshape(size, size)]

        if size <= 1000:  # all directions at once, if that is faster
            times = []
            for vectorize in (False, True):
                hessian_by(vectorize)
                start = time.process_time()
                hessian_by(vectorize)
                times.append(time.process_time() - start)
            faster = times[1] < times[0]
        else:
            faster = False

        def run():
            return hessian_by(faster)

    else:
        for i in active:
            tensors[i].requires_grad_(True)
        inputs = [tensors[i] for i in active]

        def run():
            return torch.autograd.grad(function(*tensors), inputs)


results = run()
difference = 0
for i, result in enumerate(results):
    want = np.load(os.path.join(folder, "result%d.npy" % (i + 1)))
    got = np.asarray(result.detach().numpy() if peer == "torch" else result)
    if got.ndim == 1:
        got = got[:, None]
    if got.size > 4000000:
        got = got[:, [(j * 7919 - 1) % got.shape[1] for j in range(1, 9)]]
    if peer == "torch" and case == "Gaussian" and by[i] == "S":
        got = (got + got.T) / 2  # by the factors of Cholesky PyTorch gives the projection on symmetric matrices
    difference = max(difference, float(np.abs(want - got).max() / max(1e-300, np.abs(want).max())))
del results, result

best, repetitions, start = float("inf"), 1, time.process_time()
for turn in range(200):
    before = time.process_time()
    for _ in range(repetitions):
        run()
    seconds = time.process_time() - before
    best = min(best, seconds / repetitions)
    if seconds < 0.02 and turn < 20:
        repetitions = int(np.ceil(repetitions * min(10, 0.03 / max(seconds, 1e-6))))
    if time.process_time() - start > 1:
        break
print(best, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, difference)
