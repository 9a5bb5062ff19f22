--- The lines of a derivation, judged by numbers: each d(E) is a central difference of E when the variable moves.
--
-- Both sides of a line are texts, in which d(E) is replaced by (E(x + h*v) - E(x - h*v))/(2*h), v a random direction, and the
-- name of the function by the function; the judge of derivatives, which shares no code with nabla, compares them.

local judge = require "spec.judge"

local M = {}

local STEP = 1e-4
local TOLERANCE = 1e-5 -- where nothing is said

-- A text with a whole word replaced.
local function with_word(text, word, other)
  return (text:gsub("%f[%w_]" .. word .. "%f[^%w_]", (other:gsub("%%", "%%%%"))))
end

-- A text with every d(E) as a difference.
local function differences(text, names)
  local out, at = {}, 1
  while true do
    local first, last = text:find("%f[%w_]d%b()", at)
    if not first then
      out[#out + 1] = text:sub(at)
      return table.concat(out)
    end
    local inner = text:sub(first + 2, last - 1)
    local up, down = inner, inner
    for _, name in ipairs(names) do
      up = with_word(up, name, ("(%s + %.4f*v_%s)"):format(name, STEP, name))
      down = with_word(down, name, ("(%s - %.4f*v_%s)"):format(name, STEP, name))
    end
    out[#out + 1] = text:sub(at, first - 1)
    out[#out + 1] = ("(((%s) - (%s))/%.4f)"):format(up, down, 2 * STEP)
    at = last + 1
  end
end

-- The declaration of the direction of a variable: that of the variable, without its attributes.
local function direction(decl, name)
  for _, text in ipairs(decl) do
    local kind, sizes = text:match("^%s*(%a+)%s+" .. name .. "%s*(%b())")
    if kind then
      return ("%s v_%s%s"):format(kind, name, sizes)
    elseif text:match("^%s*scalar%s+" .. name .. "%s*$") then
      return "scalar v_" .. name
    end
  end
end

--- What is wrong with the lines about differentials: a list of texts, empty if they are true; and how many were judged.
-- @param derivation
-- @tparam table problem decl, wrt, wrt2, layout
-- @tparam[opt] number tolerance relative; differences of steep functions are not exact
function M.wrong(derivation, problem, tolerance)
  local names = { problem.wrt:match "^[%w_]+" }
  names[2] = problem.wrt2 ~= names[1] and problem.wrt2 or nil
  local decl = { table.unpack(problem.decl) }
  for _, name in ipairs(names) do
    decl[#decl + 1] = direction(problem.decl, name)
  end
  local meanings, wrong, judged = {}, {}, 0
  for i = 1, #derivation do
    local line = derivation[i]
    local left, right = derivation:write(line.left), derivation:write(line.right)
    if line.kind == "given" or line.kind == "let" then
      meanings[#meanings + 1] = { left, "(" .. right .. ")" }
    elseif line.left.tag ~= "derivative" then
      local sides = { left, right }
      for k, text in ipairs(sides) do
        for m = #meanings, 1, -1 do
          text = with_word(text, meanings[m][1], meanings[m][2])
        end
        sides[k] = differences(text, names)
      end
      local options = { layout = problem.layout, tolerance = tolerance or TOLERANCE }
      options.domain, options.at = problem.domain, problem.at
      local same, why = judge.same(sides[1], sides[2], decl, options)
      judged = judged + 1
      if not same then
        wrong[#wrong + 1] = ("line %d, %s = %s: %s"):format(i, left, right, tostring(why))
      end
    end
  end
  return wrong, judged
end

return M
