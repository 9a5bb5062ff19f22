--- Syntax trees (nabla.language.syntax): walks, copies, other names, and a text to look at.
--
-- A tree is a table with a `tag`; its parts are trees, or lists of trees. No pass changes a tree that another may hold:
-- who wants a different tree makes a copy. The parts of a tree are visited in the order of the text.
--
-- @module nabla.language.tree

local M = {}

-- The parts of a form in a rule file, which is no tree itself.
local FORM = { "lhs", "rhs", "answers" }

local function down(tree, visit, state)
  local tag = tree.tag
  if tag and visit(tree, state) or tag == "name" or tag == "number" then
    return
  end
  for i = 1, #tree do
    if type(tree[i]) == "table" then
      down(tree[i], visit, state)
    end
  end
  local args = tree.args
  for i = 1, args and #args or 0 do
    if type(args[i]) == "table" then
      down(args[i], visit, state)
    end
  end
  if tag == "sumover" then
    down(tree.lo, visit, state)
    down(tree.hi, visit, state)
    down(tree.body, visit, state)
  elseif not tag then
    for i = 1, #FORM do
      local part = tree[FORM[i]]
      if part then
        down(part, visit, state)
      end
    end
  end
end

--- Call a function with a tree and, below it, with every tree in it; a tree comes before its parts.
-- @tparam table|nil tree a tree, a form, or a list of them
-- @tparam function visit called with a tree and the state; where it returns true, the parts of that tree are skipped
-- @param[opt] state
function M.walk(tree, visit, state)
  if tree then
    down(tree, visit, state)
  end
end

local walk = M.walk

local function add_name(tree, set)
  if tree.tag == "name" or tree.tag == "call" then
    set[tree.name] = true
  end
end

--- The names in a tree: those of leaves and of calls.
-- @tparam table|nil tree
-- @tparam[opt] table set a set to add them to
-- @treturn table the set
function M.names(tree, set)
  set = set or {}
  walk(tree, add_name, set)
  return set
end

