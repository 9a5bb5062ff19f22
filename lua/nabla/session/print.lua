--- How a session writes: expressions as text, Unicode or LaTeX, and tables of identities.
--
-- @submodule nabla.Session

local format = require "nabla.print.format"
local forms = require "nabla.print.forms"
local handles = require "nabla.session.handles"
local layouts = require "nabla.calculus.layout"

local hints, id_of, try = handles.hints, handles.id_of, handles.try

local M = {}

-- How the nodes of a session are printed: options of nabla.print.forms and nabla.print.format.
local function print_options(self, hint)
  local opts = { formats = {}, commutes = nil, sums = hint and hint.sums, turned = hint and hint.turned }
  local commutes, odd, even, cyclic = {}, {}, {}, {}
  for name, op in pairs(self.ops) do
    if op.unicode or op.latex or op.infix then
      opts.formats[name] = {
        unicode = op.unicode or (op.infix and "%1 " .. op.infix .. " %2"),
        latex = op.latex,
        infix = op.infix,
      }
    end
    if op.elementwise or op.matrixfunction or op.transpose_equivariant then
      commutes[name] = true
    end
    if op.linear or op.odd then
      odd[name] = true
    elseif op.even then
      even[name] = true
    end
    if op.cyclic then
      cyclic[name] = true
    end
  end
  opts.commutes, opts.odd, opts.even, opts.cyclic = commutes, odd, even, cyclic
  opts.symmetric = self.attributes.symmetric
    and function(id)
      return self.S:property("symmetric", id)
    end
  return opts
end

local function tree_of(self, id, hint, opts)
  local o = print_options(self, hint)
  for k, v in pairs(opts or {}) do
    o[k] = v
  end
  local tree, why = forms.tree(self.S, id, o)
  return tree, why, o
end

--- The text of an id or node, in a format: "text" (the default), "unicode" or "latex".
function M:text(x, how, hint, opts)
  local id = math.type(x) == "integer" and x or id_of(self, x)
  if not id then
    error("text takes a node and a format", 2)
  elseif how and not ({ text = 1, unicode = 1, latex = 1 })[how] then
    error(string.format("unknown format '%s'; known: text, unicode, latex", tostring(how)), 2)
  end
  local tree, why, o = tree_of(self, id, hint or (id ~= x and hints[x] or nil), opts)
  if not tree then
    return "<" .. why .. ">"
  end
  return format[how or "text"](tree, o)
end

--- A display tree (nabla.print.display) in a format, with the print forms of the session's operators.
function M:write(tree, how)
  return format[how or "text"](tree, print_options(self))
end

--- A table of identities as text, such as session:table "scalar-by-vector".
-- @tparam string name
-- @tparam[opt] table opts layout (this one only), format (text, unicode, markdown, latex), lang (en, zh)
-- @treturn string|nil the table, or nil and the error
function M:table(name, opts)
  if type(name) ~= "string" then
    error("table takes the name of a table and options", 2)
  end
  self.S:begin()
  return try(function()
    if opts and opts.layout then
      layouts.named(self, opts.layout)
    end
    return require("nabla.rules.tables").print(self, name, opts)
  end)
end

M.options = print_options

--- How many symbols and operators the text of a node has.
function M:size(x)
  local tree = tree_of(self, id_of(self, x), hints[x])
  return tree and tree.cost
end

return M
