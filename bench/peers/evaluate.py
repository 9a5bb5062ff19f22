"""Gradients and Hessians written by hand in NumPy, or by PyTorch's autograd: evaluate.py PEER CASE FOLDER, see peer.py."""
import sys

import numpy as np
import peer

torch = peer.torch

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


# case: see peer.run
cases = {
    "least squares": (np_least_squares, t_least_squares, "A b x", "x", "gradient"),
    "logistic regression": (np_logistic, t_logistic, "A y x", "x", "gradient"),
    "Gaussian": (np_gaussian, t_gaussian, "X mu S", "mu S", "gradient"),
    "factorisation": (np_factorisation, t_factorisation, "X U V", "U V", "gradient"),
    "network": (np_network, t_network, "X W c v y", "W c v", "gradient"),
    "Hessian of logistic regression": (np_logistic_hessian, t_logistic, "A y x", "x", "hessian"),
    "Hessian of logdet": (np_logdet_hessian, t_logdet, "P", "P", "hessian"),
    "Hessian of factorisation": (np_factorisation_hessian, t_factorisation, "X U V", "U", "hessian"),
    "Hessian of a quartic form": (np_quartic_hessian, t_quartic, "P x", "x", "hessian"),
}

peer.run(cases[sys.argv[2]])