local function add_leaf(tree, list)
  list[#list + 1] = tree.tag == "name" and tree or nil
end

local function add_leaf_name(tree, list)
  if tree.tag == "name" then
    list[#list + 1] = tree.name
  end
end

--- The names that are leaves of a tree, in the order of the text, added to a list.
-- @tparam table|nil tree
-- @tparam[opt] {string,...} list
-- @treturn {string,...} the list
function M.leaf_names(tree, list)
  list = list or { nil, nil, nil, nil } -- room for most
  walk(tree, add_leaf_name, list)
  return list
end

--- The leaves of a tree that are names, in the order of the text.
-- @tparam table|nil tree
-- @treturn {table,...}
function M.leaves(tree)
  local list = {}
  walk(tree, add_leaf, list)
  return list
end

--- The first leaf or call of a name, for the caret of an error; or nil.
-- @tparam table|nil tree
-- @tparam string name
function M.find(tree, name)
  local found
  walk(tree, function(t)
    if not found and (t.tag == "name" or t.tag == "call") and t.name == name then
      found = t
    end
    return found ~= nil
  end)
  return found
end

--- Is a tree written as zero: the number 0, or zeros(..)?
function M.is_zero(tree)
  return tree.tag == "call" and tree.name == "zeros" or tree.tag == "number" and tonumber(tree.text) == 0
end

--- A copy of a tree; nothing in it is shared.
function M.copy(tree)
  if type(tree) ~= "table" then
    return tree
  end
  local copy = {}
  for key, part in pairs(tree) do
    copy[key] = type(part) == "table" and M.copy(part) or part
  end
  return copy
end

-- Tables that begin with room for what most trees have are made in one piece.
local function shallow_copy(t)
  local copy
  if not t.tag then
    copy = { table.unpack(t) }
  elseif t.tag == "call" then
    copy = { tag = "call", name = t.name, args = t.args, pos = t.pos }
  else
    copy = { t[1], t[2], tag = t.tag, args = t.args, pos = t.pos, oppos = t.oppos, ops = t.ops, signs = t.signs }
  end
  for key, value in pairs(t) do
    copy[key] = value
  end
  return copy
end

-- The tags of trees whose parts are elements and arguments; lists are not among them.
local ONLY_ARGUMENTS = {}
for tag in ("call product sum neg transpose power compare not entry"):gmatch "%S+" do
  ONLY_ARGUMENTS[tag] = true
end

--- A tree with other names of leaves and calls. It shares with the tree what does not change; it is the tree itself
-- where nothing changes.
-- @tparam table tree a tree, or a list of trees
-- @tparam table map name -> name; a name that is a number makes a leaf a number
function M.rename(tree, map)
  local new = (tree.tag == "name" or tree.tag == "call") and map[tree.name]
  if tree.tag == "name" or tree.tag == "number" then
    if new and tonumber(new) then
      return { tag = "number", text = new, pos = tree.pos }
    end
    return new and { tag = "name", name = new, pos = tree.pos } or tree
  end
  local renamed
  for i = 1, #tree do
    local part = tree[i]
    local other = type(part) == "table" and M.rename(part, map) or part
    if other ~= part then
      renamed = renamed or shallow_copy(tree)
      renamed[i] = other
    end
  end
  local args = ONLY_ARGUMENTS[tree.tag] and tree.args
  if args then
    local other = M.rename(args, map)
    if other ~= args then
      renamed = renamed or shallow_copy(tree)
      renamed.args = other
    end
  elseif not ONLY_ARGUMENTS[tree.tag] then
    for key, part in pairs(tree) do
      local other = type(key) == "string" and type(part) == "table" and M.rename(part, map) or part
      if other ~= part then
        renamed = renamed or shallow_copy(tree)
        renamed[key] = other
      end
    end
  end
  if new then
    renamed = renamed or shallow_copy(tree)
    renamed.name = new
  end
  return renamed or tree
end

local dump

local function dump_list(list)
  local out = {}
  for i, tree in ipairs(list) do
    out[i] = dump(tree)
  end
  return table.concat(out, ", ")
end

local writers = {
  number = function(tree)
    return tree.text
  end,
  name = function(tree)
    return tree.name
  end,
  call = function(tree)
    return tree.name .. "(" .. dump_list(tree.args) .. ")"
  end,
  entry = function(tree)
    return dump(tree[1]) .. "(" .. dump_list(tree.args) .. ")"
  end,
  neg = function(tree)
    return "(-" .. dump(tree[1]) .. ")"
  end,
  transpose = function(tree)
    return dump(tree[1]) .. "'"
  end,
  power = function(tree)
    return ("(%s %s %s)"):format(dump(tree[1]), tree.elementwise and ".^" or "^", dump(tree[2]))
  end,
  sumover = function(tree)
    return ("sum(%s = %s..%s, %s)"):format(tree.var, dump(tree.lo), dump(tree.hi), dump(tree.body))
  end,
  ["not"] = function(tree)
    return "not " .. dump(tree[1])
  end,
  compare = function(tree)
    return ("%s %s %s"):format(dump(tree[1]), tree.op, dump(tree[2]))
  end,
  sum = function(tree)
    local out = { dump(tree.args[1]) }
    for i = 2, #tree.args do
      out[i] = (tree.signs[i] == 1 and "+ " or "- ") .. dump(tree.args[i])
    end
    return "(" .. table.concat(out, " ") .. ")"
  end,
  product = function(tree)
    local out = { dump(tree.args[1]) }
    for i = 2, #tree.args do
      out[i] = tree.ops[i - 1] .. " " .. dump(tree.args[i])
    end
    return "(" .. table.concat(out, " ") .. ")"
  end,
}

--- Prints a tree with all its brackets, to see how a text was read: `a + b*c'` as `(a + (b * c'))`.
---@param tree nabla.Ast
---@return string
function M.dump(tree)
  return writers[tree.tag](tree)
end

dump = M.dump

local LEVEL = { sum = 1, neg = 2, product = 3, power = 4, transpose = 5 }

-- The text of a tree beside something that binds as tightly as `level`.
local function text(tree, level)
  local own = LEVEL[tree.tag]
  local out
  if tree.tag == "sum" then
    out = text(tree.args[1], own)
    for i = 2, #tree.args do
      out = out .. (tree.signs[i] == 1 and " + " or " - ") .. text(tree.args[i], own + 1)
    end
  elseif tree.tag == "product" then
    out = text(tree.args[1], LEVEL.neg)
    for i = 2, #tree.args do
      out = out .. tree.ops[i - 1] .. text(tree.args[i], own + 1)
    end
  elseif tree.tag == "neg" then
    out = "-" .. text(tree[1], own)
  elseif tree.tag == "power" then
    out = text(tree[1], own + 1) .. (tree.elementwise and ".^" or "^") .. text(tree[2], own + 1)
  elseif tree.tag == "transpose" then
    out = text(tree[1], own) .. "'"
  elseif tree.tag == "call" then
    local args = {}
    for i, arg in ipairs(tree.args) do
      args[i] = text(arg, 0)
    end
    out = tree.name .. "(" .. table.concat(args, ",") .. ")"
  else
    return dump(tree)
  end
  return own and own < level and "(" .. out .. ")" or out
end

--- The text of a tree, for a message, with the brackets that it needs.
function M.text(tree)
  return text(tree, 0)
end

return M
