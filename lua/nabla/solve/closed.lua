--- Counted sums without the unknown stay as they are: letters stand for them while an equation is solved, so that
-- sum(i = 1..N, (x_i - mu)*(x_i - mu)') is not written out.
--
-- @module nabla.solve.closed

local core = require "nabla.core"
local factors = require "nabla.algebra.factors"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds

-- A letter of the shape and the attributes of a node; `symbol`: its name.
local function letter(session, id, symbol)
  local S = session.S
  local rows, cols = S:rows(id), S:cols(id)
  local kind = rows == ONE and cols == ONE and "scalar" or cols == ONE and "vector" or "matrix"
  local bits = 0
  for name, attribute in pairs(session.attributes) do
    if attribute.bits and name ~= "constant" and S:property(name, id) then
      bits = bits | attribute.bits
    end
  end
  return S:symbol(symbol, KIND[kind], bits, rows, cols)
end

-- The counted sums inside others: their value may be another at each term.
local function inner_sums(S, nodes)
  local inside = {}
  for _, E in ipairs(nodes) do
    for _, id in ipairs(S:postorder(E)) do
      for _, a in ipairs(factors.is(S, id, "range") and S:args(id) or {}) do
        for _, x in ipairs(S:postorder(a)) do
          inside[x] = inside[x] or factors.is(S, x, "range")
        end
      end
    end
  end
  return inside
end

--- Letters for the counted sums in nodes that do not hold unknowns; of a sum and its transpose a letter and its transpose.
-- @tparam table session
-- @tparam {integer,...} nodes
-- @tparam {integer,...} unknowns
-- @treturn {integer,...} the sums
-- @treturn {integer,...} their letters
function M.letters(session, nodes, unknowns)
  local S, holders = session.S, {}
  for i, each in ipairs(unknowns) do
    holders[i] = factors.holder(S, each)
  end
  local from, to, known, inside = {}, {}, {}, inner_sums(S, nodes)
  for _, E in ipairs(nodes) do
    for _, id in ipairs(S:postorder(E)) do
      local held = not factors.is(S, id, "range") or S:rows(id) == 0 or inside[id] or known[id]
      for _, holds in ipairs(holders) do
        held = held or holds(id)
      end
      if not held then
        local turned = known[S:transpose(id)]
        known[id] = turned and S:transpose(turned) or letter(session, id, " sum" .. #from)
        from[#from + 1], to[#to + 1] = id, known[id]
      end
    end
  end
  return from, to
end

--- E with letters for the counted sums that do not hold x.
-- @tparam table session
-- @tparam integer E
-- @tparam integer x
-- @treturn integer E itself where there are none
-- @treturn function takes a node, and gives it with the sums in place of their letters; nil where there are none
function M.sums(session, E, x)
  local S = session.S
  local from, to = M.letters(session, { E }, { x })
  if #from == 0 then
    return E
  end
  local letters, sums = {}, {}
  for i, id in ipairs(to) do
    if S:op(id) == "symbol" then
      letters[#letters + 1], sums[#sums + 1] = id, from[i]
    end
  end
  return S:replace(E, from, to), function(id)
    return S:replace(id, letters, sums)
  end
end

-- Does a node hold a counter? Then its value is another at each term of a sum.
local function has_counter(S, id)
  for _, x in ipairs(S:postorder(id)) do
    if S:op(x) == "symbol" and S:kind(x) == "counter" then
      return true
    end
  end
  return false
end

-- Is a node worth a letter: a function, as a norm, or a sum of matrices?
local function is_part(S, id)
  local op, own = S:op(id)
  if own then
    return op == "sum" and not factors.is_scalar(S, id) or op == "power" and is_part(S, S:args(id)[1])
  end
  return S:rows(id) ~= 0 and #S:args(id) > 0 and factors.is_scalar(S, id)
end

--- Equations with letters for the parts without unknowns that are norms and other scalar functions, or sums of matrices: they are not
-- written out then.
-- @tparam table session
-- @tparam table equations { left =, right = } each
-- @tparam {integer,...} unknowns
-- @treturn table|nil the equations; nil where there are no such parts
-- @treturn function takes a node, and gives it with the parts in place of their letters
function M.parts(session, equations, unknowns)
  local S, from, to, seen = session.S, {}, {}, {}
  local holders = {}
  for i, x in ipairs(unknowns) do
    holders[i] = factors.holder(S, x)
  end
  local function holds(id)
    for _, held in ipairs(holders) do
      if held(id) then
        return true
      end
    end
    return false
  end
  local function look(id)
    local stack = { id }
    while #stack > 0 do
      local node = table.remove(stack)
      if not seen[node] then
        seen[node] = true
        if not holds(node) and is_part(S, node) and not has_counter(S, node) then
          from[#from + 1], to[#to + 1] = node, letter(session, node, " closed" .. #from)
        elseif S:rows(node) ~= 0 then
          table.move(S:args(node), 1, #S:args(node), #stack + 1, stack)
        end
      end
    end
  end
  local any = false
  for _, e in ipairs(equations) do
    any = any or holds(e.left) or holds(e.right)
    for _, side in ipairs { e.left, e.right } do
      if holds(side) then
        look(side)
      end
    end
  end
  if #from == 0 or not any then
    return nil
  end
  local list = {}
  for i, e in ipairs(equations) do
    list[i] = { left = S:replace(e.left, from, to), right = S:replace(e.right, from, to), shown = e.shown }
  end
  return list, function(id)
    for _ = 1, 3 do -- a part in a part
      id = S:replace(id, to, from)
    end
    return id
  end
end

--- A solution with the sums put back.
function M.put_back(session, solution, back)
  local conditions = require "nabla.solve.conditions"
  local needs = {}
  for _, c in ipairs(solution.needs) do
    conditions.add(session, needs, c.property, back(c.node_id), c.other_id and back(c.other_id))
  end
  solution.needs = needs
  for _, key in ipairs { "value", "particular", "homogeneous", "product" } do
    solution[key] = solution[key] and back(solution[key])
  end
  for _, line in ipairs(solution.lines or {}) do
    line.left, line.right = back(line.left), back(line.right)
  end
  return solution
end

return M
