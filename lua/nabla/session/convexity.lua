--- Convexity: the method `convexity` of a session, and how its verdicts print.
--
-- @submodule nabla.Session

local differentiate = require "nabla.session.differentiate"
local handles = require "nabla.session.handles"

local M = {}

local Verdict = {}
Verdict.__index = Verdict
Verdict.__name = "nabla.Convexity"

local ZH = {
  affine = "仿射",
  ["strictly convex"] = "严格凸",
  convex = "凸",
  ["strictly concave"] = "严格凹",
  concave = "凹",
  neither = "既不凸也不凹",
  unknown = "未知",
}

-- A value of a point in words: to six digits.
local function number_text(v)
  return string.format("%.6g", v)
end

local function value_text(v)
  if type(v) == "number" then
    return number_text(v)
  end
  local rows = {}
  for i = 1, v.rows do
    local row = {}
    for j = 1, v.cols do
      row[j] = number_text(v(i, j))
    end
    rows[i] = table.concat(row, " ")
  end
  return #v == 1 and rows[1] or "[" .. table.concat(rows, "; ") .. "]"
end

local function values_text(values)
  local names, list = {}, {}
  for name in pairs(values) do
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    list[i] = name .. " = " .. value_text(values[name])
  end
  return table.concat(list, ", ")
end

-- The line on a pair of points.
local function pair_text(pair, shape, others)
  return string.format(
    "not %s: at %s and %s%s the values have the mean %s, and between them it is %s",
    shape,
    values_text(pair.first),
    values_text(pair.second),
    others ~= "" and " (" .. others .. ")" or "",
    number_text(pair.mean),
    number_text(pair.value)
  )
end

--- The lines of a verdict: the verdict with its domain, then what proves it.
-- @tparam[opt] table opts format (text, unicode, latex), lang (en, zh)
-- @treturn {string,...}
function Verdict:lines(opts)
  local zh = opts and opts.lang == "zh"
  local first = zh and ZH[self.verdict] or self.verdict
  if self.domain[1] then
    first = first .. (zh and "，定义域：" or " for ") .. table.concat(self.domain, ", ")
  end
  local list = { first }
  if self.hessian then
    list[#list + 1] = (zh and "海森矩阵：" or "Hessian: ") .. self.hessian:text(opts and opts.format or "text")
  end
  for _, line in ipairs(self.because) do
    local why = zh and line.zh or line.rule or zh and "已声明" or "declared"
    list[#list + 1] = string.format("%s: %s%s", line.text, why, line.cite and " [" .. line.cite .. "]" or "")
  end
  for _, shape in ipairs(self.points and { "convex", "concave" } or {}) do
    list[#list + 1] = pair_text(self.points[shape], shape, values_text(self.points[shape]:others()))
  end
  list[#list + 1] = self.note
  return list
end

function Verdict:__tostring()
  return table.concat(self:lines(), "\n")
end

-- A list of variables: names, nodes, or one text with commas.
local function variables_of(self, x, id, hint)
  local given, list = type(x) == "table" and x or { x }, {}
  for _, item in ipairs(given) do
    if type(item) == "string" and item:find "," and not item:find "%(" then
      for name in item:gmatch "[^,]+" do
        list[#list + 1] = differentiate.variable(self, name, id, hint)
      end
    else
      list[#list + 1] = differentiate.variable(self, item, id, hint)
    end
  end
  if #list == 0 then
    error("convexity takes an expression and a variable, or a list of variables", 4)
  end
  return list
end

--- What kind of function f is of x: affine, strictly convex, convex, strictly concave, concave, neither, or unknown.
-- It is proved by facts and statements of rule files; a verdict that numbers refute is not given.
-- @param f a node or a text, of a scalar
-- @param x a variable, its name, or a list of variables (together); "x, y" as well
-- @tparam[opt] table opts `elsewhere` (false: where it is neither, ask about no smaller domain)
-- @treturn table `verdict`; `because`: a list of { text, rule, cite, zh }; `domain`: texts such as "X spd"; `hessian`: a node, by a
-- vector; `points`, of neither: `convex` and `concave`, each with `first`, `second`, `value`, `mean`; `note`. It prints as lines.
-- Or nil and the error
function M:convexity(f, x, opts)
  if type(f) ~= "string" and not handles.id_of(self, f) then
    error(string.format("an expression or its text was expected, found a %s", type(f)), 2)
  elseif type(x) ~= "string" and type(x) ~= "table" and not handles.id_of(self, x) then
    error(string.format("a variable or its name was expected, found a %s", type(x)), 2)
  end
  self.S:begin()
  return handles.try(function()
    local by = type(x) == "string" and not x:find "," and x or nil
    local id, hint, assumed = differentiate.expression(self, f, 4, { by = by })
    local keep = { self:wrap(id) } -- a trial begins calls of its own
    local list = variables_of(self, x, id, hint)
    for _, v in ipairs(list) do
      keep[#keep + 1] = self:wrap(v)
    end
    local result = require("nabla.convexity").verdict(self, id, list, opts and opts.elsewhere == false)
    result.notes, result.of = assumed, keep[1]
    return setmetatable(result, Verdict)
  end)
end

return M
