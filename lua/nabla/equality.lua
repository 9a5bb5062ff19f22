--- Equality by numbers: two nodes are evaluated at random values of their symbols that have the declared attributes.
--
-- Where they differ, the values are a counterexample, and the answer is certain; where they agree at every point, they are
-- equal but for an accident of the random numbers and of rounding.
--
-- @module nabla.equality

local instances = require "nabla.instances"
local lower = require "nabla.lower"
local matrix = require "nabla.matrix"
local prove = require "nabla.prove"

local M = {}

local POINTS = 5
local TRIES = 60
local SAME = 1e-9 -- distance relative to the size of the values
local DIFFERENT = 1e-6

-- The symbols, functions and sizes of nodes.
local function contents(S, ids)
  local found = { symbols = {}, functions = {}, dims = {} }
  local seen, names = {}, {}
  local function sizes(id)
    for _, d in ipairs { S:rows(id), S:cols(id) } do
      for _, name in ipairs(S:dimnames(d)) do
        if not names[name] then
          names[name] = true
          found.dims[#found.dims + 1] = name
        end
      end
    end
  end
  for _, root in ipairs(ids) do
    for _, id in ipairs(S:postorder(root)) do
      local op, own = S:op(id)
      sizes(id)
      if not seen[id] and own and op == "symbol" then
        seen[id] = true
        local kind = S:kind(id)
        if kind == "dimension" then
          if not names[S:name(id)] then
            names[S:name(id)] = true
            found.dims[#found.dims + 1] = S:name(id)
          end
        elseif kind ~= "counter" then
          found.symbols[#found.symbols + 1] = id
        end
      elseif own and op == "call" then
        found.functions[S:name(S:args(id)[1])] = id
      elseif own and (op == "D" or op == "d") then
        found.differential = true
      end
    end
  end
  table.sort(found.dims)
  return found
end

-- The attributes that a symbol is known to have, of those that can be drawn.
local function attributes_of(session, id)
  local list = {}
  for _, name in ipairs(instances.structures) do
    if session.attributes[name] and session.S:property(name, id) then
      list[#list + 1] = name
    end
  end
  return list
end

local function random_function(r, rows, cols)
  local W = {}
  return function(x)
    x = matrix(x)
    local n = #x
    W[n] = W[n] or r:matrix(rows * cols, n)
    local v = matrix.zeros(n, 1)
    for k = 1, n do
      v[k] = x[k]
    end
    local u, y = W[n] * v, matrix.zeros(rows, cols)
    for k = 1, #u do
      y[k] = math.sin(u[k]) + 0.5 * u[k]
    end
    return y
  end
end

-- Random values, or nil.
local function point(session, found, r, try)
  local S = session.S
  local values, dims = {}, {}
  for i, name in ipairs(r:shuffled(found.dims)) do
    dims[name] = try % 3 == 0 and r:integer(2, 4) or i + 1
    values[name] = dims[name]
  end
  local function size(d)
    return lower.size_function(S, d)(dims)
  end
  for _, id in ipairs(found.symbols) do
    local rows, cols = size(S:rows(id)), size(S:cols(id))
    local wanted = attributes_of(session, id)
    local v
    if #wanted > 0 then
      v = instances.make(r, r:pick(wanted), rows, cols)
    elseif rows == 1 and cols == 1 and try % 3 == 2 then
      v = matrix(r:integer(1, 3) + 0.0)
    elseif try % 4 == 3 then
      v = instances.makers.positive(r, rows, cols)
    elseif try % 4 == 2 and rows == cols then
      v = instances.make(r, "near_identity", rows, cols)
    else
      v = r:matrix(rows, cols)
    end
    for _, name in ipairs(wanted) do
      if not v or not instances.tests[name](v) then
        return nil
      end
    end
    values[S:name(id)] = v
  end
  for name, id in pairs(found.functions) do
    values[name] = random_function(r, size(S:rows(id)), size(S:cols(id)))
  end
  return values
end

-- Values in words.
local function described(values)
  local names, parts = {}, {}
  for name in pairs(values) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local v = values[name]
    if type(v) == "number" then
      parts[#parts + 1] = name .. " = " .. v
    elseif type(v) ~= "function" then
      parts[#parts + 1] = name .. " = " .. prove.entries(v)
    end
  end
  return table.concat(parts, ", ")
end

-- Do both sides stay where they are when the values change in their last digits?
local function steady(F, values, x, y, distance, r)
  local moved = {}
  for name, v in pairs(values) do
    moved[name] = v
    if type(v) == "userdata" and #v > 1 then
      moved[name] = matrix.build(v.rows, v.cols, function(i, j)
        return v(i, j) * (1 + 1e-13 * (r:unit() - 0.5))
      end)
    end
  end
  local ok, u, w = pcall(F, moved)
  if not ok or not u then
    return false
  end
  local left, right = prove.distance(matrix(x), matrix(u)), prove.distance(matrix(y), matrix(w))
  return left and right and left < 1e-3 * distance and right < 1e-3 * distance
end

--- Compare two nodes by numbers.
-- @tparam table session
-- @param a an id
-- @param b an id
-- @treturn string "yes", "no" or "unknown"
-- @treturn string the reason
-- @treturn table|nil for "no": the values, the value of each side, and their distance: { values =, left =, right =, distance = }
function M.compare(session, a, b)
  local S = session.S
  local found = contents(S, { a, b })
  if found.differential then
    return "unknown",
      "the rules bring them to no common form, and derivatives of unknown functions have no value"
  end
  local left, right = session:wrap(a), session:wrap(b)
  local F, err = session:compile({ left, right }, { nan = true })
  if not F then
    return "unknown", "the rules bring them to no common form, and they have no value: " .. tostring(err)
  end
  local r = instances.random "equal"
  local points, worst, why = 0, 0, "no values were found at which both are defined"
  for try = 1, TRIES do
    local values = point(session, found, r, try)
    if values then
      local ok, x, y = pcall(F, values)
      local distance = ok and x and y and prove.distance(matrix(x), matrix(y))
      if distance and distance > DIFFERENT and not steady(F, values, x, y, distance, r) then
        why = "the values depend on rounding" -- near a pole, or of a singular matrix
      elseif distance and distance > DIFFERENT then
        return "no",
          string.format("floating point: the distance is %.2g at %s", distance, described(values)),
          { values = values, left = matrix(x), right = matrix(y), distance = distance }
      elseif distance then
        points, worst = points + 1, math.max(worst, distance)
        if points == POINTS then
          break
        end
      elseif not ok or not x then
        why = tostring(ok and y or x):match "[^\n]*"
      end
    end
  end
  if points == POINTS and worst <= SAME then
    return "yes",
      string.format("floating point: at %d random points the distance is at most %.1g", points, worst)
  elseif points == POINTS then
    return "unknown",
      string.format("floating point: at %d random points the distance is up to %.1g", points, worst)
  end
  return "unknown", "the rules bring them to no common form; by numbers: " .. why
end

return M
