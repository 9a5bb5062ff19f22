--- Compiled expressions: `local F = session:compile(g); local y = F { A = A, b = b }`.
--
-- A compiled expression is a function of a table of values: matrices (nabla.numeric.matrix), tables of rows, lists
-- (columns), numbers for scalars. The sizes follow from the values; a size that follows from no value is passed by its
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
local size_values = require "nabla.evaluate.size_values"
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
        errors.refuse("%s", lower.no_evaluator(op, session.ops[op] and session.ops[op].shown))
      end
      local operator = not own and session.ops[op]
      for i = #parts, 1, -1 do -- the first part is looked at next
        local x = parts[i]
        local p = operator and operator.params[i]
        local f = fixed
          or own and op == "range" and i <= 2
          or p and (p.dimension or p.index) and true
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

-- May the table of values hold a size under its name? Not under that of a variable, nor under D where this is the table of the
-- derivatives of unknown functions: it must follow from the values.
local function passed_by_name(found, name)
  return not found.symbols[name] and not (name == "D" and next(found.derivatives))
end

-- The arguments of a call: the values that are given, as matrices and numbers in `taken`; `inputs` what a plan knows of each variable
-- (its size, or its value where the plan depends on that); `dims` the sizes; `more` the names of further values from which sizes follow.
local Arguments = {}
Arguments.__index = Arguments

local function refuse(message, ...)
  error({ message = message:format(...) }, 0)
end

-- A variable has a value: its rows and columns are equations for the sizes.
function Arguments:size_of(name, id, rows, cols)
  local S, equations = self.session.S, self.equations
  self.inputs[name] = { rows = rows, cols = cols }
  equations[#equations + 1] = { S:rows(id), rows, name }
  equations[#equations + 1] = { S:cols(id), cols, name }
end

-- The value of a variable in the expression.
function Arguments:take(name, id)
  local value = self.values[name]
  if value == nil then
    refuse("no value for %s, which is %s", name, shapes.of(self.session.S, id))
  elseif type(value) == "number" then
    self:size_of(name, id, 1, 1)
  else
    local ok, matrix = pcall(core.from, value)
    if not ok then
      refuse("the value of %s: %s", name, (tostring(matrix):gsub("^[^:]*:%d+: ", "")))
    end
    value, self.taken[name] = matrix, matrix
    self:size_of(name, id, matrix.rows, matrix.cols)
  end
  if self.found.fixed[name] then
    self.inputs[name] = type(value) == "number" and value or value[1]
  end
end

-- The sizes that are passed by their names.
function Arguments:take_sizes()
  for name in pairs(self.found.dims) do
    local v = self.values[name]
    if v ~= nil and passed_by_name(self.found, name) then
      v = math.type(v) == "float" and math.tointeger(v) or v
      if math.type(v) ~= "integer" or v < 1 then
        refuse("the size %s is a whole number from 1 on, found %s", name, tostring(v))
      end
      self.dims[name], self.given[name] = v, v
    end
  end
end

-- Where sizes are missing, they may follow from values of declared variables that do not occur in the expression.
function Arguments:take_further()
  local missing = false
  for name in pairs(self.found.dims) do
    missing = missing or not self.dims[name] and not self.found.symbols[name]
  end
  for name, id in pairs(missing and self.found.declared or {}) do
    local value, ok, matrix = self.values[name], false, nil
    if value ~= nil and type(value) ~= "function" then
      ok, matrix = pcall(core.from, value)
    end
    if ok then
      self.more[#self.more + 1], self.taken[name] = name, matrix
      self:size_of(name, id, matrix.rows, matrix.cols)
    end
  end
  table.sort(self.more)
end

-- The value of a variable does not have the size that is declared.
function Arguments:refuse_size(name)
  local S, dims, known = self.session.S, self.dims, {}
  local id, input = self.found.symbols[name] or self.found.declared[name], self.inputs[name]
  for _, d in ipairs { S:rows(id), S:cols(id) } do
    for _, n in ipairs(S:dimnames(d)) do
      if dims[n] then
        known[#known + 1] = n .. " = " .. dims[n]
      end
    end
  end
  refuse(
    "%s is %s%s; the value given is %s",
    name,
    shapes.of(S, id),
    #known > 0 and " with " .. table.concat(known, ", ") or "",
    type(input) == "number" and "1 x 1" or input.rows .. " x " .. input.cols
  )
end

-- The arguments of a call; raises what does not fit.
local function take(session, found, values)
  local self = setmetatable({
    session = session,
    found = found,
    values = values,
    taken = setmetatable({}, { __index = values }),
    inputs = {},
    dims = {},
    given = {},
    more = {},
    equations = {},
  }, Arguments)
  for _, name in ipairs(found.order) do
    self:take(name, found.symbols[name])
  end
  self:take_sizes()
  local ok, e = size_values.solve(session.S, self.equations, self.dims)
  if ok then
    self:take_further()
  end
  if ok and #self.more > 0 then
    ok, e = size_values.solve(session.S, self.equations, self.dims)
  end
  if not ok then
    self:refuse_size(e[3])
  end
  return self
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
function Arguments:value_list()
  local found, inputs, dims = self.found, self.inputs, self.dims
  local list, key, more = {}, {}, self.more
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
    list[#list + 1] = { name = name, kind = SIZE, value = dims[name], needed = self.given[name] ~= nil }
    key[#key + 1] = name .. "=" .. dims[name] .. (self.given[name] and "!" or "")
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
    local arguments = take(session, found, values)
    check_functions(session, found, values)
    local list, key = arguments:value_list()
    if plans[key] then
      return plans[key], arguments.taken
    end
    local G = graph.new()
    local results, functions = lower.lower(session, ids, G, arguments.inputs, arguments.dims)
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
    return program, arguments.taken
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
