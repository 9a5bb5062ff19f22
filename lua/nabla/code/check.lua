--- The comparison of an exported gradient with central differences of the value: `check_gradient` in the languages that are written line
-- by line. Each is a text with places: WORDS in capitals for the parameters and names, and lines that hold only for some variables.
--
-- Where the variable is a symmetric matrix two entries change together, and the difference is that of both entries of the gradient:
-- a factor of Cholesky reads one half of a matrix.
--
-- @module nabla.code.check

local statements = require "nabla.code.statements"

local M = {}

--- What the texts are filled with.
-- @tparam table f the function value_and_gradient (nabla.code)
-- @tparam table check { variable (its letter), turned, symmetric (set of letters) }
-- @treturn table `input` (the variable), `kind`, `is_symmetric`, `is_turned` (is the gradient of a matrix transposed?), `names`
-- (free names for what the texts compute), `parameters`
function M.of(f, check)
  local at = { names = {}, parameters = statements.parameters(f) }
  for _, input in ipairs(f.inputs) do
    if input.name == check.variable then
      at.input, at.kind = input, input.kind
    end
  end
  at.is_matrix = at.kind == "matrix"
  at.is_symmetric = at.is_matrix and check.symmetric[check.variable] or false
  at.is_turned = at.is_matrix and check.turned and not at.is_symmetric
  local scope = f.scope:copy()
  for _, name in ipairs { "step", "largest", "point", "above", "below", "gradient", "difference", "given" } do
    at.names[name:upper()] = scope:fresh(name)
  end
  for _, name in ipairs { "i", "j", "k", "value", "why", "other" } do
    at.names[name:upper()] = scope:fresh(name)
  end
  at.names.COUNT = scope:fresh "entries"
  at.names.VARIABLE = at.input.text
  return at
end

--- The names of the parameters with another one for the variable.
function M.with(at, name)
  local list = {}
  for i, parameter in ipairs(at.parameters) do
    list[i] = parameter == at.input.text and name or parameter
  end
  return table.concat(list, ", ")
end

-- Does a line with a mark hold? "?matrix ", "?!matrix ", "?symmetric " and the like stand before the text.
local function holds(at, mark)
  local negated, what = mark:match "^(!?)(%a+)$"
  local value = what == "scalar" and at.kind == "scalar"
    or what == "vector" and (at.kind == "column" or at.kind == "row")
    or what == "row" and at.kind == "row"
    or what == "matrix" and at.is_matrix
    or what == "symmetric" and at.is_symmetric
    or what == "turned" and at.is_turned
  return (negated == "") == (value and true or false)
end

--- A text with its places filled.
-- @tparam table at what M.of gives
-- @tparam string text lines; a line that begins with `?WORD ` (or `?!WORD `) stands only where the variable is a scalar, vector, row,
-- matrix, symmetric, turned (or is not)
-- @tparam table more further words in capitals -> their texts
-- @treturn {string,...} lines
function M.fill(at, text, more)
  local out = {}
  for line in (text .. "\n"):gmatch "(.-)\n" do
    local keep = true
    while keep and line:find "^%?" do
      local mark, rest = line:match "^%?(!?%a+) (.*)$"
      keep, line = holds(at, mark), rest
    end
    if keep then
      out[#out + 1] = line:gsub("%f[%w_]%u[%u_]*%f[^%w_]", function(word)
        return more[word] or at.names[word]
      end)
    end
  end
  return out
end

return M
