--- The Jacobian of a function of a matrix in vec form, in any arithmetic: exact by infinitesimals, or by finite differences.
--
-- @module nabla.compare.jacobian

--- The value y of f at x, and the Jacobian of vec(f) by vec(x).
-- @tparam table A an arithmetic (nabla.numeric.arithmetic, nabla.exact.arithmetic)
-- @tparam function f
-- @param x a matrix
-- @tparam[opt] number step of finite differences
return function(A, f, x, step)
  local columns, y = {}, f(x)
  for k = 1, #x do
    local e = A:zeros(x.rows, x.cols)
    e[k] = 1
    columns[k] = A:slope(function(t)
      return f(x + e * t)
    end, step)
  end
  return y, A:build(#y, #x, function(i, j)
    return columns[j][i]
  end)
end
