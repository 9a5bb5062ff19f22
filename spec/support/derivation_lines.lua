--- The lines of a derivation, judged by numbers: each d(E) is a central difference of E when the variable moves.
--
-- Both sides of a line are texts, in which d(E) is replaced by (E(x + h*v) - E(x - h*v))/(2*h), v a random direction, and the
-- name of the function by the function; the judge of derivatives, which shares no code with nabla, compares them. By a member of a
-- family each member moves by the direction times the Kronecker deltas of its indices.

local judge = require "spec.judge"

local M = {}

local STEP = 1e-4
local TOLERANCE = 1e-5 -- where nothing is said

-- A text with a whole word replaced.
local function with_word(text, word, other)
  return (text:gsub("%f[%w_]" .. word .. "%f[^%w_]", (other:gsub("%%", "%%%%"))))
end

-- A text with a variable moved by h times its direction; of a family, `deltas` gives those of its indices.
local function moved(text, variable, h)
  if not variable.deltas then
    return with_word(text, variable.name, ("(%s + %.4f*v_%s)"):format(variable.name, h, variable.name))
  end
  local function member(whole, indices)
    return ("(%s + %.4f*%s*v_%s)"):format(whole, h, variable.deltas(indices), variable.base)
  end
  text = text:gsub("%f[%w_](" .. variable.base .. "_(%w+))%f[^%w_]", member)
  return (text:gsub("%f[%w_](" .. variable.base .. "_(%b()))", member))
end

-- A text with every d(E) as a difference.
local function differences(text, variables)
  local out, at = {}, 1
  while true do
    local first, last = text:find("%f[%w_]d%b()", at)
    if not first then
      out[#out + 1] = text:sub(at)
      return table.concat(out)
    end
    local inner = text:sub(first + 2, last - 1)
    local up, down = inner, inner
    for _, variable in ipairs(variables) do
      up, down = moved(up, variable, STEP), moved(down, variable, -STEP)
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

-- The letters or numbers in an index such as ik, i_k or (i,k + 1).
local function indices_of(text, count)
  local list = {}
  for part in text:gsub("^%((.*)%)$", "%1"):gmatch(count == 2 and text:find "%p" and "[^,_]+" or "%w") do
    list[#list + 1] = part
  end
  return count == 1 and { (text:gsub("^%((.*)%)$", "%1")) } or list
end

-- The variable of a text: a name, or a member of a family as one of the declarations has it. Appends the declaration of its direction.
local function variable(text, decl)
  for _, declared in ipairs(decl) do
    local kind, base, sizes, ranges = declared:match "^%s*(%a+)%s+(%w+)_%w+%s*(%b())[^=]-for(.*)$"
    if not kind then
      kind, base, ranges = declared:match "^%s*(scalar)%s+(%w+)_%w+[^=]-for(.*)$"
    end
    local at = base and text:match("^" .. base .. "_(.+)$")
    if at then
      local counts = {}
      for count in ranges:gmatch "1%.%.%s*(%w+)" do
        counts[#counts + 1] = count
      end
      local own = indices_of(at, #counts)
      decl[#decl + 1] = ("%s v_%s%s"):format(kind, base, sizes or "")
      return {
        base = base,
        deltas = function(indices)
          local list = indices_of(indices, #counts)
          for k, count in ipairs(counts) do
            list[k] = ("I(%s)(%s,%s)"):format(count, list[k], own[k])
          end
          return table.concat(list, "*")
        end,
      }
    end
  end
  local name = text:match "^[%w_]+"
  decl[#decl + 1] = direction(decl, name)
  return { name = name }
end

--- What is wrong with the lines about differentials: a list of texts, empty if they are true; and how many were judged.
-- @param derivation
-- @tparam table problem decl, wrt, wrt2, layout
-- @tparam[opt] number tolerance relative; differences of steep functions are not exact
function M.wrong(derivation, problem, tolerance)
  local decl = { table.unpack(problem.decl) }
  local variables = { variable(problem.wrt, decl) }
  variables[2] = problem.wrt2 and problem.wrt2 ~= variables[1].name and variable(problem.wrt2, decl) or nil
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
        sides[k] = differences(text, variables)
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
