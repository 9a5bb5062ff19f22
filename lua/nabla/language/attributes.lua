--- The attributes of a declaration: which there are, which go together, of what shapes.
--
-- Rule files say it: `attribute skew square excludes symmetric`. Invariant: a symbol's bits are those of its
-- attributes and of all that they imply, and no two of these exclude each other.
--
-- @module nabla.language.attributes

local later = require "nabla.text.later"
local spelling = require "nabla.text.spelling"

local shapes = later.require "nabla.text.shape"

local M = {}

--- A set of attributes with all that they imply.
-- @param session
-- @tparam {string,...} list
-- @treturn table name -> the one of the list that it follows from
function M.closure(session, list)
  local set = {}
  local function add(name, from)
    if not set[name] then
      set[name] = from
      for other in pairs(session.implications[name] or {}) do
        add(other, from)
      end
    end
  end
  for _, name in ipairs(list) do
    add(name, name)
  end
  return set
end

-- An attribute of the list that cannot be declared together with the attribute a.
local function excluded(session, a, list)
  local mine = M.closure(session, { a })
  for _, b in ipairs(list) do
    local theirs = M.closure(session, { b })
    for name in pairs(mine) do
      for other in pairs(theirs) do
        if (session.exclusions[name] or {})[other] or (session.exclusions[other] or {})[name] then
          return b
        end
      end
    end
  end
end

-- Have only square matrices an attribute, or one that it implies?
local function is_of_square(session, attribute)
  local square = session.square_attributes
  if not session.attributes[attribute] then
    return false
  elseif square[attribute] or not session.implications[attribute] then
    return square[attribute] or false
  end
  for name in pairs(M.closure(session, { attribute })) do
    if square[name] then
      return true
    end
  end
  return false
end

--- Has a declaration an attribute that only square matrices have?
-- @param session
-- @tparam table d the declaration
function M.need_square(session, d)
  local list = d.attributes
  for i = 1, list and #list or 0 do
    if is_of_square(session, list[i].name) then
      return true
    end
  end
  return false
end

--- The attributes that have been declared together since rules were read, each list as one text such as `symmetric invertible`.
-- @treturn table `bits`: text -> bits; `square`: text -> true, where only square matrices have them
function M.together(session)
  session.attributes_together = session.attributes_together or { bits = {}, square = {} }
  return session.attributes_together
end

-- Remember the attributes of a declaration that was right. Those that say more than a bit are not for the engine alone: of complex
-- letters, and of those with a value behind them, as a mean.
local function remember(session, list, bits)
  local words, square = {}, false
  local complex = session.attributes.complex
  if complex and bits & complex.bits ~= 0 then
    return
  end
  for i = 1, #list do
    local name = list[i].name
    words[i] = name
    square = square or is_of_square(session, name)
    if session.attributes[name].with then
      return
    end
  end
  local together, text = M.together(session), table.concat(words, " ")
  together.bits[text], together.square[text] = bits, square or nil
end

--- The bits of the attributes of a declaration. What is wrong with them is raised.
-- @param session
-- @tparam table d the declaration: name, and attributes with name and pos
-- @param rows
-- @param cols
-- @tparam function stop called with `c`, the place, the message and a hint
-- @param c
function M.bits(session, d, rows, cols, stop, c)
  local S, bits, earlier = session.S, 0, nil
  local list = d.attributes
  for i = 1, list and #list or 0 do
    local a = list[i]
    local known = session.attributes[a.name]
    if not known then
      local names = spelling.names(session.attributes)
      local nearest = spelling.nearest(a.name, names)
      stop(
        c,
        a.pos,
        "unknown attribute '" .. a.name .. "'",
        nearest and "did you mean " .. nearest .. "?" or "known: " .. table.concat(names, ", ")
      )
    end
    if rows ~= cols and is_of_square(session, a.name) then
      stop(
        c,
        a.pos,
        string.format(
          "%s is %s; only a square matrix is %s",
          d.name,
          shapes.text(S, rows, cols),
          a.name
        ),
        a.name == "orthogonal" and "with more rows than columns it may be orthonormal: Q'*Q == I(n)"
          or string.format("leave %s out, or declare a square matrix", a.name)
      )
    end
    local rival = i > 1 and excluded(session, a.name, earlier)
    if rival then
      stop(c, a.pos, string.format("no matrix is %s and %s", rival, a.name), "leave one of them out")
    end
    if i < #list then
      earlier = earlier or {}
      earlier[i] = a.name
    end
    bits = bits | known.bits
  end
  if list and #list > 0 and not session.loading then
    remember(session, list, bits)
  end
  return bits
end

return M
