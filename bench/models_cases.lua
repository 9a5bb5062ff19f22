-- The cases of bench/models.lua: whole models, with the sizes at which they are run. `answers` gives the expressions to evaluate;
-- bench/peers/models.py has the same mathematics.

local nabla = require "nabla"

local function gradients(f, ...)
  local by = { ... }
  return function(s)
    local list = {}
    for i, wrt in ipairs(by) do
      list[i] = assert(s:diff(f, wrt))
    end
    return list
  end
end

-- The Hessian of f by a variable times a direction of its shape.
local function hessian_times(f, wrt, direction)
  return function(s)
    local slope = assert(s:diff(f, wrt))
    return { assert(s:diff(nabla.tr(s:parse(direction).T * slope), wrt)) }
  end
end

local M = {}

-- Prediction and correction in one step.
M["Kalman step"] = {
  sizes = { 6 },
  declare = "matrix F(n,n), matrix P(n,n) spd, matrix Q(n,n) spd, matrix H(m,n), matrix R(m,m) spd, "
    .. "vector x(n), vector y(m)",
  answers = function(s)
    local before = "(F*P*F' + Q)"
    local gain = before .. "*H'*inv(H*" .. before .. "*H' + R)"
    return {
      assert(s:parse("F*x + " .. gain .. "*(y - H*F*x)")),
      assert(s:parse(before .. " - " .. gain .. "*H*" .. before)),
    }
  end,
  values = function(n)
    return {
      { "F", n, n },
      { "P", n, n, "spd" },
      { "Q", n, n, "spd" },
      { "H", n // 2, n },
      { "R", n // 2, n // 2, "spd" },
      { "x", n, 1 },
      { "y", n // 2, 1 },
    }
  end,
}

M["attention"] = {
  sizes = { 200 },
  declare = "matrix Q(m,d), matrix K(m,d), matrix V(m,d), matrix Y(m,d)",
  answers = gradients("norm2(softmaxrows(Q*K'/8)*V - Y)^2", "Q", "K", "V"),
  values = function(n)
    return { { "Q", n, 64 }, { "K", n, 64 }, { "V", n, 64 }, { "Y", n, 64 } }
  end,
}

-- The logarithm of the likelihood of a Gaussian process, and its gradient by the three parameters of the kernel.
M["Gaussian process"] = {
  sizes = { 1000 },
  declare = "matrix D(n,n) symmetric, vector y(n), scalar s positive, scalar c positive, scalar r positive",
  rules = "let scalar c, matrix D(n,n)\nfact psd(exp(-c*D)) if symmetric(D)", -- of squared distances
  answers = function(s)
    local f = "-(y'*inv(s*exp(-c*D) + r*I(n))*y + logdet(s*exp(-c*D) + r*I(n)))/2"
    return { assert(s:parse(f)), s:diff(f, "s"), s:diff(f, "c"), s:diff(f, "r") }
  end,
  values = function(n)
    return { { "D", n, n, "distances" }, { "y", n, 1 }, { "s", 1, 1, 2 }, { "c", 1, 1, 0.7 }, { "r", 1, 1, 0.5 } }
  end,
}

M["three layers"] = {
  sizes = { 1000 },
  declare = "matrix X(m,n), matrix U(h,n), vector u(h), matrix V(h,h), vector v(h), matrix W(k,h), matrix Y(m,k)",
  answers = gradients(
    "norm2(tanh(tanh(X*U' + ones(m)*u')*V' + ones(m)*v')*W' - Y)^2",
    "U", "u", "V", "v", "W"
  ),
  values = function(m)
    return {
      { "X", m, 128 }, { "U", 128, 128 }, { "u", 128, 1 }, { "V", 128, 128 }, { "v", 128, 1 }, { "W", 10, 128 },
      { "Y", m, 10 },
    }
  end,
}

M["Hessian of logistic regression times a vector"] = {
  sizes = { 100, 1000 },
  declare = "matrix A(m,n), vector y(m), vector x(n), vector p(n)",
  answers = hessian_times("sum(softplus(A*x)) - y'*A*x", "x", "p"),
  values = function(n)
    return { { "A", 2 * n, n }, { "y", 2 * n, 1, "binary" }, { "x", n, 1 }, { "p", n, 1 } }
  end,
}

M["Hessian of a network times a matrix"] = {
  sizes = { 1000 },
  declare = "matrix X(m,n), matrix W(h,n), vector v(h), vector y(m), matrix P(h,n)",
  answers = hessian_times("norm2(y - tanh(X*W')*v)^2", "W", "P"),
  values = function(m)
    return { { "X", m, 128 }, { "W", 128, 128 }, { "v", 128, 1 }, { "y", m, 1 }, { "P", 128, 128 } }
  end,
}

return M
