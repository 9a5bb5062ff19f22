--- The grammar of the signs of rule files, which nabla.language.own_signs derives.
--
-- @module nabla.language.grammar_of_signs

local lpeg = require "lpeg"
local postfix = require "nabla.language.postfix"

local P, V, C, Cc, Cp = lpeg.P, lpeg.V, lpeg.C, lpeg.Cc, lpeg.Cp

local M = {}

-- The order of the arguments of a sign, as they are.
local function order_of(sign)
  local order = {}
  for _, part in ipairs(sign.parts) do
    order[#order + 1] = math.tointeger(part)
  end
  return order
end

local function literals_of(sign)
  local list = {}
  for _, part in ipairs(sign.parts) do
    list[#list + 1] = type(part) == "string" and part or nil
  end
  return list
end

local actions = postfix.actions

-- The action of a sign that transposes.
local function turned(sign)
  return sign.adjoint and actions.conjugate_transpose or actions.transpose
end

-- Brackets round expressions, or round the names of vectors: |x>, <x|, <x|y>.
local function round(sign, space, any_name)
  local member = Cp() * C(any_name) * lpeg.B "_" * V "arguments" -- x_(i+1)
  local pattern, name = nil, member + Cp() * C(any_name) * space * Cc(actions.name)
  local function literal(i)
    return P(sign.parts[i]) * space
  end
  if sign.meaning == "name" then
    return literal(1) * name * literal(3)
  elseif sign.meaning == "row" then
    return literal(1) * name * Cp() * Cc(turned(sign)) * literal(3)
  elseif sign.meaning == "inner" then
    local left = name * Cp() * Cc(turned(sign))
    return literal(1) * left * literal(3) * Cp() * name * Cc(actions.multiply) * literal(5)
  elseif sign.meaning ~= "call" then
    return P(false)
  end
  for _, part in ipairs(sign.parts) do
    local one = type(part) == "string" and P(part) * space or V "sum"
    pattern = pattern and pattern * one or one
  end
  return Cp() * pattern * Cc(postfix.call_of(sign.name, order_of(sign)))
end

--- Behind the last literal of a sign that ends an operand: |x⟩, A†.
-- @tparam table signs of nabla.language.own_signs
function M.behind_operand(signs)
  local pattern = P(false)
  for _, place in ipairs { "round", "behind" } do
    for _, sign in ipairs(signs[place]) do
      local literals = literals_of(sign)
      pattern = pattern + lpeg.B(P(literals[#literals]))
    end
  end
  return pattern
end

--- Add signs to the rules of nabla.language.expressions.
-- @tparam table rules
-- @tparam table signs of nabla.language.own_signs
-- @param space the pattern between tokens
function M.add(rules, signs, space)
  local function literal(sign)
    return Cp() * P(literals_of(sign)[1]) * space
  end
  local between, behind, before, first = P(false), P(false), P(false), P(false)
  for _, sign in ipairs(signs.between) do
    if sign.meaning == "call" then
      between = between + literal(sign) * V "product" * Cc(postfix.call_between(sign.name, order_of(sign)))
    elseif actions[sign.meaning] then
      rules.factor = literal(sign) * V "unary" * Cc(actions[sign.meaning]) + rules.factor
    end
  end
  for _, sign in ipairs(signs.behind) do
    if sign.meaning == "name" then
      behind = behind + P(sign.parts[2]) * space
    else
      local is_call = sign.meaning == "call"
      behind = behind + literal(sign) * Cc(is_call and postfix.call_behind(sign.name) or turned(sign))
    end
  end
  for _, sign in ipairs(signs.before) do
    local operand = P(sign.parts[1]) * space * V "unary"
    if sign.meaning == "call" then
      before = before + Cp() * operand * Cc(postfix.call_of(sign.name, { 1 }))
    elseif sign.meaning ~= "name" then
      before = before + operand * Cp() * Cc(turned(sign))
    end
  end
  for _, sign in ipairs(signs.round) do
    first = first + round(sign, space, V "name")
  end
  for _, sign in ipairs(signs.alone) do
    first = first + literal(sign) * Cc(postfix.call_of(sign.name, {}))
  end
  rules.term = V "product" * between ^ 0
  rules.own_behind, rules.own_before, rules.own_first = behind, before, first
  rules.primary = V "own_first" + rules.primary
  rules.unary = V "own_before" + rules.unary
end

return M
