--- From operations to a program: which are computed, in which order, in which places.
--
-- nabla.numeric.fusion finds what is needed and what shares a loop, nabla.numeric.steps the step for each operation,
-- nabla.numeric.room the room for their values. Steps that depend on constants alone come first, and run once. A result is
-- computed in the caller's matrix where possible.
--
-- @module nabla.numeric.schedule

local fusion = require "nabla.numeric.fusion"
local lay_out = require "nabla.numeric.room"
local steps = require "nabla.numeric.steps"

local M = {}

-- Places of the caller's arguments: name -> place.
local function argument_places(program, values)
  local places = {}
  for _, v in ipairs(values) do
    if v.kind == 0 then
      local place = program:new_place(v.rows * v.cols)
      place.outside = true
      v.place = place.index
      places[v.name] = place
    end
  end
  return places
end

-- Places of the caller's results. `late`: the results that are copied there at the end, { operation, place }.
local function result_places(program, results)
  local given, late = {}, {}
  for i, p in ipairs(results) do
    local place = program:new_place(p.rows * p.cols)
    place.outside = true
    given[i] = { place = place.index, rows = p.rows, cols = p.cols }
    if p.op == "input" or p.op == "view" or p.constant or program.at[p] then
      late[#late + 1] = { p, place }
    else
      program.at[p] = place
    end
  end
  return given, late
end

-- Does p take the k-th argument along without its value? Numbers, a repeated column or row, an identity.
local function is_implicit(p, k, a)
  if p.op == "entries" then
    return a.op == "fill" or a.op == "along"
  elseif p.op == "kron_times" or p.op == "kron" or p.op == "swapped_kron" then
    return k < 3 and steps.is_identity(a)
  end
  return p.op == "diag" and a.op == "fill" and a.value == 1
end

-- The operations that are computed; the others are only parts of them.
local function worked_out(list, results, root)
  local wanted = {}
  for _, p in ipairs(results) do
    wanted[p] = true
  end
  for i = #list, 1, -1 do
    local p = list[i]
    if wanted[p] or root[p] and root[p] ~= p then
      for k, a in ipairs(p.args) do
        if not is_implicit(p, k, a) then
          wanted[a] = true
        elseif a.op == "along" then
          wanted[a.args[1]] = true
        end
      end
    end
  end
  return wanted
end

-- Constant steps first; their places stay theirs. The list, and how many are constant.
local function constants_first(list)
  local setup, rest = {}, {}
  for _, s in ipairs(list) do
    table.insert(s.constant and setup or rest, s)
    if s.constant then
      s.writes.kept = true
    end
  end
  local constants = #setup
  return table.move(rest, 1, #rest, constants + 1, setup), constants
end

--- The program that works out the results, in the form of core.program.
-- @param results a list of operations
-- @param values the list of inputs, { name, kind, rows, cols, value, needed }
function M.program(results, values)
  local program = steps.new()
  local list = fusion.needed(results)
  for _, p in ipairs(list) do
    p.constant = p.op ~= "input" and p.op ~= "call"
    for _, a in ipairs(p.args) do
      p.constant = p.constant and a.constant
    end
  end
  local root, members = fusion.loops(list, results)
  local arguments = argument_places(program, values)
  local given, late = result_places(program, results)
  local wanted = worked_out(list, results, root)
  for _, p in ipairs(list) do
    if p.op == "input" then
      program.at[p] = assert(arguments[p.name])
    elseif wanted[p] then
      if members[p] or p.op == "along" then
        program:loop(p, members[p] or { p })
      elseif not root[p] then
        program:emit(p)
      end
    end
  end
  for _, pair in ipairs(late) do
    program:copy(pair[1], pair[2])
  end
  local ordered, constants = constants_first(program.steps)
  local room, places = lay_out(ordered), {}
  for i, place in ipairs(program.places) do
    places[i] = place.offset or -1
  end
  return {
    steps = ordered,
    setup = constants,
    loops = program.loops,
    loop_inputs = program.loop_inputs,
    loop_steps = program.loop_steps,
    args = program.args,
    places = places,
    room = room,
    values = values,
    results = given,
  }
end

return M
