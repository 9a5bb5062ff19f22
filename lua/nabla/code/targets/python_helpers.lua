--- Functions that exported Python code may need: name -> source text, in which `xp` is the module of arrays, and `EYE` its identity matrix.
--
-- @module nabla.code.targets.python_helpers

return {
  _commutation = [==[
def _commutation(m, n):
    """The matrix K with K @ vec(A) = vec(A.T) for an m x n matrix A."""
    return xp.asarray(np.eye(m * n)[np.arange(m * n).reshape(m, n, order="F").ravel()])
]==],
  _duplication = [==[
def _duplication(n):
    """The matrix D with D @ vech(A) = vec(A) for a symmetric n x n matrix A."""
    D = np.zeros((n * n, n * (n + 1) // 2))
    k = 0
    for j in range(n):
        for i in range(j, n):
            D[i + j * n, k] = D[j + i * n, k] = 1.0
            k += 1
    return xp.asarray(D)
]==],
  _elimination = [==[
def _elimination(n):
    """The matrix L with L @ vec(A) = vech(A)."""
    L = np.zeros((n * (n + 1) // 2, n * n))
    k = 0
    for j in range(n):
        for i in range(j, n):
            L[k, i + j * n] = 1.0
            k += 1
    return xp.asarray(L)
]==],
  _diagonals = [==[
def _diagonals(n):
    """The matrix with which vec(A) becomes the sums along the diagonals of A."""
    S = np.zeros((2 * n - 1, n * n))
    for j in range(n):
        for i in range(n):
            S[n - 1 + i - j, i + j * n] = 1.0
    return xp.asarray(S)
]==],
  _diagonal_sums = [==[
def _diagonal_sums(A):
    """Each entry is the sum of the entries of A on its diagonal."""
    n = A.shape[0]
    sums = {k: xp.sum(xp.diagonal(A, k)) for k in range(1 - n, n)}
    return xp.stack([xp.stack([sums[j - i] for j in range(n)]) for i in range(n)])
]==],
  _unit = [==[
def _unit(i, j, m, n):
    """One in row i and column j (counted from 1), otherwise zeros."""
    E = np.zeros((m, n))
    E[int(i) - 1, int(j) - 1] = 1.0
    return xp.asarray(E)
]==],
  _khatrirao = [==[
def _khatrirao(A, B):
    """The Kronecker product of each column."""
    return (A[:, None, :] * B[None, :, :]).reshape(-1, A.shape[1])
]==],
  _kron = [==[
def _kron(A, B):
    """The Kronecker product; of a transposed tensor torch.kron fails."""
    return torch.kron(A.contiguous(), B.contiguous())
]==],
  _softmax = [==[
def _softmax(x):
    e = xp.exp(x - xp.max(x))
    return e / xp.sum(e)
]==],
  _logsumexp = [==[
def _logsumexp(x):
    top = xp.max(x)
    return top + xp.log(xp.sum(xp.exp(x - top)))
]==],
  _hat = [==[
def _hat(x):
    """The matrix with _hat(x) @ y = cross(x, y)."""
    o = 0 * x[0]
    rows = [[o, -x[2], x[1]], [x[2], o, -x[0]], [-x[1], x[0], o]]
    return xp.stack([xp.stack(row) for row in rows])
]==],
  _vee = [==[
def _vee(A):
    """The vector of the skew-symmetric part of A."""
    return xp.stack([A[2, 1] - A[1, 2], A[0, 2] - A[2, 0], A[1, 0] - A[0, 1]]) / 2
]==],
  _argmax = [==[
def _argmax(x):
    """The unit vector of the largest entry."""
    return EYE(len(x))[xp.argmax(x)]
]==],
  _sigmoid = [==[
def _sigmoid(x):
    return 0.5 * (1 + xp.tanh(0.5 * x))
]==],
  _frechet = [==[
def _frechet(f, X, H):
    """The Frechet derivative of f at X in the direction H."""
    n = X.shape[0]
    return f(xp.block([[X, H], [xp.zeros((n, n)), X]]))[:n, n:]
]==],
  _frechet_n = [==[
def _frechet_n(f, X, H, k):
    """The derivative of order k of f at X, each time in the direction H."""
    n = X.shape[0]
    blocks = [[X if j == i else H if j == i + 1 else xp.zeros((n, n)) for j in range(k + 1)] for i in range(k + 1)]
    return f(xp.block(blocks))[:n, -n:] * float(np.prod(np.arange(1, k + 1)))
]==],
  _care = [==[
def _care(A, S, Q):
    """The symmetric X with A.T @ X + X @ A - X @ S @ X + Q = 0 and a stable A - S @ X; S is positive semidefinite."""
    w, V = np.linalg.eigh(S)
    return scipy.linalg.solve_continuous_are(A, V * np.sqrt(np.maximum(w, 0)), Q, np.eye(len(w)))
]==],
  _frechet_matrix = [==[
def _frechet_matrix(f, X):
    """The matrix with _frechet_matrix(f, X) @ vec(H) = vec(_frechet(f, X, H))."""
    n = X.shape[0]
    columns = []
    for j in range(n):
        for i in range(n):
            H = xp.zeros((n, n))
            H[i, j] = 1.0
            columns.append(_frechet(f, X, H).T.reshape(-1))
    return xp.array(columns).T
]==],
}
