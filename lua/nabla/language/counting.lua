--- Letters that count: undeclared letters that are sizes, exponents or the bounds of a counted sum.
--
-- @module nabla.language.counting

local greek = require "nabla.text.greek"
local scopes = require "nabla.language.scope"

local M = {}

local lookup, is_dimension = scopes.lookup, scopes.is_dimension

-- Is a tree made of names and numbers by + - and *? Then its names go to the list.
local function polynomial(ast, list)
  if ast.tag == "name" then
    list[#list + 1] = ast.name
  elseif ast.tag == "neg" then
    return polynomial(ast[1], list)
  elseif ast.tag ~= "number" and ast.tag ~= "sum" and ast.tag ~= "product" then
    return false
  end
  for _, part in ipairs(ast.args or {}) do
    if not polynomial(part, list) then
      return false
    end
  end
  return true
end

-- Does a name mean something where it is alone? That of an operator with arguments, such as K, does not.
local function stands_alone(c, name)
  local op = c.ops[name]
  return lookup(c.scope, name) or is_dimension(c.scope, name) or op and #op.params == 0
end

--- Undeclared letters of these kinds count, as sizes do, in a tree: an exponent, the bounds of a counted sum, a size.
function M.counts(c, ast, kinds, counters)
  local list = {}
  for _, name in ipairs(c.habit and polynomial(ast, list) and list or {}) do
    if not stands_alone(c, name) and kinds[c:habit_of(name)] and not (counters and counters[name]) then
      c.user_sizes[name] = true
    end
  end
end

--- The kinds of letters that count in an exponent, and where a size or a bound is.
M.EXPONENTS = { vector = true }
M.SIZES = { scalar = true, vector = true, matrix = true }

--- What a text says of its letters before its sizes are looked for. A letter that is a size or a bound somewhere in it is so
-- in all of it: n in 1/n*sum(i = 1..n, x(i)). A letter that is transposed somewhere (a name of the set `c.transposed`) is no
-- scalar.
-- @param c the context
-- @param ast
-- @param counters the counters of the sums around the tree
function M.count_letters(c, ast, counters)
  local tag, args, inside = ast.tag, ast.args, counters
  if tag == "name" or tag == "number" then
    return
  elseif tag == "product" or tag == "sum" then
    for i = 1, #args do
      M.count_letters(c, args[i], counters)
    end
    return
  elseif tag == "transpose" and ast[1].tag == "name" then
    c.transposed[greek.spelled(ast[1].name)] = true
    return
  elseif tag == "sumover" then
    M.counts(c, ast.lo, M.SIZES, counters)
    M.counts(c, ast.hi, M.SIZES, counters)
    inside = setmetatable({ [ast.var] = true }, { __index = counters })
    M.count_letters(c, ast.body, inside)
  elseif tag == "call" and not lookup(c.scope, ast.name) then
    local constant = ast.name == "I" or ast.name == "ones" or ast.name == "zeros"
    local op = c.ops[ast.name]
    local params = op and not op.gone and op.params or {}
    for i = 1, #args do
      if constant or params[i] and params[i].dimension then
        M.counts(c, args[i], M.SIZES, counters)
      end
    end
  end
  for i = 1, #ast do
    local part = ast[i]
    if type(part) == "table" and part.tag then
      M.count_letters(c, part, inside)
    end
  end
  for i = 1, args and #args or 0 do
    M.count_letters(c, args[i], inside)
  end
end

return M
