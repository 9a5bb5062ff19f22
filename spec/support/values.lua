--- Values for compiled expressions: those of the judge in nabla's matrices, and back; comparison of the two.

local assert = require "luassert"
local judge = require "spec.judge"
local matrix = require("nabla.numeric").matrix
local numeric = require "spec.judge.numeric"

local M = {}

--- A matrix of the judge as one of nabla's.
function M.given(v)
  local a = matrix.zeros(v.rows, v.cols)
  for k = 1, #v do
    a[k] = v[k]
  end
  return a
end

--- A matrix of nabla, or what it takes for one, as one of the judge.
function M.taken(a)
  a = type(a) == "userdata" and a or matrix(a)
  local v = numeric.new(a.rows, a.cols)
  for k = 1, #a do
    v[k] = a[k]
  end
  return v
end

--- Asserts that two values are equal but for rounding.
function M.close(want, got, tolerance, message)
  want, got = M.taken(want), M.taken(got)
  local sizes = want.rows == got.rows and want.cols == got.cols
  assert.is_true(
    sizes,
    message .. string.format(": %d x %d, not %d x %d", got.rows, got.cols, want.rows, want.cols)
  )
  local scale = math.max(numeric.magnitude(want), 1e-3)
  local off = numeric.magnitude(numeric.subtract(want, got)) / scale
  assert.is_true(off <= tolerance, string.format("%s: off by %.3g", message, off))
end

--- The values of an instance of the judge, in the form of a call.
function M.of_instance(instance)
  local values = {}
  for name, size in pairs(instance.sizes) do
    values[name] = size
  end
  for name, v in pairs(instance.values) do
    values[name] = M.given(v)
  end
  for name, f in pairs(instance.functions) do
    values[name] = function(x)
      return M.given(f.value(M.taken(x)))
    end
  end
  values.D = setmetatable({}, {
    __index = function(_, name)
      return instance.functions[name]
        and function(x)
          instance.values.point = M.taken(x)
          local d = judge.evaluate(instance, "D(" .. name .. ", point)")
          instance.values.point = nil
          return M.given(d)
        end
    end,
  })
  return values
end

return M
