--- Evaluation of expression trees by numbers.
--
-- A tree (spec.judge.language) becomes a function without arguments that reads the values of an instance
-- (spec.judge.values), so that a derivative can move the values of some names and call it again.
-- Invariant: the function depends on the values of its varying names at the time of the call. A part in which none of them
-- occurs is worked out once: all other names must keep their values.

local differences = require "spec.judge.differences"
local language = require "spec.judge.language"
local layouts = require "spec.judge.layouts"
local mistakes = require "spec.judge.mistakes"
local numeric = require "spec.judge.numeric"
local instances = require "spec.judge.values"

local M = {}

local fail = mistakes.raise
local equal_trees = language.equal_trees

-- The values of index letters that are no sizes.
local indices = { i = 2, j = 1, l = 2 }

local operators = {
  ["+"] = numeric.add,
  ["-"] = numeric.subtract,
  ["*"] = numeric.multiply,
  [".*"] = numeric.times,
  ["./"] = numeric.over,
  [".^"] = numeric.powers,
  ["^"] = numeric.power,
  ["/"] = function(a, b)
    return numeric.scale(a, 1 / numeric.value(b))
  end,
}

--------------------------------------------------------------------------------------------------------------
-- Trees
--------------------------------------------------------------------------------------------------------------

-- Where a tree has its parts; those of a call are the list tree[3].
local places = {
  number = {},
  name = {},
  negate = { 2 },
  transpose = { 2 },
  binary = { 3, 4 },
  counted = { 3, 4, 5 },
}

-- The variable that an unknown function depends on in the end: x for g, where g of u and u of x.
local function root_of(self, name)
  while self.functions[name] do
    name = self.functions[name].argument
  end
  return name
end

-- The family that a name such as x_i, r_ik or x_ has members of.
local function family_of(self, name)
  local base = not self.values[name] and name:match "^(.-)_"
  return base and self.families and self.families[base] and base
end

local varies

local function one_varies(self, trees, varying)
  for _, tree in ipairs(trees) do
    if varies(self, tree, varying) then
      return true
    end
  end
  return false
end

-- The trees that were asked about, for each set of varying names: each part of a tree is asked about by itself.
local asked = setmetatable({}, { __mode = "k" })

