--- Writes terms as expressions of a language, by its table of templates, with no more brackets than it needs.
--
-- A template is a function (writer, term) -> text, precedence. `M.infix`, `M.prefix`, `M.postfix` and `M.call` make the usual ones.
--
-- @module nabla.code.writer

local M = {}
M.__index = M

--- Precedences, from the loosest.
M.SUM, M.TIMES, M.SIGN, M.POWER, M.CALL, M.ATOM = 1, 2, 3, 4, 5, 6
local SUM, TIMES, CALL, ATOM = M.SUM, M.TIMES, M.CALL, M.ATOM

--- A writer for a target language.
-- @tparam table target `ops` (name of a term's op -> template), `operators` (name of an operator -> template)
-- @tparam table names term -> the name that it has
function M.new(target, names)
  return setmetatable({ target = target, names = names, helpers = {} }, M)
end

--- The text of a term and its precedence.
function M:text(t)
  local name = self.names[t]
  if name and not (t.op == "counter" and self.target.converts_counters) then
    return name, ATOM
  end
  return self:expression(t)
end

--- The text of a term that is no name.
function M:expression(t)
  if t.op == "operator" then
    return self.target.operators[t.name](self, t)
  end
  return self.target.ops[t.op](self, t)
end

--- The text of a term, in brackets if it binds less than `least`.
function M:at(t, least)
  local text, precedence = self:text(t)
  return precedence < (least or 0) and "(" .. text .. ")" or text
end

--- A helper function that the text needs: its name, for the target's table `helpers`.
function M:need(helper)
  if not self.helpers[helper] then
    self.helpers[helper] = true
    self.helpers[#self.helpers + 1] = helper
  end
end

--- `a SIGN b SIGN c`; of a sign that is not associative the right side binds closer.
function M.infix(sign, precedence, strict)
  return function(w, t)
    local parts = {}
    for i, a in ipairs(t.args) do
      parts[i] = w:at(a, precedence + ((strict or i > 1) and 1 or 0))
    end
    return table.concat(parts, sign), precedence
  end
end

--- A call, such as "exp(%1)": the arguments stand in brackets already. `helper`: a function that it needs.
function M.call(format, helper)
  return function(w, t)
    if helper then
      w:need(helper)
    end
    return (format:gsub("%%(%w)", function(i)
      if i == "m" or i == "n" then
        return w.target.size(i == "m" and t.rows or t.cols)
      end
      return w:at(t.args[tonumber(i)])
    end)), CALL
  end
end

--- A method or a sign behind an argument that binds as closely as a call: "%1.T".
function M.postfix(format, precedence)
  return function(w, t)
    return (format:gsub("%%(%d)", function(i)
      return w:at(t.args[tonumber(i)], CALL)
    end)), precedence or CALL
  end
end

--- A sum with rational coefficients; `number` writes a coefficient, `times` is the sign between it and its term.
function M.sum(number, times)
  return function(w, t)
    local out = {}
    for i, a in ipairs(t.args) do
      local num, den = t.coefficients[i]:match "^(%-?%d+)/(%d+)$"
      local negative = num:sub(1, 1) == "-"
      num = negative and num:sub(2) or num
      local text, precedence
      if num == "1" and den == "1" then
        text, precedence = w:text(a)
      elseif num == "1" then
        text, precedence = w:at(a, TIMES) .. w.target.divided .. number(den, "1"), TIMES
      else
        text, precedence = number(num, den) .. times .. w:at(a, TIMES + 1), TIMES
      end
      if precedence <= SUM and (negative or #t.args == 1 or i > 1) then
        text = "(" .. text .. ")"
      end
      out[#out + 1] = (i > 1 and (negative and " - " or " + ") or negative and "-" or "") .. text
    end
    if #t.args == 1 then
      return out[1], out[1]:sub(1, 1) == "-" and SUM or TIMES
    end
    return table.concat(out), SUM
  end
end

--- Sorted so that a term with a positive coefficient comes first, for languages in which that reads better.
function M.positive_first(t)
  local order, args, coefficients = {}, {}, {}
  for i in ipairs(t.args) do
    order[i] = i
  end
  table.sort(order, function(i, j)
    local a, b = t.coefficients[i]:sub(1, 1) == "-", t.coefficients[j]:sub(1, 1) == "-"
    if a ~= b then
      return b
    end
    return i < j
  end)
  for i, k in ipairs(order) do
    args[i], coefficients[i] = t.args[k], t.coefficients[k]
  end
  return { op = t.op, args = args, coefficients = coefficients, rows = t.rows, cols = t.cols }
end

return M
