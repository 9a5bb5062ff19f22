--- Is a text in the notation of a program, and in which? A notation says by which signs.
--
-- @module nabla.page.program_text

local habit = require "nabla.language.habit"
local later = require "nabla.text.later"
local notes = require "nabla.text.notes"
local scopes = require "nabla.language.scope"
local spelling = require "nabla.text.spelling"

local program_notation = later.module(function()
  return require "nabla.language.program_notation"
end)

local M = {}

-- What a notation reads, by the list of its rows.
local rules_of = setmetatable({}, { __mode = "k" })

-- Is a sign in a text? A word is none within another: eye( is not in np.eye(, nor .T in .Tau. A dot is none of a range: 1..T.
local function has(text, sign)
  local from, to = text:find(sign, 1, true)
  while from do
    local before, behind = text:sub(from - 1, from - 1), text:sub(to + 1, to + 1)
    if from == 1 then
      before = ""
    end
    local within = sign:find "^%a" and before:find "[%w_.]" or sign:find "%w$" and behind:find "[%w_]"
    if not within and not (sign:find "^%." and before == ".") then
      return true
    end
    from, to = text:find(sign, from + 1, true)
  end
  return false
end

--- The notation of a program in which a text is: the one by whose signs it is recognised.
-- @tparam table session
-- @tparam string text
-- @tparam[opt] boolean last the one by whose signs it may be, once nothing else takes the text
-- @treturn table|nil
function M.notation(session, text, last)
  for _, name in ipairs(spelling.names(session.notations)) do
    local notation = session.notations[name]
    for _, sign in ipairs(notation.readings and notation[last and "tried" or "told"] or {}) do
      if has(text, sign) then
        return notation
      end
    end
  end
end

local function kind_of_name(session, name)
  local var = scopes.lookup(session.scope, name)
  if var and var.rows and var.cols then
    return var.cols == 1 and (var.rows == 1 and "scalar" or "vector") or "matrix"
  end
  return habit.kind(name)
end

--- What a tree is by its names: scalar, vector or matrix; nil where they do not say.
-- @tparam table session
-- @tparam[opt] table tree
-- @treturn string|nil
function M.kind(session, tree)
  local tag = tree and tree.tag
  if tag == "number" then
    return "scalar"
  elseif tag == "name" then
    return kind_of_name(session, tree.name)
  elseif tag == "neg" or tag == "power" then
    return M.kind(session, tree[1])
  elseif tag == "sum" then
    local found
    for _, term in ipairs(tree.args) do
      local kind = M.kind(session, term)
      found = (found == nil or found == "scalar") and kind or found
    end
    return found
  elseif tag == "product" then
    local first, last = M.kind(session, tree.args[1]), M.kind(session, tree.args[#tree.args])
    if #tree.args == 2 and (first == "scalar" or first == "matrix" or first == last or tree.args[1].tag == "call") then
      return last
    end
  end
end

--- Read a text in a notation.
-- @tparam table session
-- @tparam table notation of @{notation}
-- @tparam string text
-- @tparam[opt] table opts `file`
-- @tparam function strict reads a tree
-- @return the id, and the context of its elaboration, with what was assumed in `notes`
function M.read(session, notation, text, opts, strict)
  local rules = rules_of[notation.readings] or program_notation.rules(notation.readings)
  rules_of[notation.readings] = rules
  local function kind(tree)
    return M.kind(session, tree)
  end
  local tree, assumed = program_notation.read(rules, text, { file = opts and opts.file, kind = kind })
  local id, c = strict(tree)
  c.notes = notes.joined(notes.list(assumed), c.notes)
  return id, c
end

return M
