--- The shorter of two ways to a derivative.
--
-- @module nabla.calculus.shortest

local core = require "nabla.core"
local errors = require "nabla.text.errors"

local M = {}

local SHORT = 12 -- the cost up to which no other way is tried

-- The Jacobian by reverse mode: pull a symbolic cotangent back, then read the result, linear in it.
local function reverse_jacobian(S, linear, hole)
  local y = S:hole(" cotangent", S:rows(linear), S:cols(linear))
  local marked = S:symbol(" cotangent", core.constants.kinds.matrix, 0, S:rows(linear), S:cols(linear))
  local pulled = S:pull(linear, hole, marked)
  return S:transpose(S:jacobian(S:replace(pulled, { marked }, { y }), y))
end

--- What `first` gives, or `other` where that is shorter; it is not asked where the first is short.
function M.shorter(S, first, other)
  local result = first()
  if S:cost(result) <= SHORT then
    return result
  end
  local ok, alternative = errors.attempt(other)
  return ok and S:cost(alternative) < S:cost(result) and alternative or result
end

--- A Jacobian by forward mode as it is printed, or that of reverse mode, as `finish` prints it, where that is shorter.
function M.or_reverse(S, answer, linear, hole, finish)
  if S:cost(answer) <= SHORT then
    return answer
  end
  return M.shorter(S, function()
    return answer
  end, function()
    return finish(reverse_jacobian(S, linear, hole))
  end)
end

--- The shorter of the Jacobians of forward and reverse mode, each as `finish` prints it.
function M.jacobian(S, linear, hole, finish)
  return M.shorter(S, function()
    return finish(S:jacobian(linear, hole))
  end, function()
    return finish(reverse_jacobian(S, linear, hole))
  end)
end

return M
