--- `nabla simplify`, `expand`, `collect`, `factor`, `square`, and the operations of these names of `nabla batch`: an expression in
-- another form.
--
-- @module nabla.command.forms

local errors = require "nabla.text.errors"
local json = require "dkjson"
local notes = require "nabla.text.notes"
local output = require "nabla.command.output"
local session_from_options = require "nabla.command.session_from_options"

local M = {}

local need = session_from_options.need

--- The commands, in the order of the help.
M.names = { "simplify", "expand", "collect", "factor", "square" }

-- What each makes of a node. `by`: the variable or the factor; `side`: left, right or nil.
local FORMS = {
  simplify = function(node)
    return node:simplify()
  end,
  expand = function(node)
    return node:expand()
  end,
  collect = function(node, by, side)
    return node:collect(by, side)
  end,
  factor = function(node, by, side)
    local result, count = node:factor(by, side)
    if count == 0 then
      return nil, ("no term of %s has the factor %s"):format(node, by)
    end
    return result
  end,
  square = function(node, by)
    return node:square(by)
  end,
}

-- The expression in a form, and the notes on it; nil, the error, and the key that it is about.
local function form_of(session, name, given)
  local node, assumed = session:parse(given.expr, { by = given.by, habits = given.habits })
  if not node then
    return nil, assumed
  end
  local done, result, why = pcall(FORMS[name], node, given.by, given.side)
  if not done then
    local err = result
    return nil, type(err) == "table" and err or { message = tostring(err):gsub("^[^:]*:%d+: ", "") }, given.key
  elseif not result then
    return nil, type(why) == "table" and why or { message = why }, given.key
  end
  return result, assumed
end

-- The commands by their names: functions of the options.
M.run = {}
for _, name in ipairs(M.names) do
  M.run[name] = function(opts)
    local session = session_from_options.new_session(opts)
    if opts.side then
      session_from_options.need_known("side", opts.side, { "left", "right" })
    end
    local node, more = form_of(session, name, { expr = opts.expr, by = opts.by, side = opts.side })
    need(node, not node and not errors.is_error(more) and more.message or more)
    session_from_options.print_answer(node, opts.format, opts.parts)
    for _, note in ipairs(notes.joined(more) or {}) do
      io.stderr:write("note: ", note, "\n")
    end
    return output.DONE
  end
end

--- What a request {"op": "collect", "expr": .., "wrt": ..} is answered: a JSON text of members, and the notes; nil and the error.
function M.batch(session, request)
  local given = { expr = request.expr, by = request.wrt or request.factor, side = request.side }
  given.habits = request.habits
  given.key = request.wrt and "wrt" or request.factor and "factor" or nil
  local node, more, field = form_of(session, request.op, given)
  if not node then
    return nil, more, field
  end
  local how = { notation = request.notation, parts = request.parts }
  local text, unprintable = node:text(request.format or "text", how)
  if not text then
    return nil, unprintable
  end
  local members = '"answer":%s,"shape":%s'
  return members:format(json.quotestring(text), json.quotestring(tostring(node.shape))), notes.joined(more)
end

return M
