--- Answers with names for the parts that repeat: 2*A'*r where r = A*x - b.
--
-- How they are written is here; which parts get names is in nabla.print.parts, how they are read in nabla.page.definitions.
--
-- @module nabla.session.parts

local core = require "nabla.core"
local format = require "nabla.print.format"
local later = require "nabla.text.later"
local scopes = require "nabla.language.scope"

local kinds = later.require "nabla.print.kinds"
local named_parts = later.require "nabla.print.parts"
local notation = later.require "nabla.print.notation"

local M = {}

local LONG_LINE = 79 -- characters
local HALF = 0.5
local WORTH_NAMES = 60 -- nodes: what is shorter is read as it is, unless names are asked for

-- Names that stand for something else everywhere.
local RESERVED = {}
for name in ("d D E I K i j e T H"):gmatch "%S+" do
  RESERVED[name] = true
end

-- Two functions: is a name taken in a session, or in a node? Is it the name of a size?
local function taken_in(session, id)
  local S, used, sizes = session.S, {}, {}
  for _, x in ipairs(S:postorder(id)) do
    local op = S:op(x)
    if op == "symbol" or op == "function" then
      used[S:name(x)] = true
      used[S:name(x):match "^(.+)_$" or ""] = true
    end
    local letter = session.ops[op] and notation.letter_of_form(session.ops[op].latex)
    used[letter or ""] = true -- that of an eigenvalue
    for _, dim in ipairs { S:rows(x), S:cols(x) } do
      for _, name in ipairs(dim ~= core.constants.one and S:dimnames(dim) or {}) do
        used[name], sizes[name] = true, true
      end
    end
  end
  return function(name)
    local op = session.ops[name] or session.formulas[name]
    return used[name] or RESERVED[name] or op ~= nil or scopes.lookup(session.scope, name) ~= nil
      or scopes.is_dimension(session.scope, name)
  end, function(name)
    return sizes[name] or scopes.is_dimension(session.scope, name) and not scopes.lookup(session.scope, name)
  end
end

-- The whole in a format: the tree and the definitions as texts.
local function joined(text, list, how, program)
  if program then -- as statements, the value last
    list[#list + 1] = text
    return table.concat(list, "\n")
  elseif how == "latex" then
    return text .. ", \\quad \\text{where } " .. table.concat(list, ", \\; ")
  end
  local line = text .. " where " .. table.concat(list, ", ")
  return #line <= LONG_LINE and line or text .. "\nwhere " .. table.concat(list, ",\n      ")
end

--- The text of a display tree with names.
-- @tparam table session
-- @tparam integer id the node that the tree is of
-- @tparam table tree
-- @tparam string how text, unicode or latex
-- @tparam table opts of the printer; `parts`: true, or "auto" for names only where they make it half as long; `ending`: a text behind the
-- whole, before the definitions
-- @return the text, and the definitions, each with `name` and `text`; nil where no names are wanted
function M.written(session, id, tree, how, opts)
  if opts.parts == "auto" and tree.cost < WORTH_NAMES then
    return nil
  end
  local kind = opts.kind or kinds.of(session.S)
  local taken, is_size = taken_in(session, id)
  local main, definitions, total = named_parts.named(tree, kind, taken, is_size)
  if #definitions == 0 or opts.parts == "auto" and total > HALF * tree.cost then
    return nil
  end
  local list, found = {}, {}
  for i, definition in ipairs(definitions) do
    local name, text = format[how](definition.name, opts), format[how](definition.tree, opts)
    list[i] = name .. " = " .. text
    found[i] = { name = definition.name.text, text = text }
  end
  local text = format[how](main, opts)
  return joined(text .. (opts.ending or ""), list, how, opts.program and how ~= "latex"), found, text
end

return M
