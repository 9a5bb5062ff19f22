--- The solutions of equations: a list of equations x = .., one for each unknown, with conditions and steps.
--
-- @classmod nabla.Solutions

local Equation = require "nabla.session.equation"
local handles = require "nabla.session.handles"
local titles = require "nabla.text.titles"
local words = require "nabla.session.words"

local Solutions = {}
Solutions.__index = Solutions

-- The node of an id as it is to be printed.
local function wrap(session, id)
  return session:wrap(id)
end

-- What there is to be said of a solution besides its conditions: the name of a wording and its arguments each.
local function remarks(self, found)
  local session, list = self.session, {}
  for _, x in ipairs(found.several or {}) do
    list[#list + 1] = { #self.others > 0 and "perhaps_more" or "one_of_several", session.S:name(x) }
  end
  for i, w in ipairs(found.free or {}) do
    local bits = session.S:op(w) == "symbol" and session.S:attributes(w) or 0
    local name = bits ~= 0 and require("nabla.solve.conditions").strongest(session, bits)
    if name then
      list[#list + 1] = { "free_is", self.free[i]:text(), attribute = name }
    end
  end
  local open, opposite = {}, {}
  for i, x in ipairs(#self.remaining > 0 and found.open or {}) do
    open[i] = session.S:name(x)
  end
  if #self.remaining > 0 then
    list[#list + 1] = { #self.remaining > 1 and "left_many" or "left_one", table.concat(open, ", ") }
  end
  for i, x in ipairs(found.opposite or {}) do
    opposite[i] = "-" .. session.S:name(x)
  end
  if #opposite > 0 then
    list[#list + 1] = { "as_well", table.concat(opposite, ", ") }
  end
  return list
end

--- What the solver found, as values. For modules of nabla.
-- @tparam table session
-- @tparam {nabla.Equation,...} equations
-- @tparam table found the result of nabla.solve.system
function Solutions.new(session, equations, found)
  local self = { session = session, equations = equations, conditions = found.needs, values = {}, lines = {} }
  setmetatable(self, Solutions)
  for i, x in ipairs(found.unknowns) do
    local value = wrap(session, found.values[i])
    self[i] = Equation.new(session, wrap(session, x), value, found.needs)
    self.values[session.S:name(x)] = value
  end
  self.free = {}
  for i, w in ipairs(found.free or {}) do
    self.free[i] = wrap(session, w)
  end
  for i, line in ipairs(found.steps or {}) do
    local equation = Equation.new(session, wrap(session, line.left), wrap(session, line.right))
    self.lines[i] = { equation = equation, reason = line.reason }
  end
  self.remaining = {}
  for i, e in ipairs(found.remaining or {}) do
    self.remaining[i] = Equation.new(session, wrap(session, e.left), wrap(session, e.right))
  end
  self.others = {}
  for i, other in ipairs(found.others or {}) do
    local equation = Equation.new(session, wrap(session, found.unknowns[1]), wrap(session, other.value), other.needs)
    self.others[i] = { equation = equation, value = equation.right, conditions = other.needs }
  end
  self.several = found.several ~= nil and #found.several > 0
  self.remarks = remarks(self, found)
  self.notes = self:notes_in()
  self.kind, self.checked = found.kind, found.checked
  return self
end

--- The solution for an unknown with named solutions (`sylvester` and the like) opened into vec form.
-- @param x the name of an unknown, or its place in the list
-- @return a node
function Solutions:vec_form(x)
  local value = self.values[x] or self[x] and self[x].right
  if not value then
    error(("there is no solution for %s"):format(tostring(x)), 2)
  end
  local session, id = handles.of(value)
  return session:wrap(require("nabla.solve.vec_form").of(session, id))
end

--- The lines of the derivation: a list of { equation =, why = }.
-- @tparam[opt] string lang the language of the reasons
-- @tparam[opt] string format of conditions among them
function Solutions:steps(lang, format)
  local list = {}
  for i, line in ipairs(self.lines) do
    list[i] = { equation = line.equation, why = words.reason(self.session, line.reason, lang, format) }
  end
  return list
end

--- The solutions as text, "unicode" or "latex", a line each; then the other solutions of one equation (`others`), and the equations
-- that are left (`remaining`), where a stationary point is found in part. `opts`: those of node:text.
function Solutions:text(how, opts)
  local lines = {}
  for i = 1, #self do
    lines[i] = self[i]:text(how, opts)
  end
  for _, other in ipairs(self.others) do
    lines[#lines + 1] = other.equation:text(how, opts)
  end
  for _, e in ipairs(self.remaining) do
    lines[#lines + 1] = e:text(how, opts)
  end
  return table.concat(lines, "\n")
end

Solutions.__tostring = function(self)
  return self:text()
end

--- In LaTeX.
function Solutions:latex()
  return self:text "latex"
end

--- In Unicode.
function Solutions:unicode()
  return self:text "unicode"
end

--- What else there is to be said, as that there are other solutions: a list of texts; `notes` has them in English.
-- @tparam[opt] string lang a language
function Solutions:notes_in(lang)
  local list = {}
  for i, remark in ipairs(self.remarks) do
    local args = { table.unpack(remark, 2) }
    if remark.kind then
      local key = args[1]:gsub(" ", "_")
      args[1] = words.text(self.session, key, {}, lang)
    end
    local attribute = remark.attribute and self.session.attributes[remark.attribute]
    if attribute then
      args[2] = lang and lang ~= "en" and titles.of(attribute, lang) or attribute.title or remark.attribute
    end
    list[i] = words.text(self.session, remark[1], args, lang)
  end
  return list
end

--- Remember a kind that a stationary point has where letters are positive. For modules of nabla.
-- @tparam string kind as "unique minimum"
-- @tparam {string,...} names of the letters
function Solutions:add_kind_if(kind, names)
  self.remarks[#self.remarks + 1] = { "kind_if", kind, table.concat(names, ", "), kind = true }
  self.notes = self:notes_in()
end

--- What kind of point a stationary point is, in words: "kind: unique minimum"; found in turn, a line for each unknown.
-- @tparam[opt] string lang the language
-- @treturn {string,...} no line for the solution of equations
function Solutions:kind_lines(lang)
  local function word(kind)
    return words.text(self.session, kind:gsub(" ", "_"), {}, lang)
  end
  local lines = {}
  if self.kind then
    lines[1] = words.text(self.session, "kind", { word(self.kind) }, lang)
  end
  for _, e in ipairs(self.kinds and self or {}) do
    local kind = self.kinds[e.left:text()]
    lines[#lines + 1] = kind and words.text(self.session, "kind_in", { e.left:text(), word(kind) }, lang) or nil
  end
  return lines
end

--- The conditions as lines: "invertible(A'*A): known, A is of full column rank".
-- @tparam[opt] string how the format
-- @tparam[opt] string lang the language of the reasons
function Solutions:condition_lines(how, lang)
  local lines = {}
  for i, c in ipairs(self.conditions) do
    lines[i] = words.condition(c, how, lang)
  end
  return lines
end

--- The same as clauses: "if invertible(A): assumed"; of another solution those that the first has not: "x = .. if ..".
-- @tparam[opt] string lang as for condition_lines
function Solutions:provided_lines(lang)
  local lines, seen = {}, {}
  for i, line in ipairs(self:condition_lines(nil, lang)) do
    lines[i], seen[line] = words.text(self.session, "provided", { line }, lang), true
  end
  for _, other in ipairs(self.others) do
    for _, c in ipairs(other.conditions) do
      local line = words.condition(c, nil, lang)
      if not seen[line] then
        lines[#lines + 1] = words.text(self.session, "provided_for", { other.equation:text(), line }, lang)
      end
    end
  end
  return lines
end

--- The derivation as text, "unicode" or "latex": each line with its reason.
-- @tparam[opt] string how the format
-- @tparam[opt] string lang the language of the reasons
function Solutions:steps_text(how, lang)
  local lines, width = {}, 0
  local steps = self:steps(lang, how)
  for i, line in ipairs(steps) do
    lines[i] = line.equation:text(how)
    width = math.max(width, utf8.len(lines[i]) or #lines[i])
  end
  if how == "latex" then
    for i, line in ipairs(steps) do
      lines[i] = lines[i]:gsub(" = ", " &= ", 1) .. (line.why and " && \\text{" .. line.why .. "}" or "")
    end
    return "\\begin{align*}\n" .. table.concat(lines, " \\\\\n") .. "\n\\end{align*}"
  end
  for i, line in ipairs(steps) do
    local pad = width - (utf8.len(lines[i]) or #lines[i]) + 4
    lines[i] = line.why and lines[i] .. (" "):rep(pad) .. line.why or lines[i]
  end
  return table.concat(lines, "\n")
end

return Solutions
