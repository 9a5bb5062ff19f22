--- What a rule for a linear map L states: an adjoint <Y, L(X)> = <L'(Y), X>, a jacobian the columns vec(L(X)), a block rule
-- the blocks of its value.
--
-- @module nabla.check.linear_maps

local arrangement = require "nabla.check.arrangement"
local loaders = require "nabla.rules.loader"
local proof = require "nabla.check.proof"
local several_parts = require "nabla.check.several_parts"
local tree_value = require "nabla.check.tree_value"

local kinds = {}

-- The variable that a linear map acts on.
local function active(st, known)
  if st.by then
    return st.by
  end
  local found
  for _, name in ipairs(loaders.names_of(st.pattern)) do
    found = known[name] and name or found
  end
  return found
end

-- The unit matrix with a one in row i, column j.
local function unit(A, rows, cols, i, j)
  local e = A:zeros(rows, cols)
  e[(j - 1) * rows + i] = 1
  return e
end

-- The map L as a function of its argument, in an environment. The other arguments of an operator that is linear in all together
-- are zero.
local function linear_map(env, st, by, session)
  local op = st.pattern.tag == "call" and session.ops[st.pattern.name]
  local others = {}
  for _, name in ipairs(op and op.jointly_linear and loaders.names_of(st.pattern) or {}) do
    local a = env.vars[name]
    others[name] = a and env.arithmetic:zeros(a.rows, a.cols) or nil
  end
  return function(x)
    others[by] = x
    return env:with(others):value(st.pattern)
  end
end

-- A test of the linear map L that a statement is about: test(env, s, L, x), x of the shape of its argument.
local function of_linear_map(checker, known, st, test)
  known = loaders.copy(known)
  known[st.cotangent] = nil -- any matrix of its size, whatever is declared of that name
  return several_parts.each_case(checker, known, st, function(s)
    return { s.pattern }
  end, function(s)
    local by = active(s, known)
    return function(env)
      return test(env, s, linear_map(env, s, by, checker.session), env.vars[by])
    end
  end)
end

function kinds.adjoint(checker, known, st)
  return of_linear_map(checker, known, st, function(env, s, L, like)
    local x = env:random_like(like)
    local y = L(x)
    local Y = env:random_like(y)
    local back = env:with({ [s.cotangent] = Y }):value(s.rhs)
    if back.rows ~= x.rows or back.cols ~= x.cols then
      return proof.agree(x, back) -- it says which shapes they are
    end
    local A = env.arithmetic
    return proof.agree(A:from(tree_value.inner(Y, y)), A:from(tree_value.inner(back, x)))
  end)
end

function kinds.jacobian(checker, known, st)
  return of_linear_map(checker, known, st, function(env, s, L, x)
    local A = env.arithmetic
    local J = env.source:matrix(#x, 2)
    local columns = {}
    for k = 1, 2 do
      local column = A:zeros(#x, 1)
      for i = 1, #x do
        column[i] = J(i, k)
      end
      columns[k] = L(tree_value.unvec(column, x.rows, x.cols))
    end
    local wanted = A:build(#columns[1], 2, function(i, k)
      return columns[k][i]
    end)
    return proof.agree(wanted, env:with({ [s.cotangent] = J }):value(s.rhs))
  end)
end

function kinds.block(checker, known, st)
  if not st.cotangent then
    return several_parts.each_case(checker, known, st, function(s)
      return { s.pattern, s.rhs }
    end, function(s)
      local by = arrangement.find_differential(s.pattern)
      return function(env)
        local x = env.vars[by]
        local A = env.arithmetic
        local wanted = tree_value.block_matrix(A, x.rows, x.cols, function(i, j)
          env.directions = { [by] = unit(A, x.rows, x.cols, i, j) }
          return env:value(s.pattern)
        end)
        return proof.agree(wanted, env:value(s.rhs))
      end
    end)
  end
  return of_linear_map(checker, known, st, function(env, s, L, x)
    local r, A, given = env.source.r, env.arithmetic, {}
    local h, w = r:integer(2, 3), r:integer(1, 4)
    local wanted = tree_value.block_matrix(A, h, w, function(i, j)
      given[(j - 1) * h + i] = env:random_like(x)
      return L(given[(j - 1) * h + i])
    end)
    local Y
    if s.pattern.tag == "name" then -- the Jacobian
      Y = A:build(#x, h * w, function(i, k)
        return given[k][i]
      end)
    else
      Y = tree_value.block_matrix(A, h, w, function(i, j)
        return given[(j - 1) * h + i]
      end)
    end
    local e = env:with { [s.cotangent] = Y }
    e.dims = setmetatable({ [s.hole_rows] = h, [s.hole_cols] = w }, { __index = env.dims })
    return proof.agree(wanted, e:value(s.rhs))
  end)
end

return kinds
