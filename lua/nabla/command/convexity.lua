--- `nabla convexity` and `nabla taylor`, and the operations of the same names of `nabla batch`.
--
-- @module nabla.command.convexity

local output = require "nabla.command.output"
local ordered_json = require "nabla.text.ordered_json"
local session_from_options = require "nabla.command.session_from_options"

local M = {}

local need, need_known = session_from_options.need, session_from_options.need_known

local MOST = require("nabla.calculus.taylor").MOST -- order of an expansion
local FORMATS, LANGS = { "text", "unicode", "latex" }, { "en", "zh" }

local function print_notes(list)
  for _, note in ipairs(list or {}) do
    io.stderr:write("note: ", note, "\n")
  end
end

-- ---------------------------------------------------------------------------------------------- commands

--- `nabla convexity EXPR VARIABLE..`
function M.convexity(opts)
  need_known("language", opts.lang or "en", LANGS)
  local session = session_from_options.new_session(opts, FORMATS)
  local result = need(session:convexity(opts.expr, table.concat(opts.wrt, ",")))
  output.print_out(table.concat(result:lines { format = opts.format, lang = opts.lang }, "\n"), "\n")
  print_notes(result.notes)
  return result.verdict ~= "unknown" and output.DONE or output.NO
end

--- `nabla taylor EXPR VARIABLE [DIRECTION]`
function M.taylor(opts)
  local session = session_from_options.new_session(opts, FORMATS)
  local order = opts.order and math.tointeger(tonumber(opts.order))
  if opts.order and not (order and order >= 0 and order <= MOST) then
    output.stop(output.USAGE, "--order takes a whole number from 0 to %d, found '%s'", MOST, opts.order)
  end
  local result = need(session:taylor(opts.expr, opts.wrt, opts.direction, order, { at = opts.at }))
  local text = opts.steps and result:steps_text(opts.format, opts.lang)
    or result:text(opts.format, { parts = opts.parts or "auto" })
  output.print_out(text, "\n")
  print_notes(result.notes)
  return output.DONE
end

-- ---------------------------------------------------------------------------------------------- batch

local ORDER = {}
local WORDS = "verdict domain because text rule cite declared hessian points convex concave first second t mean value"
for word in (WORDS .. " others note"):gmatch "%S+" do
  ORDER[#ORDER + 1] = word
end

-- A number or a matrix as JSON: a matrix is a list of rows.
local function value_of(v)
  if type(v) == "number" then
    return v
  end
  local rows = {}
  for i = 1, v.rows do
    rows[i] = {}
    for j = 1, v.cols do
      rows[i][j] = v(i, j)
    end
  end
  return rows
end

local function values_of(values)
  local list = {}
  for name, v in pairs(values) do
    list[name] = value_of(v)
  end
  return list
end

local function list_of(list)
  return setmetatable(list, { __jsontype = "array" })
end

--- What the request {"op": "convexity", "expr": .., "wrt": ..} is answered: a JSON text of members, and the notes; nil and the error.
function M.batch_convexity(session, request)
  local result, err = session:convexity(request.expr, request.wrt)
  if not result then
    return nil, err
  end
  local zh = request.lang == "zh"
  local because = {}
  for i, line in ipairs(result.because) do
    because[i] =
      { text = line.text, rule = zh and line.zh or line.rule, cite = line.cite, declared = line.declared }
  end
  local points
  for _, shape in ipairs(result.points and { "convex", "concave" } or {}) do
    local p = result.points[shape]
    points = points or {}
    points[shape] = {
      first = values_of(p.first),
      second = values_of(p.second),
      t = p.t,
      mean = p.mean,
      value = p.value,
      others = values_of(p:others()),
    }
  end
  local text = ordered_json.encode({
    verdict = result.verdict,
    domain = result.domain[1] and list_of(result.domain) or nil,
    because = list_of(because),
    hessian = result.hessian and result.hessian:text(request.format or "text", { notation = request.notation }),
    points = points,
    note = result.note,
  }, ORDER)
  return text:sub(2, -2), result.notes
end

--- What the request {"op": "taylor", "expr": .., "wrt": .., "direction": .., "order": 2} is answered, as `batch_convexity`.
function M.batch_taylor(session, request)
  local order = request.order
  if order and not (math.tointeger(order) and order >= 0 and order <= MOST) then
    return nil, { message = string.format('"order" is a whole number from 0 to %d', MOST) }
  end
  local result, err =
    session:taylor(request.expr, request.wrt, request.direction, order and math.tointeger(order), { at = request.at })
  if not result then
    return nil, err
  end
  local format, opts = request.format or "text", { notation = request.notation }
  local terms = {}
  for i, term in ipairs(result.terms) do
    terms[i] = term:text(format, opts)
  end
  local named = { notation = request.notation, parts = request.parts }
  local members = { answer = result:text(format, named), terms = list_of(terms), order = result.order }
  members.steps = request.steps and list_of(result:steps(format, request.lang)) or nil
  members.shape = tostring(result.sum.shape)
  local text = ordered_json.encode(members, { "answer", "shape", "terms", "order", "steps", "text", "why" })
  return text:sub(2, -2), result.notes
end

return M
