-- The short way for the sides of rules (nabla.language.build_pattern) and the three passes make the same nodes.

local Context = require "nabla.language.context"
local core = require "nabla.core"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local at_once = Context.build_pattern

-- A node in full: operators, names, kinds, shapes, numbers.
local function written(S, id)
  local op = S:op(id)
  local parts = { op, S:name(id) or "", S:kind(id) or "", S:dimtext(S:rows(id)), S:dimtext(S:cols(id)) }
  if op == "number" then
    parts[#parts + 1] = table.concat({ S:number(id) }, "/")
  end
  for _, child in ipairs(S:args(id)) do
    parts[#parts + 1] = written(S, child)
  end
  return "(" .. table.concat(parts, " ") .. ")"
end

-- All that reaches the engine's table of rules while the default rules are read.
local function rules()
  local list = {}
  local methods = getmetatable(core.new()).__index
  local add = methods.rule
  methods.rule = function(S, rule)
    local sides = { written(S, rule.lhs), rule.rhs and written(S, rule.rhs) or "" }
    for _, condition in ipairs(rule.conditions or {}) do
      sides[#sides + 1] = condition.predicate
      sides[#sides + 1] = condition.a and written(S, condition.a) or ""
      sides[#sides + 1] = condition.b and written(S, condition.b) or ""
    end
    list[#list + 1] = table.concat(sides, "\n")
    return add(S, rule)
  end
  local s, err = nabla.new { default_rules = false, rules = "default.rules" }
  methods.rule = add
  assert(s, err)
  return list
end

describe("the short way for the sides of rules", function()
  after_each(function()
    Context.build_pattern = at_once
  end)

  sample.whole(it)("makes of every standard rule what the passes make of it", function()
    local short = rules()
    Context.build_pattern = function() end
    local long = rules()
    assert.is_true(#short > 500)
    assert.same(long, short)
  end)

  sample.whole(it)("makes most of them", function()
    local made, asked = 0, 0
    Context.build_pattern = function(...)
      local id = at_once(...)
      made, asked = made + (id and 1 or 0), asked + 1
      return id
    end
    rules()
    assert.is_true(made > 0.95 * asked, made .. " of " .. asked)
  end)
end)
