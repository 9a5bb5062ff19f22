--- Curvature by the affine parts of an expression: f(x) = g(u, v) with affine u and v is convex if g is convex in u and v together.
--
-- A part whose negative has an attribute at zero, as that of X - I(n) is positive definite, is taken with the other sign: the domain is
-- then the one around zero.
--
-- @module nabla.convexity.affine_parts

local core = require "nabla.core"
local composition = require "nabla.convexity.composition"
local reasons = require "nabla.convexity.reasons"

local M = {}

local KIND = core.constants.kinds
local MOST_PARTS = 4
local LETTERS = { "u", "v", "w", "z" } -- of the parts in a proof

-- The largest affine parts that hold variables, in the order of the expression.
local function parts_of(q, S, f)
  local list, seen = {}, {}
  local function visit(id)
    if seen[id] or not q:depends(id) then
      return
    end
    seen[id] = true
    if q:of(id).affine then
      list[#list + 1] = id
      return
    end
    for _, x in ipairs(S:args(id)) do
      visit(x)
    end
  end
  visit(f)
  return list
end

local function is_definite(session, id)
  for name, shape in pairs(session.domains) do
    if shape ~= "subspace" and session.S:property(name, id) then
      return true
    end
  end
  return false
end

--- Is the value of an affine expression at zero the negative of one that has an attribute?
function M.is_behind(session, variables, id)
  local S, zeros = session.S, {}
  for i, x in ipairs(variables) do
    zeros[i] = S:zeros(S:rows(x), S:cols(x))
  end
  local there = S:textbook(S:replace(id, variables, zeros))
  return S:op(there) ~= "zeros" and is_definite(session, S:neg(there)) and not is_definite(session, there)
end

-- The symbol that takes the place of a part, with the attributes of convex sets that the part has.
local function symbol_for(session, letter, part)
  local S, bits = session.S, 0
  for name in pairs(session.domains) do
    if S:property(name, part) then
      bits = bits | session.attributes[name].bits
    end
  end
  local rows, cols = S:dimint(S:rows(part)) == 1, S:dimint(S:cols(part)) == 1
  local kind = rows and cols and KIND.scalar or cols and KIND.vector or KIND.matrix
  return S:symbol(kind == KIND.matrix and letter:upper() or letter, kind, bits, S:rows(part), S:cols(part))
end

-- Letters that no symbol in f has.
local function free_letters(S, f)
  local taken = {}
  for _, id in ipairs(S:postorder(f)) do
    if S:op(id) == "symbol" then
      taken[S:name(id):lower()] = true
    end
  end
  local list = {}
  for _, letter in ipairs(LETTERS) do
    local name = letter
    while taken[name] do
      name = name .. "'"
    end
    list[#list + 1] = name
  end
  return list
end

local function by_composition(session, f, variables)
  return composition.new(session, variables):of(f)
end

-- Of several parts that are no scalars only compositions are asked: the blocks of second derivatives by matrices are large.
local function all_scalar(S, parts)
  for _, part in ipairs(parts) do
    if S:dimint(S:rows(part)) ~= 1 or S:dimint(S:cols(part)) ~= 1 then
      return false
    end
  end
  return true
end

--- The curvature of an expression by its affine parts.
-- @tparam function ask the curvature of an expression in variables, as of nabla.convexity.composition
-- @tparam table session
-- @tparam integer f
-- @tparam {integer,...} variables
-- @treturn ?table as of nabla.convexity.composition; nil where the parts are the variables, or nothing is known
function M.curvature(ask, session, f, variables)
  local S = session.S
  local q = composition.new(session, variables)
  local parts = parts_of(q, S, f)
  local letters, symbols, values, lines = free_letters(S, f), {}, {}, {}
  local others = 0
  if #parts > MOST_PARTS then
    return nil
  elseif #parts > 1 and not all_scalar(S, parts) then
    ask = by_composition
  end
  for i, part in ipairs(parts) do
    if q.is_variable[part] then
      symbols[i], values[i] = part, part
    else
      local behind = M.is_behind(session, variables, part)
      local own = behind and S:neg(part) or part
      local symbol = symbol_for(session, letters[i], own)
      symbols[i], values[i] = symbol, behind and S:neg(symbol) or symbol
      others = others + 1
      lines[#lines + 1] = {
        text = string.format("%s = %s", S:name(symbol), session:text(own)),
        rule = "affine part",
        zh = "仿射部分",
        symbol = symbol,
        part = own,
      }
    end
  end
  local g = others > 0 and S:replace(f, parts, values)
  if not g then
    return nil
  end
  local inner = ask(session, g, symbols)
  local from, to = {}, {}
  for i, line in ipairs(lines) do
    from[i], to[i], line.symbol, line.part = line.symbol, line.part, nil, nil
  end
  local domain = {}
  for i, need in ipairs(inner.domain or {}) do
    domain[i] = { attribute = need.attribute, id = S:replace(need.id, from, to) }
  end
  return {
    convex = inner.convex and reasons.joined(lines, inner.convex),
    concave = inner.concave and reasons.joined(lines, inner.concave),
    strictly = others == 1 and #parts == 1 and inner.strictly and q:tells_apart(to[1]) and true or nil,
    domain = domain,
  }
end

return M
