--- Expansions: the method `taylor` of a session.
--
-- @submodule nabla.Session

local complex = require "nabla.language.complex"
local core = require "nabla.core"
local differentiate = require "nabla.session.differentiate"
local errors = require "nabla.text.errors"
local handles = require "nabla.session.handles"
local notes = require "nabla.text.notes"
local syntax = require "nabla.language.syntax"
local taylor = require "nabla.calculus.taylor"
local titles = require "nabla.text.titles"
local wordings = require "nabla.derive.wording"
local words = require "nabla.session.words"

local M = {}

local KIND = core.constants.kinds

local Expansion = {}
Expansion.__index = Expansion
Expansion.__name = "nabla.Expansion"

local REST = { text = "O(%s)", unicode = "O(%s)", latex = "O\\left(%s\\right)" }

--- The text of an expansion: its terms by their order, and the order of the rest.
-- @tparam[opt] string format text, unicode, latex
-- @tparam[opt] table opts notation; `parts`: true, or "auto", for names of the parts that repeat
function Expansion:text(format, opts)
  format = format or "text"
  if opts and opts.parts then
    local text = self:text_with_parts(format, opts)
    if text then
      return text
    end
    opts = { notation = opts.notation }
  end
  local parts = {}
  for _, term in ipairs(self.terms) do
    local text = term:text(format, opts)
    local sign, rest = text:match "^(%-)%s*(.*)$"
    if not sign then
      sign, rest = text:match "^(−)%s*(.*)$"
    end
    if not self.zero[term] then
      parts[#parts + 1] = (#parts == 0 and (sign or "") or (sign or "+") .. " ") .. (rest or text)
    end
  end
  local rest = REST[format]:format(self.rest:text(format, opts))
  parts[#parts + 1] = #parts > 0 and "+ " .. rest or rest
  return table.concat(parts, " ")
end

-- The text with names for the parts that repeat, or nil.
function Expansion:text_with_parts(format, opts)
  local ids, session = {}, handles.of(self.sum)
  for _, term in ipairs(self.terms) do
    ids[#ids + 1] = not self.zero[term] and handles.id_of(session, term) or nil
  end
  local rest = " + " .. REST[format]:format(self.rest:text(format, { notation = opts.notation }))
  return #ids > 0 and session:sum_with_parts(ids, format, handles.hints[self.sum], opts, rest) or nil
end

local MOST_NAMES = 4 -- of rules in a reason

-- The names of the rules that gave a derivative, in a language.
local function named(session, serials, lang)
  local wording, list, seen = wordings.new(session), {}, {}
  for _, serial in ipairs(serials) do
    local name, zh, more = wording:rule_name(serial)
    local text = name and lang and titles.of({ zh = zh, titles = more }, lang) or name
    if text and not seen[text] then
      seen[text], list[#list + 1] = true, text
    end
  end
  return #list > 0 and #list <= MOST_NAMES and table.concat(list, lang == "zh" and "、" or ", ") or nil
end

local DIFFERENTIAL = { text = { "d(f)", "d^%d(f)" }, unicode = { "d(f)", "d^%d(f)" } }
DIFFERENTIAL.latex = { "\\mathrm{d} f", "\\mathrm{d}^{%d} f" }

--- How the expansion is found: a list of { text, why }: f, its differentials in the direction, and their sum.
-- @tparam[opt] string format text, unicode, latex
-- @tparam[opt] string lang the language of the reasons
function Expansion:steps(format, lang)
  format = format or "text"
  lang = lang ~= "en" and lang or nil
  local session = self.session
  local lines = { { text = "f = " .. self.terms[1]:text(format), why = words.text(session, "given", {}, lang) } }
  for k, item in ipairs(self.derivatives) do
    local left = DIFFERENTIAL[format][k == 1 and 1 or 2]:format(k)
    local change = { self.variable:text(format), self.direction:text(format) }
    local why = named(session, item.rules, lang)
    if k == 1 then
      local first = words.text(session, "direction", change, lang)
      first = format == "latex" and "$" .. first .. "$" or first
      why = why and first .. (lang == "zh" and "：" or ": ") .. why or first
    end
    lines[#lines + 1] = { text = left .. " = " .. item.node:text(format), why = why }
  end
  lines[#lines + 1] = { text = self:text(format), why = words.text(session, "taylor", {}, lang) }
  return lines
end

--- The steps as text, unicode or latex: each line with its reason.
function Expansion:steps_text(format, lang)
  local lines, list, width = self:steps(format, lang), {}, 0
  for _, line in ipairs(lines) do
    width = math.max(width, utf8.len(line.text) or #line.text)
  end
  for i, line in ipairs(lines) do
    if format == "latex" then
      local text = line.text:gsub(" = ", " &= ", 1)
      list[i] = (i == #lines and "&" or "") .. text .. (line.why and " && \\text{" .. line.why .. "}" or "")
    else
      local pad = width - (utf8.len(line.text) or #line.text) + 3
      list[i] = line.text .. (line.why and (" "):rep(pad) .. line.why or "")
    end
  end
  if format == "latex" then
    return "\\begin{align*}\n" .. table.concat(list, " \\\\\n") .. "\n\\end{align*}"
  end
  return table.concat(list, "\n")
end

function Expansion:__tostring()
  return self:text()
end

-- The direction: a node, a text; a name that nobody declared is a symbol of the shape of x, complex as x is.
local function direction_of(self, given, x)
  local S = self.S
  if type(given) == "string" then
    local name = given:match "^%s*(.-)%s*$"
    local known = self.scope.vars[name] or self.declared.vars[name]
    if syntax.is_name(name) and not known then
      local bits = self.complex_letters and complex.is_letter(self, x) and self.attributes.complex.bits or 0
      return S:symbol(name, KIND[S:kind(x)], bits, S:rows(x), S:cols(x))
    end
  end
  local id = differentiate.expression(self, given, 5)
  return id
end

local function expand(self, f, x, H, order, opts)
  local S = self.S
  local layout = differentiate.options(self, opts)
  local id, hint, assumed = differentiate.expression(self, f, 5, differentiate.reading(opts, x))
  local v = differentiate.variable(self, x, id, hint)
  local at = opts and opts.at
  if type(at) == "number" then
    at = S:rational(at)
  elseif at ~= nil then
    at = differentiate.expression(self, at, 5)
  end
  local direction
  if H == nil then
    if S:dimint(S:rows(v)) ~= 1 or S:dimint(S:cols(v)) ~= 1 then
      errors.refuse "an expansion by a vector or a matrix needs a direction, such as H"
    end
    at = at or S:rational(0)
    direction = S:sum { v, S:neg(at) }
  else
    direction = direction_of(self, H, v)
  end
  if self.complex_letters then
    self:check_complex(id)
  end
  local ids, steps, keeps = taylor.terms(self, id, v, direction, order, { layout = layout, at = at })
  if keeps then
    local text = ("%s is taken to have the structure of %s"):format(self:text(direction), self:text(v))
    assumed = notes.joined(assumed, { text })
  end
  local result = { terms = {}, zero = {}, order = order + 1, notes = assumed, session = self, derivatives = {} }
  result.variable, result.direction = self:wrap(v), self:wrap(direction)
  for k, step in ipairs(steps) do
    result.derivatives[k] = { node = self:wrap(step.id, hint), rules = step.rules }
  end
  for i, term in ipairs(ids) do
    result.terms[i] = self:wrap(term, hint)
    result.zero[result.terms[i]] = term == S:zeros(S:rows(term), S:cols(term)) or nil
  end
  result.sum = self:wrap(S:sum(ids), hint)
  result.rest = self:wrap(taylor.rest(self, direction, order))
  return setmetatable(result, Expansion)
end

--- The expansion of f at x + H to an order in H: `s:taylor("logdet(X)", "X", "H", 2)`. Without H, of a scalar x, in powers of x - at,
-- where `at` is 0 unless an option says it.
-- @param f a node or a text
-- @param x a variable or its name
-- @param H the direction: a node, a text, or a new name, which has the shape of x; nil for a scalar x
-- @tparam[opt=2] integer order the highest power of H
-- @tparam[opt] table opts `at`: the point in place of x; layout, of derivatives of unknown functions
-- @treturn table `terms` (nodes, from order 0 on), `sum` (their sum), `order` of the rest, `rest` (the node norm2(H)^order), `notes`. It
-- prints as a sum; its method `text` takes a format. Or nil and the error
function M:taylor(f, x, H, order, opts)
  if type(f) ~= "string" and not handles.id_of(self, f) then
    error(string.format("an expression or its text was expected, found a %s", type(f)), 2)
  elseif type(x) ~= "string" and not handles.id_of(self, x) then
    error(string.format("a variable or its name was expected, found a %s", type(x)), 2)
  end
  order = order or 2
  if math.type(order) ~= "integer" or order < 0 or order > taylor.MOST then
    error(string.format("the order is a whole number from 0 to %d, found %s", taylor.MOST, tostring(order)), 2)
  end
  self.S:begin()
  return handles.try(expand, self, f, x, H, order, opts)
end

return M
