--- Equations entry by entry: x - v - t./x = 0 says the same of each entry. A scalar equation is solved, and its solution read for all
-- entries.
--
-- Letters for scalars take the places of the columns or matrices; ones are 1. A part without the unknown that is no function of its
-- entries alone, as A*b, gets a letter of its own. Invariant: nothing is read so in which an entry depends on other entries of x.
--
-- @module nabla.solve.entrywise

local conditions = require "nabla.solve.conditions"
local core = require "nabla.core"
local factors = require "nabla.algebra.factors"
local inverses = require "nabla.solve.inverses"
local separate = require "nabla.solve.separate"

local M = {}

local KIND = core.constants.kinds
local ONE = core.constants.one -- the dimension 1

local is, is_scalar = factors.is, factors.is_scalar

-- The attributes of each entry of a node, as positive.
local function entry_bits(session, id)
  local bits = 0
  for name, shape in pairs(session.domains) do
    if shape == "upward" and session.S:property(name, id) then
      bits = bits | session.attributes[name].bits
    end
  end
  return bits
end

-- ---------------------------------------------------------------------------------------------- one entry

-- The letters of an equation, and what they are of: letter -> node.
local function letters(session)
  local list = { of = {}, by = {}, count = 0 }
  function list.letter(id)
    if not list.by[id] then
      list.count = list.count + 1
      local letter = session.S:symbol(" entry" .. list.count, KIND.scalar, entry_bits(session, id), ONE, ONE)
      list.by[id], list.of[letter] = letter, id
    end
    return list.by[id]
  end
  return list
end

local entry

