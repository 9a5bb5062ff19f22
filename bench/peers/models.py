"""The models of bench/models.lua, written by hand in NumPy, or by PyTorch's autograd: models.py PEER CASE FOLDER, see peer.py."""
import sys

import numpy as np
import peer

torch = peer.torch

# ------------------------------------------------------------------ NumPy


def np_kalman(F, P, Q, H, R, x, y):
    P = F @ P @ F.T + Q
    x = F @ x
    PH = P @ H.T
    K = np.linalg.solve(H @ PH + R, PH.T).T
    return [x + K @ (y - H @ x), P - K @ PH.T]


def np_attention(Q, K, V, Y):
    E = np.exp(Q @ K.T / 8)
    S = E / E.sum(1, keepdims=True)
    G = 2 * (S @ V - Y)
    B = G @ V.T
    B -= (B * S).sum(1, keepdims=True)
    B *= S / 8
    return [B @ K, B.T @ Q, S.T @ G]


def np_process(D, y, s, c, r):
    E = np.exp(-c * D)
    C = s * E
    C[np.diag_indices_from(C)] += r
    P = np.linalg.inv(C)
    a = P @ y
    value = -(y @ a) / 2 - np.log(np.diagonal(np.linalg.cholesky(C))).sum()
    W = np.outer(a, a) - P
    W *= 0.5
    by_c = -s * np.einsum("ij,ij,ij->", W, E, D)
    return [value, (W * E).sum(), by_c, np.trace(W)]


def np_layers(X, U, u, V, v, W, Y):
    A = np.tanh(X @ U.T + u)
    B = np.tanh(A @ V.T + v)
    G = 2 * (B @ W.T - Y)
    GB = (G @ W) * (1 - B * B)
    GA = (GB @ V) * (1 - A * A)
    return [GA.T @ X, GA.sum(0), GB.T @ A, GB.sum(0), G.T @ B]


def np_logistic_product(A, y, x, p):
    s = 1 / (1 + np.exp(-(A @ x)))
    return [A.T @ (s * (1 - s) * (A @ p))]


def np_network_product(X, W, v, y, P):
    T = np.tanh(X @ W.T)
    S = 1 - T * T
    r = 2 * (T @ v - y)
    Z = S * (X @ P.T)  # the differential of T
    G = S * np.outer(2 * (Z @ v), v) - 2 * T * Z * np.outer(r, v)
    return [G.T @ X]


# ------------------------------------------------------------------ PyTorch


def t_kalman(F, P, Q, H, R, x, y):
    P = F @ P @ F.T + Q
    x = F @ x
    PH = P @ H.T
    K = torch.linalg.solve(H @ PH + R, PH.T).T
    return [x + K @ (y - H @ x), P - K @ PH.T]


def t_attention(Q, K, V, Y):
    return ((torch.softmax(Q @ K.T / 8, 1) @ V - Y) ** 2).sum()


def t_process(D, y, s, c, r):
    L = torch.linalg.cholesky(s * torch.exp(-c * D) + r * torch.eye(D.shape[0], dtype=D.dtype))
    z = torch.linalg.solve_triangular(L, y[:, None], upper=False)
    return -(z * z).sum() / 2 - torch.log(torch.diagonal(L)).sum()


def t_layers(X, U, u, V, v, W, Y):
    return ((torch.tanh(torch.tanh(X @ U.T + u) @ V.T + v) @ W.T - Y) ** 2).sum()


def t_logistic(A, y, x):
    z = A @ x
    return torch.nn.functional.softplus(z, threshold=100).sum() - y @ z


def t_network(X, W, v, y):
    return ((y - torch.tanh(X @ W.T) @ v) ** 2).sum()


# case: see peer.run
cases = {
    "Kalman step": (np_kalman, t_kalman, "F P Q H R x y", "", "values"),
    "attention": (np_attention, t_attention, "Q K V Y", "Q K V", "gradient"),
    "Gaussian process": (np_process, t_process, "D y s c r", "s c r", "both"),
    "three layers": (np_layers, t_layers, "X U u V v W Y", "U u V v W", "gradient"),
    "Hessian of logistic regression times a vector": (np_logistic_product, t_logistic, "A y x p", "x", "p"),
    "Hessian of a network times a matrix": (np_network_product, t_network, "X W v y P", "W", "P"),
}

peer.run(cases[sys.argv[2]])
