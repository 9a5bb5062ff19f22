--- Derivatives by several variables at once, [x; y].
--
-- The variables are parts of one column z, a matrix as its vec: x is [I, 0]*z. The derivative is taken by z, in any layout that has
-- one by a vector; then the variables take their place in it again.
--
-- @module nabla.calculus.joint_variable

local core = require "nabla.core"
local later = require "nabla.text.later"

local several_arguments = later.require "nabla.language.several_arguments"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds

-- The parts of `[z; conj(z)]`, names or calls of an operator that an answer tells to be a conjugate; nil for another text.
local function with_conjugates(text, is_conjugate)
  local inner = text:match "^%s*%[(.*)%]%s*$"
  if not inner or not inner:find("(", 1, true) then
    return nil
  end
  local parts = {}
  for part in (inner:gsub(";", ",") .. ","):gmatch "([^,]*)," do
    part = part:match "^%s*(.-)%s*$"
    local op, name = part:match "^([%a_][%w_]*)%(%s*([%a_\128-\255][%w_\128-\255]*)%s*%)$"
    if not (op and is_conjugate(op) or part:match "^[%a_\128-\255][%w_\128-\255]*$") then
      return nil
    end
    parts[#parts + 1] = name and op .. "(" .. name .. ")" or part
  end
  return parts
end

--- The names in a text such as `x, y`, `(x, y)` or `[x; y]`, and in brackets conjugates, `[z; conj(z)]`; nil if it is none of these.
-- @tparam string text
-- @tparam[opt] function is_conjugate (name of an operator) -> boolean
-- @treturn {string,...}|nil
function M.names(text, is_conjugate)
  local several = is_conjugate and with_conjugates(text, is_conjugate)
  if several then
    return several
  end
  local inner = text:match "^%s*%[(.*)%]%s*$" or text:match "^%s*%((.*)%)%s*$" or text
  if not inner:find "[,;]" or inner:find "[%[%]()]" then
    return nil
  end
  local names = {}
  for part in (inner:gsub(";", ",") .. ","):gmatch "([^,]*)," do
    local name = part:match "^%s*([%a_\128-\255][%w_\128-\255]*)%s*$"
    if not name then
      return nil
    end
    names[#names + 1] = name
  end
  return names
end

-- The rows of z that belong to a variable, as the matrix that takes them: [0, I, 0].
local function selection(session, before, own, after)
  local S, ops = session.S, session.ops
  local row
  for _, block in ipairs { { before, true }, { own }, { after, true } } do
    local cols = block[1]
    if cols ~= S:dim(0) then
      local node = block[2] and S:zeros(own, cols) or S:identity(own)
      row = row and S:apply(ops.hcat.number, { row, node }) or node
    end
  end
  return row
end

--- An expression in a column in the place of variables.
-- @tparam table session
-- @tparam integer id
-- @tparam {integer,...} variables
-- @treturn integer the expression
-- @treturn integer the column
-- @treturn function gives a node with the variables in their places again
function M.joined(session, id, variables)
  local S, ops = session.S, session.ops
  local total, sizes = S:dim(0), {}
  for i, v in ipairs(variables) do
    sizes[i] = S:dimmul(S:rows(v), S:cols(v))
    total = S:dimadd(total, sizes[i])
  end
  local z = S:symbol(" joint", KIND.vector, 0, total, ONE)
  local parts, before = {}, S:dim(0)
  for i, v in ipairs(variables) do
    local after = S:dimadd(total, S:dimmul(S:dim(-1), S:dimadd(before, sizes[i])))
    local part = S:product { selection(session, before, sizes[i], after), z }
    if S:cols(v) ~= ONE then
      part = S:apply(ops.unvec.number, { part, S:dimnode(S:rows(v)), S:dimnode(S:cols(v)) })
    end
    parts[i] = part
    before = S:dimadd(before, sizes[i])
  end
  local column = several_arguments.stack(session, variables)
  return S:replace(id, variables, parts), z, function(node)
    return S:replace(node, { z }, { column })
  end
end

return M
