--- Derivatives by complex letters and their conjugates as numbers, for nabla.check.tree_derivative.
--
-- Where a letter and its conjugate have independent values, one of the two moves. In complex floating point both move, in real and in
-- imaginary direction: the derivative by Z is half the one less i times half the other.
--
-- @module nabla.check.wirtinger

local conjugates = require "nabla.check.conjugates"
local jacobian = require "nabla.compare.jacobian"

-- The methods of an environment.
local methods = {}

local M = { methods = methods }

--- Is a tree a letter that is not tied to its conjugate, in complex floating point?
function M.is_free(env, tree)
  return tree.tag == "name" and env.arithmetic.complex and env.partners[tree.name] and not env.ties[tree.name]
end

-- A second derivative by a matrix is the symmetric matrix of them.
local function is_hessian(env, f, x)
  return f.tag == "call" and f.name == "D" and x.cols > 1 and env:is_gradient(f, x)
end

-- The value, and the Jacobian by a letter (sign -1) or its conjugate (1) in complex floating point.
local function in_two_directions(env, f, name, transposed, sign)
  local A = env.arithmetic
  local z, unit = env.vars[name], A:imaginary()
  local hessian = is_hessian(env, f, z)
  local function along(factor)
    return function(v)
      local change = (transposed and v.T or v) - z
      local e = env:with { [name] = z + change * factor }
      e = conjugates.with_partners(e, { [name] = env.partners[name] + change * factor.conj })
      e.layout = hessian and "mixed" or e.layout
      return e:value(f)
    end
  end
  local at = transposed and z.T or z
  local y, real = jacobian(A, along(A:from(1)), at, env.step)
  local _, imaginary = jacobian(A, along(unit), at, env.step)
  return y, (real + imaginary * unit * sign) * 0.5, at, hessian
end

-- The same where the conjugate has a value of its own, or is tied to the letter.
local function of_partner(env, f, name, transposed)
  local x, tie = env.partners[name], env.ties[name]
  local hessian = is_hessian(env, f, x)
  local at = transposed and x.T or x
  local y, J = jacobian(env.arithmetic, function(v)
    v = transposed and v.T or v
    local e = conjugates.with_partners(env, { [name] = v })
    e.vars = tie and setmetatable({ [name] = tie(v) }, { __index = env.vars }) or e.vars
    e.layout = hessian and "mixed" or e.layout
    return e:value(f)
  end, at, env.step)
  return y, J, at, hessian
end

--- The derivative of a tree by a letter in complex floating point (sign -1), or by the conjugate of one (1).
function methods:by_complex(f, by, transposed, sign)
  local name = sign > 0 and by.args[1].name or by.name
  local y, J, at, hessian
  if self.arithmetic.complex and not self.ties[name] then
    y, J, at, hessian = in_two_directions(self, f, name, transposed, sign)
  else
    y, J, at, hessian = of_partner(self, f, name, transposed)
  end
  if self.by and sign < 0 then
    J = self.by:by_entries(self, name, at, J, function()
      return (select(2, in_two_directions(self, f, name, transposed, 1)))
    end)
  end
  return hessian and J or self:arranged(J, y, at, name)
end

--- A function that gives the Jacobian by the conjugate of a letter, where that has a value of its own; else nil.
-- @tparam function inner gives the value in an environment
function M.of_conjugate(env, name, inner)
  return env.partners[name]
    and not env.ties[name]
    and function()
      local _, J = jacobian(env.arithmetic, function(v)
        return inner(conjugates.with_partners(env, { [name] = v }))
      end, env.partners[name], env.step)
      return J
    end
end

return M
