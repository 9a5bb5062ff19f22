-- Kinds of stationary points (spec/data/kinds.cases): each is what the table says, and right by the values near the point. The judge
-- moves the unknowns along random directions that keep the constraints.

local equations = require "spec.support.equations"
local evaluation = require "spec.judge.evaluation"
local files = require "spec.support.files"
local language = require "spec.judge.language"
local nabla = require "nabla"
local numeric = require "spec.judge.numeric"
local randoms = require "spec.judge.random"
local sample = require "spec.support.sample"
local values = require "spec.judge.values"

local SIZES = { { n = 3, m = 4, k = 2 }, { n = 2, m = 3, k = 1 } }
local STEP, DIRECTIONS = 1e-2, 30
local NOISE = 1e-9

local function cases()
  local list = {}
  for line in files.read("spec/data/kinds.cases"):gmatch "[^\n]+" do
    local kind, expr, names, constraints, decl = line:match "^([%a][%a ]-) | (.-) | (.-) | (.-)%s*| (.*)$"
    if kind then
      local item = { kind = kind, expr = expr, names = language.split(names), decl = language.split(decl) }
      item.constraints = {}
      for text in constraints:gmatch "[^&]+" do
        item.constraints[#item.constraints + 1] = text
      end
      list[#list + 1] = item
    end
  end
  return list
end

local function compiled(instance, text, names)
  local varying = {}
  for _, name in ipairs(names) do
    varying[name] = true
  end
  return evaluation.compile(instance, language.parse(text), varying)
end

-- A column of the left sides of the constraints.
local function constraint_values(functions)
  local list = {}
  for _, F in ipairs(functions) do
    local v = F()
    for k = 1, #v do
      list[#list + 1] = v[k]
    end
  end
  return numeric.new(#list, 1, function(i)
    return list[i]
  end)
end

-- All unknowns as one column, and back.
local function column_of(instance, names)
  local list = {}
  for _, name in ipairs(names) do
    local v = instance.values[name]
    for k = 1, #v do
      list[#list + 1] = v[k]
    end
  end
  return numeric.new(#list, 1, function(i)
    return list[i]
  end)
end

local function put(instance, names, column)
  local at = 0
  for _, name in ipairs(names) do
    local v = instance.values[name]
    local offset = at
    instance.values[name] = numeric.new(v.rows, v.cols, function(i, j)
      return column[offset + (j - 1) * v.rows + i]
    end)
    at = at + #v
  end
end

-- A direction without what changes affine constraints: less J'*inv(J*J')*J times it.
local function projected(instance, names, functions, direction)
  if #functions == 0 then
    return direction
  end
  local here = column_of(instance, names)
  local before = constraint_values(functions)
  local J = {}
  for k = 1, #here do
    put(instance, names, numeric.add(here, numeric.new(#here, 1, function(i)
      return i == k and 1 or 0
    end)))
    J[k] = numeric.subtract(constraint_values(functions), before)
  end
  put(instance, names, here)
  J = numeric.new(#before, #here, function(i, k)
    return J[k][i]
  end)
  local Jt = numeric.transpose(J)
  local y = numeric.solve(numeric.multiply(J, Jt), numeric.multiply(J, direction))
  return numeric.subtract(direction, numeric.multiply(Jt, y))
end

-- The symmetric part of each unknown that is symmetric.
local function structured(instance, names)
  for _, name in ipairs(names) do
    local has = instance.attributes[name]
    if has.symmetric or has.spd or has.psd then
      local v = instance.values[name]
      instance.values[name] = numeric.scale(numeric.add(v, numeric.transpose(v)), 0.5)
    end
  end
end

-- Does f become larger, smaller near the point? For an instance of the declarations.
local function look(case, texts, sizes, seed, seen)
  local instance = values.instance(language.declarations(case.decl), sizes, seed)
  for _, name in ipairs(case.names) do
    instance.values[name] = evaluation.evaluate(instance, texts[name])
  end
  local F, functions = compiled(instance, case.expr, case.names), {}
  for i, text in ipairs(case.constraints) do
    functions[i] = compiled(instance, (text:gsub("=.*$", "")), case.names)
  end
  local here, random = column_of(instance, case.names), randoms.new("kinds " .. seed)
  local at = F()[1]
  for k = 1, DIRECTIONS do
    local only = k % 3 == 0 and random:integer(#here)
    local direction = numeric.new(#here, 1, function(i)
      return (not only or only == i) and random:signed(0, 1) or 0
    end)
    direction = numeric.scale(projected(instance, case.names, functions, direction), STEP)
    put(instance, case.names, numeric.add(here, direction))
    structured(instance, case.names)
    local change = F()[1] - at
    seen.larger = seen.larger or change > NOISE * math.max(1, math.abs(at))
    seen.smaller = seen.smaller or change < -NOISE * math.max(1, math.abs(at))
    put(instance, case.names, here)
  end
end

describe("the kind of the stationary point of", function()
  local session = assert(nabla.new())

  for _, case in ipairs(sample.of(cases(), 5)) do
    it(("%s by %s: %s"):format(case.expr, table.concat(case.names, ", "), case.kind), function()
      session:reset()
      assert(session:declare(table.unpack(case.decl)))
      local result = assert(session:stationary(case.expr, case.names, case.constraints))
      assert.are.equal(case.kind, result.kind)
      local seen = {}
      for k, sizes in ipairs(case.kind ~= "unknown" and SIZES or {}) do
        look(case, equations.texts(result, case.names), sizes, "seed " .. k, seen)
      end
      if case.kind == "saddle" then
        assert.is_true(seen.larger and seen.smaller)
      elseif case.kind:find "minimum" then
        assert.is_nil(seen.smaller or nil)
        assert.is_true(case.kind == "minimum" or seen.larger)
      elseif case.kind:find "maximum" then
        assert.is_nil(seen.larger or nil)
        assert.is_true(case.kind == "maximum" or seen.smaller)
      end
    end)
  end
end)