-- A product: scalars, and one matrix.
local function entry_of_product(session, id, holds, list)
  local S = session.S
  local scalars, inner = {}, nil
  for _, a in ipairs(S:args(id)) do
    if is_scalar(S, a) then
      if holds(a) then
        return nil
      end
      scalars[#scalars + 1] = a
    elseif inner then
      return not holds(id) and list.letter(id) or nil
    else
      inner = a
    end
  end
  local one = inner and entry(session, inner, holds, list)
  return one and S:product { one, table.unpack(scalars) } or nil
end

-- The entries of the arguments of a node, and the node of them.
local function entry_of_call(session, id, holds, list)
  local S = session.S
  local op = S:op(id)
  local operator = session.ops[op]
  if not (operator and operator.elementwise) then
    return not holds(id) and list.letter(id) or nil
  end
  local args = S:args(id)
  for i, a in ipairs(args) do
    args[i] = is_scalar(S, a) and not holds(a) and a or entry(session, a, holds, list)
    if not args[i] then
      return nil
    end
  end
  return S:again(id, args)
end

-- One entry of a node as a scalar, or nil.
function entry(session, id, holds, list)
  local S = session.S
  local op, own = S:op(id)
  if is_scalar(S, id) then
    return nil
  elseif not own then
    return entry_of_call(session, id, holds, list)
  elseif op == "ones" or op == "zeros" then
    return S:rational(op == "ones" and 1 or 0)
  elseif op == "symbol" then
    return list.letter(id)
  elseif op == "sum" then
    local numbers, terms = factors.terms(S, id)
    for i, term in ipairs(terms) do
      local one = entry(session, term, holds, list)
      if not one then
        return nil
      end
      terms[i] = S:product { numbers[i], one }
    end
    return S:sum(terms)
  elseif op == "product" then
    return entry_of_product(session, id, holds, list)
  elseif op == "hadamard" or op == "elpower" then
    local args = S:args(id)
    for i, a in ipairs(args) do
      args[i] = is_scalar(S, a) and not holds(a) and a or entry(session, a, holds, list)
      if not args[i] then
        return nil
      end
    end
    return op == "elpower" and S:power(args[1], args[2]) or S:product(args)
  end
  return not holds(id) and list.letter(id) or nil
end

-- ---------------------------------------------------------------------------------------------- all entries

local all

-- The scalars of a list of nodes as one product, and the matrices for the others; nil where one cannot be read for all entries.
local function apart(session, nodes, list)
  local S, scalars, matrices = session.S, {}, {}
  for _, node in ipairs(nodes) do
    local whole = all(session, node, list)
    if not whole then
      return nil
    end
    table.insert(is_scalar(S, whole) and scalars or matrices, whole)
  end
  return scalars, matrices
end

-- A scalar node read for all entries: a matrix where it holds letters, else itself; nil where that has no form.
function all(session, id, list)
  local S = session.S
  if list.of[id] then
    return list.of[id]
  end
  local args = S:args(id)
  local op, own = S:op(id)
  local any = false
  for _, x in ipairs(#args > 0 and S:postorder(id) or {}) do
    any = any or list.of[x] ~= nil
  end
  if not any then
    return id
  elseif own and op == "sum" then
    local numbers, terms = factors.terms(S, id)
    for i, term in ipairs(terms) do
      terms[i] = S:product { numbers[i], term }
    end
    local scalars, matrices = apart(session, terms, list)
    if scalars and #scalars > 0 then
      matrices[#matrices + 1] = S:product { S:sum(scalars), S:ones(list.rows, list.cols) }
    end
    return scalars and S:sum(matrices) or nil
  elseif own and op == "product" then
    local scalars, matrices = apart(session, args, list)
    if not scalars then
      return nil
    end
    scalars[#scalars + 1] = #matrices > 1 and S:hadamard(matrices) or matrices[1]
    return S:product(scalars)
  elseif own and op == "power" then
    local base = all(session, args[1], list)
    return base and all(session, args[2], list) == args[2] and S:elpower(base, args[2]) or nil
  elseif own then
    return nil
  end
  for i, a in ipairs(args) do
    args[i] = all(session, a, list)
    if not args[i] then
      return nil
    end
  end
  return S:again(id, args)
end

-- ---------------------------------------------------------------------------------------------- the equation

--- A solution of E = 0 for a column or a matrix x, or nil.
-- @tparam table session
-- @tparam integer E
-- @tparam integer x
-- @tparam function candidate solves a scalar equation (nabla.solve.candidate)
-- @treturn table|nil as of nabla.solve.linear
function M.solve(session, E, x, candidate)
  local S = session.S
  if is_scalar(S, x) or S:rows(E) ~= S:rows(x) or S:cols(E) ~= S:cols(x) or is(S, E, "symbol") then
    return nil
  end
  local list = letters(session)
  list.rows, list.cols = S:rows(x), S:cols(x)
  local one = entry(session, E, factors.holder(S, x), list)
  if not one then
    return nil
  end
  local found = candidate(session, one, list.letter(x))
  if not found or found.free or found.consistent then
    return nil
  end
  local value = all(session, separate.textbook(session, found.value), list)
  if not value then
    return nil
  end
  local result = { needs = {}, lines = {}, several = found.several, statement = found.statement }
  result.value = is_scalar(S, value) and S:product { value, S:ones(list.rows, list.cols) } or value
  for _, c in ipairs(found.needs) do
    local node = all(session, c.node_id, list)
    if not node or c.other_id then
      return nil
    end
    conditions.add(session, result.needs, c.property, node)
  end
  return result
end

--- A value in its textbook form: that of each of its entries, where it is shorter.
-- @tparam table session
-- @tparam integer value
-- @tparam[opt] boolean whole a matrix keeps its constants in the exponents
-- @treturn integer
function M.textbook(session, value, whole)
  local S = session.S
  if is_scalar(S, value) then
    return separate.textbook(session, value)
  end
  local own = inverses.textbook(S, whole and S:textbook(value) or separate.textbook(session, value))
  local list = letters(session)
  list.rows, list.cols = S:rows(value), S:cols(value)
  local one = entry(session, value, function()
    return false
  end, list)
  local short = one and separate.textbook(session, one)
  local form = short and short ~= one and all(session, short, list)
  local less = form and not is_scalar(S, form) and S:cost(form) - S:cost(own)
  if less and (less < 0 or less == 0 and separate.functions(S, form) < separate.functions(S, own)) then
    return form
  end
  return own
end

return M
