--- How a session writes: expressions as text, Unicode or LaTeX, and tables of identities.
--
-- @submodule nabla.Session

local later = require "nabla.text.later"
local conjugates = later.require "nabla.calculus.conjugates"
local display = require "nabla.print.display"
local format = require "nabla.print.format"
local forms = require "nabla.print.forms"
local handles = require "nabla.session.handles"
local layouts = require "nabla.calculus.layout"
local notations = require "nabla.session.notation"
local scopes = require "nabla.language.scope"

local complex = later.require "nabla.language.complex"
local preferences = later.require "nabla.print.preferences"
local kinds = later.require "nabla.print.kinds"

local hints, id_of, try = handles.hints, handles.id_of, handles.try

local parts = later.require "nabla.session.parts"

local M = {}

-- What the printer has to know of the operators of a session.
local function of_operators(self)
  local formats, commutes, odd, even, cyclic, conjugations, units = {}, {}, {}, {}, {}, {}, {}
  local real_part
  for name, op in pairs(self.ops) do
    if op.unicode or op.latex or op.infix or op.shown then
      formats[name] = {
        shown = op.shown,
        unicode = op.unicode or (op.infix and "%1 " .. op.infix .. " %2"),
        latex = op.latex,
        infix = op.infix,
        -- of a number and its conjugate only the number is written
        text = (op.conjugate_pair or op.of_hermitian) and op.unicode or op.imaginary_unit and "1i" or nil,
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
    if op.antilinear and op.holomorphic then
      conjugations[name] = true
    end
    if op.cyclic then
      cyclic[name] = true
    end
    if op.imaginary_unit then
      units[name] = true
    end
    if op.real_part then
      real_part = name
    end
  end
  for name, f in pairs(self.formulas) do
    formats[name] = { unicode = f.unicode or (f.infix and "%1 " .. f.infix .. " %2"), latex = f.latex, infix = f.infix }
  end
  local known = {
    formats = formats,
    commutes = commutes,
    odd = odd,
    even = even,
    cyclic = cyclic,
    conjugates = conjugations,
    units = units,
    real_part = real_part,
  }
  function known.own_transpose(id) -- of a square sum
    return self.S:rows(id) == self.S:cols(id) and self.S:transpose(id) == id
  end
  known.symmetric = self.attributes.symmetric
    and function(id)
      return self.S:property("symmetric", id)
    end
  return known
end

-- The forms that a notation gives to operators, over those of their definitions.
local function with_forms(formats, given, ops)
  local both, text_forms = setmetatable({}, { __index = formats }), false
  local function put(name, form)
    local old = formats[name] or {}
    both[name] = {
      shown = old.shown,
      text = form.text,
      unicode = form.unicode or old.unicode,
      latex = form.latex or old.latex,
      infix = old.infix,
    }
    text_forms = text_forms or form.text ~= nil
  end
  for name, form in pairs(given.ops) do
    put(name, form)
  end
  for name, old in pairs(formats) do -- operators that share the name, and take as many arguments
    local form = old.shown and given.ops[old.shown]
    if form and #ops[name].params == #ops[old.shown].params then
      put(name, form)
    end
  end
  return both, text_forms
end

-- The options of the printer and of the formats, in a notation: they stay until rules are read.
local function known_options(self, notation)
  local known = self.printing
  if not known then
    known = { operators = of_operators(self), notations = {} }
    self.printing = not self.loading and known or nil
  end
  local given = notations.of(self, notation)
  if not given then
    return known.operators
  end
  local options = known.notations[given]
  if not options then
    options = {}
    for key, value in pairs(known.operators) do
      options[key] = value
    end
    options.formats, options.text_forms = with_forms(options.formats, given, self.ops)
    options.theme, options.program = given.theme, given.program
    options.conjugating = given.program
      and complex.has_conjugating_sign(notation and self.notations[notation] or self.notations[self.notation])
    known.notations[given] = options
  end
  return options
end

-- The options for one expression, which are a table of their own; what is the same for all is found behind it.
local function print_options(self, hint, notation)
  local known = known_options(self, notation)
  known.behind = known.behind or { __index = known }
  self.ask_clock = self.ask_clock or function()
    self.S:on_time()
  end
  self.is_declared = self.is_declared or function(name)
    return scopes.lookup(self.scope, name) or scopes.lookup(self.scope, name .. "_")
  end
  local opts = setmetatable({
    sums = hint and hint.sums,
    turned = hint and hint.turned,
    preferences = self.preferences and preferences.in_layout(self.preferences, hint and hint.layout or self.layout),
    on_time = self.ask_clock,
    taken = self.is_declared,
    text_forms = known.text_forms or self.complex_letters ~= nil,
    kind = known.program and kinds.of(self.S) or nil,
    own_transpose = known.own_transpose,
    decimals = math.max(hint and hint.decimals or 0, self.decimals or 0),
    powers = hint and hint.powers or self.powers or nil,
    complex = self.complex_letters ~= nil,
  }, known.behind)
  if self.complex_letters then
    opts.unitary = self.attributes.unitary and function(id)
      id = self.S:op(id) == "transpose" and self.S:args(id)[1] or id
      return self.S:op(id) == "symbol" and self.S:property("unitary", id) and id
    end
    opts.conjugate = known.real_part and function(id)
      return complex.letters(self, id)[1] and conjugates.conjugate(self, id)
    end
  end
  return opts
end

local function tree_of(self, id, hint, opts)
  local o = print_options(self, hint, opts and opts.notation)
  for k, v in pairs(opts or {}) do
    o[k] = v
  end
  if o.parts then
    o.limit = math.huge
  end
  local tree, why = forms.tree(self.S, id, o)
  return tree, why, o
end

--- The display tree of an id. For modules of nabla.
function M:tree(id, opts)
  return (tree_of(self, id, nil, opts))
end

-- The text of a tree, perhaps with names for its parts; the definitions, and the text of the tree without them.
local function written(self, id, tree, how, o)
  if o.parts then
    local text, definitions, main = parts.written(self, id, tree, how, o)
    if text then
      return text, definitions, main
    end
  end
  local text = format[how](tree, o)
  return text, o.parts and {} or nil, o.parts and text or nil
end

local FORMATS = { text = true, unicode = true, latex = true }

--- The text of an id or node, in a format: "text" (the default), "unicode" or "latex". `opts`: `notation`, a name; `parts`, true for
-- names of the parts that repeat, "auto" for names where they make it half as long: then no text is too large.
-- @treturn string|nil the text, or nil and a table with `message` and `status` where it is too large. Time that runs out
-- is raised. With `parts` also the definitions, each with `name` and `text`, and the text without them.
function M:printed(x, how, hint, opts)
  local id = math.type(x) == "integer" and x or id_of(self, x)
  how = how or "text"
  if not id then
    error("text takes a node and a format", 2)
  elseif not FORMATS[how] then
    error(string.format("unknown format '%s'; known: text, unicode, latex", tostring(how)), 2)
  end
  local tree, why, o = tree_of(self, id, hint or (id ~= x and hints[x] or nil), opts)
  if not tree then
    return nil, { message = why, status = "limit" }
  end
  o.whole = tree.tag == "transpose" and tree[1] or tree
  if not o.program then
    return written(self, id, tree, how, o)
  end
  o.refuses = true
  if self.complex_letters and o.conjugating and complex.occurs(self, { self:wrap(id) }) then
    local message = "the sign ' would be the conjugate transpose of complex letters there: "
      .. "nabla code writes functions of them"
    return nil, { message = message, status = "unwritten" }
  end
  local done, text, definitions, main = pcall(written, self, id, tree, how, o)
  if done then
    return text, definitions, main
  elseif type(text) == "table" and text.unwritten then
    return nil, { message = text.unwritten, status = "unwritten" }
  end
  error(text, 0)
end

--- The text of several ids as a sum in their order, with names for the parts that repeat, and the text `ending` behind it; nil where
-- no names are worth it. The arguments are those of @{printed}.
function M:sum_with_parts(ids, how, hint, opts, ending)
  local trees, signs, o = {}, {}, nil
  for i, id in ipairs(ids) do
    trees[i], signs[i], o = tree_of(self, id, hint, opts)
    if not trees[i] then
      return nil
    end
    signs[i] = trees[i].tag == "neg" and -1 or 1
    trees[i] = signs[i] < 0 and trees[i][1] or trees[i]
  end
  o.refuses, o.ending = o.program, ending
  return (parts.written(self, ids[1], #trees > 1 and display.sum(trees, signs) or trees[1], how, o))
end

--- The same as part of a message: in place of a text that is too large, the reason in angle brackets.
function M:text(x, how, hint, opts)
  local text, err = self:printed(x, how, hint, opts)
  return text or "<" .. err.message .. ">"
end

--- A display tree (nabla.print.display) in a format, with the print forms of the session's operators.
function M:write(tree, how, opts)
  return format[how or "text"](tree, print_options(self, nil, opts and opts.notation))
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

-- The options of the printer for one expression, as one table. For modules of nabla.
function M.options(self, hint, notation)
  local opts = {}
  for key, value in pairs(known_options(self, notation)) do
    opts[key] = value
  end
  for key, value in pairs(print_options(self, hint, notation)) do
    opts[key] = value
  end
  return opts
end

--- How many symbols and operators the text of a node has.
function M:size(x)
  local tree = tree_of(self, id_of(self, x), hints[x])
  return tree and tree.cost
end

return M
