--- From the tree of a page to nodes: derivatives within a formula, and constants that LaTeX prints without their sizes.
--
-- @module nabla.page.elaborate

local elaborate = require "nabla.language.elaborate"
local scopes = require "nabla.language.scope"

local M = {}

-- The tree of a node that is a symbol or a call of unknown functions.
local function tree_of(S, id, pos)
  if S:op(id) == "call" then
    local args = S:args(id)
    return { tag = "call", name = S:name(args[1]), args = { tree_of(S, args[2], pos) }, pos = pos }
  end
  return { tag = "name", name = S:name(id), pos = pos }
end

-- A bare `u` of a declared function u of x means u(x), but not in D(u, x).
function M.complete(session, tree, inside_derivative)
  if type(tree) ~= "table" then
    return tree
  end
  local var = tree.tag == "name" and scopes.lookup(session.scope, tree.name)
  local by_row = tree.tag == "call"
    and tree.name == "D"
    and #tree.args == 2
    and tree.args[2].tag == "transpose"
  local of = by_row and tree.args[1].tag == "name" and scopes.lookup(session.scope, tree.args[1].name)
  if of and of.func and of.arg_cols == 1 and of.arg_rows ~= 1 then -- D(f, x') is D(f, x) laid out as a row
    local plain = {
      tag = "call",
      name = "D",
      args = { tree.args[1], tree.args[2][1] },
      pos = tree.pos,
    }
    plain = M.complete(session, plain)
    local scalar = of.rows == 1 and of.cols == 1
    return scalar and { tag = "transpose", plain, pos = tree.pos } or plain
  elseif var and var.func then
    return inside_derivative and tree
      or {
        tag = "call",
        name = tree.name,
        args = { tree_of(session.S, var.arg_id, tree.pos) },
        pos = tree.pos,
      }
  end
  local copy = {}
  for k, v in pairs(tree) do
    if k == "args" then
      copy.args = {}
      for i, arg in ipairs(v) do
        copy.args[i] = M.complete(session, arg, tree.tag == "call" and tree.name == "D")
      end
    else
      copy[k] = type(v) == "table" and v.tag and M.complete(session, v) or v
    end
  end
  return copy
end

-- Does a tree hold a call without its sizes?
function M.is_unsized(tree)
  if type(tree) ~= "table" then
    return false
  elseif tree.unsized then
    return true
  end
  for _, v in pairs(tree) do
    if M.is_unsized(v) then
      return true
    end
  end
  return false
end

-- The note on a constant that was written without its sizes.
local function constant_note(S, o, rows, cols)
  local m, n = S:dimtext(rows), S:dimtext(cols)
  if o.what == "I" then
    return ("I is the identity matrix I(%s)"):format(m)
  elseif n == "1" then
    return ("%s stands for %s(%s)"):format(o.what == "ones" and "1" or "0", o.what, m)
  end
  return ("%s stands for %s(%s,%s)"):format(o.what == "ones" and "1" or "0", o.what, m, n)
end

-- Notes on unit matrices whose sizes nothing on the page tells, into a list.
local function note_unit_matrices(session, id, scope, list)
  local S, seen = session.S, {}
  local unit = S:operator_with "unit_matrix"
  for _, node in ipairs(S:postorder(id)) do
    local open = false
    for _, dim in ipairs(S:op(node) == unit and { S:rows(node), S:cols(node) } or {}) do
      for _, name in ipairs(S:dimnames(dim)) do
        open = open or not scopes.is_dimension(scope, name)
      end
    end
    local text = open and session:text(node)
    if text and not seen[text] then
      seen[text] = true
      list[#list + 1] = { pos = 1, text = ("no letter tells the size of the unit matrix %s"):format(text) }
    end
  end
end

-- The node of a tree, and its handle. `open`: names of what LaTeX prints without sizes.
function M.elaborated(session, tree, text, open, opts)
  local S = session.S
  local scope = opts.scope or session.scope
  local habits = opts.habits
  if opts.kinds then -- they have been found
    habits = false
  end
  local c = elaborate.context(session, {
    text = text,
    scope = scope,
    habit = true,
    page = true,
    habits = habits,
    layout = opts.layout or session.layout,
    convention = opts.convention or session.convention,
    given_kinds = opts.kinds,
  })
  for name in pairs(opts.vectors or {}) do
    c.vectors[name] = true
  end
  local id = c:node(tree)
  c.ast = tree
  c.constants = {}
  if #open > 0 then
    local from, to = {}, {}
    for _, node in ipairs(S:postorder(id)) do
      local name = S:op(node) == "symbol" and S:name(node)
      for _, o in ipairs(name and open or {}) do
        if o.name == name then
          local rows, cols = S:rows(node), S:cols(node)
          from[#from + 1] = node
          to[#to + 1] = o.what == "I" and S:identity(rows)
            or o.what == "ones" and S:ones(rows, cols)
            or S:zeros(rows, cols)
          c.constants[#c.constants + 1] = { pos = o.pos, text = constant_note(S, o, rows, cols) }
        end
      end
    end
    id = S:replace(id, from, to)
  end
  if M.is_unsized(tree) then
    note_unit_matrices(session, id, scope, c.constants)
  end
  return id, c
end

return M
