--- Letters with a number, x_1, in nabla's own language, where the derivative by x is asked for: entries of x.
--
-- Pages mean the entry, and a letter of its own would make the derivative zero. So it is read as one where nobody declared the
-- letter, where the whole fits so, and where nothing more has to be assumed; the reading is told.
--
-- @module nabla.page.entries

local errors = require "nabla.text.errors"
local notes = require "nabla.text.notes"
local scopes = require "nabla.language.scope"
local trees = require "nabla.language.tree"

local M = {}

-- Is the variable a letter that is a vector, declared or by habit?
local function is_vector(session, by)
  local var = scopes.lookup(session.scope, by)
  return by:find "^[h-zα-ω]$" and not var or var and var.kind == "vector" and not var.func
end

-- Make letters such as x_1 in a tree entries of x. What is told of it; nil where there are none, or one is transposed.
local function put_entries(session, tree, by)
  local told, turned = {}, false
  trees.walk(tree, function(t)
    turned = turned or t.tag == "transpose" and (t[1].name or ""):find("^" .. by .. "_%d") ~= nil
    local index = t.tag == "name" and t.name:match("^" .. by .. "_(%d+)$")
    if index and not scopes.lookup(session.scope, t.name) then
      told[#told + 1] = ("%s is an entry of %s"):format(t.name, by)
      t.tag, t.name, t.args = "call", by, { { tag = "number", text = index, pos = t.pos } }
    end
  end)
  return #told > 0 and not turned and told or nil
end

--- Read a tree with its letters x_1 as entries of the variable.
-- @tparam table session
-- @tparam table tree a tree of its own: it is changed
-- @tparam table opts `by`, `habits`
-- @tparam function strict reads a tree
-- @return the id and the context; nil where that is no reading
function M.read(session, tree, opts, strict)
  local by = opts.by
  if opts.habits == false or not session.habits or not by:find "^[%a\128-\255]+$" or not is_vector(session, by) then
    return nil
  end
  local told = put_entries(session, tree, by)
  local ok, id, c
  if told then
    ok, id, c = pcall(strict, tree)
  end
  if not ok then
    if told and not errors.is_error(id) then
      error(id, 0)
    end
    return nil
  end
  for _, note in ipairs(c.notes or {}) do
    if note:find(" stands for ", 1, true) and note:find(by .. "(", 1, true) then -- x_1 + x
      return nil
    end
  end
  c.notes = notes.joined(told, c.notes)
  return id, c
end

return M
