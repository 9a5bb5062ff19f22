--- Families of letters in rule files: `let vector x_i(n) for i = 1..N` declares the matrix x_(n,N), and x_i below it stands for the
-- member of that. So whoever reads a statement, the loader or a check by numbers, meets a matrix and an operator only.
--
-- @module nabla.rules.families

local errors = require "nabla.text.errors"
local families = require "nabla.language.families"

local M = {}

local function number(text, pos)
  return { tag = "number", text = text, pos = pos }
end

local function times(a, b)
  if a.tag == "number" and a.text == "1" then
    return b
  elseif b.tag == "number" and b.text == "1" then
    return a
  end
  return { tag = "product", args = { a, b }, ops = { "*" }, oppos = { b.pos }, pos = a.pos }
end

-- The declaration of the matrix of a family, and what is to be known of its members.
local function matrix_of(d, place)
  local base = families.base_of(place, d)
  if #d.attributes > 0 then
    local message = "the members of a family have no attributes in a rule file"
    place:stop(d.attributes[1].pos, message, "take a family without them, or matrices with names")
  elseif d.of then
    place:stop(d.ofpos or d.pos, "a family of unknown functions is not in the language")
  end
  local counts = {}
  for i, index in ipairs(d.indices) do
    families.check_first(place, index)
    counts[i] = index.hi
  end
  local one = number("1", d.pos)
  local rows, cols = d.rows or one, d.cols or one
  if d.kind == "matrix" and not d.cols or d.kind == "vector" and not d.rows then
    place:stop(d.namepos, "the sizes of a family in a rule file are stated", ("vector %s(n) for .."):format(d.name))
  end
  local down = counts[2] and counts[1] or d.kind == "scalar" and counts[1] or one
  local across = counts[2] or d.kind ~= "scalar" and counts[1] or one
  local all_rows, all_cols = times(down, rows), times(across, cols)
  local flat = all_cols.tag == "number" and all_cols.text == "1"
  return {
    kind = flat and "vector" or "matrix",
    name = base .. "_",
    rows = all_rows,
    cols = not flat and all_cols or nil,
    attributes = {},
    pos = d.pos,
    namepos = d.namepos,
  }, { family = { indices = #counts }, sizes = { down, across, rows, cols } }
end

-- The declarations of a list, families as matrices; the families go into `known`.
local function declared(list, known, place)
  for i, d in ipairs(list) do
    known[d.name] = nil
    if d.indices then
      local base
      list[i], base = matrix_of(d, place)
      known[list[i].name] = base
    end
  end
end

-- Make a tree a member of a family at some indices.
local function become_member(tree, name, family, indices)
  local one, pos = number("1", tree.pos), tree.pos
  local i, j = indices[1], indices[2]
  if not j then
    local down = family.sizes[2].tag == "number" and family.sizes[2].text == "1"
    i, j = down and i or one, down and one or i
  end
  tree.tag, tree.name = "call", "member"
  tree.args = { { tag = "name", name = name, pos = pos }, i, j, table.unpack(family.sizes) }
end

local function rewrite(tree, scope)
  if tree.tag == "name" or tree.tag == "call" then
    local var, indices = families.member(scope, tree.name, tree.pos)
    if tree.tag == "call" and scope.vars[tree.name] and scope.vars[tree.name].family then
      var, indices = scope.vars[tree.name], tree.args
    elseif var and tree.tag == "call" then -- x_i(2)
      local base = { tag = "name", name = tree.name, pos = tree.pos }
      become_member(base, var.name, var, indices)
      tree.tag, tree[1], tree.oppos, tree.name = "entry", base, tree.pos, nil
      return
    end
    if var and #indices == var.family.indices then
      become_member(tree, var.name, var, indices)
    end
  end
end

local function walk(part, scope, seen)
  if seen[part] then
    return
  end
  seen[part] = true
  for key, child in pairs(part) do
    if type(child) == "table" and key ~= "decls" then
      walk(child, scope, seen)
    end
  end
  if part.tag then
    rewrite(part, scope)
  end
end

--- Write the families of a file as matrices, and their members as blocks of these. Changes the statements.
-- @tparam {table,...} list the statements
-- @tparam table opts text, file
-- @return true, or nil and the error
function M.write_out(list, opts)
  local place = {
    stop = function(_, at, message, hint)
      local pos = type(at) == "table" and at.pos or at
      error(errors.at { text = opts.text, file = opts.file, pos = pos, message = message, hint = hint }, 0)
    end,
  }
  local known = {}
  for _, statement in ipairs(list) do
    local scope = known
    if statement.kind ~= "let" and statement.decls then
      scope = setmetatable({}, { __index = known })
    end
    if statement.decls then
      local ok, err = errors.attempt(declared, statement.decls, scope, place)
      if not ok then
        return nil, err
      end
    end
    for name, var in pairs(scope) do
      var.name = name
    end
    if statement.kind ~= "let" and (next(known) or next(scope)) then
      walk(statement, { vars = scope, dims = {} }, {})
    end
  end
  return true
end

return M
