--- Compiled expressions: `local F = session:compile(g); local y = F { A = A, b = b }`.
--
-- A compiled expression is a function of a table of values: matrices (nabla.numeric.matrix), tables of rows, lists
-- (columns), numbers for scalars. The sizes follow from the values; a size that no value tells is passed by its
-- name. For new sizes a program is planned (nabla.numeric.lower, nabla.numeric.schedule) and kept; a call with sizes
-- that were there before runs in C alone.
--
--     F { A = A, x = { 1, 2 }, n = 5 }        one result for each expression
--     F({ A = A }, result)                    into a matrix of one's own (or a list of them)
--     F { x = x, u = function(x) .. end, D = { u = function(x) .. end } }   unknown functions and their derivatives
--
-- Scalars that sizes, indices, the bounds of counted sums or the exponents of matrices depend on are part of the
-- plan, as sizes are.
--
-- @module nabla.numeric.compile

local core = require "nabla.numeric.core"
local errors = require "nabla.text.errors"
local lower = require "nabla.numeric.lower"
local shapes = require "nabla.text.shape"
require "nabla.numeric.matrix" -- the methods of results
local graph = require "nabla.numeric.graph"
local nabla_core = require "nabla.core"
local schedule = require "nabla.numeric.schedule"
local sizes = require "nabla.evaluate.sizes"
local walk = require "nabla.evaluate.walk"

local M = {}

local ONE = require("nabla.core").constants.one -- the dimension 1
local MATRIX, FIXED, SIZE = 0, 1, 2
local KEPT_PLANS = 16
local LONGEST_TEXT = 100

-- ---------------------------------------------------------------------------------------------- what is needed

