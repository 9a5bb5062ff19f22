--- Letters of a rule file of which a declaration says values: `let vector x(n) random mean m covariance S`.
--
-- In an identity or a check such letters are symbols, and what is known of them is put in, as in a session. A value that no `let`
-- declares is declared here, with the shape of what it is the value of. In a rule a letter stands for any, of which nothing is known.
--
-- @module nabla.rules.known_letters

local core = require "nabla.core"
local known_values = require "nabla.language.known_values"
local syntax = require "nabla.language.syntax"

local M = {}

local ONE = core.constants.one -- the dimension 1

-- A size as a tree; nil for 1.
local function size(S, dim)
  return dim ~= ONE and assert(syntax.expression(S:dimtext(dim))) or nil
end

-- The declaration of a value: the one that there is, or a new one, with the attributes that such a value has.
local function declaration(S, var, value, old)
  local d = { kind = var.kind, name = value.value, pos = value.pos, namepos = value.pos, attributes = {} }
  d.rows = size(S, var.rows)
  d.cols = var.kind == "matrix" and (size(S, var.cols) or { tag = "number", text = "1", pos = value.pos }) or nil
  if var.kind == "matrix" and not d.rows then
    d.rows = { tag = "number", text = "1", pos = value.pos }
  end
  if old then
    for key, part in pairs(old) do
      d[key] = part
    end
    d.attributes = table.move(old.attributes or {}, 1, #(old.attributes or {}), 1, {})
  end
  for _, name in ipairs(var.kind == "matrix" and value.attributes or {}) do
    d.attributes[#d.attributes + 1] = { name = name, pos = value.pos }
  end
  return d
end

--- Take what is known out of the attributes of a declaration; it is then in its `known`.
function M.take(loader, d)
  d.known = known_values.take(loader, d)
end

--- Declare the values that declarations name. Raises a nabla.Error.
-- @tparam Loader loader
-- @tparam table decls name -> declaration, all that are in force; changed
-- @tparam {table,...} list those to look at, whose values M.take has taken
function M.declare(loader, decls, list)
  local S = loader.session.S
  for _, d in ipairs(list) do
    if d.known and not (d.rows or d.kind == "scalar") then
      local hint = ("write %s %s(n)"):format(d.kind, d.name)
      loader:stop(d.pos, ("a letter of which a value is known states its size, and %s does not"):format(d.name), hint)
    end
    local before = loader.decls
    loader.decls = decls
    local scope = d.known and loader:symbols(loader:declarations_of { tag = "name", name = d.name })
    loader.decls = before
    for _, value in ipairs(d.known or {}) do
      local var = value.value and scope.vars[value.value]
      if var then
        decls[value.value] = declaration(S, var, value, decls[value.value])
      end
    end
  end
end

return M
