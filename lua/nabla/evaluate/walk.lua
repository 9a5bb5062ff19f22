--- The walk over the nodes of an expression that works out their values, whatever these are: residues (nabla.exact.evaluate) or
-- operations (nabla.numeric.lower).
--
-- An evaluation is a table with the store `S`, a method `parts(id)` for the nodes whose values the one of a node is worked
-- out from, and a method `one(id, env, a)` that does so, with the values of the parts in `a`. An environment says what names
-- stand for: `dims` (sizes), `values` (node id -> value: counters of counted sums, the variables of a function's definition).
-- Its `memo` keeps the values, so that in an environment each node is worked out once.
--
-- @module nabla.evaluate.walk

local size_values = require "nabla.evaluate.size_values"

local M = {}

local leaves = {
  number = true,
  symbol = true,
  variable = true,
  ["function"] = true,
  hole = true,
  ["operator name"] = true,
}

--- The parts of a node that its value depends on, in the same environment.
function M.parts(S, id)
  local op, own = S:op(id)
  if own and leaves[op] then
    return {}
  elseif own and (op == "call" or op == "D") then
    return { S:args(id)[2] }
  elseif own and op == "range" then
    local args = S:args(id)
    return { args[1], args[2] }
  end
  return S:args(id)
end

--- The value of a node in an environment.
-- @param self the evaluation
-- @param root the node
-- @param env the environment
function M.value(self, root, env)
  local memo = env.memo
  local stack, opened = { root }, {}
  while #stack > 0 do
    local id = stack[#stack]
    local parts = opened[id]
    if memo[id] then
      stack[#stack] = nil
    elseif parts then
      local a = {}
      for i = 1, #parts do
        a[i] = memo[parts[i]]
      end
      memo[id] = self:one(id, env, a)
      stack[#stack] = nil
    else
      parts = self:parts(id)
      opened[id] = parts
      for i = #parts, 1, -1 do
        if not memo[parts[i]] then
          stack[#stack + 1] = parts[i]
        end
      end
    end
  end
  return memo[root]
end

--- Give a class of evaluations its methods `value`, `parts` and `one`.
-- @tparam table class has a method `operator(id, name, env, a)`: the value of an operator of a rule file, such as det
-- @tparam table by_op operator of the engine -> function(self, id, env, a)
-- @tparam function without raises that an operator of the engine has no value: (format, what)
function M.complete(class, by_op, without)
  class.value = M.value

  function class:parts(id)
    return M.parts(self.S, id)
  end

  function class:one(id, env, a)
    local op, own = self.S:op(id)
    if not own then
      return self:operator(id, op, env, a)
    end
    local f = by_op[op] or without("%s has no value", op == "diff" and "a differential" or op)
    return f(self, id, env, a)
  end
end

--- The size that a dimension is in an environment; nil and a name where that has no size. `self.sizes` keeps how it follows.
function M.size(self, dim, env)
  local known = self.sizes[dim]
  if not known then
    known = size_values.of(self.S, dim)
    self.sizes[dim] = known
  end
  return known(env.dims)
end

--- The environment of a whole expression.
function M.environment(dims)
  return { dims = dims, values = {}, memo = {} }
end

--- An environment within another one, in which further nodes have values.
function M.within(env, values)
  return { dims = env.dims, values = setmetatable(values, { __index = env.values }), memo = {} }
end

--- The environment in which the expression that defines a function is evaluated.
-- @param S the store
-- @param body the expression
-- @param whole the function applied to its parameters; nil for a function of one entry, whose body has a single variable
-- @param args the values of the arguments
-- @tparam function convert (argument, is it a size?) -> the number of a size, or the value of a parameter
-- @return nil if the sizes of the arguments do not fit
function M.definition(S, body, whole, args, convert)
  local env, equations = M.environment {}, {}
  local function stands_for(parameter, v)
    env.values[parameter] = v
    equations[#equations + 1] = { S:rows(parameter), v.rows }
    equations[#equations + 1] = { S:cols(parameter), v.cols }
  end
  if whole then
    for i, parameter in ipairs(S:args(whole)) do
      if S:kind(parameter) == "dimension" then
        env.dims[S:name(parameter)] = convert(args[i], true)
      else
        stands_for(parameter, convert(args[i], false))
      end
    end
  else
    for _, x in ipairs(S:postorder(body)) do
      if S:op(x) == "variable" then
        stands_for(x, args[1])
      end
    end
  end
  return size_values.solve(S, equations, env.dims) and env or nil
end

return M
