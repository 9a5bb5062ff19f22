-- Rules are filed under what their patterns ask for: the files of a long list lose none of its rules. Random rules are tried all
-- at once, and then few at a time, where a list is short and is tried as it is.

local nabla = require "nabla"
local sample = require "spec.support.sample"

local FEW = 12

local NAMES = { "sin", "exp", "p", "q", "r" }

local function pick(list)
  return list[math.random(#list)]
end

-- A random factor or argument: a number, a letter, an operator of these.
local function part(letters, depth)
  local kind = math.random(depth > 0 and 9 or 3)
  if kind == 1 then
    return tostring(math.random(2, 5))
  elseif kind <= 3 then
    return pick(letters)
  elseif kind <= 5 then
    return ("%s(%s)"):format(pick(NAMES), part(letters, depth - 1))
  elseif kind == 6 then
    return ("pair(%s, %s)"):format(part(letters, depth - 1), part(letters, depth - 1))
  elseif kind == 7 then
    return ("both(%s, %s)"):format(part(letters, depth - 1), part(letters, depth - 1))
  elseif kind == 8 then
    local exponent = letters[3] == "k" and math.random(2) == 1 and "k" or tostring(math.random(2, 5))
    return ("%s(%s)^%s"):format(pick(NAMES), part(letters, depth - 1), exponent)
  end
  return ("(%s*%s)"):format(part(letters, depth - 1), part(letters, depth - 1))
end

-- A random expression: an operator, a product or a sum.
local function expression(letters)
  local kind, parts = math.random(4), {}
  if kind == 1 then
    return ("pair(%s, %s)"):format(part(letters, 2), part(letters, 2))
  elseif kind == 2 then
    return ("both(%s, %s)"):format(part(letters, 2), part(letters, 2))
  end
  for i = 1, math.random(2, 4) do
    parts[i] = part(letters, 2)
  end
  return table.concat(parts, kind == 3 and "*" or " + ")
end

-- A session with random rules for simplification, and their numbers.
local function random_session(count)
  local s = assert(nabla.new {})
  assert(s:rule [[
operator p(s): scalar
operator q(s): scalar
operator r(s): scalar
operator pair(s, t): scalar
operator both(s, t): scalar  comm
operator done(s): scalar
]])
  assert(s:declare "scalar a, scalar b, scalar c")
  local before, serials = s.S:rule_count(), {}
  for i = 1, count do -- one that others make superfluous is refused
    s:rule(('let scalar x, scalar y, number k\nsimplify "random %d"  %s -> done(%d)  terminating'):format(
      i,
      expression { "x", "y", "k" },
      i
    ))
  end
  for serial = before + 1, s.S:rule_count() do
    serials[#serials + 1] = serial
  end
  return s, serials
end

-- Do some of the rules apply to a node, the others away?
local function changes(s, serials, id, from, to)
  for i, serial in ipairs(serials) do
    s.S:rule_restore(serial, i < from or i > to)
  end
  s.S:begin()
  for _, x in ipairs(s.S:postorder(s.S:simplify(id))) do
    if s.S:op(x) == "done" then
      return true
    end
  end
  return false
end

describe("a long list of rules", function()
  sample.whole(it)("applies a rule wherever one of them applies alone", function()
    math.randomseed(7)
    local tried, applied = 0, 0
    for _ = 1, 3 do
      local s, serials = random_session(150)
      assert.is_true(#serials > 60)
      for _ = 1, 150 do
        local node = s:parse(expression { "a", "b", "c", "3" })
        local _, id = require("nabla.core").unwrap(node)
        local alone = false
        for from = 1, #serials, FEW do
          alone = changes(s, serials, id, from, from + FEW - 1) or alone
        end
        assert.are.equal(alone, changes(s, serials, id, 1, #serials), tostring(node))
        tried, applied = tried + 1, applied + (alone and 1 or 0)
      end
    end
    assert.is_true(applied > 50 and applied < tried - 50, ("%d of %d"):format(applied, tried))
  end)

  it("takes the rule that goes first", function()
    local s = assert(nabla.new {})
    local lines = { "operator g(s, t): scalar", "let scalar x, scalar y" }
    for i = 1, 40 do
      lines[#lines + 1] = ('simplify "number %d"  g(%d, x) -> %d'):format(i, i, i)
    end
    lines[#lines + 1] = 'simplify "sine"  g(x, sin(y)) -> 100  priority 1'
    lines[#lines + 1] = 'simplify "any"  g(x, y) -> 200  priority -1'
    assert(s:rule(table.concat(lines, "\n")))
    local function simplified(text)
      return tostring(s:simplify(text))
    end
    assert.are.equal("7", simplified "g(7, a)")
    assert.are.equal("100", simplified "g(7, sin(a))")
    assert.are.equal("200", simplified "g(77, a)")
    assert(s:rule 'without simplify "number 7"')
    assert.are.equal("200", simplified "g(7, a)")
    assert.are.equal("8", simplified "g(8, a)")
  end)

  it("knows that a power may be a factor alone, and that arguments may change places", function()
    local s = assert(nabla.new {})
    local lines = { "operator both(s, t): scalar  comm", "let scalar x, scalar y, number k" }
    for i = 1, 30 do
      lines[#lines + 1] = ("operator f%d(s): scalar"):format(i)
      lines[#lines + 1] = ('simplify "power %d"  f%d(x)^k*y -> %d  terminating'):format(i, i, i)
      lines[#lines + 1] = ('simplify "both %d"  both(x, f%d(f%d(y))) -> %d'):format(i, i, i, i)
    end
    assert(s:rule(table.concat(lines, "\n")))
    for i = 1, 30 do
      local text = tostring(i)
      assert.are.equal(text, tostring(s:simplify(("f%d(a)*b"):format(i))))
      assert.are.equal(text, tostring(s:simplify(("f%d(a)^3*b"):format(i))))
      assert.are.equal(text, tostring(s:simplify(("both(f%d(f%d(a)), b)"):format(i, i))))
      assert.are.equal(text, tostring(s:simplify(("both(exp(a), f%d(f%d(b)))"):format(i, i))))
      assert.are.equal(text, tostring(s:simplify(("both(both(a, b), f%d(f%d(b)))"):format(i, i))))
    end
  end)
end)