-- The names that an expression needs: variables, sizes, functions; which scalars the plan depends on.
local function needs(session, ids)
  local S = session.S
  local found = { order = {}, symbols = {}, functions = {}, derivatives = {}, fixed = {}, dims = {} }
  local seen, seen_fixed = {}, {}
  local function size_names(dim)
    for _, name in ipairs(S:dimnames(dim)) do
      found.dims[name] = true
    end
  end
  local stack = {}
  for i = #ids, 1, -1 do
    stack[#stack + 1] = { ids[i], false, {} }
  end
  while #stack > 0 do
    local id, fixed, counters = table.unpack(table.remove(stack))
    local mark = fixed and seen_fixed or seen
    if not mark[id] or next(counters) then
      mark[id] = true
      local op, own = S:op(id)
      size_names(S:rows(id))
      size_names(S:cols(id))
      local inner = counters
      local parts = walk.parts(S, id)
      if own and op == "symbol" then
        local name, kind = S:name(id), S:kind(id)
        if kind == "dimension" then
          found.dims[name] = true
        elseif kind ~= "counter" then
          if not found.symbols[name] then
            found.order[#found.order + 1] = name
          end
          found.symbols[name] = id
          found.fixed[name] = found.fixed[name] or fixed
        end
      elseif own and op == "call" then
        found.functions[S:name(S:args(id)[1])] = id
      elseif own and op == "D" then
        found.derivatives[lower.derivative_key(S, id)] = id
      elseif own and op == "range" then
        parts = S:args(id)
        inner = setmetatable({ [S:name(id)] = true }, { __index = counters })
      elseif own and (op == "d" or op == "hole" or op == "variable" or op == "function") then
        errors.refuse "d(..) has no value: a differential is no expression in its variables"
      elseif not own and not lower.evaluates(session, op) then
        errors.refuse("%s", lower.no_evaluator(op))
      end
      local operator = not own and session.ops[op]
      for i = #parts, 1, -1 do -- the first part is looked at next
        local x = parts[i]
        local p = operator and operator.params[i]
        local f = fixed
          or own and op == "range" and i <= 2
          or p and (p.dimension or p.index) and true
          or op == "entry" and i > 1
          or (op == "eigval" or op == "eigvec") and i == 2
          or (op == "E" or op == "K") and not own
          or false
        local skip = own and op == "operator name"
        if not skip then
          stack[#stack + 1] = { x, f, op == "range" and own and i == 3 and inner or counters }
        end
      end
    end
  end
  return found
end

-- ---------------------------------------------------------------------------------------------- messages

-- An expression's text, cut where it is long.
local function text_of(session, id)
  local ok, text = pcall(session.text, session, id)
  if not ok then
    return "an expression"
  end
  if #text > LONGEST_TEXT then
    text = text:sub(1, LONGEST_TEXT) .. ".."
  end
  return text
end

local causes = {
  singular = "a singular matrix",
  notspd = "a matrix that is declared spd is not positive definite",
  noprincipal = "the matrix has no principal square root or logarithm (an eigenvalue on the negative axis)",
  notreal = "the matrix has eigenvalues that are not real",
  division = "division by zero",
  diverged = "the matrix holds NaN or is too large",
  memory = "out of memory",
  nan = "the result is not a number",
}

local function report(session, what, subject, detail)
  if what == "nanvalue" then
    return string.format("the value of %s holds NaN", subject)
  end
  local text = subject ~= 0 and text_of(session, subject) or "the expression"
  if what == "call" then
    return string.format("%s: %s", text, tostring(detail))
  end
  local cause = causes[what] or what
  local S = session.S
  if what == "division" and subject ~= 0 and not (S:rows(subject) == ONE and S:cols(subject) == ONE) then
    cause = cause .. " (a diagonal matrix with a zero is singular)"
  end
  return string.format("%s: %s", text, cause)
end

-- ---------------------------------------------------------------------------------------------- planning

-- May a size stand in the table of values under its name? Not under that of a variable, nor under D where this is the table of the
-- derivatives of unknown functions: it must follow from the values.
local function passed_by_name(found, name)
  return not found.symbols[name] and not (name == "D" and next(found.derivatives))
end

-- Where sizes are missing: values of declared variables that do not occur in the expression tell them too. Their names.
local function further(session, found, values, dims, taken, inputs, equations)
  local S, missing, names = session.S, false, {}
  for name in pairs(found.dims) do
    missing = missing or not dims[name] and not found.symbols[name]
  end
  if not missing then
    return names
  end
  for name, id in pairs(found.declared) do
    local ok, matrix = false, nil
    if values[name] ~= nil and type(values[name]) ~= "function" then
      ok, matrix = pcall(core.from, values[name])
    end
    if ok then
      names[#names + 1] = name
      taken[name], inputs[name] = matrix, { rows = matrix.rows, cols = matrix.cols }
      equations[#equations + 1] = { S:rows(id), matrix.rows, name }
      equations[#equations + 1] = { S:cols(id), matrix.cols, name }
    end
  end
  table.sort(names)
  return names
end

-- The values as matrices and numbers, in a table of their own; the sizes that follow.
local function take(session, found, values)
  local S = session.S
  local taken = setmetatable({}, { __index = values })
  local equations, inputs, dims = {}, {}, {}
  for _, name in ipairs(found.order) do
    local id, value = found.symbols[name], values[name]
    if value == nil then
      error({ message = string.format("no value for %s, which is %s", name, shapes.of(S, id)) }, 0)
    end
    if type(value) ~= "number" then
      local ok, matrix = pcall(core.from, value)
      if not ok then
        error(
          { message = string.format("the value of %s: %s", name, tostring(matrix):gsub("^[^:]*:%d+: ", "")) },
          0
        )
      end
      value = matrix
      taken[name] = value
    end
    local rows, cols = 1, 1
    if type(value) ~= "number" then
      rows, cols = value.rows, value.cols
    end
    inputs[name] = { rows = rows, cols = cols }
    equations[#equations + 1] = { S:rows(id), rows, name }
    equations[#equations + 1] = { S:cols(id), cols, name }
    if found.fixed[name] then
      inputs[name] = type(value) == "number" and value or value[1]
    end
  end
  for name in pairs(found.dims) do
    local v = values[name]
    if v ~= nil and passed_by_name(found, name) then
      if math.type(v) == "float" then
        v = math.tointeger(v) or v
      end
      if math.type(v) ~= "integer" or v < 1 then
        error(
          { message = string.format("the size %s is a whole number from 1 on, found %s", name, tostring(v)) },
          0
        )
      end
      dims[name] = v
    end
  end
  local given = {}
  for name, v in pairs(dims) do
    given[name] = v
  end
  local ok, e = sizes.solve(S, equations, dims)
  local more = ok and further(session, found, values, dims, taken, inputs, equations) or {}
  if ok and #more > 0 then
    ok, e = sizes.solve(S, equations, dims)
  end
  if not ok then
    local name = e[3]
    local id, input = found.symbols[name] or found.declared[name], inputs[name]
    local known = {}
    for _, d in ipairs { S:rows(id), S:cols(id) } do
      for _, n in ipairs(S:dimnames(d)) do
        if dims[n] then
          known[#known + 1] = n .. " = " .. dims[n]
        end
      end
    end
    local found_shape = type(input) == "number" and "1 x 1" or input.rows .. " x " .. input.cols
    error({
      message = string.format(
        "%s is %s%s; the value given is %s",
        name,
        shapes.of(S, id),
        #known > 0 and " with " .. table.concat(known, ", ") or "",
        found_shape
      ),
    }, 0)
  end
  return taken, inputs, dims, given, more
end

local function check_functions(session, found, values)
  local S = session.S
  for name, id in pairs(found.functions) do
    if type(values[name]) ~= "function" then
      local message = string.format(
        "%s is an unknown function with values %s: pass a Lua function for it, %s = function(x) .. end",
        name,
        shapes.of(S, id),
        name
      )
      error({ message = message }, 0)
    end
  end
  for name, id in pairs(found.derivatives) do
    local D = values.D
    if type(D) ~= "table" or type(D[name]) ~= "function" then
      local key = name:find "%(" and string.format("[%q]", name) or name
      error({
        message = string.format(
          "%s, which is %s, has no value: pass a Lua function of the point, D = { %s = function(x) .. end }",
          text_of(session, id),
          shapes.of(S, id),
          key
        ),
      }, 0)
    end
  end
end

-- The list of values that the program looks at, and a key for them.
local function value_list(found, inputs, dims, given, more)
  local list, key = {}, {}
  local order = table.move(more, 1, #more, #found.order + 1, table.move(found.order, 1, #found.order, 1, {}))
  for i, name in ipairs(order) do
    local v = inputs[name]
    if type(v) == "number" then
      list[i] = { name = name, kind = FIXED, value = v, needed = true }
      key[i] = string.format("%s=%.17g", name, v)
    else
      list[i] = { name = name, kind = MATRIX, rows = v.rows, cols = v.cols, needed = true }
      key[i] = (i > #found.order and name .. ":" or "") .. v.rows .. "x" .. v.cols
    end
  end
  local names = {}
  for name in pairs(dims) do
    if found.dims[name] and passed_by_name(found, name) then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    list[#list + 1] = { name = name, kind = SIZE, value = dims[name], needed = given[name] ~= nil }
    key[#key + 1] = name .. "=" .. dims[name] .. (given[name] and "!" or "")
  end
  return list, table.concat(key, " ")
end

--- Compile nodes (handles) of a session; see nabla.Session:compile.
function M.compile(session, nodes, opts)
  for name in pairs(opts) do
    if name ~= "nan" then
      error({ status = "usage", message = "unknown option '" .. tostring(name) .. "'; known: nan" }, 0)
    end
  end
  local ids = {}
  for i, node in ipairs(nodes) do
    ids[i] = select(2, nabla_core.unwrap(node))
  end
  local found = needs(session, ids)
  if found.symbols.D and next(found.derivatives) then
    local message = "D is a variable here, and also the table of the derivatives of unknown functions: "
      .. "give the variable another name"
    error({ status = "usage", message = message }, 0)
  end
  found.declared = {}
  for name, var in pairs(session.scope.vars) do
    if not var.func and not found.symbols[name] then
      found.declared[name] = var.id
    end
  end
  local keep_declared = {}
  for name, id in pairs(found.declared) do
    keep_declared[name] = session:wrap(id)
  end
  local plans, order = {}, {}

  local function plan(values)
    local keep = { nodes, keep_declared } -- the ids live as long as the function
    local taken, inputs, dims, given, more = take(session, found, values)
    check_functions(session, found, values)
    local list, key = value_list(found, inputs, dims, given, more)
    if plans[key] then
      return plans[key], taken
    end
    local G = graph.new()
    local results, functions = lower.lower(session, ids, G, inputs, dims)
    local desc = schedule.program(results, list)
    desc.functions = functions
    desc.names = {}
    for i, v in ipairs(list) do
      desc.names[i] = v.name
    end
    desc.report = function(...)
      return keep and report(session, ...)
    end
    local program = core.program(desc)
    desc.steps, desc.loops, desc.loop_inputs, desc.loop_steps, desc.args, desc.places =
      nil, nil, nil, nil, nil, nil
    if #order >= KEPT_PLANS then
      plans[table.remove(order, 1)] = nil
    end
    order[#order + 1], plans[key] = key, program
    return program, taken
  end

  return core.func(function(values)
    local ok, program, taken = pcall(plan, values)
    if ok then
      return program, taken
    elseif type(program) == "table" and program.message then
      local where = program.node and program.node ~= 0 and text_of(session, program.node) .. ": " or ""
      return nil, where .. program.message
    end
    error(program, 0)
  end, opts.nan)
end

return M
