--- Expressions of a program's notation that stand for a function: 1./(1 + exp(-x)) is sigmoid(x).
--
-- A row of a notation whose form is no call and no sign is an expression in the notation itself. What is read of it is a tree, which is
-- looked for in what is read of a text.
--
-- @module nabla.language.program_patterns

local formula = require "nabla.language.formula"
local program_rows = require "nabla.language.program_rows"

local M = {}

local COMPARED = { "tag", "name", "text", "elementwise" }

-- The parts of a tree that are trees.
local function parts_of(tree)
  return tree.args or tree
end

local function same_list(a, b)
  for i = 1, math.max(a and #a or 0, b and #b or 0) do
    if not (a and b) or a[i] ~= b[i] then
      return false
    end
  end
  return true
end

-- The parts of an entry and of a counted sum that are beside its list, by their keys.
local BESIDE = { entry = { 1 }, sumover = { "lo", "hi", "body" } }

local match

-- Is a tree what a pattern says? The trees of arguments are put into `bound`.
function match(pattern, tree, bound)
  local argument = pattern.tag == "name" and tonumber(pattern.name:match "^argument(%d)$")
  if argument and bound then
    if bound[argument] then
      return match(bound[argument], tree, nil)
    end
    bound[argument] = tree
    return true
  end
  for _, field in ipairs(COMPARED) do
    if (pattern[field] or false) ~= (tree[field] or false) then
      return false
    end
  end
  local a, b = parts_of(pattern), parts_of(tree)
  if #a ~= #b or not same_list(pattern.ops, tree.ops) or not same_list(pattern.signs, tree.signs) then
    return false
  end
  for i = 1, #a do
    if type(a[i]) ~= "table" or not match(a[i], b[i], bound) then
      return false
    end
  end
  return true
end

--- The patterns of rows.
-- @tparam {table,...} rows those with expressions for forms
-- @tparam func read gives the tree of a text in the notation, and is called with the kinds of names and the row as well
-- @treturn {table,...}
function M.compile(rows, read)
  local patterns = {}
  for i, row in ipairs(rows) do
    local kinds = {}
    for _, condition in ipairs(row.when or {}) do
      kinds["argument" .. condition.argument] = condition.kind == "vector" and "column" or condition.kind
    end
    local tree = read(program_rows.named(row.form), kinds, row)
    patterns[i] = { tree = tree, formula = program_rows.body_of(row), row = row }
  end
  return patterns
end

--- A tree in which what patterns find is what they stand for. The tree is changed.
-- @tparam {table,...} patterns
-- @tparam table tree
-- @tparam func holds do the conditions of a row hold of arguments?
-- @treturn table
function M.applied(patterns, tree, holds)
  local function go(t)
    local parts = parts_of(t)
    for i = 1, #parts do
      if type(parts[i]) == "table" and parts[i].tag then
        parts[i] = go(parts[i])
      end
    end
    for _, key in ipairs(BESIDE[t.tag] or {}) do
      t[key] = go(t[key])
    end
    for _, pattern in ipairs(patterns) do
      local bound = {}
      if match(pattern.tree, t, bound) and holds(pattern.row, bound) then
        local found = formula.written_out(pattern.formula, { args = bound, pos = t.pos })
        found.paren = t.paren
        return found
      end
    end
    return t
  end
  return go(tree)
end

return M
