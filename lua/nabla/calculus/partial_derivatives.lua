--- Partial derivatives of unknown functions of several arguments.
--
-- The engine has the columns of D(f, [x; u]) that belong to an argument. Where f stands at the arguments that it is declared with,
-- they are D(f, x) of a function of that one argument, of the same name: so it is printed, read, and laid out as any other.
--
-- @module nabla.calculus.partial_derivatives

local core = require "nabla.core"

local M = {}

local ONE = core.constants.one -- the dimension 1

-- What a session knows: `functions`, by id of a function of several arguments its parts, and by id of one of one argument to
-- which function and which argument it belongs. Handles keep the nodes.
local function known(session)
  session.several = session.several or { functions = {}, partial = {}, handles = {}, list = {} }
  return session.several
end

local function keep(session, id)
  local all = known(session)
  all.handles[id] = all.handles[id] or session.S:handle(id)
  return id
end

--- A function of several arguments was declared.
-- @tparam table session
-- @tparam string name
-- @tparam integer f the function's node
-- @tparam {table,...} parts its arguments: id, rows, cols
-- @tparam integer bits the attributes of its values
function M.declared(session, name, f, parts, bits)
  local S, all = session.S, known(session)
  if all.functions[f] then
    return
  end
  keep(session, f)
  local entry = { parts = parts, alone = {}, f = f }
  for i, part in ipairs(parts) do
    local h = keep(session, S:func(name, bits, keep(session, part.id), S:rows(f), S:cols(f)))
    entry.alone[i] = h
    all.partial[h] = { f = f, i = i }
  end
  all.functions[f] = entry
  all.list[#all.list + 1] = f
end

-- How many entries an argument has, and those behind it.
local function sizes(S, parts, i)
  local own = S:dimmul(parts[i].rows, parts[i].cols)
  local rest = S:dim(0)
  for j = i + 1, #parts do
    rest = S:dimadd(rest, S:dimmul(parts[j].rows, parts[j].cols))
  end
  return own, rest
end

-- The columns of J that belong to an argument.
local function columns(session, entry, J, i)
  local S, ops, parts = session.S, session.ops, entry.parts
  local function cut(name, j)
    local own, rest = sizes(S, parts, j)
    return S:apply(ops[name].number, { J, S:dimnode(own), S:dimnode(rest) })
  end
  for j = 1, i - 1 do
    J = cut("lastcolumns", j)
  end
  return i < #parts and cut("firstcolumns", i) or J
end

-- The columns as D(h, x) is kept, h the function of the one argument: what they are in terms of it, and the other way.
local function arranged(session, entry, i, node, back)
  local S, ops, part = session.S, session.ops, entry.parts[i]
  local scalar = S:rows(entry.f) == ONE and S:cols(entry.f) == ONE
  local function vec(id)
    return S:cols(id) == ONE and id or S:apply(ops.vec.number, { id })
  end
  local function unvec(id, rows, cols)
    return cols == ONE and id or S:apply(ops.unvec.number, { id, S:dimnode(rows), S:dimnode(cols) })
  end
  if scalar and part.cols ~= ONE then
    return back and S:transpose(unvec(S:transpose(node), part.rows, part.cols)) or S:transpose(vec(S:transpose(node)))
  elseif S:cols(entry.f) ~= ONE and part.rows == ONE and part.cols == ONE then
    return back and unvec(node, S:rows(entry.f), S:cols(entry.f)) or vec(node)
  end
  return node
end

-- The function that the partial derivative by the i-th argument is of the j-th, i < j: a column.
local function mixed(session, entry, i, j)
  local S, all = session.S, known(session)
  entry.mixed = entry.mixed or {}
  local key = i .. " " .. j
  if not entry.mixed[key] then
    local name = ("D(%s, %s)"):format(S:name(entry.f), entry.parts[i].name)
    local g = keep(session, S:func(name, 0, entry.parts[j].id, entry.parts[i].rows, ONE))
    entry.mixed[key] = g
    all.partial[g] = { f = entry.f, i = i, j = j }
  end
  return entry.mixed[key]
end

-- The block of the second derivative by the i-th and the j-th argument, with the rows of the i-th.
local function block(session, entry, H, i, j)
  return columns(session, entry, session.S:transpose(columns(session, entry, H, i)), j)
end

local function is_flat(entry, i)
  return entry.parts[i].cols == ONE
end

--- The derivative by the argument `id` of a partial derivative, the layout's node D(h, x): the function of the other argument, and is
-- it the transpose? Nil where it is none.
function M.second(session, node, id)
  local S, all = session.S, session.several
  local partial = all and S:op(node) == "D" and all.partial[S:args(node)[1]]
  local entry = partial and not partial.j and all.functions[partial.f]
  if not entry or S:rows(entry.f) ~= ONE or S:cols(entry.f) ~= ONE or not is_flat(entry, partial.i) then
    return nil
  end
  for j, part in ipairs(entry.parts) do
    if part.id == id and j ~= partial.i and is_flat(entry, j) then
      local i = partial.i
      return mixed(session, entry, math.min(i, j), math.max(i, j)), entry.parts[math.max(i, j)].id, i > j
    end
  end
end

--- The partial derivative of f by its i-th argument at a point, in the engine's form.
function M.at(session, f, i, point)
  local entry = known(session).functions[f]
  return arranged(session, entry, i, columns(session, entry, session.S:derivative(f, point), i), true)
end

--- The function of the i-th argument of f alone.
function M.alone(session, f, i)
  return known(session).functions[f].alone[i]
end

--- Partial derivatives of functions at the arguments that they are declared with, as derivatives of functions of one argument.
function M.outward(session, id)
  local S, all = session.S, session.several
  if not all then
    return id
  end
  local from, to = {}, {}
  local function pair(a, b)
    from[#from + 1], to[#to + 1] = a, b
  end
  for _, f in ipairs(all.list) do
    local entry, p = all.functions[f], S:declared_argument(f)
    local J = S:derivative(f, p)
    local H = S:derivative(J, p)
    local scalar = S:rows(f) == ONE and S:cols(f) == ONE
    for i, part in ipairs(entry.parts) do
      local own = S:derivative(entry.alone[i], part.id)
      if scalar and is_flat(entry, i) then
        local second = S:derivative(own, part.id)
        pair(block(session, entry, H, i, i), second)
        for j = i + 1, is_flat(entry, i) and #entry.parts or 0 do
          if is_flat(entry, j) then
            local both = S:derivative(mixed(session, entry, i, j), entry.parts[j].id)
            pair(block(session, entry, H, i, j), both)
            pair(block(session, entry, H, j, i), S:transpose(both))
          end
        end
      end
      pair(columns(session, entry, J, i), arranged(session, entry, i, own, false))
    end
  end
  return #from > 0 and S:replace(id, from, to) or id
end

--- The other way.
function M.inward(session, id)
  local S, all = session.S, session.several
  if not all then
    return id
  end
  local from, to = {}, {}
  for _, x in ipairs(S:postorder(id)) do
    if S:op(x) == "D" and S:name(x) == "" then
      local f, point = S:args(x)[1], S:args(x)[2]
      local first = S:op(f) == "D" and f
      local partial = all.partial[first and S:args(first)[1] or f]
      local entry = partial and all.functions[partial.f]
      if entry and point == entry.parts[partial.j or partial.i].id then
        local p = S:declared_argument(partial.f)
        local J = S:derivative(partial.f, p)
        from[#from + 1] = x
        local second = first or partial.j
        to[#to + 1] = second and block(session, entry, S:derivative(J, p), partial.i, partial.j or partial.i)
          or arranged(session, entry, partial.i, columns(session, entry, J, partial.i), true)
      end
    end
  end
  return #from > 0 and S:replace(id, from, to) or id
end

return M
