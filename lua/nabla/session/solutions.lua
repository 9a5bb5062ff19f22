--- The solutions of equations: a list of equations x = .., one for each unknown, with conditions and steps.
--
-- @classmod nabla.Solutions

local Equation = require "nabla.session.equation"
local handles = require "nabla.session.handles"
local words = require "nabla.session.words"

local Solutions = {}
Solutions.__index = Solutions

-- The node of an id as it is to be printed.
local function wrap(session, id)
  return session:wrap(id)
end

--- What the solver found, as values. For modules of nabla.
-- @tparam table session
-- @tparam {nabla.Equation,...} equations
-- @tparam table found the result of nabla.solve.system
function Solutions.new(session, equations, found)
  local self = { session = session, equations = equations, conditions = found.needs, values = {}, lines = {} }
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
  self.notes, self.several = {}, found.several ~= nil and #found.several > 0
  for i, x in ipairs(found.several or {}) do
    self.notes[i] = ("this is one of several solutions for %s"):format(session.S:name(x))
  end
  for i, w in ipairs(found.free or {}) do
    local bits = session.S:op(w) == "symbol" and session.S:attributes(w) or 0
    local name = bits ~= 0 and require("nabla.solve.conditions").strongest(session, bits)
    if name then
      self.notes[#self.notes + 1] = ("%s is %s"):format(self.free[i]:text(), session.attributes[name].title or name)
    end
  end
  if #self.remaining > 0 then
    local open = {}
    for i, x in ipairs(found.open) do
      open[i] = session.S:name(x)
    end
    local many = #self.remaining > 1
    local subject = many and "the equations that are left determine " or "the equation that is left determines "
    self.notes[#self.notes + 1] = subject .. table.concat(open, ", ")
  end
  local names = {}
  for i, x in ipairs(found.opposite or {}) do
    names[i] = "-" .. session.S:name(x)
  end
  if #names > 0 then
    self.notes[#self.notes + 1] = ("%s as well"):format(table.concat(names, ", "))
  end
  self.kind, self.checked = found.kind, found.checked
  return setmetatable(self, Solutions)
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

--- The solutions as text, "unicode" or "latex", a line each; then the equations that are left (`remaining`), where a stationary point
-- is found in part. `opts`: those of node:text.
function Solutions:text(how, opts)
  local lines = {}
  for i = 1, #self do
    lines[i] = self[i]:text(how, opts)
  end
  for i, e in ipairs(self.remaining) do
    lines[#self + i] = e:text(how, opts)
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
