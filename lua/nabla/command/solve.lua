--- `nabla solve`, `nabla stationary`, and the batch operations of these names.
--
-- @module nabla.command.solve

local json = require "dkjson"
local notes = require "nabla.text.notes"
local output = require "nabla.command.output"
local session_from_options = require "nabla.command.session_from_options"

local DONE, USAGE = output.DONE, output.USAGE
local print_out, stop = output.print_out, output.stop

local M = {}

local function report(solutions, assumed, opts)
  opts.lang = opts.lang ~= "en" and opts.lang or nil
  if opts.steps then
    print_out(solutions:steps_text(opts.format, opts.lang), "\n")
  else
    print_out(solutions:text(opts.format, { parts = opts.parts or "auto" }), "\n")
  end
  for _, line in ipairs(solutions:provided_lines(opts.lang)) do
    io.stderr:write(line, "\n")
  end
  for _, line in ipairs(solutions:kind_lines(opts.lang)) do
    io.stderr:write(line, "\n")
  end
  for _, note in ipairs(solutions:notes_in(opts.lang)) do
    io.stderr:write("note: ", note, "\n")
  end
  for _, note in ipairs(notes.joined(assumed) or {}) do
    io.stderr:write("note: ", note, "\n")
  end
  return DONE
end

-- The equations and the unknowns among the arguments: after --for equations may follow unknowns, and the other way round.
-- Without --for what has no sign of equality is an unknown, as the variable of `nabla diff`.
local function sorted(opts)
  local equations, unknowns = {}, {}
  for _, list in ipairs { opts.equations, opts.unknowns or {} } do
    for _, text in ipairs(list) do
      local equation = text:find("=", 1, true) or opts.unknowns and list == opts.equations
      local into = equation and equations or unknowns
      into[#into + 1] = text
    end
  end
  return equations, unknowns
end

--- `nabla solve EQUATION.. --for x,y`
function M.solve(opts)
  local equations, unknowns = sorted(opts)
  if #equations == 0 then
    stop(USAGE, "solve takes equations, each in quotes: nabla solve \"A*x = b\" --for x")
  end
  if #unknowns == 0 then
    stop(USAGE, "solve takes the unknowns: --for x")
  end
  local session = session_from_options.new_session(opts)
  local solutions, err = session:solve(equations, table.concat(unknowns, ","), { alternating = opts.alternating })
  return report(session_from_options.need(solutions, err), err, opts)
end

--- `nabla stationary EXPR x.. --subject-to ..`
function M.stationary(opts)
  local session = session_from_options.new_session(opts)
  local constraints = opts.constraints and #opts.constraints > 0 and opts.constraints or nil
  local solutions, err = session:stationary(opts.expr, opts.unknowns, constraints, { alternating = opts.alternating })
  return report(session_from_options.need(solutions, err), err, opts)
end

-- ---------------------------------------------------------------------------------------------- batch

-- A list of conditions as JSON.
local function conditions_of(conditions, how)
  local list = {}
  for i, c in ipairs(conditions) do
    list[i] = json.encode({ text = c:text(how), known = c.known }, { keyorder = { "text", "known" } })
  end
  return "[" .. table.concat(list, ",") .. "]"
end

-- An equation x = .. as a member of a JSON object.
local function member(e, request)
  local value = e.right:text(request.format, { parts = request.parts })
  return json.quotestring(e.left:text()) .. ":" .. json.quotestring(value)
end

-- The members of an answer as JSON.
local function members(solutions, request)
  local how = request.format
  local order = {}
  for i, e in ipairs(solutions) do
    order[i] = member(e, request)
  end
  local parts = {
    ('"solutions":{%s}'):format(table.concat(order, ",")),
    '"conditions":' .. conditions_of(solutions.conditions, how),
  }
  if solutions.kind then
    parts[#parts + 1] = '"kind":' .. json.quotestring(solutions.kind)
  end
  if solutions.kind and request.lang and request.lang ~= "en" then
    parts[#parts + 1] = '"kind_text":' .. json.quotestring(solutions:kind_lines(request.lang)[1])
  end
  if solutions.kinds then
    local kinds = {}
    for _, e in ipairs(solutions) do
      local name = e.left:text()
      local kind = solutions.kinds[name]
      kinds[#kinds + 1] = kind and json.quotestring(name) .. ":" .. json.quotestring(kind) or nil
    end
    parts[#parts + 1] = ('"kinds":{%s}'):format(table.concat(kinds, ","))
  end
  if #solutions.free > 0 then
    local free = {}
    for i, w in ipairs(solutions.free) do
      free[i] = json.quotestring(tostring(w))
    end
    parts[#parts + 1] = ('"free":[%s]'):format(table.concat(free, ","))
  end
  if #solutions.remaining > 0 then
    local remaining = {}
    for i, e in ipairs(solutions.remaining) do
      remaining[i] = json.quotestring(e:text(how))
    end
    parts[#parts + 1] = ('"remaining":[%s]'):format(table.concat(remaining, ","))
  end
  if #solutions.others > 0 then
    local others = {}
    for i, other in ipairs(solutions.others) do
      local held = conditions_of(other.conditions, how)
      others[i] = ('{"solutions":{%s},"conditions":%s}'):format(member(other.equation, request), held)
    end
    parts[#parts + 1] = ('"others":[%s]'):format(table.concat(others, ","))
  end
  if solutions.several then
    parts[#parts + 1] = '"several":true'
  end
  if request.steps then
    local steps = {}
    for i, line in ipairs(solutions:steps(request.lang, how)) do
      steps[i] = json.encode({ text = line.equation:text(how), why = line.why }, { keyorder = { "text", "why" } })
    end
    parts[#parts + 1] = ('"steps":[%s]'):format(table.concat(steps, ","))
  end
  return table.concat(parts, ",")
end

--- The members of the answer to a request with op "solve", and the notes; nil and the error.
function M.batch_solve(session, request)
  local solutions, more = session:solve(request.equations, request.unknowns, { alternating = request.alternating })
  if not solutions then
    return nil, more
  end
  return members(solutions, request), more
end

--- The members of the answer to a request with op "stationary", and the notes; nil and the error.
function M.batch_stationary(session, request)
  local how = { alternating = request.alternating }
  local solutions, more = session:stationary(request.expr, request.unknowns, request.constraints, how)
  if not solutions then
    return nil, more
  end
  return members(solutions, request), more
end

return M
