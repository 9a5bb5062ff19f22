-- Stationary points of spec/data/stationary.cases: along any direction of the variables' structure the judge finds no change of the
-- Lagrangian, with the multipliers that were given; the constraints hold.

local equations = require "spec.support.equations"
local judge = require "spec.judge"
local nabla = require "nabla"
local sample = require "spec.support.sample"

-- The declaration of a direction for a variable; a symmetric one for a symmetric variable.
local function direction(node, name)
  if node.rows == "1" and node.cols == "1" then
    return "scalar " .. name
  end
  local symmetric = node.session:holds("symmetric", node) and " symmetric" or ""
  return ("matrix %s(%s,%s)%s"):format(name, node.rows, node.cols, symmetric)
end

-- The Lagrangian as text, at the solution moved by t times a direction.
local function moved_lagrangian(case, solutions, values)
  local decl, moved = equations.with_free(case.decl, solutions) .. ", scalar step0", {}
  for name, text in pairs(values) do
    moved[name] = text
  end
  for i, name in ipairs(case.unknowns) do
    local h = "Direction" .. i
    decl = decl .. ", " .. direction(solutions[i].left, h)
    moved[name] = ("%s + step0*%s"):format(values[name], h)
  end
  local text = equations.put_in(case.equations[1], moved)
  for i, constraint in ipairs(case.constraints) do
    local multiplier = solutions[#case.unknowns + i]
    local left, right = constraint:match "^(.-)=(.*)$"
    local name = multiplier.left:text()
    local scalar = multiplier.left.rows == "1" and multiplier.left.cols == "1"
    local difference = ("(%s - (%s))"):format(equations.put_in(left, moved), equations.put_in(right, moved))
    local term = scalar and "(%s)*%s" or "tr((%s)'*%s)"
    text = text .. " + " .. term:format(values[name], difference)
  end
  return text, decl
end

describe("the stationary point of", function()
  local session, decl, ratios = nabla.new(), nil, {}
  for _, case in ipairs(sample.of(equations.cases "spec/data/stationary.cases", 5)) do
    local title = case.equations[1] .. " by " .. table.concat(case.unknowns, ", ")
    it(("line %d: %s"):format(case.line, title), function()
      if decl ~= case.decl then
        session:reset()
        assert(session:declare(case.decl))
        decl = case.decl
      end
      local solutions, err = session:stationary(case.equations[1], case.unknowns, case.constraints)
      if case.refused then
        assert.is_nil(solutions, tostring(solutions))
        assert.truthy(tostring(err):find(case.refused, 1, true), tostring(err))
        return
      end
      assert(solutions, tostring(err))
      local names = {}
      for i = 1, #solutions do
        names[i] = solutions[i].left:text()
      end
      local values = equations.texts(solutions, names)
      for _, constraint in ipairs(case.constraints) do
        assert.is_true(equations.holds(constraint, values, equations.with_free(case.decl, solutions)))
      end
      local text, all = moved_lagrangian(case, solutions, values)
      local right, why = judge.check {
        decl = equations.split(all),
        expr = text .. " + step0",
        wrt = "step0",
        at = { step0 = 0 },
        layout = "denominator",
        answer = "1",
      }
      assert.is_true(right, tostring(solutions) .. ": " .. tostring(why))
      for i, expected in ipairs(case.expected or {}) do
        local found, wanted = solutions[i].right, assert(session:parse(expected))
        assert.are.equal("yes", (session:equal(found, wanted)), tostring(found))
        ratios[#ratios + 1] = found.size / wanted.size
        assert.is_true(ratios[#ratios] <= 1.5, tostring(found))
      end
    end)
  end

  sample.whole(it)("all has the size of a textbook's", function()
    table.sort(ratios)
    assert.is_true(#ratios > 30)
    assert.is_true(ratios[#ratios // 2 + 1] <= 1)
  end)
end)