-- Does one of the varying names occur in a tree?
function varies(self, tree, varying)
  local known = asked[varying]
  if not known then
    known = {}
    asked[varying] = known
  end
  local answer = known[tree]
  if answer == nil then
    local kind = tree[1]
    local base = (kind == "name" or kind == "call") and family_of(self, tree[2])
    if base then
      answer = kind == "call" and one_varies(self, tree[3], varying)
      for name in pairs(varying) do
        local counter = tree[2]:sub(#base + 2):find(name, 1, true) -- i of x_i
        answer = answer or name:match "^(.-)_%d" == base or counter ~= nil
      end
    elseif kind == "name" then
      answer = varying[tree[2]] or varying[root_of(self, tree[2])] or false
    elseif kind == "call" then
      answer = varying[tree[2]] or one_varies(self, tree[3], varying)
    else
      answer = false
      for _, place in ipairs(places[kind]) do
        answer = answer or varies(self, tree[place], varying)
      end
    end
    known[tree] = answer
  end
  return answer
end

-- A tree with each part for which `new(part)` gives another one replaced by that.
local function replaced(tree, new)
  if type(tree) ~= "table" then
    return tree
  end
  local other = new(tree)
  if other then
    return other
  end
  local copy = {}
  for i = 1, #tree do
    copy[i] = replaced(tree[i], new)
  end
  return copy
end

-- A tree in which a name stands at each place of the point. In D(D(g,g),g) the function keeps its name.
local function at_point(tree, point, name)
  local function new(part)
    return equal_trees(part, point) and { "name", name } or nil
  end
  if tree[1] == "call" and tree[2] == "D" then
    local of, by = tree[3][1], tree[3][2]
    return { "call", "D", { of[1] == "name" and of or at_point(of, point, name), replaced(by, new) } }
  end
  return replaced(tree, new)
end

-- A tree without its powers: X for X^k.
local function without_powers(tree)
  return replaced(tree, function(part)
    return part[1] == "binary" and part[2] == "^" and without_powers(part[3]) or nil
  end)
end

-- Tree of an unknown function at its declared argument, g(u(x)) for g; other trees as they are.
local function declared_call(self, tree)
  local f = tree[1] == "name" and self.functions[tree[2]]
  return f and { "call", tree[2], { declared_call(self, { "name", f.argument }) } } or tree
end

--------------------------------------------------------------------------------------------------------------
-- Functions for trees
--------------------------------------------------------------------------------------------------------------

local compile

local function compile_all(self, trees, varying)
  local list = {}
  for i, tree in ipairs(trees) do
    list[i] = compile(self, tree, varying)
  end
  return list
end

-- The values of a list of functions without arguments.
local function called(list)
  local values = {}
  for i = 1, #list do
    values[i] = list[i]()
  end
  return values
end

local function with(varying, name)
  local wider = { [name] = true }
  for other in pairs(varying) do
    wider[other] = true
  end
  return wider
end

-- The derivative of an unknown function stands in vec form where the layout has no place for it.
local function placed(self, jacobian, rows, cols, by_rows, by_cols)
  return layouts.place(jacobian, rows, cols, by_rows, by_cols, self.layout) or jacobian
end

-- D(f, e): the derivative of an unknown f by its argument, at e; a function's name as e means its value.
-- D(expression, e): the derivative of the expression by e. For D(D(f,e),e) with an e that is no variable, e
-- is replaced by a variable of its own first.
local function compile_derivative(self, arguments, varying)
  if #arguments ~= 2 then
    fail "D takes two arguments"
  end
  local of, by = arguments[1], arguments[2]
  local f = of[1] == "name" and self.functions[of[2]]
  if f then
    local point = compile(self, declared_call(self, by), varying)
    return function()
      return placed(self, f.jacobian(point()), f.rows, f.cols, f.argument_rows, f.argument_cols)
    end
  end
  if of[1] == "name" and not self.values[of[2]] then
    fail("unknown function %q", of[2])
  end
  local twice = of[1] == "call" and of[2] == "D" and of[3][1][1] == "name" and self.functions[of[3][1][2]]
  local hessian = twice and twice.rows * twice.cols == 1
  local name, point = by[2], nil
  if by[1] ~= "name" or not self.values[name] then
    name = "(argument)"
    point = compile(self, declared_call(self, by), varying)
    of = at_point(of, by, name)
    self.values[name] = point() -- so that the name is known
  end
  local body = compile(self, of, with(varying, name))
  return function()
    if point then
      self.values[name] = point()
    end
    local jacobian, value = differences.first(self.values, body, name)
    local x = self.values[name]
    local result = placed(self, jacobian, value.rows, value.cols, x.rows, x.cols)
    if result == jacobian and hessian and self.layout == "numerator" and x.cols > 1 then -- rows in the order of X
      return numeric.transpose(layouts.by_transpose(numeric.transpose(jacobian), x.cols, x.rows))
    end
    return result
  end
end

-- A call such as frechet(expm, X, H).
local function compile_functional(self, tree, varying)
  local functional, f = numeric.functionals[tree[2]], numeric.functions[tree[3][1][2]]
  if not f then
    fail("%s of an unknown function", tree[2])
  end
  local arguments = compile_all(self, { table.unpack(tree[3], 2) }, varying)
  return function()
    return functional(f[1], table.unpack(called(arguments)))
  end
end

-- A member of a family, with functions for its indices.
local function member(self, base, list)
  if #list ~= self.families[base] then
    fail("a member of %s with %d indices", base, #list)
  end
  return function()
    local at = {}
    for i, index in ipairs(list) do
      at[i] = numeric.integer(index())
    end
    local name = instances.member(base, at)
    return self.values[name] or fail("there is no %s", name)
  end
end

-- The indices in a name: x_i, r_ik.
local function indices_of(self, base, name, varying)
  local text, list = name:sub(#base + 2), {}
  for part in text:gmatch(self.families[base] == 1 and ".+" or "%w") do
    local number = math.tointeger(tonumber(part))
    list[#list + 1] = compile(self, number and { "number", number } or { "name", part }, varying)
  end
  return list
end

local by_kind = {}

function by_kind.number(_, tree)
  local value = numeric.number(tree[2])
  return function()
    return value
  end
end

function by_kind.name(self, tree)
  local name = tree[2]
  if self.values[name] then
    return function()
      return self.values[name]
    end
  end
  local base = family_of(self, name)
  if base then
    return member(self, base, indices_of(self, base, name, {}))
  end
  local value = self.sizes[name] or indices[name] or name == "pi" and math.pi
  return by_kind.number(self, { "number", value or fail("unknown name %q", name) })
end

function by_kind.negate(self, tree, varying)
  local a = compile(self, tree[2], varying)
  return function()
    return numeric.scale(a(), -1)
  end
end

function by_kind.transpose(self, tree, varying)
  local a = compile(self, tree[2], varying)
  return function()
    return numeric.transpose(a())
  end
end

function by_kind.binary(self, tree, varying)
  local f, a, b = operators[tree[2]], compile(self, tree[3], varying), compile(self, tree[4], varying)
  return function()
    return f(a(), b())
  end
end

-- A counted sum; its counter hides a variable of the same name while the body is worked out.
function by_kind.counted(self, tree, varying)
  local name = tree[2]
  local first, last = compile(self, tree[3], varying), compile(self, tree[4], varying)
  local function hidden(body)
    local outer, size = self.values[name], self.sizes[name]
    self.sizes[name] = nil
    local result = body()
    self.values[name], self.sizes[name] = outer, size
    return result
  end
  local body = hidden(function()
    self.values[name] = numeric.number(0)
    return compile(self, tree[5], with(varying, name))
  end)
  -- A sum of no terms has the shape of a term; powers are left out, since X^(k-1-i) may have no value.
  local function empty()
    self.values[name] = numeric.number(1)
    local term = M.evaluate(self, without_powers(tree[5]))
    return numeric.new(term.rows, term.cols)
  end
  return function()
    local from, to = numeric.integer(first()), numeric.integer(last())
    return hidden(function()
      local total
      for i = from, to do
        self.values[name] = numeric.number(i)
        local term = body()
        total = total and numeric.add(total, term) or term
      end
      return total or empty()
    end)
  end
end

function by_kind.call(self, tree, varying)
  local name = tree[2]
  local unknown, known = self.functions[name], numeric.functions[name]
  local base = family_of(self, name)
  if base and name == base .. "_" then -- x_(i+1)
    return member(self, base, compile_all(self, tree[3], varying))
  end
  if name == "D" and not unknown then
    return compile_derivative(self, tree[3], varying)
  end
  if numeric.functionals[name] and not unknown then
    return compile_functional(self, tree, varying)
  end
  local arguments = compile_all(self, tree[3], varying)
  if self.values[name] or base then -- an entry of a variable
    known = numeric.functions.entry
    table.insert(arguments, 1, compile(self, { "name", name }, varying))
  end
  if unknown then
    if #arguments ~= 1 then
      fail("%s takes one argument", name)
    end
    return function()
      return unknown.value(arguments[1]())
    end
  end
  if not known then
    fail("unknown function %q", name)
  end
  local f, least, most = known[1], known[2], known[3]
  if #arguments < least or #arguments > most then
    fail("%s of %d arguments", name, #arguments)
  end
  return function()
    return f(table.unpack(called(arguments)))
  end
end

function compile(self, tree, varying)
  local run = by_kind[tree[1]](self, tree, varying)
  if tree[1] == "number" or tree[1] == "name" or varies(self, tree, varying) then
    return run
  end
  local value
  return function()
    value = value or run()
    return value
  end
end

--- The function without arguments for a tree; varying: the set of names whose values may change between calls.
M.compile = compile

--- The value of an expression (text or tree) in an instance.
function M.evaluate(self, expression)
  local tree = type(expression) == "string" and language.parse(expression) or expression
  return compile(self, tree, {})()
end

--- The name of the variable that a name means: x_2 for x_i where i is 2.
function M.named(self, name)
  local base = family_of(self, name)
  local at = {}
  for i, index in ipairs(base and indices_of(self, base, name, {}) or {}) do
    at[i] = numeric.integer(index())
  end
  return base and instances.member(base, at) or name
end

return M
