--- A Python module of functions: signature, docstring, checks of the shapes at entry, statements, results.
--
-- @module nabla.code.targets.python_module

local python = require "nabla.code.targets.python_expressions"
local statements = require "nabla.code.statements"
local writer = require "nabla.code.writer"

local M = {}

local RESERVED = [[
  False None True and as assert async await break class continue def del elif else except finally for from global if
  import in is lambda nonlocal not or pass raise return try while with yield
  np torch jnp jax scipy float int range len _scalar _vector _matrix _are_flat _check_size _symmetric
  value_and_gradient check_gradient check_hessian]]

-- ---------------------------------------------------------------------------------------------- functions

local function docstring(f, out)
  for i, line in ipairs(statements.description(f)) do
    out[#out + 1] = i == 1 and '    """' .. line or line == "" and "" or "    " .. line
  end
  out[#out + 1] = '    """'
end

-- Is a result a vector, which is one-dimensional where the vectors that are given are?
local function has_flat_results(target, f)
  local given = false
  for _, input in ipairs(f.inputs) do
    given = given or input.kind == "column" or input.kind == "row"
  end
  for _, t in ipairs(given and f.roots or {}) do
    if target.is_flat(t) then
      return true
    end
  end
  return false
end

local function entry_checks(target, f, out)
  local vectors = {}
  for _, input in ipairs(f.inputs) do
    if input.kind == "column" or input.kind == "row" then
      vectors[#vectors + 1] = input.text
    end
  end
  local flat = has_flat_results(target, f) and f.scope:fresh "flat"
  if flat then
    out[#out + 1] = ("    %s = _are_flat(%s)"):format(flat, table.concat(vectors, ", "))
  end
  for _, input in ipairs(f.inputs) do
    local as = input.kind == "scalar" and "_scalar" or input.kind == "matrix" and "_matrix" or "_vector"
    out[#out + 1] = ('    %s = %s("%s", %s)'):format(input.text, as, input.text, input.text)
  end
  local function extent(input, axis)
    return ("%s.shape[%d]"):format(input.text, input.kind == "matrix" and axis or 0)
  end
  for _, s in ipairs(f.sizes) do
    out[#out + 1] = ("    %s = %s"):format(s.name, extent(s.input, s.axis))
  end
  for _, c in ipairs(f.checks) do
    out[#out + 1] = ('    _check_size("%s", %s, %s)'):format(c.input.text, extent(c.input, c.axis), target.size(c.size))
  end
  return flat
end

-- The result as the caller wants it: a vector as one-dimensional as the vectors that were given (`flat`: the name of what says so).
-- True as well where that is decided in the text.
local function result(w, t, flat)
  local text = w:at(t)
  if flat and w.target.is_flat(t) then
    local rows, cols = w.target.size(t.rows), w.target.size(t.cols)
    return ("%s if %s else %s.reshape(%s, %s)"):format(text, flat, w:at(t, writer.CALL), rows, cols), true
  end
  return text
end

local function write_function(target, f, helpers, out)
  out[#out + 1] = ("def %s(%s):"):format(f.name, table.concat(statements.parameters(f), ", "))
  docstring(f, out)
  local flat = entry_checks(target, f, out)
  local w = statements.write(target, f, f.scope, out)
  local results = {}
  for i, t in ipairs(f.roots) do
    local text, varies = result(w, t, flat)
    results[i] = #f.roots > 1 and varies and "(" .. text .. ")" or text
  end
  out[#out + 1] = "    return " .. table.concat(results, ", ")
  for _, helper in ipairs(w.helpers) do
    if not helpers[helper] then
      helpers[helper] = true
      helpers[#helpers + 1] = helper
    end
  end
end

local ENTRY = [[
def _scalar(name, value):
    value = ARRAY
    if len(value.reshape(-1)) != 1:
        raise ValueError(f"{name} is a scalar, found an array of shape {tuple(value.shape)}")
    return SCALAR


def _vector(name, value):
    value = ARRAY
    if value.ndim > 2 or value.ndim == 2 and 1 not in value.shape:
        raise ValueError(f"{name} is a vector, found an array of shape {tuple(value.shape)}")
    return value.reshape(-1)


def _matrix(name, value):
    value = ARRAY
    if value.ndim != 2:
        raise ValueError(f"{name} is a matrix, found an array of shape {tuple(value.shape)}")
    return value


def _are_flat(*vectors):
    return all(ARRAY.ndim < 2 for value in vectors)


def _check_size(name, found, expected):
    if found != expected:
        raise ValueError(f"{name} has a size {found}, expected {expected}")
]]

local function entry_helpers(target, functions)
  local used, text = {}, {}
  for _, f in ipairs(functions) do
    used._check_size = used._check_size or #f.checks > 0
    for _, input in ipairs(f.inputs) do
      if input.kind == "scalar" then
        used._scalar = true
      elseif input.kind == "matrix" then
        used._matrix = true
      else
        used._vector = true
      end
    end
    used._are_flat = used._are_flat or has_flat_results(target, f)
  end
  for part in (ENTRY .. "\n\n"):gmatch "(def .-)\n\n\n" do
    if used[part:match "def ([%w_]+)"] then
      text[#text + 1] = part:gsub("%u%u%u+", { ARRAY = target.array, SCALAR = target.scalar })
    end
  end
  return text
end

-- Random values for an input, in NumPy.
local function random_value(input, check)
  if input.kind == "scalar" then
    return "rng.uniform(0.5, 1.5)"
  elseif input.kind == "column" or input.kind == "row" then
    return ("rng.uniform(0.5, 1.5, %s)"):format(input.kind == "row" and input.cols or input.rows)
  elseif input.rows ~= input.cols then
    return ("rng.uniform(-1, 1, (%s, %s))"):format(input.rows, input.cols)
  elseif check.symmetric[input.name] then
    return ("_symmetric(rng, %s)"):format(input.rows)
  end
  return ("rng.uniform(-1, 1, (%s, %s)) + 3 * np.eye(%s)"):format(input.rows, input.cols, input.rows)
end

local CHECK = [[
def check_gradient(PARAMETERS, step=1e-6):
    """The largest difference between the gradient and central differences of the value."""
    point = np.array(VARIABLE, dtype=float)
    differences = np.zeros(point.shape)
    for place in np.ndindex(*point.shape):
        change = np.zeros(point.shape)
        change[place] = step
SYMMETRIC_CHANGE        VARIABLE = point + change
        above = value_and_gradient(PARAMETERS)[0]
        VARIABLE = point - change
        below = value_and_gradient(PARAMETERS)[0]
        differences[place] = (float(above) - float(below)) / (2 * step)
    VARIABLE = point
    gradient = np.asarray(value_and_gradient(PARAMETERS)[1])
SYMMETRIC_GRADIENT    return np.max(np.abs(gradient - differencesTURNED))


if __name__ == "__main__":
    rng = np.random.default_rng(0)
VALUES
    print("largest difference:", check_gradient(PARAMETERS))]]

local SYMMETRIC = [[
def _symmetric(rng, n):
    A = rng.uniform(-1, 1, (n, n))
    return A @ A.T + n * np.eye(n)


]]

-- What a letter is called.
local function text_of(f, letter)
  for _, input in ipairs(f.inputs) do
    if input.name == letter then
      return input.text
    end
  end
end

-- The function check_gradient, and a program that calls it.
local function check_of(f, check)
  local parameters, values, symmetric = {}, {}, false
  local pairs_change = false -- two entries of a symmetric matrix change together
  for k, list in ipairs { f.sizes, f.given_sizes } do
    for i, s in ipairs(list) do
      values[#values + 1] = ("    %s = %d"):format(k == 1 and s.name or s, 2 + i + k)
    end
  end
  for _, input in ipairs(f.inputs) do
    parameters[#parameters + 1] = input.text
    values[#values + 1] = ("    %s = %s"):format(input.text, random_value(input, check))
    local is_symmetric = input.kind == "matrix" and check.symmetric[input.name]
    symmetric = symmetric or is_symmetric
    pairs_change = pairs_change or is_symmetric and input.name == check.variable
  end
  for _, name in ipairs(f.given_sizes) do
    parameters[#parameters + 1] = name
  end
  return (symmetric and SYMMETRIC or "")
    .. CHECK:gsub("%u%u%u%u[%u_]+", {
      PARAMETERS = table.concat(parameters, ", "),
      VARIABLE = text_of(f, check.variable),
      SYMMETRIC_CHANGE = pairs_change and "        change = np.maximum(change, change.T)\n" or "",
      SYMMETRIC_GRADIENT = pairs_change and "    gradient = gradient + gradient.T - np.diag(np.diag(gradient))\n" or "",
      TURNED = check.turned and ".T" or "",
      VALUES = table.concat(values, "\n"),
    })
end

--- The text of a module.
-- @tparam table target the language
-- @tparam {table,...} functions as nabla.code makes them
-- @tparam[opt] table check see nabla.code
-- @treturn string
function M.write(target, functions, check)
  local texts, helpers = {}, {}
  for _, f in ipairs(functions) do
    local out = {}
    write_function(target, f, helpers, out)
    texts[#texts + 1] = table.concat(out, "\n")
  end
  local head = target.import
  local parts = entry_helpers(target, functions)
  for _, helper in ipairs(helpers) do
    if helper:find "^import " then
      head = head .. helper .. "\n"
    else
      local text = target.helpers[helper]:gsub("\n$", "")
      parts[#parts + 1] = text:gsub("EYE%((.-)%)", "xp.eye(%1" .. target.dtype .. ")")
    end
  end
  for _, text in ipairs(texts) do
    parts[#parts + 1] = text
  end
  if check then
    parts[#parts + 1] = check_of(functions[1], check)
  end
  local text = table.concat(parts, "\n\n\n"):gsub("%f[%w_]xp%.", target.module .. ".")
  if target.module ~= "np" and text:find "%f[%w_]np%." then
    head = head .. "import numpy as np\n"
  end
  return head .. "\n\n" .. text .. "\n"
end

--- A target of this family, from what is its own.
function M.target(own)
  local target = python.target(own)
  target.naming = { reserved = RESERVED, utf8 = true }
  function target.zero(w, t) -- what a loop begins with
    return target.ops.zeros(w, t)
  end
  target.checks, target.indent = true, "    "
  function target.assign(name, text)
    return name .. " = " .. text
  end
  function target.add(name, text)
    return name .. " = " .. name .. " + " .. text
  end
  function target.loop(counter, first, last)
    return ("for %s in range(%s, %s + 1):"):format(counter, first, last)
  end
  function target.write(functions, check)
    return M.write(target, functions, check)
  end
  return target
end

return M
