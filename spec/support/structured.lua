--- Structured matrices for specs: declarations, and sessions that have them.

local nabla = require "nabla"

local M = {}

M.declarations = {
  "matrix S(n,n) symmetric",
  "matrix W(n,n) skew",
  "matrix V(n,n) skew",
  "matrix D(n,n) diagonal",
  "matrix L(n,n) lower invertible",
  "matrix U(n,n) upper",
  "matrix T(n,n) toeplitz",
  "matrix P(n,n) idempotent",
  "matrix R(n,n) symmetric idempotent",
  "matrix M(n,n) spd",
  "matrix N(m,m) spd",
  "matrix H(n,n) psd",
  "matrix Q(n,n) orthogonal",
  "matrix O(n,n) orthogonal",
  "matrix A(n,n)",
  "matrix B(m,n)",
  "matrix G(n,n) invertible",
  "matrix X(m,n)",
  "matrix F(m,n) fullcolumnrank",
  "matrix Z(n,n) positive",
  "vector x(n)",
  "vector y(n)",
  "vector z(n) positive",
  "scalar a positive",
  "scalar b",
}

--- A session with the declarations.
function M.session(opts)
  local s = assert(nabla.new(opts))
  assert(s:declare(table.unpack(M.declarations)))
  return s
end

return M
