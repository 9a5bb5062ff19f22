-- Stationary points of spec/data/stationary.cases: along any direction of the variables' structure the judge finds no change of the
-- Lagrangian, with the multipliers that were given; the constraints hold.

local equations = require "spec.support.equations"
local judge = require "spec.judge"
local nabla = require "nabla"
local sample = require "spec.support.sample"

-- The structures of which a direction must be.
local STRUCTURES = { "symmetric", "diagonal", "lower", "upper", "skew" }

-- The declaration of a direction for a variable; of a symmetric or a diagonal one, such a direction.
local function direction(node, name)
  if node.rows == "1" and node.cols == "1" then
    return "scalar " .. name
  end
  local words = {}
  for _, attribute in ipairs(STRUCTURES) do
    words[#words + 1] = node.session:holds(attribute, node) and attribute or nil
  end
  return ("matrix %s(%s,%s) %s"):format(name, node.rows, node.cols, table.concat(words, " "))
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
  local multipliers, all = {}, solutions.multipliers or {}
  for i = 1, #case.constraints do
    multipliers[i] = all[i]
    local name = all[i]:text()
    if not values[name] then -- of any value
      local scalar = all[i].rows == "1" and all[i].cols == "1"
      local symmetric = solutions.session:holds("symmetric", all[i]) and not scalar and " symmetric" or ""
      local words = scalar and "scalar %s" or "matrix %s(%s,%s)"
      decl = decl .. ", " .. words:format(name, all[i].rows, all[i].cols) .. symmetric
      values[name] = name
    end
  end
  for i, constraint in ipairs(case.constraints) do
    local left, right = constraint:match "^(.-)=(.*)$"
    local name = multipliers[i]:text()
    right = right:find "^%s*0%s*$" and "0*(" .. left .. ")" or right -- of the size of the left side
    local scalar = multipliers[i].rows == "1" and multipliers[i].cols == "1"
    local difference = ("(%s - (%s))"):format(equations.put_in(left, moved), equations.put_in(right, moved))
    local term = scalar and "(%s)*%s" or "tr((%s)'*%s)"
    text = text .. " + " .. term:format(values[name], difference)
  end
  return text, decl
end

describe("the stationary point of", function()
  local session, decl, ratios = nabla.new(), nil, {}
  for _, case in ipairs(sample.of(equations.cases "spec/data/stationary.cases", 16)) do
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
      local expected, left = {}, {}
      for _, text in ipairs(case.expected or {}) do
        table.insert(text:find("=", 1, true) and left or expected, text)
      end
      for i, text in ipairs(left) do
        assert.are.equal(text, tostring(solutions.remaining[i]))
      end
      local names, solved = {}, true
      for _, name in ipairs(case.unknowns) do
        solved = solved and solutions.values[name] ~= nil
      end
      for i = 1, #solutions do
        names[i] = solutions[i].left:text()
      end
      local values = equations.texts(solutions, names)
      for _, constraint in ipairs(#solutions.remaining == 0 and case.constraints or {}) do
        assert.is_true(equations.holds(constraint, values, equations.with_free(case.decl, solutions)))
      end
      if solved then
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
      end
      for i, answer in ipairs(expected) do
        local letter = tostring(solutions[i].right):match ", (%w+)%)" -- the number of an eigenvector
        answer = letter and answer:gsub(", k%)", ", " .. letter .. ")") or answer
        local found, wanted = solutions[i].right, assert(session:parse(answer))
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
