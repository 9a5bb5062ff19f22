-- The cases of bench/evaluate.lua: the function, what it is differentiated by, and the values for a size: { name, rows,
-- columns, kind }. bench/peers/evaluate.py has the same mathematics.

local function network(n)
  return { { "X", n, n }, { "W", n, n }, { "c", n, 1 }, { "v", n, 1 }, { "y", n, 1 } }
end

local M = {}

M["least squares"] = {
  f = "norm2(A*x - b)^2",
  by = { "x" },
  declare = "matrix A(m,n), vector b(m), vector x(n)",
  values = function(n)
    return { { "A", 2 * n, n }, { "b", 2 * n, 1 }, { "x", n, 1 } }
  end,
}

local function classes(n)
  return { { "A", 2 * n, n }, { "y", 2 * n, 1, "binary" }, { "x", n, 1 } }
end

M["logistic regression"] = {
  f = "sum(softplus(A*x)) - y'*A*x",
  by = { "x" },
  declare = "matrix A(m,n), vector y(m), vector x(n)",
  values = classes,
}

M["Gaussian"] = {
  f = "-m/2*logdet(S) - tr((X - ones(m)*mu')*inv(S)*(X - ones(m)*mu')')/2",
  by = { "mu", "S" },
  declare = "matrix X(m,n), vector mu(n), matrix S(n,n) spd",
  values = function(n)
    return { { "X", 2 * n, n }, { "mu", n, 1 }, { "S", n, n, "spd" } }
  end,
}

M["factorisation"] = {
  f = "norm2(X - U*V')^2",
  by = { "U", "V" },
  declare = "matrix X(m,n), matrix U(m,k), matrix V(n,k)",
  values = function(n)
    local k = math.max(2, n // 10)
    return { { "X", n, n }, { "U", n, k }, { "V", n, k } }
  end,
}

M["network"] = {
  f = "norm2(y - tanh(X*W' + ones(m)*c')*v)^2",
  by = { "W", "c", "v" },
  declare = "matrix X(m,n), matrix W(h,n), vector c(h), vector v(h), vector y(m)",
  values = network,
}

M["Hessian of logistic regression"] = {
  f = "sum(softplus(A*x)) - y'*A*x",
  by = { "x" },
  declare = "matrix A(m,n), vector y(m), vector x(n)",
  hessian = true,
  values = classes,
}

M["Hessian of logdet"] = {
  f = "logdet(P)",
  by = { "P" },
  declare = "matrix P(n,n)",
  hessian = true,
  most = 100, -- it has n^4 entries
  values = function(n)
    return { { "P", n, n, "regular" } }
  end,
}

M["Hessian of factorisation"] = {
  f = "norm2(X - U*V')^2",
  by = { "U" },
  declare = "matrix X(m,n), matrix U(m,k), matrix V(n,k)",
  hessian = true,
  values = function(n)
    return { { "X", n, n }, { "U", n, 3 }, { "V", n, 3 } }
  end,
}

M["Hessian of a quartic form"] = {
  f = "(x'*P*x)^2",
  by = { "x" },
  declare = "matrix P(n,n), vector x(n)",
  hessian = true,
  values = function(n)
    return { { "P", n, n }, { "x", n, 1 } }
  end,
}

return M
