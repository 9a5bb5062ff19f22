--- Equations judged by numbers: solutions are put back at random values by the judge, which shares no code with nabla.
--
-- @module spec.support.equations

local judge = require "spec.judge"

local M = {}

-- The names in a text with others in their place: a solution in brackets for each unknown.
function M.put_in(text, values)
  return (text:gsub("[%a_][%w_]*", function(name)
    return values[name] and "(" .. values[name] .. ")" or nil
  end))
end

local function sides(text)
  local left, right = text:match "^(.-)=(.*)$"
  return left, right
end

local function trim(text)
  return text:match "^%s*(.-)%s*$"
end

local function pieces(text, sign)
  local list = {}
  for piece in (text .. sign):gmatch("(.-)" .. sign) do
    list[#list + 1] = trim(piece)
  end
  return list
end

--- Declarations in one text as a list.
M.split = require("spec.judge.language").split

--- The cases of a file: { constraints (after a sign |) =, decl =, unknowns =, equations =, expected =, refused =, line = }.
function M.cases(path)
  local list, decl, number = {}, nil, 0
  for line in io.lines(path) do
    number = number + 1
    local given = line:match "^given%s+(.*)$"
    local unknowns, equations, answer = line:match "^([%w_, ]+):%s*(.-)%s*=>%s*(.*)$"
    if given then
      decl = given
    elseif unknowns and not line:find "^#" then
      local expression, constraints = equations:match "^(.-)%s*|%s*(.*)$"
      local refused = answer:match "^refused%s*(.*)$"
      list[#list + 1] = {
        decl = decl,
        unknowns = pieces(unknowns, ","),
        equations = pieces(expression or equations, "&"),
        constraints = constraints and pieces(constraints, "&") or {},
        refused = refused,
        expected = not refused and trim(answer) ~= "" and pieces(answer, "&") or nil,
        line = number,
      }
    end
  end
  return list
end

--- Put solutions back into an equation.
-- @tparam string equation a text
-- @tparam table values unknown -> text
-- @tparam string decl declarations
-- @treturn boolean|nil do both sides agree? nil: they have no values
-- @return why not
function M.holds(equation, values, decl)
  local left, right = sides(equation)
  left = M.put_in(left, values)
  if trim(right) == "0" then
    left, right = "(" .. left .. ") + (" .. left .. ")", left -- x + x = x says that x is 0
  else
    right = M.put_in(right, values)
  end
  return judge.same(left, right, decl, { tolerance = 1e-5 }) -- random matrices may be near to singular ones
end

--- The declarations of the free symbols of solutions.
function M.with_free(decl, solutions)
  for _, w in ipairs(solutions.free) do
    if M.is_number(solutions, w) then
      goto next
    end
    local scalar = w.rows == "1" and w.cols == "1"
    local text = scalar and "scalar %s" or "matrix %s(%s,%s)"
    local words = {}
    for _, attribute in ipairs(scalar and {} or { "symmetric", "diagonal", "lower", "upper", "skew" }) do
      words[#words + 1] = solutions.session:holds(attribute, w) and " " .. attribute or nil
    end
    decl = decl .. ", " .. text:format(tostring(w), w.rows, w.cols) .. table.concat(words)
    ::next::
  end
  return decl
end

--- Is a free symbol the number of an eigenvector?
function M.is_number(solutions, w)
  return w.rows == "1" and w.cols == "1" and tostring(solutions):find(", " .. tostring(w) .. ")", 1, true) ~= nil
end

--- The solutions as texts without named operators, by their unknowns.
function M.texts(solutions, unknowns)
  local values = {}
  for _, name in ipairs(unknowns) do
    local text = solutions:vec_form(name):text()
    for _, w in ipairs(solutions.free) do
      if M.is_number(solutions, w) then
        text = M.put_in(text, { [tostring(w)] = "1" })
      end
    end
    values[name] = text
  end
  return values
end

return M
