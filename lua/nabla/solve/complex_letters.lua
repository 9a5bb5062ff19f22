--- Equations with complex letters: solved with letters of their own for the conjugates, and the solutions taken back.
--
-- Where an unknown and its conjugate both occur, the conjugates of the equations are solved with them, for both. The stationary
-- points of a real function of Z are where its derivative by conj(Z) is zero (Brandwood 1983, theorem 2).
--
-- @module nabla.solve.complex_letters

local complex = require "nabla.language.complex"
local conjugates = require "nabla.calculus.conjugates"
local conditions = require "nabla.solve.conditions"
local core = require "nabla.core"
local solve = require "nabla.solve"

local M = {}

local KIND = core.constants.kinds
local SYMMETRIC = { hermitian = true, hpd = true, hpsd = true }

-- Does an equation hold the conjugates of complex unknowns, and not the unknowns themselves?
local function conjugates_only(session, e, unknowns)
  local S, from, to = session.S, {}, {}
  for _, x in ipairs(unknowns) do
    if complex.is_letter(session, x) then
      from[#from + 1] = conjugates.conjugate(session, x)
      to[#to + 1] = S:symbol("conj " .. S:name(x), KIND[S:kind(x)], 0, S:rows(x), S:cols(x))
    end
  end
  local held, alone = false, true
  for _, side in ipairs { e.left, e.right } do
    local without = #from > 0 and S:replace(side, from, to) or side
    held = held or without ~= side
    for _, letter in ipairs(S:below(without, "symbol")) do
      for _, x in ipairs(unknowns) do
        alone = alone and letter ~= x
      end
    end
  end
  return held and alone
end

-- Equations in which the unknowns occur, not their conjugates, as far as a conjugate equation does that.
local function turned(session, list, unknowns)
  local equations = {}
  for i, e in ipairs(list) do
    local turn = conjugates_only(session, e, unknowns)
    equations[i] = turn
        and { left = conjugates.conjugate(session, e.left), right = conjugates.conjugate(session, e.right) }
      or e
  end
  return equations
end

-- Do equations hold a letter and its conjugate? Letters have letters of their own for their conjugates.
local function holds_both(S, nodes, count, names)
  for i = 1, count do
    for _, letter in ipairs(S:below(nodes[i], "symbol")) do
      if names[S:name(letter)] then
        return true
      end
    end
  end
  return false
end

-- The equations and their conjugates, the unknowns and theirs.
local function with_conjugates(session, list, unknowns)
  local equations, all = { table.unpack(list) }, { table.unpack(unknowns) }
  for _, e in ipairs(list) do
    equations[#equations + 1] =
      { left = conjugates.conjugate(session, e.left), right = conjugates.conjugate(session, e.right) }
  end
  for _, x in ipairs(unknowns) do
    if complex.is_letter(session, x) then
      all[#all + 1] = conjugates.conjugate(session, x)
    end
  end
  return equations, all
end

--- Equations and unknowns with letters of their own for the conjugates.
-- @tparam table session
-- @tparam table list { left =, right = } each
-- @tparam {integer,...} unknowns
-- @tparam[opt] table opts `stationary` (true: an unknown may be Hermitian, since the gradient of a real function is so too); `both` (true:
-- the conjugates of the equations and of the unknowns are among them)
-- @treturn table the equations
-- @treturn {integer,...} the unknowns
-- @treturn function|nil takes a node back; nil where nothing is complex
function M.apart(session, list, unknowns, opts)
  local both = opts and opts.both
  list = both and list or turned(session, list, unknowns)
  local nodes = {}
  for _, e in ipairs(list) do
    nodes[#nodes + 1], nodes[#nodes + 2] = e.left, e.right
  end
  local count = #nodes
  local apart = conjugates.apart(session, table.move(unknowns, 1, #unknowns, count + 1, nodes))
  if not apart then
    return list, unknowns
  end
  local S, taken = session.S, {}
  for _, x in ipairs(both and {} or unknowns) do
    local tie = complex.is_letter(session, x) and complex.tie(session, x)
    if tie and not (opts and opts.stationary and SYMMETRIC[tie]) then
      solve.stop("%s is %s: equations for such letters are not solved", S:name(x), tie)
    end
    taken["conj " .. S:name(x)] = complex.is_letter(session, x) and x or nil
  end
  if holds_both(S, apart.f, count, taken) then
    local equations, all = with_conjugates(session, list, unknowns)
    return M.apart(session, equations, all, { both = true })
  end
  local equations = {}
  for i, e in ipairs(list) do
    equations[i] = { left = apart.f[2 * i - 1], right = apart.f[2 * i], shown = e.shown }
  end
  return equations, { table.unpack(apart.f, count + 1) }, apart.back
end

-- Take the nodes of a condition back, and see anew whether it is known.
local function condition_back(session, c, back)
  local list = {}
  conditions.add(session, list, c.property, session.S:textbook(back(c.node_id)), c.other_id and back(c.other_id))
  for key, value in pairs(list[1] or {}) do
    c[key] = value
  end
end

local function all_conditions(t, visit, seen)
  if type(t) ~= "table" or seen[t] or getmetatable(t) and not t.node_id then
    return
  end
  seen[t] = true
  if t.node_id then
    visit(t)
    return
  end
  for _, part in pairs(t) do
    all_conditions(part, visit, seen)
  end
end

--- What the solver found, with the complex letters in their places.
-- @tparam table session
-- @tparam table found the result of nabla.solve.system
-- @tparam function back
function M.back(session, found, back)
  local seen = {}
  for _, key in ipairs { "unknowns", "values", "free" } do
    for i, id in ipairs(found[key] or {}) do
      found[key][i] = key == "values" and session.S:textbook(back(id)) or back(id)
    end
  end
  for i = #(found.unknowns or {}), 1, -1 do -- what was found of conjugates follows
    if conjugates.conjugated(session, found.unknowns[i]) then
      table.remove(found.unknowns, i)
      table.remove(found.values, i)
    end
  end
  for _, line in ipairs(found.steps or {}) do
    line.left, line.right = back(line.left), back(line.right)
  end
  all_conditions({ found.needs, found.steps }, function(c)
    condition_back(session, c, back)
  end, seen)
  return found
end

return M
